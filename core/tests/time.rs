//! Dates in all the forms that Elasticsearch reads, with jiff as the plain twin of the parser and the calendar.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use eqlite_core::{
    Timestamp,
    eql::ast::CompareOp,
    time::{DateError, DateFormat, DateRange},
};

/// A small generator of numbers: the same ones in every run.
struct Random(u64);
impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap_or_else(|| panic!("{text} is a date"))
}

#[test]
fn every_form_of_strict_date_optional_time() {
    for (text, millis, sub_nanos) in [
        ("2026-11-24T02:33:46.657Z", 1_795_487_626_657, 0),
        ("2026-11-24T02:33:46,657Z", 1_795_487_626_657, 0),
        ("2026-11-24T02:33:46.657", 1_795_487_626_657, 0),
        ("2026-11-24T02:33:46.657123456Z", 1_795_487_626_657, 123_456),
        ("2026-11-24T02:33:46.6Z", 1_795_487_626_600, 0),
        ("2026-11-24T03:33:46.657+01:00", 1_795_487_626_657, 0),
        ("2026-11-23T21:03:46.657-0530", 1_795_487_626_657, 0),
        ("2026-11-24T04:33:46.657+02", 1_795_487_626_657, 0),
        ("2026-11-24T02:33:46Z", 1_795_487_626_000, 0),
        ("2026-11-24T02:33Z", 1_795_487_580_000, 0),
        ("2026-11-24T02", 1_795_485_600_000, 0),
        ("2026-11-24T", 1_795_478_400_000, 0),
        ("2026-11-24", 1_795_478_400_000, 0),
        ("2026-11", 1_793_491_200_000, 0),
        ("2026", 1_767_225_600_000, 0),
        ("1969-12-31T23:59:59.9999Z", -1, 900_000),
        ("1795487626657", 1_795_487_626_657, 0),
        ("1795487626657.123456", 1_795_487_626_657, 123_456),
        ("-1", -1, 0),
        ("0", 0, 0),
    ] {
        assert_eq!(at(text), Timestamp { millis, sub_nanos }, "{text}");
    }
    for bad in [
        "",
        "2026-1-2",
        "2026-13-01",
        "2026-02-29",
        "2026-11-24 02:33",
        "2026-11-24T24:00",
        "2026-11-24T02:60",
        "2026-11-24T02:33:60",
        "2026-11-24T02:33:46.",
        "2026-11-24T02:33:46.1234567890",
        "2026-11-24T02:33:46.657z",
        "2026-11-24T2:33",
        "2026-11-24Z",
        "20261",
        "2026-11-24T02:33:46+1",
        "2026-11-24T02:33:46+19:00",
        "now",
        "1.",
        "1.1234567",
        "99999999999999999999",
        " 2026",
        "2026-11-24T02:33:46Zx",
    ] {
        // A short count of digits is a count of milliseconds.
        let expected = (bad == "20261").then(|| Timestamp::from_millis(20_261));
        assert_eq!(Timestamp::parse(bad), expected, "{bad}");
    }
}

#[test]
fn iso_text_has_more_digits_only_for_nanoseconds() {
    assert_eq!(Timestamp::from_millis(0).to_iso(), "1970-01-01T00:00:00.000Z");
    assert_eq!(Timestamp::from_millis(-1).to_iso(), "1969-12-31T23:59:59.999Z");
    assert_eq!(Timestamp { millis: 5, sub_nanos: 120_000 }.to_iso(), "1970-01-01T00:00:00.00512Z");
    assert_eq!(Timestamp { millis: 5, sub_nanos: 1 }.to_iso(), "1970-01-01T00:00:00.005000001Z");
    // The ends of what a timestamp holds are dates too.
    assert_eq!(Timestamp::from_millis(i64::MAX).to_iso(), "+292278994-08-17T07:12:55.807Z");
    assert_eq!(Timestamp::from_millis(i64::MIN).to_iso(), "-292275055-05-16T16:47:04.192Z");
}

#[test]
fn the_calendar_is_that_of_jiff() {
    let mut random = Random(7);
    for _ in 0..20_000 {
        let millis = i64::try_from(random.below(1 << 31) * random.below(1 << 17)).unwrap() - (1 << 45);
        let sub_nanos = u32::try_from(random.below(1_000_000)).unwrap();
        let time = Timestamp { millis, sub_nanos };
        let twin = jiff::Timestamp::from_nanosecond(time.as_nanos()).unwrap();
        let text = time.to_iso();
        assert_eq!(text.parse::<jiff::Timestamp>().unwrap(), twin, "{text}");
        assert_eq!(Timestamp::parse(&text), Some(time), "{text}");
        // With an offset, as jiff writes it.
        let hours = i8::try_from(random.below(29)).unwrap() - 14;
        let zoned = twin.display_with_offset(jiff::tz::offset(hours)).to_string();
        assert_eq!(Timestamp::parse(&zoned), Some(time), "{zoned}");
    }
}

#[test]
fn days_that_do_not_exist_are_refused_as_by_jiff() {
    for year in [1900, 1999, 2000, 2023, 2024, 2100] {
        for month in 0..=13_i8 {
            for day in 0..=32_i8 {
                let ours = Timestamp::parse(&format!("{year:04}-{month:02}-{day:02}"));
                let twin = jiff::civil::Date::new(year, month, day).ok();
                assert_eq!(ours.is_some(), twin.is_some(), "{year}-{month}-{day}");
            }
        }
    }
}

#[test]
fn formats_of_mappings() {
    let time = at("2026-11-24T02:33:46.657Z");
    for (format, text) in [
        ("strict_date_optional_time||epoch_millis", "2026-11-24T02:33:46.657Z"),
        ("epoch_millis", "1795487626657"),
        ("yyyy-MM-dd HH:mm:ss.SSS", "2026-11-24 02:33:46.657"),
        ("uuuuMMddHHmmssSSS", "20261124023346657"),
        ("basic_date_time", "20261124T023346.657Z"),
        ("strict_date_time", "2026-11-24T02:33:46.657Z"),
        ("date_hour_minute_second_millis", "2026-11-24T02:33:46.657"),
        ("d/M/yyyy h:mm:ss.SSS a", "24/11/2026 2:33:46.657 AM"),
        ("EEE, dd MMM yyyy HH:mm:ss.SSS X", "Tue, 24 Nov 2026 02:33:46.657 Z"),
        ("EEEE d MMMM yy 'at' HH''mm:ss[.SSS]", "Tuesday 24 November 26 at 02'33:46.657"),
    ] {
        let parsed = DateFormat::parse(format).unwrap();
        assert_eq!(parsed.parse_date(text), Some(time), "{format}");
        assert_eq!(parsed.format(time), text, "{format}");
    }
    let day = DateFormat::parse("dd-MM-yyyy||yyyy/MM").unwrap();
    assert_eq!(day.parse_date("24-11-2026"), Some(at("2026-11-24")));
    assert_eq!(day.parse_date("2026/11"), Some(at("2026-11-01")));
    assert_eq!(day.parse_date("2026-11-24"), None);
    assert_eq!(day.parse_date("4-11-2026"), None);
    assert_eq!(DateFormat::parse("yyyy HH:mm[:ss]").unwrap().parse_date("2026 10:11"), Some(at("2026-01-01T10:11")));
    assert_eq!(DateFormat::parse("epoch_second").unwrap().parse_date("1.5"), Some(Timestamp::from_millis(1500)));
    assert_eq!(
        DateFormat::parse("date_optional_time").unwrap().parse_date("2026-1-2T3:04"),
        Some(at("2026-01-02T03:04"))
    );
    for bad in ["", "weekyear_week", "yyyy 'open", "yyyy[MM", "yyyy]", "yyyy||", "QQ"] {
        assert!(DateFormat::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_date_in_a_query_covers_what_it_leaves_open() {
    let format = DateFormat::default();
    let now = Some(at("2026-11-24T02:33:46.657Z"));
    for (text, first, last) in [
        ("2026-11-24", "2026-11-24T00:00:00.000Z", "2026-11-24T23:59:59.999999999Z"),
        ("2026-11-24T02", "2026-11-24T02:00:00.000Z", "2026-11-24T02:59:59.999999999Z"),
        ("2026-11-24T02:33:46", "2026-11-24T02:33:46.000Z", "2026-11-24T02:33:46.999999999Z"),
        ("2026-11-24T02:33:46.6Z", "2026-11-24T02:33:46.600Z", "2026-11-24T02:33:46.600Z"),
        // Elasticsearch fills a missing month and day with 01 at both ends.
        ("2026-11", "2026-11-01T00:00:00.000Z", "2026-11-01T23:59:59.999999999Z"),
        ("1000000", "1970-01-01T00:16:40.000Z", "1970-01-01T00:16:40.000999999Z"),
        ("now", "2026-11-24T02:33:46.657Z", "2026-11-24T02:33:46.657Z"),
        ("now-1d/d", "2026-11-23T00:00:00.000Z", "2026-11-23T23:59:59.999999999Z"),
        ("now/w", "2026-11-23T00:00:00.000Z", "2026-11-29T23:59:59.999999999Z"),
        ("now-h/h", "2026-11-24T01:00:00.000Z", "2026-11-24T01:59:59.999999999Z"),
        ("2026-01-31||+1M", "2026-02-28T00:00:00.000Z", "2026-02-28T00:00:00.000Z"),
        ("2024-02-29||-1y/M", "2023-02-01T00:00:00.000Z", "2023-02-28T23:59:59.999999999Z"),
        ("2026-11-24||/y", "2026-01-01T00:00:00.000Z", "2026-12-31T23:59:59.999999999Z"),
        ("2026-11-24||+90m-2s", "2026-11-24T01:29:58.000Z", "2026-11-24T01:29:58.000Z"),
    ] {
        let range = DateRange::parse(text, &format, now).unwrap();
        assert_eq!((range.first.to_iso().as_str(), range.last.to_iso().as_str()), (first, last), "{text}");
    }
    for (text, error) in [
        ("yesterday", DateError::NotADate),
        ("x||-1d", DateError::NotADate),
        ("2026||-1", DateError::BadMath),
        ("2026||*1d", DateError::BadMath),
        ("now/2d", DateError::BadMath),
        ("nowish", DateError::BadMath),
        ("2026||+9999999999999999y", DateError::BadMath),
    ] {
        assert_eq!(DateRange::parse(text, &format, now), Err(error), "{text}");
    }
    assert_eq!(DateRange::parse("now", &format, None), Err(DateError::NeedsNow));
}

#[test]
fn each_comparison_takes_its_end_of_the_range() {
    let day = DateRange::parse("2026-11-24", &DateFormat::default(), None).unwrap();
    let (before, within, after) = (at("2026-11-23T23:59:59.999Z"), at("2026-11-24T12:00:00Z"), at("2026-11-25"));
    for (op, expected) in [
        (CompareOp::Eq, [false, true, false]),
        (CompareOp::Ne, [true, false, true]),
        (CompareOp::Lt, [true, false, false]),
        (CompareOp::Le, [true, true, false]),
        (CompareOp::Gt, [false, false, true]),
        (CompareOp::Ge, [false, true, true]),
    ] {
        assert_eq!([before, within, after].map(|time| day.compare(op, time)), expected, "{op:?}");
    }
}
