//! The boolean layer: `and`, `or`, `not` over leaves. Two-valued, in this one place.
//!
//! ```text
//! process.name : "nc*" and not (user.id == "0" or ?x == 1)
//!   And[Leaf 3, Not(Or[Leaf 7, Leaf 8])]
//! ```
//! A leaf matches an event or it does not; `not` is the complement, so `not (pid > 4)` holds where there is no pid. Null is three-valued
//! only within a computed leaf. [Elasticsearch: QueryTranslator]

use super::leaf::{Leaf, LeafId};
use crate::{
    event::{EventView, FieldId},
    functions::EvalError,
};
use alloc::vec::Vec;

/// A condition over shared leaves.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    /// Always, or never.
    Const(bool),
    /// One leaf.
    Leaf(LeafId),
    /// The complement.
    Not(alloc::boxed::Box<Condition>),
    /// All of them.
    And(Vec<Condition>),
    /// Any of them.
    Or(Vec<Condition>),
}

impl Condition {
    /// The complement, without piling up `not`s.
    pub(crate) fn negate(self) -> Condition {
        match self {
            Condition::Const(value) => Condition::Const(!value),
            Condition::Not(inner) => *inner,
            other => Condition::Not(other.into()),
        }
    }

    /// All of `parts`, simplified.
    pub(crate) fn all(parts: impl IntoIterator<Item = Condition>) -> Condition {
        Self::join(parts, true)
    }

    /// Any of `parts`, simplified.
    pub(crate) fn any(parts: impl IntoIterator<Item = Condition>) -> Condition {
        Self::join(parts, false)
    }

    fn join(parts: impl IntoIterator<Item = Condition>, and: bool) -> Condition {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Condition::Const(value) if value == and => {}
                Condition::Const(value) => return Condition::Const(value),
                Condition::And(inner) if and => kept.extend(inner),
                Condition::Or(inner) if !and => kept.extend(inner),
                other => kept.push(other),
            }
        }
        match (kept.pop(), kept.is_empty()) {
            (None, _) => Condition::Const(and),
            (Some(only), true) => only,
            (Some(last), false) => {
                kept.push(last);
                if and { Condition::And(kept) } else { Condition::Or(kept) }
            }
        }
    }

    /// Whether these fields alone say if it holds, without computing anything.
    pub(super) fn asks_only(&self, fields: &[FieldId], leaves: &[Leaf]) -> bool {
        self.all_leaves(leaves, &mut |leaf| matches!(leaf, Leaf::Field(field, _) if fields.contains(field)))
    }

    /// The field that alone says if it holds, without computing anything.
    pub(super) fn only_field(&self, leaves: &[Leaf]) -> Option<FieldId> {
        let mut only = None;
        let is_only = |leaf: &Leaf| matches!(leaf, Leaf::Field(field, _) if only.get_or_insert(*field) == field);
        self.all_leaves(leaves, &mut { is_only }).then_some(only).flatten()
    }

    /// Whether something of it is computed, which may fail.
    pub(super) fn computes(&self, leaves: &[Leaf]) -> bool {
        !self.all_leaves(leaves, &mut |leaf| matches!(leaf, Leaf::Field(..)))
    }

    /// Whether all of its leaves are like that.
    fn all_leaves(&self, leaves: &[Leaf], are: &mut dyn FnMut(&Leaf) -> bool) -> bool {
        match self {
            Condition::Const(_) => true,
            Condition::Leaf(id) => leaves.get(id.index()).is_some_and(are),
            Condition::Not(inner) => inner.all_leaves(leaves, are),
            Condition::And(parts) | Condition::Or(parts) => parts.iter().all(|part| part.all_leaves(leaves, are)),
        }
    }

    /// The conditions that all must hold.
    pub(crate) fn conjuncts(&self) -> &[Condition] {
        match self {
            Condition::And(parts) => parts,
            other => core::slice::from_ref(other),
        }
    }
}

/// What leaves have said of the event at hand: each is asked at most once an event, however many stages share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memo {
    /// Twice the epoch, plus the answer.
    answers: Vec<u32>,
    epoch: u32,
    /// Leaves that could not be computed, since the beginning.
    pub(crate) errors: u64,
    /// The first of them, for a search that must fail.
    pub(crate) first_error: Option<EvalError>,
}

impl Memo {
    /// Begins a new event.
    pub(crate) fn next_event(&mut self, leaves: usize) {
        self.epoch = self.epoch.wrapping_add(1);
        if self.answers.len() != leaves || self.epoch >= u32::MAX / 2 {
            self.answers.clear();
            self.answers.resize(leaves, 0);
            self.epoch = 1;
        }
    }

    /// Whether the condition holds for the event.
    pub(crate) fn holds(&mut self, condition: &Condition, leaves: &[Leaf], view: EventView<'_>) -> bool {
        match condition {
            Condition::Const(value) => *value,
            Condition::Leaf(id) => self.leaf(*id, leaves, view),
            Condition::Not(inner) => !self.holds(inner, leaves, view),
            Condition::And(parts) => parts.iter().all(|part| self.holds(part, leaves, view)),
            Condition::Or(parts) => parts.iter().any(|part| self.holds(part, leaves, view)),
        }
    }

    /// Whether the leaf holds for the event.
    #[inline]
    pub(crate) fn leaf(&mut self, id: LeafId, leaves: &[Leaf], view: EventView<'_>) -> bool {
        let stamp = self.epoch.wrapping_mul(2);
        let Some(answer) = self.answers.get_mut(id.index()) else { return false };
        if *answer & !1 == stamp {
            return *answer & 1 == 1;
        }
        let holds = match leaves.get(id.index()).map(|leaf| leaf.matches(view)) {
            Some(Ok(holds)) => holds,
            Some(Err(error)) => {
                self.errors = self.errors.saturating_add(1);
                self.first_error.get_or_insert(error);
                false
            }
            None => false,
        };
        *answer = stamp | u32::from(holds);
        holds
    }
}
