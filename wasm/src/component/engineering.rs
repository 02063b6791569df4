//! The interface `engineering`: explain, replay.

use super::{Door, bindings::exports::eqlite::correlator::engineering as wit, wit::Failure};
use crate::engineering::{explain, replay};

impl wit::Guest for Door {
    fn explain(rules: String, documents: Vec<u8>, options: String) -> Result<String, Failure> {
        Ok(explain(&rules, &documents, &options)?)
    }

    fn replay(rules: String, documents: Vec<u8>, options: String) -> Result<String, Failure> {
        Ok(replay(&rules, &documents, &options)?)
    }
}
