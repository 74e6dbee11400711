// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Holds what a kernel makes of columns against its entry for one row, for the tests of the families.

use tiforth_data::{Column, ColumnData, DecodeContext, Field};
use tiforth_expr::function::Body;
use tiforth_expr::kernel::Rows;
use tiforth_expr::tree::{call, col};
use tiforth_expr::{Binder, CallContext, Diagnostics, Evaluator, RunValues};
use tiforth_types::{Session, SqlType};

/// Holds a function of two columns against its entry for one row: values, and which rows fail or warn.
pub(crate) fn check_against_rows(function: &str, a: &Column, b: &Column, types: [&SqlType; 2]) {
    let registry = crate::registry().unwrap();
    let session = Session::default();
    let field = |name: &str, ty: &SqlType| Field {
        name: name.into(),
        sql_type: ty.clone(),
        nullable: true,
    };
    let schema = [field("a", types[0]), field("b", types[1])];
    let how = DecodeContext::new(session.time_zone);
    let mut binder = Binder::new(&registry, &session, &schema);
    let typed = binder.bind(&call(function, [col("a"), col("b")])).unwrap();
    let bound = typed.as_call().unwrap();
    let Body::Strict(kernel) = bound.overload.body else { panic!("{function}") };
    let run = RunValues::default();
    // Each sees a host's array as it came.
    let fresh = |c: &Column| match c.data() {
        ColumnData::Host(host) => Column::host(host.array.clone()),
        _ => c.clone(),
    };
    let columns = [fresh(a), fresh(b)];
    let mut diagnostics = Diagnostics::new(1_000).keep_all_errors();
    let mut evaluator = Evaluator::new(&columns, &session, &run, &mut diagnostics);
    let whole = evaluator.evaluate(&typed, Rows::all(a.len())).unwrap();
    let (warnings, errors) = diagnostics.finish();
    for row in 0..a.len() {
        let x = a.datum(row, types[0], &how).unwrap();
        let y = b.datum(row, types[1], &how).unwrap();
        let mut own = Diagnostics::new(10);
        let mut ctx = CallContext::new(&session, &run, bound, &mut own);
        let alone = kernel.row(&[x.as_ref(), y.as_ref()], &mut Vec::new(), &mut ctx);
        let (own_warnings, _) = own.finish();
        let of_row = |warnings: &[(u32, _)]| warnings.iter().filter(|w| w.0 == row as u32).count();
        let seen = format!("{x:?} {function} {y:?}");
        assert_eq!(of_row(&warnings), own_warnings.len(), "{seen}");
        let error = errors.iter().find(|e| e.0 == row as u32).map(|e| &e.1);
        match &alone {
            Err(expected) => {
                assert_eq!(error.map(|e| e.message()), Some(expected.message()), "{seen}");
            }
            Ok(value) => {
                assert!(error.is_none(), "{seen}: {error:?}");
                let expected = value.into_datum(&[]);
                assert_eq!(format!("{:?}", whole.value(row)), format!("{expected:?}"), "{seen}");
            }
        }
    }
}
