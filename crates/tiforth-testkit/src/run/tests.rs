// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use super::*;
use crate::echo::Echo;
use crate::engine::{ExpressionAnswer, TableAnswer};
use crate::judge::Apart;
use crate::record::vectors_folder;
use crate::vectors::{Entry, Expected, ExpectedValue, ExpressionCase, RelationalCase};

/// Panics at every question, to test that the runner goes on.
struct Panics;

impl Engine for Panics {
    fn run_expression(
        &mut self,
        case: &ExpressionCase,
        _: &Input<'_>,
        _: Side,
    ) -> Answer<ExpressionAnswer> {
        panic!("no answer to {}", case.text)
    }

    fn run_relational(&mut self, _: &RelationalCase, _: &Input<'_>) -> Answer<TableAnswer> {
        panic!("no answer")
    }
}

#[test]
fn every_vector_is_read_and_an_echo_passes() {
    let dir = VectorDir::new(vectors_folder());
    let findings = run(&Options::new(dir.clone()), || Echo).unwrap();
    let total = findings.total();
    assert!(total.results > 2_500_000, "{} results", total.results);
    assert_eq!(total.of(Outcome::Unsupported), 0);
    assert_eq!(total.of(Outcome::Panic), 0);
    assert_eq!(total.apart, Apart::default());
    // The echo does not know long values; nothing else may fail.
    let mut long = 0;
    for (name, failures) in &findings.failures {
        let file = dir.read_file(name).unwrap();
        for (index, outcomes) in failures {
            let case = &file.cases[*index];
            for (row, outcome) in outcomes.iter().enumerate() {
                let is_long = match case {
                    Case::Expression(ExpressionCase { expected: Expected::Rows(rows), .. }) => {
                        matches!(rows[row], Entry::Value(ExpectedValue::Digest(_), _))
                    }
                    Case::Relational(RelationalCase { expected: Expected::Rows(rows), .. }) => {
                        rows[row].iter().any(|value| matches!(value, ExpectedValue::Digest(_)))
                    }
                    _ => false,
                };
                let expected = if is_long { Outcome::Value } else { Outcome::Passed };
                assert_eq!(*outcome, expected, "{name} #{index} row {row}: {}", case.text());
                long += usize::from(is_long);
            }
        }
    }
    assert_eq!(long, total.results - total.of(Outcome::Passed));
}

#[test]
fn panics_are_counted_and_the_run_goes_on() {
    let dir = VectorDir::new(vectors_folder());
    let options =
        Options { file: Some("literals.lenient".to_owned()), show: 1, ..Options::new(dir) };
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let findings = run(&options, || Panics);
    std::panic::set_hook(hook);
    let findings = findings.unwrap();
    let total = findings.total();
    assert_eq!(total.of(Outcome::Panic), total.results);
    assert!(findings.differences[0].got[0].1.starts_with("PANIC: no answer to "));
}

#[test]
fn a_sample_takes_its_part_and_the_same_each_time() {
    let taken = |sample: Sample| (0..100_000).filter(|n| sample.takes(mix(*n))).count();
    let tenth = taken(Sample::parse("7:10").unwrap());
    assert!((9_000..11_000).contains(&tenth), "{tenth}");
    assert_eq!(tenth, taken(Sample { seed: 7, percent: 10.0 }));
    assert_eq!(taken(Sample { seed: 1, percent: 100.0 }), 100_000);
    assert_eq!(taken(Sample { seed: 1, percent: 0.0 }), 0);
    assert!(Sample::parse("7").is_err() && Sample::parse("7:101").is_err());
}

#[test]
fn the_suite_runs_plain_one_hostile_layout_and_the_row_side() {
    let sides = Sides::Suite(Sample { seed: 1, percent: 0.0 });
    for number in 0..50 {
        let sides = sides.of(number);
        assert_eq!(sides.len(), 3);
        assert_eq!(sides[0], Side::Batch(Presentation::PLAIN));
        assert_eq!(sides[2], Side::Row);
    }
    assert_eq!(Sides::Matrix.of(0).len(), Presentation::matrix().len() + 1);
}
