//! Threads that help the one in which a correlator is fed: they take pieces of the input that are far from their turn, and sift them.
//!
//! ```text
//! pieces in their order   3 4 5 6 7 8     3 is fed as it is, then 4;   a thread has sifted 8, another one sifts 7:
//!                         ^       ^ ^     when these have their turn, little is left to do
//! ```
//! Whoever is fed never waits for a piece that nobody has begun: threads make it faster, or leave it as it was. They load the rules while input is read
//! already; whether they do and what of the input they sift changes no alert.

use crate::engine::{Correlator, Host};
use std::{
    collections::VecDeque,
    mem,
    panic::{self, AssertUnwindSafe},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

/// How many pieces may wait for each thread.
const AHEAD: usize = 8;

/// The threads, and the pieces that were not fed yet. Without any, pieces are fed as they come.
pub(crate) struct Sifters {
    threads: usize,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    /// There is another piece, one was sifted, or there will be no more.
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    pieces: VecDeque<Piece>,
    /// How many have left it.
    fed: usize,
    /// Nobody will be fed any more.
    over: bool,
}

enum Piece {
    Waiting(Vec<u8>),
    /// A thread has it.
    Taken,
    /// And what a thread said of it, unless it failed.
    Sifted(Vec<u8>, Option<Vec<u8>>),
}

impl Sifters {
    /// So many threads, with correlators of the same options as the one that is fed.
    pub(crate) fn new(host: &Host, options: &str, threads: u32) -> Self {
        let sifters = Sifters { threads: threads as usize, shared: Arc::default() };
        for _ in 0..threads {
            let (shared, host, options) = (sifters.shared.clone(), host.clone(), options.to_string());
            thread::spawn(move || {
                // What cannot be made is missed by nobody: whoever is fed has said why.
                if let Ok(correlator) = host.correlator(&options) {
                    shared.sift(correlator);
                }
            });
        }
        sifters
    }

    /// Takes a piece, with which the correlator will be fed in its turn; [`settle`](Self::settle) waits for that.
    pub(crate) fn feed(&mut self, correlator: &mut Correlator, piece: &[u8]) -> Result<(), String> {
        if self.threads == 0 {
            return correlator.feed(piece);
        }
        let mut queue = self.shared.queue();
        queue.pieces.push_back(Piece::Waiting(piece.to_vec()));
        let full = queue.pieces.len() > self.threads.saturating_mul(AHEAD);
        drop(queue);
        self.shared.changed.notify_all();
        if full { self.feed_next(correlator).map(drop) } else { Ok(()) }
    }

    /// Feeds all that was taken.
    pub(crate) fn settle(&mut self, correlator: &mut Correlator) -> Result<(), String> {
        while self.feed_next(correlator)? {}
        Ok(())
    }

    /// Feeds the piece whose turn it is, if there is one.
    fn feed_next(&mut self, correlator: &mut Correlator) -> Result<bool, String> {
        let queue = self.shared.queue();
        let taken = |queue: &mut Queue| matches!(queue.pieces.front(), Some(Piece::Taken));
        let mut queue = self.shared.changed.wait_while(queue, taken).unwrap_or_else(PoisonError::into_inner);
        let Some(next) = queue.pieces.pop_front() else { return Ok(false) };
        queue.fed = queue.fed.wrapping_add(1);
        drop(queue);
        match next {
            Piece::Sifted(piece, Some(said)) => correlator.feed_sifted(&piece, &said)?,
            Piece::Sifted(piece, None) | Piece::Waiting(piece) => correlator.feed(&piece)?,
            Piece::Taken => {}
        }
        Ok(true)
    }
}

impl Drop for Sifters {
    fn drop(&mut self) {
        self.shared.queue().over = true;
        self.shared.changed.notify_all();
    }
}

impl Shared {
    /// Sifts pieces, the last ones first, until there are no more.
    fn sift(&self, mut correlator: Correlator) {
        let mut queue = self.queue();
        while !queue.over {
            let Some((number, piece)) = queue.take() else {
                queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            drop(queue);
            // A thread that broke down would leave its piece taken for ever.
            let sift = AssertUnwindSafe(|| correlator.sift(&piece).ok());
            let said = panic::catch_unwind(sift).unwrap_or(None);
            let failed = said.is_none();
            queue = self.queue();
            let place = number.wrapping_sub(queue.fed);
            if let Some(taken) = queue.pieces.get_mut(place) {
                *taken = Piece::Sifted(piece, said);
            }
            self.changed.notify_all();
            if failed {
                return;
            }
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// The last piece that nobody has, and its number.
    fn take(&mut self) -> Option<(usize, Vec<u8>)> {
        let waits = |piece: &Piece| matches!(piece, Piece::Waiting(_));
        let place = self.pieces.iter().rposition(waits)?;
        match mem::replace(self.pieces.get_mut(place)?, Piece::Taken) {
            Piece::Waiting(piece) => Some((self.fed.wrapping_add(place), piece)),
            _ => None,
        }
    }
}
