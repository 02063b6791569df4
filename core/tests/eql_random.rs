//! Random trees are printed and read back; random text never panics, and is either read or refused with places that lie inside it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use eqlite_core::{
    Diagnostic, Schema, Span,
    eql::{self, ast::*},
};

/// xorshift64*: the same numbers in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
    fn below(&mut self, count: usize) -> usize {
        (self.next() >> 33) as usize % count
    }
    fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
    fn some<T>(&mut self, least: usize, most: usize, mut item: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = least + self.below(most - least + 1);
        (0..count).map(|_| item(self)).collect()
    }
}

const NOWHERE: Span = Span::new(0, 0);

fn text(random: &mut Random) -> String {
    let pieces = [
        "a", "nc", "*", "?", "\"", "\\", "\n", "\t", "\r", "\u{1}", "é", "日本", "'", "`", " ", "\u{7f}", "//", "/*",
        "\"\"\"",
    ];
    random.some(0, 5, |random| random.one(&pieces)).concat()
}

fn field(random: &mut Random) -> Field {
    let parts = [
        "a",
        "process",
        "name",
        "_x",
        "@timestamp",
        "x1",
        "my-field",
        "by",
        "sequence",
        "sample",
        "a`b",
        "é",
        " ",
        "1a",
        "not",
        "NOT",
        "AND",
        "?",
    ];
    let path = random.some(1, 3, |random| random.one(&parts)).join(".");
    Field { path, optional: random.chance(20), span: NOWHERE }
}

fn literal(random: &mut Random) -> Literal {
    match random.below(7) {
        0 => Literal::Null,
        1 => Literal::Bool(random.chance(50)),
        2 => {
            let value = random.next() >> random.below(64);
            i64::try_from(value).map_or(Literal::Unsigned(value), Literal::Int)
        }
        3 => Literal::Float(f64::from_bits(random.next() & (u64::MAX >> 1)).min(1e308)),
        _ => Literal::Text(text(random)),
    }
}

fn expr(random: &mut Random, depth: usize) -> Expr {
    let kind = if depth == 0 { random.below(2) } else { random.below(12) };
    let sub = |random: &mut Random| Box::new(expr(random, depth.saturating_sub(1)));
    let subs =
        |random: &mut Random, least: usize| random.some(least, 3, |random| expr(random, depth.saturating_sub(1)));
    let kind = match kind {
        0 => ExprKind::Literal(literal(random)),
        1 => ExprKind::Field(field(random)),
        2 => ExprKind::Not(sub(random)),
        3 | 4 => ExprKind::And(subs(random, 2)),
        5 | 6 => ExprKind::Or(subs(random, 2)),
        7 => {
            let op = *random.one(&[
                &CompareOp::Eq,
                &CompareOp::Ne,
                &CompareOp::Lt,
                &CompareOp::Le,
                &CompareOp::Gt,
                &CompareOp::Ge,
            ]);
            ExprKind::Compare { op, left: sub(random), right: sub(random) }
        }
        8 => ExprKind::In {
            value: sub(random),
            list: subs(random, 1),
            negated: random.chance(50),
            case_insensitive: random.chance(50),
        },
        9 => {
            let all =
                [&MatchOp::Seq, &MatchOp::Like, &MatchOp::LikeInsensitive, &MatchOp::Regex, &MatchOp::RegexInsensitive];
            let patterns = random.some(1, 3, |random| Expr { kind: ExprKind::Literal(literal(random)), span: NOWHERE });
            ExprKind::Match { op: *random.one(&all), value: sub(random), patterns }
        }
        10 if random.chance(30) => ExprKind::Negate(sub(random)),
        10 => {
            let all =
                [&ArithmeticOp::Add, &ArithmeticOp::Sub, &ArithmeticOp::Mul, &ArithmeticOp::Div, &ArithmeticOp::Mod];
            ExprKind::Arithmetic { op: *random.one(&all), left: sub(random), right: sub(random) }
        }
        _ => ExprKind::Call {
            name: Text { text: random.one(&["length", "CONCAT", "f_1"]).into(), span: NOWHERE },
            case_insensitive: random.chance(30),
            args: subs(random, 0),
        },
    };
    Expr { kind, span: NOWHERE }
}

fn event(random: &mut Random) -> EventQuery {
    let names = ["process", "my category", "any", "sample", "sequence", "q\"uote", "", "é"];
    let category = random.chance(80).then(|| Text { text: random.one(&names).into(), span: NOWHERE });
    let depth = random.below(5);
    EventQuery { category, condition: expr(random, depth), span: NOWHERE }
}

fn term(random: &mut Random, sample: bool) -> Term {
    Term {
        event: event(random),
        by: random.some(0, 2, field),
        missing: random.chance(20),
        runs: if sample || random.chance(70) { 1 } else { u32::try_from(random.below(200)).unwrap() },
        span: NOWHERE,
    }
}

fn query(random: &mut Random) -> Query {
    let kind = match random.below(3) {
        0 => QueryKind::Event(event(random)),
        1 => QueryKind::Sequence(Sequence {
            by: random.some(0, 2, field),
            maxspan: random.chance(50).then(|| (random.next() >> (20 + random.below(44))).max(1)),
            terms: random.some(1, 4, |random| term(random, false)),
            until: random.chance(30).then(|| term(random, false)),
        }),
        _ => QueryKind::Sample(Sample {
            by: random.some(0, 2, field),
            terms: random.some(1, 4, |random| term(random, true)),
        }),
    };
    let pipes = random.some(0, 2, |random| Pipe {
        kind: if random.chance(50) { PipeKind::Head } else { PipeKind::Tail },
        count: u32::try_from(random.below(1000)).unwrap(),
        span: NOWHERE,
    });
    Query { kind, pipes, span: NOWHERE }
}

/// The tree without its places.
fn shape(query: &Query) -> String {
    let text = format!("{query:?}");
    let mut pieces = text.split("Span { start: ");
    let mut out = String::from(pieces.next().unwrap());
    for piece in pieces {
        out.push_str(piece.split_once(" }").unwrap().1);
    }
    out
}

#[test]
fn what_is_printed_is_read_back() {
    let mut random = Random(1);
    for _ in 0..1_500 {
        let tree = query(&mut random);
        let printed = eql::print(&tree);
        let read = eql::parse(&printed).unwrap_or_else(|found| {
            panic!("{printed}\n{}", found.iter().map(|one| one.render(&printed, "q")).collect::<String>())
        });
        assert_eq!(shape(&read), shape(&tree), "{printed}");
        assert_eq!(eql::print(&read), printed);
        places_fit(&eql::check(&read, &Schema::open()), &printed);
    }
}

fn places_fit(found: &[Diagnostic], source: &str) {
    for one in found {
        let Span { start, end } = one.span;
        assert!(start <= end && end <= source.len(), "{one:?} in {source:?}");
        assert!(source.is_char_boundary(start) && source.is_char_boundary(end), "{one:?} in {source:?}");
        assert!(!one.message.is_empty() && one.help.as_deref().is_none_or(|help| !help.is_empty()));
        let drawn = one.render(source, "q");
        assert!(drawn.contains('^') && drawn.is_char_boundary(drawn.len()));
    }
}

fn read_or_refuse(source: &str) -> bool {
    match eql::parse(source) {
        Ok(query) => {
            places_fit(&eql::check(&query, &Schema::open()), source);
            let printed = eql::print(&query);
            let again = eql::parse(&printed).unwrap_or_else(|found| panic!("{source}\n{printed}\n{found:?}"));
            assert_eq!(shape(&again), shape(&query), "{source}\n{printed}");
            true
        }
        Err(found) => {
            assert!(!found.is_empty() && found.len() <= 50, "{source}");
            places_fit(&found, source);
            false
        }
    }
}

const WORDS: &[&str] = &[
    "and",
    "any",
    "by",
    "false",
    "in",
    "in~",
    "join",
    "like",
    "like~",
    "maxspan",
    "not",
    "null",
    "of",
    "or",
    "regex",
    "regex~",
    "sequence",
    "sample",
    "true",
    "until",
    "where",
    "with",
    "runs",
    "head",
    "tail",
    "count",
    "=",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "+",
    "-",
    "*",
    "/",
    "%",
    ",",
    ".",
    ":",
    "!",
    "?",
    "|",
    "(",
    ")",
    "[",
    "]",
    "a",
    "process.name",
    "`b c`",
    "startsWith~",
    "length(",
    "1",
    "2.5",
    "5m",
    "\"x\"",
    "\"\"\"y\"\"\"",
    "'z'",
    "?\"",
    "\"",
    "\\",
    "`",
    "/*",
    "*/",
    "//",
    "\n",
    "\t",
    "é",
    "日",
    "&&",
    "||",
    "AND",
    "NOT",
    "~",
    "\u{0}",
    "any where",
    "[any where true]",
    "where true",
    "![",
];

#[test]
fn any_soup_of_words_is_read_or_refused() {
    let mut random = Random(2);
    let mut read = 0;
    for _ in 0..8_000 {
        let start = random.one(&["", "any where ", "process where a", "sequence ", "sample by a ", "any where true |"]);
        let words = random.some(0, 12, |random| random.one(WORDS));
        let separator = random.one(&[" ", ""]);
        read += usize::from(read_or_refuse(&format!("{start}{}", words.join(separator))));
    }
    assert!(read > 50, "the soup is never a query: {read}");
}

#[test]
fn any_mutation_of_a_query_is_read_or_refused() {
    let mut random = Random(3);
    for _ in 0..2_000 {
        let mut source: Vec<char> = eql::print(&query(&mut random)).chars().collect();
        for _ in 0..=random.below(3) {
            let at = random.below(source.len().max(1)).min(source.len());
            match random.below(4) {
                0 if !source.is_empty() => drop(source.remove(at.min(source.len() - 1))),
                1 => source.truncate(at),
                2 => drop(source.splice(at..at, random.one(WORDS).chars())),
                _ => {
                    let end = (at + random.below(10)).min(source.len());
                    let piece: Vec<char> = source[at..end].to_vec();
                    let to = random.below(source.len() + 1);
                    drop(source.splice(to..to, piece));
                }
            }
        }
        read_or_refuse(&source.into_iter().collect::<String>());
    }
}

#[test]
fn diagnostics_as_objects() {
    let source = "any where a == 1 and\n\té = 5";
    let source = source.replace('é', "b");
    let found = eql::parse(&source).unwrap_err();
    let object = serde_json::to_value(found[0].located(&source)).unwrap();
    let expected = serde_json::json!({
        "code": "E0202", "severity": "error", "message": "'=' does not compare", "span": {"start": 24, "end": 25},
        "line": 2, "column": 4, "help": "write '=='",
    });
    assert_eq!(object, expected);
}
