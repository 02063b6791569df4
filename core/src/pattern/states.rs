//! The deterministic states of a program, made when a text first comes to them: each is a set of steps that the text may have reached.
//!
//! After that, a letter of a text costs one look into a table. States and table are bounded: when they are full they are forgotten, so a
//! hostile pattern costs time in proportion to the text and its own size, never memory.

use super::{
    automaton::Look,
    program::{MATCH, Program, REST, Step},
};
use crate::sort::sort;
use alloc::{boxed::Box, vec, vec::Vec};
use core::mem;
use hashbrown::HashTable;

/// The state from which nothing matches.
pub(super) const NEVER: u32 = 0;
/// The state from which everything matches.
pub(super) const ALWAYS: u32 = 1;
/// Not made yet.
const UNKNOWN: u32 = u32::MAX;
/// What the states of one pattern may take, in bytes; about.
const MAX_BYTES: usize = 1 << 18;

/// What stands on one side of a place in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    /// The text starts or ends here.
    Edge,
    Word,
    Other,
}

#[derive(Debug)]
struct State {
    /// Steps that wait for a letter, for the end, or for what follows a place; sorted.
    steps: Box<[u32]>,
    before: Side,
}

/// The states known so far.
#[derive(Debug)]
pub(super) struct States {
    states: Vec<State>,
    /// The state after each state and letter.
    next: Vec<u32>,
    places: HashTable<u32>,
    start: u32,
    /// The first step of the pattern.
    first: u32,
    bytes: usize,
    /// May states be forgotten? Then their numbers change.
    forgets: bool,
    scratch: Scratch,
}

/// Memory that is used again and again while a state is made.
#[derive(Debug, Default)]
struct Scratch {
    /// In which round a step was reached last.
    seen: Vec<u32>,
    round: u32,
    stack: Vec<u32>,
    found: Vec<u32>,
    waiting: Vec<u32>,
}

impl States {
    /// The states of a program from one of its steps on; all are kept.
    pub(super) fn new(program: &Program, first: u32) -> States {
        let mut states = States {
            states: Vec::new(),
            next: Vec::new(),
            places: HashTable::new(),
            start: NEVER,
            first,
            bytes: 0,
            forgets: false,
            scratch: Scratch::default(),
        };
        states.reset(program);
        states
    }

    /// Forgets all but the start.
    fn reset(&mut self, program: &Program) {
        self.states.clear();
        self.next.clear();
        self.places.clear();
        self.bytes = 0;
        for steps in [vec![], vec![REST]] {
            self.add(program, steps.into_boxed_slice(), Side::Edge);
        }
        self.scratch.begin();
        self.scratch.reach(program, self.first, Side::Edge, None);
        self.start = self.intern(program, Side::Edge);
    }

    pub(super) fn count(&self) -> usize {
        self.states.len()
    }

    pub(super) fn start(&self) -> u32 {
        self.start
    }

    /// How many steps the state stands for.
    pub(super) fn size(&self, state: u32) -> usize {
        self.state(state).map_or(0, |state| state.steps.len())
    }

    fn state(&self, state: u32) -> Option<&State> {
        self.states.get(usize::try_from(state).ok()?)
    }

    /// Does the whole text match?
    pub(super) fn matches(&mut self, program: &Program, text: &str) -> bool {
        self.forgets = true;
        let (letters, width) = (program.letters(), program.letters().count());
        let mut state = self.start;
        for c in text.chars() {
            if state <= ALWAYS {
                break;
            }
            let letter = letters.of(c);
            let slot = usize::try_from(state).unwrap_or(0).wrapping_mul(width).wrapping_add(letter);
            state = match self.next.get(slot) {
                Some(known) if *known != UNKNOWN => *known,
                _ => self.next(program, state, letter),
            };
        }
        self.accepts(program, state)
    }

    /// The state after a letter.
    pub(super) fn next(&mut self, program: &Program, state: u32, letter: usize) -> u32 {
        let width = program.letters().count();
        let slot = usize::try_from(state).unwrap_or(0).saturating_mul(width).saturating_add(letter);
        if let Some(known) = self.next.get(slot).filter(|known| **known != UNKNOWN) {
            return *known;
        }
        let side = if program.is_word(letter) { Side::Word } else { Side::Other };
        self.look(program, state, side);
        let waiting = mem::take(&mut self.scratch.waiting);
        self.scratch.begin();
        for step in &waiting {
            match program.step(*step) {
                Step::Letter(set, next) if program.has(set, letter) => {
                    self.scratch.reach(program, next, side, None);
                }
                Step::Rest => self.scratch.reach(program, REST, side, None),
                _ => {}
            }
        }
        self.scratch.waiting = waiting;
        let forgot = self.forgets && self.bytes > MAX_BYTES;
        if forgot {
            let found = mem::take(&mut self.scratch.found);
            self.reset(program);
            self.scratch.found = found;
        }
        let next = self.intern(program, side);
        if !forgot && let Some(slot) = self.next.get_mut(slot) {
            *slot = next;
        }
        next
    }

    /// Does a text that ends in this state match?
    pub(super) fn accepts(&mut self, program: &Program, state: u32) -> bool {
        if state <= ALWAYS {
            return state == ALWAYS;
        }
        self.look(program, state, Side::Edge);
        self.scratch.waiting.iter().any(|step| matches!(program.step(*step), Step::Match | Step::Rest))
    }

    /// Leaves in `waiting` the steps of a state, with what the places among them lead to now that it is known what follows.
    fn look(&mut self, program: &Program, state: u32, after: Side) {
        let Some(state) = usize::try_from(state).ok().and_then(|state| self.states.get(state)) else { return };
        let scratch = &mut self.scratch;
        scratch.waiting.clear();
        if !state.steps.iter().any(|step| matches!(program.step(*step), Step::Look(..))) {
            scratch.waiting.extend_from_slice(&state.steps);
            return;
        }
        scratch.begin();
        for step in &state.steps {
            scratch.reach(program, *step, state.before, Some(after));
        }
        mem::swap(&mut scratch.waiting, &mut scratch.found);
    }

    /// The state of the steps in `found`.
    fn intern(&mut self, program: &Program, before: Side) -> u32 {
        let found = &mut self.scratch.found;
        if found.contains(&REST) {
            return ALWAYS;
        }
        if found.is_empty() {
            return NEVER;
        }
        sort(found);
        // What stands before matters only to places.
        let looks = found.iter().any(|step| matches!(program.step(*step), Step::Look(..)));
        let before = if looks { before } else { Side::Other };
        let states = &self.states;
        let same = |place: &u32| {
            let state = usize::try_from(*place).ok().and_then(|place| states.get(place));
            state.is_some_and(|state| state.before == before && *state.steps == **found)
        };
        match self.places.find(hash(found), same) {
            Some(place) => *place,
            None => {
                let steps = found.as_slice().into();
                self.add(program, steps, before)
            }
        }
    }

    fn add(&mut self, program: &Program, steps: Box<[u32]>, before: Side) -> u32 {
        let place = u32::try_from(self.states.len()).unwrap_or(NEVER);
        let width = program.letters().count();
        self.bytes = self.bytes.saturating_add(steps.len().saturating_add(width).saturating_mul(4)).saturating_add(32);
        let hash = hash(&steps);
        self.states.push(State { steps, before });
        self.next.resize(self.next.len().saturating_add(width), UNKNOWN);
        let states = &self.states;
        self.places.insert_unique(hash, place, |place| {
            let state = usize::try_from(*place).ok().and_then(|place| states.get(place));
            state.map_or(0, |state| self::hash(&state.steps))
        });
        place
    }
}

impl Scratch {
    fn begin(&mut self) {
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.seen.clear();
            self.round = 1;
        }
        self.found.clear();
    }

    /// Adds a step to `found`, or those it leads to without a letter. `after` is unknown where a letter is still to come; then places wait.
    fn reach(&mut self, program: &Program, step: u32, before: Side, after: Option<Side>) {
        self.stack.push(step);
        while let Some(step) = self.stack.pop() {
            let Ok(place) = usize::try_from(step) else { continue };
            if self.seen.len() <= place {
                self.seen.resize(place.saturating_add(1), 0);
            }
            match self.seen.get_mut(place) {
                Some(seen) if *seen != self.round => *seen = self.round,
                _ => continue,
            }
            match program.step(step) {
                Step::Fail => {}
                Step::Split(one, other) => self.stack.extend([other, one]),
                Step::Match => self.found.push(MATCH),
                Step::Rest => self.found.push(REST),
                Step::Letter(..) => self.found.push(step),
                Step::Look(look, next) => match holds(look, before, after) {
                    Some(true) => self.stack.push(next),
                    Some(false) => {}
                    None => self.found.push(step),
                },
            }
        }
    }
}

/// Does the place hold? `None` where that depends on what follows.
fn holds(look: Look, before: Side, after: Option<Side>) -> Option<bool> {
    let edge = |after: Side| (before == Side::Word) != (after == Side::Word);
    match look {
        Look::Start => Some(before == Side::Edge),
        Look::End => after.map(|after| after == Side::Edge),
        Look::WordEdge => after.map(edge),
        Look::NotWordEdge => after.map(|after| !edge(after)),
    }
}

/// FNV-1a by words. The steps come from rules, so there is no attacker to be kept from choosing them.
fn hash(steps: &[u32]) -> u64 {
    steps.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, step| {
        (hash ^ u64::from(*step)).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23)
    })
}
