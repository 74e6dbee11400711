// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Prints results: tables, CSV, Parquet, warnings, profiles.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use comfy_table::{Table, presets};
use parquet::arrow::ArrowWriter;
use tiforth::data::Batch;
use tiforth::types::text::write_text;
use tiforth::{OperatorProfile, PlanRun, SqlType, Warning};

use crate::failure::{Failure, of_stdout};

/// Is the most rows a table shows.
pub(crate) const TABLE_ROWS_MAX: usize = 1000;

/// Prints one value as MySQL does; bytes that are not UTF-8 as hex.
fn cell(value: &tiforth::Datum, ty: &SqlType) -> Option<String> {
    let mut out = Vec::new();
    write_text(value.as_ref(), ty, &mut out).then(|| {
        String::from_utf8(out).unwrap_or_else(|e| {
            let hex: String = e.as_bytes().iter().map(|b| format!("{b:02X}")).collect();
            format!("0x{hex}")
        })
    })
}

/// Calls `each` with the cells of every row of a batch.
fn for_each_row(
    batch: &Batch,
    session: &tiforth::Session,
    mut each: impl FnMut(Vec<Option<String>>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let how = tiforth::data::column::DecodeContext::new(session.time_zone);
    let rows: Vec<u32> = match batch.selection() {
        Some(selection) => selection.to_vec(),
        None => (0..batch.physical_rows() as u32).collect(),
    };
    for row in rows {
        let mut cells = Vec::with_capacity(batch.columns().len());
        for (column, field) in batch.columns().iter().zip(batch.schema().iter()) {
            let value = column.datum(row as usize, &field.sql_type, &how)?;
            cells.push(cell(&value, &field.sql_type));
        }
        each(cells)?;
    }
    Ok(())
}

/// Prints the result as a table, at most [`TABLE_ROWS_MAX`] rows of it; returns the number of rows.
///
/// # Errors
/// What the run fails with.
pub(crate) fn print_table(run: &mut PlanRun, session: &tiforth::Session) -> Result<usize, Failure> {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header(run.columns().iter().map(|f| f.name.clone()));
    let mut rows = 0;
    while let Some(batch) = run.next_internal()? {
        for_each_row(&batch, session, |cells| {
            rows += 1;
            if rows <= TABLE_ROWS_MAX {
                let shown = cells.into_iter().map(|c| c.unwrap_or_else(|| "NULL".to_owned()));
                table.add_row(shown);
            }
            Ok(())
        })?;
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{table}").map_err(of_stdout)?;
    if rows > TABLE_ROWS_MAX {
        writeln!(out, "… {} more rows", rows - TABLE_ROWS_MAX).map_err(of_stdout)?;
    }
    Ok(rows)
}

/// Writes the result as CSV: a header line, NULL as nothing, text with a comma, a quote or a line end
/// in quotes; an empty text is `""`.
///
/// # Errors
/// What the run or writing fails with.
pub(crate) fn write_csv(
    run: &mut PlanRun,
    session: &tiforth::Session,
    to: &mut dyn Write,
) -> Result<usize, Failure> {
    let header: Vec<Option<String>> = run.columns().iter().map(|f| Some(f.name.clone())).collect();
    write_csv_line(&header, to)?;
    let mut rows = 0;
    while let Some(batch) = run.next_internal()? {
        for_each_row(&batch, session, |cells| {
            rows += 1;
            write_csv_line(&cells, to)
        })?;
    }
    to.flush().map_err(of_stdout)?;
    Ok(rows)
}

fn write_csv_line(cells: &[Option<String>], to: &mut dyn Write) -> Result<(), Failure> {
    let mut line = String::new();
    for (i, cell) in cells.iter().enumerate() {
        if i > 0 {
            line.push(',');
        }
        let Some(text) = cell else { continue };
        if text.is_empty() || text.contains([',', '"', '\n', '\r']) {
            line.push('"');
            line.push_str(&text.replace('"', "\"\""));
            line.push('"');
        } else {
            line.push_str(text);
        }
    }
    line.push('\n');
    to.write_all(line.as_bytes()).map_err(of_stdout)
}

/// Writes the result as a Parquet file; returns the number of rows.
///
/// # Errors
/// What the run or writing fails with.
pub(crate) fn write_parquet(run: &mut PlanRun, path: &Path) -> Result<usize, Failure> {
    let failed =
        |e: &dyn std::fmt::Display| Failure::File(format!("cannot write {}: {e}", path.display()));
    let file = File::create(path).map_err(|e| failed(&e))?;
    let schema = std::sync::Arc::clone(run.schema());
    let mut writer = ArrowWriter::try_new(file, schema, None).map_err(|e| failed(&e))?;
    let mut rows = 0;
    while let Some(batch) = run.next_batch()? {
        rows += batch.num_rows();
        writer.write(&batch).map_err(|e| failed(&e))?;
    }
    writer.close().map_err(|e| failed(&e))?;
    Ok(rows)
}

/// Prints warnings as SHOW WARNINGS does.
///
/// # Errors
/// When standard output cannot be written to.
pub(crate) fn write_warnings(
    out: &mut dyn Write,
    warnings: &[Warning],
    total: u64,
) -> Result<(), Failure> {
    for warning in warnings {
        let error = &warning.error;
        writeln!(out, "{:?} {}: {}", warning.level, error.code(), error.message())
            .map_err(of_stdout)?;
    }
    if total > warnings.len() as u64 {
        writeln!(out, "({total} warnings in all)").map_err(of_stdout)?;
    }
    Ok(())
}

/// Prints what every operator did.
///
/// # Errors
/// When standard output cannot be written to.
pub(crate) fn print_profile(profile: &[OperatorProfile]) -> Result<(), Failure> {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header([
        "pipeline",
        "operator",
        "rows in",
        "rows out",
        "batches",
        "busy ms",
        "blocked ms",
    ]);
    let ms = |nanos: u64| format!("{:.2}", nanos as f64 / 1e6);
    for OperatorProfile { pipeline, metrics } in profile {
        table.add_row([
            pipeline.to_string(),
            metrics.name.clone(),
            metrics.input.rows.to_string(),
            metrics.output.rows.to_string(),
            metrics.output.batches.max(metrics.input.batches).to_string(),
            ms(metrics.busy_nanos),
            ms(metrics.blocked_nanos),
        ]);
    }
    writeln!(std::io::stdout().lock(), "{table}").map_err(of_stdout)
}
