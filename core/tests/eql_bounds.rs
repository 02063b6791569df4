//! Long and deep queries: bounded stack, bounded time, and no panic whatever the text.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use eqlite_core::{
    Diagnostic, Schema,
    eql::{self, MAX_DEPTH},
};

/// Parses, checks and prints on a stack as small as that of a wasm module (a megabyte); unoptimised code needs about three times as much.
fn on_a_small_stack(query: String) -> Result<(), Vec<Diagnostic>> {
    let size = if cfg!(debug_assertions) { 3 << 20 } else { 1 << 20 };
    let run = move || {
        let query = eql::parse(&query)?;
        let found = eql::check(&query, &Schema::open());
        assert_eq!(eql::parse(&eql::print(&query)).map(|again| eql::print(&again)), Ok(eql::print(&query)));
        if found.is_empty() { Ok(()) } else { Err(found) }
    };
    std::thread::Builder::new().stack_size(size).spawn(run).unwrap().join().unwrap()
}

fn codes(query: String) -> Vec<&'static str> {
    on_a_small_stack(query).err().into_iter().flatten().map(|diagnostic| diagnostic.code.0).collect()
}

#[test]
fn what_nests_too_deeply_is_refused() {
    let deep = 50_000;
    for piece in [
        "(",
        "not ",
        "-",
        "1+",
        "1 or (",
        "length(",
        "a in (",
        "a : (",
        "a and (b or (",
        "1+1*(",
        "1 or 1 and 1 == 1 + 1 * (",
        "NOT ",
        "!",
    ] {
        let query = format!("any where {}a", piece.repeat(deep / piece.len()));
        assert!(codes(query).contains(&"E0212") || matches!(piece, "!" | "NOT "), "{piece}");
    }
    let sum = format!("any where {}1 == 1", "1 + ".repeat(deep / 4));
    assert_eq!(codes(sum), ["E0212"]);
    let mixed = format!("any where {}1{} == 1", "(1 + 1 + ".repeat(deep / 9), ")".repeat(deep / 9));
    assert_eq!(codes(mixed), ["E0212"]);
    let left = format!("any where {}1{} == 1", "(".repeat(150), " + 1 + 1)".repeat(150));
    assert_eq!(codes(left), ["E0212"], "the tree grows to the left without any nesting on the right");
}

#[test]
fn what_nests_less_is_read() {
    let levels = MAX_DEPTH - 4;
    for (open, close, count) in
        [("(", ")", levels), ("not ", "", levels), ("not (", ")", levels), ("a or (b and (", "))", levels / 2)]
    {
        let query = format!("any where {}true{}", open.repeat(count), close.repeat(count));
        assert_eq!(on_a_small_stack(query), Ok(()), "{open}");
    }
    // The most frames of the parser per level: each operator of each precedence, and a parenthesis.
    let worst = format!("any where {}1{}", "1 == 1 + 1 * (".repeat(60), ")".repeat(60));
    assert_eq!(codes(worst).first(), Some(&"E0417"), "booleans are no numbers, but it is read");
}

#[test]
fn long_chains_are_flat() {
    for (first, piece) in [("a", " or a"), ("a", " and a"), ("a == 1", " and a == 1 or a"), ("not a", " or not a")] {
        let query = format!("any where {first}{}", piece.repeat(50_000 / piece.len()));
        assert_eq!(on_a_small_stack(query), Ok(()), "{piece}");
    }
    for operator in [":", "in", "like", "regex~"] {
        let query = format!("any where a {operator} (\"x\"{})", ", \"x\"".repeat(10_000));
        assert_eq!(on_a_small_stack(query), Ok(()), "{operator}");
    }
    let terms = format!("sequence by a {}", "[any where true] ".repeat(2_900));
    assert_eq!(codes(terms), ["E0302"]);
}

#[test]
fn a_text_of_mistakes_gives_few_diagnostics() {
    for piece in
        ["& ", "a = 'b' and ", "[ ", "] ", "| ", ") ", "` ", "/*", "\"", "sequence [", "until ", "by ", "a b and "]
    {
        let found = on_a_small_stack(format!("any where {}", piece.repeat(50_000 / piece.len()))).unwrap_err();
        assert!(!found.is_empty() && found.len() <= 100, "{piece}: {}", found.len());
    }
}
