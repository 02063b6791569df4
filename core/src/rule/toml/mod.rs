//! TOML, the form of rule files: text to JSON values that keep their places.
//!
//! ```toml
//! [rule]
//! name = "Shell"                 # place of `name`: the literal with its quotes
//! threat.framework = "MITRE"     # {"name": "Shell", "threat": {"framework": "MITRE"}}
//! ```
//! All of TOML 1.1 is read; dates become text. Errors are collected: after one, reading goes on at the next line that looks like a key or a
//! table. This is our own since the usual parser keeps all that an editor needs, and took a tenth of the module.

#[cfg(test)]
mod tests;
mod values;

use crate::object::of_pairs;
use crate::span::Span;
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use serde_json::{Map, Value};

/// Most keys of one table.
const MAX_KEYS: usize = 10_000;
/// Arrays and tables may nest this deep.
const MAX_DEPTH: usize = 64;

/// What is wrong, and where.
pub(super) type Error = (Span, String);

/// A value with its place. (The place of a table is that of its header, or of the key that made it.)
#[derive(Debug)]
pub(super) struct Item {
    pub(super) span: Span,
    node: Node,
}

#[derive(Debug)]
enum Node {
    /// A value that nothing can be added to.
    Value(Value),
    Table(Table),
    /// `[[name]]`
    Tables(Vec<Table>),
}

/// A table that may still grow.
#[derive(Debug, Default)]
pub(super) struct Table {
    entries: Vec<(String, Item)>,
    /// How it came to be.
    origin: Origin,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Origin {
    /// Named on the way to another table: `a` of `[a.b]`.
    #[default]
    Implied,
    /// By its header.
    Header,
    /// By a key with dots; only such keys may add to it.
    Dotted,
}

impl Table {
    /// The keys in the order of the text.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Item)> {
        self.entries.iter().map(|(key, item)| (key.as_str(), item))
    }

    fn get_mut(&mut self, key: &str) -> Option<&mut Item> {
        self.entries.iter_mut().find(|(known, _)| known == key).map(|(_, item)| item)
    }

    /// The item of a key, a new table where there is none.
    fn table(&mut self, (key, span): &(String, Span), origin: Origin) -> Result<&mut Item, Error> {
        let known = self.entries.iter().position(|(known, _)| known == key);
        if known.is_none() {
            let table = Table { entries: Vec::new(), origin };
            self.insert((key.clone(), *span), Item { span: *span, node: Node::Table(table) })?;
        }
        let place = known.unwrap_or_else(|| self.entries.len().saturating_sub(1));
        self.entries.get_mut(place).map(|(_, item)| item).ok_or_else(|| twice(key, *span))
    }

    fn insert(&mut self, (key, span): (String, Span), item: Item) -> Result<(), Error> {
        if self.get_mut(&key).is_some() {
            return Err(twice(&key, span));
        }
        if self.entries.len() >= MAX_KEYS {
            return Err((span, format!("a table has at most {MAX_KEYS} keys")));
        }
        self.entries.push((key, item));
        Ok(())
    }

    /// Adds a key that may have dots.
    fn assign(&mut self, mut path: Vec<(String, Span)>, item: Item) -> Result<(), Error> {
        let Some(last) = path.pop() else { return Ok(()) };
        let mut table = self;
        for part in &path {
            table = match &mut table.table(part, Origin::Dotted)?.node {
                Node::Table(table) if table.origin != Origin::Header => table,
                _ => return Err(twice(&part.0, part.1)),
            };
        }
        table.insert(last, item)
    }

    /// The table that a header opens.
    fn open(&mut self, mut path: Vec<(String, Span)>, many: bool) -> Result<&mut Table, Error> {
        let Some(last) = path.pop() else { return Ok(self) };
        let mut table = self;
        for part in &path {
            table = match &mut table.table(part, Origin::Implied)?.node {
                Node::Table(table) if table.origin != Origin::Dotted => table,
                Node::Tables(tables) => tables.last_mut().ok_or_else(|| twice(&part.0, part.1))?,
                _ => return Err(twice(&part.0, part.1)),
            };
        }
        if many {
            if table.get_mut(&last.0).is_none() {
                table.insert(last.clone(), Item { span: last.1, node: Node::Tables(Vec::new()) })?;
            }
            match table.get_mut(&last.0).map(|item| &mut item.node) {
                Some(Node::Tables(tables)) if tables.len() < MAX_KEYS => {
                    tables.push(Table { entries: Vec::new(), origin: Origin::Header });
                    tables.last_mut().ok_or_else(|| twice(&last.0, last.1))
                }
                _ => Err(twice(&last.0, last.1)),
            }
        } else {
            let item = table.table(&last, Origin::Implied)?;
            item.span = last.1;
            match &mut item.node {
                Node::Table(table) if table.origin == Origin::Implied => {
                    table.origin = Origin::Header;
                    Ok(table)
                }
                _ => Err(twice(&last.0, last.1)),
            }
        }
    }

    /// The same in JSON.
    pub(super) fn to_json(&self) -> Map<String, Value> {
        of_pairs(&mut self.iter().map(|(key, item)| (key.to_string(), item.to_json())))
    }
}

impl Item {
    /// A table that a header or dotted keys made, or an inline one.
    pub(super) fn as_table(&self) -> Option<&Table> {
        match &self.node {
            Node::Table(table) => Some(table),
            Node::Value(_) | Node::Tables(_) => None,
        }
    }

    /// The same in JSON.
    pub(super) fn to_json(&self) -> Value {
        match &self.node {
            Node::Value(value) => value.clone(),
            Node::Table(table) => Value::Object(table.to_json()),
            Node::Tables(tables) => Value::Array(tables.iter().map(|table| Value::Object(table.to_json())).collect()),
        }
    }
}

fn twice(key: &str, span: Span) -> Error {
    (span, format!("'{key}' is there already"))
}

/// Reads a file; what could be read is given beside the errors.
pub(super) fn parse(text: &str) -> (Table, Vec<Error>) {
    let mut reader = Reader { text, at: 0, depth: 0 };
    reader.eat("\u{feff}");
    let (mut root, mut errors) = (Table::default(), Vec::new());
    // The header that holds for the keys below it.
    let mut header: Vec<(String, Span)> = Vec::new();
    loop {
        reader.blank_lines();
        if reader.peek().is_none() {
            return (root, errors);
        }
        if let Err(error) = reader.line(&mut root, &mut header) {
            errors.push(error);
            reader.recover();
        }
    }
}

/// A place in the text.
struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    /// One header, or one key with its value.
    fn line(&mut self, root: &mut Table, header: &mut Vec<(String, Span)>) -> Result<(), Error> {
        if self.eat("[") {
            let many = self.eat("[");
            let path = self.path()?;
            if !self.eat(if many { "]]" } else { "]" }) {
                return Err(self.wrong("the ']' that ends this header is missing"));
            }
            root.open(path.clone(), many)?;
            *header = path;
        } else {
            let path = self.path()?;
            if !self.eat("=") {
                return Err(self.wrong("a '=' belongs after a key"));
            }
            self.spaces();
            let item = self.item()?;
            let table = header.iter().try_fold(&mut *root, |table, (key, _)| match &mut table.get_mut(key)?.node {
                Node::Table(table) => Some(table),
                Node::Tables(tables) => tables.last_mut(),
                Node::Value(_) => None,
            });
            if let Some(table) = table {
                table.assign(path, item)?;
            }
        }
        self.spaces();
        self.comment();
        if self.peek().is_some() && !self.newline() {
            return Err(self.wrong("the line should end here"));
        }
        Ok(())
    }

    /// A key with its dots, and the blanks around.
    fn path(&mut self) -> Result<Vec<(String, Span)>, Error> {
        let mut path = Vec::new();
        loop {
            self.spaces();
            let start = self.at;
            let key = match self.peek() {
                Some('"') => self.basic()?,
                Some('\'') => self.literal()?,
                _ => {
                    let bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
                    let key = self.take(bare);
                    if key.is_empty() {
                        return Err(self.wrong("a key is expected here"));
                    }
                    key.to_string()
                }
            };
            path.push((key, Span::new(start, self.at)));
            if path.len() > MAX_DEPTH {
                return Err(self.wrong("this is nested too deeply"));
            }
            self.spaces();
            if !self.eat(".") {
                return Ok(path);
            }
        }
    }

    /// Goes to the next line that looks like a key or a header.
    fn recover(&mut self) {
        loop {
            self.take(|byte| byte != b'\n');
            if !self.eat("\n") {
                return;
            }
            let line = self.rest().lines().next().unwrap_or("");
            let key = line.split_once('=').map(|(key, _)| key.trim_end());
            if line.starts_with('[') || key.is_some_and(|key| !key.is_empty() && !key.contains([' ', '\t', ','])) {
                return;
            }
        }
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at = self.at.saturating_add(c.len_utf8());
        Some(c)
    }

    fn eat(&mut self, wanted: &str) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.at = self.at.saturating_add(wanted.len());
        }
        found
    }

    /// The bytes from here on that `wanted` holds for; those of a character that is not ASCII are alike to it.
    fn take(&mut self, wanted: impl Fn(u8) -> bool) -> &str {
        let (start, mut end) = (self.at, self.at);
        // Written out, since an adapter is a call where code is compiled for size.
        for byte in self.rest().bytes() {
            if !wanted(byte) {
                break;
            }
            end = end.wrapping_add(1);
        }
        self.at = end;
        self.text.get(start..end).unwrap_or("")
    }

    fn spaces(&mut self) {
        self.take(|byte| matches!(byte, b' ' | b'\t'));
    }

    fn newline(&mut self) -> bool {
        self.eat("\n") || self.eat("\r\n")
    }

    fn comment(&mut self) {
        if self.eat("#") {
            self.take(|byte| !byte.is_ascii_control() || byte == b'\t');
        }
    }

    /// Blanks, comments and line ends.
    fn blank_lines(&mut self) {
        loop {
            self.spaces();
            self.comment();
            if !self.newline() {
                return;
            }
        }
    }

    /// An error at this place.
    fn wrong(&self, message: &str) -> Error {
        let end = self.peek().map_or(self.at, |c| self.at.saturating_add(c.len_utf8()));
        (Span::new(self.at, end), message.to_string())
    }
}
