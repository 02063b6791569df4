//! Lucene's regular expressions with every optional operator on, which is what Elasticsearch's `regex` means on a field.
//!
//! ```text
//! union     := intersection ["|" union]         any of
//! intersect := concat ["&" intersect]           all of, on the same text
//! concat    := repeat+
//! repeat    := complement ("?" | "*" | "+" | "{n}" | "{n,}" | "{n,m}")*
//! complement:= "~" complement | class           every text but
//! class     := "[" ["^"] items "]" | simple
//! simple    := "." | "#" (nothing) | "@" (any text) | '"' text '"' | "()" | "(" union ")" | "<n-m>" | "\" char | char
//! ```
//! As in Lucene's own parser, a character that has no meaning where it stands is itself: `*a` is a star and an a, `^` and `$` always are.
//! Since Lucene 8.6 `\d \D \s \S \w \W` are classes of ASCII and a backslash before any other letter is an error. (Published rules use
//! `\s` and `\w` so.) Case-insensitive patterns fold ASCII letters, in ranges too (Lucene since 10.2).

use super::{PatternError, automaton::Node, class::Class, cursor::Cursor};
use alloc::{boxed::Box, format, string::String, vec, vec::Vec};

/// Parses a pattern; the empty one matches the empty text.
pub(super) fn parse(pattern: &str, insensitive: bool) -> Result<Node, PatternError> {
    if pattern.is_empty() {
        return Ok(Node::empty());
    }
    let mut parser = Parser { cursor: Cursor::new(pattern), insensitive };
    let node = parser.union()?;
    parser.cursor.end()?;
    Ok(node)
}

struct Parser<'a> {
    cursor: Cursor<'a>,
    insensitive: bool,
}

impl Parser<'_> {
    fn union(&mut self) -> Result<Node, PatternError> {
        let mut nodes = vec![self.intersection()?];
        while self.cursor.eat("|") {
            nodes.push(self.intersection()?);
        }
        Ok(Node::union(nodes))
    }

    fn intersection(&mut self) -> Result<Node, PatternError> {
        let start = self.cursor.at();
        let mut nodes = vec![self.concat()?];
        while self.cursor.eat("&") {
            nodes.push(self.concat()?);
        }
        if nodes.len() == 1 {
            return Ok(Node::concat(nodes));
        }
        // Of single characters the intersection is again a class: `[a-z]&[^aeiou]`, which may stand anywhere.
        let mut class: Option<Class> = None;
        for node in &nodes {
            match (node, &mut class) {
                (Node::Class(next), None) => class = Some(next.clone()),
                (Node::Class(next), Some(class)) => class.intersect(next),
                _ => return Ok(Node::All(nodes, self.cursor.since(start))),
            }
        }
        Ok(class.map_or(Node::Nothing, Node::Class))
    }

    fn concat(&mut self) -> Result<Node, PatternError> {
        let mut nodes = vec![self.repeat()?];
        while self.cursor.peek().is_some_and(|c| !matches!(c, ')' | '|' | '&')) {
            nodes.push(self.repeat()?);
        }
        Ok(Node::concat(nodes))
    }

    fn repeat(&mut self) -> Result<Node, PatternError> {
        let mut node = self.complement()?;
        let mut repeats = 0_usize;
        let mut start = self.cursor.at();
        while let Some((min, max)) = self.cursor.quantifier()? {
            // One more quantifier on the same operand is one more level: `a*?+` is legal, a thousand of them are not.
            self.cursor.enter(start)?;
            repeats = repeats.saturating_add(1);
            node = node.repeat(min, max);
            start = self.cursor.at();
        }
        (0..repeats).for_each(|_| self.cursor.leave());
        Ok(node)
    }

    fn complement(&mut self) -> Result<Node, PatternError> {
        let start = self.cursor.at();
        if !self.cursor.eat("~") {
            return self.class();
        }
        self.cursor.enter(start)?;
        let node = self.complement()?;
        self.cursor.leave();
        Ok(Node::Not(Box::new(node), self.cursor.since(start)))
    }

    fn class(&mut self) -> Result<Node, PatternError> {
        let start = self.cursor.at();
        if !self.cursor.eat("[") {
            return self.simple();
        }
        let negated = self.cursor.eat("^");
        let mut class = self.class_item()?;
        while self.cursor.peek().is_some_and(|c| c != ']') {
            class.union(&self.class_item()?);
        }
        if !self.cursor.eat("]") {
            return Err(self.cursor.unclosed(start, ']'));
        }
        if self.insensitive {
            fold_ascii(&mut class);
        }
        if negated {
            class.negate();
        }
        Ok(Node::Class(class))
    }

    fn class_item(&mut self) -> Result<Class, PatternError> {
        let start = self.cursor.at();
        if let Some(class) = self.predefined()? {
            return Ok(class);
        }
        let first = self.char()?;
        if !self.cursor.eat("-") {
            return Ok(range(first, first));
        }
        let last = self.char()?;
        if first > last {
            let message = format!("a range goes up, but '{first}' is after '{last}'");
            return Err(self.cursor.error(start, &message).with_help("a literal '-' in a class is '\\-'"));
        }
        Ok(range(first, last))
    }

    fn simple(&mut self) -> Result<Node, PatternError> {
        let start = self.cursor.at();
        if self.cursor.eat(".") {
            return Ok(Node::any_char());
        }
        if self.cursor.eat("#") {
            return Ok(Node::Nothing);
        }
        if self.cursor.eat("@") {
            return Ok(Node::any_char().repeat(0, None));
        }
        if self.cursor.eat("\"") {
            let Some(text) = self.cursor.until("\"") else {
                return Err(self
                    .cursor
                    .error(start, "the '\"' that ends this literal text is missing")
                    .with_help("between quotes all characters are literal; a literal quote is '\\\"'"));
            };
            return Ok(Node::concat(text.chars().map(|c| self.literal(c)).collect()));
        }
        if self.cursor.eat("()") {
            return Ok(Node::empty());
        }
        if self.cursor.eat("(") {
            self.cursor.enter(start)?;
            let node = self.union()?;
            self.cursor.leave();
            if !self.cursor.eat(")") {
                return Err(self.cursor.unclosed(start, ')'));
            }
            return Ok(node);
        }
        if self.cursor.eat("<") {
            return self.interval(start);
        }
        if let Some(class) = self.predefined()? {
            return Ok(Node::Class(class));
        }
        let c = self.char()?;
        Ok(self.literal(c))
    }

    fn literal(&self, c: char) -> Node {
        let mut class = range(c, c);
        if self.insensitive {
            fold_ascii(&mut class);
        }
        Node::Class(class)
    }

    /// A character, escaped or not.
    fn char(&mut self) -> Result<char, PatternError> {
        let start = self.cursor.at();
        self.cursor.eat("\\");
        self.cursor.next().ok_or_else(|| self.cursor.error(start, "the pattern ends where a character is expected"))
    }

    /// `\d` and its kin; nothing is read where something else stands.
    fn predefined(&mut self) -> Result<Option<Class>, PatternError> {
        let start = self.cursor.at();
        let mut ahead = self.cursor.rest().chars();
        let (Some('\\'), Some(letter)) = (ahead.next(), ahead.next()) else { return Ok(None) };
        if !letter.is_ascii_alphabetic() {
            return Ok(None);
        }
        self.cursor.next();
        self.cursor.next();
        let mut class = match letter.to_ascii_lowercase() {
            'd' => Class::digits(),
            's' => Class::new(&[('\t', '\n'), ('\r', '\r'), (' ', ' ')]),
            'w' => Class::words(),
            _ => {
                let message = format!("'\\{letter}' is not an escape of Lucene's regular expressions");
                let help = format!("they know \\d \\s \\w and their opposites only; the letter itself is '{letter}'");
                return Err(self.cursor.error(start, &message).with_help(help));
            }
        };
        if letter.is_ascii_uppercase() {
            class.negate();
        }
        Ok(Some(class))
    }

    /// `<n-m>`: a number in this range. Numbers of one length keep it (`<01-10>`); else any leading zeros are allowed.
    fn interval(&mut self, start: usize) -> Result<Node, PatternError> {
        let advice = "write <1-100>; a literal '<' is '\\<'";
        let Some(inner) = self.cursor.until(">") else {
            return Err(self.cursor.error(start, "the '>' of this interval is missing").with_help(advice));
        };
        let number = |text: &str| text.parse::<i32>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
        let Some((from, to)) =
            inner.split_once('-').and_then(|(from, to)| Some(((from, number(from)?), (to, number(to)?))))
        else {
            return Err(self.cursor.error(start, "an interval has two whole numbers").with_help(advice));
        };
        let width = (from.0.len() == to.0.len()).then_some(from.0.len());
        let (low, high) = (from.1.min(to.1), from.1.max(to.1));
        Ok(interval(&format!("{low}"), &format!("{high}"), width))
    }
}

fn range(first: char, last: char) -> Class {
    Class::new(&[(first, last)])
}

/// Adds the other case of each ASCII letter in the class.
fn fold_ascii(class: &mut Class) {
    for (letters, swap) in
        [(('a', 'z'), char::to_ascii_uppercase as fn(&char) -> char), (('A', 'Z'), |c| c.to_ascii_lowercase())]
    {
        let mut here = range(letters.0, letters.1);
        here.intersect(class);
        let other: Vec<_> = here.ranges().iter().map(|(first, last)| (swap(first), swap(last))).collect();
        class.union(&Class::new(&other));
    }
}

/// The decimal numbers from `low` to `high`: filled up with zeros to `width`, or with any number of zeros in front.
fn interval(low: &str, high: &str, width: Option<usize>) -> Node {
    let zero = || Node::char('0');
    if let Some(width) = width {
        let filled = |text: &str| -> Vec<u8> { format!("{text:0>width$}").into_bytes() };
        return digits(&filled(low), &filled(high));
    }
    let mut lengths = Vec::new();
    for length in low.len()..=high.len() {
        let from = if length == low.len() { low.into() } else { format!("1{}", zeros(length)) };
        let to = if length == high.len() { high.into() } else { "9".repeat(length) };
        lengths.push(digits(from.as_bytes(), to.as_bytes()));
    }
    Node::concat(vec![zero().repeat(0, None), Node::union(lengths)])
}

fn zeros(length: usize) -> String {
    "0".repeat(length.saturating_sub(1))
}

/// The numbers between two of the same length: `237..345` is `23[7-9] | 2[4-9][0-9] | 3[0-3][0-9] | 34[0-5]`.
fn digits(low: &[u8], high: &[u8]) -> Node {
    let (Some((&first_low, low)), Some((&first_high, high))) = (low.split_first(), high.split_first()) else {
        return Node::empty();
    };
    let digit = |from: u8, to: u8| Node::Class(range(char::from(from), char::from(to)));
    if first_low == first_high {
        return Node::concat(vec![digit(first_low, first_high), digits(low, high)]);
    }
    let (nines, noughts) = (vec![b'9'; low.len()], vec![b'0'; low.len()]);
    let mut parts = vec![Node::concat(vec![digit(first_low, first_low), digits(low, &nines)])];
    let (next, before) = (first_low.saturating_add(1), first_high.saturating_sub(1));
    if next <= before {
        let any = u32::try_from(low.len()).unwrap_or(0);
        parts.push(Node::concat(vec![digit(next, before), digit(b'0', b'9').repeat(any, Some(any))]));
    }
    parts.push(Node::concat(vec![digit(first_high, first_high), digits(&noughts, high)]));
    Node::union(parts)
}
