//! The plain module in wasmtime, without epochs, on the bytes that the benchmark `paths --write FOLDER` has written.
//!
//! ```text
//! cargo bench -p eqlite-host --bench wasm -- FOLDER ROUNDS NAME=MODULE...
//! ```
//! Modules take turns. Lines that begin with `result` are for `cargo xtask bench`: nanoseconds, an event or in all.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::panic)]

use eqlite_bench::measure::{Contestant, race};
use std::{fs, path::Path};
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
    let mut contestants = Vec::new();
    for (name, module) in &modules {
        let (_, options, _) = &paths[1];
        contestants
            .push(Contestant::new(format!("{name} load 1000"), || Guest::new(&engine, module, options).handle as u64));
        for (path, options, input) in &paths {
            let engine = &engine;
            // A new correlator each time, as in the other hosts; making it is little beside the events.
            contestants.push(Contestant::new(format!("{name} {path}"), move || {
                Guest::new(engine, module, options).run(input)
            }));
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

/// An instance with a correlator.
struct Guest {
    store: Store<()>,
    memory: Memory,
    feed: TypedFunc<(i32, u32, u32), i32>,
    drain: TypedFunc<i32, i32>,
    finish: TypedFunc<i32, i32>,
    buffer: u32,
    handle: i32,
}

impl Guest {
    fn new(engine: &Engine, module: &Module, options: &[u8]) -> Guest {
        let mut store = Store::new(engine, ());
        let instance = Instance::new(&mut store, module, &[]).unwrap();
        let memory = instance.get_memory(&mut store, "memory").unwrap();
        let alloc = instance.get_typed_func::<u32, u32>(&mut store, "eqlite_alloc").unwrap();
        let address = alloc.call(&mut store, options.len() as u32).unwrap();
        memory.write(&mut store, address as usize, options).unwrap();
        let new = instance.get_typed_func::<(u32, u32), i32>(&mut store, "eqlite_new").unwrap();
        let handle = new.call(&mut store, (address, options.len() as u32)).unwrap();
        assert!(handle > 0, "refused: {handle}");
        Guest {
            memory,
            feed: instance.get_typed_func(&mut store, "eqlite_feed").unwrap(),
            drain: instance.get_typed_func(&mut store, "eqlite_drain_alerts").unwrap(),
            finish: instance.get_typed_func(&mut store, "eqlite_finish").unwrap(),
            buffer: alloc.call(&mut store, CHUNK as u32).unwrap(),
            store,
            handle,
        }
    }

    fn run(&mut self, input: &[u8]) -> u64 {
        let mut bytes = 0;
        for chunk in input.chunks(CHUNK) {
            self.memory.write(&mut self.store, self.buffer as usize, chunk).unwrap();
            self.feed.call(&mut self.store, (self.handle, self.buffer, chunk.len() as u32)).unwrap();
            bytes += self.drain.call(&mut self.store, self.handle).unwrap();
        }
        self.finish.call(&mut self.store, self.handle).unwrap();
        bytes += self.drain.call(&mut self.store, self.handle).unwrap();
        bytes as u64
    }
}
