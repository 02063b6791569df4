//! The shape against its plain twins: classes of single bytes, and documents read token by token.

use super::*;
use crate::event::{FieldTable, Slots, json, plain};
use alloc::string::String;
use eqlite_bench::Random;

#[test]
fn blocks_find_what_single_bytes_find() {
    let mut random = Random::new(1);
    for _ in 0..20_000 {
        let mut block = [b'x'; 64];
        for byte in &mut block {
            *byte = match random.below(3) {
                0 => random.below(256) as u8,
                _ => b"\"\\ \x1f!#[]{},:"[random.below(12)],
            };
        }
        let bits = |is: &dyn Fn(u8) -> bool| (0..64).filter(|at| is(block[*at])).fold(0, |all, at| all | 1_u64 << at);
        let mut least = u8x16::splat(b' ');
        let found = Classes::of(&block, &mut least);
        let plain = Classes {
            quote: bits(&|byte| byte == b'"'),
            bracket: bits(&|byte| b"[]{}Yy_\x7f".contains(&byte)),
            comma: bits(&|byte| byte == b','),
            colon: bits(&|byte| byte == b':'),
            has_backslash: block.contains(&b'\\'),
        };
        assert_eq!(found, plain, "{block:?}");
        assert_eq!(equal(quarters(&block), b' '), bits(&|byte| byte == b' '));
        assert_eq!(least.to_array().iter().any(|byte| *byte < b' '), block.iter().any(|byte| *byte < b' '));
    }
}

/// Documents that are right or nearly right, read by their shape and token by token.
#[test]
fn both_ways_of_reading_say_the_same() {
    let mut table = FieldTable::default();
    for path in ["a", "a.b", "b", "b.c.a", ".a"] {
        table.intern(path);
    }
    let long = "\"long enough to go over a block or two of sixteen bytes each, and then some more of it: {[]},\"";
    let pieces: &[&str] = &[
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "\"a\"",
        "\"b\"",
        "\"b.c\"",
        "\"\\u0061\"",
        "\"x\\\\\"",
        "\"\\\"\"",
        "\"\\q\"",
        "1",
        "-",
        "2.5e3",
        "true",
        "nul",
        "null",
        " ",
        "\n",
        "\x01",
        "\x0c",
        "é",
        "\"a\":",
        "{\"a\":",
        "\"b\":[",
        "[1,2]",
        "{}",
        "},",
        "],",
        "false,",
        "12,",
        ",\"a\":",
        "\"\":{\"a\":",
        "\".a\":",
        "\"b\\u002ec\":{\"\\u0061\":",
        "\"b\\u002ec.\\u0061\":",
        "\"a.b\":",
        "{\"\\u0061.b\":",
        "1,\"b\":{\"c\":{\"a\":",
        "}}",
        "}]",
        long,
    ];
    let (mut random, mut read) = (Random::new(2), 0);
    let (mut one, mut other) = (Slots::default(), Slots::default());
    for round in 0..400_000 {
        let mut text = String::from("{");
        if round % 3 == 0 {
            // As long as a block, so that anything may stand over its end.
            (0..random.below(64)).for_each(|_| text.push(' '));
        }
        if round % 2 == 0 {
            value(&mut random, &mut text, 4, true);
        }
        for _ in 0..random.below(12) {
            text.push_str(pieces[random.below(pieces.len())]);
        }
        text.push('}');
        if round % 5 == 0 {
            let (at, piece) = (random.below(text.len()), pieces[random.below(pieces.len())]);
            if text.is_char_boundary(at) {
                text.insert_str(at, piece);
            }
        }
        compare(&text, &table, &mut one, &mut other, &mut read);
    }
    assert!(read > 20_000, "{read} documents");
}

/// What is within an object, or a value, with blanks here and there.
fn value(random: &mut Random, text: &mut String, depth: usize, members: bool) {
    let blank = |random: &mut Random, text: &mut String| {
        text.push_str(["", "", "", " ", "\n  ", "                                          "][random.below(6)]);
    };
    blank(random, text);
    match if members { 0 } else { random.below(if depth == 0 { 4 } else { 7 }) } {
        0 if members => {
            for number in 0..random.below(5) {
                if number > 0 {
                    text.push(',');
                }
                blank(random, text);
                text.push_str(["\"a\"", "\"b\"", "\"b.c\"", "\"c\"", "\"zzz\"", "\"\""][random.below(6)]);
                blank(random, text);
                text.push(':');
                value(random, text, depth.saturating_sub(1), false);
            }
        }
        0 => text.push_str(["true", "false", "null"][random.below(3)]),
        1 => text.push_str(["0", "-12", "1234567890", "1.5e-3"][random.below(4)]),
        2 | 3 => text.push_str(["\"\"", "\"x\"", "\",:{}[]\"", "\"\\\"\\u00e9\""][random.below(4)]),
        4 => {
            text.push('[');
            for number in 0..random.below(4) {
                if number > 0 {
                    text.push(',');
                }
                value(random, text, depth - 1, false);
            }
            text.push(']');
        }
        _ => {
            text.push('{');
            value(random, text, depth - 1, true);
            text.push('}');
        }
    }
    blank(random, text);
}

fn compare(text: &str, table: &FieldTable, one: &mut Slots, other: &mut Slots, read: &mut usize) {
    other.clear(table.len());
    let results = (json::project(text, table, one, 5), plain::read(text, table, other, 5));
    assert_eq!(results.0, results.1, "{text}");
    let lines = text.bytes().any(|byte| byte < b' ');
    assert_eq!(one.has_shape, results.0.is_ok() && !lines, "{text}");
    if results.0.is_ok() {
        *read += 1;
        for id in table.ids() {
            assert!(one.view(text).values(id).eq(other.view(text).values(id)), "{text}");
            assert_eq!(one.view(text).nulls(id), other.view(text).nulls(id), "{text}");
        }
        assert_eq!(*json::kept(text, one), *json::minify(text), "{text}");
    }
}

#[test]
fn documents_of_many_parts_are_read_all_the_same() {
    let (table, mut slots) = (FieldTable::default(), Slots::default());
    for parts in [1_000, 30_000, 40_000, 200_000, 1_000] {
        let text = alloc::format!("{{\"a\":[{}1]}}", "[],".repeat(parts));
        assert!(json::project(&text, &table, &mut slots, 64).is_ok(), "{parts}");
        assert_eq!(slots.has_shape, parts <= 30_000, "{parts}");
        assert!(slots.shape.brackets.len() <= BRACKETS);
    }
}

#[test]
fn deep_documents_are_read_all_the_same() {
    let (table, mut slots) = (FieldTable::default(), Slots::default());
    for depth in [62, 63, 64, 65, 200] {
        let text = alloc::format!("{{\"a\":{}1{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        assert!(json::project(&text, &table, &mut slots, 200).is_ok(), "{depth}");
        assert_eq!(slots.has_shape, depth <= DEPTH);
        assert!(json::project(&text, &table, &mut slots, depth - 1).is_err(), "{depth}");
    }
}
