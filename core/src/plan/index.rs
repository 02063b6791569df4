//! Which stages an event can match at all, without asking each of them.
//!
//! Each stage that requires a field to have one of some texts (`process.name : ("nc", "ncat") and ...`) is filed under those texts; an event
//! looks its own values up and finds the few stages filed there. The rest are asked every time. The index may let too much through (it
//! folds case, say), never too little.
//!
//! A stage often offers several such requirements. It is filed under the one whose texts the fewest stages require: what nearly all rules
//! ask for (`host.os.type == "linux"`) is what nearly all events have, and an index filed under that is none.

use super::{
    condition::Condition,
    leaf::{Leaf, Test},
};
use crate::event::{EventView, FieldId, Value};
use crate::sort::{sort, sort_by_key};
use alloc::{borrow::ToOwned, string::String, vec::Vec};
use hashbrown::HashMap;

type Hash = foldhash::quality::FixedState;

/// Stages by a text that they require, folded.
type ByText = HashMap<String, Vec<StageId>, Hash>;

/// The number of a stage within the plan.
pub(crate) type StageId = u32;

/// The index over all stages of a plan.
#[derive(Clone, Debug, Default)]
pub(crate) struct StageIndex {
    fields: Vec<(FieldId, ByText)>,
    /// Stages that are asked for every event.
    always: Vec<StageId>,
    stages: usize,
}

/// The stages found for one event; reused from event to event.
#[derive(Clone, Debug, Default)]
pub(crate) struct Candidates {
    /// Ascending once sorted, each once.
    pub(crate) stages: Vec<StageId>,
    seen: Vec<u32>,
    epoch: u32,
    folded: String,
}

impl StageIndex {
    /// Files the stages, given their conditions in order.
    pub(crate) fn new<'c>(conditions: impl Iterator<Item = &'c Condition> + Clone, leaves: &[Leaf]) -> Self {
        let requirements = |condition: &'c Condition| {
            condition.conjuncts().iter().filter_map(|part| texts(part, leaves)).collect::<Vec<_>>()
        };
        let mut demand: HashMap<(FieldId, String), u32, Hash> = HashMap::default();
        for (field, texts) in conditions.clone().flat_map(requirements) {
            for text in texts {
                let count = demand.entry((field, text)).or_default();
                *count = count.saturating_add(1);
            }
        }
        let mut by_field: HashMap<FieldId, ByText, Hash> = HashMap::default();
        let mut index = StageIndex::default();
        for condition in conditions {
            let stage = u32::try_from(index.stages).unwrap_or(u32::MAX);
            index.stages = index.stages.saturating_add(1);
            if *condition == Condition::Const(false) {
                continue;
            }
            let cost = |(field, texts): &(FieldId, Vec<String>)| {
                let each = texts.iter().map(|text| demand.get(&(*field, text.clone())).copied().unwrap_or(0));
                (each.max(), texts.len(), *field)
            };
            match requirements(condition).into_iter().min_by_key(cost) {
                Some((field, texts)) => {
                    let filed = by_field.entry(field).or_default();
                    texts.into_iter().for_each(|text| filed.entry(text).or_default().push(stage));
                }
                None => index.always.push(stage),
            }
        }
        index.fields = by_field.into_iter().collect();
        sort_by_key(&mut index.fields, |(field, _)| *field);
        index
    }

    /// Finds the stages that the event may match.
    pub(crate) fn candidates(&self, view: EventView<'_>, found: &mut Candidates) {
        found.begin(self.stages);
        for (field, filed) in &self.fields {
            for value in view.values(*field) {
                if let Value::Text(text) = value {
                    found.folded.clear();
                    found.folded.push_str(text);
                    found.folded.make_ascii_lowercase();
                    if let Some(stages) = filed.get(&found.folded) {
                        stages.iter().for_each(|&stage| add(&mut found.stages, &mut found.seen, found.epoch, stage));
                    }
                }
            }
        }
        found.stages.extend_from_slice(&self.always);
        sort(&mut found.stages);
    }
}

impl Candidates {
    fn begin(&mut self, stages: usize) {
        self.stages.clear();
        self.epoch = self.epoch.wrapping_add(1);
        if self.seen.len() != stages || self.epoch == 0 {
            self.seen.clear();
            self.seen.resize(stages, 0);
            self.epoch = 1;
        }
    }
}

fn add(stages: &mut Vec<StageId>, seen: &mut [u32], epoch: u32, stage: StageId) {
    if let Some(mark) = seen.get_mut(stage as usize)
        && *mark != epoch
    {
        *mark = epoch;
        stages.push(stage);
    }
}

/// The texts of which a condition requires one, folded; `None` where it requires none or more than texts.
fn texts(condition: &Condition, leaves: &[Leaf]) -> Option<(FieldId, Vec<String>)> {
    let Condition::Leaf(id) = condition else { return None };
    match leaves.get(id.index())? {
        Leaf::Field(field, Test::Text(set)) if set.is_exact() => {
            let mut texts: Vec<String> = set.exact_values().map(str::to_owned).collect();
            texts.iter_mut().for_each(|text| text.make_ascii_lowercase());
            sort(&mut texts);
            texts.dedup();
            Some((*field, texts))
        }
        _ => None,
    }
}
