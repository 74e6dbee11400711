// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Writes the functions' reference pages into `docs/functions`.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use tiforth_testkit::reference::{folder, pages};

fn main() -> ExitCode {
    match write() {
        Ok(count) => {
            println!("{count} pages in docs/functions");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("reference: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes the pages and removes those of families that are no more.
fn write() -> Result<usize, Box<dyn std::error::Error>> {
    let registry = tiforth_functions::registry()?;
    let pages = pages(&registry);
    let folder = folder();
    std::fs::create_dir_all(&folder)?;
    for entry in std::fs::read_dir(&folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if name.ends_with(".md") && !pages.contains_key(&name) {
            std::fs::remove_file(&path)?;
        }
    }
    for (name, text) in &pages {
        std::fs::write(folder.join(name), text)?;
    }
    Ok(pages.len())
}
