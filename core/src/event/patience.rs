//! When to stop looking for what does not come again, and when to try once more.

/// How many tries in a row may be in vain, and how many are then left out: twice as many each time, up to `LONGEST`. One that is not in vain
/// makes up for `WORTH` others.
const PATIENCE: u16 = 256;
const PAUSE: u16 = 4096;
const LONGEST: u16 = 1 << 15;
const WORTH: u16 = 2;

/// How many tries may still be in vain, how many are to be left out, and how many the next time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    left: u16,
    pause: u16,
    next: u16,
}

impl Default for Patience {
    fn default() -> Self {
        Patience { left: PATIENCE, pause: 0, next: PAUSE }
    }
}

impl Patience {
    /// Whether to try, which is asked each time that one could.
    #[inline(always)]
    pub(crate) fn tries(&mut self) -> bool {
        if self.left == 0 {
            self.pause = self.pause.wrapping_sub(1);
            if self.pause == 0 {
                self.left = PATIENCE;
            }
            return false;
        }
        true
    }

    /// Whether tries are left out now.
    #[inline(always)]
    pub(crate) fn is_over(&self) -> bool {
        self.left == 0
    }

    /// A try was in vain.
    #[inline(always)]
    pub(crate) fn in_vain(&mut self) {
        if self.left == 1 {
            self.pause = self.next;
            self.next = self.next.saturating_mul(2).min(LONGEST);
        }
        self.left = self.left.saturating_sub(1);
    }

    /// A try was worth it.
    #[inline(always)]
    pub(crate) fn worth_it(&mut self) {
        self.left = self.left.wrapping_add(WORTH).min(PATIENCE);
        self.next = PAUSE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_always_in_vain_is_tried_now_and_then() {
        let mut patience = Patience::default();
        let mut tried = |rounds: u32| {
            let tries = (0..rounds).filter(|_| {
                patience.tries() && {
                    patience.in_vain();
                    true
                }
            });
            tries.count()
        };
        for pause in [4096, 8192, 16_384, 32_768, 32_768] {
            assert_eq!(tried(256), 256);
            assert_eq!(tried(pause), 0);
        }
        assert_eq!(tried(1000), 256);
    }

    #[test]
    fn what_is_worth_it_once_in_three_times_is_tried_always() {
        let mut patience = Patience::default();
        for round in 0..10_000 {
            assert!(patience.tries());
            if round % 3 == 0 { patience.worth_it() } else { patience.in_vain() }
        }
    }
}
