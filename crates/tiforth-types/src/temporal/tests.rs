// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use proptest::prelude::*;

use super::*;

fn shown(time: Time, fsp: u8) -> String {
    let mut out = Vec::new();
    time.write_datetime(fsp, &mut out);
    String::from_utf8(out).unwrap()
}

fn shown_duration(duration: Duration, fsp: u8) -> String {
    let mut out = Vec::new();
    duration.write(fsp, &mut out);
    String::from_utf8(out).unwrap()
}

fn time(text: &str) -> Time {
    let mode = DateMode { allow_invalid_dates: true, ..DateMode::SELECT };
    let parsed = parse_time(text.as_bytes(), TimeKind::Datetime, 6, mode, &Zone::utc());
    parsed.value.unwrap()
}

fn zone(name: &str) -> Zone {
    Zone::new(TimeZone::parse(name).unwrap())
}

#[test]
fn packing_keeps_fields_and_order() {
    let texts = [
        "0000-00-00 00:00:00",
        "0000-01-01 00:00:00",
        "2020-00-10 01:02:03.4",
        "2020-01-00 00:00:00",
        "2020-01-31 23:59:59.999999",
        "2020-02-31 00:00:00",
        "9999-12-31 23:59:59.999999",
    ];
    for pair in texts.windows(2) {
        assert!(time(pair[0]) < time(pair[1]), "{pair:?}");
    }
    for text in texts {
        assert_eq!(time(text).fields().pack(), Some(time(text)));
    }
    assert_eq!(Time::new((2020, 1, 2), (3, 4, 5, 6)).unwrap().0 >> 46, 2020 * 13 + 1);
    for (date, clock) in [
        ((1, 13, 1), (0, 0, 0, 0)),
        ((1, 1, 32), (0, 0, 0, 0)),
        ((1, 1, 1), (24, 0, 0, 0)),
        ((1, 1, 1), (0, 0, 0, 1_000_000)),
        ((16_384, 1, 1), (0, 0, 0, 0)),
    ] {
        assert_eq!(Time::new(date, clock), None, "{date:?} {clock:?}");
    }
}

#[test]
fn texts_are_read_as_tidb_reads_them() {
    fn check(text: &str, fsp: u8, expected: &str, truncations: u8) {
        let zone = Zone::utc();
        let mode = DateMode::SELECT;
        let parsed = parse_time(text.as_bytes(), TimeKind::Datetime, fsp, mode, &zone);
        let got = match parsed.value {
            Ok(time) => shown(time, fsp),
            Err(error) => error.to_error(text.as_bytes()).message().to_owned(),
        };
        assert_eq!((got.as_str(), parsed.truncations), (expected, truncations), "{text:?}");
    }
    for (text, fsp, expected, truncations) in [
        ("2020-02-29", 0, "2020-02-29 00:00:00", 0),
        ("2020-2-9 1:2:3", 0, "2020-02-09 01:02:03", 0),
        ("20.2.9", 0, "2020-02-09 00:00:00", 0),
        ("70^2@9", 0, "1970-02-09 00:00:00", 0),
        ("2020--02---09", 0, "2020-02-09 00:00:00", 0),
        ("20200229T123456", 0, "Incorrect datetime value: '20200229T123456'", 0),
        ("20200229.123456", 0, "2020-02-29 12:34:56", 0),
        ("2002291234", 0, "2020-02-29 12:34:00", 0),
        ("200229123", 0, "2020-02-29 12:03:00", 0),
        ("200229123.5", 0, "2020-02-29 12:03:05", 0),
        ("20200229123456.7895", 3, "2020-02-29 12:34:56.790", 0),
        ("2020-12-31 23:59:59.5", 0, "2021-01-01 00:00:00", 0),
        ("9999-12-31 23:59:59.5", 0, "Incorrect time value: '{10000 1 1 0 0 0 0}'", 0),
        ("2020-02-30", 0, "Incorrect datetime value: '2020-2-30'", 0),
        ("2020-02-29 24:00:00", 0, "Incorrect time value: '24'", 0),
        ("2020-02-29 23:60:00", 0, "Incorrect time value: '60'", 0),
        ("2020-02-29 12:34:56Z", 0, "2020-02-29 12:34:56", 0),
        ("2020-02-29 12:34:56+0800", 0, "2020-02-29 04:34:56", 0),
        ("2020-02-29 12:34:56-05", 0, "2020-02-29 17:34:56", 0),
        (
            "2020-02-29 12:34:56+14:30",
            0,
            "Incorrect datetime value: '2020-02-29 12:34:56+14:30'",
            0,
        ),
        (
            "2020-02-29 12:34:56-00:00",
            0,
            "Incorrect datetime value: '2020-02-29 12:34:56-00:00'",
            0,
        ),
        ("2020-02-29 12:34:56 7", 0, "2020-02-29 12:34:56", 1),
        ("2020-02-29 12:34:56.7x", 1, "2020-02-29 12:34:56.7", 1),
        ("00-00-00", 0, "0000-00-00 00:00:00", 0),
        ("00-00-00 00:00:01", 0, "2000-00-00 00:00:01", 0),
        ("2020-01-0x", 0, "invalid number in '2020-01-0x'", 0),
        ("2020013x", 0, "2020-01-03 00:00:00", 0),
        ("200229.12345678", 0, "2020-02-29 12:34:56", 1),
        ("200229.1234567x", 0, "2020-02-29 12:34:56", 2),
        ("2002291234.567", 0, "2020-02-29 12:34:56", 1),
        ("2002291234-", 0, "Incorrect datetime value: '2002291234-'", 0),
        ("2002291234x", 0, "invalid number in '2002291234x'", 0),
    ] {
        check(text, fsp, expected, truncations);
    }
}

#[test]
fn modes_decide_on_irregular_dates() {
    let strict = DateMode::default();
    let free = DateMode { allow_invalid_dates: true, ..DateMode::SELECT };
    let read = |text: &str, mode| {
        let parsed = parse_time(text.as_bytes(), TimeKind::Date, 0, mode, &Zone::utc());
        parsed.value.map(|t| shown(t, 0))
    };
    let fields = Fields::date(2020, 0, 10);
    assert_eq!(read("2020-00-10", strict), Err(TemporalError::ZeroInDate(fields)));
    assert!(read("2020-00-10", DateMode::SELECT).is_ok());
    assert_eq!(read("0000-00-00", strict), Ok("0000-00-00 00:00:00".into()));
    let fields = Fields::date(2021, 2, 31);
    assert_eq!(read("2021-02-31", DateMode::SELECT), Err(TemporalError::NoSuchDay(fields)));
    assert_eq!(read("2021-02-31", free), Ok("2021-02-31 00:00:00".into()));
    let zero = time_from_number(0, TimeKind::Date, strict, &Zone::utc());
    assert_eq!(zero, Ok((Time::ZERO, false)));
}

#[test]
fn timestamps_obey_range_and_zone() {
    let new_york = zone("America/New_York");
    let read = |text: &str, zone: &Zone| {
        parse_time(text.as_bytes(), TimeKind::Timestamp, 0, DateMode::SELECT, zone).value
    };
    assert!(read("1970-01-01 00:00:00", &Zone::utc()).is_err());
    assert!(read("1970-01-01 00:00:01", &Zone::utc()).is_ok());
    assert!(read("2038-01-19 03:14:07", &Zone::utc()).is_ok());
    assert!(read("2038-01-19 03:14:08", &Zone::utc()).is_err());
    assert!(read("1969-12-31 19:00:01", &new_york).is_ok());
    let skipped = read("2023-03-12 02:30:00", &new_york);
    let adjusted = time("2023-03-12 03:00:00");
    assert_eq!(skipped, Err(TemporalError::DstTransition { adjusted }));
}

#[test]
fn times_are_read_as_tidb_reads_them() {
    for (text, fsp, value, is_right) in [
        ("12:34:56", 0, Some("12:34:56"), true),
        ("12:34:56.789", 2, Some("12:34:56.79"), true),
        ("-1 2:3", 0, Some("-26:03:00"), true),
        ("1 2", 0, Some("26:00:00"), true),
        ("12 : 34 : 56", 0, Some("12:34:56"), true),
        ("123456.5", 0, Some("12:34:57"), true),
        ("59:59.9", 0, Some("59:59:01"), true),
        ("10:59:59.9", 0, Some("11:00:00"), true),
        ("5959.9", 0, Some("01:00:00"), true),
        ("839:00:00", 0, Some("838:59:59"), false),
        ("-839:00:00", 0, Some("-838:59:59"), false),
        ("838:59:59.1", 1, Some("838:59:59.0"), false),
        ("12:60:00", 0, None, false),
        ("12x", 0, Some("00:00:12"), false),
        ("12:34:56.5 tail", 0, None, false),
        ("20200229123456", 0, Some("12:34:56"), true),
        ("2020-02-29 12:34:56.5", 0, Some("12:34:57"), true),
        ("99999999999999999999", 0, None, false),
        ("", 0, None, false),
    ] {
        let parsed = parse_duration(text.as_bytes(), fsp, DateMode::SELECT, &Zone::utc());
        let got = parsed.value.map(|d| shown_duration(d, fsp));
        assert_eq!((got.as_deref(), parsed.error.is_none()), (value, is_right), "{text:?}");
    }
}

#[test]
fn numbers_become_times() {
    for (value, expected) in [
        (101, Ok("2000-01-01 00:00:00")),
        (691_231, Ok("2069-12-31 00:00:00")),
        (700_101, Ok("1970-01-01 00:00:00")),
        (20_200_229, Ok("2020-02-29 00:00:00")),
        (200_229_123_456, Ok("2020-02-29 12:34:56")),
        (20_200_229_123_456, Ok("2020-02-29 12:34:56")),
        (691_232, Err("Incorrect time value: '691232'")),
        (100, Err("Incorrect time value: '100'")),
        (-20_200_229, Err("Incorrect time value: '-20200229'")),
        (20_200_230, Err("Incorrect datetime value: '2020-2-30'")),
    ] {
        let got = time_from_number(value, TimeKind::Datetime, DateMode::SELECT, &Zone::utc());
        let got = got.map(|(t, _)| shown(t, 0));
        let got = got.map_err(|e| e.to_error(b"").message().to_owned());
        assert_eq!(got, expected.map(str::to_owned).map_err(str::to_owned), "{value}");
    }
    assert_eq!(
        time("2020-02-29 12:34:56.789").to_number(TimeKind::Datetime, 2),
        (2_020_022_912_345_678, 2)
    );
    assert_eq!(time("2020-02-29 12:34:56").to_number(TimeKind::Date, 0), (20_200_229, 0));
    assert_eq!(
        time("9999-12-31 23:59:59.999999").to_number(TimeKind::Datetime, 6),
        (99_991_231_235_959_999_999, 6)
    );
    assert_eq!(Duration(-(3661 * 1_000_000_000 + 500_000_000)).to_number(1), (-101_015, 1));
    let huge = duration_from_number(8_386_000).map_err(|e| e.to_error(b"").message().to_owned());
    assert_eq!(huge, Err("Duration value is out of range in '8386000'".into()));
    // Eleven digits and more are a datetime, but none without a month or a day.
    assert_eq!(duration_from_number(20_200_229_123_456), Ok(Duration(45_296_000_000_000)));
    for zero_parts in [10_000_000_000, 20_200_000_123_456] {
        let got =
            duration_from_number(zero_parts).map_err(|e| e.to_error(b"").message().to_owned());
        assert_eq!(got, Err(format!("Duration value is out of range in '{zero_parts}'")));
    }
}

#[test]
fn rounding_carries() {
    let utc = Zone::utc();
    let round = |text: &str, fsp| {
        time(text)
            .round(fsp, &utc)
            .map(|t| shown(t, fsp))
            .map_err(|e| e.to_error(b"").message().to_owned())
    };
    assert_eq!(round("2020-02-28 23:59:59.999999", 3).unwrap(), "2020-02-29 00:00:00.000");
    assert_eq!(round("9999-12-31 23:59:59.5", 0).unwrap(), "10000-01-01 00:00:00");
    assert_eq!(round("2020-00-10 01:02:03.4567", 2).unwrap(), "2020-00-10 01:02:03.46");
    assert_eq!(round("2020-00-10 01:02:59.5", 0).unwrap(), "2020-00-10 01:03:00");
    assert_eq!(
        round("2020-00-10 23:59:59.5", 0).unwrap_err(),
        "Incorrect time value: '2020-00-10 23:59:59.500000'"
    );
    for (nanos, fsp, expected) in [
        (-1_500_000_000, 0, "-00:00:01"),
        (1_500_000_000, 0, "00:00:02"),
        (-1_550_000_000, 1, "-00:00:01.5"),
    ] {
        assert_eq!(shown_duration(Duration(nanos).round(fsp), fsp), expected);
    }
    // The second after a skipped hour's start is the second at its end.
    let new_york = zone("America/New_York");
    let late = time("2023-03-12 01:59:59.9").round(0, &new_york).unwrap();
    assert_eq!(shown(late, 0), "2023-03-12 03:00:00");
}

#[test]
fn intervals_are_read_and_added() {
    use IntervalUnit as U;
    for (start, unit, amount, expected) in [
        ("2020-01-31", U::Month, "1", Ok("2020-02-29 00:00:00")),
        ("2020-02-29", U::Year, "1", Ok("2021-02-28 00:00:00")),
        ("2020-01-31", U::Quarter, "-1", Ok("2019-10-31 00:00:00")),
        ("2020-01-31", U::YearMonth, "1-1", Ok("2021-02-28 00:00:00")),
        ("2020-01-31", U::DaySecond, "1 2:3:4", Ok("2020-02-01 02:03:04")),
        ("2020-01-31", U::DaySecond, "-1 2:3:4", Ok("2020-01-29 21:56:56")),
        ("2020-01-31", U::SecondMicrosecond, "1.5", Ok("2020-01-31 00:00:01")),
        ("2020-01-31", U::Week, "1", Ok("2020-02-07 00:00:00")),
        ("2020-01-31", U::Second, "86401.5", Ok("2020-02-01 00:00:01")),
        ("0000-03-01", U::Day, "1", Ok("0000-00-00 00:00:00")),
        ("9999-12-31", U::Day, "1", Err(TemporalError::DatetimeOverflow)),
        ("0001-01-01", U::Year, "-2", Err(TemporalError::DatetimeOverflow)),
        ("2020-01-31", U::Year, "9223372036854775807", Err(TemporalError::DatetimeOverflow)),
        ("2020-00-31", U::Day, "0", Err(TemporalError::OutOfRange(Fields::date(2020, 0, 31)))),
    ] {
        let (interval, error) = parse_interval(unit, amount.as_bytes());
        assert_eq!(error, None, "{amount}");
        let got = time(start).add_interval(interval).map(|t| shown(t, 0));
        assert_eq!(got, expected.map(str::to_owned), "{start} {amount} {unit}");
    }
    let incorrect = Some(TemporalError::Incorrect(Noun::Datetime));
    assert_eq!(parse_interval(U::DayHour, b"1 2 3"), (Interval::default(), incorrect));
    assert_eq!(parse_interval(U::Day, b"9223372036854775808").0.days, i64::MAX);
    assert_eq!(interval_duration(U::Month, b"2"), Err(TemporalError::TimeOverflow));
    assert_eq!(interval_duration(U::DayHour, b"1 2").unwrap().0, Duration(26 * 3_600_000_000_000));
    for (text, prefix, is_whole) in
        [(" 12 ", "12", true), ("1.5", "1", false), ("-3x", "-3", false), ("x", "0", false)]
    {
        assert_eq!(integer_prefix(text.as_bytes()), (prefix.as_bytes(), is_whole));
    }
    for unit in U::ALL {
        assert_eq!(U::parse(&unit.name().to_lowercase()), Some(*unit));
        assert!(unit.is_clock() || unit.is_date(), "{unit}");
    }
}

#[test]
fn the_calendar_counts() {
    for (period, months, sum) in [(202_012, 1, 202_101), (2012, 1, 202_101), (9912, 1, 200_001)] {
        assert_eq!(period_add(period, months), sum);
        assert_eq!(period_diff(sum, period), months);
    }
    for (period, is_valid) in [(0, false), (-1, false), (13, false), (12, true), (202_001, true)] {
        assert_eq!(period_is_valid(period), is_valid, "{period}");
    }
    let noon = time("2020-01-01 12:00:00");
    let clock = |hours: i64| Duration(hours * 3_600_000_000_000);
    assert_eq!(shown(noon.at(clock(-1)), 0), "2019-12-31 23:00:00");
    assert_eq!(shown(noon.at(clock(25)), 0), "2020-01-02 01:00:00");
    let moved = noon.add_duration(clock(-13), TimeKind::Datetime, DateMode::SELECT, &Zone::utc());
    assert_eq!(moved.map(|t| shown(t, 0)), Ok("2019-12-31 23:00:00".into()));
    assert_eq!(noon.since(time("2020-01-01")), clock(12));
    let month_end = timestamp_diff(IntervalUnit::Month, time("2020-01-31"), time("2020-02-29"));
    assert_eq!(month_end, 0);
}

#[test]
fn zones_convert() {
    for (text, expected) in [
        ("+08:00", Some(TimeZone::Offset(28_800))),
        ("-12:59", Some(TimeZone::Offset(-46_740))),
        ("-13:00", None),
        ("+14:01", None),
        ("+8:0", None),
        ("system", Some(TimeZone::UTC)),
        ("america/new_york", TimeZone::parse("America/New_York")),
        ("Mars/Olympus", None),
    ] {
        assert_eq!(TimeZone::parse(text), expected, "{text}");
    }
    assert_eq!(TimeZone::parse_for_conversion("-13:5"), Some(TimeZone::Offset(-47_100)));
    assert_eq!(TimeZone::Offset(-19_800).to_string(), "-05:30");
    for (name, civil, utc) in [
        ("America/New_York", "2023-11-05 01:30:00", Some("2023-11-05 05:30:00")),
        ("Europe/Berlin", "2023-10-29 02:30:00", Some("2023-10-29 01:30:00")),
        ("America/New_York", "2023-03-12 02:30:00", None),
        ("America/New_York", "2023-03-12 03:00:00", Some("2023-03-12 07:00:00")),
        ("America/New_York", "2500-07-01 00:00:00", Some("2500-07-01 04:00:00")),
        ("America/New_York", "1800-01-01 00:00:00", Some("1800-01-01 04:56:02")),
        ("MET", "1800-01-01 01:00:00", Some("1800-01-01 00:00:00")),
        ("MET", "2020-07-01 02:00:00", Some("2020-07-01 00:00:00")),
        ("EST5EDT", "1950-07-01 00:00:00", Some("1950-07-01 05:00:00")),
        ("EET", "2020-07-01 03:00:00", Some("2020-07-01 00:00:00")),
    ] {
        let zone = zone(name);
        let got = zone.to_utc(time(civil)).ok();
        assert_eq!(got, utc.map(|t| time(t).to_micros().unwrap()), "{name} {civil}");
        if let Some(micros) = got {
            assert_eq!(zone.to_civil(micros), Some(time(civil)), "{name} {civil}");
        }
    }
}

#[test]
fn regular_dates_are_the_calendars() {
    for year in (0..=401u16).chain([1900, 1970, 2000, 2023, 2024, 2100, 9996, 9999]) {
        for (month, day) in (0..=14u8).flat_map(|m| (0..=40u8).map(move |d| (m, d))) {
            let fields = Fields::date(year, month, day);
            let expected = fields.is_calendar_day().then(|| fields.pack_fitting());
            let text = format!("{year:04}-{month:02}-{day:02}");
            assert_eq!(parse_regular(text.as_bytes(), 0), expected, "{text}");
        }
    }
}

proptest! {
    #[test]
    fn regular_texts_read_the_same_either_way(
        date in (0u16..=9999, 0u8..=13, 0u8..=32),
        clock in (0u8..=24, 0u8..=60, 0u8..=60),
        fraction in "(\\.[0-9]{1,6})?",
        fsp in 0u8..=6,
        has_clock: bool,
    ) {
        let ((y, m, d), (h, i, s)) = (date, clock);
        let day = format!("{y:04}-{m:02}-{d:02}");
        let rest = if has_clock { format!(" {h:02}:{i:02}:{s:02}{fraction}") } else { String::new() };
        let read = |text: String| {
            let zone = Zone::utc();
            parse_time(text.as_bytes(), TimeKind::Datetime, fsp, DateMode::SELECT, &zone)
        };
        // A space after it sends the text the long way; so does a slash.
        let long = read(format!("{}{rest}", day.replace('-', "/")));
        prop_assert_eq!(read(format!("{day}{rest}")), long);
    }

    #[test]
    fn days_and_micros_come_back(days in -719_528i32..2_932_897, micros in 0i64..86_400_000_000) {
        let date = Time::from_date32(days).unwrap();
        prop_assert_eq!(date.to_date32(), Some(days));
        let number = date.day_number();
        if number > 365 {
            prop_assert_eq!(Time::from_day_number(number), date);
            prop_assert_eq!(number, i64::from(days) + 719_528);
        }
        let at = i64::from(days) * 86_400_000_000 + micros;
        prop_assert_eq!(Time::from_micros(at).and_then(Time::to_micros), Some(at));
    }

    #[test]
    fn no_text_panics(text in "[-+0-9:.TZ xé/ ]{0,30}", format in "[-%a-zA-Z0-9. #@]{0,12}", fsp in 0u8..=6) {
        let zone = zone("Europe/Berlin");
        let (bytes, mode) = (text.as_bytes(), DateMode::SELECT);
        for kind in [TimeKind::Date, TimeKind::Datetime, TimeKind::Timestamp] {
            let parsed = parse_time(bytes, kind, fsp, mode, &zone);
            if let Err(error) = parsed.value {
                error.to_error(bytes);
            }
            let _ = time_from_number_text(bytes, kind, fsp, mode, &zone);
        }
        parse_duration(bytes, fsp, mode, &zone);
        is_date_text(bytes);
        text_fsp(bytes);
        let _ = str_to_date(bytes, format.as_bytes(), mode, &zone);
        format_parts(format.as_bytes());
        for unit in IntervalUnit::ALL {
            let (interval, _) = parse_interval(*unit, bytes);
            let _ = Time::from_date(2020, 2, 29).unwrap().add_interval(interval);
            let _ = interval_duration(*unit, bytes);
        }
    }

    #[test]
    fn no_number_panics(n: i64, m: i64, mode: u8) {
        let zone = Zone::utc();
        let _ = time_from_number(n, TimeKind::Date, DateMode::SELECT, &zone);
        let _ = duration_from_number(n);
        period_add(n, m);
        period_diff(n, m);
        let time = Time::from_day_number(n);
        time.week(mode);
        let time = Time::ZERO.at(Duration(n));
        prop_assert!(time.year() < 16_384);
        let _ = Duration(n).clip().0.round(0);
        zone.to_civil_wrapping(n);
        let interval = Interval { years: n, months: m, days: n, nanos: m % 86_400_000_000_000, fsp: 0 };
        let _ = Time::from_date(1, 1, 1).unwrap().add_interval(interval);
    }
}

#[test]
fn a_format_is_printed_character_by_character() {
    for (format, printed) in [
        (&b"%Y\xff\xe4\xbd%m"[..], "2020\u{fffd}\u{fffd}\u{fffd}02"),
        ("%Y年%年".as_bytes(), "2020年年"),
        (b"%\xffd%", "\u{fffd}d"),
    ] {
        let mut out = Vec::new();
        let date = Time::from_date(2020, 2, 29).unwrap();
        date_format(date, format, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), printed, "{format:?}");
    }
}

#[test]
fn a_time_keeps_digits_of_its_own_beside_its_value() {
    for micros in [0, 1, -1, 999_999, -36_000_000_000, 3_020_399_000_000] {
        let value = Duration(micros * 1000);
        assert_eq!((value.form(), value.plain()), (None, value));
        for fsp in 0..=6 {
            let formed = value.with_form(fsp);
            assert_eq!((formed.form(), formed.plain()), (Some(fsp), value));
            assert_eq!(formed.with_form(6).form(), Some(6));
        }
    }
}
