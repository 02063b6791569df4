//! `eqlite watch`: a log that grows and rotates, piece by piece, through the component; killed at any time, it goes on where it was.
//!
//! ```text
//! log -> Follower (pieces, position) -> correlator -> alerts -> Sink (stdout, file, webhook)
//!                                           |
//!                 state file: position, snapshot, number of alerts, length of the output
//! ```
//! Alerts go out first, then the state is written. What went out after the last state comes again when the watch is started again: a file is
//! cut back to the length that the state knows, so there each alert stands once; a webhook is told by the same key.

mod follow;
mod sink;
mod state;

use crate::{
    cli::{Outcome, Watch},
    engine::{Correlator, Host},
    rules::read_or_built_in,
    scan::{correlator, losses, options},
};
use follow::{Follower, Next};
use sink::{Gone, Sink};
use state::{State, Store};
use std::{
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// How much is read and fed at once.
const PIECE: usize = 64 * 1024;

/// The most that is read between two states, so that little is read twice after an interruption.
const BETWEEN_STATES: usize = 16 << 20;

/// Runs the command.
pub fn run(watch: &Watch) -> Result<Outcome, String> {
    let mut outcome = Outcome::Done;
    let rules = read_or_built_in(&watch.rules.paths, &mut outcome);
    let options = options(rules, &watch.input, watch.form, &watch.behaviour);
    let mut correlator = correlator(&Host::new(&watch.sandbox)?, &options, &mut outcome)?;

    let store = Store::open(watch)?;
    let saved = store.read()?;
    let mut sink = Sink::open(watch, saved.as_ref())?;
    let (mut follower, delivered) = match saved {
        None => (Follower::new(&watch.file), 0),
        Some(saved) => {
            let refused = |refused| format!("{store} does not fit: {refused}; begin anew with another --state");
            correlator.restore(&saved.snapshot).map_err(refused)?;
            (Follower::resume(&watch.file, saved.position), saved.delivered)
        }
    };
    let mut run =
        Run { correlator, sink: &mut sink, store, delivered, unsaved: Some(0), name: watch.file.display().to_string() };
    // Before anything goes out, the state must know how long the output was.
    run.save(&follower)?;

    let mut piece = vec![0; PIECE];
    let mut quiet_since = Instant::now();
    loop {
        // Nothing may have come up to this moment; how long the state takes to be written does not count.
        let now = Instant::now();
        let step = match follower.next(&mut piece).map_err(|error| format!("{}: {error}", watch.file.display()))? {
            Next::Bytes(read) => {
                quiet_since = Instant::now();
                run.feed(piece.get(..read).unwrap_or_default(), &follower)
            }
            Next::Nothing => {
                run.save(&follower)?;
                let quiet = now.saturating_duration_since(quiet_since);
                if watch.idle_exit.is_some_and(|idle| quiet >= Duration::from_millis(idle)) && follower.is_in_last() {
                    return run.end(&follower, outcome);
                }
                thread::sleep(Duration::from_millis(watch.poll_ms));
                watch.clock_lag.map_or(Ok(()), |lag| run.clock(lag))
            }
        };
        match step {
            Ok(()) => {}
            Err(Stop::ReaderLeft) => return Ok(outcome),
            Err(Stop::Message(message)) => return Err(message),
        }
    }
}

/// Why it does not go on.
enum Stop {
    /// Nobody reads the alerts any more.
    ReaderLeft,
    /// Something failed.
    Message(String),
}

/// What changes as the log is read.
struct Run<'s> {
    correlator: Correlator,
    sink: &'s mut Sink,
    store: Store,
    /// Alerts that went out since the very beginning.
    delivered: u64,
    /// Bytes read since the last state; `None` where nothing happened since.
    unsaved: Option<usize>,
    name: String,
}

impl Run<'_> {
    fn feed(&mut self, piece: &[u8], follower: &Follower) -> Result<(), Stop> {
        self.correlator.feed(piece).map_err(Stop::Message)?;
        let alerts = self.deliver()?;
        let unsaved = self.unsaved.unwrap_or(0).saturating_add(piece.len());
        self.unsaved = Some(unsaved);
        // What went out to where it cannot be taken back shall not go out again after all but the most untimely interruptions.
        if unsaved >= BETWEEN_STATES || (alerts && !self.sink.can_be_cut()) {
            self.save(follower).map_err(Stop::Message)?;
        }
        Ok(())
    }

    /// Lets alerts out that wait only for time to pass.
    fn clock(&mut self, lag: u64) -> Result<(), Stop> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        let now = i64::try_from(now).unwrap_or(i64::MAX);
        let watermark = now.saturating_sub(i64::try_from(lag).unwrap_or(i64::MAX));
        self.correlator.advance(watermark).map_err(Stop::Message)?;
        if self.deliver()? {
            self.unsaved.get_or_insert(0);
        }
        Ok(())
    }

    /// Sends out what is ready; whether there was something.
    fn deliver(&mut self) -> Result<bool, Stop> {
        for problem in self.correlator.drain_problems().map_err(Stop::Message)? {
            eprintln!("{}: {} [{}]", self.name, problem.message, problem.code);
        }
        let alerts = self.correlator.drain_alerts().map_err(Stop::Message)?;
        self.sink.deliver(&alerts, self.delivered).map_err(|gone| match gone {
            Gone::Reader => Stop::ReaderLeft,
            Gone::Failed(message) => Stop::Message(message),
        })?;
        self.delivered = self.delivered.saturating_add(alerts.len() as u64);
        Ok(!alerts.is_empty())
    }

    /// Writes the state, where something happened since the last one.
    fn save(&mut self, follower: &Follower) -> Result<(), String> {
        if self.unsaved.take().is_none() || !self.store.is_kept() {
            return Ok(());
        }
        self.sink.sync()?;
        self.store.write(&State {
            position: follower.position(),
            delivered: self.delivered,
            output: self.sink.length(),
            run: self.sink.run().to_string(),
            snapshot: self.correlator.snapshot()?,
        })
    }

    /// The end of the input, as a scan knows it.
    fn end(mut self, follower: &Follower, outcome: Outcome) -> Result<Outcome, String> {
        self.correlator.finish()?;
        match self.deliver() {
            Err(Stop::Message(message)) => return Err(message),
            Ok(_) | Err(Stop::ReaderLeft) => {}
        }
        self.unsaved = Some(0);
        self.save(follower)?;
        let stats = self.correlator.stats()?;
        eprintln!("{} events, {} alerts", stats.get("events"), stats.get("alerts"));
        losses(&stats).iter().for_each(|line| eprintln!("{line}"));
        Ok(outcome)
    }
}
