//! The command line as its users meet it: output, messages, exit codes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{
    fs,
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

const SAMPLE: &str = "samples/udp-shell.raw.log";

struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn eqlite(args: &[&str], stdin: &str) -> Ran {
    run(Command::new(env!("CARGO_BIN_EXE_eqlite")).args(args), stdin)
}

fn run(command: &mut Command, stdin: &str) -> Ran {
    let mut child = command
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Beside the reading: what a command prints while it reads would fill the pipe, and both would wait for ever.
    let mut input = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        scope.spawn(move || input.write_all(stdin.as_bytes()).ok());
        child.wait_with_output().unwrap()
    });
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

fn sample() -> String {
    fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(SAMPLE)).unwrap()
}

#[test]
fn a_wrong_command_line_ends_with_2() {
    assert_eq!(eqlite(&["scan"], "").code, 2);
    assert_eq!(eqlite(&["scan", "--format", "xml", "-"], "").code, 2);
    assert_eq!(eqlite(&["scan", "--epoch-ms", "0", "-"], "").code, 2);
}

#[test]
fn the_sample_gives_its_alerts_from_a_file_and_from_standard_input() {
    let expected =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../spec/alerts/story-raw/expected.ndjson")).unwrap();
    let from_file = eqlite(&["scan", SAMPLE], "");
    assert_eq!((from_file.code, from_file.out.as_str()), (0, expected.as_str()), "{}", from_file.err);
    let alerts = expected.lines().count();
    assert!(from_file.err.contains(&format!(" 0 malformed lines, {alerts} alerts in ")), "{}", from_file.err);
    assert_eq!(eqlite(&["scan", "--output", "ndjson", "-"], &sample()).out, expected);
    let table = eqlite(&["scan", "--output", "table", SAMPLE], "").out;
    assert_eq!(table.lines().count(), alerts + 1, "a heading and a row each: {table}");
    assert!(
        table.contains("  host.id=web-01  process.pid=4338  process.parent.pid=4337\n"),
        "in the rule's order: {table}"
    );
}

#[test]
fn any_number_of_threads_raises_the_same_alerts() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("rules-for-threads");
    fs::create_dir_all(&folder).unwrap();
    let queries = [
        "process where process.name == \"socat\"",
        "sequence by process.pid [process where process.name : \"s*\"] [network where true]",
        "any where auditd.data.syscall == \"connect\"",
        "sample by process.pid [process where process.name : \"s*\"] [network where true]",
        "process wher true",
    ];
    for (number, query) in queries.iter().enumerate() {
        let head = format!("rule_id = \"{number}\"\nname = \"{number}\"\ntype = \"eql\"\nlanguage = \"eql\"");
        let rule = format!("[rule]\n{head}\nrisk_score = 1\nseverity = \"low\"\nquery = '''{query}'''\n");
        fs::write(folder.join(format!("{number}.toml")), rule).unwrap();
    }
    let rules = folder.display().to_string();
    // Of records and documents most can be sifted, with lines among them that cannot be read.
    let records = folder.join("records.log");
    fs::write(&records, eqlite_bench::audit_input(9, 500).bytes).unwrap();
    let records = records.display().to_string();
    let mut documents = eqlite_bench::ecs_input(7, 500).bytes;
    documents.extend_from_slice(
        b"{\"a\": \nnothing\n[{\"event\":{\"category\":\"process\"},\"process\":{\"name\":\"socat\"}}]\n",
    );
    documents.extend(eqlite_bench::ecs_input(8, 200).bytes);
    let file = folder.join("documents.ndjson");
    fs::write(&file, &documents).unwrap();
    let file = file.display().to_string();
    let scan = |threads| eqlite(&["scan", "--threads", threads, "--rules", &rules, &file, SAMPLE, &records, &file], "");
    let one = scan("1");
    assert!(one.out.lines().count() > 10, "{}", one.err);
    // All but how long it took.
    let said = |err: &str| err.split(" alerts in ").next().map(str::to_string);
    for threads in ["2", "3"] {
        let ran = scan(threads);
        assert_eq!((ran.code, &ran.out), (one.code, &one.out), "{threads} threads: {}", ran.err);
        assert_eq!(said(&ran.err), said(&one.err));
    }
}

#[cfg(unix)]
#[test]
fn what_was_compiled_is_kept_where_caches_are_unless_it_shall_not_be() {
    let home = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("home");
    fs::remove_dir_all(&home).ok();
    fs::create_dir_all(&home).unwrap();
    let scan = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_eqlite"));
        command.env("HOME", &home).env_remove("XDG_CACHE_HOME").arg("scan").args(more).arg(SAMPLE);
        let ran = run(&mut command, "");
        (ran.code, ran.out)
    };
    let compiled = scan(&["--no-cache"]);
    assert_eq!(fs::read_dir(&home).unwrap().count(), 0, "nothing is left behind");
    assert_eq!(scan(&[]), compiled);
    assert_ne!(fs::read_dir(&home).unwrap().count(), 0, "it is kept");
    assert_eq!(scan(&[]), compiled, "and used");
    fs::remove_dir_all(&home).unwrap();
    fs::write(&home, "no folder").unwrap();
    assert_eq!(scan(&[]), compiled, "a home that nothing can be kept in is no obstacle");
    fs::remove_file(&home).unwrap();
}

#[test]
fn what_cannot_be_done_is_said_and_the_rest_is_done() {
    let ran = eqlite(&["scan", "no-such-file.log", SAMPLE], "");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("no-such-file.log: No such file"), "{}", ran.err);
    assert!(!ran.out.is_empty());
}

#[test]
fn bad_rules_are_shown_with_their_place() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bad-rules");
    fs::create_dir_all(&folder).unwrap();
    let rule = "[rule]\nrule_id = \"bad\"\nname = \"bad\"\ntype = \"eql\"\nlanguage = \"eql\"\nrisk_score = 1\nseverity = \"low\"\nquery = '''\nprocess wher true\n'''\n";
    fs::write(folder.join("bad.toml"), rule).unwrap();
    let path = folder.display().to_string();
    let alone = eqlite(&["scan", "--rules", &path, SAMPLE], "");
    assert_eq!((alone.code, alone.out.as_str()), (1, ""));
    assert!(alone.err.contains("bad.toml"), "{}", alone.err);
    assert!(alone.err.contains("process wher true"), "{}", alone.err);
    assert!(alone.err.contains("no rule to run"), "{}", alone.err);
    let beside = eqlite(&["scan", "--rules", &path, "--rules", "rules", SAMPLE], "");
    assert_eq!(beside.code, 1, "not all could be done");
    assert!(!beside.out.is_empty(), "the good rule ran: {}", beside.err);
}

#[test]
fn a_pattern_names_rules_and_what_does_not_run_is_said() {
    let rule = |id: &str, more: &str| {
        format!("[rule]\nrule_id = \"{id}\"\nname = \"{id}\"\ntype = \"eql\"\nquery = \"process where true\"\n{more}\n")
    };
    let one = file("pattern/a/one.toml", &rule("one", ""));
    file("pattern/a/b/off.toml", &rule("off", "enabled = false"));
    file("pattern/a/b/again.toml", &rule("one", "version = 2"));
    file(
        "pattern/a/b/listed.ndjson",
        concat!(
            r#"{"rule_id": "listed", "name": "listed", "type": "eql", "query": "process where true", "exceptions_list": [{"list_id": "l"}]}"#,
            "\n",
            r#"{"list_id": "l", "item_id": "hosts", "name": "Hosts", "entries": [{"field": "host.id", "type": "list", "operator": "included", "list": {"id": "h", "type": "keyword"}}]}"#,
            "\n",
        ),
    );
    file("pattern/a/notes.txt", "no rule");
    let folder = PathBuf::from(&one).parent().unwrap().display().to_string();
    let ran = eqlite(
        &["scan", "--rules", &format!("{folder}/**/*.toml"), "--rules", &format!("{folder}/b/*.nd*"), "-"],
        "{\"event\": {\"category\": \"process\"}}\n",
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    let alerts: Vec<serde_json::Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of: Vec<_> = alerts
        .iter()
        .map(|alert| (alert["rule"]["id"].as_str().unwrap(), alert["rule"]["version"].as_u64().unwrap()))
        .collect();
    assert_eq!(of, [("one", 2), ("listed", 1)], "the newest of a duplicate runs");
    for said in [
        "version 2 of the rule 'one' was given too",
        "off (off) is not run: it is disabled",
        "warning[R009]: the exception 'Hosts' of 'l' does not apply: its values are in a list of their own",
        "1 events without a time",
    ] {
        assert!(ran.err.contains(said), "{said} is not in\n{}", ran.err);
    }
    let none = eqlite(&["scan", "--rules", &format!("{folder}/*.yaml"), "-"], "");
    assert!(none.code == 1 && none.err.contains("no file fits the pattern"), "{}", none.err);
}

#[test]
fn what_a_limit_costs_is_said_by_rule_and_by_cause() {
    let rule = file(
        "losses.toml",
        "[rule]\nrule_id = \"pair\"\nname = \"Pair\"\ntype = \"eql\"\nquery = \"sequence by host.id with maxspan=1h [process where true] [network where true]\"\n",
    );
    let event = |second: u32, category: &str, host: u32| {
        format!(
            "{{\"@timestamp\": \"2026-01-01T00:00:{second:02}Z\", \"event\": {{\"category\": \"{category}\"}}, \"host\": {{\"id\": {host}}}}}\n"
        )
    };
    let log: String = (0..5)
        .map(|number| event(number, "process", number))
        .chain([event(2, "process", 9), event(9, "network", 4)])
        .collect();
    let ran = eqlite(&["scan", "--rules", &rule, "--keys-per-rule", "2", "--state-mb", "1", "-"], &log);
    assert_eq!((ran.code, ran.out.lines().count()), (0, 1), "{}", ran.err);
    assert!(ran.err.contains("  pair: 3 join keys evicted, 1 events late\n"), "{}", ran.err);
}

#[test]
fn bad_lines_are_named_by_file_and_line() {
    let ran = eqlite(&["scan", "--host-id", "h", "samples/trouble.raw.log", "samples/trouble.raw.log"], "");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let places = |ran: &Ran| -> Vec<String> {
        let lines = ran.err.lines().filter(|line| line.starts_with("samples/"));
        lines.map(|line| line.split(": ").next().unwrap().to_string()).collect()
    };
    let once: Vec<String> = [1, 8, 9].iter().map(|line| format!("samples/trouble.raw.log:{line}")).collect();
    assert_eq!(places(&ran), [once.clone(), once].concat(), "each file counts from 1: {}", ran.err);
}

/// A file below the tests' own folder.
fn file(name: &str, text: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn a_search_answers_as_elasticsearch_does() {
    let one = file(
        "search/one.ndjson",
        "{\"@timestamp\": \"2026-01-01T00:00:01Z\", \"event\": {\"category\": \"process\"}, \"pid\": \"7\"}\nrubbish\n",
    );
    let two = file(
        "search/two.json",
        "[{\"@timestamp\": \"2026-01-01T00:00:02Z\", \"event\": {\"category\": \"process\"}, \"pid\": \"8\"}]",
    );
    let mapping = file(
        "search/mapping.json",
        r#"{"properties": {"@timestamp": {"type": "date"}, "event": {"properties": {"category": {"type": "keyword"}}}, "pid": {"type": "long"}}}"#,
    );
    let query = "sequence [process where pid == 7] [process where pid > 7]";
    let ran =
        eqlite(&["search", query, "--data", &one, "--mapping", &mapping, "--data", &two, "--mapping", &mapping], "");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let answer: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let events = answer["hits"]["sequences"][0]["events"].as_array().unwrap();
    let found: Vec<_> =
        events.iter().map(|hit| (hit["_index"].as_str().unwrap(), hit["_id"].as_str().unwrap())).collect();
    assert_eq!(found, [(one.as_str(), "0"), (two.as_str(), "0")], "text in a field of numbers is a number");
    assert!(ran.err.contains("one.ndjson:2: "), "{}", ran.err);

    let piped = eqlite(
        &[
            "search",
            "network where event.action == \"connected-to\"",
            "--data",
            "-",
            "--size",
            "1",
            "--result-position",
            "head",
        ],
        &sample(),
    );
    let answer: serde_json::Value = serde_json::from_str(&piped.out).unwrap();
    assert_eq!((piped.code, &answer["hits"]["total"]["value"]), (0, &1.into()), "{}", piped.err);
    assert_eq!(answer["hits"]["events"][0]["_source"]["auditd"]["data"]["syscall"], "connect");
}

#[test]
fn a_search_that_cannot_be_done_says_why() {
    let mapping =
        file("search/none.json", r#"{"properties": {"process": {"properties": {"name": {"type": "keyword"}}}}}"#);
    let refused = eqlite(&["search", "any where process.nam == \"sh\"", "--data", "-", "--mapping", &mapping], "");
    assert_eq!((refused.code, refused.out.as_str()), (1, ""));
    assert!(refused.err.contains("query:1:11") && refused.err.contains("^^^^"), "{}", refused.err);
    assert!(refused.err.contains("process.name"), "{}", refused.err);
    assert_eq!(eqlite(&["search", "any where true", "--data", "no-such-file", "--data", "-"], "").code, 1);
    for wrong in [&["--mapping", "m", "--data", "d"][..], &["--data", "d", "--mapping", "m", "--mapping", "m"], &[]] {
        let ran = eqlite(&[&["search", "any where true"], wrong].concat(), "");
        assert_eq!(ran.code, 2, "{wrong:?}: {}", ran.err);
    }
}

#[test]
fn rules_are_checked_where_they_lie() {
    let rule = |id: &str, kind: &str, query: &str| {
        format!("[rule]\nrule_id = \"{id}\"\nname = \"{id}\"\ntype = \"{kind}\"\nquery = '''\n{query}\n'''\n")
    };
    let good = file("check/a/good.toml", &rule("good", "eql", "process where process.name == \"sh\""));
    let bad = file("check/b.toml", &rule("bad", "eql", "process wher true"));
    file("check/c/other.toml", &rule("other", "esql", "from logs"));
    file("check/notes.txt", "no rule");
    let folder = PathBuf::from(&bad).parent().unwrap().display().to_string();

    let people = eqlite(&["check", &folder], "");
    assert_eq!(people.code, 1, "{}", people.err);
    assert!(people.out.contains("b.toml:6:9") && people.out.contains("^^^^"), "{}", people.out);
    assert!(people.err.contains("3 rules: 1 ok, 1 with errors, 1 of other types"), "{}", people.err);

    let machines = eqlite(&["check", "--json", &folder], "");
    let reports: Vec<serde_json::Value> =
        machines.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let status: Vec<_> = reports
        .iter()
        .map(|report| (report["rule_id"].as_str().unwrap(), report["status"].as_str().unwrap()))
        .collect();
    assert_eq!((machines.code, status), (1, [("good", "ok"), ("bad", "error"), ("other", "unsupported")].into()));
    let found = &reports[1]["diagnostics"][0];
    assert_eq!((&reports[1]["file"], &found["line"], &found["column"]), (&bad.into(), &6.into(), &9.into()));
    assert_eq!(found["span"]["end"].as_u64().unwrap() - found["span"]["start"].as_u64().unwrap(), 4);

    let with_types =
        eqlite(&["check", "--schema", "ecs", "-"], &rule("r", "eql", "process where process.nam == \"sh\""));
    assert_eq!(with_types.code, 1, "{}", with_types.err);
    assert!(with_types.out.contains("process.name"), "{}", with_types.out);
    assert_eq!(eqlite(&["check", &good], "").code, 0);
    assert_eq!(eqlite(&["check", "no-such-folder"], "").code, 1);
}

#[test]
fn audit_logs_become_documents() {
    let raw = eqlite(&["ecs", "--host-id", "h", "--hostname", "web", "--include-raw", "samples/trouble.raw.log"], "");
    assert_eq!(raw.code, 0, "{}", raw.err);
    let documents: Vec<serde_json::Value> = raw.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&documents[0]["host"]["id"], &documents[0]["host"]["name"]), (&"h".into(), &"web".into()));
    assert!(documents[0]["event"]["original"].is_array());
    assert!(raw.err.contains("samples/trouble.raw.log:9: ") && raw.err.contains(" 3 malformed lines"), "{}", raw.err);
    let manager = eqlite(&["ecs", "--profile", "auditd-manager", "--compat", "go-libaudit", "-"], &sample());
    let first: serde_json::Value = serde_json::from_str(manager.out.lines().next().unwrap()).unwrap();
    assert!(first["event"]["sequence"].is_number() && first["eqlite"].is_null(), "{first}");
    assert_eq!(eqlite(&["ecs", "--profile", "filebeat", "-"], "").code, 2);
    assert_eq!(eqlite(&["ecs", "no-such-file"], "").code, 1);
}

#[test]
fn an_event_may_straddle_a_rotation() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("rotated");
    fs::create_dir_all(&folder).unwrap();
    let header = "msg=audit(1700000000.200:17):";
    let call = format!("type=SYSCALL {header} arch=c000003e syscall=42 success=yes exit=0 a0=3 pid=7 comm=\"nc\"\n");
    let rest = format!("type=SOCKADDR {header} saddr=02zz\ntype=EOE {header}\n");
    let path = |name: &str| folder.join(name).display().to_string();
    let (older, newer) = (path("audit.log.1"), path("audit.log"));
    fs::write(&older, call).unwrap();
    fs::write(&newer, &rest).unwrap();
    for (last, input) in [(newer.as_str(), ""), ("-", rest.as_str())] {
        let rotated = eqlite(&["ecs", "--include-warnings", &older, last], input);
        let event: serde_json::Value = serde_json::from_str(&rotated.out).unwrap();
        // What could not be read of a record is told, with the records.
        assert!(event["error"]["message"][0].as_str().unwrap().contains("SOCKADDR"), "{event}");
        assert_eq!(event["event"]["original"].as_array().unwrap().len(), 2, "{event}");
    }
}

#[test]
fn the_doctor_says_what_is_missing() {
    let login =
        "type=USER_LOGIN msg=audit(1700000000.200:17): pid=7 uid=0 auid=0 ses=1 msg='op=login id=0 res=success'\n";
    let later = login.replace(":17)", ":20)");
    let silent = eqlite(&["doctor", "-"], &(login.to_string() + &later));
    assert_eq!(silent.code, 0, "{}", silent.err);
    for expected in [
        "execve       never",
        "connect      never",
        "-a task,never",
        "18-19",
        "--host-id",
        "-a always,exit -F arch=b64 -S connect -F key=net",
    ] {
        assert!(silent.out.contains(expected), "{expected} is not in\n{}", silent.out);
    }
    let healthy = eqlite(&["doctor", "--json", SAMPLE], "");
    let report: serde_json::Value = serde_json::from_str(&healthy.out).unwrap();
    assert_eq!((&report["silent"], &report["findings"]), (&false.into(), &serde_json::json!([])), "{report}");
    assert!(report["calls"][0]["byArch"]["aarch64"].is_number(), "{report}");
}
