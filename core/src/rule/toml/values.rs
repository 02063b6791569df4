//! The values of TOML: texts of four kinds, numbers, dates, arrays and inline tables.

use super::{Error, Item, MAX_DEPTH, Node, Origin, Reader, Table};
use crate::number::float;
use crate::span::Span;
use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use serde_json::{Number, Value};

impl Reader<'_> {
    /// A value with its place.
    pub(super) fn item(&mut self) -> Result<Item, Error> {
        let start = self.at;
        self.depth = self.depth.saturating_add(1);
        if self.depth > MAX_DEPTH {
            // Whoever reads on begins at a line of its own.
            self.depth = 0;
            return Err(self.wrong("this is nested too deeply"));
        }
        let node = match self.peek() {
            Some('"') if self.rest().starts_with("\"\"\"") => Node::Value(self.long(true)?.into()),
            Some('\'') if self.rest().starts_with("'''") => Node::Value(self.long(false)?.into()),
            Some('"') => Node::Value(self.basic()?.into()),
            Some('\'') => Node::Value(self.literal()?.into()),
            Some('[') => Node::Value(self.array()?),
            Some('{') => Node::Value(self.inline()?),
            _ => Node::Value(self.word()?),
        };
        self.depth = self.depth.saturating_sub(1);
        Ok(Item { span: Span::new(start, self.at), node })
    }

    fn array(&mut self) -> Result<Value, Error> {
        self.eat("[");
        let mut values = Vec::new();
        loop {
            self.blank_lines();
            if self.eat("]") {
                return Ok(Value::Array(values));
            }
            values.push(self.item()?.to_json());
            self.blank_lines();
            if !self.eat(",") && self.peek() != Some(']') {
                return Err(self.wrong("a ',' or the ']' of this array is missing"));
            }
        }
    }

    fn inline(&mut self) -> Result<Value, Error> {
        self.eat("{");
        let mut table = Table { entries: Vec::new(), origin: Origin::Dotted };
        loop {
            self.blank_lines();
            if self.eat("}") {
                return Ok(Value::Object(table.to_json()));
            }
            let path = self.path()?;
            self.blank_lines();
            if !self.eat("=") {
                return Err(self.wrong("a '=' belongs after a key"));
            }
            self.blank_lines();
            let item = self.item()?;
            table.assign(path, item)?;
            self.blank_lines();
            if !self.eat(",") && self.peek() != Some('}') {
                return Err(self.wrong("a ',' or the '}' of this table is missing"));
            }
        }
    }

    /// `"text"`
    pub(super) fn basic(&mut self) -> Result<String, Error> {
        let start = self.at;
        self.next();
        let mut text = String::new();
        loop {
            text.push_str(self.plain(*b"\"\\\n"));
            match self.peek() {
                Some('"') => {
                    self.next();
                    return Ok(text);
                }
                Some('\\') => text.push(self.escape()?),
                Some(c) if !matches!(c, '\n' | '\r') => return Err(self.wrong("control characters must be escaped")),
                _ => return Err((Span::new(start, self.at), "the '\"' that ends this text is missing".to_string())),
            }
        }
    }

    /// `'text'`, where nothing escapes.
    pub(super) fn literal(&mut self) -> Result<String, Error> {
        let start = self.at;
        self.next();
        let text = self.plain(*b"''\n").to_string();
        if self.eat("'") {
            return Ok(text);
        }
        match self.peek() {
            Some(c) if !matches!(c, '\n' | '\r') => Err(self.wrong("control characters must not stand here")),
            _ => Err((Span::new(start, self.at), "the ''' that ends this text is missing".to_string())),
        }
    }

    /// A text over lines, with escapes (`"""`) or without (`'''`). A line end right after the quotes does not count.
    fn long(&mut self, escapes: bool) -> Result<String, Error> {
        let start = self.at;
        let (quote, quotes, stops) = if escapes { ('"', "\"\"\"", *b"\"\"\\") } else { ('\'', "'''", *b"'''") };
        self.eat(quotes);
        self.newline();
        let mut text = String::new();
        loop {
            text.push_str(self.plain(stops));
            if self.eat(quotes) {
                // Up to two more quotes belong to the text.
                for _ in 0..2 {
                    if self.peek() == Some(quote) {
                        self.next();
                        text.push(quote);
                    }
                }
                return Ok(text);
            }
            match self.peek() {
                None => {
                    let opening = Span::new(start, start.saturating_add(3));
                    return Err((opening, "the three quotes that end this text are missing".to_string()));
                }
                Some('\\') if escapes => {
                    let after = self.rest().get(1..).unwrap_or("").trim_start_matches([' ', '\t']);
                    if after.starts_with('\n') || after.starts_with("\r\n") {
                        self.next();
                        self.spaces();
                        while self.newline() {
                            self.spaces();
                        }
                    } else {
                        text.push(self.escape()?);
                    }
                }
                Some(c) if c.is_ascii_control() && !self.rest().starts_with("\r\n") => {
                    return Err(self.wrong("control characters must be escaped"));
                }
                Some(c) => {
                    self.next();
                    text.push(c);
                }
            }
        }
    }

    /// What stands before the next of these bytes (where there are fewer, one is named twice), or of the control characters that no text may hold.
    fn plain(&mut self, [a, b, c]: [u8; 3]) -> &str {
        let line = |byte: u8| byte == b'\t' || byte == b'\n';
        self.take(|byte| byte != a && byte != b && byte != c && (!byte.is_ascii_control() || line(byte)))
    }

    fn escape(&mut self) -> Result<char, Error> {
        let start = self.at;
        self.next();
        let digits = match self.next() {
            Some('b') => return Ok('\u{8}'),
            Some('t') => return Ok('\t'),
            Some('n') => return Ok('\n'),
            Some('f') => return Ok('\u{c}'),
            Some('r') => return Ok('\r'),
            Some('e') => return Ok('\u{1b}'),
            Some(c @ ('"' | '\\')) => return Ok(c),
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            _ => 0,
        };
        let code = self.rest().get(..digits).filter(|code| code.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let c = code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32);
        self.at = self.at.saturating_add(if c.is_some() { digits } else { 0 });
        c.ok_or_else(|| {
            (Span::new(start, self.at), "there is no such escape; a backslash itself is '\\\\'".to_string())
        })
    }

    /// What has no quotes: truth values, numbers, dates.
    fn word(&mut self) -> Result<Value, Error> {
        let start = self.at;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'.' | b':');
        let mut word = self.take(plain).to_string();
        // A blank may stand between the date and the time.
        let timed = self.rest().strip_prefix(' ').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        if timed && is_date(&word) {
            self.next();
            word.push('T');
            word.push_str(self.take(plain));
        }
        let value = match word.as_str() {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => number(&word).or_else(|| date(&word).map(Value::String)),
        };
        value.ok_or_else(|| {
            let end = if self.at > start { self.at } else { self.wrong("").0.end };
            (Span::new(start, end), "a value is expected here; texts stand in quotes".to_string())
        })
    }
}

/// A number that is not too large; `inf` and `nan`, which JSON does not have, become text.
fn number(word: &str) -> Option<Value> {
    let unsigned = word.strip_prefix(['+', '-']).unwrap_or(word);
    if matches!(unsigned, "inf" | "nan") {
        return Some(word.into());
    }
    // Underscores stand between digits only.
    let separated = |digits: &str, is_digit: fn(&u8) -> bool| {
        digits.split('_').all(|part| !part.is_empty() && part.bytes().all(|byte| is_digit(&byte)))
    };
    let clean = |digits: &str| digits.replace('_', "");
    for (prefix, radix, is_digit) in [
        ("0x", 16, u8::is_ascii_hexdigit as fn(&u8) -> bool),
        ("0o", 8, |byte| matches!(byte, b'0'..=b'7')),
        ("0b", 2, |byte| matches!(byte, b'0' | b'1')),
    ] {
        if let Some(digits) = word.strip_prefix(prefix) {
            let digits = separated(digits, is_digit).then(|| clean(digits))?;
            return i64::from_str_radix(&digits, radix).ok().map(Value::from);
        }
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(whole, rest)| (whole, Some(rest)));
    let digits = |digits: &str| separated(digits, u8::is_ascii_digit);
    if !digits(whole) || whole.len() > 1 && whole.starts_with('0') {
        return None;
    }
    if !fraction.is_none_or(digits) || !exponent.is_none_or(digits) {
        return None;
    }
    let text = clean(word);
    if fraction.is_none() && exponent.is_none() {
        return text.parse::<i64>().ok().map(Value::from);
    }
    float(&text).and_then(Number::from_f64).map(Value::Number)
}

/// A date, a time of day, or both with or without a zone; as it is written, but for a capital T and Z.
fn date(word: &str) -> Option<String> {
    let text = word.to_ascii_uppercase();
    let (day, time) = match text.split_once('T') {
        Some((day, time)) => (Some(day), Some(time)),
        None if text.contains(':') => (None, Some(text.as_str())),
        None => (Some(text.as_str()), None),
    };
    if !day.is_none_or(is_date) {
        return None;
    }
    let Some(time) = time else { return Some(text) };
    let zone = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at_checked(zone)?;
    let offset = zone.strip_prefix(['+', '-']);
    let zoned = day.is_some() && (zone == "Z" || offset.is_some_and(|offset| two_digits(offset, ':', &[23, 59])));
    let (clock, fraction) = clock.split_once('.').map_or((clock, None), |(clock, fraction)| (clock, Some(fraction)));
    let timed = two_digits(clock, ':', &[23, 59, 60]) || fraction.is_none() && two_digits(clock, ':', &[23, 59]);
    let fraction = fraction.is_none_or(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()));
    (timed && fraction && (zone.is_empty() || zoned)).then_some(text)
}

/// `2026-11-24`
fn is_date(text: &str) -> bool {
    let Some((year, rest)) = text.split_once('-') else { return false };
    let Some((month, day)) = rest.split_once('-') else { return false };
    let leap = |year: u32| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        "02" if year.parse().is_ok_and(leap) => 29,
        "02" => 28,
        "04" | "06" | "09" | "11" => 30,
        _ => 31,
    };
    let positive = month != "00" && day != "00";
    year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()) && positive && two_digits(rest, '-', &[12, days])
}

/// Numbers of two digits, none above its limit.
fn two_digits(text: &str, separator: char, limits: &[u32]) -> bool {
    let parts: Vec<&str> = text.split(separator).collect();
    parts.len() == limits.len()
        && parts.iter().zip(limits).all(|(part, limit)| {
            part.len() == 2
                && part.bytes().all(|byte| byte.is_ascii_digit())
                && part.parse::<u32>().is_ok_and(|number| number <= *limit)
        })
}
