// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Shows a host's values as they lie, for kernels that compare them without decoding the column first.
//! Of arrays somebody has decoded already only what decoding left as it was is shown; the rest is at
//! hand in a form kernels read. Nothing was checked of what is shown: who reads it tells in the same
//! pass what does not fit.

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Float64Type};
use arrow_array::{Array, ArrayRef};
use arrow_buffer::{NullBuffer, ScalarBuffer};
use arrow_schema::DataType;
use tiforth_types::Time;
use tiforth_types::sql_type::DECIMAL_SCALE_MAX;

use super::civil::{DATE_DAYS, unpack_day};
use super::decode::nulls_of;
use super::{Column, ColumnData, DecimalColumn};

/// Is the place of the low half of a 128-bit mantissa.
const LOW: usize = if cfg!(target_endian = "big") { 1 } else { 0 };

/// Holds mantissas of 128 bits.
pub struct MantissaPairs {
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

impl MantissaPairs {
    /// Shows mantissas as pairs of halves.
    fn new(values: &ScalarBuffer<i128>, scale: u8, nulls: Option<NullBuffer>) -> Self {
        let halves = ScalarBuffer::new(values.inner().clone(), 0, values.len() * 2);
        MantissaPairs { halves, scale, nulls }
    }

    /// Returns the mantissas, a pair of halves each.
    #[inline]
    pub fn pairs(&self) -> &[[i64; 2]] {
        self.halves.as_chunks::<2>().0
    }

    /// Returns the low half of the mantissa a pair holds: all of it, if it fits 64 bits.
    #[inline(always)]
    pub fn low(pair: &[i64; 2]) -> i64 {
        pair[LOW]
    }

    /// Returns the high half.
    #[inline(always)]
    pub fn high(pair: &[i64; 2]) -> i64 {
        pair[1 - LOW]
    }

    /// Returns the pair of two halves.
    #[inline(always)]
    pub fn pair(high: i64, low: i64) -> [i64; 2] {
        let mut pair = [high; 2];
        pair[LOW] = low;
        pair
    }

    /// Returns the pair that holds a mantissa.
    #[inline(always)]
    pub fn pair_of(mantissa: i128) -> [i64; 2] {
        Self::pair((mantissa >> 64) as i64, mantissa as i64)
    }

    /// Returns the mantissa a pair holds.
    #[inline(always)]
    pub fn mantissa(pair: &[i64; 2]) -> i128 {
        i128::from(Self::high(pair)) << 64 | i128::from(Self::low(pair).cast_unsigned())
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
    /// Returns mantissas of 128 bits as they lie: a host's, or those of lanes of that width.
    pub fn mantissa_pairs(&self) -> Option<MantissaPairs> {
        let column = match self.data() {
            ColumnData::Host(host) => match host.decoded.get() {
                Some(decoded) => decoded,
                None => return undecoded_pairs(&host.array),
            },
            _ => self,
        };
        match column.data() {
            ColumnData::Decimal(DecimalColumn::Lane128 { values, scale, .. }) => {
                Some(MantissaPairs::new(values, *scale, column.null_buffer()))
            }
            _ => None,
        }
    }

    /// Returns a host's Date32 values as they lie.
    pub fn host_days(&self) -> Option<HostDays> {
        let array = self.undecoded()?;
        let values = array.as_primitive_opt::<Date32Type>()?.values();
        Some(HostDays { values: values.clone(), nulls: nulls_of(array) })
    }

    /// Returns a host's Float64 values as they lie, those that are not finite too.
    pub fn host_doubles(&self) -> Option<Column> {
        let array = self.undecoded()?;
        let values = array.as_primitive_opt::<Float64Type>()?.values();
        Some(Column::reals(values.clone(), nulls_of(array)))
    }

    fn undecoded(&self) -> Option<&ArrayRef> {
        match self.data() {
            ColumnData::Host(host) if host.decoded.get().is_none() => Some(&host.array),
            _ => None,
        }
    }
}

/// Shows a host's array, unless decoding it would round.
fn undecoded_pairs(array: &ArrayRef) -> Option<MantissaPairs> {
    let DataType::Decimal128(_, scale) = array.data_type() else { return None };
    let scale = u8::try_from(*scale).ok().filter(|&s| i32::from(s) <= DECIMAL_SCALE_MAX)?;
    let values = array.as_primitive::<Decimal128Type>().values();
    Some(MantissaPairs::new(values, scale, nulls_of(array)))
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
            let shown = Column::host(Arc::new(array)).mantissa_pairs()?;
            Some(shown.pairs().iter().map(MantissaPairs::is_wide).collect::<Vec<_>>())
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
