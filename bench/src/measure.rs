//! A stopwatch for contestants that take turns, so that a busy machine hurts all of them alike.
//!
//! Every contestant runs once a round; CPU time of this process is counted, not the time on the wall; the median of all rounds is what
//! is reported. A ratio of two medians of one run says more than either.

use cpu_time::ProcessTime;
use std::time::Duration;

/// Something to be timed: its name, and the work, which gives a number that depends on its result so that none of it is left out.
pub struct Contestant<'a> {
    name: String,
    work: Box<dyn FnMut() -> u64 + 'a>,
}

impl<'a> Contestant<'a> {
    /// A contestant.
    pub fn new(name: impl Into<String>, work: impl FnMut() -> u64 + 'a) -> Self {
        Contestant { name: name.into(), work: Box::new(work) }
    }
}

/// What came of a contestant.
#[derive(Clone, Debug)]
pub struct Timing {
    /// Its name.
    pub name: String,
    /// Median of the rounds.
    pub median: Duration,
    /// The fastest round.
    pub least: Duration,
}

impl Timing {
    /// Nanoseconds for each of `count` things that one round does.
    pub fn nanos_each(&self, count: usize) -> f64 {
        self.median.as_nanos() as f64 / count as f64
    }
}

/// Lets the contestants take `rounds` turns, after one that is not counted. With 0 rounds the first one counts.
pub fn race(contestants: Vec<Contestant<'_>>, rounds: usize) -> Vec<Timing> {
    let mut times: Vec<(Contestant<'_>, Vec<Duration>)> =
        contestants.into_iter().map(|contestant| (contestant, Vec::new())).collect();
    for round in 0..=rounds {
        for (contestant, times) in &mut times {
            let begun = ProcessTime::now();
            std::hint::black_box((contestant.work)());
            let took = begun.elapsed();
            if round > 0 || rounds == 0 {
                times.push(took);
            }
        }
    }
    times
        .into_iter()
        .map(|(contestant, mut times)| {
            times.sort_unstable();
            Timing { name: contestant.name, median: times[times.len() / 2], least: times[0] }
        })
        .collect()
}
