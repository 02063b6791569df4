use eqlite_core::event::{FieldTable, Slots, json};
use std::time::Instant;
fn main() {
    let data = std::fs::read_to_string("/tmp/bench/ecs.ndjson").unwrap();
    let docs: Vec<&str> = data.lines().take(20000).collect();
    let run = |name: &str, f: &mut dyn FnMut(&str)| {
        let mut best = f64::MAX;
        for _ in 0..15 {
            let t = Instant::now();
            for d in &docs {
                f(d);
            }
            best = best.min(t.elapsed().as_nanos() as f64 / docs.len() as f64);
        }
        println!("{name:<20} {best:8.0} ns");
    };
    let mut slots = Slots::default();
    let t0 = FieldTable::default();
    run("empty", &mut |d| json::project(d, &t0, &mut slots, 64).unwrap());
    let mut t = FieldTable::default();
    for p in ["@timestamp", "process.name", "auditd.data.a0", "auditd.data.a1"] {
        t.intern(p);
    }
    run("four", &mut |d| json::project(d, &t, &mut slots, 64).unwrap());
    let mut t = FieldTable::default();
    for p in [
        "@timestamp",
        "process.name",
        "auditd.data.a0",
        "auditd.data.a1",
        "host.os.type",
        "event.action",
        "event.category",
        "auditd.data.syscall",
        "process.pid",
        "process.parent.pid",
        "host.id",
        "destination.ip",
    ] {
        t.intern(p);
    }
    run("twelve", &mut |d| json::project(d, &t, &mut slots, 64).unwrap());
    run("utf8", &mut |d| {
        std::hint::black_box(std::str::from_utf8(std::hint::black_box(d.as_bytes())).unwrap());
    });
    run("skip", &mut |d| {
        std::hint::black_box(serde_json::from_slice::<serde::de::IgnoredAny>(d.as_bytes()).unwrap());
    });
}
