// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal256Type, Float32Type, Int64Type, UInt64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;

use super::*;
use crate::record::vectors_folder;
use crate::vectors::VectorDir;

fn wide() -> Table {
    VectorDir::new(vectors_folder()).read_table("wide").unwrap()
}

fn plain() -> (Table, RecordBatch) {
    let table = wide();
    let presented = present(&table, Presentation::PLAIN).unwrap();
    let batch = presented.batches[0].batch.clone();
    (table, batch)
}

#[test]
fn plain_columns_hold_the_cells_values() {
    let (_, batch) = plain();
    let column = |name: &str| batch.column_by_name(name).unwrap();
    let u64b = column("u64").as_primitive::<UInt64Type>();
    assert_eq!(u64b.value(2), u64::MAX);
    assert_eq!(column("f32").as_primitive::<Float32Type>().value(6), f32::MAX);
    let digits = "9".repeat(65);
    let d65 = column("d65_0").as_primitive::<Decimal256Type>();
    assert_eq!(d65.value(2).to_string(), digits);
    let packed = |y: u64, m: u64, d: u64| (y * 13 + m) << 46 | d << 41;
    let dates = column("dt").as_primitive::<UInt64Type>();
    assert_eq!(dates.value(0), packed(2020, 2, 29));
    assert_eq!(dates.value(3), 0);
    assert_eq!(dates.value(4), packed(2020, 0, 10));
    let times = column("t0").as_primitive::<Int64Type>();
    assert_eq!(times.value(2), -(12 * 3600 + 34 * 60 + 57) * 1_000_000_000);
    assert_eq!(column("b8").as_primitive::<UInt64Type>().value(3), 0x41);
    assert_eq!(column("vb").as_binary::<i32>().value(1), b"a");
    assert!(column("vb").is_null(2));
}

#[test]
fn fields_say_their_sql_type() {
    let (_, batch) = plain();
    let schema = batch.schema();
    let text = |name: &str| schema.field_with_name(name).unwrap().metadata()[SQL_TYPE_KEY].clone();
    assert_eq!(text("u24"), "mediumint unsigned");
    assert_eq!(text("s_gci"), "varchar(64) collate utf8mb4_general_ci");
    assert_eq!(text("d65_30"), "decimal(65,30)");
}

#[test]
fn every_presentation_has_every_row_once_and_one_schema() {
    let table = wide();
    for presentation in Presentation::matrix() {
        let presented = present(&table, presentation).unwrap();
        let rows: Vec<usize> =
            presented.batches.iter().flat_map(|b| b.table_rows.iter().copied()).collect();
        assert_eq!(rows, (0..table.rows).collect::<Vec<_>>(), "{presentation}");
        for batch in &presented.batches {
            assert_eq!(batch.batch.schema(), presented.schema, "{presentation}");
            let counting = batch.selection.as_ref().map_or(batch.batch.num_rows(), Vec::len);
            assert_eq!(counting, batch.table_rows.len(), "{presentation}");
            // The ids that count are the table's rows.
            let ids = arrow_ids(&batch.batch);
            let chosen: Vec<i32> = match &batch.selection {
                Some(selection) => selection.iter().map(|i| ids[*i as usize]).collect(),
                None => ids,
            };
            let expected: Vec<i32> =
                batch.table_rows.iter().map(|row| i32::try_from(*row).unwrap()).collect();
            assert_eq!(chosen, expected, "{presentation}");
        }
    }
}

fn arrow_ids(batch: &RecordBatch) -> Vec<i32> {
    let column = batch.column_by_name("id").unwrap();
    let read = |array: &dyn Array| -> Vec<i32> {
        array.as_primitive::<arrow_array::types::Int32Type>().values().to_vec()
    };
    match column.data_type() {
        DataType::Dictionary(..) => {
            let dictionary = column.as_any_dictionary();
            let entries = read(dictionary.values().as_ref());
            dictionary.normalized_keys().into_iter().map(|key| entries[key]).collect()
        }
        _ => read(column.as_ref()),
    }
}

#[test]
fn layouts_differ_in_their_arrow_types() {
    let table = wide();
    let type_of = |layout: Layout, name: &str| {
        let presented = present(&table, Presentation { layout, batch_rows: None }).unwrap();
        presented.schema.field_with_name(name).unwrap().data_type().clone()
    };
    let dictionary = type_of(Layout::Dictionary, "s_bin");
    assert!(matches!(dictionary, DataType::Dictionary(..)), "{dictionary}");
    let strings: Vec<DataType> = ["s_bin", "s_binb"].map(|name| type_of(Layout::View, name)).into();
    assert!(strings.contains(&DataType::Utf8View) && strings.contains(&DataType::BinaryView));
    let strings: Vec<DataType> =
        ["s_bin", "s_binb"].map(|name| type_of(Layout::Large, name)).into();
    assert!(strings.contains(&DataType::LargeUtf8) && strings.contains(&DataType::LargeBinary));
    assert_eq!(type_of(Layout::View, "d5_2"), DataType::Decimal256(5, 2));
    assert_eq!(type_of(Layout::Large, "d5_2"), DataType::Decimal32(5, 2));
    assert_eq!(type_of(Layout::Large, "d18_4"), DataType::Decimal64(18, 4));
    assert_eq!(type_of(Layout::Large, "bn10"), DataType::FixedSizeBinary(10));
    // Zero dates have no place in Arrow's dates.
    assert_eq!(type_of(Layout::View, "dt"), DataType::UInt64);
    assert!(matches!(type_of(Layout::View, "ts6"), DataType::Timestamp(..)));
}

#[test]
fn civil_parts_count_days() {
    use super::values::Civil;
    let days = |year, month, day| Civil { year, month, day, ..Civil::default() }.days();
    assert_eq!(days(1970, 1, 1), Some(0));
    assert_eq!(days(2000, 3, 1), Some(11_017));
    assert_eq!(days(1, 1, 1), Some(-719_162));
    assert_eq!(days(9999, 12, 31), Some(2_932_896));
    assert_eq!(days(2023, 2, 29), None);
    assert_eq!(days(2020, 0, 1), None);
}
