//! The plain module in wasmtime, without epochs, on the bytes that the benchmark `paths --write FOLDER` has written.
//!
//! ```text
//! cargo bench -p eqlite-host --bench wasm -- FOLDER ROUNDS NAME=MODULE...
//! ```
//! Modules take turns, each in an instance that goes on from round to round, as in Node: memory that is new is measured nowhere. Lines that begin with `result` are for `cargo xtask bench`: nanoseconds, an event or in all.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::panic)]

use eqlite_bench::measure::{Contestant, race};
use std::{cell::RefCell, fs, path::Path};
use wasmtime::{Engine, Instance, Memory, Module, Store, TypedFunc};

const CHUNK: usize = 64 * 1024;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let [folder, rounds, modules @ ..] = words.as_slice() else { panic!("FOLDER ROUNDS NAME=MODULE...") };
    let read = |name: &str| fs::read(Path::new(folder).join(name)).unwrap();
    let about: serde_json::Value = serde_json::from_slice(&read("events.json")).unwrap();
    let events = about["events"].as_u64().unwrap() as usize;
    let engine = Engine::default();
    let paths = [
        ("rules 1", "udp.json", "ecs.ndjson"),
        ("rules 1000", "made.json", "ecs.ndjson"),
        ("audit 1", "udp.json", "audit.log"),
    ]
    .map(|(name, options, input)| (name, read(options), read(input)));
    let modules: Vec<(&str, Module)> = modules
        .iter()
        .map(|argument| argument.split_once('=').unwrap())
        .map(|(name, file)| (name, Module::from_file(&engine, file).unwrap()))
        .collect();
    // Two contestants of one instance never run at the same time. What is let go of belongs to loading, as natively.
    let guests: Vec<_> = modules.iter().map(|(_, module)| RefCell::new(Guest::new(&engine, module))).collect();
    let mut contestants = Vec::new();
    for ((name, _), guest) in modules.iter().zip(&guests) {
        let (_, options, _) = &paths[1];
        contestants.push(Contestant::new(format!("{name} load 1000"), move || guest.borrow_mut().run(options, &[])));
        for (path, options, input) in &paths {
            // A new correlator each time, as in the other hosts; making it is little beside the events.
            contestants.push(Contestant::new(format!("{name} {path}"), move || guest.borrow_mut().run(options, input)));
        }
    }
    let timings = race(contestants, rounds.parse().unwrap());
    for timing in &timings {
        let all = timing.median.as_nanos() as f64;
        let each = if timing.name.ends_with("load 1000") {
            all
        } else {
            // Loading the rules is not part of an event.
            let load = timings.iter().find(|load| {
                timing.name.ends_with("rules 1000") && load.name == timing.name.replace("rules 1000", "load 1000")
            });
            (all - load.map_or(0.0, |load| load.median.as_nanos() as f64)) / events as f64
        };
        println!("result\twasmtime {}\t{each:.1}", timing.name);
    }
}

/// An instance.
struct Guest {
    store: Store<()>,
    memory: Memory,
    new: TypedFunc<(u32, u32), i32>,
    feed: TypedFunc<(i32, u32, u32), i32>,
    drain: TypedFunc<i32, i32>,
    finish: TypedFunc<i32, i32>,
    drop: TypedFunc<i32, i32>,
    alloc: TypedFunc<u32, u32>,
    free: TypedFunc<u32, i32>,
    buffer: u32,
}

impl Guest {
    fn new(engine: &Engine, module: &Module) -> Guest {
        let mut store = Store::new(engine, ());
        let instance = Instance::new(&mut store, module, &[]).unwrap();
        let alloc = instance.get_typed_func::<u32, u32>(&mut store, "eqlite_alloc").unwrap();
        Guest {
            memory: instance.get_memory(&mut store, "memory").unwrap(),
            new: instance.get_typed_func(&mut store, "eqlite_new").unwrap(),
            feed: instance.get_typed_func(&mut store, "eqlite_feed").unwrap(),
            drain: instance.get_typed_func(&mut store, "eqlite_drain_alerts").unwrap(),
            finish: instance.get_typed_func(&mut store, "eqlite_finish").unwrap(),
            drop: instance.get_typed_func(&mut store, "eqlite_drop").unwrap(),
            free: instance.get_typed_func(&mut store, "eqlite_free").unwrap(),
            buffer: alloc.call(&mut store, CHUNK as u32).unwrap(),
            alloc,
            store,
        }
    }

    /// Makes a correlator, feeds it and drops it; gives the bytes of its alerts.
    fn run(&mut self, options: &[u8], input: &[u8]) -> u64 {
        let (store, length) = (&mut self.store, options.len() as u32);
        let address = self.alloc.call(&mut *store, length).unwrap();
        self.memory.write(&mut *store, address as usize, options).unwrap();
        let handle = self.new.call(&mut *store, (address, length)).unwrap();
        assert!(handle > 0, "refused: {handle}");
        self.free.call(&mut *store, address).unwrap();
        let mut bytes = 0;
        for chunk in input.chunks(CHUNK) {
            self.memory.write(&mut *store, self.buffer as usize, chunk).unwrap();
            self.feed.call(&mut *store, (handle, self.buffer, chunk.len() as u32)).unwrap();
            bytes += self.drain.call(&mut *store, handle).unwrap();
        }
        self.finish.call(&mut *store, handle).unwrap();
        bytes += self.drain.call(&mut *store, handle).unwrap();
        self.drop.call(&mut *store, handle).unwrap();
        bytes as u64
    }
}
