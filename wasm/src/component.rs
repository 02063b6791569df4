//! The door for component hosts: the world of `wit/eqlite.wit`; the interface `tools` is in [`tools`].

mod engineering;
mod tools;

use crate::{engine::Engine, failure};
use bindings::exports::eqlite::correlator::correlation as wit;
use eqlite_core::Severity;
use std::cell::RefCell;

#[allow(
    unsafe_code,
    missing_docs,
    unreachable_pub,
    clippy::all,
    reason = "written by wit-bindgen, whose code lifts and lowers values"
)]
mod bindings {
    wit_bindgen::generate!({ path: "wit", world: "eqlite" });
    use super::Door;
    export!(Door);
}

/// Implements the world.
struct Door;

/// The resource `correlator`. A component is entered by one call at a time, so the cell is never found borrowed.
struct Correlator(RefCell<Engine>);

impl wit::Guest for Door {
    type Correlator = Correlator;
}

impl wit::GuestCorrelator for Correlator {
    fn create(options: String) -> Result<wit::Correlator, wit::Failure> {
        let engine = Engine::new(&options, 0).map_err(wit::Failure::from)?;
        Ok(wit::Correlator::new(Correlator(RefCell::new(engine))))
    }

    fn feed(&self, chunk: Vec<u8>) {
        self.0.borrow_mut().feed(&chunk);
    }

    fn sift(&self, piece: Vec<u8>) -> Vec<u8> {
        self.0.borrow_mut().sift(&piece)
    }

    fn feed_sifted(&self, piece: Vec<u8>, sifted: Vec<u8>) {
        self.0.borrow_mut().feed_sifted(&piece, &sifted);
    }

    fn feed_event(&self, document: Vec<u8>) -> Result<u32, wit::Failure> {
        self.0.borrow_mut().feed_event(&document).map_err(wit::Failure::from)
    }

    fn advance(&self, watermark: i64) {
        self.0.borrow_mut().advance(watermark);
    }

    fn finish(&self) {
        self.0.borrow_mut().finish();
    }

    fn drain_alerts(&self) -> Vec<String> {
        self.0.borrow_mut().drain_alerts()
    }

    fn drain_problems(&self) -> Vec<wit::Problem> {
        self.0.borrow_mut().drain_problems().into_iter().map(wit::Problem::from).collect()
    }

    fn snapshot(&self) -> Vec<u8> {
        self.0.borrow().snapshot()
    }

    fn restore(&self, snapshot: Vec<u8>) -> Result<(), wit::Failure> {
        self.0.borrow_mut().restore(&snapshot).map_err(wit::Failure::from)
    }

    fn partitioning(&self) -> String {
        self.0.borrow().partitioning_json()
    }

    fn stats(&self) -> String {
        self.0.borrow().stats_json()
    }

    fn rules(&self) -> Vec<wit::Rule> {
        self.0.borrow().rules().iter().cloned().map(wit::Rule::from).collect()
    }

    fn diagnostics(&self) -> Vec<wit::Diagnostic> {
        self.0.borrow().findings().iter().cloned().map(wit::Diagnostic::from).collect()
    }
}

impl From<failure::Failure> for wit::Failure {
    fn from(failure: failure::Failure) -> Self {
        wit::Failure {
            code: failure.code.to_string(),
            message: failure.message,
            diagnostics: failure.diagnostics.into_iter().map(wit::Diagnostic::from).collect(),
        }
    }
}

impl From<failure::Finding> for wit::Diagnostic {
    fn from(finding: failure::Finding) -> Self {
        wit::Diagnostic {
            code: finding.code.0.to_string(),
            severity: match finding.severity {
                Severity::Warning => wit::Severity::Warning,
                Severity::Error => wit::Severity::Error,
            },
            message: finding.message,
            within: match finding.within {
                failure::Within::File => wit::Within::File,
                failure::Within::Query => wit::Within::Query,
            },
            start: finding.span.start as u64,
            end: finding.span.end as u64,
            line: finding.line,
            column: finding.column,
            help: finding.help,
            rule: finding.rule,
            file: finding.file,
            rendered: finding.rendered,
        }
    }
}

impl From<eqlite_core::Problem> for wit::Problem {
    fn from(problem: eqlite_core::Problem) -> Self {
        wit::Problem {
            code: problem.code.to_string(),
            line: problem.line,
            offset: problem.offset,
            message: problem.message,
        }
    }
}

impl From<crate::rules::RuleInfo> for wit::Rule {
    fn from(rule: crate::rules::RuleInfo) -> Self {
        wit::Rule {
            id: rule.id,
            name: rule.name,
            version: rule.version,
            kind: rule.kind,
            file: rule.file,
            skipped: rule.skipped,
        }
    }
}
