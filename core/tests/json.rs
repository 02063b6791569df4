//! The projecting reader against `serde_json`, on written cases and on random documents and mutations of them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use eqlite_core::event::{FieldTable, Slots, Value, json};
use serde_json::Value as Json;

const PATHS: &[&str] = &["a", "a.b", "b.c", "c", "b", "a.b.c", "key with space", "é"];

fn table() -> FieldTable {
    let mut table = FieldTable::default();
    for path in PATHS {
        table.intern(path);
    }
    table
}

/// The plain twin: walks the whole tree and flattens it.
fn flatten(json: &Json, path: &str, wanted: &str, out: &mut Vec<String>) {
    match json {
        Json::Object(map) => {
            for (key, value) in map {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                flatten(value, &path, wanted, out);
            }
        }
        Json::Array(items) => items.iter().for_each(|item| flatten(item, path, wanted, out)),
        Json::Null => {}
        value if path == wanted => out.push(value.to_string()),
        _ => {}
    }
}

fn projected(text: &str, table: &FieldTable, slots: &mut Slots) -> Result<Vec<Vec<String>>, json::JsonError> {
    projected_to(text, table, slots, 64)
}

fn projected_to(
    text: &str,
    table: &FieldTable,
    slots: &mut Slots,
    depth: usize,
) -> Result<Vec<Vec<String>>, json::JsonError> {
    json::project(text, table, slots, depth)?;
    let view = slots.view(text);
    let show = |value| match value {
        Value::Bool(value) => Json::from(value).to_string(),
        Value::Int(value) => Json::from(value).to_string(),
        Value::Unsigned(value) => Json::from(value).to_string(),
        Value::Float(value) => Json::from(value).to_string(),
        Value::Text(value) => Json::from(value).to_string(),
        other => panic!("{other:?} does not come out of JSON"),
    };
    Ok(PATHS.iter().map(|path| view.values(table.get(path).unwrap()).map(show).collect()).collect())
}

fn sorted(mut values: Vec<String>) -> Vec<String> {
    values.sort();
    values
}

fn agree(text: &str, table: &FieldTable, slots: &mut Slots) {
    let twin = serde_json::from_str::<serde_json::Map<String, Json>>(text);
    let ours = projected(text, table, slots);
    match (twin, ours) {
        (Ok(map), Ok(values)) => {
            for (path, values) in PATHS.iter().zip(values) {
                let mut expected = Vec::new();
                flatten(&Json::Object(map.clone()), "", path, &mut expected);
                assert_eq!(sorted(values), sorted(expected), "{path} of {text}");
            }
            let small = json::minify(text);
            assert_eq!(serde_json::from_str::<Json>(&small).unwrap(), Json::Object(map));
        }
        (Err(_), Err(error)) => assert!(error.offset <= text.len()),
        (twin, ours) => panic!("{text:?}: serde_json says {twin:?}, we say {ours:?}"),
    }
}

#[test]
fn written_cases() {
    let (table, mut slots) = (table(), Slots::default());
    let cases = [
        r#"{}"#,
        r#" { "a" : { "b" : [ 1 , 2.5, -1, 1e3, true, null, "x" ] } } "#,
        r#"{"a.b": "dotted", "a": {"b.c": "mixed"}, "b": [{"c": 1}, {"c": [2, {"d": 3}]}]}"#,
        r#"{"c": "\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00", "\u0061": 1, "é": "ü"}"#,
        r#"{"c": 18446744073709551615, "a": 9223372036854775808, "b": -9223372036854775808}"#,
        r#"{"c": 1}{"c": 2}"#,
        r#"{"c": 01}"#,
        r#"{"c": 1.}"#,
        r#"{"c": +1}"#,
        r#"{"c": "a
b"}"#,
        r#"{"c": "\x"}"#,
        r#"{"c": "\u12g4"}"#,
        r#"{"c": tru}"#,
        r#"{"c" 1}"#,
        r#"{"c": 1,}"#,
        r#"{"c": [1,]}"#,
        r#"{"c": 1"#,
        r#"[1]"#,
        "",
    ];
    for case in cases {
        agree(case, &table, &mut slots);
    }
}

#[test]
fn nesting_is_bounded_where_it_is_skipped_and_where_it_is_read() {
    let (table, mut slots) = (table(), Slots::default());
    for key in ["a", "zzz"] {
        let deep = format!("{{\"{key}\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(json::project(&deep, &table, &mut slots, 64).unwrap_err().expected, "less nesting");
    }
}

#[test]
fn nesting_deeper_than_a_word_has_bits_is_checked_all_the_same() {
    let (table, mut slots) = (table(), Slots::default());
    for key in ["a", "zzz"] {
        for levels in [1, 2, 61, 62, 63, 64, 65, 126, 127, 128, 190] {
            let open: String = (0..levels).map(|level| if level % 3 == 0 { "{\"k\":" } else { "[0," }).collect();
            let close = |wrong: usize| -> String {
                let kind = |level| if (level % 3 == 0) == (level != wrong) { '}' } else { ']' };
                (0..levels).rev().map(kind).collect()
            };
            let document = |wrong| format!("{{\"{key}\":{open}\"x\"{},\"c\":7}}", close(wrong));
            let values = projected_to(&document(usize::MAX), &table, &mut slots, 200).unwrap();
            assert_eq!(values[3], ["7"], "{levels} levels under {key}");
            for wrong in [0, levels / 2, levels - 1] {
                assert!(projected_to(&document(wrong), &table, &mut slots, 200).is_err(), "{levels} {wrong} {key}");
            }
        }
    }
}

#[test]
fn half_a_surrogate_pair_becomes_the_replacement_character() {
    let (table, mut slots) = (table(), Slots::default());
    let values = projected(r#"{"c": "\ud83d\u0041", "a": "\ude00"}"#, &table, &mut slots).unwrap();
    assert_eq!(values[3], ["\"\u{fffd}A\""]);
    assert_eq!(values[0], ["\"\u{fffd}\""]);
}

/// A small generator: no crate is needed for numbers that must only be many and repeatable.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }

    fn value(&mut self, depth: usize) -> Json {
        match self.below(if depth == 0 { 6 } else { 9 }) {
            0 => Json::Null,
            1 => Json::from(self.below(2) == 0),
            2 => Json::from(self.below(1000) as i64 - 500),
            3 => Json::from(self.below(1000) as f64 / 8.0 - 3.0),
            4 => Json::from("plain text that is longer than eight bytes"),
            5 => Json::from(["", "\"q\\", "é😀", "tab\there", "x"][self.below(5)]),
            6 => (0..self.below(4)).map(|_| self.value(depth - 1)).collect(),
            _ => self.object(depth - 1),
        }
    }

    fn object(&mut self, depth: usize) -> Json {
        let keys = ["a", "b", "c", "a.b", "b.c", "d", "key with space", "é", "esc\"aped"];
        let mut map = serde_json::Map::new();
        for _ in 0..self.below(5) {
            map.insert(keys[self.below(keys.len())].to_owned(), self.value(depth));
        }
        Json::Object(map)
    }
}

#[test]
fn random_documents_and_their_mutations() {
    let (table, mut slots) = (table(), Slots::default());
    let mut random = Random(0x5eed_cafe_f00d_0001);
    for round in 0..4_000 {
        let document = random.object(4);
        let text = if round % 2 == 0 { document.to_string() } else { serde_json::to_string_pretty(&document).unwrap() };
        agree(&text, &table, &mut slots);
        let mut bytes = text.into_bytes();
        let at = random.below(bytes.len());
        match random.below(3) {
            0 => bytes[at] = b"{}[]\",:\\0a \n"[random.below(12)],
            1 => drop(bytes.remove(at)),
            _ => bytes.truncate(at),
        }
        if let Ok(text) = String::from_utf8(bytes)
            // A duplicated key is the one thing in which the tree differs: it keeps the last.
            && serde_json::from_str::<Json>(&text).is_err()
        {
            agree(&text, &table, &mut slots);
        }
    }
}
