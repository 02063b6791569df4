//! Which stages an event can match at all, without asking each of them.
//!
//! Each stage is filed under **signs**, of which an event must show one for the stage to match:
//!
//! ```text
//! process where process.name : ("nc", "python*") and process.args : "*/dev/udp/*"
//!   signs of the name: the whole text "nc", or the four letters "pyth" somewhere; of the arguments: "udp/" somewhere
//! ```
//! An event's own values are looked up, and show the few stages filed there. What nothing is known of is asked every time. The index may
//! let too much through (it folds case, it sees only four letters of a pattern), never too little.
//!
//! A stage often offers several such sets of signs. It is filed under the one whose commonest sign the fewest stages require: what nearly
//! all rules ask for (`host.os.type == "linux"`) is what nearly all events have, and an index filed under that is none. But what many
//! stages ask for makes a **gate**: where the answer is no, all of them are struck out together.

use super::{
    condition::{Condition, Memo},
    leaf::{Leaf, LeafId, Test},
    signs::{FieldSigns, Gram, Sign},
};
use crate::{
    event::{EventView, FieldId},
    pattern::{Case, TextSet},
    sort::sort_by_key,
};
use alloc::{vec, vec::Vec};
use hashbrown::HashMap;

type Hash = foldhash::quality::FixedState;

/// The number of a stage within the plan.
pub(crate) type StageId = u32;

/// The index over all stages of a plan.
#[derive(Clone, Debug, Default)]
pub(crate) struct StageIndex {
    fields: Vec<(FieldId, FieldSigns)>,
    /// Stages that are asked for every event, as bits.
    always: Vec<u64>,
    /// Leaves without which many stages cannot match, and those stages as bits.
    gates: Vec<(LeafId, Vec<u64>)>,
}

/// A leaf that fewer stages require is no gate.
const GATE_STAGES: u32 = 16;
/// More gates would cost more than they spare.
const GATES: usize = 24;

/// The stages found for one event; reused from event to event.
#[derive(Clone, Debug, Default)]
pub(crate) struct Candidates {
    /// Ascending, each once.
    pub(crate) stages: Vec<StageId>,
    found: StageBits,
    folded: Vec<u8>,
}

/// A set of stages, a bit for each.
#[derive(Clone, Debug, Default)]
pub(super) struct StageBits(Vec<u64>);

impl StageBits {
    #[inline]
    pub(super) fn add(&mut self, stage: StageId) {
        if let Some(word) = self.0.get_mut(stage as usize / 64) {
            *word |= 1_u64.wrapping_shl(stage);
        }
    }

    fn list(&self, out: &mut Vec<StageId>) {
        for (index, word) in self.0.iter().enumerate() {
            let (mut word, base) = (*word, (index as u32).wrapping_mul(64));
            while word != 0 {
                out.push(base.wrapping_add(word.trailing_zeros()));
                word &= word.wrapping_sub(1);
            }
        }
    }
}

impl StageIndex {
    /// Files the stages, given their conditions in order.
    pub(crate) fn new<'c>(conditions: impl Iterator<Item = &'c Condition> + Clone, leaves: &[Leaf]) -> Self {
        let mut demand = Demand { leaves, counts: HashMap::default() };
        conditions.clone().for_each(|condition| demand.count(condition));
        let count = conditions.clone().count();
        let mut by_field: HashMap<FieldId, FieldSigns, Hash> = HashMap::default();
        let mut always = StageBits(vec![0; count.div_ceil(64)]);
        for (stage, condition) in (0..).zip(conditions.clone()) {
            if *condition == Condition::Const(false) {
                continue;
            }
            match demand.cheapest(condition) {
                Some(need) => {
                    for (field, sign) in need.signs {
                        by_field.entry(field).or_default().file(sign, stage);
                    }
                }
                None => always.add(stage),
            }
        }
        let mut fields: Vec<_> = by_field.into_iter().collect();
        sort_by_key(&mut fields, |(field, _)| *field);
        fields.iter_mut().for_each(|(_, signs)| signs.finish());
        StageIndex { fields, always: always.0, gates: gates(conditions, leaves, count) }
    }

    /// Finds the stages that the event may match.
    pub(crate) fn candidates(&self, view: EventView<'_>, leaves: &[Leaf], memo: &mut Memo, found: &mut Candidates) {
        let Candidates { stages, found: bits, folded } = found;
        bits.0.clone_from(&self.always);
        for (field, signs) in &self.fields {
            signs.look_up(view.values(*field), folded, bits);
        }
        for (leaf, stages) in &self.gates {
            let waiting = || bits.0.iter().zip(stages).any(|(found, behind)| found & behind != 0);
            if waiting() && !memo.leaf(*leaf, leaves, view) {
                bits.0.iter_mut().zip(stages).for_each(|(found, behind)| *found &= !behind);
            }
        }
        stages.clear();
        bits.list(stages);
    }
}

/// The leaves that most stages require, and those stages.
fn gates<'c>(
    conditions: impl Iterator<Item = &'c Condition> + Clone,
    leaves: &[Leaf],
    count: usize,
) -> Vec<(LeafId, Vec<u64>)> {
    let required = |condition: &'c Condition| {
        condition.conjuncts().iter().filter_map(|part| match part {
            // Computing may fail, which is counted, and so is not done where the stage itself would not do it.
            Condition::Leaf(id) if matches!(leaves.get(id.index()), Some(Leaf::Field(..))) => Some(*id),
            _ => None,
        })
    };
    let mut demand: HashMap<LeafId, (u32, StageBits), Hash> = HashMap::default();
    for (stage, condition) in (0..).zip(conditions) {
        for leaf in required(condition) {
            let (asked, stages) = demand.entry(leaf).or_insert_with(|| (0, StageBits(vec![0; count.div_ceil(64)])));
            *asked = asked.saturating_add(1);
            stages.add(stage);
        }
    }
    let mut gates: Vec<_> = demand.into_iter().filter(|(_, (asked, _))| *asked >= GATE_STAGES).collect();
    sort_by_key(&mut gates, |(leaf, (asked, _))| (core::cmp::Reverse(*asked), *leaf));
    gates.truncate(GATES);
    gates.into_iter().map(|(leaf, (_, stages))| (leaf, stages.0)).collect()
}

/// Signs of which a condition requires one, and how common the commonest of them is among the stages.
struct Need {
    cost: (u32, usize),
    signs: Vec<(FieldId, Sign)>,
}

/// How many stages ask for a sign.
struct Demand<'l> {
    leaves: &'l [Leaf],
    counts: HashMap<(FieldId, Sign), u32, Hash>,
}

impl Demand<'_> {
    /// Counts what a stage asks for.
    fn count(&mut self, condition: &Condition) {
        match condition {
            Condition::And(parts) | Condition::Or(parts) => parts.iter().for_each(|part| self.count(part)),
            Condition::Leaf(id) => {
                if let Some((field, any)) = self.leaves.get(id.index()).and_then(signs) {
                    for sign in any.into_iter().flatten() {
                        let count = self.counts.entry((field, sign)).or_default();
                        *count = count.saturating_add(1);
                    }
                }
            }
            Condition::Const(_) | Condition::Not(_) => {}
        }
    }

    /// The least common signs that the condition requires; `None` where it requires none.
    fn cheapest(&self, condition: &Condition) -> Option<Need> {
        match condition {
            Condition::Const(_) | Condition::Not(_) => None,
            Condition::And(parts) => parts.iter().filter_map(|part| self.cheapest(part)).min_by_key(|need| need.cost),
            Condition::Or(parts) => {
                let needs: Vec<Need> = parts.iter().map(|part| self.cheapest(part)).collect::<Option<_>>()?;
                let most = needs.iter().map(|need| need.cost.0).max().unwrap_or(0);
                let signs: Vec<_> = needs.into_iter().flat_map(|need| need.signs).collect();
                Some(Need { cost: (most, signs.len()), signs })
            }
            Condition::Leaf(id) => {
                let (field, any) = self.leaves.get(id.index()).and_then(signs)?;
                let demand = |sign: &Sign| self.counts.get(&(field, sign.clone())).copied().unwrap_or(0);
                let rarest = |choice: Vec<Sign>| choice.into_iter().map(|sign| (demand(&sign), sign)).min();
                let chosen: Vec<_> = any.into_iter().filter_map(rarest).collect();
                let most = chosen.iter().map(|(demand, _)| *demand).max().unwrap_or(0);
                let signs: Vec<_> = chosen.into_iter().map(|(_, sign)| (field, sign)).collect();
                Some(Need { cost: (most, signs.len()), signs })
            }
        }
    }
}

/// What an event must show for a leaf to hold: for one of the entries, any of its signs will do to find it, and all are there.
fn signs(leaf: &Leaf) -> Option<(FieldId, Vec<Vec<Sign>>)> {
    let Leaf::Field(field, test) = leaf else { return None };
    let signs = match test {
        Test::Text(set) => text_signs(set),
        Test::Number(..) | Test::NumberSet(_) => {
            test.whole_numbers().map(|numbers| numbers.into_iter().map(|number| vec![Sign::Number(number)]).collect())
        }
        _ => None,
    };
    // Whatever passes a test is a value.
    Some((*field, signs.unwrap_or_else(|| vec![vec![Sign::Value]])))
}

fn text_signs(set: &TextSet) -> Option<Vec<Vec<Sign>>> {
    if set.case() == Case::UnicodeInsensitive {
        // Its texts fold to letters that no sign has.
        return None;
    }
    let mut any: Vec<Vec<Sign>> = Vec::new();
    for text in set.exact_values() {
        any.push(vec![Sign::Text(text.to_ascii_lowercase().into_bytes())]);
    }
    for literal in set.required_literals()? {
        let grams = Gram::all_of(literal.to_ascii_lowercase().as_bytes());
        if grams.is_empty() {
            return None;
        }
        any.push(grams.into_iter().map(Sign::Part).collect());
    }
    Some(any)
}

#[cfg(test)]
#[path = "index_tests.rs"]
mod tests;
