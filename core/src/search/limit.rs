//! How many results remain: `size`, and the pipes `head` and `tail`.
//!
//! `size` cuts before the first pipe, from the same end: with size 10, `| head 100` gives the first 10, and `| head 4 | tail 2` the third and the
//! fourth. Without a pipe `result_position` says which end. Results stay in ascending order. [Elasticsearch: LogicalPlanBuilder.visitStatement]

use super::{ResultPosition, SearchOptions};
use crate::eql::ast::{Pipe, PipeKind};
use alloc::vec::Vec;

/// The cuts, in order.
pub(super) struct Limiter(Vec<(PipeKind, usize)>);

impl Limiter {
    pub(super) fn new(pipes: &[Pipe], options: &SearchOptions) -> Self {
        let position = match options.result_position {
            ResultPosition::Head => PipeKind::Head,
            ResultPosition::Tail => PipeKind::Tail,
        };
        let first = pipes.first().map_or(position, |pipe| pipe.kind);
        let pipes = pipes.iter().map(|pipe| (pipe.kind, usize::try_from(pipe.count).unwrap_or(usize::MAX)));
        Limiter([(first, options.size)].into_iter().chain(pipes).collect())
    }

    pub(super) fn limit<T>(&self, mut results: Vec<T>) -> Vec<T> {
        for (kind, count) in &self.0 {
            match kind {
                PipeKind::Head => results.truncate(*count),
                PipeKind::Tail => drop(results.drain(..results.len().saturating_sub(*count))),
            }
        }
        results
    }
}
