//! Offers an event only to the rules that it is for by where it is from. Each origin is decided once.

use crate::{
    event::EventView,
    plan::{Plan, StageId},
};
use alloc::{boxed::Box, string::String, vec::Vec};
use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

/// Whether the index patterns of rules count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Routing {
    /// Each event is offered to all rules.
    Off,
    /// An event that says its index or data stream is offered to the rules whose patterns cover it; one that does not, to all.
    #[default]
    Auto,
}

/// Decisions by origin.
#[derive(Clone, Debug)]
pub(super) struct Router {
    routing: Routing,
    decided: HashMap<Box<str>, Box<[bool]>, super::KeyHash>,
    origin: String,
}

/// Origins remembered. There are some dozens; more, and somebody makes them up.
const ORIGINS: usize = 512;

impl Router {
    pub(super) fn new(routing: Routing, hash: super::KeyHash) -> Self {
        Router { routing, decided: HashMap::with_hasher(hash), origin: String::new() }
    }

    /// Removes the stages of rules that the event is not for; says how many rules those were.
    pub(super) fn route(&mut self, plan: &Plan, view: EventView<'_>, stages: &mut Vec<StageId>) -> u64 {
        if self.routing == Routing::Off || stages.is_empty() || !plan.routes.origin(view, &mut self.origin) {
            return 0;
        }
        if self.decided.len() >= ORIGINS && !self.decided.contains_key(self.origin.as_str()) {
            self.decided.clear();
        }
        let decided = self.decided.entry_ref(self.origin.as_str()).or_insert_with(|| plan.routes.decide(&self.origin));
        let mut away = 0_u64;
        let mut last = None;
        stages.retain(|&id| {
            let rule = plan.stage(id).map(|stage| stage.rule);
            let covered = rule.and_then(|rule| decided.get(rule)).copied().unwrap_or(true);
            // Stages are numbered rule by rule.
            if !covered && last != rule {
                last = rule;
                away = away.saturating_add(1);
            }
            covered
        });
        away
    }
}
