//! Elasticsearch's `strict_date_optional_time`, by hand, since every event brings one: `2026-11-24T02:33:46.657Z`, and as little of it as a
//! year. Two digits each; `date_optional_time` is the same with one digit allowed.

use super::{Timestamp, calendar::DateTime};

/// A date as written, with what was left out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    pub(super) date: DateTime,
    /// Seconds east of UTC.
    pub(super) offset: i32,
    /// The smallest part that was written.
    pub(super) precision: Precision,
}

/// The smallest part that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Precision {
    Day,
    Hour,
    Minute,
    Second,
    Fraction,
}

impl Written {
    /// The first instant that it may mean.
    pub(super) fn start(self) -> Timestamp {
        self.date.at_offset(self.offset)
    }

    /// The last instant that it may mean: missing parts of the time at their highest.
    ///
    /// Elasticsearch ("missing date components" of the range query): a missing month or day is 01 here too, so `2026-11` ends with its
    /// first day.
    pub(super) fn end(self) -> Timestamp {
        let mut date = self.date;
        if self.precision < Precision::Hour {
            date.hour = 23;
        }
        if self.precision < Precision::Minute {
            date.minute = 59;
        }
        if self.precision < Precision::Second {
            date.second = 59;
        }
        if self.precision < Precision::Fraction {
            date.nanos = 999_999_999;
        }
        date.at_offset(self.offset)
    }
}

/// Reads the whole text, or nothing.
pub(super) fn parse(text: &str, strict: bool) -> Option<Written> {
    let mut reader = Reader { bytes: text.as_bytes(), strict };
    let sign = if reader.eat(b'-') { -1 } else { 1 };
    let year = reader.digits(if strict { 4 } else { 1 }, 4)?;
    let (mut month, mut day) = (1, 1);
    if reader.eat(b'-') {
        month = reader.two()?;
        if reader.eat(b'-') {
            day = reader.two()?;
        }
    }
    let mut date = DateTime::midnight(i64::from(year).checked_mul(sign)?, month, day)?;
    let mut precision = Precision::Day;
    let mut offset = 0;
    // `2026-11-24T` and `2026T02` are legal.
    if reader.eat(b'T') && !reader.bytes.is_empty() {
        (date.hour, precision) = (reader.below(24)?, Precision::Hour);
        if reader.eat(b':') {
            (date.minute, precision) = (reader.below(60)?, Precision::Minute);
            if reader.eat(b':') {
                (date.second, precision) = (reader.below(60)?, Precision::Second);
                if reader.eat(b'.') || reader.eat(b',') {
                    (date.nanos, precision) = (reader.fraction()?, Precision::Fraction);
                }
            }
        }
        offset = reader.offset()?;
    }
    reader.bytes.is_empty().then_some(Written { date, offset, precision })
}

/// `Z`, `+01`, `+0100`, `+01:00`, or nothing; the whole text.
pub(super) fn parse_offset(text: &str) -> Option<i32> {
    let mut reader = Reader { bytes: text.as_bytes(), strict: true };
    let offset = reader.offset()?;
    reader.bytes.is_empty().then_some(offset)
}

struct Reader<'a> {
    bytes: &'a [u8],
    strict: bool,
}

impl Reader<'_> {
    fn eat(&mut self, wanted: u8) -> bool {
        match self.bytes.split_first() {
            Some((first, rest)) if *first == wanted => {
                self.bytes = rest;
                true
            }
            _ => false,
        }
    }

    /// At least `least` and at most `most` digits (up to 9) as a number.
    fn digits(&mut self, least: usize, most: usize) -> Option<u32> {
        let (mut count, mut number) = (0_usize, 0_u32);
        while count < most
            && let Some(digit) = self.bytes.get(count).map(|byte| byte.wrapping_sub(b'0'))
            && digit < 10
        {
            number = number.wrapping_mul(10).wrapping_add(u32::from(digit));
            count = count.wrapping_add(1);
        }
        if count < least {
            return None;
        }
        self.bytes = self.bytes.get(count..)?;
        Some(number)
    }

    fn two(&mut self) -> Option<u8> {
        let least = if self.strict { 2 } else { 1 };
        u8::try_from(self.digits(least, 2)?).ok()
    }

    fn below(&mut self, limit: u8) -> Option<u8> {
        self.two().filter(|number| *number < limit)
    }

    /// 1 to 9 digits as nanoseconds.
    fn fraction(&mut self) -> Option<u32> {
        let before = self.bytes.len();
        let digits = self.digits(1, 9)?;
        let count = u32::try_from(before.saturating_sub(self.bytes.len())).ok()?;
        Some(digits.wrapping_mul(10_u32.checked_pow(9_u32.checked_sub(count)?)?))
    }

    fn offset(&mut self) -> Option<i32> {
        let east = match self.bytes.first() {
            Some(b'+') => 1,
            Some(b'-') => -1,
            Some(b'Z') => 0,
            _ => return Some(0),
        };
        self.bytes = self.bytes.get(1..)?;
        if east == 0 {
            return Some(0);
        }
        let hours = i32::try_from(self.digits(2, 2)?).ok().filter(|hours| *hours <= 18)?;
        let colon = self.eat(b':');
        let minutes = if colon || !self.bytes.is_empty() { i32::try_from(self.digits(2, 2)?).ok()? } else { 0 };
        if minutes > 59 {
            return None;
        }
        hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)?.checked_mul(east)
    }
}
