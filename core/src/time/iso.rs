//! Elasticsearch's `strict_date_optional_time`, by hand, since every event brings one: `2026-11-24T02:33:46.657Z`, and as little of it as a
//! year. Two digits each; `date_optional_time` is the same with one digit allowed.

use super::{Timestamp, calendar::DateTime};

const ONES: u64 = 0x0101_0101_0101_0101;

/// The minute of the date last read: of the next one, mostly of the same, only the seconds are read.
#[derive(Clone, Debug)]
pub(crate) struct LastMinute {
    /// As it is written, `2026-11-24T02:33`, and when it began.
    text: [[u8; 8]; 2],
    begin: i64,
}

impl Default for LastMinute {
    fn default() -> Self {
        // No text has such bytes.
        LastMinute { text: [[0xff; 8]; 2], begin: 0 }
    }
}

impl LastMinute {
    /// Does what [`Timestamp::parse`] does.
    pub(crate) fn parse(&mut self, text: &str) -> Option<Timestamp> {
        let ([one, two, three], []) = text.as_bytes().as_chunks::<8>() else { return Timestamp::parse(text) };
        let minute = [*one, *two];
        let Some((second, millis)) = seconds(*three) else { return Timestamp::parse(text) };
        let since = i64::from(second).wrapping_mul(1_000).wrapping_add(i64::from(millis));
        if minute != self.text {
            let time = Timestamp::parse(text)?;
            (self.text, self.begin) = (minute, time.millis.wrapping_sub(since));
        }
        Some(Timestamp::from_millis(self.begin.wrapping_add(since)))
    }
}

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
    usual(text).or_else(|| any(text, strict))
}

/// `2026-11-24T02:33:46.657Z`, as nearly all events have it: all digits at once, eight bytes in a word.
fn usual(text: &str) -> Option<Written> {
    let ([one, two, three], []) = text.as_bytes().as_chunks::<8>() else { return None };
    // Digits become their numbers, and what stands between them nothing, if it is what should.
    let one = u64::from_le_bytes(*one) ^ u64::from_le_bytes(*b"0000-00-");
    let two = u64::from_le_bytes(*two) ^ u64::from_le_bytes(*b"00T00:00");
    let wrong = beyond(one, [9, 9, 9, 9, 0, 9, 9, 0]) | beyond(two, [9, 9, 0, 9, 9, 0, 9, 9]);
    if wrong & ONES.wrapping_mul(0x80) != 0 {
        return None;
    }
    let (second, millis) = seconds(*three)?;
    let ([century, _, year, _, _, month, ..], [day, _, _, hour, _, _, minute, _]) = (pairs(one), pairs(two));
    let year = i64::from(century).wrapping_mul(100).wrapping_add(i64::from(year));
    let nanos = millis.wrapping_mul(1_000_000);
    let date = DateTime { hour, minute, second, nanos, ..DateTime::midnight(year, month, day)? };
    let is = hour < 24 && minute < 60;
    is.then_some(Written { date, offset: 0, precision: Precision::Fraction })
}

/// `:46.657Z`: seconds and milliseconds.
#[inline(always)]
fn seconds(text: [u8; 8]) -> Option<(u8, u32)> {
    let word = u64::from_le_bytes(text) ^ u64::from_le_bytes(*b":00.000Z");
    if beyond(word, [0, 9, 9, 0, 9, 9, 9, 0]) & ONES.wrapping_mul(0x80) != 0 {
        return None;
    }
    let [_, second, _, _, tens, ..] = pairs(word);
    let millis = u32::from(tens).wrapping_mul(10).wrapping_add((word >> 48) as u32 & 0xf);
    (second < 60).then_some((second, millis))
}

/// The highest bit of a byte is set where it is more than 9, or more than nothing; what is carried from it changes nothing.
#[inline(always)]
fn beyond(word: u64, most: [u8; 8]) -> u64 {
    word | word.wrapping_add(ONES.wrapping_mul(0x7f).wrapping_sub(u64::from_le_bytes(most)))
}

/// Each byte becomes ten times itself and the next one.
#[inline(always)]
fn pairs(word: u64) -> [u8; 8] {
    word.wrapping_mul(10).wrapping_add(word >> 8).to_le_bytes()
}

/// However it is written.
fn any(text: &str, strict: bool) -> Option<Written> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    /// What is read at once is what is read digit by digit: every byte at every place of some dates, valid and not.
    #[test]
    fn the_usual_form_is_read_as_any_other() {
        let dates = [
            "2026-11-24T02:33:46.657Z",
            "2024-02-29T23:59:59.999Z",
            "0000-01-01T00:00:00.000Z",
            "2023-02-28T19:09:09.090Z",
        ];
        let mut read = 0;
        for date in dates {
            for at in 0..date.len() {
                for byte in 0..128_u8 {
                    let mut bytes = date.as_bytes().to_vec();
                    bytes[at] = byte;
                    let text = String::from_utf8(bytes).unwrap();
                    let (usual, any) = (usual(&text), any(&text, true));
                    let parts = |written: Written| (written.date, written.offset, written.precision);
                    // Others may be dates as well, but what is read at once is read as it should be.
                    if usual.is_some() || text.bytes().enumerate().all(|(at, byte)| is_usual(at, byte)) {
                        assert_eq!(usual.map(parts), any.map(parts), "{text}");
                    }
                    read += usize::from(usual.is_some());
                }
            }
        }
        assert!(read > 400, "{read}");
        assert!(usual("2026-11-24T02:33:46Z").is_none() && usual("2026-11-24T02:33:46.657123Z").is_none());
        assert!(usual("2026-11-24T02:33:46.65éZ").is_none());
    }

    /// Dates of a few minutes and some that are none, one after the other, against each read on its own.
    #[test]
    fn dates_of_the_minute_before_are_read_as_any_other() {
        let minutes = [
            "2026-11-24T02:33",
            "2026-11-24T23:59",
            "2024-02-29T00:00",
            "2023-02-29T00:00",
            "-001-01-01T00:00",
            "0000-01-01T24:00",
        ];
        let rests = [
            ":46.657Z",
            ":00.000Z",
            ":59.999Z",
            ":60.000Z",
            ":46,657Z",
            "+01",
            "",
            ":46.657123Z",
            ":46.6570",
            ":4\u{e9}.65Z",
        ];
        let (mut last, mut state, mut read) = (LastMinute::default(), 7_u64, 0);
        for _ in 0..4_000 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let minute = minutes[(state >> 9) as usize % 12 % minutes.len()];
            let text = [minute, rests[(state >> 20) as usize % rests.len()]].concat();
            let text =
                if state >> 40 & 7 == 0 { String::from_utf8(alloc::vec![0; 16]).unwrap() + ":46.657Z" } else { text };
            assert_eq!(last.parse(&text), Timestamp::parse(&text), "{text}");
            read += usize::from(last.parse(&text).is_some());
        }
        assert!(read > 1_000, "{read}");
    }

    fn is_usual(at: usize, byte: u8) -> bool {
        match b"0000-00-00T00:00:00.000Z"[at] {
            b'0' => byte.is_ascii_digit(),
            other => byte == other,
        }
    }
}
