//! The room of `ecs`: an audit log in, the documents out that Auditbeat or Auditd Manager would have made of it.
//!
//! ```
//! use eqlite_wasm::ecs::AuditReader;
//!
//! let mut reader = AuditReader::new(r#"{"profile": "auditd-manager", "host": {"id": "web-1"}}"#)?;
//! reader.feed(b"type=SYSCALL msg=audit(1700000000.200:17): arch=c000003e syscall=59 success=yes exit=0 pid=7 comm=\"nc\"\n");
//! reader.finish();
//! assert!(reader.drain().contains(r#""host":{"id":"web-1","os":{"type":"linux"}}"#));
//! # Ok::<(), eqlite_wasm::failure::Failure>(())
//! ```

use crate::{
    failure::Failure,
    input::{self, Input, Taker},
    settings::{self, settings},
};
use eqlite_core::{
    Format, Host, Limits, Problem,
    auditd::{AuditEvent, AuditdOptions, Compat, Profile},
};
use serde_json::json;

#[derive(Debug, Default)]
struct Options {
    profile: Option<String>,
    compat: Option<String>,
    include_raw: bool,
    include_warnings: bool,
    enriched_names: bool,
    host: Host,
    limits: Limits,
}

settings!(Options {
    "profile" => profile,
    "compat" => compat,
    "includeRaw" => include_raw,
    "includeWarnings" => include_warnings,
    "enrichedNames" => enriched_names,
    "host" => host,
    "limits" => limits,
});

/// Makes documents of audit records. Those that are done wait until they are drained: drain after each piece of a large log.
#[derive(Debug)]
pub struct AuditReader {
    input: Input,
    documents: Documents,
}

/// As NDJSON.
#[derive(Debug, Default)]
struct Documents(String);

impl Taker for Documents {
    fn event(&mut self, event: &AuditEvent<'_>) {
        event.write_json(&mut self.0);
        self.0.push('\n');
    }
}

impl AuditReader {
    /// Nothing read yet. `options` is a JSON object, all of it optional: `profile` (`auditbeat`, `auditd-manager`), `compat` (`go-libaudit`),
    /// `includeRaw`, `includeWarnings`, `enrichedNames`, `host` (`{"id", "name"}`), `limits`.
    pub fn new(options: &str) -> Result<Self, Failure> {
        let options: Options = settings::parse(options)?;
        let other = |name: &str, known: &str, given: &str| {
            Failure::options(format!("the options cannot be read: `{name}` is {known}, not `{given}`"))
        };
        let profile = match options.profile.as_deref() {
            None | Some("auditbeat") => Profile::Auditbeat,
            Some("auditd-manager") => Profile::AuditdManager,
            Some(given) => return Err(other("profile", "`auditbeat` or `auditd-manager`", given)),
        };
        let compat = match options.compat.as_deref() {
            None => Compat::None,
            Some("go-libaudit") => Compat::GoLibaudit,
            Some(given) => return Err(other("compat", "`go-libaudit`", given)),
        };
        let audit = AuditdOptions {
            profile,
            compat,
            include_raw: options.include_raw,
            include_warnings: options.include_warnings,
            enriched_names: options.enriched_names,
            ..input::audit_options(options.host)
        };
        Ok(AuditReader { input: Input::new(Format::Auditd, audit, options.limits), documents: Documents::default() })
    }

    /// Feeds bytes, cut anywhere.
    pub fn feed(&mut self, chunk: &[u8]) {
        self.input.feed(chunk, &mut self.documents);
    }

    /// The end of the log, or of what has come so far: events that are still open are closed as they are.
    pub fn finish(&mut self) {
        self.input.finish(&mut self.documents);
    }

    /// The documents since the last call, one a line.
    pub fn drain(&mut self) -> String {
        std::mem::take(&mut self.documents.0)
    }

    /// The problems since the last call, oldest first.
    pub fn drain_problems(&mut self) -> Vec<Problem> {
        self.input.drain_problems()
    }

    /// Counters since the beginning, a JSON object.
    pub fn stats_json(&self) -> String {
        let stats = self.input.audit_stats();
        json!({
            "records": stats.records,
            "malformed": stats.malformed,
            "events": stats.events,
            "timedOut": stats.timed_out,
            "evicted": stats.evicted,
            "oversized": stats.oversized,
            "lostSerials": stats.lost_serials,
            "restarts": stats.restarts,
        })
        .to_string()
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
    use serde_json::Value;

    const LOG: &str = "node=n type=SYSCALL msg=audit(1700000000.200:17): arch=c000003e syscall=42 success=yes exit=0 a0=3 a1=0 a2=10 a3=0 ppid=1 pid=7 comm=\"nc\"\nnode=n type=SOCKADDR msg=audit(1700000000.200:17): saddr=02000035C63364070000000000000000\nrubbish\nnode=n type=EOE msg=audit(1700000000.200:17): \n";

    fn read(options: &str, size: usize) -> (Value, AuditReader) {
        let mut reader = AuditReader::new(options).unwrap();
        let mut lines = String::new();
        for chunk in LOG.as_bytes().chunks(size) {
            reader.feed(chunk);
            lines += &reader.drain();
        }
        reader.finish();
        lines += &reader.drain();
        assert_eq!(lines.lines().count(), 1, "{lines}");
        (serde_json::from_str(&lines).unwrap(), reader)
    }

    #[test]
    fn any_chunking_gives_the_same() {
        let (whole, mut reader) = read("", LOG.len());
        assert_eq!((&whole["destination"]["port"], &whole["host"]["id"]), (&json!("53"), &json!("n")));
        for size in [1, 7, 64] {
            assert_eq!(read("", size).0, whole);
        }
        let problems = reader.drain_problems();
        assert_eq!((problems.len(), problems[0].line), (1, 3));
        let stats: Value = serde_json::from_str(&reader.stats_json()).unwrap();
        assert_eq!((&stats["records"], &stats["malformed"], &stats["events"]), (&json!(3), &json!(1), &json!(1)));
    }

    #[test]
    fn every_option_is_taken() {
        let of = |options: Value| read(&options.to_string(), 64).0;
        assert_eq!(of(json!({"profile": "auditd-manager"}))["destination"]["port"], 53);
        assert!(of(json!({"includeRaw": true}))["event"]["original"].is_array());
        assert_eq!(of(json!({"compat": "go-libaudit"}))["eqlite"], Value::Null);
        assert_eq!(of(json!({"host": {"id": "h", "name": "web"}}))["host"]["name"], "web");
        for (options, word) in [
            (r#"{"profile": "x"}"#, "auditd-manager"),
            (r#"{"compat": "x"}"#, "go-libaudit"),
            (r#"{"raw": true}"#, "raw"),
        ] {
            let failure = AuditReader::new(options).unwrap_err();
            assert!(failure.code == "options" && failure.message.contains(word), "{failure:?}");
        }
    }
}
