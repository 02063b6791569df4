//! A document read after others, on its own, and by `serde_json`: all three accept the same documents, and the first two find the same values
//! in them.
#![no_main]

use eqlite_core::event::{FieldTable, Reader, Slots, json};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

fuzz_target!(|text: &str| {
    let mut table = FieldTable::default();
    for path in ["a", "a.b", "b", "b.c.a"] {
        table.intern(path);
    }
    let (mut one, mut other) = (Slots::default(), Slots::default());
    // What comes again is remembered: from line to line, and the second time all of it.
    let mut reader = Reader::new(table.clone().into(), 64);
    for line in text.lines().chain(text.lines()).chain([text, text]) {
        let by_memory = reader.read(line);
        let alone = json::project(line, &table, &mut other, 64);
        assert_eq!(by_memory, alone);
        if alone.is_ok() {
            reader.fill(line, &mut one);
            for id in table.ids() {
                assert!(one.view(line).values(id).eq(other.view(line).values(id)));
            }
            assert_eq!(json::minify(line), json::minify(&json::minify(line)));
        }
        // serde_json stops at another depth, and refuses numbers that no float holds.
        match serde_json::from_str::<Map<String, Value>>(line) {
            Ok(_) => assert!(alone.is_ok() || alone.is_err_and(|error| error.expected == "less nesting")),
            Err(error) if alone.is_ok() => assert!(error.to_string().starts_with("number out of range"), "{error}"),
            Err(_) => {}
        }
    }
});
