//! Documents of a stream, read by what is remembered of those before them, against each read on its own, which remembers nothing.

use super::*;
use alloc::format;
use eqlite_bench::Random;

/// Keys that are alike in what they begin with, are short, long, dotted, escaped or empty.
const KEYS: &[&str] = &[
    "a",
    "b",
    "b.c",
    "",
    "host",
    "hostname",
    "hosts",
    "hos\\u0074",
    "process",
    "\\u0061",
    "a.b",
    ".a",
    "é",
    "a key that is longer than thirty-two bytes, as some are",
    "a key that is longer than thirty-two bytes, as some others",
];

fn table() -> FieldTable {
    let mut table = FieldTable::default();
    for path in ["a", "a.b", "b", "b.c.a", ".a", "host", "host.b", "host.a", "hostname", "process.host.b", "é"] {
        table.intern(path);
    }
    table
}

/// A stream whose documents come again with some other values, in another order, with blanks, or broken.
struct Stream {
    random: Random,
    blanks: bool,
}

impl Stream {
    fn blank(&mut self, text: &mut String) {
        if self.blanks && self.random.below(3) == 0 {
            text.push_str(["", " ", "\n  ", "\t"][self.random.below(4)]);
        }
    }

    fn members(&mut self, text: &mut String, depth: usize) {
        text.push('{');
        for number in 0..self.random.below(5) {
            if number > 0 {
                text.push(',');
            }
            self.blank(text);
            text.push('"');
            text.push_str(KEYS[self.random.below(KEYS.len())]);
            text.push('"');
            self.blank(text);
            text.push(':');
            self.blank(text);
            self.value(text, depth);
            self.blank(text);
        }
        self.blank(text);
        text.push('}');
    }

    fn value(&mut self, text: &mut String, depth: usize) {
        match self.random.below(if depth == 0 { 5 } else { 8 }) {
            0 => text.push_str(["true", "false", "null"][self.random.below(3)]),
            1 => text.push_str(["0", "-12", "1234567", "12345678", "1.5e-3", "7", "42"][self.random.below(7)]),
            2 => text.push_str(&format!("\"{}\"", self.random.below(1000))),
            3 => text.push_str(["\"\"", "\"x\"", "\",:{}[]\"", "\"\\\"\\u00e9\"", "\"\\\\\""][self.random.below(5)]),
            4 => text.push_str(&format!("\"{}\"", "long enough for more than one look".repeat(self.random.below(4)))),
            5 => {
                text.push('[');
                for number in 0..self.random.below(4) {
                    if number > 0 {
                        text.push(',');
                    }
                    self.blank(text);
                    self.value(text, depth - 1);
                    self.blank(text);
                }
                text.push(']');
            }
            _ => self.members(text, depth - 1),
        }
    }
}

/// Reads a document both ways.
fn compare(text: &str, reader: &mut Reader, one: &mut Slots, other: &mut Slots, depth: usize) -> bool {
    let by_memory = reader.read(text);
    let alone = json::project(text, &reader.table, other, depth);
    assert_eq!(by_memory, alone, "{text:?}");
    if by_memory.is_ok() {
        reader.fill(text, one);
        for id in reader.table.ids() {
            assert!(one.view(text).values(id).eq(other.view(text).values(id)), "{text}");
            assert_eq!(one.view(text).nulls(id), other.view(text).nulls(id), "{text}");
        }
        assert_eq!(*reader.kept(text), *json::minify(text), "{text}");
    }
    by_memory.is_ok()
}

#[test]
fn what_is_remembered_changes_nothing() {
    let (mut one, mut other, mut read) = (Slots::default(), Slots::default(), 0);
    for seed in 0..60 {
        let mut stream = Stream { random: Random::new(seed), blanks: seed % 3 == 0 };
        let mut reader = Reader::new(table().into(), 5);
        // Parts that come again.
        let parts: Vec<String> = (0..6)
            .map(|_| {
                let mut text = String::new();
                stream.members(&mut text, 2);
                text
            })
            .collect();
        for _ in 0..2_000 {
            let mut text = String::new();
            if stream.random.below(2) == 0 {
                stream.members(&mut text, 5);
            } else {
                let member = |stream: &mut Stream| {
                    let (key, part) = (KEYS[stream.random.below(KEYS.len())], &parts[stream.random.below(parts.len())]);
                    format!("\"{key}\":{part}")
                };
                let members = [(); 3].map(|()| member(&mut stream));
                text = format!("{{{}}}", members.join(","));
            }
            if stream.random.below(3) == 0 && text.len() > 2 {
                let at = stream.random.below(text.len());
                let piece = ["\"", ",", "}", "]", "{", "[", ":", "\\", "1", "x", " ", "\n", "\x01", "é", ""]
                    [stream.random.below(15)];
                if text.is_char_boundary(at) && text.is_char_boundary(at + 1) {
                    text.replace_range(at..at + 1, piece);
                }
            }
            read += usize::from(compare(&text, &mut reader, &mut one, &mut other, 5));
        }
    }
    assert!(read > 60_000, "{read} documents");
}

#[test]
fn where_keys_are_values_they_are_forgotten() {
    let mut table = FieldTable::default();
    let wanted = table.intern("labels.last");
    let (mut reader, mut slots) = (Reader::new(table.into(), 8), Slots::default());
    for round in 0..40 {
        let labels: String =
            (0..2_000).map(|number| format!("\"label-{round}-{number}\":{{\"n\":{number}}},")).collect();
        let text = format!("{{\"labels\":{{{labels}\"last\":{round}}}}}");
        reader.read(&text).unwrap();
        reader.fill(&text, &mut slots);
        assert_eq!(slots.view(&text).first(wanted), Some(crate::event::Value::Int(round)));
        assert!(reader.members.len() <= 1 << 14);
    }
}

#[test]
fn what_repeats_is_limited_in_depth_where_it_stands() {
    let mut reader = Reader::new(FieldTable::default().into(), 4);
    for _ in 0..3 {
        reader.read(r#"{"k":[{"k":[1]}]}"#).unwrap();
        reader.read(r#"{"k":[{"k":[2]}]}"#).unwrap();
        assert_eq!(reader.read(r#"{"k":[[{"k":[1]}]]}"#).unwrap_err().expected, "less nesting");
    }
}

#[test]
fn a_member_whose_values_never_repeat_is_left_alone_for_a_while_only() {
    let mut table = FieldTable::default();
    let name = table.intern("process.name");
    let (mut reader, mut slots) = (Reader::new(table.into(), 8), Slots::default());
    for number in 0..12_000 {
        let name_of = if number < 6_000 { number } else { number % 3 };
        let text = format!("{{\"process\":{{\"name\":\"process {name_of}\",\"n\":[{name_of}]}}}}");
        reader.read(&text).unwrap();
        reader.fill(&text, &mut slots);
        let expected = format!("process {name_of}");
        assert_eq!(slots.view(&text).first(name), Some(crate::event::Value::Text(&expected)));
    }
}
