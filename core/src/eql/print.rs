//! A syntax tree back to canonical text: one line, one space between words, parentheses only where the precedence needs them.
//!
//! Parsing the text gives the same tree apart from the places: a test holds the two together on random trees.

use super::{
    ast::{
        ArithmeticOp, CompareOp, EventQuery, Expr, ExprKind, Field, Literal, MatchOp, PipeKind, Query, QueryKind,
        Sequence, Term,
    },
    token::is_plain_name,
};
use alloc::{format, string::String, vec::Vec};

/// The canonical text of a query.
pub fn print(query: &Query) -> String {
    let mut text = match &query.kind {
        QueryKind::Event(event) => event_query(event),
        QueryKind::Sequence(sequence) => sequence_query(sequence),
        QueryKind::Sample(sample) => format!("sample{}{}", keys(&sample.by), terms(&sample.terms)),
    };
    for pipe in &query.pipes {
        let name = match pipe.kind {
            PipeKind::Head => "head",
            PipeKind::Tail => "tail",
        };
        text.push_str(&format!(" | {name} {}", pipe.count));
    }
    text
}

/// The canonical text of an expression.
pub fn print_expression(expr: &Expr) -> String {
    let mut out = String::new();
    write(&mut out, expr, OR);
    out
}

fn event_query(event: &EventQuery) -> String {
    let condition = print_expression(&event.condition);
    match &event.category {
        None => format!("any where {condition}"),
        // `sample` is an ordinary name, but would begin a sample.
        Some(category) if is_plain_name(&category.text) && category.text != "sample" => {
            format!("{} where {condition}", category.text)
        }
        Some(category) => format!("{} where {condition}", quote(&category.text)),
    }
}

fn sequence_query(sequence: &Sequence) -> String {
    let mut text = format!("sequence{}", keys(&sequence.by));
    if let Some(millis) = sequence.maxspan {
        text.push_str(&format!(" with maxspan={}", duration(millis)));
    }
    text.push_str(&terms(&sequence.terms));
    if let Some(until) = &sequence.until {
        text.push_str(&format!(" until{}", term(until)));
    }
    text
}

fn terms(terms: &[Term]) -> String {
    terms.iter().map(term).collect()
}

fn term(term: &Term) -> String {
    let missing = if term.missing { "!" } else { "" };
    let mut text = format!(" {missing}[{}]{}", event_query(&term.event), keys(&term.by));
    if term.runs != 1 {
        text.push_str(&format!(" with runs={}", term.runs));
    }
    text
}

fn keys(keys: &[Field]) -> String {
    let names: Vec<String> = keys.iter().map(field).collect();
    if names.is_empty() { String::new() } else { format!(" by {}", names.join(", ")) }
}

/// A time span in the largest unit that says it exactly: 90,000 is `90s`.
fn duration(millis: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
    for (unit, name) in UNITS {
        if let (Some(0), Some(count @ 1..)) = (millis.checked_rem(unit), millis.checked_div(unit)) {
            return format!("{count}{name}");
        }
    }
    format!("{millis}ms")
}

/// `process.name`; the whole path in back-quotes where a part of it cannot stand alone.
fn field(field: &Field) -> String {
    let optional = if field.optional { "?" } else { "" };
    match field.path.split('.').all(is_plain_name) {
        true => format!("{optional}{}", field.path),
        false => format!("{optional}`{}`", field.path.replace('`', "``")),
    }
}

/// Levels of precedence, loosest first.
const OR: u8 = 0;
const AND: u8 = 1;
const NOT: u8 = 2;
const COMPARISON: u8 = 3;
const SUM: u8 = 4;
const PRODUCT: u8 = 5;
const SIGN: u8 = 6;
const PREDICATE: u8 = 7;
const PRIMARY: u8 = 8;

fn level(kind: &ExprKind) -> u8 {
    match kind {
        ExprKind::Or(_) => OR,
        ExprKind::And(_) => AND,
        ExprKind::Not(_) => NOT,
        ExprKind::Compare { .. } => COMPARISON,
        ExprKind::Arithmetic { op: ArithmeticOp::Add | ArithmeticOp::Sub, .. } => SUM,
        ExprKind::Arithmetic { .. } => PRODUCT,
        ExprKind::Negate(_) | ExprKind::Literal(Literal::Int(i64::MIN..=-1)) => SIGN,
        ExprKind::Literal(Literal::Float(value)) if value.is_sign_negative() => SIGN,
        ExprKind::In { .. } | ExprKind::Match { .. } => PREDICATE,
        ExprKind::Literal(_) | ExprKind::Field(_) | ExprKind::Call { .. } => PRIMARY,
    }
}

/// Writes `expr`, in parentheses where it binds looser than `least`.
fn write(out: &mut String, expr: &Expr, least: u8) {
    let own = level(&expr.kind);
    if own < least {
        out.push('(');
        write(out, expr, OR);
        return out.push(')');
    }
    match &expr.kind {
        ExprKind::Literal(literal) => out.push_str(&literal_text(literal)),
        ExprKind::Field(name) => out.push_str(&field(name)),
        ExprKind::Not(inner) => {
            out.push_str("not ");
            write(out, inner, NOT);
        }
        ExprKind::And(operands) => join(out, operands, " and ", NOT),
        ExprKind::Or(operands) => join(out, operands, " or ", AND),
        ExprKind::Compare { op, left, right } => {
            write(out, left, SUM);
            out.push_str(compare_text(*op));
            write(out, right, SUM);
        }
        ExprKind::In { value, list, negated, case_insensitive } => {
            write(out, value, PRIMARY);
            out.push_str(if *negated { " not in" } else { " in" });
            out.push_str(if *case_insensitive { "~ (" } else { " (" });
            join(out, list, ", ", OR);
            out.push(')');
        }
        ExprKind::Match { op, value, patterns } => {
            write(out, value, PRIMARY);
            out.push_str(match_text(*op));
            match patterns.as_slice() {
                [single] => write(out, single, PRIMARY),
                several => {
                    out.push('(');
                    join(out, several, ", ", PRIMARY);
                    out.push(')');
                }
            }
        }
        ExprKind::Arithmetic { op, left, right } => {
            write(out, left, own);
            out.push_str(arithmetic_text(*op));
            write(out, right, own.saturating_add(1));
        }
        ExprKind::Negate(inner) => {
            out.push('-');
            write(out, inner, SIGN);
        }
        ExprKind::Call { name, case_insensitive, args } => {
            out.push_str(&name.text);
            out.push_str(if *case_insensitive { "~(" } else { "(" });
            join(out, args, ", ", OR);
            out.push(')');
        }
    }
}

fn join(out: &mut String, items: &[Expr], separator: &str, least: u8) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(separator);
        }
        write(out, item, least);
    }
}

fn literal_text(literal: &Literal) -> String {
    match literal {
        Literal::Null => "null".into(),
        Literal::Bool(value) => format!("{value}"),
        Literal::Int(value) => format!("{value}"),
        Literal::Unsigned(value) => format!("{value}"),
        // `5.0`, not `5`: it must be read as a float again.
        Literal::Float(value) => crate::object::shortest(*value),
        Literal::Text(text) => quote(text),
    }
}

/// Text in double quotes, escaped.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{{{:02x}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn compare_text(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Eq => " == ",
        CompareOp::Ne => " != ",
        CompareOp::Lt => " < ",
        CompareOp::Le => " <= ",
        CompareOp::Gt => " > ",
        CompareOp::Ge => " >= ",
    }
}

fn match_text(op: MatchOp) -> &'static str {
    match op {
        MatchOp::Seq => " : ",
        MatchOp::Like => " like ",
        MatchOp::LikeInsensitive => " like~ ",
        MatchOp::Regex => " regex ",
        MatchOp::RegexInsensitive => " regex~ ",
    }
}

fn arithmetic_text(op: ArithmeticOp) -> &'static str {
    match op {
        ArithmeticOp::Add => " + ",
        ArithmeticOp::Sub => " - ",
        ArithmeticOp::Mul => " * ",
        ArithmeticOp::Div => " / ",
        ArithmeticOp::Mod => " % ",
    }
}
