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
    let mut child = Command::new(env!("CARGO_BIN_EXE_eqlite"))
        .args(args)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(stdin.as_bytes()).ok();
    let output = child.wait_with_output().unwrap();
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
