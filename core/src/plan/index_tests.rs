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

#[test]
fn no_stage_that_matches_is_left_out() {
    let mut random = Random(0x0dd_ba11_5eed);
    let mut found = 0;
    for _ in 0..60 {
        let mut builder = Plan::builder();
        for _ in 0..80 {
            let query = format!("any where {}", random.condition(3));
            let rule = Rule { kind: "eql".into(), query, ..Rule::default() };
            // Some are refused: a number where a text stands.
            let _ = builder.add(rule);
        }
        let (plan, mut slots, mut index) = (builder.build(), Slots::default(), Candidates::default());
        for _ in 0..60 {
            let event = random.event();
            let expected = matching(&plan, &event, &mut slots, None);
            assert_eq!(matching(&plan, &event, &mut slots, Some(&mut index)), expected, "{event}");
            found += expected.len();
        }
    }
    assert!(found > 1_000);
}
