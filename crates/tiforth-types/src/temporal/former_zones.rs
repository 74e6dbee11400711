// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Gives eleven zones the history they had until the IANA database made them links (release 2024b).
//!
//! `MET`, `EST5EDT` and the like were zones of their own, without a city's local time before the first
//! rule. TiDB's database still has them so. From `since_year` on their changes are those of a city;
//! before it, they kept standard time but for the summers listed. Source: tzdata 2024a, files
//! `europe` and `northamerica`, rules C-Eur and US.

use chrono_tz::Tz;

use super::calendar::unix_day;

/// Is a zone that was none of a city.
pub(super) struct FormerZone {
    /// Seconds east of UTC outside summers.
    standard: i64,
    /// The city that has its changes since `since_year`, and what to add to the city's offset.
    pub(super) city: Option<(Tz, i64)>,
    since_year: i64,
    summers: &'static [Summer],
}

/// Is a summer time of one hour: first and last moment as (year, month, day, hour) of standard time.
type Summer = [(i64, i64, i64, i64); 2];

const C_EUR: &[Summer] = &[
    [(1916, 4, 30, 23), (1916, 10, 1, 0)],
    [(1917, 4, 16, 2), (1917, 9, 17, 2)],
    [(1918, 4, 15, 2), (1918, 9, 16, 2)],
    [(1940, 4, 1, 2), (1942, 11, 2, 2)],
    [(1943, 3, 29, 2), (1943, 10, 4, 2)],
    [(1944, 4, 3, 2), (1944, 10, 2, 2)],
    [(1945, 4, 2, 2), (1945, 9, 16, 2)],
];

const US: &[Summer] = &[
    [(1918, 3, 31, 2), (1918, 10, 27, 1)],
    [(1919, 3, 30, 2), (1919, 10, 26, 1)],
    [(1942, 2, 9, 2), (1945, 9, 30, 1)],
];

/// Returns the former zone of this name.
pub(super) fn former_zone(tz: Tz) -> Option<FormerZone> {
    const HOUR: i64 = 3600;
    let fixed = |hours: i64| FormerZone {
        standard: hours * HOUR,
        city: None,
        since_year: i64::MAX,
        summers: &[],
    };
    let european = |hours: i64, summers| FormerZone {
        standard: hours * HOUR,
        city: Some((Tz::Europe__Brussels, (hours - 1) * HOUR)),
        since_year: 1977,
        summers,
    };
    let american = |hours: i64, city| FormerZone {
        standard: hours * HOUR,
        city: Some((city, 0)),
        since_year: 1967,
        summers: US,
    };
    Some(match tz {
        Tz::EST => fixed(-5),
        Tz::MST => fixed(-7),
        Tz::HST => fixed(-10),
        Tz::WET => european(0, &[]),
        Tz::CET | Tz::MET => european(1, C_EUR),
        Tz::EET => european(2, &[]),
        Tz::EST5EDT => american(-5, Tz::America__New_York),
        Tz::CST6CDT => american(-6, Tz::America__Chicago),
        Tz::MST7MDT => american(-7, Tz::America__Denver),
        Tz::PST8PDT => american(-8, Tz::America__Los_Angeles),
        _ => return None,
    })
}

impl FormerZone {
    /// Lists (UTC second, offset) of the changes before the city's, the first at `i64::MIN`.
    pub(super) fn changes(&self) -> impl Iterator<Item = (i64, i64)> {
        let utc = |(year, month, day, hour): (i64, i64, i64, i64)| {
            unix_day(year, month, day) * 86_400 + hour * 3600 - self.standard
        };
        let summers = self.summers.iter().flat_map(move |[start, end]| {
            [(utc(*start), self.standard + 3600), (utc(*end), self.standard)]
        });
        std::iter::once((i64::MIN, self.standard)).chain(summers)
    }

    /// Returns the UTC second from which on the changes are the city's.
    pub(super) fn since(&self) -> i64 {
        unix_day(self.since_year.min(9999), 1, 1) * 86_400
    }
}
