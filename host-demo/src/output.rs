//! Alerts on stdout, as NDJSON (the engine's bytes, untouched) or as rows for people.

use crate::cli::Output;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::Value;
use std::{
    fmt,
    io::{self, StdoutLock, Write},
};

/// Where alerts go.
pub struct Printer {
    output: Output,
    out: io::BufWriter<StdoutLock<'static>>,
    rows: u64,
}

impl Printer {
    /// Prints in this form.
    pub fn new(output: Output) -> Self {
        Printer { output, out: io::BufWriter::new(io::stdout().lock()), rows: 0 }
    }

    /// Prints alerts, one JSON object each.
    pub fn alerts(&mut self, alerts: &[String]) -> io::Result<()> {
        for alert in alerts {
            match self.output {
                Output::Ndjson | Output::Kibana | Output::Signal => writeln!(self.out, "{alert}")?,
                Output::Table => {
                    if self.rows == 0 {
                        writeln!(self.out, "{:<24}  {:<24}  {:<8}  RULE, JOIN KEYS", "FROM", "TO", "SEVERITY")?;
                    }
                    writeln!(self.out, "{}", row(alert))?;
                }
            }
            self.rows = self.rows.saturating_add(1);
        }
        if alerts.is_empty() { Ok(()) } else { self.out.flush() }
    }
}

/// What a row tells of an alert.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Row {
    rule: Value,
    join_keys: InOrder,
    first_timestamp: Value,
    last_timestamp: Value,
}

/// An object with its keys as they stand, which is the order of the rule; a [`Value`] sorts them.
#[derive(Default)]
struct InOrder(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for InOrder {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = InOrder;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<InOrder, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(InOrder(entries))
            }
        }
        from.deserialize_map(Entries)
    }
}

/// One alert in one line: `2026-.. 2026-.. medium  Potential Reverse Shell via UDP  host.id=a process.pid=4338`.
fn row(alert: &str) -> String {
    let row: Row = serde_json::from_str(alert).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or("-").to_string();
    let keys: String = row.join_keys.0.iter().map(|(name, value)| format!("  {name}={}", plain(value))).collect();
    let (from, to) = (text(&row.first_timestamp), text(&row.last_timestamp));
    let (severity, name) = (text(at(&row.rule, "severity")), text(at(&row.rule, "name")));
    printable(&format!("{from:<24}  {to:<24}  {severity:<8}  {name}{keys}"))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_string)
}

/// A key's value; null where there is none.
pub(crate) fn at<'v>(value: &'v Value, key: &str) -> &'v Value {
    value.get(key).unwrap_or(&Value::Null)
}

/// Events are written by whoever is being watched: what would move a terminal's cursor is shown as its escape.
pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    shown
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_is_a_row() {
        let alert = r#"{"rule":{"name":"R","severity":"high"},"join_keys":{"process.pid":4,"host.id":"a\u001b[2J"},"first_timestamp":"2026-01-01T00:00:00.000Z","last_timestamp":"2026-01-01T00:00:01.000Z"}"#;
        let expected =
            "2026-01-01T00:00:00.000Z  2026-01-01T00:00:01.000Z  high      R  process.pid=4  host.id=a\\u{1b}[2J";
        assert_eq!(row(alert), expected);
    }
}
