// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Writes the generated pages of `docs`: the functions' reference and the divergences.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use tiforth_testkit::documents;

fn main() -> ExitCode {
    match documents::write() {
        Ok(count) => {
            println!("{count} pages in docs");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("reference: {error}");
            ExitCode::FAILURE
        }
    }
}
