//! The doors of `eqlite-core` into WebAssembly: a room for each thing to do, and one door to all of them per build.
//!
//! The rooms: [`engine`] (rules on a stream), [`mod@search`], [`mod@check`], [`ecs`] (audit records to documents), [`doctor`] (what a log lacks),
//! [`engineering`] (why a rule does not alert, and what a schedule would miss).
//!
//! | feature | door | what a host sees |
//! |---|---|---|
//! | `js` | `js.rs` | the npm package |
//! | `component` | `component.rs` | the world of `wit/eqlite.wit` |
//! | `abi` | `abi.rs` | plain functions over linear memory, `docs/abi.md` |
//!
//! The last two import nothing. Without a feature the crate is the room alone, which native tests use.
//!
//! ```
//! use eqlite_wasm::engine::Engine;
//!
//! let mut engine = Engine::new(r#"{"rules": [], "format": "ecs"}"#, 0)?;
//! engine.feed(b"{\"@timestamp\": \"2026-01-01T00:00:00Z\"}\n");
//! engine.finish();
//! assert_eq!(engine.drain_alerts(), Vec::<String>::new());
//! # Ok::<(), eqlite_wasm::failure::Failure>(())
//! ```

#[cfg(any(
    all(feature = "js", feature = "component"),
    all(feature = "js", feature = "abi"),
    all(feature = "component", feature = "abi")
))]
compile_error!(
    "one door at a time: `js`, `component` and `abi` exclude each other (wasm-bindgen would add imports to the others)"
);

pub mod check;
pub mod doctor;
pub mod ecs;
pub mod engine;
pub mod engineering;
pub mod failure;
mod input;
pub mod options;
pub mod rules;
pub mod search;
mod settings;

#[cfg(feature = "abi")]
pub mod abi;
#[cfg(feature = "component")]
mod component;
#[cfg(feature = "js")]
mod js;
