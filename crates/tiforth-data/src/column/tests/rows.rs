// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use std::sync::Arc;

use arrow_array::*;
use tiforth_types::SqlType;

use super::*;

#[test]
fn rows_are_picked_cut_and_joined() {
    for (array, _) in encodings() {
        let ty = natural_sql_type(array.data_type()).unwrap();
        let array = with_nulls(&array, [true, false, true, true]);
        let host = Column::host(array.clone());
        let decoded = Column::host(array).decoded(&ty, &utc()).unwrap().into_owned();
        let values = |c: &Column| -> Vec<String> {
            let c = c.decoded(&ty, &utc()).unwrap();
            (0..c.len()).map(|r| shown(&c.value(r), &ty)).collect()
        };
        let all = values(&decoded);
        for column in [&host, &decoded, &decoded.expanded(&ty)] {
            let taken = values(&column.take(&[3, 1, 1, 0]).unwrap());
            assert_eq!(taken, [3, 1, 1, 0].map(|r: usize| all[r].clone()), "{ty}");
            assert_eq!(values(&column.slice(1, 2)), all[1..3], "{ty}");
            for other in [&host, &decoded] {
                let null = Column::all_null(1);
                let joined = Column::concat(&[column, &null, other], &ty, &utc()).unwrap();
                let expected = [all.clone(), vec!["NULL".into()], all.clone()].concat();
                assert_eq!(values(&joined), expected, "{ty}");
            }
        }
    }
}

#[test]
fn a_column_keeps_the_type_it_came_in() {
    let array: ArrayRef = Arc::new(Date32Array::from(vec![0, 1, 2]));
    let column = Column::host(array);
    column.decoded(&SqlType::date(), &utc()).unwrap();
    let output = Output { ty: &SqlType::date(), data_type: None, name: "c" };
    for column in [&column, &column.slice(0, 2), &column.take(&[2, 0]).unwrap()] {
        let out = column.to_arrow(None, &output, &utc()).unwrap();
        assert_eq!(out.data_type(), &DataType::Date32);
    }
    // What became NULL in reading stays so.
    let how = utc().with_out_of_domain(OutOfDomain::NullAndWarn);
    let array: ArrayRef = Arc::new(Float64Array::from(vec![f64::NAN, 1.0]));
    let column = Column::host(array);
    column.decoded(&SqlType::double(), &how).unwrap();
    let output = Output { ty: &SqlType::double(), data_type: None, name: "c" };
    let taken = column.take(&[0, 1]).unwrap();
    let joined = Column::concat(&[&column, &column], &SqlType::double(), &how).unwrap();
    for column in [&column, &taken, &joined] {
        assert!(column.is_null(0) && !column.is_null(1));
        assert!(column.to_arrow(None, &output, &how).unwrap().is_null(0));
    }
    assert_eq!(how.take_warnings().len(), 1);
}
