// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use tiforth_expr::Places;
use tiforth_expr::kernel::Rows;

use super::*;

/// Gives pseudo-random numbers.
fn numbers(count: usize, bits: u32) -> Vec<i64> {
    let mut state = 7u64;
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state.rotate_left(23) as i64) >> (64 - bits)
        })
        .collect()
}

/// Holds sums by masks to sums row by row, whatever the bits, NULLs and number of groups.
#[test]
fn masked_sums_are_those_of_single_rows() {
    for bits in [1, 8, 50, 53, 60, 64] {
        for group_count in [1usize, 3, 4, 5, 16] {
            for has_nulls in [false, true] {
                let values = numbers(5_003, bits);
                let groups: Vec<u32> = numbers(5_003, 32)
                    .iter()
                    .map(|v| v.rem_euclid(group_count as i64) as u32)
                    .collect();
                let selection: Vec<u32> = (0..5_003).filter(|row| row % 7 != 3).collect();
                let picked: Vec<u32> = selection.iter().map(|&row| groups[row as usize]).collect();
                let mut ids = vec![NO_GROUP; 5_003];
                let mut counts = vec![0i64; group_count];
                for (&row, &group) in selection.iter().zip(&picked) {
                    ids[row as usize] = group as u8;
                    counts[group as usize] += 1;
                }
                let nulls =
                    has_nulls.then(|| (0..5_003).map(|row| row % 5 != 1).collect::<Vec<_>>());
                let column = DecimalColumn::lane64(values, 2, 2);
                let column = Column::decimals(column, nulls.map(NullBuffer::from));
                let rows = Rows::selected(5_003, &selection);
                let groups = Some(&picked[..]);
                let mut slow =
                    GroupedRows { rows, groups, group_count, few: None, places: Places::Batch(0) };
                let summed = |rows| {
                    let mut sums = DecimalSum::default();
                    sums.resize(group_count);
                    for _ in 0..3 {
                        sums.update(std::slice::from_ref(&column), rows).unwrap();
                    }
                    let values = (0..group_count).map(|g| sums.value(g).unwrap().to_string());
                    (values.collect::<Vec<_>>(), sums.counts)
                };
                let wanted = summed(slow);
                slow.few = Some(FewGroups { ids: &ids, counts: &counts });
                assert_eq!(summed(slow), wanted, "{bits} bits, {group_count} groups, {has_nulls}");
            }
        }
    }
}
