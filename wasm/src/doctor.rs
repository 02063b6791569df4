//! The room of `doctor`: what an audit log can show of what the rules ask for.
//!
//! ```
//! use eqlite_wasm::doctor::Doctor;
//!
//! let rule = r#"{"rule_id": "a", "name": "A", "type": "eql", "query": "network where event.action == \"connected-to\""}"#;
//! let mut doctor = Doctor::new(&format!(r#"{{"rules": [{rule}]}}"#))?;
//! doctor.feed(b"type=SYSCALL msg=audit(1700000000.200:17): arch=c000003e syscall=59 success=yes exit=0 pid=7 comm=\"nc\"\n");
//! let report = doctor.report();
//! assert!(report.contains("rules ask for calls that never occur: connect"), "{report}");
//! # Ok::<(), eqlite_wasm::failure::Failure>(())
//! ```

use crate::{
    failure::Failure,
    input::{self, Input, Taker},
    options::RuleSource,
    settings::{self, settings},
};
use eqlite_core::{
    Format, Host, Limits, Problem, auditd,
    eql::{parse, texts_asked_of},
    rule::read_rules,
};
use serde_json::Value;

#[derive(Debug, Default)]
struct Options {
    rules: Vec<RuleSource>,
    host: Host,
    limits: Limits,
}

settings!(Options { "rules" => rules, "host" => host, "limits" => limits });

/// Reads an audit log and reports on it.
#[derive(Debug)]
pub struct Doctor {
    input: Input,
    watcher: Watcher,
    /// Names of rules that cannot be read, and so ask for nothing.
    unreadable: Vec<String>,
}

#[derive(Debug)]
struct Watcher(auditd::Doctor);

impl Taker for Watcher {
    fn event(&mut self, event: &auditd::AuditEvent<'_>) {
        self.0.observe(event);
    }
}

impl Doctor {
    /// Nothing read yet. `options` is a JSON object: `rules` as for a correlator, `host`, `limits`.
    pub fn new(options: &str) -> Result<Self, Failure> {
        let Options { rules, host, limits } = settings::parse(options)?;
        let input = Input::new(Format::Auditd, input::audit_options(host), limits);
        let mut doctor = Doctor { input, watcher: Watcher(auditd::Doctor::default()), unreadable: Vec::new() };
        for source in &rules {
            let (file, text) = source.parts();
            doctor.need(&text, file.unwrap_or("rule"));
        }
        Ok(doctor)
    }

    /// Takes down what the rules of a file ask for.
    fn need(&mut self, text: &str, file: &str) {
        for rule in read_rules(text, file).rules {
            match rule.map(|rule| (parse(&rule.query), rule)) {
                Ok((_, rule)) if rule.kind != "eql" => {}
                Ok((Ok(query), rule)) => {
                    for call in texts_asked_of(&query, "auditd.data.syscall") {
                        self.watcher.0.need_call(&call, &rule.name);
                    }
                    for action in texts_asked_of(&query, "event.action") {
                        self.watcher.0.need_action(&action, &rule.name);
                    }
                }
                Ok((Err(_), rule)) => self.unreadable.push(rule.name),
                Err(error) => self.unreadable.push(error.name.or(error.id).unwrap_or_else(|| file.to_string())),
            }
        }
    }

    /// Feeds bytes of the log, cut anywhere.
    pub fn feed(&mut self, chunk: &[u8]) {
        self.input.feed(chunk, &mut self.watcher);
    }

    /// The problems since the last call, oldest first.
    pub fn drain_problems(&mut self) -> Vec<Problem> {
        self.input.drain_problems()
    }

    /// The report on all that was fed, a JSON object: see [`auditd::Doctor::report`]; `unreadableRules` are rules that cannot be read.
    pub fn report(&mut self) -> String {
        self.input.finish(&mut self.watcher);
        let mut report = self.watcher.0.report(self.input.audit_stats());
        if let Value::Object(report) = &mut report {
            report.insert("unreadableRules".to_string(), self.unreadable.as_slice().into());
        }
        report.to_string()
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rules_say_what_they_ask_for() {
        let rule = |name: &str, query: &str| json!({"rule_id": name, "name": name, "type": "eql", "query": query});
        let rules = json!([
            rule("one", "sample by host.id [process where auditd.data.syscall in (\"socket\", \"bind\")] [any where event.action : \"EXECUTED\"]"),
            rule("bad", "process wher true"),
            {"rule_id": "q", "name": "q", "type": "query", "query": "a: b"},
        ]);
        let mut doctor = Doctor::new(&json!({"rules": rules}).to_string()).unwrap();
        let report: Value = serde_json::from_str(&doctor.report()).unwrap();
        let calls: Vec<&str> =
            report["calls"].as_array().unwrap().iter().map(|call| call["name"].as_str().unwrap()).collect();
        assert_eq!(calls, ["bind", "execve", "execveat", "socket"]);
        assert_eq!((&report["calls"][0]["neededBy"], &report["unreadableRules"]), (&json!(["one"]), &json!(["bad"])));
    }
}
