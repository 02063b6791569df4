//! What eqlite's speed is measured with: made-up events that look like Auditbeat's, the same scenes as raw audit records, rules that look
//! like published ones, and a stopwatch that two contestants take turns at.
//!
//! ```text
//! seed -> Scenes -> ecs: NDJSON, 1,461 bytes an event      -> expected alerts of the UDP rule
//!                -> audit: audit.log records
//! seed -> rules: stages of conditions -> EQL, and the words of other engines (peers/)
//! ```
//! Nothing here knows the engine: the same lines go to whatever is measured. Same seed, same bytes, on any machine.

mod audit;
pub mod chart;
mod ecs;
pub mod measure;
mod names;
mod random;
pub mod rules;
mod scene;

pub use random::Random;
pub use scene::{Call, Host, Process, Scene, Scenes};

/// The seed of all published numbers.
pub const SEED: u64 = 20_261_124;

/// Input, and what the UDP rule must make of it.
#[derive(Clone, Debug)]
pub struct Input {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// How many events they are.
    pub events: usize,
    /// How many lines they are.
    pub lines: usize,
    /// The join keys of the alerts, in order: host name, process.pid, process.parent.pid.
    pub expected: Vec<(String, u32, u32)>,
}

/// `events` ECS documents, one a line.
pub fn ecs_input(seed: u64, events: usize) -> Input {
    input(seed, events, ecs::write)
}

/// The same scenes as raw records of `audit.log`.
pub fn audit_input(seed: u64, events: usize) -> Input {
    input(seed, events, audit::write)
}

fn input(seed: u64, events: usize, write: fn(&Scene, &mut Random, &mut String)) -> Input {
    let mut scenes = Scenes::new(seed);
    let mut noise = Random::new(seed ^ 0x5eed);
    let mut text = String::new();
    for scene in scenes.by_ref().take(events) {
        write(&scene, &mut noise, &mut text);
    }
    Input {
        lines: text.bytes().filter(|byte| *byte == b'\n').count(),
        bytes: text.into_bytes(),
        events,
        expected: scenes.into_expected(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_another_gives_others() {
        let one = ecs_input(1, 100);
        assert_eq!(one.bytes, ecs_input(1, 100).bytes);
        assert_ne!(one.bytes, ecs_input(2, 100).bytes);
        assert_eq!(audit_input(1, 100).bytes, audit_input(1, 100).bytes);
    }

    #[test]
    fn events_have_the_size_and_the_mix_that_is_promised() {
        let input = ecs_input(SEED, 10_000);
        let size = input.bytes.len() / input.events;
        assert!((1_440..1_480).contains(&size), "{size}");
        let text = String::from_utf8(input.bytes).unwrap();
        for (call, share) in [("execve", 60), ("socket", 15), ("connect", 15)] {
            let found = text.matches(&format!("\"syscall\":\"{call}\"")).count() * 100;
            assert!(found.abs_diff(input.events * share) < input.events * 2, "{call}: {found}");
        }
        assert!((4..10).contains(&input.expected.len()), "{}", input.expected.len());
    }

    #[test]
    fn both_forms_tell_of_the_same_attacks() {
        assert_eq!(ecs_input(SEED, 5_000).expected, audit_input(SEED, 5_000).expected);
    }
}
