//! The parser alone: Elasticsearch's files of accepted and refused queries, and the query of each published EQL rule.

use crate::report::Report;
use eqlite_core::{Diagnostic, Schema, Severity, diagnostic::codes, eql};
use serde::Deserialize;
use std::{fs, path::Path};

pub fn run(corpora: &Path, report: &mut Report) {
    let folder = corpora.join("es-eql/parser");
    read(&folder.join("queries-supported.eql"), report, |text, report| {
        for (line, query) in queries(text) {
            report.case(&format!("queries-supported.eql:{line}"), accepted(&query));
        }
    });
    read(&folder.join("queries-unsupported.eql"), report, |text, report| {
        for (line, query) in queries(text) {
            let name = format!("queries-unsupported.eql:{line}");
            match is_refused_today(&query) {
                Some(true) => report.case(&name, refused(&query)),
                Some(false) => report.case(&name, accepted(&query)),
                None => report.skip("queries-unsupported.eql: only refused by the version of that time"),
            }
        }
    });
    read(&corpora.join("detection-rules/rules.ndjson"), report, |text, report| {
        for line in text.lines() {
            match serde_json::from_str::<Rule>(line) {
                Ok(rule) if rule.kind == "eql" => report.case(&rule.rule_id, compiles(&rule.query)),
                Ok(_) => {}
                Err(why) => report.case("rules.ndjson", Err(why.to_string())),
            }
        }
    });
}

#[derive(Deserialize)]
struct Rule {
    rule_id: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    query: String,
}

fn read(path: &Path, report: &mut Report, measure: impl Fn(&str, &mut Report)) {
    match fs::read_to_string(path) {
        Ok(text) => measure(&text, report),
        Err(why) => report.skip(&format!("{}: {why}", path.display())),
    }
}

/// The queries of a file with the line each begins on: a `;` ends one, but within text, names and comments; behind the line
/// `// optional fields` each line is one.
fn queries(text: &str) -> Vec<(usize, String)> {
    let (blocks, lines) = text.split_once("// optional fields").unwrap_or((text, ""));
    let mut found = Vec::new();
    let mut query = String::new();
    let (mut line, mut start) = (1, 1);
    let mut rest = blocks;
    while let Some(first) = rest.chars().next() {
        let length = token_length(rest, first);
        let (token, behind) = rest.split_at(length);
        rest = behind;
        line += token.matches('\n').count();
        if token == ";" {
            found.push((start, std::mem::take(&mut query)));
        } else if !(query.is_empty() && (token.trim().is_empty() || token.starts_with("//") || token.starts_with("/*")))
        {
            if query.is_empty() {
                start = line;
            }
            query.push_str(token);
        }
    }
    found.push((start, query));
    found.retain(|(_, query)| !query.trim().is_empty());
    let singles = lines.lines().enumerate().filter(|(_, text)| !text.is_empty() && !text.starts_with("//"));
    found.extend(singles.map(|(index, text)| (line + index, text.to_owned())));
    found
}

/// Bytes of a comment, a text, or one character.
fn token_length(rest: &str, first: char) -> usize {
    let until = |open: usize, close: &str| {
        rest.get(open..).and_then(|inner| inner.find(close)).map_or(rest.len(), |at| open + at + close.len())
    };
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return until(2, "*/");
    }
    if rest.starts_with("\"\"\"") {
        let end = until(3, "\"\"\"");
        return end + rest.get(end..).unwrap_or("").bytes().take(2).take_while(|byte| *byte == b'"').count();
    }
    if first != '"' {
        return first.len_utf8();
    }
    let mut escaped = false;
    let close = rest.bytes().skip(1).position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    close.map_or(rest.len(), |at| at + 2)
}

/// Whether today's grammar refuses a query of the file of the older version, by what the suite's README says of the file:
/// `=`, single quotes, `fork`, the pipes `count unique unique_count sort filter`, process relationships, array indexes, decimal spans,
/// and keys that are no fields. Plain `head` and `tail` are accepted.
fn is_refused_today(query: &str) -> Option<bool> {
    let bare: String =
        query.replace("==", "").replace("!=", "").replace("<=", "").replace(">=", "").replace("maxspan=", "");
    let pipes = ["count", "unique", "unique_count", "sort", "filter"];
    let old_pipe = query.split('|').skip(1).any(|pipe| pipes.contains(&pipe.split_whitespace().next().unwrap_or("")));
    let old_word = ["fork", " of ", "'", "[0]", "[1]", "[100]"].iter().any(|word| query.contains(word));
    let decimal = query.contains("maxspan=2.");
    let computed_key = query.contains("by unique_pid * 2");
    Some(bare.contains('=') || old_pipe || old_word || decimal || computed_key)
}

/// `join` is read like a sequence and refused afterwards, so it counts as accepted by the grammar.
fn accepted(query: &str) -> Result<(), String> {
    match eql::parse(query) {
        Err(found) if found.iter().any(|diagnostic| diagnostic.code != codes::JOIN) => Err(render(&found, query)),
        _ => Ok(()),
    }
}

fn refused(query: &str) -> Result<(), String> {
    match eql::parse(query) {
        Ok(_) => Err(format!("accepted: {query}")),
        Err(_) => Ok(()),
    }
}

/// Parsed, and nothing to complain about without types; printed and parsed again it is the same query.
fn compiles(query: &str) -> Result<(), String> {
    let parsed = eql::parse(query).map_err(|found| render(&found, query))?;
    let found = eql::check(&parsed, &Schema::open());
    let errors: Vec<Diagnostic> = found.into_iter().filter(|found| found.severity == Severity::Error).collect();
    if !errors.is_empty() {
        return Err(render(&errors, query));
    }
    let printed = eql::print(&parsed);
    let again = eql::parse(&printed).map_err(|found| render(&found, &printed))?;
    if eql::print(&again) == printed { Ok(()) } else { Err(format!("printed differently: {printed}")) }
}

fn render(found: &[Diagnostic], query: &str) -> String {
    found.iter().map(|diagnostic| diagnostic.render(query, "query")).collect()
}
