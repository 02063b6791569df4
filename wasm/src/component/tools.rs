//! The interface `tools`: search, audit logs as documents, doctor, check.

use super::{Door, bindings::exports::eqlite::correlator::tools as wit, wit as correlation};
use crate::{check::check, doctor, ecs, search};
use correlation::{Failure, Problem};
use std::cell::RefCell;

/// The resource `search`. A component is entered by one call at a time, so no cell here is ever found borrowed.
pub(super) struct Search(RefCell<search::Search>);

/// The resource `audit-reader`.
pub(super) struct AuditReader(RefCell<ecs::AuditReader>);

/// The resource `doctor`.
pub(super) struct Doctor(RefCell<doctor::Doctor>);

impl wit::Guest for Door {
    type Search = Search;
    type AuditReader = AuditReader;
    type Doctor = Doctor;

    fn check(options: String) -> Result<Vec<String>, Failure> {
        Ok(check(&options)?.iter().map(ToString::to_string).collect())
    }
}

impl wit::GuestSearch for Search {
    fn create(options: String) -> Result<wit::Search, Failure> {
        Ok(wit::Search::new(Search(RefCell::new(search::Search::new(&options)?))))
    }

    fn add(&self, name: String, mapping: Option<String>) -> Result<(), Failure> {
        Ok(self.0.borrow_mut().add(&name, mapping.as_deref())?)
    }

    fn feed(&self, chunk: Vec<u8>) {
        self.0.borrow_mut().feed(&chunk);
    }

    fn run(&self, query: String, options: String) -> Result<String, Failure> {
        Ok(self.0.borrow_mut().run(&query, &options)?)
    }

    fn drain_problems(&self) -> Vec<Problem> {
        problems(self.0.borrow_mut().drain_problems())
    }
}

impl wit::GuestAuditReader for AuditReader {
    fn create(options: String) -> Result<wit::AuditReader, Failure> {
        Ok(wit::AuditReader::new(AuditReader(RefCell::new(ecs::AuditReader::new(&options)?))))
    }

    fn feed(&self, chunk: Vec<u8>) {
        self.0.borrow_mut().feed(&chunk);
    }

    fn finish(&self) {
        self.0.borrow_mut().finish();
    }

    fn drain(&self) -> String {
        self.0.borrow_mut().drain()
    }

    fn drain_problems(&self) -> Vec<Problem> {
        problems(self.0.borrow_mut().drain_problems())
    }

    fn stats(&self) -> String {
        self.0.borrow().stats_json()
    }
}

impl wit::GuestDoctor for Doctor {
    fn create(options: String) -> Result<wit::Doctor, Failure> {
        Ok(wit::Doctor::new(Doctor(RefCell::new(doctor::Doctor::new(&options)?))))
    }

    fn feed(&self, chunk: Vec<u8>) {
        self.0.borrow_mut().feed(&chunk);
    }

    fn drain_problems(&self) -> Vec<Problem> {
        problems(self.0.borrow_mut().drain_problems())
    }

    fn report(&self) -> String {
        self.0.borrow_mut().report()
    }
}

fn problems(problems: Vec<eqlite_core::Problem>) -> Vec<Problem> {
    problems.into_iter().map(Problem::from).collect()
}
