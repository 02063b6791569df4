// Runs the cases of spec/alerts and spec/kibana (their READMEs say what they are) on whatever is a `Door`: the room of `wasm/` natively, and
// the component in wasmtime. The same in JavaScript is `cases.mjs`.

use crate::holds::holds;
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A correlator, however it is reached.
pub(crate) trait Door {
    fn feed(&mut self, chunk: &[u8]);
    fn sift(&mut self, piece: &[u8]) -> Vec<u8>;
    fn feed_sifted(&mut self, piece: &[u8], sifted: &[u8]);
    fn advance(&mut self, millis: i64);
    fn finish(&mut self);
    /// The alerts since the last call as NDJSON.
    fn alerts(&mut self) -> String;
    /// The lines of the problems since the last call.
    fn problems(&mut self) -> Vec<u64>;
    fn stats(&mut self) -> Value;
    fn snapshot(&mut self) -> Vec<u8>;
    fn restore(&mut self, snapshot: &[u8]) -> Result<(), String>;
}

/// Makes a correlator of options (JSON).
pub(crate) type Make<'a> = &'a (dyn Fn(&str) -> Box<dyn Door> + Sync);

/// A case with its files.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) options: String,
    pub(crate) input: Vec<u8>,
    sizes: Vec<usize>,
    steps: Vec<Step>,
    problems: Vec<u64>,
    stats: Value,
    expected: String,
}

/// What is done before a byte of the input.
struct Step {
    at: usize,
    advance: Option<i64>,
    /// The file of a snapshot, and what it holds.
    snapshot: Option<(String, Vec<u8>)>,
}

/// What came out.
pub(crate) struct Ran {
    pub(crate) alerts: String,
    problems: Vec<u64>,
    stats: Value,
    /// States that had other bytes than they should.
    pub(crate) wrong: Vec<String>,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> Vec<u8> {
    fs::read(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn text(path: &str) -> String {
    String::from_utf8(read(path)).unwrap()
}

/// The cases of every folder below `spec/alerts` and `spec/kibana`.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for spec in ["spec/alerts", "spec/kibana"] {
        let mut names: Vec<PathBuf> =
            fs::read_dir(root().join(spec)).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.retain(|path| path.join("case.json").exists());
        names.sort();
        assert!(!names.is_empty());
        let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_string();
        names.iter().for_each(|path| cases.extend(load(&format!("{spec}/{}", name(path)))));
    }
    cases
}

fn load(folder: &str) -> Vec<Case> {
    let case: Value = serde_json::from_str(&text(&format!("{folder}/case.json"))).unwrap();
    let rules = case["rules"].as_array().unwrap().iter().map(|rule| rule.as_str().unwrap());
    let rules: Value = rules.map(|rule| json!({"file": rule, "text": text(rule)})).collect();
    let list = |key: &str| case[key].as_array().cloned().unwrap_or_default();
    let one = |mut options: Value, expected: &str| {
        options["rules"] = rules.clone();
        let problems: Vec<u64> = list("problems").iter().map(|line| line.as_u64().unwrap()).collect();
        let mut stats = case.get("stats").cloned().unwrap_or_else(|| json!({}));
        stats["malformed"] = problems.len().into();
        let sizes = list("chunk_sizes").iter().map(|size| size.as_u64().unwrap() as usize).collect::<Vec<_>>();
        Case {
            name: format!("{folder}/{expected}"),
            options: options.to_string(),
            input: read(case["input"].as_str().unwrap()),
            sizes: if sizes.is_empty() { vec![1, 7, 4096] } else { sizes },
            steps: list("steps").iter().map(|step| self::step(step, folder)).collect(),
            problems,
            stats,
            expected: text(&format!("{folder}/{expected}")),
        }
    };
    match case.get("context") {
        None => vec![one(case.get("options").cloned().unwrap_or_else(|| json!({})), "expected.ndjson")],
        Some(context) => vec![
            one(json!({"output": "kibana", "kibana": context}), "expected.ndjson"),
            one(json!({"output": "signal"}), "signal.ndjson"),
        ],
    }
}

fn step(step: &Value, folder: &str) -> Step {
    Step {
        at: step["at"].as_u64().unwrap() as usize,
        advance: step["advance"].as_i64(),
        snapshot: step["snapshot"].as_str().map(|name| (name.to_string(), read(&format!("{folder}/{name}")))),
    }
}

/// Feeds the input in pieces of `size` bytes, with the steps of the case between them. At the byte of a break a snapshot is made as well, and
/// a correlator of the second maker goes on from it; and from there on pieces are sifted by another correlator of the first.
pub(crate) fn run(case: &Case, size: usize, make: Make<'_>, broken: Option<(usize, Make<'_>)>) -> Ran {
    let mut door = make(&case.options);
    let mut sifter = None;
    let mut ran = Ran { alerts: String::new(), problems: Vec::new(), stats: Value::Null, wrong: Vec::new() };
    let mut at = 0;
    let mut places: Vec<(usize, Option<&Step>)> = case.steps.iter().map(|step| (step.at, Some(step))).collect();
    if let Some((place, _)) = broken {
        places.insert(places.iter().filter(|(at, _)| *at < place).count(), (place, None));
    }
    for (place, step) in places {
        case.input[at..place].chunks(size).for_each(|piece| feed(&mut *door, &mut sifter, piece));
        at = place;
        if let Some(millis) = step.and_then(|step| step.advance) {
            door.advance(millis);
        }
        match (step, broken) {
            (Some(Step { snapshot: Some((name, bytes)), .. }), _) => {
                if door.snapshot() != *bytes {
                    ran.wrong.push(format!("the state has other bytes than {name}"));
                }
                door = make(&case.options);
                ran.wrong.extend(door.restore(bytes).err());
            }
            (None, Some((_, other))) => {
                let snapshot = door.snapshot();
                door = other(&case.options);
                ran.wrong.extend(door.restore(&snapshot).err());
                if door.snapshot() != snapshot {
                    ran.wrong.push(format!("restored at {place}, the state has other bytes"));
                }
                sifter = Some(make(&case.options));
            }
            _ => {}
        }
    }
    case.input[at..].chunks(size).for_each(|piece| feed(&mut *door, &mut sifter, piece));
    door.finish();
    ran.alerts = door.alerts();
    ran.problems = door.problems();
    ran.stats = door.stats();
    ran
}

fn feed(door: &mut dyn Door, sifter: &mut Option<Box<dyn Door>>, piece: &[u8]) {
    match sifter {
        Some(sifter) => door.feed_sifted(piece, &sifter.sift(piece)),
        None => door.feed(piece),
    }
}

/// Runs a case at all of its chunk sizes, in one piece, and broken at a place of its own; says what is wrong.
pub(crate) fn failures(case: &Case, make: Make<'_>) -> Vec<String> {
    let whole = case.input.len().max(1);
    let runs = case.sizes.iter().copied().chain([whole]).map(|size| (size, None));
    // Somewhere, another place for each case, the same on every host.
    let broken = (case.name.len() * 7919) % whole;
    runs.chain([(4096, Some((broken, make)))])
        .flat_map(|(size, broken)| {
            let how = format!("{}, {size} bytes at once, broken at {:?}", case.name, broken.map(|(at, _)| at));
            let ran = run(case, size, make, broken);
            let mut wrong = ran.wrong;
            if ran.alerts != case.expected {
                wrong.push(format!("expected\n{}but got\n{}", case.expected, ran.alerts));
            }
            if ran.problems != case.problems {
                wrong.push(format!("lines {:?} reported, expected {:?}", ran.problems, case.problems));
            }
            if !holds(&case.stats, &ran.stats) {
                wrong.push(format!("counters {}, expected {}", ran.stats, case.stats));
            }
            wrong.into_iter().map(move |wrong| format!("{how}: {wrong}"))
        })
        .collect()
}
