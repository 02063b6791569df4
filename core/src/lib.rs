//! Elastic's EQL detection rules, run on events as they come in.
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unreachable
    )
)]

extern crate alloc;

pub mod alert;
pub mod auditd;
pub mod correlate;
pub mod diagnostic;
pub mod eql;
pub mod event;
pub mod explain;
pub mod functions;
pub mod limits;
mod lowercase;
pub mod net;
mod number;
mod object;
mod ordered;
pub mod pattern;
pub mod plan;
pub mod replay;
pub mod rule;
pub mod schema;
pub mod search;
mod sort;
pub mod span;
mod state;
pub mod time;
pub mod version;

pub use alert::{Alert, AlertEvent, AlertKind, KibanaContext, Suppression, ecs_signal, kibana_documents};
pub use correlate::{Config, Correlator, Host, KeyValue, Problem, Routing, RuleStats, SnapshotError, Stats};
pub use diagnostic::{Code, Diagnostic, Severity};
pub use event::Format;
pub use limits::Limits;
pub use plan::{Plan, PlanBuilder};
pub use rule::Rule;
pub use schema::Schema;
pub use span::Span;
pub use time::Timestamp;
