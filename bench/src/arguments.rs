// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads the command line.

use crate::AnyError;

/// Says what to run, over which data.
pub(crate) struct Arguments {
    /// The number of threads.
    pub(crate) threads: usize,
    /// The plan as JSON.
    pub(crate) plan: String,
    /// The tables.
    pub(crate) tables: Vec<TableFile>,
    /// Whether texts of the result may be views into the input.
    pub(crate) views: bool,
}

/// Says where a table's rows are.
pub(crate) struct TableFile {
    /// The table's name in the plan.
    pub(crate) name: String,
    /// An Arrow IPC file.
    pub(crate) path: String,
    /// The columns to load, in order; all where there are none.
    pub(crate) columns: Vec<String>,
}

impl Arguments {
    /// Reads `--threads N --plan JSON --table NAME=PATH --columns A,B …`.
    pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Result<Self, AnyError> {
        let mut arguments =
            Arguments { threads: 1, plan: String::new(), tables: Vec::new(), views: true };
        while let Some(word) = words.next() {
            if word == "--copies" {
                arguments.views = false;
                continue;
            }
            let value = words.next().ok_or_else(|| format!("{word} needs a value"))?;
            match word.as_str() {
                "--threads" => arguments.threads = value.parse()?,
                "--plan" => arguments.plan = value,
                "--table" => {
                    let (name, path) = value.split_once('=').ok_or("--table NAME=PATH")?;
                    let (name, path) = (name.to_owned(), path.to_owned());
                    arguments.tables.push(TableFile { name, path, columns: Vec::new() });
                }
                "--columns" => {
                    let table =
                        arguments.tables.last_mut().ok_or("--columns comes after --table")?;
                    table.columns = value.split(',').map(str::to_owned).collect();
                }
                _ => return Err(format!("unknown option {word}").into()),
            }
        }
        Ok(arguments)
    }
}
