//! Made-up rules in the shape of published ones: an operating system, an event type, lists of names, wildcards on arguments and paths,
//! lists of what is excepted. 80 % look at single events, 15 % are sequences, 5 % samples; half are for systems that send us nothing.
//!
//! A rule is kept as data and written in the words of whoever is measured: [`Made::eql`] here, other languages in `peers/`.
//!
//! ```text
//! process where host.os.type == "linux" and event.type == "start" and process.name : ("curl", "nc*") and
//!   process.args : ("/tmp/*", "*--json*") and not process.parent.name : ("cron", "apt-get")
//! ```

use crate::{
    names::{FOLDERS, PROGRAMS, RARE, SHELLS, WORDS},
    random::Random,
};

/// A rule.
#[derive(Clone, Debug)]
pub struct Made {
    /// `Made rule 17`.
    pub name: String,
    /// How its stages come together.
    pub kind: Kind,
    /// Its stages.
    pub stages: Vec<Stage>,
}

/// How stages come together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One stage, one event.
    Event,
    /// In order, within a minute.
    Sequence,
    /// In any order.
    Sample,
}

/// A condition on one event.
#[derive(Clone, Debug)]
pub struct Stage {
    /// The event's category.
    pub category: &'static str,
    /// All of these hold.
    pub tests: Vec<Test>,
}

/// A field has one of some values, or has none of them.
#[derive(Clone, Debug)]
pub struct Test {
    /// The field.
    pub field: &'static str,
    /// None of them.
    pub not: bool,
    /// The values.
    pub values: Values,
}

/// Values of a test.
#[derive(Clone, Debug)]
pub enum Values {
    /// Texts, compared as they are.
    Exact(Vec<String>),
    /// Texts with `*`, in any case.
    Wild(Vec<String>),
    /// Numbers.
    Numbers(Vec<u16>),
}

/// The first `count` rules of this seed.
pub fn made(seed: u64, count: usize) -> Vec<Made> {
    let mut random = Random::new(seed ^ 0x0072_756c_6573);
    (0..count).map(|number| rule(&mut random, number)).collect()
}

impl Made {
    /// The rule as an EQL query.
    pub fn eql(&self) -> String {
        let stages: Vec<String> = self.stages.iter().map(Stage::eql).collect();
        let listed = || stages.iter().map(|stage| format!("\n  [{stage}]")).collect::<String>();
        match self.kind {
            Kind::Event => stages.join(""),
            Kind::Sequence => format!("sequence by host.id, process.pid with maxspan=1m{}", listed()),
            Kind::Sample => format!("sample by host.id, process.pid{}", listed()),
        }
    }
}

impl Stage {
    fn eql(&self) -> String {
        let tests: Vec<String> = self.tests.iter().map(Test::eql).collect();
        format!("{} where {}", self.category, tests.join(" and "))
    }
}

impl Test {
    fn eql(&self) -> String {
        let quoted = |texts: &[String]| texts.iter().map(|text| format!("\"{text}\"")).collect::<Vec<_>>().join(", ");
        let test = match &self.values {
            Values::Exact(texts) if texts.len() == 1 => format!("{} == {}", self.field, quoted(texts)),
            Values::Exact(texts) => format!("{} in ({})", self.field, quoted(texts)),
            Values::Wild(texts) => format!("{} : ({})", self.field, quoted(texts)),
            Values::Numbers(numbers) => {
                format!("{} in ({})", self.field, numbers.iter().map(u16::to_string).collect::<Vec<_>>().join(", "))
            }
        };
        if self.not { format!("not {test}") } else { test }
    }
}

fn rule(random: &mut Random, number: usize) -> Made {
    let kind = match random.below(100) {
        0..80 => Kind::Event,
        80..95 => Kind::Sequence,
        _ => Kind::Sample,
    };
    let os = match random.below(100) {
        0..50 => "linux",
        50..85 => "windows",
        _ => "macos",
    };
    let stages = match kind {
        Kind::Event => 1,
        Kind::Sequence | Kind::Sample => 2 + random.below(2),
    };
    Made { name: format!("Made rule {number}"), kind, stages: (0..stages).map(|_| stage(random, os)).collect() }
}

fn stage(random: &mut Random, os: &str) -> Stage {
    let mut tests = vec![exact("host.os.type", &[os])];
    let category = match random.below(100) {
        0..70 => "process",
        70..90 => "file",
        _ => "network",
    };
    match category {
        "process" => process_tests(random, &mut tests),
        "file" => {
            tests.push(exact("event.action", &["creation", "rename", "opened-file"]));
            let (programs, paths) = (names(random, 6), paths(random, 4));
            tests.push(wild("process.name", programs));
            tests.push(wild("file.path", paths));
            if random.percent(50) {
                let except = paths_of_programs(random, 5);
                tests.push(not(wild("process.executable", except)));
            }
        }
        _ => {
            tests.push(exact("event.type", &["start"]));
            let programs = names(random, 8);
            tests.push(wild("process.name", programs));
            let ports = (0..1 + random.below(3))
                .map(|_| *random.pick(&[22, 53, 80, 443, 4444, 5432, 6667, 8125, 9001]))
                .collect();
            tests.push(Test { field: "destination.port", not: false, values: Values::Numbers(ports) });
        }
    }
    Stage { category, tests }
}

fn process_tests(random: &mut Random, tests: &mut Vec<Test>) {
    tests.push(exact("event.type", &["start"]));
    if random.percent(60) {
        tests.push(exact("event.action", &["exec", "exec_event", "start", "executed", "process_started"]));
    }
    let mut common = false;
    // Some rules know only what the command line looks like.
    if random.percent(85) {
        let programs = names(random, 10);
        common = programs.iter().any(|name| !RARE.contains(&name.trim_end_matches('*')));
        tests.push(if random.percent(50) {
            Test { values: Values::Exact(plain(programs)), ..exact("process.name", &[]) }
        } else {
            wild("process.name", programs)
        });
    } else {
        let paths = paths(random, 6);
        tests.push(wild("process.executable", paths));
    }
    // Published rules, too, ask more of a program that everybody runs.
    if random.percent(60) || common {
        let arguments = (0..1 + random.below(6)).map(|_| argument(random)).collect();
        tests.push(wild("process.args", arguments));
    }
    if random.percent(30) {
        let lines =
            (0..1 + random.below(4)).map(|_| format!("*{}*{}*", random.pick(FOLDERS), random.pick(WORDS))).collect();
        tests.push(wild(random.pick::<&str>(&["process.command_line", "process.title"]), lines));
    }
    if random.percent(25) {
        let parents = names(random, 6);
        tests.push(wild("process.parent.name", parents));
    }
    if random.percent(40) {
        let parents = names(random, 12);
        tests.push(not(wild("process.parent.name", parents)));
    }
    if random.percent(25) {
        let except = paths_of_programs(random, 8);
        tests.push(not(wild("process.parent.executable", except)));
    }
    if random.percent(10) {
        tests.push(exact("user.id", &["0"]));
    }
}

/// Names that a rule asks for: mostly such as seldom run, some with a version behind.
fn names(random: &mut Random, most: usize) -> Vec<String> {
    (0..1 + random.below(most))
        .map(|_| {
            let from = match random.below(100) {
                0..75 => RARE,
                75..90 => PROGRAMS,
                _ => SHELLS,
            };
            format!("{}{}", random.pick(from), if random.percent(10) { "*" } else { "" })
        })
        .collect()
}

fn plain(names: Vec<String>) -> Vec<String> {
    names.into_iter().map(|name| name.trim_end_matches('*').to_string()).collect()
}

fn paths(random: &mut Random, most: usize) -> Vec<String> {
    (0..1 + random.below(most)).map(|_| format!("{}{}*", random.pick(FOLDERS), random.pick(RARE))).collect()
}

fn paths_of_programs(random: &mut Random, most: usize) -> Vec<String> {
    (0..1 + random.below(most)).map(|_| format!("{}{}", random.pick(FOLDERS), random.pick(PROGRAMS))).collect()
}

/// Something that ordinary command lines do not have.
fn argument(random: &mut Random) -> String {
    let rare = *random.pick(RARE);
    match random.below(4) {
        0 => format!("{}={rare}", random.pick(WORDS)),
        1 => format!("{}{rare}*", random.pick(FOLDERS)),
        2 => format!("*{rare}*"),
        _ => format!("*{}*.{rare}", random.pick(WORDS)),
    }
}

fn exact(field: &'static str, values: &[&str]) -> Test {
    Test { field, not: false, values: Values::Exact(values.iter().map(ToString::to_string).collect()) }
}

fn wild(field: &'static str, values: Vec<String>) -> Test {
    Test { field, not: false, values: Values::Wild(values) }
}

fn not(test: Test) -> Test {
    Test { not: true, ..test }
}
