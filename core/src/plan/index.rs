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
//! all rules ask for (`host.os.type == "linux"`) is what nearly all events have, and an index filed under that is none. Where few rules
//! are loaded that says little, so fields that are known to have few values count as commoner. But what values rule out is remembered
//! ([`shown`](super::shown)), whichever field a stage is filed under. A field that all stages ask for leads: where its values rule out all of
//! them, nothing else is looked at.

use super::{
    condition::Condition,
    leaf::{Leaf, Test},
    shown::{Handle, Key, ShownMemory},
    signs::{FieldSigns, Gram, Sign},
};
use crate::{
    event::{EventView, FieldId, FieldTable, Patience},
    pattern::{Case, TextSet},
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
    /// For each field of the plan, its place in `fields`, or one beyond them.
    places: Vec<u32>,
    /// Stages that are asked for every event, as bits.
    always: StageBits,
    /// Where all stages ask for one field: its place in `fields`, and those stages.
    lead: Option<(u32, StageBits)>,
}

/// What the values of a field rule out is learned where so many stages ask for some of them.
const SHARED: u32 = 16;
/// One field may lead where there are so many stages at most: when a value of it is learned all are asked.
const LED: usize = 64;
/// A sign of few values is as good as one that so many times as many stages ask for.
const FEW_VALUES: u32 = 32;

/// Fields of which events have some dozens of values at most, so that one value is in many events.
const OF_FEW_VALUES: &[&str] = &[
    "auditd.data.syscall",
    "event.action",
    "event.category",
    "event.dataset",
    "event.kind",
    "event.module",
    "event.outcome",
    "event.type",
    "host.os.family",
    "host.os.type",
    "network.direction",
    "network.transport",
    "user.id",
];

/// The stages of a plan that were found for one event; reused from event to event.
#[derive(Clone, Debug, Default)]
pub(crate) struct Candidates {
    /// Ascending, each once.
    pub(crate) stages: Vec<StageId>,
    shown: StageBits,
    ruled_out: StageBits,
    memory: ShownMemory,
    /// By place in the index.
    looks: Vec<Look>,
    /// Whether the values of the field that leads are remembered only now, and not yet known to rule out all that they could.
    is_lead_new: bool,
    /// Room to work in.
    fresh: StageBits,
    folded: Vec<u8>,
    spelled: Vec<u8>,
}

/// How the values of a field were looked for.
#[derive(Clone, Copy, Debug, Default)]
struct Look {
    /// Where those of the event are remembered.
    handle: Option<Handle>,
    patience: Patience,
}

/// A set of stages, a bit for each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct StageBits(Vec<u64>);

impl StageBits {
    #[inline]
    pub(super) fn add(&mut self, stage: StageId) {
        if let Some(word) = self.0.get_mut(stage as usize / 64) {
            *word |= 1_u64.wrapping_shl(stage);
        }
    }

    /// Adds others, of which there are as many.
    #[inline(always)]
    fn add_all(&mut self, others: &StageBits) {
        self.0.iter_mut().zip(&others.0).for_each(|(word, other)| *word |= other);
    }

    /// Adds others, whose words are kept as bytes.
    #[inline(always)]
    pub(super) fn add_words(&mut self, others: &[[u8; 8]]) {
        self.0.iter_mut().zip(others).for_each(|(word, other)| *word |= u64::from_le_bytes(*other));
    }

    /// How many they are.
    fn count(&self) -> u32 {
        self.0.iter().fold(0, |count, word| count.saturating_add(word.count_ones()))
    }

    /// How many words they take.
    #[inline(always)]
    fn words(&self) -> usize {
        self.0.len()
    }

    /// None, of so many words.
    pub(super) fn clear(&mut self, words: usize) {
        self.0.clear();
        self.0.resize(words, 0);
    }

    /// Whether all others are among them.
    fn has_all(&self, others: &StageBits) -> bool {
        self.0.iter().zip(&others.0).all(|(word, other)| other & !word == 0)
    }

    /// Whether there are none.
    pub(super) fn is_none(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Lists those that are not among others.
    fn list_without(&self, others: &StageBits, out: &mut Vec<StageId>) {
        for (index, word) in self.0.iter().enumerate() {
            let other = others.0.get(index).copied().unwrap_or(0);
            let (mut word, base) = (word & !other, (index as u32).wrapping_mul(64));
            while word != 0 {
                out.push(base.wrapping_add(word.trailing_zeros()));
                word &= word.wrapping_sub(1);
            }
        }
    }
}

impl StageIndex {
    /// Files the stages, given their conditions in order.
    pub(crate) fn new<'c>(
        conditions: impl Iterator<Item = &'c Condition> + Clone,
        leaves: &[Leaf],
        fields: &FieldTable,
    ) -> Self {
        let few_values = OF_FEW_VALUES.iter().filter_map(|path| fields.get(path)).collect();
        let mut demand = Demand { leaves, few_values, counts: HashMap::default() };
        conditions.clone().for_each(|condition| demand.count(condition));
        let count = conditions.clone().count();
        let mut index = StageIndex { places: vec![u32::MAX; fields.len()], ..StageIndex::default() };
        index.always.clear(count.div_ceil(64));
        let mut shared: HashMap<FieldId, StageBits, Hash> = HashMap::default();
        let mut all = index.always.clone();
        for (stage, condition) in (0..).zip(conditions) {
            if *condition == Condition::Const(false) {
                continue;
            }
            all.add(stage);
            for field in condition.conjuncts().iter().filter_map(|part| part.only_field(leaves)) {
                let stages = shared.entry(field).or_default();
                stages.0.resize(all.words(), 0);
                stages.add(stage);
            }
            match demand.cheapest(condition) {
                Some(need) => need.signs.into_iter().for_each(|(field, sign)| index.file(field, sign, stage)),
                None => index.always.add(stage),
            }
        }
        let leads =
            |field: &FieldId| count <= LED && shared.get(field) == Some(&all) && !demand.few_values.contains(field);
        let lead = fields.ids().find(leads);
        for (field, stages) in &shared {
            if stages.count() >= SHARED || lead == Some(*field) {
                index.place(*field);
            }
        }
        index.lead = lead.and_then(|field| index.places.get(field.index()).copied()).map(|place| (place, all));
        index.fields.iter_mut().for_each(|(_, signs)| signs.finish());
        index
    }

    fn file(&mut self, field: FieldId, sign: Sign, stage: StageId) {
        if let Some(signs) = self.place(field) {
            signs.file(sign, stage);
        }
    }

    fn place(&mut self, field: FieldId) -> Option<&mut FieldSigns> {
        let place = self.places.get_mut(field.index())?;
        if *place == u32::MAX {
            *place = self.fields.len() as u32;
            self.fields.push((field, FieldSigns::default()));
        }
        self.fields.get_mut(*place as usize).map(|(_, signs)| signs)
    }

    /// The fields without whose values no stage matches, and the one that leads; `None` where some stage may match whatever they are.
    pub(crate) fn needed(&self) -> Option<impl Iterator<Item = FieldId>> {
        let lead = self.lead_field();
        let needed = self.fields.iter().filter(move |(field, signs)| !signs.is_empty() || lead == Some(*field));
        self.always.is_none().then(|| needed.map(|(field, _)| *field))
    }

    fn lead_field(&self) -> Option<FieldId> {
        self.lead.as_ref().and_then(|(place, _)| self.fields.get(*place as usize)).map(|(field, _)| *field)
    }

    /// Finds the stages that the event may match.
    pub(crate) fn candidates(&self, view: EventView<'_>, found: &mut Candidates) {
        found.shown.0.clone_from(&self.always.0);
        found.ruled_out.clear(self.always.words());
        found.looks.resize(self.fields.len(), Look::default());
        let lead = self.lead_field().filter(|field| view.has(*field));
        for &field in lead.iter().chain(view.present().iter().filter(|field| lead != Some(**field))) {
            let is_new = self.look(field, view, found);
            if let Some((_, all)) = self.lead.as_ref().filter(|_| lead == Some(field)) {
                found.is_lead_new = is_new;
                if found.ruled_out.has_all(all) {
                    break;
                }
            }
        }
        found.stages.clear();
        found.shown.list_without(&found.ruled_out, &mut found.stages);
    }

    /// Finds what the values of a field show and rule out. Whether they are remembered from now on.
    #[inline(always)]
    fn look(&self, field: FieldId, view: EventView<'_>, found: &mut Candidates) -> bool {
        let Candidates { stages, shown, ruled_out, memory, looks, fresh, folded, spelled, .. } = found;
        let place = self.places.get(field.index()).copied().unwrap_or(u32::MAX);
        let Some((_, signs)) = self.fields.get(place as usize) else { return false };
        let Some(look) = looks.get_mut(place as usize) else { return false };
        let key = if look.patience.tries() { Key::new(place, field, view, spelled) } else { None };
        look.handle = key.and_then(|key| memory.tell(key, shown, ruled_out));
        if look.handle.is_some() {
            look.patience.worth_it();
            return false;
        }
        look.patience.in_vain();
        let Some(key) = key.filter(|key| memory.came(*key)) else {
            signs.look_up(view.values(field), folded, shown);
            return false;
        };
        fresh.clear(self.always.words());
        signs.look_up(view.values(field), folded, fresh);
        shown.add_all(fresh);
        stages.clear();
        fresh.list_without(&StageBits::default(), stages);
        look.handle = memory.learn(key, stages, self.always.words());
        look.handle.is_some()
    }

    /// The field that leads, where its values are remembered only now: what they rule out of all stages may be [learned](Self::rule_out).
    pub(crate) fn new_lead(&self, found: &mut Candidates) -> Option<FieldId> {
        core::mem::take(&mut found.is_lead_new).then(|| self.lead_field()).flatten()
    }

    /// Learns from a part of a stage's condition that did not hold: if one field alone decides it, this is what its values rule out.
    pub(crate) fn rule_out(
        &self,
        stage: StageId,
        part: &Condition,
        view: EventView<'_>,
        leaves: &[Leaf],
        found: &mut Candidates,
    ) {
        let field = part.only_field(leaves).filter(|field| view.has(*field));
        let place = field.and_then(|field| self.places.get(field.index()).copied());
        let look = place.and_then(|place| found.looks.get(place as usize));
        if let Some(handle) = look.and_then(|look| look.handle) {
            found.memory.rule_out(handle, stage, self.always.0.len());
        }
    }
}

/// Signs of which a condition requires one, and how common the commonest of them is among the stages.
struct Need {
    cost: (u32, usize),
    signs: Vec<(FieldId, Sign)>,
}

/// How many stages ask for a sign.
struct Demand<'l> {
    leaves: &'l [Leaf],
    few_values: Vec<FieldId>,
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
                let most = if self.few_values.contains(&field) { most.saturating_mul(FEW_VALUES) } else { most };
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
