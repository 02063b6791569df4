//! The reader against the library that everybody uses.

use super::*;
use ::toml::Value as Toml;

fn json(value: &Toml) -> Value {
    match value {
        Toml::String(text) => Value::from(text.as_str()),
        Toml::Integer(number) => Value::from(*number),
        Toml::Float(number) => Value::from(*number),
        Toml::Boolean(value) => Value::Bool(*value),
        Toml::Datetime(date) => Value::String(date.to_string()),
        Toml::Array(values) => values.iter().map(json).collect(),
        Toml::Table(table) => Value::Object(object(table)),
    }
}

fn object(table: &::toml::Table) -> Map<String, Value> {
    table.iter().map(|(key, value)| (key.clone(), json(value))).collect()
}

/// Both read the same, or both refuse.
fn same(text: &str) -> bool {
    let (ours, errors) = parse(text);
    match text.parse::<::toml::Table>() {
        Ok(theirs) => {
            let near =
                errors.first().map(|(span, _)| (text.get(span.start.saturating_sub(30)..span.start), span.of(text)));
            assert_eq!(errors, [], "{near:?}");
            assert_eq!(ours.to_json(), object(&theirs), "{text}");
            true
        }
        Err(error) => {
            assert!(!errors.is_empty(), "{text}\n{error}");
            for (span, _) in errors {
                assert!(span.start <= span.end && span.end <= text.len(), "{text}");
            }
            false
        }
    }
}

const FILE: &str = r#"# A rule
title = "x" # with a comment
'quoted key'."and \u00e9" = '''
it's 'here'''''
[rule] # header
name = "a \"b\" \\ \t\U0001F600"
query = """
process where true
  and "quoted" == ""\"
  \
     joined"""
empty = ""
literal = 'C:\Windows\*'
numbers = [1, -2, +3, 1_000, 0xDEAD_beef, 0o755, 0b1101, 9223372036854775807]
floats = [1.0, -0.5, 6.26e-4, 1e10, 1_0.0_1,
  3.0E+2, # last
]
dates = [1979-05-27T07:32:00Z, 1979-05-27 07:32:00.5-07:00, 1979-05-27T07:32:00, 1979-05-27, 07:32:00]
flags = [true, false, [], [[1], ['two']]]
inline = {a = 1, b.c = "x", d = {}}
dotted.one.two = 1
dotted.one.three = 2
[rule.meta]
x = 1
[[rule.threat]]
framework = "M"
[rule.threat.tactic]
id = "T1"
[[rule.threat.technique]]
id = "T2"
[[rule.threat.technique]]
id = "T3"
[[rule.threat]]
framework = "N"
[a.b.c]
[a]
d = 1
"#;

#[test]
fn reads_what_the_library_reads() {
    assert!(same(FILE) && same(&FILE.replace('\n', "\r\n")) && same(""));
    // Control characters that only Unicode has are letters to TOML.
    assert!(same("a = \"\u{85}\" # \u{85}\nb = '\u{9f}'\nc = \"\"\"\u{80}\"\"\""));
}

#[test]
fn refuses_what_the_library_refuses() {
    for text in [
        "a",
        "a =",
        "= 1",
        "a = 1 b = 2",
        "a = 1\na = 2",
        "a.b = 1\na = 2",
        "a = 1\na.b = 2",
        "[a]\n[a]",
        "[a",
        "[[a]",
        "[]",
        "[a]\nb = 1\n[a.b]\n[a.b.c]\n[a.b]",
        "a = [1\n",
        "a = [1 2]",
        "a = {b = 1",
        "a = \"x",
        "a = 'x",
        "a = \"\"\"x",
        "a = '''x",
        "a = \"\\q\"",
        "a = \"\\uD800\"",
        "a = 01",
        "a = 1_",
        "a = _1",
        "a = 1.",
        "a = .5",
        "a = 1e",
        "a = 0x",
        "a = +0x1",
        "a = tru",
        "a = \"\n\"",
        "a = 1979-13-01",
        "a = 1979-02-30",
        "a = 25:00:00",
        "a = {b = 1}\na.c = 2",
        "a = {b = 1}\n[a.c]",
        "[[a]]\n[a]",
        "[a]\n[[a]]",
        "a = [1]\n[[a]]",
        "a.b.c = 1\n[a.b]",
        "[a.b]\n[a]\nb.c = 1",
        "a = \u{7f}",
        "# \u{1}",
        "a b = 1",
        "a = \"\u{1}\"",
    ] {
        assert!(!same(text), "{text}");
    }
}

#[test]
fn damaged_files_are_read_alike() {
    let mut seed = 7_u64;
    let mut below = |limit: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % limit
    };
    let parts = [
        "\"", "'", "[", "]", "=", "\n", ".", "{", "}", ",", "#", "\\", " ", "1", "a", "[a]", "e", "-", ":", "_", "\r",
        "\t", "\u{1}", "\u{7f}", "\u{85}", "\u{df}",
    ];
    let (mut read, mut refused) = (0, 0);
    for _ in 0..2000 {
        let mut text: Vec<char> = FILE.chars().collect();
        for _ in 0..below(2) + 1 {
            let at = below(text.len());
            let end = (at + below(3)).min(text.len());
            text.splice(at..end, parts[below(parts.len())].chars());
        }
        if same(&text.into_iter().collect::<String>()) {
            read += 1;
        } else {
            refused += 1;
        }
    }
    assert!(read > 200 && refused > 200, "{read} {refused}");
}

#[test]
fn numbers_that_json_does_not_have_become_text() {
    let (table, errors) = parse("a = [inf, -nan]");
    assert_eq!((table.to_json().get("a"), errors.len()), (Some(&serde_json::json!(["inf", "-nan"])), 0));
}

#[test]
fn all_errors_are_told_with_their_places() {
    let text = "[rule]\nname = \"open\nb = 1\nc = [1, 2\n  d = 3\n[other]\ne = oops\n";
    let (table, errors) = parse(text);
    let told: Vec<_> = errors.iter().map(|(span, _)| span.of(text)).collect();
    assert_eq!(told, ["\"open", "d", "oops"]);
    assert_eq!(table.to_json().get("rule"), Some(&serde_json::json!({"b": 1})));
}

#[test]
fn nesting_is_bounded() {
    for text in ["[", "{a = "] {
        assert!(!parse(&("a = ".to_string() + &text.repeat(100_000))).1.is_empty());
    }
    assert!(!parse(&"a.".repeat(100_000)).1.is_empty());
}
