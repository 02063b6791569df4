//! What a date in a query covers: `"2026-11-24"` is a whole day, `"now-1d/d"` yesterday.
//!
//! A comparison takes the end that Elasticsearch takes: `==` is within, `>` after the last instant, `>=` from the first one on, `<` before the
//! first, `<=` up to the last.

use super::{DateFormat, Timestamp, calendar::DateTime};
use crate::eql::ast::CompareOp;
use core::fmt;

/// The instants that a date in a query may mean, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DateRange {
    /// The first.
    pub first: Timestamp,
    /// The last.
    pub last: Timestamp,
}

/// Why a text is no date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateError {
    /// It is in none of the field's formats.
    NotADate,
    /// What follows `||` or `now` is no date math.
    BadMath,
    /// It says `now`, and nobody said when that is.
    NeedsNow,
}

impl fmt::Display for DateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DateError::NotADate => "is not a date in the format of the field",
            DateError::BadMath => "is not date math such as '||-1d/d'",
            DateError::NeedsNow => "depends on the present time, which event time does not have",
        })
    }
}
impl core::error::Error for DateError {}

impl DateRange {
    /// Reads a date in the format of its field, with or without date math (`2026-11-24||+1M/d`), or math on `now`.
    ///
    /// # Errors
    /// It is no date, or `now` is needed and not given.
    pub fn parse(text: &str, format: &DateFormat, now: Option<Timestamp>) -> Result<DateRange, DateError> {
        let (anchor, math) = if let Some(math) = text.strip_prefix("now") {
            (now.ok_or(DateError::NeedsNow)?, math)
        } else if let Some((anchor, math)) = text.split_once("||") {
            (format.parse_date(anchor).ok_or(DateError::NotADate)?, math)
        } else {
            let (first, last) = format.parse_ends(text).ok_or(DateError::NotADate)?;
            return Ok(DateRange { first, last });
        };
        let end = |up| calculate(anchor, math, up).ok_or(DateError::BadMath);
        Ok(DateRange { first: end(false)?, last: end(true)? })
    }

    /// One instant, as a number of milliseconds in a query means it.
    pub const fn millis(millis: i64) -> DateRange {
        DateRange { first: Timestamp::from_millis(millis), last: Timestamp { millis, sub_nanos: 999_999 } }
    }

    /// `time op self`.
    pub fn compare(self, op: CompareOp, time: Timestamp) -> bool {
        match op {
            CompareOp::Eq => self.first <= time && time <= self.last,
            CompareOp::Ne => time < self.first || self.last < time,
            CompareOp::Lt => time < self.first,
            CompareOp::Le => time <= self.last,
            CompareOp::Gt => time > self.last,
            CompareOp::Ge => time >= self.first,
        }
    }
}

/// Applies `+1M-2d/d`; rounding goes to the start of the unit, or with `up` to its last millisecond.
fn calculate(anchor: Timestamp, math: &str, up: bool) -> Option<Timestamp> {
    let (mut time, mut math) = (anchor, math);
    while let Some(operator) = math.chars().next() {
        math = math.get(operator.len_utf8()..)?;
        let digits = math.len().saturating_sub(math.trim_start_matches(|c: char| c.is_ascii_digit()).len());
        let (count, rest) = math.split_at_checked(digits)?;
        let unit = rest.chars().next()?;
        math = rest.get(unit.len_utf8()..)?;
        let count: i64 = if count.is_empty() { 1 } else { count.parse().ok()? };
        time = match operator {
            '+' => add(time, count, unit)?,
            '-' => add(time, count.checked_neg()?, unit)?,
            '/' if count == 1 && up => {
                let next = add(round_down(time, unit)?, 1, unit)?;
                Timestamp { millis: next.millis.checked_sub(1)?, sub_nanos: 999_999 }
            }
            '/' if count == 1 => round_down(time, unit)?,
            _ => return None,
        };
    }
    Some(time)
}

fn add(time: Timestamp, count: i64, unit: char) -> Option<Timestamp> {
    let months = match unit {
        'y' => 12,
        'M' => 1,
        _ => {
            let size: i64 = match unit {
                'w' => 604_800_000,
                'd' => 86_400_000,
                'h' | 'H' => 3_600_000,
                'm' => 60_000,
                's' => 1000,
                _ => return None,
            };
            let millis = time.millis.checked_add(count.checked_mul(size)?)?;
            return Some(Timestamp { millis, ..time });
        }
    };
    Some(DateTime::from_timestamp(time).add_months(count.checked_mul(months)?)?.at_offset(0))
}

fn round_down(time: Timestamp, unit: char) -> Option<Timestamp> {
    let date = DateTime::from_timestamp(time);
    let midnight = DateTime::midnight(date.year, date.month, date.day)?;
    let rounded = match unit {
        'y' => DateTime::midnight(date.year, 1, 1)?,
        'M' => DateTime::midnight(date.year, date.month, 1)?,
        'w' => return add(midnight.at_offset(0), date.days_since_monday().checked_neg()?, 'd'),
        'd' => midnight,
        'h' | 'H' => DateTime { hour: date.hour, ..midnight },
        'm' => DateTime { second: 0, nanos: 0, ..date },
        's' => DateTime { nanos: 0, ..date },
        _ => return None,
    };
    Some(rounded.at_offset(0))
}
