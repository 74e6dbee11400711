// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use arrow_array::{Date32Array, Decimal128Array, Int64Array, StringArray};
use arrow_schema::{DataType, Field as ArrowField};
use tiforth_types::TimeZone;

use super::*;
use crate::arrow_type::schema_to_batch_schema;

fn how() -> DecodeContext {
    DecodeContext::new(TimeZone::UTC)
}

fn host() -> RecordBatch {
    let fields = vec![
        ArrowField::new("id", DataType::Int64, false),
        ArrowField::new("day", DataType::Date32, true),
        ArrowField::new("name", DataType::Utf8, true),
        ArrowField::new("price", DataType::Decimal128(15, 2), true),
    ];
    let price = Decimal128Array::from(vec![Some(100), None, Some(-5), Some(7)]);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from(vec![1, 2, 3, 4])),
        Arc::new(Date32Array::from(vec![Some(0), Some(1), None, Some(3)])),
        Arc::new(StringArray::from(vec![Some("a"), None, Some("ccc"), Some("d")])),
        Arc::new(price.with_precision_and_scale(15, 2).unwrap()),
    ];
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

#[test]
fn a_batch_nobody_changed_leaves_as_it_came() {
    let host = host();
    let schema = schema_to_batch_schema(&host.schema()).unwrap();
    let batch = Batch::from_record_batch(&host, &schema).unwrap();
    for column in batch.columns() {
        // Reading does not change what leaves.
        let field = &schema[0].sql_type;
        let _ = column.decoded(field, &how());
    }
    let out = batch.to_record_batch(None, &how()).unwrap();
    for (a, b) in out.columns().iter().zip(host.columns()) {
        assert!(Arc::ptr_eq(a, b));
    }
    assert_eq!(schema_to_batch_schema(&out.schema()).unwrap(), schema);
}

#[test]
fn only_the_rows_that_count_leave() {
    let host = host();
    let schema = schema_to_batch_schema(&host.schema()).unwrap();
    let batch = Batch::from_record_batch(&host, &schema).unwrap().with_number(9);
    let batch = batch.with_selection(Some([1, 3].into()));
    let rows = arrow_array::UInt32Array::from(vec![1, 3]);
    let expected = arrow_select::take::take_record_batch(&host, &rows).unwrap();
    let compacted = batch.compacted().unwrap();
    assert_eq!((compacted.num_rows(), compacted.physical_rows(), compacted.number()), (2, 2, 9));
    for batch in [&batch, &compacted] {
        let out = batch.to_record_batch(None, &how()).unwrap();
        assert_eq!(out.columns(), expected.columns());
    }
}

#[test]
fn a_host_may_ask_for_other_types() {
    let host = host();
    let schema = schema_to_batch_schema(&host.schema()).unwrap();
    let batch = Batch::from_record_batch(&host, &schema).unwrap();
    let data_types =
        [DataType::Int16, DataType::UInt64, DataType::LargeBinary, DataType::Decimal64(15, 2)];
    let fields = schema.iter().zip(&data_types).map(|(f, t)| to_arrow_field_as(f, t.clone()));
    let target: SchemaRef = Arc::new(Schema::new(fields.collect::<Fields>()));
    let out = batch.to_record_batch(Some(&target), &how()).unwrap();
    assert_eq!(out.schema(), target);
    // And back again.
    let batch = Batch::from_record_batch(&out, &schema).unwrap();
    let out = batch.to_record_batch(Some(&host.schema()), &how()).unwrap();
    assert_eq!(out, host);
}

#[test]
fn batches_of_another_schema_are_refused() {
    let host = host();
    let schema = schema_to_batch_schema(&host.schema()).unwrap();
    let check = |columns: &[usize], expected: &str| {
        let other = host.project(columns).unwrap();
        let message = Batch::from_record_batch(&other, &schema).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    };
    check(&[0, 1], "4 columns expected, 2 found");
    check(&[1, 0, 2, 3], "Column 'id': bigint cannot be held by Arrow Date32");
}

#[test]
fn a_batch_without_columns_has_rows() {
    let batch = Batch::new(Arc::new([]), Vec::new(), 5);
    assert_eq!(batch.to_record_batch(None, &how()).unwrap().num_rows(), 5);
}
