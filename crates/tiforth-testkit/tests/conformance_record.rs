// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Fails when an answer of TiDB's that was met is met no more.

use tiforth_testkit::door::Door;
use tiforth_testkit::record::{Record, vectors_folder};
use tiforth_testkit::report::change_text;
use tiforth_testkit::run::{Options, Sides, run};
use tiforth_testkit::vectors::VectorDir;

#[test]
fn nothing_that_passed_fails() {
    let folder = vectors_folder();
    let options = Options { sides: Sides::SUITE, ..Options::new(VectorDir::new(&folder)) };
    let findings = run(&options, Door::default).unwrap();
    let recorded = Record::read(&folder.join("record")).unwrap();
    let change = recorded.compare(&Record::of(&findings));
    let text = change_text(&change);
    assert!(!change.is_worse(), "{text}");
    eprint!("{text}");
}
