//! All records of an event: `aucoalesce` goldens, `*.event.json` and the `coalesced` of the edge cases. The shape is go-libaudit's own, before
//! ECS.

use super::{edge_cases, files, json_file, lines, object, read, records::iso, reference, same_lists, yaml};
use crate::report::Report;
use eqlite_core::auditd::{Account, AuditEvent, Peer, RecordType};
use serde_json::{Map, Value, json};
use std::path::Path;

pub(super) fn run(folder: &Path, report: &mut Report) {
    for golden in files(&folder.join("go-libaudit/aucoalesce/testdata")) {
        let Some(input) = golden.to_str().and_then(|name| name.strip_suffix(".json.golden")) else { continue };
        let tests = yaml::blocks(&std::fs::read_to_string(format!("{input}.yaml")).unwrap_or_default());
        let Ok(Value::Array(expected)) = json_file(&golden) else {
            report.case(&golden.to_string_lossy(), Err("no golden list".into()));
            continue;
        };
        for one in &expected {
            let name = one["test_name"].as_str().unwrap_or_default();
            let outcome = match tests.iter().find(|(test, _)| test == name) {
                None => Err("no input of that name".to_owned()),
                Some((_, text)) => {
                    let got = all(text.lines().map(str::as_bytes));
                    let wanted =
                        json!({ "event": one["event"], "warnings": one.get("warnings").cloned().unwrap_or_default() });
                    same_lists(&[wanted], &got)
                }
            };
            report.case(&format!("event {name}"), outcome);
        }
    }
    for expected in files(&folder.join("oracle")) {
        let Some(name) =
            expected.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".event.json"))
        else {
            continue;
        };
        let outcome = json_file(&expected).and_then(|list| {
            let text = std::fs::read(folder.join(name.replace("__", "/"))).map_err(|error| error.to_string())?;
            let got = all(text.split(|&byte| byte == b'\n'));
            same_lists(list.as_array().map_or(&[], Vec::as_slice), &got)
        });
        report.case(&format!("event {name}"), outcome);
    }
    for case in edge_cases(folder) {
        let expected = case["coalesced"].as_array().map_or(&[][..], Vec::as_slice);
        report.case(&format!("event {}", case["name"]), same_lists(expected, &all(lines(&case))));
    }
}

fn all<'l>(lines: impl Iterator<Item = &'l [u8]>) -> Vec<Value> {
    let mut events = Vec::new();
    read(reference(), lines, |event| events.push(as_reference(event)));
    events
}

/// The event in the shape of go-libaudit's `aucoalesce.Event`.
fn as_reference(event: &AuditEvent<'_>) -> Value {
    let mut warnings: Vec<String> = event.warnings.iter().map(ToString::to_string).collect();
    warnings.sort();
    if event.broken {
        return json!({ "error": warnings.join("; "), "sequence": event.serial() });
    }
    let mut out = json!({
        "@timestamp": iso(event.timestamp().millis, true),
        "sequence": event.serial(),
        "category": event.family,
        "record_type": event.kind.to_string().to_lowercase(),
        "result": event.result,
        "session": event.session.as_deref().unwrap_or_default(),
        "summary": summary(event),
        "user": user(event),
        "process": process(event),
        "ecs": ecs(event),
    });
    let mut data = object(&event.data);
    data.extend(event.socket.iter().map(|field| (format!("socket_{}", field.key), json!(field.value))));
    if !data.is_empty() {
        out["data"] = Value::Object(data);
    }
    if !event.tags.is_empty() {
        out["tags"] = json!(event.tags);
    }
    if !event.paths.is_empty() {
        out["paths"] = event.paths.iter().map(|path| Value::Object(object(path))).collect();
    }
    if let Some(direction) = event.direction {
        out["network"] = json!({ "direction": direction });
    }
    if let Some(address) = &event.source_ip {
        out["source"] = json!({ "ip": address });
    }
    if let Some(role) = event.peer {
        let key = if role == Peer::Source { "source" } else { "destination" };
        let peer = pick(&[
            ("ip", event.socket.get("addr")),
            ("port", event.socket.get("port")),
            ("path", event.socket.get("path")),
        ]);
        if peer != json!({}) {
            out[key] = peer;
        }
    }
    if let Some(path) = event.file.and_then(|place| event.paths.get(place)) {
        let get = |key| path.get(key);
        let mut file = pick(&[
            ("path", get("name")),
            ("device", get("rdev")),
            ("inode", get("inode")),
            ("uid", get("ouid")),
            ("gid", get("ogid")),
        ]);
        if let Some(mode) = get("mode").and_then(|mode| u32::from_str_radix(mode, 8).ok()) {
            file["mode"] = json!(format!("{:04o}", mode & 0o7777));
        }
        let selinux: Map<String, Value> = path
            .iter()
            .filter_map(|field| Some((field.key.strip_prefix("obj_")?.to_owned(), json!(field.value))))
            .collect();
        if !selinux.is_empty() {
            file["selinux"] = Value::Object(selinux);
        }
        out["file"] = file;
    }
    json!({ "event": out, "warnings": if warnings.is_empty() { Value::Null } else { json!(warnings) } })
}

/// An object of the values that are there and not empty.
fn pick<T: AsRef<str>>(values: &[(&str, Option<&T>)]) -> Value {
    let there = values.iter().filter_map(|(key, value)| {
        Some(((*key).to_owned(), value.map(AsRef::as_ref).filter(|value| !value.is_empty())?))
    });
    Value::Object(there.map(|(key, value)| (key, json!(value))).collect())
}

fn summary(event: &AuditEvent<'_>) -> Value {
    let summary = &event.summary;
    let mut out = json!({
        "actor": pick(&[("primary", summary.actor_primary.as_ref()), ("secondary", summary.actor_secondary.as_ref())]),
        "object": pick(&[("primary", summary.object_primary.as_ref()), ("secondary", summary.object_secondary.as_ref())]),
    });
    if !summary.object_type.is_empty() {
        out["object"]["type"] = json!(summary.object_type);
    }
    if !summary.action.is_empty() {
        out["action"] = json!(summary.action);
    }
    if let Some(how) = summary.how.as_ref().filter(|how| !how.is_empty()) {
        out["how"] = json!(how);
    }
    out
}

fn user(event: &AuditEvent<'_>) -> Value {
    let mut out = json!({});
    if !event.ids.is_empty() {
        out["ids"] = Value::Object(object(&event.ids));
    }
    if !event.selinux.is_empty() {
        out["selinux"] = event.selinux.iter().map(|(part, value)| ((*part).to_owned(), json!(value))).collect();
    }
    out
}

fn process(event: &AuditEvent<'_>) -> Value {
    let process = &event.process;
    let mut out = pick(&[
        ("pid", process.pid.as_ref()),
        ("ppid", process.ppid.as_ref()),
        ("title", process.title.as_ref()),
        ("name", process.name.as_ref()),
        ("exe", process.executable.as_ref()),
        ("cwd", process.directory.as_ref()),
    ]);
    if !process.arguments.is_empty() {
        out["args"] = json!(process.arguments);
    }
    out
}

fn ecs(event: &AuditEvent<'_>) -> Value {
    let account = |account: &Account<'_>| pick(&[("id", account.id.as_ref()), ("name", account.name.as_ref())]);
    let mut user = account(&event.users.user);
    user["effective"] = account(&event.users.effective);
    user["target"] = account(&event.users.target);
    user["changes"] = json!({});
    let mut words = json!({});
    if !event.event_kind.is_empty() {
        words["kind"] = json!(event.event_kind);
    }
    if !event.categories.is_empty() {
        words["category"] = json!(event.categories);
    }
    // The reference states a failure a second time where another record stands for the call, and only there.
    if event.kind != RecordType::SYSCALL && event.result == "fail" && event.data.get("syscall").is_some() {
        words["outcome"] = json!("failure");
    }
    if !event.types.is_empty() {
        words["type"] = json!(event.types);
    }
    json!({ "event": words, "user": user, "group": account(&event.users.group) })
}
