// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Names the ways a table is laid out.

/// Names how a table is given to the batch engine.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum Layout {
    /// Each column in its default Arrow encoding.
    Plain,
    /// Cut out of longer arrays with other values around, at an offset that is no multiple of 8.
    Sliced,
    /// As dictionaries with unused, repeated and NULL entries.
    Dictionary,
    /// Each row alone, its values as constant columns.
    Constant,
    /// Strings as views, temporals as Arrow's own, decimals in 256 bits, as far as the values allow.
    View,
    /// Strings with 64-bit offsets, decimals in the narrowest Arrow type, fixed-size bytes.
    Large,
    /// Between rows that are not selected.
    Selection,
    /// Each column in another of these encodings, or as a constant where its rows are equal, between
    /// rows that are not selected.
    Mixed,
}

impl Layout {
    /// Lists the layouts.
    pub const ALL: [Layout; 8] = [
        Layout::Plain,
        Layout::Sliced,
        Layout::Dictionary,
        Layout::Constant,
        Layout::View,
        Layout::Large,
        Layout::Selection,
        Layout::Mixed,
    ];

    /// Returns the layout whose encoding the column at `position` gets.
    pub(super) fn of_column(self, position: usize) -> Layout {
        const OTHERS: [Layout; 4] =
            [Layout::Dictionary, Layout::Plain, Layout::View, Layout::Large];
        match self {
            Layout::Mixed => OTHERS.get(position / 2 % 4).copied().unwrap_or(self),
            layout => layout,
        }
    }

    /// Returns the name the command line uses.
    pub fn name(self) -> &'static str {
        match self {
            Layout::Plain => "plain",
            Layout::Sliced => "sliced",
            Layout::Dictionary => "dictionary",
            Layout::Constant => "constant",
            Layout::View => "view",
            Layout::Large => "large",
            Layout::Selection => "selection",
            Layout::Mixed => "mixed",
        }
    }
}

/// Says how a table is given to the batch engine, and in how many rows a batch.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct Presentation {
    /// The layout of each batch.
    pub layout: Layout,
    /// The rows a batch; none for the whole table in one.
    pub batch_rows: Option<usize>,
}

impl Presentation {
    /// Is the whole table in one batch of default encodings.
    pub const PLAIN: Presentation = Presentation { layout: Layout::Plain, batch_rows: None };

    /// Lists every layout with batches of 1 row, 3 rows and all; constants are of one row anyhow.
    pub fn matrix() -> Vec<Presentation> {
        let mut all = Vec::new();
        for layout in Layout::ALL {
            if layout == Layout::Constant {
                all.push(Presentation { layout, batch_rows: None });
                continue;
            }
            for batch_rows in [None, Some(3), Some(1)] {
                all.push(Presentation { layout, batch_rows });
            }
        }
        all
    }

    /// Reads `LAYOUT`, `LAYOUT:ROWS` or `:ROWS`.
    pub fn parse(text: &str) -> Result<Presentation, String> {
        let (name, rows) = text.split_once(':').unwrap_or((text, "all"));
        let layout = match name {
            "" => Layout::Plain,
            _ => *Layout::ALL.iter().find(|l| l.name() == name).ok_or_else(|| {
                let names = Layout::ALL.map(Layout::name).join(", ");
                format!("{name} is no layout; they are {names}")
            })?,
        };
        let batch_rows = match rows {
            "all" => None,
            _ => Some(rows.parse().ok().filter(|n| *n > 0).ok_or_else(|| {
                format!("{rows} is no number of rows a batch; give a number from 1, or all")
            })?),
        };
        Ok(Presentation { layout, batch_rows })
    }
}

impl std::fmt::Display for Presentation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.layout.name())?;
        self.batch_rows.map_or(Ok(()), |rows| write!(f, ":{rows}"))
    }
}
