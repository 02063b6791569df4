//! The plan against the plain evaluator: many random conditions at once, so that leaves are shared and the index has work, over random
//! documents. Each document must match exactly the rules that the plain evaluator names.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod support;

use eqlite_core::{Config, Correlator, Rule, eql::parse_expression};
use serde_json::{Map, Value as Json, json};
use support::{naive, plan_of, random::Random};

const TEXT_FIELDS: [&str; 3] = ["process.name", "process.args", "user.name"];
const NUMBER_FIELDS: [&str; 2] = ["process.pid", "process.exit_code"];
const WORDS: [&str; 13] =
    ["nc", "NC", "ncat", "bash", "Bash", "", "é", "É", "a*b", "n?", "10.1.2.3", "::ffff:10.9.9.9", "0x1f"];
const PATTERNS: [&str; 9] = ["n*", "*c", "*", "N?AT", "bash", "é", "*a*", "", "a\\*b"];
const REGEXES: [&str; 6] = ["n.*", "[a-n]+", "bash|nc", "n(c|cat)?", ".*", "é"];
const BLOCKS: [&str; 3] = ["10.0.0.0/8", "10.1.2.0/24", "::/0"];

fn quoted(random: &mut Random, of: &[&str]) -> String {
    format!("{:?}", random.one(of))
}

fn field(random: &mut Random, of: &[&str]) -> String {
    let mark = if random.chance(15) { "?" } else { "" };
    format!("{mark}{}", random.one(of))
}

fn any_field(random: &mut Random) -> String {
    let of = if random.chance(60) { &TEXT_FIELDS[..] } else { &NUMBER_FIELDS[..] };
    field(random, of)
}

fn number(random: &mut Random) -> String {
    (*random.one(&["0", "1", "2", "7", "-1", "2.5", "1.0", "9007199254740993"])).into()
}

fn comparison(random: &mut Random) -> String {
    (*random.one(&["==", "==", "!=", "<", "<=", ">", ">="])).into()
}

fn tilde(random: &mut Random) -> &'static str {
    if random.chance(30) { "~" } else { "" }
}

/// Something with text for a value.
fn text_value(random: &mut Random, depth: usize) -> String {
    let number = |random: &mut Random| number_value(random, depth.saturating_sub(1));
    match if depth == 0 { 0 } else { random.below(6) } {
        0 | 1 => field(random, &TEXT_FIELDS),
        2 => {
            let parts = random.some(1, 3, |random| match random.below(3) {
                0 => quoted(random, &WORDS),
                1 => any_field(random),
                _ => text_value(random, depth - 1),
            });
            format!("concat({})", parts.join(", "))
        }
        3 => format!("substring({}, {})", text_value(random, depth - 1), number(random)),
        4 => match random.below(2) {
            0 => format!("string({})", any_field(random)),
            _ => format!("string({})", condition(random, depth - 1)),
        },
        _ => format!("between{}({}, \"n\", \"c\")", tilde(random), text_value(random, depth - 1)),
    }
}

/// Something with a number for a value.
fn number_value(random: &mut Random, depth: usize) -> String {
    match if depth == 0 { random.below(2) } else { random.below(7) } {
        0 => number(random),
        1 => field(random, &NUMBER_FIELDS),
        2 => format!("length({})", text_value(random, depth - 1)),
        3 => {
            let op = *random.one(&["+", "-", "*", "/", "%"]);
            format!("({} {op} {})", number_value(random, depth - 1), number_value(random, depth - 1))
        }
        4 => {
            let name = *random.one(&["add", "subtract", "multiply", "divide", "modulo"]);
            format!("{name}({}, {})", number_value(random, depth - 1), number_value(random, depth - 1))
        }
        5 => format!("indexOf{}({}, {})", tilde(random), text_value(random, depth - 1), quoted(random, &WORDS)),
        _ => format!("number({})", text_value(random, depth - 1)),
    }
}

fn leaf(random: &mut Random, depth: usize) -> String {
    let value = |random: &mut Random| {
        if random.chance(60) { field(random, &TEXT_FIELDS) } else { text_value(random, depth) }
    };
    match random.below(12) {
        0 | 1 => format!("{} {} {}", value(random), comparison(random), quoted(random, &WORDS)),
        2 => format!("{} {} {}", field(random, &NUMBER_FIELDS), comparison(random), number(random)),
        3 => format!("{} {} {}", number(random), comparison(random), number_value(random, depth.max(1))),
        4 => {
            let op = *random.one(&["in", "in~", "not in", "not in~"]);
            let list = random.some(1, 4, |random| match random.below(8) {
                0 => number(random),
                1 => "null".into(),
                2 => "true".into(),
                3 => quoted(random, &BLOCKS),
                _ => quoted(random, &WORDS),
            });
            format!("{} {op} ({})", value(random), list.join(", "))
        }
        5 | 6 => {
            let op = *random.one(&[":", "like", "like~"]);
            let list = random.some(1, 3, |random| quoted(random, &PATTERNS));
            format!("{} {op} ({})", value(random), list.join(", "))
        }
        7 => format!("{} regex{} {}", value(random), tilde(random), quoted(random, &REGEXES)),
        8 => {
            let name = *random.one(&["startsWith", "endsWith", "stringContains", "STARTSWITH"]);
            let what = if random.chance(70) { quoted(random, &WORDS) } else { text_value(random, depth) };
            format!("{name}{}({}, {what})", tilde(random), value(random))
        }
        9 => {
            let op = *random.one(&["==", "!="]);
            let side = if random.chance(50) { any_field(random) } else { number_value(random, depth.max(1)) };
            if random.chance(50) { format!("{side} {op} null") } else { format!("null {op} {side}") }
        }
        10 => match random.below(4) {
            0 => format!("cidrMatch({}, {})", field(random, &TEXT_FIELDS), quoted(random, &BLOCKS)),
            1 => format!("{} {} {}", field(random, &TEXT_FIELDS), random.one(&["==", "!="]), quoted(random, &BLOCKS)),
            2 => format!("event.ok {} {}", random.one(&["==", "!="]), random.one(&["true", "false"])),
            _ => "event.ok".into(),
        },
        _ => format!("{} {} {}", number_value(random, depth.max(1)), comparison(random), number(random)),
    }
}

fn condition(random: &mut Random, depth: usize) -> String {
    match if depth == 0 { 0 } else { random.below(7) } {
        0..=2 => leaf(random, depth),
        3 => format!("not ({})", condition(random, depth - 1)),
        4 | 5 => random.some(2, 3, |random| format!("({})", condition(random, depth - 1))).join(" and "),
        _ => random.some(2, 3, |random| format!("({})", condition(random, depth - 1))).join(" or "),
    }
}

fn scalar(random: &mut Random) -> Json {
    match random.below(12) {
        0 => json!(null),
        1 => json!(true),
        2 => json!([]),
        3 | 4 => json!(random.one(&[0, 1, 2, 7, -1, i64::MAX, 9_007_199_254_740_993])),
        5 => json!(random.one(&[1.0, 2.5, -1e300])),
        _ => json!(random.one(&WORDS)),
    }
}

/// Absent, one value, or several; of whatever type.
fn value(random: &mut Random) -> Json {
    match random.below(4) {
        0 => Json::Array(random.some(0, 3, scalar)),
        _ => scalar(random),
    }
}

fn document(random: &mut Random) -> Json {
    let mut document = Map::new();
    for path in TEXT_FIELDS.iter().chain(&NUMBER_FIELDS).chain(&["event.ok", "event.category"]) {
        if random.chance(25) {
            continue;
        }
        let value = match *path {
            "event.category" => json!(random.one(&[vec!["process"], vec!["file", "process"], vec!["file"]])),
            "event.ok" if random.chance(70) => json!(random.chance(50)),
            path if NUMBER_FIELDS.contains(&path) && random.chance(60) => json!(random.below(8)),
            _ => value(random),
        };
        let (object, key) = path.split_once('.').unwrap();
        if random.chance(30) {
            document.insert((*path).into(), value);
        } else if random.chance(10) {
            // Objects in an array: their values are flattened.
            let rest = json!([{ key: value }, { key: scalar(random) }]);
            document.entry(object).or_insert(rest);
        } else if let Json::Object(below) = document.entry(object).or_insert_with(|| json!({})) {
            below.insert(key.into(), value);
        }
    }
    Json::Object(document)
}

#[test]
fn the_plan_matches_what_the_plain_evaluator_matches() {
    let mut random = Random(21);
    let (mut matched, mut asked) = (0_usize, 0_usize);
    for _ in 0..40 {
        let mut rules = Vec::new();
        let mut conditions = Vec::new();
        while rules.len() < 40 {
            let depth = random.below(4);
            let text = condition(&mut random, depth);
            let category = random.chance(50).then_some("process");
            let query = format!("{} where {text}", category.unwrap_or("any"));
            let rule = Rule { kind: "eql".into(), query, ..Rule::default() };
            // The checker refuses what is constant nonsense; it has tests of its own.
            if eqlite_core::Plan::builder().add(rule.clone()).is_ok() {
                rules.push(rule);
                conditions.push((category, parse_expression(&text).unwrap(), text));
            }
        }
        let mut correlator = Correlator::new(plan_of(rules), Config::default());
        for _ in 0..25 {
            let document = document(&mut random);
            correlator.feed_event(document.to_string().as_bytes()).unwrap();
            let alerted: Vec<usize> = correlator.drain_alerts().iter().map(|alert| alert.rule_index).collect();
            for (number, (category, condition, text)) in conditions.iter().enumerate() {
                let category_fits = category
                    .is_none_or(|category| naive::values(&document, "event.category").contains(&json!(category)));
                let expected = category_fits && naive::holds(condition, &document);
                assert_eq!(alerted.contains(&number), expected, "{category:?} where {text}\n{document}");
                matched += usize::from(expected);
                asked += 1;
            }
        }
    }
    assert!(matched * 10 > asked && matched * 10 < asked * 7, "not a test: {matched} of {asked}");
}
