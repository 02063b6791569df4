//! A document read by its shape, token by token, and by `serde_json`: all three accept the same documents, and the first two find the same
//! values in them.
#![no_main]

use eqlite_core::event::{FieldTable, Slots, json};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

fuzz_target!(|text: &str| {
    let mut table = FieldTable::default();
    for path in ["a", "a.b", "b", "b.c.a"] {
        table.intern(path);
    }
    // A document printed over several lines is read token by token.
    let lines = format!("\n{text}");
    let (mut one, mut other) = (Slots::default(), Slots::default());
    let by_shape = json::project(text, &table, &mut one, 64);
    let by_token = json::project(&lines, &table, &mut other, 64);
    match (by_shape, by_token) {
        (Ok(()), Ok(())) => {
            for id in table.ids() {
                assert!(one.view(text).values(id).eq(other.view(&lines).values(id)));
            }
            assert_eq!(json::minify(text), json::minify(&lines));
        }
        (Err(one), Err(other)) => assert_eq!((one.offset + 1, one.expected), (other.offset, other.expected)),
        (one, other) => panic!("by its shape {one:?}, token by token {other:?}"),
    }
    // serde_json stops at another depth, and refuses numbers that no float holds.
    match serde_json::from_str::<Map<String, Value>>(text) {
        Ok(_) => assert!(by_shape.is_ok() || by_shape.is_err_and(|error| error.expected == "less nesting")),
        Err(error) if by_shape.is_ok() => assert!(error.to_string().starts_with("number out of range"), "{error}"),
        Err(_) => {}
    }
});
