//! The command line `eqlite`, and the embedding of the component that it stands on.
//!
//! Nothing of the engine is linked here: [`engine`] loads `eqlite.component.wasm`, whose interface is `wasm/wit/eqlite.wit`,
//! into wasmtime. A program of your own would take over `engine.rs`, and [`tools`] where it searches or checks, and leave the rest.

pub mod check;
pub mod cli;
pub mod doctor;
pub mod ecs;
pub mod engine;
pub mod engineering;
mod input;
pub mod output;
mod rules;
pub mod scan;
pub mod search;
mod sifters;
pub mod tools;
#[cfg(unix)]
pub mod watch;
