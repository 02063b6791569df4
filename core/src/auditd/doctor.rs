//! What an audit log can show at all: a rule on `connect` finds nothing in a log without `connect`, and nobody notices.
//!
//! ```
//! use eqlite_core::auditd::{Auditd, AuditdOptions, Doctor};
//!
//! let (mut auditd, mut doctor) = (Auditd::new(AuditdOptions::default()), Doctor::default());
//! doctor.need_call("connect", "my rule");
//! for line in [
//!     "type=USER_LOGIN msg=audit(1700000000.200:17): pid=7 uid=0 auid=0 ses=1 msg='op=login id=0 exe=\"/bin/login\" res=success'",
//!     "type=USER_START msg=audit(1700000000.300:20): pid=7 uid=0 auid=0 ses=1 msg='op=PAM acct=\"root\" exe=\"/bin/login\" res=success'",
//! ] {
//!     auditd.push_line(line.as_bytes(), &mut |event| doctor.observe(event))?;
//! }
//! auditd.flush(&mut |event| doctor.observe(event));
//! let report = doctor.report(auditd.stats());
//! assert_eq!((&report["silent"], &report["lostSerials"]), (&true.into(), &2.into()));
//! assert_eq!(report["calls"][0]["name"], "connect");
//! assert!(report["auditRules"][0].as_str().unwrap().contains("-S connect"));
//! # Ok::<(), eqlite_core::auditd::RecordError>(())
//! ```

use super::{
    event::AuditEvent,
    normalize,
    record::RecordType,
    stats::{AuditdStats, Gap},
    tables::has_call,
};
use crate::Timestamp;
use crate::{
    object::{object, of_pairs},
    ordered::OrderedMap,
};
use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
    vec::Vec,
};
use serde_json::Value;

/// Watches the events of a log, and says afterwards what is missing from it.
#[derive(Clone, Debug, Default)]
pub struct Doctor {
    /// Calls that rules ask for, with the rules.
    needed: OrderedMap<String, Vec<String>>,
    seen: OrderedMap<String, Seen>,
    events: u64,
    /// Events that a call stands for: what audit rules select.
    calls: u64,
    /// Logins and messages of programs, which are logged without any audit rule.
    by_programs: u64,
    without_host: u64,
    rules_added: u64,
    task_rule_added: bool,
    time: Option<(Timestamp, Timestamp)>,
}

/// How often a call occurs.
#[derive(Clone, Debug, Default)]
struct Seen {
    succeeded: u64,
    failed: u64,
    by_arch: OrderedMap<String, u64>,
}

/// The kernel's number of the list on which `-a task,never` stands (linux/audit.h: AUDIT_FILTER_TASK).
const TASK_LIST: &str = "1";

/// Names of calls that are counted, at most; there are fewer than 500.
const NAMES: usize = 2048;

impl Doctor {
    /// Says that a rule asks for a system call.
    pub fn need_call(&mut self, call: &str, rule: &str) {
        if let Some(rules) = self.needed.get_or_insert_with(call.to_owned(), Vec::new)
            && let Err(place) = rules.binary_search_by(|known| known.as_str().cmp(rule))
        {
            rules.insert(place, rule.to_owned());
        }
    }

    /// Says that a rule asks for an `event.action`: for all calls that have it. Actions of other sources are nothing to an audit log.
    pub fn need_action(&mut self, action: &str, rule: &str) {
        for call in normalize::calls_of(action) {
            self.need_call(call, rule);
        }
    }

    /// Takes an event into account.
    pub fn observe(&mut self, event: &AuditEvent<'_>) {
        count(&mut self.events);
        let time = event.timestamp();
        self.time = Some(self.time.map_or((time, time), |(first, last)| (first.min(time), last.max(time))));
        if event.options.host_id.is_none() && event.node().is_none() {
            count(&mut self.without_host);
        }
        if matches!(event.kind, RecordType::SYSCALL | RecordType::URINGOP) {
            count(&mut self.calls);
            self.call(event);
        } else if event.kind == RecordType::LOGIN || (1100..=1199).contains(&event.kind.number()) {
            count(&mut self.by_programs);
        } else if event.kind == RecordType::CONFIG_CHANGE && event.data.get("op").is_some_and(|op| op == "add_rule") {
            count(&mut self.rules_added);
            self.task_rule_added |= event.data.get("list").is_some_and(|list| list == TASK_LIST);
        }
    }

    fn call(&mut self, event: &AuditEvent<'_>) {
        let Some(name) = event.data.get("syscall") else { return };
        if self.seen.len() >= NAMES && !self.seen.contains(name.as_ref()) {
            return;
        }
        let Some(seen) = self.seen.get_or_insert_with(name.to_string(), Seen::default) else { return };
        count(if event.result == "fail" { &mut seen.failed } else { &mut seen.succeeded });
        let arch = event.data.get("arch").map_or("unknown", |arch| arch.as_ref());
        if let Some(calls) = seen.by_arch.get_or_insert_with(arch.to_owned(), || 0) {
            count(calls);
        }
    }

    /// The findings, a JSON object:
    ///
    /// ```json
    /// {"records": 12, "malformed": 0, "events": 5, "first": "2026-11-24T02:33:26.819Z", "last": "..", "silent": false,
    ///  "calls": [{"name": "connect", "neededBy": ["rule"], "succeeded": 3, "failed": 1, "byArch": {"x86_64": 4}}],
    ///  "lostSerials": 2, "gaps": [{"first": 18, "last": 19}], "restarts": 0, "withoutHostId": 5,
    ///  "findings": [{"code": "D002", "message": "no rule can see ..", "help": ".."}],
    ///  "auditRules": ["-a always,exit -F arch=b64 -S connect -F key=net"]}
    /// ```
    ///
    /// `calls` holds those that rules ask for, seen or not, and then all others that occur. `silent`: events are logged, but no calls.
    pub fn report(&self, stats: &AuditdStats) -> Value {
        let none = Seen::default();
        let needed = self.needed.iter().map(|(name, rules)| {
            let seen = self.seen.get(name).unwrap_or(&none);
            seen.value(name, rules)
        });
        let others = self.seen.iter().filter(|(name, _)| !self.needed.contains(name));
        let calls: Vec<Value> = needed.chain(others.map(|(name, seen)| seen.value(name, &[]))).collect();
        let gaps = stats.gaps.iter().map(|Gap { first, last }| Value::Object(object! {"first": first, "last": last}));
        let (first, last) = self.time.map(|(first, last)| (first.to_iso(), last.to_iso())).unzip();
        Value::Object(object! {
            "records": stats.records,
            "malformed": stats.malformed,
            "events": self.events,
            "first": first,
            "last": last,
            "silent": self.silent(),
            "calls": calls,
            "lostSerials": stats.lost_serials,
            "gaps": gaps.collect::<Vec<_>>(),
            "restarts": stats.restarts,
            "withoutHostId": self.without_host,
            "findings": self.findings(stats),
            "auditRules": self.audit_rules(),
        })
    }

    /// Programs were logged, and no call was.
    fn silent(&self) -> bool {
        self.calls == 0 && self.by_programs > 0
    }

    fn findings(&self, stats: &AuditdStats) -> Vec<Value> {
        let mut findings = Vec::new();
        let mut say = |code: &str, message: String, help: &str| {
            findings.push(Value::Object(object! {"code": code, "message": message, "help": help}));
        };
        if self.events == 0 {
            say("D001", "the log holds no audit event".to_owned(), "is it an audit.log (type=... msg=audit(...))?");
        } else if self.silent() {
            let help = "look at `auditctl -l`: if it says `-a task,never` (often from 10-no-audit.rules), delete that line; if it says `No rules`, load the rules below. Then start the programs anew";
            let why = if self.task_rule_added {
                ": a rule on the task list was loaded, as `-a task,never` is"
            } else if self.rules_added > 0 {
                ", though audit rules were loaded: that is what `-a task,never` does"
            } else {
                ": there are no audit rules for them, or `-a task,never` silences them"
            };
            say("D002", format!("logins and programs are logged, but not one system call{why}"), help);
        } else {
            let missing = |name: &&String| !self.seen.contains(*name);
            let missing: Vec<&str> = self.needed.keys().filter(missing).map(String::as_str).collect();
            if !missing.is_empty() {
                let message = format!("rules ask for calls that never occur: {}", missing.join(", "));
                say("D003", message, "load the audit rules below, unless you know that nothing makes these calls");
            }
        }
        if stats.lost_serials > 0 {
            let message = format!("{} events are missing, by their serial numbers", stats.lost_serials);
            say("D004", message, "`auditctl -s` says under `lost` what the kernel dropped: raise `-b`, or audit less");
        }
        if self.without_host > 0 {
            let message = format!("{} events say no host, and rules join by host.id", self.without_host);
            say("D005", message, "give --host-id, or set name_format = hostname in auditd.conf");
        }
        if stats.malformed > 0 {
            let message = format!("{} lines are no audit records", stats.malformed);
            say("D006", message, "torn by rotation, or something else wrote into the file");
        }
        findings
    }

    /// The least that must be audited for the calls that rules ask for, in the form of `/etc/audit/rules.d`.
    fn audit_rules(&self) -> Vec<String> {
        let arch = self.arch();
        let small = match arch {
            "x86_64" => Some("i386"),
            "aarch64" => Some("arm"),
            "ppc64" => Some("ppc"),
            "s390x" => Some("s390"),
            _ => None,
        };
        let mut rules = Vec::new();
        let sides = [Some(("b64", arch)), small.map(|arch| ("b32", arch))];
        for (bits, arch) in sides.into_iter().flatten() {
            let needed = |call: &str| self.needed.contains(call) && has_call(arch, call);
            let mut rule = |calls: &str, filter: &str, key: &str| {
                rules.push(format!("-a always,exit -F arch={bits} -S {calls}{filter} -F key={key}"));
            };
            if needed("execve") || needed("execveat") {
                rule("execve,execveat", "", "exec");
            }
            if needed("socket") {
                // Of the families of the internet: local sockets are many, and rules on networks do not ask for them.
                rule("socket", " -F a0=2", "sock");
                rule("socket", " -F a0=10", "sock");
            }
            if needed("connect") {
                rule("connect", "", "net");
            }
            // Old 32-bit programs make every socket call through this one (linux/net.h: SYS_SOCKET, SYS_CONNECT).
            for (call, number, key) in [("socket", "1", "sock"), ("connect", "3", "net")] {
                if self.needed.contains(call) && has_call(arch, "socketcall") {
                    rule("socketcall", &format!(" -F a0={number}"), key);
                }
            }
            let own = ["execve", "execveat", "socket", "connect"];
            let others: Vec<&str> =
                self.needed.keys().map(String::as_str).filter(|call| !own.contains(call) && needed(call)).collect();
            if !others.is_empty() {
                rule(&others.join(","), "", "eqlite");
            }
        }
        rules
    }

    /// The 64-bit architecture that most calls are of; x86_64 where there are none.
    fn arch(&self) -> &'static str {
        const KNOWN: [&str; 6] = ["x86_64", "aarch64", "ppc64", "s390x", "riscv64", "loongarch64"];
        let calls = |arch: &str| -> u64 {
            let seen = |seen: &Seen| -> u64 {
                let of = |(name, count): &(String, u64)| if name.starts_with(arch) { *count } else { 0 };
                seen.by_arch.iter().map(of).fold(0, u64::saturating_add)
            };
            self.seen.values().map(seen).fold(0, u64::saturating_add)
        };
        KNOWN.into_iter().rev().max_by_key(|arch| calls(arch)).unwrap_or("x86_64")
    }
}

impl Seen {
    fn value(&self, name: &str, rules: &[String]) -> Value {
        let Seen { succeeded, failed, by_arch } = self;
        let by_arch = of_pairs(&mut by_arch.iter().map(|(arch, calls)| (arch.clone(), Value::from(*calls))));
        Value::Object(
            object! {"name": name, "neededBy": rules, "succeeded": succeeded, "failed": failed, "byArch": by_arch},
        )
    }
}

fn count(counter: &mut u64) {
    *counter = counter.saturating_add(1);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auditd::{Auditd, AuditdOptions};
    use serde_json::json;

    const CONNECT: &str = "type=SYSCALL msg=audit(1700000000.200:17): arch=c000003e syscall=42 success=no exit=-13 a0=3 a1=0 a2=10 a3=0 items=0 ppid=1 pid=7 auid=0 uid=0 comm=\"nc\" exe=\"/bin/nc\" key=(null)";

    fn report(needs: &[&str], options: AuditdOptions, lines: &[&str]) -> Value {
        let (mut auditd, mut doctor) = (Auditd::new(options), Doctor::default());
        needs.iter().for_each(|call| doctor.need_call(call, "r"));
        for line in lines {
            let _ = auditd.push_line(line.as_bytes(), &mut |event| doctor.observe(event));
        }
        auditd.flush(&mut |event| doctor.observe(event));
        doctor.report(auditd.stats())
    }

    fn codes(report: &Value) -> Vec<&str> {
        report["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap()).collect()
    }

    #[test]
    fn calls_are_counted_by_architecture_and_outcome() {
        let old = CONNECT.replace("c000003e syscall=42", "40000003 syscall=362").replace(":17", ":18");
        let options = AuditdOptions { host_id: Some("h".into()), ..AuditdOptions::default() };
        let report = report(&["connect", "execve"], options, &[CONNECT, &old]);
        let connect = &report["calls"][0];
        assert_eq!((&connect["failed"], &connect["byArch"]), (&json!(2), &json!({"x86_64": 1, "i386": 1})));
        assert_eq!(codes(&report), ["D003"]);
        assert_eq!(report["findings"][0]["message"], "rules ask for calls that never occur: execve");
    }

    #[test]
    fn silence_is_told_from_a_log_with_calls_beside_other_records() {
        let login = "type=USER_LOGIN msg=audit(1700000000.100:16): pid=7 uid=0 auid=0 ses=1 msg='op=login res=success'";
        let added = "type=CONFIG_CHANGE msg=audit(1700000000.000:15): auid=0 ses=1 op=add_rule key=(null) list=1 res=1";
        // The kernel puts the call beside a record that it would write anyway.
        let beside = CONNECT.replace("200:17", "000:15");
        let silent = report(&["connect"], AuditdOptions::default(), &[added, &beside, login]);
        assert_eq!((silent["silent"].clone(), codes(&silent)), (json!(true), ["D002", "D005"].into()));
        assert!(silent["findings"][0]["message"].as_str().unwrap().contains("task list"), "{silent}");
        assert_eq!(report(&[], AuditdOptions::default(), &[CONNECT, login])["silent"], json!(false));
    }

    #[test]
    fn gaps_and_bad_lines_are_told() {
        let later = CONNECT.replace(":17", ":21");
        let report = report(&[], AuditdOptions::default(), &[CONNECT, "torn", &later]);
        assert_eq!((&report["lostSerials"], &report["gaps"]), (&json!(3), &json!([{"first": 18, "last": 20}])));
        assert_eq!(codes(&report), ["D004", "D005", "D006"]);
        assert_eq!(codes(&super::tests::report(&[], AuditdOptions::default(), &[])), ["D001"]);
    }

    #[test]
    fn the_audit_rules_are_those_of_the_calls_and_the_machine() {
        let rules = |needs: &[&str], lines: &[&str]| -> Vec<String> {
            let report = report(needs, AuditdOptions::default(), lines);
            report["auditRules"].as_array().unwrap().iter().map(|rule| rule.as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(
            rules(&["socket", "unlink"], &[]),
            [
                "-a always,exit -F arch=b64 -S socket -F a0=2 -F key=sock",
                "-a always,exit -F arch=b64 -S socket -F a0=10 -F key=sock",
                "-a always,exit -F arch=b64 -S unlink -F key=eqlite",
                "-a always,exit -F arch=b32 -S socket -F a0=2 -F key=sock",
                "-a always,exit -F arch=b32 -S socket -F a0=10 -F key=sock",
                "-a always,exit -F arch=b32 -S socketcall -F a0=1 -F key=sock",
                "-a always,exit -F arch=b32 -S unlink -F key=eqlite",
            ]
        );
        let arm = CONNECT.replace("c000003e syscall=42", "c00000b7 syscall=203");
        let unlink = rules(&["unlink", "unlinkat"], &[&arm]);
        assert_eq!(unlink[0], "-a always,exit -F arch=b64 -S unlinkat -F key=eqlite", "aarch64 has no unlink");
        assert_eq!(unlink[1], "-a always,exit -F arch=b32 -S unlink,unlinkat -F key=eqlite");
    }

    #[test]
    fn actions_stand_for_their_calls() {
        let mut doctor = Doctor::default();
        for action in ["executed", "Connected-To", "exec", ""] {
            doctor.need_action(action, "r");
        }
        assert_eq!(doctor.needed.keys().collect::<Vec<_>>(), ["connect", "execve", "execveat"]);
    }
}
