//! Counts the cases of one suite and prints them.

use std::collections::BTreeMap;

/// The tally of a suite.
pub struct Report {
    verbose: bool,
    passed: usize,
    failures: Vec<(String, String)>,
    skipped: BTreeMap<String, usize>,
}

impl Report {
    /// An empty tally; `verbose` prints every failure, not only the first few.
    pub fn new(verbose: bool) -> Self {
        Report { verbose, passed: 0, failures: Vec::new(), skipped: BTreeMap::new() }
    }

    /// One case: `Err` says what was expected and what came.
    pub fn case(&mut self, name: &str, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => self.passed = self.passed.saturating_add(1),
            Err(why) => self.failures.push((name.to_owned(), why)),
        }
    }

    /// A case that cannot be measured here, and why.
    pub fn skip(&mut self, reason: &str) {
        let count = self.skipped.entry(reason.to_owned()).or_default();
        *count = count.saturating_add(1);
    }

    /// Prints the line of the suite and its failures; true where nothing failed.
    pub fn print(&self, name: &str) -> bool {
        let skipped: usize = self.skipped.values().sum();
        println!("{name:24} {:6} passed {:6} failed {skipped:6} skipped", self.passed, self.failures.len());
        for (reason, count) in &self.skipped {
            println!("    skipped {count}: {reason}");
        }
        let shown = if self.verbose { usize::MAX } else { 5 };
        for (case, why) in self.failures.iter().take(shown) {
            println!("    FAILED {case}: {why}");
        }
        self.failures.is_empty()
    }
}
