use eqlite_core::event::{FieldTable, Slots, json};
use std::time::Instant;
fn main() {
    let data = std::fs::read_to_string("/tmp/bench/ecs.ndjson").unwrap();
    let docs: Vec<&str> = data.lines().take(5000).collect();
    let mut slots = Slots::default();
    let table = |paths: &[&str]| {
        let mut t = FieldTable::default();
        for p in paths {
            t.intern(p);
        }
        t
    };
    let (t0, t4, t12) = (
        table(&[]),
        table(&["@timestamp", "process.name", "auditd.data.a0", "auditd.data.a1"]),
        table(&[
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
        ]),
    );
    let mut best = [f64::MAX; 5];
    for _ in 0..40 {
        for which in 0..5 {
            let t = Instant::now();
            for d in &docs {
                match which {
                    0 => json::project(d, &t0, &mut slots, 64).unwrap(),
                    1 => json::project(d, &t4, &mut slots, 64).unwrap(),
                    2 => json::project(d, &t12, &mut slots, 64).unwrap(),
                    3 => {
                        std::hint::black_box(std::str::from_utf8(std::hint::black_box(d.as_bytes())).unwrap());
                    }
                    _ => {
                        std::hint::black_box(serde_json::from_slice::<serde::de::IgnoredAny>(d.as_bytes()).unwrap());
                    }
                }
            }
            let e = t.elapsed().as_nanos() as f64 / docs.len() as f64;
            if e < best[which] {
                best[which] = e;
            }
        }
    }
    for (n, b) in ["empty", "four", "twelve", "utf8", "skip"].iter().zip(best) {
        println!("{n:<8} {b:6.0} ns {:5.2}", b / best[4]);
    }
}
