// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Names every generated page of `docs` with its text: the functions' reference and the divergences.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::record::{Record, vectors_folder};
use crate::vectors::VectorDir;
use crate::{divergence, exactness, reference};

/// Makes every page from the definitions, the vectors and the record.
pub fn wanted() -> Result<BTreeMap<PathBuf, String>, String> {
    let registry = tiforth_functions::registry().map_err(|e| e.to_string())?;
    let (folder, dir) = (vectors_folder(), VectorDir::new(vectors_folder()));
    let record = Record::read(&folder.join("record"))?;
    let figures = exactness::by_function(&registry, &dir, &record)?;
    let pages = reference::pages(&registry, &figures).into_iter();
    let mut wanted: BTreeMap<PathBuf, String> =
        pages.map(|(name, text)| (reference::folder().join(name), text)).collect();
    let groups = divergence::groups(&folder)?;
    wanted.insert(divergence::path(), divergence::page(&groups, &dir, &record)?);
    Ok(wanted)
}

/// Lists the generated pages that are there.
pub fn found() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(reference::folder()).into_iter().flatten().flatten();
    let pages = entries.map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "md"));
    pages.chain([divergence::path()].into_iter().filter(|p| p.exists())).collect()
}

/// Writes all pages and removes those of families that are no more; returns how many there are.
pub fn write() -> Result<usize, String> {
    let describe = |path: &Path, e: std::io::Error| format!("cannot write {}: {e}", path.display());
    let wanted = wanted()?;
    let folder = reference::folder();
    std::fs::create_dir_all(&folder).map_err(|e| describe(&folder, e))?;
    for path in found().iter().filter(|path| !wanted.contains_key(*path)) {
        std::fs::remove_file(path).map_err(|e| describe(path, e))?;
    }
    for (path, text) in &wanted {
        std::fs::write(path, text).map_err(|e| describe(path, e))?;
    }
    Ok(wanted.len())
}
