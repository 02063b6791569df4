//! Event time. There is no clock in this crate: time comes with the events.
//!
//! ```
//! use eqlite_core::Timestamp;
//! let time = Timestamp::parse("2026-11-24T03:33:46.657+01:00").unwrap();
//! assert_eq!(time, Timestamp::from_millis(1_795_487_626_657));
//! assert_eq!(time.to_iso(), "2026-11-24T02:33:46.657Z");
//! ```

mod calendar;
mod duration;
mod format;
mod iso;
mod java_pattern;
mod range;

pub(crate) use duration::duration_text;
pub use duration::parse_duration;
pub use format::DateFormat;
pub(crate) use iso::LastMinute;
pub use range::{DateError, DateRange};

use crate::object::Json;
use alloc::{format, string::String};
use calendar::DateTime;

/// A point of event time: milliseconds since 1970-01-01T00:00:00Z and the nanoseconds within that millisecond.
///
/// Two numbers, since Elasticsearch's `date` reaches far beyond what 64-bit nanoseconds hold, while `date_nanos` needs them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// Whole milliseconds since the epoch, rounded toward the past.
    pub millis: i64,
    /// Nanoseconds within the millisecond, 0..=999_999.
    pub sub_nanos: u32,
}

impl Timestamp {
    /// Milliseconds since the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Timestamp { millis, sub_nanos: 0 }
    }

    /// Nanoseconds since the epoch.
    pub const fn as_nanos(self) -> i128 {
        (self.millis as i128).wrapping_mul(1_000_000).wrapping_add(self.sub_nanos as i128)
    }

    /// Reads a date as Elasticsearch does by default (`strict_date_optional_time||epoch_millis`): `2026-11-24T02:33:46.657Z`, `2026-11-24`,
    /// `2026`, offsets, up to 9 digits of fraction after a dot or comma; or milliseconds, with a fraction where there are nanoseconds.
    pub fn parse(text: &str) -> Option<Self> {
        iso::parse(text, true).map(|date| date.start()).or_else(|| parse_epoch(text, 3).map(|(time, _)| time))
    }

    /// ISO 8601 in UTC: `2026-11-24T02:33:46.657Z`, with more digits only where there are nanoseconds.
    pub fn to_iso(self) -> String {
        let date = DateTime::from_timestamp(self);
        let mut text = calendar::year_text(date.year);
        for (before, part) in
            [('-', date.month), ('-', date.day), ('T', date.hour), (':', date.minute), (':', date.second)]
        {
            text.push(before);
            push_digits(&mut text, part.into(), 10);
        }
        text.push('.');
        let mut rest = date.nanos;
        push_digits(&mut text, rest / 1_000_000, 100);
        rest %= 1_000_000;
        while rest > 0 {
            push_digits(&mut text, rest / 100_000, 1);
            rest = (rest % 100_000).wrapping_mul(10);
        }
        text.push('Z');
        text
    }
}

/// As ISO 8601 text.
impl Json for Timestamp {
    fn json(&self) -> serde_json::Value {
        self.to_iso().json()
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_iso())
    }
}

/// Appends a number with all digits from that of `highest` (1, 10, 100) down.
fn push_digits(text: &mut String, number: u32, highest: u32) {
    let mut place = highest;
    while place > 0 {
        text.push(char::from_digit(number.checked_div(place).unwrap_or(0) % 10, 10).unwrap_or('0'));
        place /= 10;
    }
}

/// A count since the epoch with an optional fraction, whose unit has `digits` decimal digits below the second: 3 for milliseconds, 0 for
/// seconds. True where a fraction was written.
fn parse_epoch(text: &str, digits: u32) -> Option<(Timestamp, bool)> {
    let (negative, body) = match text.strip_prefix('-') {
        Some(body) => (true, body),
        None => (false, text),
    };
    let (whole, fraction) = body.split_once('.').map_or((body, None), |(whole, fraction)| (whole, Some(fraction)));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let most = 9_usize.checked_sub(usize::try_from(digits).ok()?)?;
    if !all_digits(whole) || fraction.is_some_and(|fraction| !all_digits(fraction) || fraction.len() > most) {
        return None;
    }
    let units: i128 = whole.parse::<i64>().ok()?.into();
    let below = fraction.map_or(Some(0), |fraction| format!("{fraction:0<most$}").parse::<i128>().ok())?;
    let size = 10_i128.checked_pow(u32::try_from(most).ok()?)?;
    let nanos = units.checked_mul(size)?.checked_add(below)?;
    Some((from_nanos(if negative { nanos.checked_neg()? } else { nanos })?, fraction.is_some()))
}

fn from_nanos(nanos: i128) -> Option<Timestamp> {
    let millis = i64::try_from(nanos.div_euclid(1_000_000)).ok()?;
    Some(Timestamp { millis, sub_nanos: u32::try_from(nanos.rem_euclid(1_000_000)).ok()? })
}
