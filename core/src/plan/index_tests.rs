//! The index against its plain twin, which asks every stage: random rules over few words, random events of the same words.

use crate::{
    Rule,
    event::{Slots, json},
    plan::{Candidates, Memo, Plan, StageId},
};
use alloc::{format, string::String, vec::Vec};

struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }

    fn pick<'t>(&mut self, items: &[&'t str]) -> &'t str {
        items[self.below(items.len())]
    }

    fn text(&mut self) -> &'static str {
        self.pick(&[
            "nc",
            "NC",
            "python3",
            "Python",
            "/tmp/x",
            "/TMP/y.sh",
            "",
            "é",
            "É",
            "nmap",
            "7",
            "a",
            "sh",
            "bash -c nc",
        ])
    }

    fn pattern(&mut self) -> &'static str {
        self.pick(&["nc*", "*thon*", "/tmp/*", "*.sh", "*", "??", "n?", "*c*", "py*3", "*bash*nc*", "é*", "nmap"])
    }

    fn test(&mut self) -> String {
        let field = self.pick(&["a", "b", "c"]);
        self.test_of(field)
    }

    fn test_of(&mut self, field: &str) -> String {
        match self.below(9) {
            0 => format!("{field} == \"{}\"", self.text()),
            1 => format!("{field} in (\"{}\", \"{}\")", self.text(), self.text()),
            2 => format!("{field} : (\"{}\", \"{}\")", self.pattern(), self.text()),
            3 => format!("{field} : \"{}\"", self.pattern()),
            4 => format!("{field} == {}", self.below(3)),
            5 => format!("{field} in ({}, 1.5, {})", self.below(3), self.below(9)),
            6 => format!("{field} != null"),
            7 => format!("stringContains~({field}, \"nc\")"),
            _ => format!("{field} regex~ \".*(nc|sh)\""),
        }
    }

    fn condition(&mut self, depth: usize) -> String {
        match self.below(if depth == 0 { 1 } else { 4 }) {
            1 => format!("({} and {})", self.condition(depth - 1), self.condition(depth - 1)),
            2 => format!("({} or {})", self.condition(depth - 1), self.condition(depth - 1)),
            3 => format!("not ({})", self.condition(depth - 1)),
            _ => self.test(),
        }
    }

    fn event(&mut self) -> String {
        let mut value = || match self.below(6) {
            0 => format!("{}", self.below(4)),
            1 => format!("{}.0", self.below(3)),
            2 => String::from("null"),
            3 => format!("[\"{}\",\"{}\"]", self.text(), self.text()),
            _ => format!("\"{}\"", self.text()),
        };
        format!("{{\"a\":{},\"b\":{},\"c\":{}}}", value(), value(), value())
    }
}

/// The stages that match, found by the index, which remembers what it saw; or of `None` by asking all.
fn matching(plan: &Plan, document: &str, slots: &mut Slots, index: Option<&mut Candidates>) -> Vec<StageId> {
    json::project(document, &plan.fields, slots, 64).unwrap();
    let (mut memo, view) = (Memo::default(), slots.view(document));
    if let Some(candidates) = index {
        plan.matches(view, &mut memo, candidates);
        return candidates.stages.clone();
    }
    memo.next_event(plan.leaves.leaves.len());
    let ids = 0..plan.stages.len() as StageId;
    ids.filter(|id| memo.holds(&plan.stages[*id as usize].condition, &plan.leaves.leaves, view)).collect()
}

/// Holds both against each other: plans of so many rules, each on so many events. How many stages were found; in how many plans a field leads.
fn compare(
    random: &mut Random,
    plans: usize,
    rules: usize,
    events: usize,
    query: impl Fn(&mut Random) -> String,
) -> (usize, usize) {
    let (mut found, mut led) = (0, 0);
    for _ in 0..plans {
        let mut builder = Plan::builder();
        for _ in 0..rules {
            let query = format!("any where {}", query(random));
            let rule = Rule { kind: "eql".into(), query, ..Rule::default() };
            // Some are refused: a number where a text stands.
            let _ = builder.add(rule);
        }
        let (plan, mut slots, mut index) = (builder.build(), Slots::default(), Candidates::default());
        led += usize::from(plan.index.lead.is_some());
        for _ in 0..events {
            let event = random.event();
            let expected = matching(&plan, &event, &mut slots, None);
            assert_eq!(matching(&plan, &event, &mut slots, Some(&mut index)), expected, "{event}");
            found += expected.len();
        }
    }
    (found, led)
}

#[test]
fn no_stage_that_matches_is_left_out() {
    let mut random = Random(0x0dd_ba11_5eed);
    let (found, led) = compare(&mut random, 60, 80, 60, |random| random.condition(3));
    assert!(found > 1_000 && led == 0);
}

#[test]
fn none_is_left_out_where_a_field_leads() {
    let mut random = Random(0x1ead_5eed);
    let query = |random: &mut Random| match random.below(3) {
        0 => format!("{} and {}", random.condition(1), random.test_of("b")),
        _ => format!("{} and {}", random.test_of("b"), random.condition(2)),
    };
    let (found, led) = compare(&mut random, 200, 3, 120, query);
    assert!(found > 1_000 && led > 100, "{found} {led}");
}
