// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Holds what a kernel makes of columns against its entry for one row, for the tests of the families.

use arrow_array::{Array, make_array};
use tiforth_data::{Column, ColumnData, DecodeContext, Field};
use tiforth_expr::function::Body;
use tiforth_expr::kernel::Rows;
use tiforth_expr::tree::{call, col};
use tiforth_expr::{Binder, CallContext, Diagnostics, Evaluator, RunValues, TypedExpr};
use tiforth_types::{Session, SqlType, Warning};

/// Is a function of two columns, bound, and how it is run.
struct Bound<'a> {
    function: &'a str,
    typed: &'a TypedExpr,
    types: [&'a SqlType; 2],
    session: &'a Session,
    run: &'a RunValues,
}

/// Holds a function of two columns against its entry for one row: values, warnings and errors; over all
/// rows and over some, with zeros under the NULLs and with the worst there may be.
pub(crate) fn check_against_rows(function: &str, a: &Column, b: &Column, types: [&SqlType; 2]) {
    let registry = crate::registry().unwrap();
    let (session, run) = (Session::default(), RunValues::default());
    let field = |name: &str, ty: &SqlType| Field {
        name: name.into(),
        sql_type: ty.clone(),
        nullable: true,
    };
    let schema = [field("a", types[0]), field("b", types[1])];
    let mut binder = Binder::new(&registry, &session, &schema);
    let typed = binder.bind(&call(function, [col("a"), col("b")])).unwrap();
    let bound = Bound { function, typed: &typed, types, session: &session, run: &run };
    let some: Vec<u32> = (0..a.len() as u32).filter(|row| row % 3 != 1).collect();
    let few: Vec<u32> = (0..a.len() as u32).filter(|row| row % 5 == 2).collect();
    // Each run sees a host's array as it came.
    bound.check([fresh(a), fresh(b)], Rows::all(a.len()));
    bound.check([fresh(a), fresh(b)], Rows::selected(a.len(), &some));
    bound.check([littered(a), littered(b)], Rows::all(a.len()));
    bound.check([littered(a), littered(b)], Rows::selected(a.len(), &few));
}

impl Bound<'_> {
    fn check(&self, columns: [Column; 2], rows: Rows<'_>) {
        let Bound { function, typed, types, session, run } = *self;
        let bound = typed.as_call().unwrap();
        let Body::Strict(kernel) = bound.overload.body else { panic!("{function}") };
        let how = DecodeContext::new(session.time_zone);
        let mut diagnostics = Diagnostics::new(1_000).keep_all_errors();
        let mut evaluator = Evaluator::new(&columns, session, run, &mut diagnostics);
        let whole = evaluator.evaluate(typed, rows).unwrap();
        let (warnings, errors) = diagnostics.finish();
        let counts = |row: u32| rows.selection.is_none_or(|rows| rows.contains(&row));
        assert!(warnings.iter().all(|w| counts(w.0)) && errors.iter().all(|e| counts(e.0)));
        rows.for_each(|row| {
            let x = columns[0].datum(row, types[0], &how).unwrap();
            let y = columns[1].datum(row, types[1], &how).unwrap();
            let mut own = Diagnostics::new(10);
            let mut ctx = CallContext::new(session, run, bound, &mut own);
            let alone = kernel.row(&[x.as_ref(), y.as_ref()], &mut Vec::new(), &mut ctx);
            let seen = format!("{x:?} {function} {y:?}, {:?}", rows.selection.map(<[u32]>::len));
            let of_row: Vec<&Warning> =
                warnings.iter().filter(|w| w.0 == row as u32).map(|w| &w.1).collect();
            let (own_warnings, _) = own.finish();
            assert_eq!(of_row, own_warnings.iter().map(|w| &w.1).collect::<Vec<_>>(), "{seen}");
            let error = errors.iter().find(|e| e.0 == row as u32).map(|e| &e.1);
            match &alone {
                Err(expected) => assert_eq!(error, Some(expected), "{seen}"),
                Ok(value) => {
                    assert!(error.is_none(), "{seen}: {error:?}");
                    let expected = value.into_datum(&[]);
                    assert_eq!(
                        format!("{:?}", whole.value(row)),
                        format!("{expected:?}"),
                        "{seen}"
                    );
                }
            }
        });
    }
}

fn fresh(column: &Column) -> Column {
    match column.data() {
        ColumnData::Host(host) => Column::host(host.array.clone()),
        _ => column.clone(),
    }
}

/// Puts other numbers under the NULLs of a host's array in turn: -1, the least and the greatest, which as
/// doubles are no numbers and a zero.
fn littered(column: &Column) -> Column {
    let ColumnData::Host(host) = column.data() else { return column.clone() };
    let data = host.array.to_data();
    let (Some(width), Some(nulls)) = (host.array.data_type().primitive_width(), data.nulls())
    else {
        return fresh(column);
    };
    let mut bytes = data.buffers()[0].as_slice()[data.offset() * width..].to_vec();
    for (place, row) in (0..data.len()).filter(|&row| nulls.is_null(row)).enumerate() {
        let (low, high) = [(0xff, 0xff), (0, 0x80), (0xff, 0x7f)][place % 3];
        let slot = &mut bytes[row * width..(row + 1) * width];
        slot.fill(low);
        slot[width - 1] = high;
    }
    let nulls = Some(nulls.clone());
    let data = data.into_builder().offset(0).nulls(nulls).buffers(vec![bytes.into()]);
    Column::host(make_array(data.build().unwrap()))
}
