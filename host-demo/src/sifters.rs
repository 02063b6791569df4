//! Correlators that read ahead, each in a thread of its own: while one is fed with a piece of the input, these sift the next ones.
//!
//! ```text
//! pieces 1 2 3 4 5 ..   thread A sifts 1 3 5 ..   thread B sifts 2 4 ..   and 1 2 3 4 5 .. are fed, in order
//! ```

use crate::engine::{Correlator, Host};
use std::{
    sync::mpsc::{Receiver, Sender, channel},
    thread,
};

/// Correlators of the same options as the one that is fed. Without any, pieces are fed as they come.
#[derive(Default)]
pub(crate) struct Sifters {
    threads: Vec<Sifter>,
    /// How many pieces they were given, in turn, and how many of these were fed.
    taken: usize,
    fed: usize,
}

/// A piece of the input, and what was said of it.
type Sifted = (Vec<u8>, Result<Vec<u8>, String>);

struct Sifter {
    pieces: Sender<Vec<u8>>,
    sifted: Receiver<Sifted>,
}

impl Sifter {
    fn new(mut correlator: Correlator) -> Self {
        let (pieces, work) = channel::<Vec<u8>>();
        let (done, sifted) = channel();
        thread::spawn(move || {
            // Until nobody has work, or wants it done.
            while let Ok(piece) = work.recv() {
                let said = correlator.sift(&piece);
                if done.send((piece, said)).is_err() {
                    break;
                }
            }
        });
        Sifter { pieces, sifted }
    }
}

/// How many pieces may be with each thread, so that none has to wait for work.
const AHEAD: usize = 4;

impl Sifters {
    /// So many of them, which load the rules at the same time.
    pub(crate) fn new(host: &Host, options: &str, count: u32) -> Result<Self, String> {
        let make = || host.correlator(options).map_err(String::from);
        let correlators: Vec<Correlator> = thread::scope(|scope| {
            let threads: Vec<_> = (0..count).map(|_| scope.spawn(make)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(broken()))).collect::<Result<_, _>>()
        })?;
        Ok(Sifters { threads: correlators.into_iter().map(Sifter::new).collect(), ..Sifters::default() })
    }

    /// Takes a piece, with which the correlator will be fed in its turn; [`settle`](Self::settle) waits for that.
    pub(crate) fn feed(&mut self, correlator: &mut Correlator, piece: &[u8]) -> Result<(), String> {
        let Some(next) = self.turn(self.taken) else { return correlator.feed(piece) };
        next.pieces.send(piece.to_vec()).map_err(|_| broken())?;
        self.taken = self.taken.wrapping_add(1);
        if self.waiting() > self.threads.len().saturating_mul(AHEAD) { self.feed_next(correlator) } else { Ok(()) }
    }

    /// Feeds all that was taken.
    pub(crate) fn settle(&mut self, correlator: &mut Correlator) -> Result<(), String> {
        (0..self.waiting()).try_for_each(|_| self.feed_next(correlator))
    }

    fn feed_next(&mut self, correlator: &mut Correlator) -> Result<(), String> {
        let (piece, said) = self.turn(self.fed).and_then(|sifter| sifter.sifted.recv().ok()).ok_or_else(broken)?;
        self.fed = self.fed.wrapping_add(1);
        correlator.feed_sifted(&piece, &said?)
    }

    /// Whose turn a piece is, by its number.
    fn turn(&self, piece: usize) -> Option<&Sifter> {
        self.threads.get(piece.checked_rem(self.threads.len())?)
    }

    fn waiting(&self) -> usize {
        self.taken.wrapping_sub(self.fed)
    }
}

fn broken() -> String {
    "a thread broke, this is a bug".to_string()
}
