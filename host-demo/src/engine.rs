//! The component in wasmtime: compiled once, run within a memory limit and a deadline.
//!
//! ```no_run
//! use eqlite_host::{cli::Sandbox, engine::Host};
//!
//! let host = Host::new(&Sandbox::default())?;
//! let mut correlator = host.correlator(r#"{"rules": [], "format": "ecs"}"#)?;
//! correlator.feed(b"{}\n")?;
//! correlator.finish()?;
//! for alert in correlator.drain_alerts()? {
//!     println!("{alert}");
//! }
//! # Ok::<(), String>(())
//! ```
//!
//! The component imports nothing, so the linker stays empty. Each call gets a fresh deadline; a component that does not come
//! back in time, or wants more memory than it may have, is stopped, and its correlator is lost.

use crate::cli::Sandbox;
use bindings::exports::eqlite::correlator::correlation::GuestCorrelator;
pub use bindings::exports::eqlite::correlator::correlation::{Diagnostic, Failure, Problem, Rule, Severity};
use serde_json::Value;
use std::{fmt, fs, thread, time::Duration};
use wasmtime::{
    Cache, CacheConfig, Config, Engine, OptLevel, RegallocAlgorithm, Store, StoreLimits, StoreLimitsBuilder, Trap,
    component::{Component, Linker, ResourceAny},
};

#[allow(missing_docs, unreachable_pub, clippy::all, clippy::arithmetic_side_effects, reason = "written by wasmtime")]
pub(crate) mod bindings {
    wasmtime::component::bindgen!({ path: "../wasm/wit", world: "eqlite" });
}

/// What `cargo xtask build component` made, or nothing where it had not run when this was compiled.
const COMPONENT: &[u8] = include_bytes!(env!("EQLITE_COMPONENT_FILE"));

/// How often the clock of deadlines ticks.
const TICK: Duration = Duration::from_millis(20);

/// The compiled component. Any number of correlators can be made of it.
#[derive(Clone)]
pub struct Host {
    component: Component,
    sandbox: Sandbox,
}

/// An instance of the component, with a memory of its own.
pub(crate) struct Instance {
    store: Store<StoreLimits>,
    bindings: bindings::Eqlite,
    sandbox: Sandbox,
}

/// A correlator within its own instance of the component.
pub struct Correlator {
    instance: Instance,
    resource: ResourceAny,
}

/// Why the component made nothing of what it was given.
#[derive(Debug)]
pub enum Refused {
    /// The component refused the options, a rule or a query.
    Failure(Failure),
    /// The component could not be run.
    Stopped(String),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Failure(failure) => f.write_str(&failure.message),
            Refused::Stopped(message) => f.write_str(message),
        }
    }
}

impl From<String> for Refused {
    fn from(stopped: String) -> Self {
        Refused::Stopped(stopped)
    }
}

impl From<Refused> for String {
    fn from(refused: Refused) -> Self {
        refused.to_string()
    }
}

impl Host {
    /// Compiles the component: the one inside this program, unless the sandbox names another. What the compiler made of it the last time is in
    /// wasmtime's cache, in the user's folder of caches; where nothing can be kept, it is compiled each time.
    pub fn new(sandbox: &Sandbox) -> Result<Host, String> {
        let mut config = Config::new();
        config.epoch_interruption(true);
        if !sandbox.no_cache {
            config.cache(Cache::new(CacheConfig::new()).ok());
        }
        // Unoptimised, wasmtime takes many times longer to compile the component than to run it in any test.
        if cfg!(debug_assertions) {
            config.cranelift_opt_level(OptLevel::None);
            config.cranelift_regalloc_algorithm(RegallocAlgorithm::SinglePass);
        }
        let engine = Engine::new(&config).map_err(|error| format!("wasmtime cannot be set up: {error:#}"))?;
        let compiled = match &sandbox.component {
            Some(path) => {
                let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
                Component::new(&engine, bytes).map_err(|error| format!("{}: {error:#}", path.display()))
            }
            None if COMPONENT.is_empty() => {
                Err("this program was built without its component: run `cargo xtask build component` \
                                                 and build it again, or name one with --component"
                    .to_string())
            }
            None => Component::new(&engine, COMPONENT).map_err(|error| format!("the component: {error:#}")),
        };
        let component = compiled?;
        // The thread ends with the program, or when the last user of the engine is gone.
        let clock = engine.weak();
        thread::spawn(move || {
            while let Some(engine) = clock.upgrade() {
                engine.increment_epoch();
                thread::sleep(TICK);
            }
        });
        Ok(Host { component, sandbox: sandbox.clone() })
    }

    /// Makes a correlator of options, the JSON object that `eqlite.wit` describes.
    pub fn correlator(&self, options: &str) -> Result<Correlator, Refused> {
        let mut instance = self.instance()?;
        let resource = instance
            .call(|bindings, store| bindings.eqlite_correlator_correlation().correlator().call_create(store, options))?
            .map_err(Refused::Failure)?;
        Ok(Correlator { instance, resource })
    }

    /// Makes an instance, within the limits of the sandbox.
    pub(crate) fn instance(&self) -> Result<Instance, Refused> {
        let memory = (self.sandbox.memory_mb as usize).saturating_mul(1 << 20);
        let limits = StoreLimitsBuilder::new().memory_size(memory).trap_on_grow_failure(true).build();
        let engine = self.component.engine();
        let mut store = Store::new(engine, limits);
        store.limiter(|limits| limits);
        store.epoch_deadline_trap();
        set_deadline(&mut store, &self.sandbox);
        let bindings = bindings::Eqlite::instantiate(&mut store, &self.component, &Linker::new(engine))
            .map_err(|error| Refused::Stopped(explain(&error, &self.sandbox)))?;
        Ok(Instance { store, bindings, sandbox: self.sandbox.clone() })
    }
}

impl Instance {
    /// Gives each call the time of so many pieces of the input.
    pub(crate) fn allow(&mut self, pieces: usize) {
        self.sandbox.epoch_ms = self.sandbox.epoch_ms.saturating_mul(pieces.max(1) as u64);
    }

    /// Calls the component, within the deadline. A call that was stopped leaves the instance unusable.
    pub(crate) fn call<T>(
        &mut self,
        call: impl FnOnce(&bindings::Eqlite, &mut Store<StoreLimits>) -> wasmtime::Result<T>,
    ) -> Result<T, String> {
        set_deadline(&mut self.store, &self.sandbox);
        call(&self.bindings, &mut self.store).map_err(|error| explain(&error, &self.sandbox))
    }
}

impl Correlator {
    /// Feeds bytes, cut anywhere.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<(), String> {
        self.call(|guest, store, this| guest.call_feed(store, this, chunk))
    }

    /// Finds the events of a piece that match nothing, for another correlator of the same options to be fed with.
    pub fn sift(&mut self, piece: &[u8]) -> Result<Vec<u8>, String> {
        self.call(|guest, store, this| guest.call_sift(store, this, piece))
    }

    /// Feeds a piece, with what another correlator said of it.
    pub fn feed_sifted(&mut self, piece: &[u8], sifted: &[u8]) -> Result<(), String> {
        self.call(|guest, store, this| guest.call_feed_sifted(store, this, piece, sifted))
    }

    /// Feeds one whole ECS document; says how many stages of rules it matched.
    pub fn feed_event(&mut self, document: &[u8]) -> Result<Result<u32, Failure>, String> {
        self.call(|guest, store, this| guest.call_feed_event(store, this, document))
    }

    /// Says that no event before this time, in milliseconds since 1970, will come any more.
    pub fn advance(&mut self, watermark: i64) -> Result<(), String> {
        self.call(|guest, store, this| guest.call_advance(store, this, watermark))
    }

    /// The end of the input.
    pub fn finish(&mut self) -> Result<(), String> {
        self.call(|guest, store, this| guest.call_finish(store, this))
    }

    /// The alerts since the last call, one JSON object each.
    pub fn drain_alerts(&mut self) -> Result<Vec<String>, String> {
        self.call(|guest, store, this| guest.call_drain_alerts(store, this))
    }

    /// The problems since the last call.
    pub fn drain_problems(&mut self) -> Result<Vec<Problem>, String> {
        self.call(|guest, store, this| guest.call_drain_problems(store, this))
    }

    /// The whole state as bytes.
    pub fn snapshot(&mut self) -> Result<Vec<u8>, String> {
        self.call(|guest, store, this| guest.call_snapshot(store, this))
    }

    /// Goes on where a snapshot was made, under the same rules.
    pub fn restore(&mut self, snapshot: &[u8]) -> Result<(), Refused> {
        self.call(|guest, store, this| guest.call_restore(store, this, snapshot))?.map_err(Refused::Failure)
    }

    /// How the rules can be spread over several correlators, a JSON array.
    pub fn partitioning(&mut self) -> Result<String, String> {
        self.call(|guest, store, this| guest.call_partitioning(store, this))
    }

    /// Counters since the beginning.
    pub fn stats(&mut self) -> Result<Stats, String> {
        self.call(|guest, store, this| guest.call_stats(store, this))
            .map(|json| Stats(serde_json::from_str(&json).unwrap_or_default()))
    }

    /// All rules that were given.
    pub fn rules(&mut self) -> Result<Vec<Rule>, String> {
        self.call(|guest, store, this| guest.call_rules(store, this))
    }

    /// Warnings about rules that run, and the findings about rules that were skipped.
    pub fn diagnostics(&mut self) -> Result<Vec<Diagnostic>, String> {
        self.call(|guest, store, this| guest.call_diagnostics(store, this))
    }

    fn call<T>(
        &mut self,
        call: impl FnOnce(GuestCorrelator<'_>, &mut Store<StoreLimits>, ResourceAny) -> wasmtime::Result<T>,
    ) -> Result<T, String> {
        let resource = self.resource;
        self.instance
            .call(|bindings, store| call(bindings.eqlite_correlator_correlation().correlator(), store, resource))
    }
}

/// Counters by name.
#[derive(Clone, Debug)]
pub struct Stats(pub Value);

impl Stats {
    /// 0 where there is no such counter.
    pub fn get(&self, name: &str) -> u64 {
        self.0.get(name).and_then(Value::as_u64).unwrap_or(0)
    }
}

fn set_deadline(store: &mut Store<StoreLimits>, sandbox: &Sandbox) {
    let ticks = sandbox.epoch_ms.div_ceil(TICK.as_millis() as u64).saturating_add(1);
    store.set_epoch_deadline(ticks);
}

/// What stopped the component, for a person.
fn explain(error: &wasmtime::Error, sandbox: &Sandbox) -> String {
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => {
            format!("the engine took longer than {} ms and was stopped (--epoch-ms)", sandbox.epoch_ms)
        }
        Some(trap) => format!("the engine broke ({trap}), this is a bug: {error:#}"),
        None if format!("{error:#}").contains("memory") => {
            format!("the engine wanted more than {} MiB of memory and was stopped (--memory-mb)", sandbox.memory_mb)
        }
        None => format!("the engine was stopped: {error:#}"),
    }
}
