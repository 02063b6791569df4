//! Date patterns of Java's `DateTimeFormatter`, as far as mappings use them: `yyyy-MM-dd'T'HH:mm:ss[.SSS]XXX`, `MMM d, yyyy h:mm a`.

use super::{
    Timestamp,
    calendar::{DateTime, year_text},
    iso::{Precision, Written, parse_offset},
};
use alloc::{boxed::Box, format, string::String, vec::Vec};
use core::{iter::Peekable, str::Chars};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A compiled pattern.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct JavaPattern(Vec<Item>);

#[derive(Clone, Debug, PartialEq)]
enum Item {
    Literal(char),
    /// The letter of the pattern and how many.
    Field(Field, usize),
    Optional(Box<[Item]>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Year,
    Month,
    Day,
    Weekday,
    Hour,
    /// 1 to 12, with `HalfDay`.
    HourOfHalf,
    HalfDay,
    Minute,
    Second,
    Fraction,
    Offset,
}

/// What has been read so far.
#[derive(Clone, Copy, Default)]
struct Parts {
    year: Option<i64>,
    month: Option<u8>,
    day: Option<u8>,
    hour: Option<u8>,
    hour_of_half: Option<u8>,
    afternoon: bool,
    minute: Option<u8>,
    second: Option<u8>,
    nanos: Option<u32>,
    offset: i32,
}

impl JavaPattern {
    pub(super) fn compile(pattern: &str) -> Result<JavaPattern, String> {
        if pattern.is_empty() {
            return Err("a date format must not be empty".into());
        }
        let mut chars = pattern.chars().peekable();
        let items = items(&mut chars, pattern, 0)?;
        Ok(JavaPattern(items))
    }

    pub(super) fn parse(&self, text: &str) -> Option<Written> {
        let mut parts = Parts::default();
        let rest = read(&self.0, text, &mut parts)?;
        if rest.is_empty() { parts.written() } else { None }
    }

    pub(super) fn format(&self, time: Timestamp) -> String {
        let mut text = String::new();
        write(&self.0, DateTime::from_timestamp(time), &mut text);
        text
    }
}

fn items(chars: &mut Peekable<Chars<'_>>, pattern: &str, depth: usize) -> Result<Vec<Item>, String> {
    let mut items = Vec::new();
    while let Some(c) = chars.next() {
        match c {
            '\'' if chars.next_if_eq(&'\'').is_some() => items.push(Item::Literal('\'')),
            '\'' => loop {
                match chars.next() {
                    Some('\'') if chars.next_if_eq(&'\'').is_some() => items.push(Item::Literal('\'')),
                    Some('\'') => break,
                    Some(c) => items.push(Item::Literal(c)),
                    None => return Err(format!("the date format '{pattern}' has an open quote")),
                }
            },
            '[' if depth < 8 => {
                items.push(Item::Optional(self::items(chars, pattern, depth.saturating_add(1))?.into()))
            }
            ']' if depth > 0 => return Ok(items),
            '[' | ']' => return Err(format!("the brackets of the date format '{pattern}' do not pair up")),
            letter if letter.is_ascii_alphabetic() => {
                let mut count = 1_usize;
                while chars.next_if_eq(&letter).is_some() {
                    count = count.saturating_add(1);
                }
                let field = field(letter)
                    .ok_or_else(|| format!("the letter '{letter}' of the date format '{pattern}' is not supported"))?;
                items.push(Item::Field(field, count));
            }
            other => items.push(Item::Literal(other)),
        }
    }
    if depth > 0 { Err(format!("the brackets of the date format '{pattern}' do not pair up")) } else { Ok(items) }
}

fn field(letter: char) -> Option<Field> {
    Some(match letter {
        'y' | 'u' => Field::Year,
        'M' | 'L' => Field::Month,
        'd' => Field::Day,
        'E' => Field::Weekday,
        'H' => Field::Hour,
        'h' => Field::HourOfHalf,
        'a' => Field::HalfDay,
        'm' => Field::Minute,
        's' => Field::Second,
        'S' => Field::Fraction,
        'X' | 'x' | 'Z' | 'z' => Field::Offset,
        _ => return None,
    })
}

fn read<'t>(items: &[Item], text: &'t str, parts: &mut Parts) -> Option<&'t str> {
    let mut text = text;
    for item in items {
        text = match item {
            Item::Literal(c) => text.strip_prefix(*c)?,
            Item::Field(field, count) => read_field(*field, *count, text, parts)?,
            Item::Optional(inner) => {
                let mut tried = *parts;
                match read(inner, text, &mut tried) {
                    Some(rest) => {
                        *parts = tried;
                        rest
                    }
                    None => text,
                }
            }
        };
    }
    Some(text)
}

fn read_field<'t>(field: Field, count: usize, text: &'t str, parts: &mut Parts) -> Option<&'t str> {
    match field {
        Field::Month if count >= 3 => {
            let (index, rest) = word(&MONTHS, count, text)?;
            parts.month = Some(index);
            Some(rest)
        }
        Field::Weekday => word(&DAYS, count, text).map(|(_, rest)| rest),
        Field::HalfDay => {
            let half = text.get(..2)?;
            parts.afternoon = half.eq_ignore_ascii_case("pm");
            (parts.afternoon || half.eq_ignore_ascii_case("am")).then(|| text.get(2..))?
        }
        Field::Offset => {
            let end = text.find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | ':' | 'Z')).unwrap_or(text.len());
            let (offset, rest) = text.split_at_checked(end).filter(|(offset, _)| !offset.is_empty())?;
            parts.offset = parse_offset(offset)?;
            Some(rest)
        }
        Field::Fraction => {
            let (digits, rest) = digits(text, count, count.min(9))?;
            parts.nanos = format!("{digits:0<9}").parse().ok();
            Some(rest)
        }
        // One letter takes as many digits as there are, more letters exactly so many.
        Field::Year => {
            let (year, rest) = digits(text, count.min(4), if count == 1 { 9 } else { count })?;
            let year: i64 = year.parse().ok()?;
            parts.year = Some(if count == 2 { year.checked_add(2000)? } else { year });
            Some(rest)
        }
        _ => {
            let (number, rest) = digits(text, count, count.max(2))?;
            let number: u8 = number.parse().ok()?;
            let (slot, limit) = match field {
                Field::Month => (&mut parts.month, 13),
                Field::Day => (&mut parts.day, 32),
                Field::Hour => (&mut parts.hour, 24),
                Field::HourOfHalf => (&mut parts.hour_of_half, 13),
                Field::Minute => (&mut parts.minute, 60),
                _ => (&mut parts.second, 60),
            };
            *slot = Some(number).filter(|number| *number < limit);
            slot.is_some().then_some(rest)
        }
    }
}

fn digits(text: &str, least: usize, most: usize) -> Option<(&str, &str)> {
    let count = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    text.split_at_checked(count).filter(|_| count >= least.max(1))
}

/// The place of a name in its list, from 1: in full from four letters on, else its first three letters.
fn word<'t>(names: &[&'static str], count: usize, text: &'t str) -> Option<(u8, &'t str)> {
    let (index, rest) =
        names.iter().enumerate().find_map(|(index, name)| Some((index, text.strip_prefix(shown(name, count))?)))?;
    Some((u8::try_from(index).ok()?.checked_add(1)?, rest))
}

fn shown(name: &'static str, count: usize) -> &'static str {
    if count >= 4 { name } else { name.get(..3).unwrap_or(name) }
}

impl Parts {
    /// Missing parts are those of 1970-01-01T00:00.
    fn written(self) -> Option<Written> {
        let midnight = DateTime::midnight(self.year.unwrap_or(1970), self.month.unwrap_or(1), self.day.unwrap_or(1))?;
        let half = self.hour_of_half.map(|hour| (hour % 12).wrapping_add(if self.afternoon { 12 } else { 0 }));
        let hour = self.hour.or(half);
        let precision = match (hour, self.minute, self.second, self.nanos) {
            (_, _, _, Some(_)) => Precision::Fraction,
            (_, _, Some(_), _) => Precision::Second,
            (_, Some(_), _, _) => Precision::Minute,
            (Some(_), _, _, _) => Precision::Hour,
            _ => Precision::Day,
        };
        let date = DateTime {
            hour: hour.unwrap_or(0),
            minute: self.minute.unwrap_or(0),
            second: self.second.unwrap_or(0),
            nanos: self.nanos.unwrap_or(0),
            ..midnight
        };
        Some(Written { date, offset: self.offset, precision })
    }
}

fn write(items: &[Item], date: DateTime, text: &mut String) {
    for item in items {
        match item {
            Item::Literal(c) => text.push(*c),
            Item::Optional(inner) => write(inner, date, text),
            Item::Field(field, count) => write_field(*field, *count, date, text),
        }
    }
}

fn write_field(field: Field, count: usize, date: DateTime, text: &mut String) {
    let name = |names: &[&'static str], index: usize| names.get(index).map_or("", |name| shown(name, count));
    let number = match field {
        Field::Month if count >= 3 => return text.push_str(name(&MONTHS, usize::from(date.month).saturating_sub(1))),
        Field::Weekday => return text.push_str(name(&DAYS, usize::try_from(date.days_since_monday()).unwrap_or(0))),
        Field::HalfDay => return text.push_str(if date.hour < 12 { "AM" } else { "PM" }),
        Field::Offset => return text.push('Z'),
        Field::Fraction => {
            let nanos = format!("{:09}", date.nanos);
            return text.push_str(nanos.get(..count).unwrap_or(&nanos));
        }
        Field::Year if count == 2 => i64::from(u8::try_from(date.year.rem_euclid(100)).unwrap_or(0)),
        Field::Year => return text.push_str(&year_text(date.year)),
        Field::Month => date.month.into(),
        Field::Day => date.day.into(),
        Field::Hour => date.hour.into(),
        Field::HourOfHalf => match date.hour % 12 {
            0 => 12,
            hour => hour.into(),
        },
        Field::Minute => date.minute.into(),
        Field::Second => date.second.into(),
    };
    text.push_str(&format!("{number:0count$}"));
}
