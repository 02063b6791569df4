//! The command line `eqlite`, and the embedding of the component that it stands on.
//!
//! Nothing of the engine is linked here: [`engine`] loads `eqlite.component.wasm`, whose interface is `wasm/wit/eqlite.wit`,
//! into wasmtime. A program of your own would take over `engine.rs` and leave the rest.

pub mod cli;
pub mod engine;
pub mod engineering;
pub mod output;
pub mod scan;
#[cfg(unix)]
pub mod watch;
