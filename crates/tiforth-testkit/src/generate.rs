// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Makes tables of random typed values from a seed, for property tests of kernels and operators.
//!
//! A table is made as text, like the vectors' tables, and [`present`](crate::input::present) lays it
//! out: one generator serves every layout. Values mix MySQL's edges (extremes, zero dates, trailing
//! spaces, NULL) with plain random ones, because kernels break at edges and at lane boundaries.

use crate::vectors::{Cell, ColumnForm, Table, TableColumn};

/// Draws numbers from a seed (SplitMix64); the same seed gives the same numbers everywhere.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// Starts from a seed.
    pub fn new(seed: u64) -> Self {
        Rng(seed)
    }

    /// Draws 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Draws a number below `bound`; 0 where `bound` is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let drawn = u128::from(self.bits()) * bound as u128;
        usize::try_from(drawn >> 64).unwrap_or(0)
    }

    /// Draws a number of `range`, both ends among them.
    pub fn within(&mut self, range: std::ops::RangeInclusive<i64>) -> i64 {
        let span = range.end().abs_diff(*range.start());
        let drawn = (u128::from(self.bits()) * (u128::from(span) + 1)) >> 64;
        range.start().wrapping_add_unsigned(u64::try_from(drawn).unwrap_or(0))
    }

    /// Tells yes once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// Draws one of a list; none from an empty one.
    pub fn choose<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.below(list.len()))
    }
}

/// Says how a column's values are drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mix {
    /// One value in so many is NULL; 0 for none.
    pub null_once_in: usize,
    /// One value in so many is an edge of its type; 0 for none.
    pub edge_once_in: usize,
}

impl Default for Mix {
    fn default() -> Self {
        Mix { null_once_in: 7, edge_once_in: 3 }
    }
}

/// Makes a table of `rows` rows, its columns given by name and MySQL type.
pub fn random_table(
    rng: &mut Rng,
    columns: &[(&str, &str)],
    rows: usize,
    mix: Mix,
) -> Result<Table, String> {
    let columns = columns
        .iter()
        .map(|(name, type_text)| random_column(rng, name, type_text, rows, mix))
        .collect::<Result<_, _>>()?;
    Ok(Table { name: "random".to_owned(), columns, rows })
}

/// Makes one column.
pub fn random_column(
    rng: &mut Rng,
    name: &str,
    type_text: &str,
    rows: usize,
    mix: Mix,
) -> Result<TableColumn, String> {
    // A MEDIUMINT lies in four bytes and holds three.
    let (form, drawn_as) = match ColumnForm::of(type_text)? {
        form @ ColumnForm::Integer { unsigned, .. } if type_text.starts_with("mediumint") => {
            (form, ColumnForm::Integer { bytes: 3, unsigned })
        }
        form => (form, form),
    };
    let length_max = char_length(type_text);
    let cells = (0..rows)
        .map(|_| {
            if mix.null_once_in > 0 && rng.once_in(mix.null_once_in) {
                return Ok(None);
            }
            let is_edge = mix.edge_once_in > 0 && rng.once_in(mix.edge_once_in);
            cell(rng, drawn_as, length_max, is_edge)
        })
        .collect::<Result<Vec<Cell>, String>>()?;
    Ok(TableColumn {
        name: name.to_owned(),
        type_text: type_text.to_owned(),
        form,
        nullable: mix.null_once_in > 0,
        cells,
    })
}

/// Returns the first number in parentheses, or a length that is enough for tests.
fn char_length(type_text: &str) -> usize {
    type_text
        .split_once('(')
        .and_then(|(_, rest)| rest.split([',', ')']).next()?.trim().parse().ok())
        .unwrap_or(64)
}

const FLOAT_EDGES: &[&str] =
    &["0", "-0", "0.5", "1.5", "-2.5", "16777216", "3.4028234663852886e38", "1e15"];
const DOUBLE_EDGES: &[&str] = &[
    "0",
    "-0",
    "0.5",
    "1.5",
    "2.5",
    "-0.1",
    "1e15",
    "9007199254740993",
    "1e308",
    "1.7976931348623157e308",
    "2.2250738585072014e-308",
    "9223372036854775808",
];

fn cell(rng: &mut Rng, form: ColumnForm, length_max: usize, edge: bool) -> Result<Cell, String> {
    let text = match form {
        ColumnForm::Integer { bytes, unsigned } => integer(rng, bytes, unsigned, edge),
        ColumnForm::Year => match edge {
            true => chosen(rng, &["0000", "1901", "2155"]),
            false => rng.within(1901..=2155).to_string(),
        },
        ColumnForm::Bit => {
            let bits = length_max.clamp(1, 64);
            let value = if edge { u64::MAX } else { rng.bits() } >> (64 - bits);
            let bytes = value.to_be_bytes();
            return Ok(Some(bytes.get(8 - bits.div_ceil(8)..).unwrap_or(&bytes).into()));
        }
        ColumnForm::Float => {
            let drawn = if edge { number(&chosen(rng, FLOAT_EDGES)) } else { real(rng) };
            #[expect(clippy::cast_possible_truncation, reason = "a FLOAT is drawn")]
            let float = drawn as f32;
            let finite = if float.is_finite() { float } else { f32::MAX };
            format!("{}", f64::from(finite))
        }
        ColumnForm::Double => match edge {
            true => chosen(rng, DOUBLE_EDGES),
            false => format!("{}", real(rng)),
        },
        ColumnForm::Decimal { precision, scale } => decimal(rng, precision, scale, edge),
        ColumnForm::Date => date(rng, edge),
        ColumnForm::DateTime { fsp } => {
            let date = date(rng, edge);
            if date == "0000-00-00" {
                format!("{date} 00:00:00")
            } else {
                format!("{date} {}", clock(rng, 23, fsp))
            }
        }
        ColumnForm::Timestamp { fsp } => {
            let day = format!(
                "{}-{:02}-{:02}",
                rng.within(1971..=2037),
                rng.within(1..=12),
                rng.within(1..=28)
            );
            format!("{day} {}", clock(rng, 23, fsp))
        }
        ColumnForm::Time { fsp } => match edge {
            true => chosen(rng, &["838:59:59", "-838:59:59", "00:00:00", "24:00:00", "-00:00:01"]),
            false => {
                let sign = if rng.once_in(3) { "-" } else { "" };
                format!("{sign}{}", clock(rng, 837, fsp))
            }
        },
        ColumnForm::Text => text(rng, length_max, edge),
        ColumnForm::Bytes | ColumnForm::FixedBytes { .. } => {
            let is_fixed = matches!(form, ColumnForm::FixedBytes { .. });
            let length = if is_fixed { length_max } else { rng.below(length_max.min(40) + 1) };
            let zeros = edge && rng.once_in(2);
            let mut byte = || if zeros { 0 } else { rng.bits().to_le_bytes()[0] };
            return Ok(Some((0..length).map(|_| byte()).collect()));
        }
        ColumnForm::Enum | ColumnForm::Set | ColumnForm::Json | ColumnForm::Vector => {
            return Err("no random values of this type are made here".to_owned());
        }
    };
    Ok(Some(text.into_bytes().into()))
}

fn chosen(rng: &mut Rng, list: &[&str]) -> String {
    rng.choose(list).copied().unwrap_or("0").to_owned()
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or(0.0)
}

fn integer(rng: &mut Rng, bytes: u8, unsigned: bool, edge: bool) -> String {
    let bits = u32::from(bytes) * 8;
    let unsigned_max = u64::MAX >> (64 - bits);
    let max = i64::MAX >> (64 - bits);
    // Small numbers half of the time, so that values meet.
    let drawn = if rng.once_in(2) { rng.bits() } else { rng.bits() % 101 };
    match (unsigned, edge) {
        (true, true) => rng
            .choose(&[0, 1, unsigned_max, unsigned_max - 1, unsigned_max / 2 + 1])
            .map_or_else(String::new, u64::to_string),
        (true, false) => (drawn & unsigned_max).to_string(),
        (false, true) => {
            rng.choose(&[0, 1, -1, max, -max - 1, max - 1]).map_or_else(String::new, i64::to_string)
        }
        (false, false) => {
            let value = drawn.cast_signed() << (64 - bits) >> (64 - bits);
            if rng.once_in(2) { value } else { value.checked_neg().unwrap_or(0).max(-max - 1) }
                .min(max)
                .to_string()
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a random double is made")]
fn real(rng: &mut Rng) -> f64 {
    let mantissa = rng.within(-1_000_000_000..=1_000_000_000) as f64;
    let power = i32::try_from(rng.within(-12..=12)).unwrap_or(0);
    mantissa * 10f64.powi(power)
}

fn decimal(rng: &mut Rng, precision: u8, scale: u8, edge: bool) -> String {
    let whole = usize::from(precision.saturating_sub(scale));
    let scale = usize::from(scale);
    let digits = |rng: &mut Rng, count: usize, kind: u8| -> String {
        let digit = |rng: &mut Rng| match kind {
            0 => '0',
            9 => '9',
            _ => char::from(b'0' + rng.bits().to_le_bytes()[0] % 10),
        };
        (0..count).map(|_| digit(rng)).collect()
    };
    let sign = if rng.once_in(3) { "-" } else { "" };
    let (kind_whole, kind_fraction) = match (edge, rng.below(4)) {
        (true, 0) => (0, 0),
        (true, 1) => (0, 1),
        (true, 2) => (1, 0),
        (true, _) => (9, 9),
        (false, _) => (1, 1),
    };
    let taken = if edge { whole } else { rng.below(whole + 1) };
    let whole = digits(rng, taken, kind_whole);
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = digits(rng, scale, kind_fraction);
    let is_zero = whole == "0" && fraction.bytes().all(|b| b == b'0');
    let sign = if is_zero { "" } else { sign };
    if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

fn date(rng: &mut Rng, edge: bool) -> String {
    let edges = [
        "0000-00-00",
        "2020-02-29",
        "1900-03-01",
        "9999-12-31",
        "1000-01-01",
        "2020-00-10",
        "2020-01-00",
        "0001-01-01",
        "1970-01-01",
    ];
    if edge {
        return chosen(rng, &edges);
    }
    format!("{:04}-{:02}-{:02}", rng.within(1000..=9999), rng.within(1..=12), rng.within(1..=28))
}

fn clock(rng: &mut Rng, hour_max: i64, fsp: u8) -> String {
    let (hour, minute, second) = (rng.within(0..=hour_max), rng.within(0..=59), rng.within(0..=59));
    let whole = format!("{hour:02}:{minute:02}:{second:02}");
    if fsp == 0 {
        return whole;
    }
    let fraction = format!("{:06}", rng.within(0..=999_999));
    format!("{whole}.{}", fraction.get(..usize::from(fsp).min(6)).unwrap_or(""))
}

fn text(rng: &mut Rng, length_max: usize, edge: bool) -> String {
    let edges = [
        "",
        " ",
        "a",
        "A",
        "a ",
        "%",
        "_",
        "\\",
        "1",
        "-1.5",
        " 1e3x",
        "2020-02-29",
        "12:34:56",
        "ß",
        "é",
        "É",
        "日本",
        "😀",
        "0",
        "1e400",
        "-0.5",
        "9223372036854775808",
        "99999999999999999999999.5",
        "2020-02-30",
        "2020-02-29 12:34:56.7",
        "20200229123456",
        "838:59:59",
        "-1 2:3:4.56",
        "0000-00-00",
        "1 3",
        "x,y",
    ];
    if edge {
        return chosen(rng, &edges).chars().take(length_max).collect();
    }
    let alphabet: Vec<char> = "aAbBzZ019 .-é日😀".chars().collect();
    let length = rng.below(length_max.min(24) + 1);
    (0..length).filter_map(|_| rng.choose(&alphabet).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{Presentation, present};

    #[test]
    fn a_random_table_has_every_presentation() {
        let columns = [
            ("i8", "tinyint"),
            ("u64", "bigint unsigned"),
            ("y", "year"),
            ("b", "bit(9)"),
            ("f", "float"),
            ("d", "double"),
            ("d9", "decimal(9,2)"),
            ("d65", "decimal(65,30)"),
            ("dt", "date"),
            ("dm", "datetime(3)"),
            ("ts", "timestamp(6)"),
            ("t", "time(6)"),
            ("s", "varchar(20) collate utf8mb4_general_ci"),
            ("s2", "varchar(20) collate utf8mb4_bin"),
            ("vb", "varbinary(20)"),
            ("bn", "binary(4)"),
        ];
        for seed in 0..20 {
            let table = random_table(&mut Rng::new(seed), &columns, 50, Mix::default()).unwrap();
            for presentation in Presentation::matrix() {
                let presented = present(&table, presentation).unwrap();
                assert_eq!(presented.left_out, [], "seed {seed}, {presentation}");
            }
        }
    }

    #[test]
    fn a_seed_gives_the_same_table_again() {
        let make =
            |seed| random_table(&mut Rng::new(seed), &[("d", "decimal(20,5)")], 30, Mix::default());
        assert_eq!(make(3), make(3));
        assert_ne!(make(3), make(4));
    }
}
