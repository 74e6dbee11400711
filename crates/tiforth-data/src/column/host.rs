// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Shows a host's values as they lie, for kernels that compare them with a constant without decoding
//! the column first. Only arrays nobody has decoded yet are shown; decoded ones are at hand in a form
//! kernels read. Nothing was checked of what is shown: who reads it tells in the same pass what does
//! not fit.

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type};
use arrow_array::{Array, ArrayRef};
use arrow_buffer::{NullBuffer, ScalarBuffer};
use arrow_schema::DataType;
use tiforth_types::Time;

use super::civil::{DATE_DAYS, unpack_day};
use super::decode::nulls_of;
use super::{Column, ColumnData};

/// Is the place of the low half of a 128-bit mantissa.
const LOW: usize = if cfg!(target_endian = "big") { 1 } else { 0 };

/// Holds a host's mantissas of 128 bits.
pub struct HostMantissas {
    halves: ScalarBuffer<i64>,
    /// The scale of all.
    pub scale: u8,
    /// Which rows are not NULL, where any is.
    pub nulls: Option<NullBuffer>,
}

/// Holds a host's days since 1970.
pub struct HostDays {
    /// The days.
    pub values: ScalarBuffer<i32>,
    /// Which rows are not NULL, where any is.
    pub nulls: Option<NullBuffer>,
}

impl HostMantissas {
    /// Returns the mantissas, a pair of halves each.
    #[inline]
    pub fn pairs(&self) -> &[[i64; 2]] {
        self.halves.as_chunks::<2>().0
    }

    /// Returns the mantissa a pair holds, if it fits 64 bits.
    #[inline(always)]
    pub fn low(pair: &[i64; 2]) -> i64 {
        pair[LOW]
    }

    /// Tells whether a pair's mantissa needs more than 64 bits.
    #[inline(always)]
    pub fn is_wide(pair: &[i64; 2]) -> bool {
        pair[1 - LOW] != pair[LOW] >> 63
    }
}

impl HostDays {
    /// Tells whether a day is none of MySQL's dates.
    #[inline(always)]
    pub fn is_no_date(day: i32) -> bool {
        const FIRST: i32 = *DATE_DAYS.start();
        const LAST: i32 = *DATE_DAYS.end();
        day.wrapping_sub(FIRST).cast_unsigned() > LAST.abs_diff(FIRST)
    }
}

impl Column {
    /// Returns a host's Decimal128 values as they lie.
    pub fn host_mantissas(&self) -> Option<HostMantissas> {
        let array = self.undecoded()?;
        let DataType::Decimal128(_, scale) = array.data_type() else { return None };
        let scale = u8::try_from(*scale).ok()?;
        let values = array.as_primitive::<Decimal128Type>().values();
        let halves = ScalarBuffer::<i64>::new(values.inner().clone(), 0, values.len() * 2);
        Some(HostMantissas { halves, scale, nulls: nulls_of(array) })
    }

    /// Returns a host's Date32 values as they lie.
    pub fn host_days(&self) -> Option<HostDays> {
        let array = self.undecoded()?;
        let values = array.as_primitive_opt::<Date32Type>()?.values();
        Some(HostDays { values: values.clone(), nulls: nulls_of(array) })
    }

    fn undecoded(&self) -> Option<&ArrayRef> {
        match self.data() {
            ColumnData::Host(host) if host.decoded.get().is_none() => Some(&host.array),
            _ => None,
        }
    }
}

/// Returns the days from 1970 to a date or to a datetime at midnight, if the calendar has that day.
pub fn day_of(time: Time) -> Option<i32> {
    const TIME_BITS: u64 = (1 << 41) - 1;
    (time.0 & TIME_BITS == 0).then(|| unpack_day(time.0)).flatten()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Date32Array, Decimal128Array};

    use super::*;

    #[test]
    fn what_does_not_fit_is_told() {
        let is_wide = |values: Vec<i128>| {
            let array = Decimal128Array::from(values).with_precision_and_scale(38, 2).ok()?;
            let shown = Column::host(Arc::new(array)).host_mantissas()?;
            Some(shown.pairs().iter().map(HostMantissas::is_wide).collect::<Vec<_>>())
        };
        let (least, most) = (i128::from(i64::MIN), i128::from(i64::MAX));
        assert_eq!(is_wide(vec![0, 1, -1, most, least]), Some(vec![false; 5]));
        assert_eq!(is_wide(vec![most + 1, least - 1, 1 << 64, -1 << 70]), Some(vec![true; 4]));

        let days = vec![0, -719_528, 2_932_896, 2_932_897, -719_529];
        let shown = Column::host(Arc::new(Date32Array::from(days))).host_days();
        let is_no_date = shown.map(|d| d.values.iter().map(|&v| HostDays::is_no_date(v)).collect());
        assert_eq!(is_no_date, Some(vec![false, false, false, true, true]));
    }

    #[test]
    fn a_day_is_one_of_the_calendar() {
        let date = |y: i64, m: i64, d: i64| Time((((y * 13 + m) << 46) | (d << 41)) as u64);
        assert_eq!(day_of(date(1970, 1, 1)), Some(0));
        assert_eq!(day_of(date(1994, 1, 1)), Some(8_766));
        assert_eq!(day_of(date(1994, 2, 30)), None);
        assert_eq!(day_of(date(0, 0, 0)), None);
        assert_eq!(day_of(Time(date(1970, 1, 1).0 | 1)), None);
    }
}
