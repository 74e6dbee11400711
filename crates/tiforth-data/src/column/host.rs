// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Shows a host's values as they lie, for kernels that compare them with a constant without decoding
//! the column first. Only arrays nobody has decoded yet are shown; decoded ones are at hand in a form
//! kernels read.

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type};
use arrow_array::{Array, ArrayRef};
use arrow_buffer::{NullBuffer, ScalarBuffer};
use arrow_schema::DataType;
use tiforth_types::Time;

use super::civil::{DATE_DAYS, unpack_day};
use super::decode::nulls_of;
use super::{Column, ColumnData};
use crate::simd;

/// Is the place of the low half of a 128-bit mantissa.
const LOW: usize = if cfg!(target_endian = "big") { 1 } else { 0 };

/// Holds a host's mantissas of 128 bits that all fit 64.
pub struct HostMantissas {
    halves: ScalarBuffer<i64>,
    /// The scale of all.
    pub scale: u8,
    /// Which rows are not NULL, where any is.
    pub nulls: Option<NullBuffer>,
}

/// Holds a host's days since 1970, all of them dates of MySQL's.
pub struct HostDays {
    /// The days.
    pub values: ScalarBuffer<i32>,
    /// Which rows are not NULL, where any is.
    pub nulls: Option<NullBuffer>,
}

impl HostMantissas {
    /// Returns the mantissas, a pair of halves each; [`low`](Self::low) reads one.
    #[inline]
    pub fn pairs(&self) -> &[[i64; 2]] {
        self.halves.as_chunks::<2>().0
    }

    /// Returns the mantissa a pair holds.
    #[inline(always)]
    pub fn low(pair: &[i64; 2]) -> i64 {
        pair[LOW]
    }
}

impl Column {
    /// Returns a host's Decimal128 values if all mantissas, those under NULLs too, fit 64 bits.
    pub fn host_mantissas(&self) -> Option<HostMantissas> {
        let array = self.undecoded()?;
        let DataType::Decimal128(_, scale) = array.data_type() else { return None };
        let scale = u8::try_from(*scale).ok()?;
        let values = array.as_primitive::<Decimal128Type>().values();
        let halves = ScalarBuffer::<i64>::new(values.inner().clone(), 0, values.len() * 2);
        let pairs = halves.as_chunks::<2>().0;
        let lost = simd::dispatch(
            #[inline(always)]
            || pairs.iter().fold(0, |lost, p| lost | (p[1 - LOW] ^ (p[LOW] >> 63))),
        );
        (lost == 0).then(|| HostMantissas { halves, scale, nulls: nulls_of(array) })
    }

    /// Returns a host's Date32 values if all, those under NULLs too, are dates of MySQL's.
    pub fn host_days(&self) -> Option<HostDays> {
        let array = self.undecoded()?;
        let values = array.as_primitive_opt::<Date32Type>()?.values();
        let (first, last) = DATE_DAYS.into_inner();
        let is_out = simd::dispatch(
            #[inline(always)]
            || values.iter().fold(false, |out, &day| out | (day < first) | (day > last)),
        );
        (!is_out).then(|| HostDays { values: values.clone(), nulls: nulls_of(array) })
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
    fn only_what_fits_is_shown() {
        let decimals = |values: Vec<i128>| {
            let array = Decimal128Array::from(values).with_precision_and_scale(38, 2).ok()?;
            let shown = Column::host(Arc::new(array)).host_mantissas()?;
            Some((shown.pairs().iter().map(HostMantissas::low).collect::<Vec<_>>(), shown.scale))
        };
        let edges = vec![0, 1, -1, i64::MAX, i64::MIN];
        assert_eq!(decimals(edges.iter().map(|&v| v.into()).collect()), Some((edges, 2)));
        assert_eq!(decimals(vec![1, i128::from(i64::MAX) + 1]), None);
        assert_eq!(decimals(vec![1, i128::from(i64::MIN) - 1]), None);

        let days = |values: Vec<i32>| {
            let shown = Column::host(Arc::new(Date32Array::from(values))).host_days()?;
            Some(shown.values.to_vec())
        };
        assert_eq!(days(vec![0, -719_528, 2_932_896]), Some(vec![0, -719_528, 2_932_896]));
        assert_eq!(days(vec![2_932_897]), None);
        assert_eq!(days(vec![-719_529]), None);
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
