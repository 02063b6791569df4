//! What became of the events of one join key in a sequence, step by step: a plain twin of the matcher that keeps notes.
//!
//! ```text
//! stages A B, maxspan 10 s     A1 at 0 s, A2 at 2 s, B3 at 13 s
//! A2 replaced A1 as the start; B3 came 11 s after A2, 1 s over maxspan
//! ```

use super::Step;
use crate::{plan::SequencePlan, time::Timestamp};
use alloc::{vec, vec::Vec};

/// An event of the key, in its turn.
#[derive(Clone, Debug)]
pub(super) struct Turn {
    /// The number of its document.
    pub(super) event: usize,
    pub(super) time: Timestamp,
    /// Terms that it matches, ascending.
    pub(super) terms: Vec<usize>,
}

#[derive(Clone, Debug)]
struct Partial {
    events: Vec<usize>,
    first: Timestamp,
    last: Timestamp,
    /// The event that had to be missing, and was not.
    refuted: Option<usize>,
}

/// The steps, and the sequences that are complete but for what had to be missing before or after them.
pub(super) fn trace(plan: &SequencePlan, turns: &[Turn]) -> (Vec<Step>, Vec<Vec<usize>>) {
    let (mut steps, mut completed) = (Vec::new(), Vec::new());
    let mut slots: Vec<Option<Partial>> = vec![None; plan.positives.len()];
    for (place, turn) in turns.iter().enumerate() {
        // An event that fits several stages has found nothing only where it serves none of them.
        let (mut idle, mut served) = (None, false);
        for (stage, _) in plan.positives.iter().enumerate().rev().filter(|(_, term)| turn.terms.contains(term)) {
            let mut partial = match stage.checked_sub(1) {
                None => Partial { events: Vec::new(), first: turn.time, last: turn.time, refuted: None },
                Some(previous) => match slots.get_mut(previous).and_then(Option::take) {
                    Some(partial) => partial,
                    None => {
                        idle = idle.or(Some(Step::NothingBefore { event: turn.event, stage }));
                        continue;
                    }
                },
            };
            served = true;
            if plan.over_maxspan(partial.first, turn.time) {
                let span = turn.time.millis.saturating_sub(partial.first.millis);
                let maxspan = i64::try_from(plan.maxspan.unwrap_or(0)).unwrap_or(i64::MAX);
                let over = span.saturating_sub(maxspan);
                let first = partial.events.first().copied().unwrap_or(turn.event);
                steps.push(Step::OverMaxspan { event: turn.event, stage, first, span, maxspan, over });
                continue;
            }
            let between = || turns.get(..place).unwrap_or(&[]).iter().rev().filter(|_| stage > 0);
            let forbidden = between().find(|seen| {
                let apart = seen.time.millis > partial.last.millis && seen.time.millis < turn.time.millis;
                apart && plan.missing.iter().any(|m| m.before == stage && seen.terms.contains(&m.term))
            });
            partial.refuted = partial.refuted.or(forbidden.map(|seen| seen.event));
            partial.last = turn.time;
            partial.events.push(turn.event);
            if partial.events.len() < plan.positives.len() {
                if let Some(old) = slots.get_mut(stage).and_then(|slot| slot.replace(partial)) {
                    steps.push(Step::Replaced { event: turn.event, stage, old: old.events });
                }
                continue;
            }
            let outside = |seen: &&Turn| {
                let maxspan = plan.maxspan.unwrap_or(0);
                let (start, end, at) = (partial.first.millis, partial.last.millis, seen.time.millis);
                let before = at < start && end.saturating_sub_unsigned(maxspan) <= at;
                let after = at > end && at <= start.saturating_add_unsigned(maxspan);
                plan.missing.iter().any(|m| {
                    seen.terms.contains(&m.term)
                        && ((m.before == 0 && before) || (m.before == plan.positives.len() && after))
                })
            };
            match partial.refuted.or_else(|| turns.iter().find(outside).map(|seen| seen.event)) {
                Some(by) => steps.push(Step::Refuted { events: partial.events, by }),
                None => completed.push(partial.events),
            }
        }
        steps.extend(idle.filter(|_| !served));
        if turn.terms.contains(&plan.terms) {
            for ended in slots.iter_mut().filter_map(Option::take) {
                steps.push(Step::Until { event: turn.event, events: ended.events });
            }
        }
    }
    for (stage, open) in slots.into_iter().enumerate().filter_map(|(stage, slot)| Some((stage, slot?))) {
        steps.push(Step::Open { events: open.events, stage: stage.saturating_add(1) });
    }
    (steps, completed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Rule, plan::Plan, plan::PlanKind};
    use alloc::{collections::BTreeSet, format, string::String};

    /// The twin and the matcher agree on what is complete, over random streams of one key.
    #[test]
    fn the_trace_completes_what_the_matcher_completes() {
        let queries = [
            "sequence [any where a == 0] [any where a == 1]",
            "sequence with maxspan=5s [any where a == 0] [any where a <= 1] [any where a == 2]",
            "sequence with maxspan=5s [any where a == 0] ![any where a == 3] [any where a == 1] until [any where a == 2]",
            "sequence with maxspan=4s ![any where a == 3] [any where a == 0] [any where a == 1]",
            "sequence with maxspan=4s [any where a == 0] [any where a == 1] ![any where a == 3]",
            "sequence [any where a == 0] with runs=3 [any where a == 1]",
        ];
        let mut state = 3_u64;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let mut complete = 0;
        for round in 0..600 {
            let query = queries[round % queries.len()];
            let mut builder = Plan::builder();
            let rule = Rule { kind: "eql".into(), query: query.into(), ..Rule::default() };
            builder.add(rule.clone()).unwrap();
            let plan = builder.build();
            let mut time = 0;
            let events: Vec<(i64, u64)> = (0..14)
                .map(|_| {
                    time += 1 + next(2_000) as i64;
                    (time, next(4))
                })
                .collect();
            let documents: Vec<String> =
                events.iter().map(|(time, a)| format!("{{\"@timestamp\":{time},\"a\":{a}}}")).collect();
            let expected: BTreeSet<Vec<usize>> = super::super::alerts(&rule, &documents, &crate::Schema::open())
                .unwrap()
                .into_iter()
                .map(|events| events.into_iter().flatten().collect())
                .collect();
            let mut observer = super::super::observe::Observer::new(&plan, &[]);
            let observed = observer.observe(&documents);
            let turns: Vec<Turn> = observed
                .events
                .iter()
                .map(|event| Turn {
                    event: event.number,
                    time: event.time.unwrap(),
                    terms: event.hits.iter().map(|hit| hit.term).collect(),
                })
                .collect();
            let PlanKind::Sequence(shape) = &plan.rules[0].kind else { panic!("a sequence") };
            let (_, completed) = trace(shape, &turns);
            complete += completed.len();
            assert_eq!(completed.into_iter().collect::<BTreeSet<_>>(), expected, "{query} {events:?}");
        }
        assert!(complete > 300, "{complete}");
    }
}
