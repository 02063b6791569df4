//! A pattern as the steps of a nondeterministic automaton: `a|b*` is
//!
//! ```text
//! 0 Match     1 Rest     2 Letter(b) -> 3     3 Split(2, 0)     4 Letter(a) -> 0     5 Split(4, 3), the start
//! ```
//! Steps are made from the end of the pattern to its start, so each knows what follows it. `~` has no such steps of its own: what it
//! negates is made deterministic, which is then easily turned round; `a&b` is `~(~a|~b)`. (Lucene does the same, and has limits too.)

use super::{
    automaton::{Look, Node},
    class::Class,
    letters::Letters,
    states::{ALWAYS, NEVER, States},
};
use alloc::{vec, vec::Vec};

/// The step that ends the text.
pub(super) const MATCH: u32 = 0;
/// The step that any rest of the text follows.
pub(super) const REST: u32 = 1;

/// Most steps; `(a{1,1000}){1,1000}` needs more and is refused.
const MAX_STEPS: usize = 200_000;
/// Most states that something negated may have.
const MAX_STATES: usize = 2000;
/// Most steps that all states of everything negated may have together, as the work that making them is.
const MAX_WORK: usize = 2_000_000;

/// One step.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// The text must be at its end.
    Match,
    /// Whatever is left of the text.
    Rest,
    /// Nothing matches from here.
    Fail,
    /// A letter of a [`Program::set`], and on to a step.
    Letter(u32, u32),
    /// On to both steps.
    Split(u32, u32),
    /// A place, and on to a step.
    Look(Look, u32),
}

/// The steps of a pattern.
#[derive(Debug)]
pub(super) struct Program {
    steps: Vec<Step>,
    letters: Letters,
    /// One row for each set: whether it has the letter. The first row is the letters of words (`\w`).
    sets: Vec<bool>,
}

/// Why a pattern has no program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TooLarge {
    /// It has more than [`MAX_STEPS`].
    Steps,
    /// What is negated takes too many states.
    Negated,
}

impl Program {
    /// The program of a pattern and its first step.
    pub(super) fn new(node: &Node) -> Result<(Program, u32), TooLarge> {
        let word = Class::new(&[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')]);
        let mut classes = Vec::new();
        if collect(node, &mut classes) {
            classes.push(word.clone());
        }
        let letters = Letters::new(classes).ok_or(TooLarge::Steps)?;
        let sets = letters.within(&word);
        let mut maker = Maker { program: Program { steps: vec![Step::Match, Step::Rest], letters, sets }, work: 0 };
        let start = maker.node(node, MATCH)?;
        Ok((maker.program, start))
    }

    pub(super) fn step(&self, step: u32) -> Step {
        usize::try_from(step).ok().and_then(|step| self.steps.get(step).copied()).unwrap_or(Step::Fail)
    }

    pub(super) fn letters(&self) -> &Letters {
        &self.letters
    }

    /// Does the set have the letter?
    pub(super) fn has(&self, set: u32, letter: usize) -> bool {
        let row = usize::try_from(set).unwrap_or(0).saturating_mul(self.letters.count());
        self.sets.get(row.saturating_add(letter)).copied().unwrap_or(false)
    }

    /// Does the letter belong to words?
    pub(super) fn is_word(&self, letter: usize) -> bool {
        self.has(0, letter)
    }
}

/// Collects the classes, and says whether the edges of words are asked for.
fn collect(node: &Node, classes: &mut Vec<Class>) -> bool {
    match node {
        Node::Class(class) => {
            classes.push(class.clone());
            false
        }
        Node::Concat(nodes) | Node::Union(nodes) | Node::All(nodes, _) => {
            // All of them, not just up to the first that asks.
            nodes.iter().map(|node| collect(node, classes)).filter(|edges| *edges).count() > 0
        }
        Node::Repeat(node, _, _) | Node::Not(node, _) => collect(node, classes),
        Node::Look(look) => matches!(look, Look::WordEdge | Look::NotWordEdge),
        Node::Nothing => false,
    }
}

struct Maker {
    program: Program,
    work: usize,
}

impl Maker {
    fn push(&mut self, step: Step) -> Result<u32, TooLarge> {
        let at = self.program.steps.len();
        if at >= MAX_STEPS {
            return Err(TooLarge::Steps);
        }
        self.program.steps.push(step);
        u32::try_from(at).map_err(|_| TooLarge::Steps)
    }

    fn replace(&mut self, at: u32, step: Step) {
        if let Some(slot) = usize::try_from(at).ok().and_then(|at| self.program.steps.get_mut(at)) {
            *slot = step;
        }
    }

    /// A step for any of some letters.
    fn letter(&mut self, set: &[bool], next: u32) -> Result<u32, TooLarge> {
        let width = self.program.letters.count();
        let rows = self.program.sets.chunks(width);
        let row = rows.zip(0_u32..).find(|(row, _)| *row == set).map(|(_, at)| at);
        let row = row.unwrap_or_else(|| {
            let fresh = self.program.sets.len().checked_div(width).unwrap_or(0);
            self.program.sets.extend_from_slice(set);
            u32::try_from(fresh).unwrap_or(0)
        });
        self.push(Step::Letter(row, next))
    }

    /// The first step of a node that `next` follows.
    fn node(&mut self, node: &Node, next: u32) -> Result<u32, TooLarge> {
        match node {
            Node::Nothing => self.push(Step::Fail),
            Node::Class(class) => {
                let set = self.program.letters.within(class);
                self.letter(&set, next)
            }
            Node::Look(look) => self.push(Step::Look(*look, next)),
            Node::Concat(nodes) => nodes.iter().rev().try_fold(next, |next, node| self.node(node, next)),
            Node::Union(nodes) => self.union(nodes.iter(), next),
            Node::Repeat(node, min, max) => self.repeat(node, *min, *max, next),
            Node::Not(node, _) => self.not(|maker| maker.node(node, MATCH), next),
            Node::All(nodes, _) => self.not(
                |maker| {
                    let mut any = maker.push(Step::Fail)?;
                    for node in nodes {
                        let outside = maker.not(|maker| maker.node(node, MATCH), MATCH)?;
                        any = maker.push(Step::Split(outside, any))?;
                    }
                    Ok(any)
                },
                next,
            ),
        }
    }

    fn union<'n>(&mut self, mut nodes: impl DoubleEndedIterator<Item = &'n Node>, next: u32) -> Result<u32, TooLarge> {
        let Some(last) = nodes.next_back() else { return self.push(Step::Fail) };
        let mut any = self.node(last, next)?;
        for node in nodes.rev() {
            let one = self.node(node, next)?;
            any = self.push(Step::Split(one, any))?;
        }
        Ok(any)
    }

    fn repeat(&mut self, node: &Node, min: u32, max: Option<u32>, next: u32) -> Result<u32, TooLarge> {
        // Many of nothing are nothing, and take no time.
        let mut start = match max {
            // `.*` at the end asks nothing of the rest.
            None if next == MATCH && node.is_any() => REST,
            None => {
                let again = self.push(Step::Fail)?;
                let once = self.node(node, again)?;
                self.replace(again, Step::Split(once, next));
                again
            }
            Some(max) => {
                let mut start = next;
                for _ in min..max {
                    let once = self.node(node, start)?;
                    if once == start {
                        break;
                    }
                    start = self.push(Step::Split(once, next))?;
                }
                start
            }
        };
        for _ in 0..min {
            let before = self.node(node, start)?;
            if before == start {
                break;
            }
            start = before;
        }
        Ok(start)
    }

    /// Every text but those of `inner`: its states one by one, with the accepting ones turned round.
    fn not(&mut self, inner: impl FnOnce(&mut Self) -> Result<u32, TooLarge>, next: u32) -> Result<u32, TooLarge> {
        let inner = inner(self)?;
        let mut states = States::new(&self.program, inner);
        let width = self.program.letters.count();
        // What letters lead from each state to which.
        let mut edges: Vec<Vec<(u32, Vec<bool>)>> = Vec::new();
        while let Ok(state) = u32::try_from(edges.len())
            && edges.len() < states.count()
        {
            let mut from: Vec<(u32, Vec<bool>)> = Vec::new();
            for letter in 0..if state <= ALWAYS { 0 } else { width } {
                let to = states.next(&self.program, state, letter);
                let place = from.iter().position(|(known, _)| *known == to).unwrap_or_else(|| {
                    from.push((to, vec![false; width]));
                    from.len().saturating_sub(1)
                });
                if let Some(slot) = from.get_mut(place).and_then(|(_, set)| set.get_mut(letter)) {
                    *slot = true;
                }
                self.work = self.work.saturating_add(states.size(state)).saturating_add(1);
            }
            if states.count() > MAX_STATES || self.work > MAX_WORK {
                return Err(TooLarge::Negated);
            }
            edges.push(from);
        }
        // The steps of `inner` were made for its states only, but others may be behind them: they stay.
        let mut entries = Vec::with_capacity(edges.len());
        for _ in 0..edges.len() {
            entries.push(self.push(Step::Fail)?);
        }
        for ((from, entry), state) in edges.iter().zip(&entries).zip(0_u32..) {
            let step = match state {
                ALWAYS => Step::Fail,
                NEVER => {
                    let any = self.repeat(&Node::any_char(), 0, None, next)?;
                    Step::Split(any, any)
                }
                _ => {
                    let mut any = if states.accepts(&self.program, state) { self.push(Step::Fail)? } else { next };
                    for (to, set) in from {
                        let to = usize::try_from(*to).ok().and_then(|to| entries.get(to).copied()).unwrap_or(MATCH);
                        let one = self.letter(set, to)?;
                        any = self.push(Step::Split(one, any))?;
                    }
                    Step::Split(any, any)
                }
            };
            self.replace(*entry, step);
        }
        Ok(usize::try_from(states.start()).ok().and_then(|start| entries.get(start).copied()).unwrap_or(MATCH))
    }
}
