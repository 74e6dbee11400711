// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Prints the costs as a table, and compares them with a table kept before.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::calls::Subject;
use super::inputs::ROWS;
use super::measure::Cost;
use super::peers::Peers;

/// Is one line of the table.
pub(crate) struct Line {
    function: String,
    overload: String,
    types: String,
    cost: Cost,
}

/// Is how much more than before, beside all others, counts as slower.
const SLOWER: f64 = 1.5;
/// Is how many nanoseconds a difference has to be.
const NOTICEABLE: f64 = 1.0;

impl Line {
    /// Names what was measured.
    pub(crate) fn of(subject: &Subject, cost: Cost) -> Self {
        Line {
            function: subject.function.clone(),
            overload: subject.overload.to_owned(),
            types: subject.types.clone(),
            cost,
        }
    }

    fn name(&self) -> String {
        format!("{} {} {}", self.function, self.overload, self.types)
    }
}

/// Writes the page that holds the table.
pub(crate) fn page(lines: &[Line], missing: &[String], peers: &[Peers]) -> String {
    let mut out = String::from(HEAD);
    let _ = writeln!(
        out,
        "{} overloads; {}; {ROWS} rows; tiforth {}.\n",
        lines.len(),
        machine(),
        env!("CARGO_PKG_VERSION"),
    );
    out.push_str("| function | overload | types | batch | row | reports |\n");
    out.push_str("|---|---|---|---:|---:|---:|\n");
    for line in lines {
        let number = |n: Option<f64>| n.map_or("does not run".to_owned(), |n| format!("{n:.2}"));
        let reports = match line.cost.reported {
            0.0 => String::new(),
            share => format!("{:.0} %", (share * 100.0).max(1.0)),
        };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {reports} |",
            line.function,
            line.overload,
            line.types,
            number(line.cost.batch),
            number(line.cost.row),
        );
    }
    out.push_str("\n## Not measured\n\n");
    match missing {
        [] => out.push_str("Nothing: every overload is in the table.\n"),
        missing => missing.iter().for_each(|name| {
            let _ = writeln!(out, "- {name}");
        }),
    }
    if !peers.is_empty() {
        beside(peers, &mut out);
    }
    out
}

/// Writes the table of what others do as well.
fn beside(peers: &[Peers], out: &mut String) {
    out.push_str(PEERS);
    for peer in peers {
        let number = |n: Option<f64>| n.map_or(String::new(), |n| format!("{n:.2}"));
        let (batch, row) = peer.ours;
        let best = peer.others.first().map(|(_, ns)| *ns);
        let ratio = |ours: Option<f64>| Some(ours? / best?);
        let megabytes = peer.bytes.and_then(|bytes| Some(bytes / batch? * 1e3));
        let others: Vec<String> =
            peer.others.iter().map(|(name, ns)| format!("{name} {ns:.2}")).collect();
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} | {} | {} | {} | {} |",
            peer.expression,
            peer.input,
            number(batch),
            number(row),
            others.join(", "),
            number(ratio(batch)),
            number(ratio(row)),
            megabytes.map_or(String::new(), |m| format!("{m:.0}")),
        );
    }
}

const PEERS: &str = "
## Beside the fastest crates

Nanoseconds a row, measured in the same run, over the same values. Ours answers as TiDB does, with NULLs,
warnings and errors; the others do the bare work, each row's result dropped or appended to one buffer.
The ratios are ours to the fastest other's.

| expression | over | batch | row | others | batch ratio | row ratio | MB/s |
|---|---|---:|---:|---|---:|---:|---:|
";

const HEAD: &str = "\
<!-- Written by `cargo bench -p tiforth-functions --bench speed -- --write docs/function-speed.md`. -->

# What every overload costs

Nanoseconds a row, on one core, the least of seven stretches: `batch` over columns, `row` through the
entry for one row. Inputs are ordinary: the values of the function's documented example, a little
different in every row, without NULL but where NULL is what a function is about. Arguments behind the
first are constants where the overload prepares them. `reports` is the share of rows that warn or fail;
their texts are part of the cost.

Measure again, and see what became slower, each beside how fast the machine is on the whole:

```sh
cargo bench -p tiforth-functions --bench speed -- --compare docs/function-speed.md
cargo bench -p tiforth-functions --bench speed -- --write docs/function-speed.md
```

";

/// Names the machine, as far as the system says.
fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|l| l.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let model = model.map_or(std::env::consts::ARCH, |(_, name)| name.trim());
    let noun = if cores == 1 { "core" } else { "cores" };
    format!("{model}, {cores} {noun}, {}", std::env::consts::OS)
}

/// Names what costs more than in a table kept before, the machine's own speed allowed for.
pub(crate) fn slower(lines: &[Line], before: &str) -> String {
    let before = read(before);
    let mut ratios: Vec<f64> = Vec::new();
    let mut pairs = Vec::new();
    for line in lines {
        let Some(old) = before.get(&line.name()) else { continue };
        for (way, new, old) in [("batch", line.cost.batch, old.0), ("row", line.cost.row, old.1)] {
            let (Some(new), Some(old)) = (new, old) else { continue };
            ratios.push(new / old);
            pairs.push((line, way, new, old));
        }
    }
    ratios.sort_by(f64::total_cmp);
    let machine = ratios.get(ratios.len() / 2).copied().unwrap_or(1.0);
    let mut out = String::new();
    for (line, way, new, old) in pairs {
        let expected = old * machine;
        if new > expected * SLOWER && new > expected + NOTICEABLE {
            let _ = writeln!(
                out,
                "slower: {} ({way}): {new:.2} ns, {:.2} expected (times {:.2})",
                line.name(),
                expected,
                new / expected
            );
        }
    }
    out
}

/// Reads a table: the costs by name.
fn read(page: &str) -> BTreeMap<String, (Option<f64>, Option<f64>)> {
    let mut costs = BTreeMap::new();
    for line in page.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let [_, function, overload, types, batch, row, ..] = cells[..] {
            let name = format!("{function} {overload} {types}");
            costs.insert(name, (batch.parse().ok(), row.parse().ok()));
        }
    }
    costs
}
