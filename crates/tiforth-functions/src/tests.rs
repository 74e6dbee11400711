// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use tiforth_data::Field;
use tiforth_expr::tree::{col, lit};
use tiforth_expr::{Binder, Diagnostics, Evaluator, RunValues, kernel::Rows};
use tiforth_types::{Datum, Session, SqlType};

#[test]
fn adds() {
    let registry = super::registry().unwrap();
    let session = Session::default();
    let schema = [Field { name: "a".into(), sql_type: SqlType::bigint(20), nullable: true }];
    let mut binder = Binder::new(&registry, &session, &schema);
    let tree = tiforth_expr::tree::call("plus", [col("a"), lit(1)]);
    let typed = binder.bind(&tree).unwrap();
    let columns = [tiforth_data::Column::ints(vec![1, i64::MAX], None)];
    let run = RunValues::default();
    let mut diagnostics = Diagnostics::new(64);
    let mut evaluator = Evaluator::new(&columns, &session, &run, &mut diagnostics);
    let out = evaluator.evaluate(&typed, Rows::all(2)).unwrap();
    let value = evaluator.datum(&out, &typed, 0).unwrap();
    assert!(matches!(value, Datum::Int(2)));
    let (_, errors) = diagnostics.finish();
    assert_eq!(errors[0].0, 1);
    assert_eq!(errors[0].1.message(), "BIGINT value is out of range in '(a + 1)'");
}
