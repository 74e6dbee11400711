// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use serde_json::Value;
use tiforth_types::collation::derive::{Argument, Constant, Derived, Purpose, derive};
use tiforth_types::{Charset, Coercibility, Repertoire, SqlType};

use crate::vectors::{Table, cases};

fn argument(table: &Table, column: &str) -> Option<Argument<'static>> {
    let (_, text) = table.columns().find(|(name, _)| *name == column)?;
    let ty: SqlType = text.parse().ok().filter(|ty: &SqlType| ty.kind.is_string())?;
    let repertoire = match ty.collation.charset() {
        Charset::Ascii => Repertoire::Ascii,
        _ => Repertoire::Unicode,
    };
    let coercibility = Coercibility::Implicit;
    Some(Argument {
        derived: Derived { collation: ty.collation, coercibility, repertoire },
        is_bytes: ty.is_bytes(),
        constant: Constant::No,
    })
}

#[test]
fn columns_mix_where_they_mix_in_tidb() {
    let table = Table::wide();
    let mut judged = [0, 0];
    for case in cases("comparison") {
        let Some(expr) = case["e"].as_str() else { continue };
        let [left, operation, right] = expr.split(' ').collect::<Vec<_>>()[..] else { continue };
        let (Some(left), Some(right)) = (argument(&table, left), argument(&table, right)) else {
            continue;
        };
        let args = [left, right];
        let refused = derive(&args, Purpose::Comparison).err().map(|mix| {
            let error = mix.to_error(operation, &args);
            (u64::from(error.code()), error.message().to_owned())
        });
        let expected = case["err"].as_array().map(|e| match &e[..] {
            [code, Value::String(text)] => (code.as_u64().unwrap(), text.clone()),
            other => panic!("{other:?}"),
        });
        judged[usize::from(expected.is_some())] += 1;
        assert_eq!(refused, expected, "{expr}");
    }
    assert!(judged[0] > 100 && judged[1] > 20, "{judged:?}");
}
