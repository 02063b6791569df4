//! Looks at every document with the eyes of the rule: which stages it matches with which keys, and which leaves speak against the rest.

use super::{Candidate, Failed, Stage, leaves::Leaf};
use crate::{
    event::keys,
    event::{EventView, Slots, Value, json},
    limits::Limits,
    plan::{self, Candidates, Memo, Plan, PlanRule},
    span::Span,
    time::Timestamp,
};
use crate::{object::of_pairs, sort::sort_by};
use alloc::{
    boxed::Box,
    string::{String, ToString},
    vec::Vec,
};
use serde_json::{Map, Value as Json};

/// How many candidates are kept for a stage.
const CANDIDATES: usize = 3;

/// What decides where no leaf of the query does.
const BESIDE: &str = "(the rule's filters, or the timestamp that it asks for)";

pub(super) struct Observer<'p> {
    pub(super) plan: &'p Plan,
    pub(super) stages: &'p [Stage],
    slots: Slots,
    coerced: Slots,
    memo: Memo,
    candidates: Candidates,
}

/// What all documents are to the rule.
pub(super) struct Observed {
    pub(super) unreadable: usize,
    /// One for each stage of the query.
    pub(super) stages: Vec<Seen>,
    /// Events that match a stage, in the order of their times.
    pub(super) events: Vec<Event>,
}

/// What all documents are to a stage.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) matched: usize,
    pub(super) without_key: usize,
    pub(super) candidates: Vec<Candidate>,
}

/// An event that matches a stage.
pub(super) struct Event {
    pub(super) number: usize,
    pub(super) time: Option<Timestamp>,
    tiebreaker: (bool, Box<[u8]>),
    pub(super) hits: Vec<Hit>,
}

/// One document as the rule sees it.
pub(super) struct Look<'d> {
    pub(super) view: EventView<'d>,
    /// The rules of the plan that match it: the one that is explained, and its leaves; ascending.
    pub(super) rules: Vec<usize>,
    /// The terms that it matches.
    pub(super) terms: Vec<usize>,
}

/// A term that it matches.
pub(super) struct Hit {
    pub(super) term: usize,
    pub(super) keys: Vec<Box<[u8]>>,
    /// Fields of the join key that it lacks.
    pub(super) lacks: Vec<String>,
}

impl<'p> Observer<'p> {
    pub(super) fn new(plan: &'p Plan, stages: &'p [Stage]) -> Self {
        Observer {
            plan,
            stages,
            slots: Slots::default(),
            coerced: Slots::default(),
            memo: Memo::default(),
            candidates: Candidates::default(),
        }
    }

    /// The rule that is explained: the first of the plan, before its leaves.
    pub(super) fn rule(&self) -> Option<&'p PlanRule> {
        self.plan.rules.first()
    }

    /// The stages of the rule as the plan has them, by their terms.
    pub(super) fn terms(&self) -> impl Iterator<Item = &'p plan::Stage> {
        let plan = self.plan;
        (0..).map_while(move |id| plan.stage(id)).take_while(|stage| stage.rule == 0)
    }

    /// The names of a term's join keys.
    pub(super) fn key_names(&self, term: usize) -> Vec<String> {
        let stage = self.terms().nth(term);
        let fields = stage.iter().flat_map(|stage| &stage.keys).map(|key| key.field);
        fields.map(|field| field.map_or("(unmapped)", |field| self.plan.fields.path(field)).to_string()).collect()
    }

    /// Reads a document; `None` where it is no object.
    pub(super) fn look<'d>(&'d mut self, document: &'d str) -> Option<Look<'d>> {
        let fields = &self.plan.fields;
        json::project(document, fields, &mut self.slots, Limits::default().json_depth).ok()?;
        let mut view = self.slots.view(document);
        if let Some(coercions) = &self.plan.coercions {
            coercions.apply(view, &mut self.coerced);
            view = self.coerced.view("");
        }
        self.plan.matches(view, &mut self.memo, &mut self.candidates);
        let stages = || self.candidates.stages.iter().filter_map(|&id| self.plan.stage(id));
        let rules = stages().map(|stage| stage.rule).collect();
        let terms = stages().filter(|stage| stage.rule == 0).map(|stage| stage.term).collect();
        Some(Look { view, rules, terms })
    }

    pub(super) fn observe(&mut self, documents: &[String]) -> Observed {
        let mut observed = Observed {
            unreadable: 0,
            stages: self.stages.iter().map(|_| Seen::default()).collect(),
            events: Vec::new(),
        };
        let (plan, stages, rule) = (self.plan, self.stages, self.rule());
        let terms: Vec<&plan::Stage> = self.terms().collect();
        for (place, document) in documents.iter().enumerate() {
            let number = place.saturating_add(1);
            let Some(Look { view, rules, terms: matched }) = self.look(document) else {
                observed.unreadable = observed.unreadable.saturating_add(1);
                continue;
            };
            let time = rule.and_then(|rule| rule.timestamp(view));
            let mut hits = Vec::new();
            for term in matched {
                let Some(of_plan) = terms.get(term) else { continue };
                let fields = of_plan.keys.iter().filter(|key| !key.optional).filter_map(|key| key.field);
                let lacks = fields.filter(|&field| !view.has(field)).map(|field| plan.fields.path(field).into());
                hits.push(Hit { term, keys: keys(view, &of_plan.keys).0, lacks: lacks.collect() });
            }
            for (stage, seen) in stages.iter().zip(&mut observed.stages) {
                match hits.iter().find(|hit| hit.term == stage.terms.start) {
                    Some(hit) => {
                        seen.matched = seen.matched.saturating_add(1);
                        let without = usize::from(hit.keys.is_empty());
                        seen.without_key = seen.without_key.saturating_add(without);
                    }
                    None => note(&mut seen.candidates, &candidate(plan, stage, view, &rules, (number, time))),
                }
            }
            if !hits.is_empty() {
                let tiebreaker = rule.map(|rule| rule.tiebreaker(view)).unwrap_or_default();
                observed.events.push(Event { number, time, tiebreaker, hits });
            }
        }
        sort_by(&mut observed.events, |a, b| (a.time, &a.tiebreaker, a.number).cmp(&(b.time, &b.tiebreaker, b.number)));
        observed
    }
}

/// An event with the leaves of a stage that speak against it.
pub(super) fn candidate(
    plan: &Plan,
    stage: &Stage,
    view: EventView<'_>,
    rules: &[usize],
    event: (usize, Option<Timestamp>),
) -> Candidate {
    let failed = |leaf: &Leaf| {
        let mut values = leaf.fields.iter().map(|path| {
            let field = plan.fields.get(path);
            let values = field.into_iter().flat_map(|field| view.values(field)).map(json_of);
            (path.clone(), Json::Array(values.collect()))
        });
        Failed { leaf: leaf.text.clone(), span: leaf.span, values: of_pairs(&mut values) }
    };
    let mut failed: Vec<Failed> = stage.tree.against(rules).into_iter().map(failed).collect();
    if failed.is_empty() {
        // The query has nothing against it: it is what stands beside the query.
        failed.push(Failed { leaf: BESIDE.to_string(), span: Span::default(), values: Map::new() });
    }
    Candidate { event: event.0, timestamp: event.1, failed, alike: 0 }
}

/// Keeps the best, each way to fail once.
fn note(best: &mut Vec<Candidate>, new: &Candidate) {
    if let Some(known) = best.iter_mut().find(|known| known.failed == new.failed) {
        known.alike = known.alike.saturating_add(1);
        return;
    }
    let place = best.partition_point(|known| known.failed.len() <= new.failed.len());
    if place < CANDIDATES {
        best.insert(place, new.clone());
        best.truncate(CANDIDATES);
    }
}

fn json_of(value: Value<'_>) -> Json {
    match value {
        Value::Bool(value) => value.into(),
        Value::Int(value) => value.into(),
        Value::Unsigned(value) => value.into(),
        Value::Float(value) => value.into(),
        Value::Text(text) => text.into(),
        Value::Ip(ip) => ip.to_string().into(),
        Value::Date(time) => time.to_iso().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Plan, Rule, eql::ast::QueryKind, explain::Role, explain::leaves::Tree};
    use alloc::format;

    /// A condition taken apart says the same as the condition whole.
    #[test]
    fn the_leaves_together_are_the_stage() {
        let conditions = [
            "a == 1 and b != 2",
            "not (a == 1 or b == null) and ?c : \"x*\"",
            "(a == 1 and b == 2) or (a == 2 and not b in (1, 2))",
            "length(c) > 1 and not startsWith(c, \"x\")",
            "not null or a == 1",
            "a == 1 or not (b == 1 and (c == \"x\" or not a == 2))",
            "true and not false and a + b == 3",
        ];
        let (mut held, mut all) = (0, 0);
        for condition in conditions {
            let query = format!("process where {condition}");
            let rule = Rule { kind: "eql".into(), query: query.clone(), ..Rule::default() };
            let mut builder = Plan::builder();
            builder.add(rule.clone()).unwrap();
            let QueryKind::Event(event) = crate::eql::parse(&query).unwrap().kind else { panic!("an event query") };
            let tree = Tree::new(&event, &rule, &mut builder);
            let stages = [Stage { tree, text: String::new(), span: event.span, role: Role::Needed, terms: 0..1 }];
            let plan = builder.build();
            let mut observer = Observer::new(&plan, &stages);
            for category in ["process", "network"] {
                for a in ["null", "1", "2"] {
                    for b in ["null", "1", "2", "[1,2]"] {
                        for c in ["null", "\"x\"", "\"xy\"", "\"yy\""] {
                            let document =
                                format!("{{\"event\":{{\"category\":\"{category}\"}},\"a\":{a},\"b\":{b},\"c\":{c}}}");
                            let look = observer.look(&document).unwrap();
                            let whole = look.terms.contains(&0);
                            assert_eq!(stages[0].tree.holds(&look.rules), whole, "{condition} {document}");
                            assert_eq!(stages[0].tree.against(&look.rules).is_empty(), whole);
                            held += usize::from(whole);
                            all += 1;
                        }
                    }
                }
            }
        }
        assert!(held > 40 && all > 600, "{held} of {all}");
    }
}
