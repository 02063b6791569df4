//! The sentence in which Kibana says what an alert is about.
//!
//! ```text
//! process event with process nc, parent process sh, by root on web-01 created medium alert Potential Reverse Shell via UDP.
//! event created high alert Something.                                  (nothing of it is known)
//! ```
//! [Kibana: reason_formatters]

use super::document::joined;
use alloc::{format, string::String};
use serde_json::{Map, Value};

/// The reason for an alert with these fields.
pub(crate) fn reason(fields: &Map<String, Value>, severity: &str, name: &str) -> String {
    let of = |path: &str| joined(fields, path);
    let mut what = String::new();
    for (label, path) in [("process", "process.name"), ("parent process", "process.parent.name"), ("file", "file.name")]
    {
        if let Some(value) = of(path) {
            what.push_str(&format!(" {label} {value},"));
        }
    }
    // A port alone says nothing; events that have no `address`, as those of Auditd Manager, have an `ip`.
    let end = |side: &str| {
        let address = of(&format!("{side}.address")).or_else(|| of(&format!("{side}.ip")))?;
        let port = of(&format!("{side}.port")).map_or_else(String::new, |port| format!(":{port}"));
        Some(format!(" {side} {address}{port}"))
    };
    what.extend(end("source"));
    what.extend(end("destination").map(|destination| format!("{destination},")));
    let category = of("event.category").map_or_else(String::new, |category| format!("{category} "));
    let with = if what.is_empty() { "" } else { " with" };
    let user = of("user.name").map_or_else(String::new, |user| format!(" by {user}"));
    let host = of("host.name").map_or_else(String::new, |host| format!(" on {host}"));
    format!("{category}event{with}{what}{user}{host} created {severity} alert {name}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_tells_what_is_known() {
        for (document, expected) in [
            ("{}", "event created low alert R."),
            (r#"{"host.name":"h"}"#, "event on h created low alert R."),
            (
                r#"{"event":{"category":["process","network"]},"process":{"name":"nc","parent":{"name":"sh"}},"user":{"name":"root"}}"#,
                "process, network event with process nc, parent process sh, by root created low alert R.",
            ),
            (
                r#"{"source":{"address":"a","port":1},"destination":{"address":"b","port":2},"file":{"name":"f"}}"#,
                "event with file f, source a:1 destination b:2, created low alert R.",
            ),
        ] {
            let document: Map<String, Value> = serde_json::from_str(document).unwrap();
            assert_eq!(reason(&document, "low", "R"), expected);
        }
    }
}
