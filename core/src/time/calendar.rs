//! The Gregorian calendar, both ways: `2026-11-24T02:33:46` to milliseconds since 1970 and back. UTC only, no leap seconds.

use super::Timestamp;
use alloc::{format, string::String};

const DAY_MILLIS: i64 = 86_400_000;
/// Years beyond this do not fit the milliseconds of a [`Timestamp`].
const MAX_YEAR: i64 = 292_000_000;

/// A point of time by the calendar; each part within its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DateTime {
    pub(super) year: i64,
    /// 1 to 12.
    pub(super) month: u8,
    /// 1 to 31.
    pub(super) day: u8,
    pub(super) hour: u8,
    pub(super) minute: u8,
    pub(super) second: u8,
    /// Within the second.
    pub(super) nanos: u32,
}

impl DateTime {
    /// The day's first instant; `None` where there is no such day.
    pub(super) fn midnight(year: i64, month: u8, day: u8) -> Option<DateTime> {
        let valid = (-MAX_YEAR..=MAX_YEAR).contains(&year) && day >= 1 && day <= days_in_month(year, month);
        valid.then_some(DateTime { year, month, day, hour: 0, minute: 0, second: 0, nanos: 0 })
    }

    /// The instant that clocks of this offset (seconds east of UTC) show so.
    pub(super) fn at_offset(self, seconds_east: i32) -> Timestamp {
        let days = days_from_date(self.year, self.month, self.day);
        let minutes = i64::from(self.hour).wrapping_mul(60).wrapping_add(i64::from(self.minute));
        let seconds =
            minutes.wrapping_mul(60).wrapping_add(i64::from(self.second)).wrapping_sub(i64::from(seconds_east));
        let millis = seconds.wrapping_mul(1000).wrapping_add(i64::from(self.nanos / 1_000_000));
        Timestamp { millis: days.wrapping_mul(DAY_MILLIS).wrapping_add(millis), sub_nanos: self.nanos % 1_000_000 }
    }

    pub(super) fn from_timestamp(time: Timestamp) -> DateTime {
        let (year, month, day) = date_from_days(time.millis.div_euclid(DAY_MILLIS));
        let millis = time.millis.rem_euclid(DAY_MILLIS);
        let part = |part: i64| u8::try_from(part).unwrap_or(0);
        let below = u32::try_from(millis % 1000).unwrap_or(0);
        DateTime {
            year,
            month,
            day,
            hour: part(millis / 3_600_000),
            minute: part(millis / 60_000 % 60),
            second: part(millis / 1000 % 60),
            nanos: below.wrapping_mul(1_000_000).wrapping_add(time.sub_nanos % 1_000_000),
        }
    }

    /// The same clock time `months` later; the day is cut to the length of that month.
    pub(super) fn add_months(self, months: i64) -> Option<DateTime> {
        let total =
            self.year.checked_mul(12)?.checked_add(i64::from(self.month).wrapping_sub(1))?.checked_add(months)?;
        let (year, month) = (total.div_euclid(12), u8::try_from(total.rem_euclid(12)).ok()?.wrapping_add(1));
        let midnight = DateTime::midnight(year, month, 1)?;
        Some(DateTime { year: midnight.year, month, day: self.day.min(days_in_month(year, month)), ..self })
    }

    /// Days since the last Monday: 0 to 6.
    pub(super) fn days_since_monday(self) -> i64 {
        // 1970-01-01 was a Thursday.
        days_from_date(self.year, self.month, self.day).wrapping_add(3).rem_euclid(7)
    }
}

/// Four digits; more with a plus, as ISO 8601 wants it.
pub(super) fn year_text(year: i64) -> String {
    match year {
        0..=9999 => format!("{year:04}"),
        10_000.. => format!("+{year}"),
        _ => format!("-{:04}", year.unsigned_abs()),
    }
}

fn is_leap(year: i64) -> bool {
    year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0)
}

fn days_in_month(year: i64, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 0,
    }
}

/// Days from 1970-01-01. Years are counted from March, so that the leap day is the last of its year and months have a regular length:
/// `(153 m + 2) / 5` days lie before month m of March to February. 400 years have 146,097 days; 1970 began 719,468 days after 0000-03-01.
fn days_from_date(year: i64, month: u8, day: u8) -> i64 {
    let year = if month <= 2 { year.wrapping_sub(1) } else { year };
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    let month = i64::from(month).wrapping_add(9) % 12;
    let day_of_year = (month.wrapping_mul(153).wrapping_add(2) / 5).wrapping_add(i64::from(day)).wrapping_sub(1);
    let leap_days = (year / 4).wrapping_sub(year / 100);
    let day_of_era = year.wrapping_mul(365).wrapping_add(leap_days).wrapping_add(day_of_year);
    era.wrapping_mul(146_097).wrapping_add(day_of_era).wrapping_sub(719_468)
}

/// The opposite of [`days_from_date`].
fn date_from_days(days: i64) -> (i64, u8, u8) {
    let days = days.wrapping_add(719_468);
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    // Take away the leap days before this day, then all years have 365 days.
    let leap_days = (day / 1460).wrapping_sub(day / 36_524).wrapping_add(day / 146_096);
    let year = day.wrapping_sub(leap_days) / 365;
    let first = year.wrapping_mul(365).wrapping_add(year / 4).wrapping_sub(year / 100);
    let day_of_year = day.wrapping_sub(first);
    let month = day_of_year.wrapping_mul(5).wrapping_add(2) / 153;
    let day = day_of_year.wrapping_sub(month.wrapping_mul(153).wrapping_add(2) / 5).wrapping_add(1);
    let (month, next) = if month < 10 { (month.wrapping_add(3), 0) } else { (month.wrapping_sub(9), 1) };
    let year = era.wrapping_mul(400).wrapping_add(year).wrapping_add(next);
    (year, u8::try_from(month).unwrap_or(1), u8::try_from(day).unwrap_or(1))
}
