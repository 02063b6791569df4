//! `cargo xtask bench`: measures whole paths and the other engines, and writes docs/benchmarks.md and its picture.
//!
//! Arguments: `--rules FOLDER` measures with published rules too, `--no-peers` leaves the other engines out and `--no-wasm` WebAssembly (both
//! take minutes to build), `--quick` is for trying: fewer events, fewer rounds, and nothing is written.

use crate::{
    build::door,
    sh::{at, cargo, command, output, target, write},
};
use anyhow::{Context, Result, bail};
use eqlite_bench::chart::{Series, svg};
use std::{fmt::Write, fs, process::Command};

/// The task.
pub fn run(args: &[String]) -> Result<()> {
    let (mut rules, mut peers, mut wasm, mut quick) = (None, true, true, false);
    let mut words = args.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--rules" => rules = Some(words.next().context("--rules wants a folder")?),
            "--no-peers" => peers = false,
            "--no-wasm" => wasm = false,
            "--quick" => quick = true,
            other => bail!("{other}: what is that? --rules FOLDER, --no-peers, --no-wasm, --quick"),
        }
    }
    let effort: &[&str] = if quick { &["--events", "4000", "--rounds", "3"] } else { &[] };
    let mut paths = cargo("bench --quiet --package eqlite-core --bench paths --");
    paths.args(effort);
    if let Some(folder) = rules {
        paths.arg("--rules").arg(fs::canonicalize(folder).with_context(|| folder.clone())?);
    }
    let own = results(&output(&mut paths)?);
    let others = if peers {
        results(&output(cargo("run --quiet --release --manifest-path peers/Cargo.toml --").args(if quick {
            &["--events", "2000", "--rounds", "1"] as &[&str]
        } else {
            &[]
        }))?)
    } else {
        Vec::new()
    };
    let wasm = if wasm { in_wasm(quick)? } else { Vec::new() };
    let page = page(&own, &others, &wasm)?;
    print!("{page}");
    if !quick {
        write(&at("docs/benchmarks.md"), page.as_bytes())?;
        write(&at("docs/benchmarks.svg"), picture(&own, &others).as_bytes())?;
    }
    Ok(())
}

/// The plain module, with the vectors of WebAssembly and without, in Node and in wasmtime, on the bytes of the native run.
fn in_wasm(quick: bool) -> Result<Results> {
    let (events, rounds) = if quick { ("2000", "2") } else { ("10000", "7") };
    let folder = target().join("bench");
    let folder = folder.to_string_lossy();
    output(cargo("bench --quiet --package eqlite-core --bench paths -- --events").args([events, "--write", &folder]))?;
    let modules = [("plain", door("abi", false)?), ("simd128", door("abi", true)?)];
    let modules = modules.map(|(name, path)| format!("{name}={}", path.display()));
    let arguments = [&*folder, rounds, &modules[0], &modules[1]];
    let node = output(command("node", ["bench/wasm/node.mjs"]).args(arguments))?;
    let wasmtime = output(cargo("bench --quiet --package eqlite-host --bench wasm --").args(arguments))?;
    Ok([results(&node), results(&wasmtime)].concat())
}

type Results = Vec<(String, f64)>;

/// The lines that begin with `result`: a name, and nanoseconds an event.
fn results(text: &str) -> Results {
    text.lines()
        .filter_map(|line| {
            let mut parts = line.strip_prefix("result\t")?.split('\t');
            Some((parts.next()?.to_string(), parts.next()?.parse().ok()?))
        })
        .collect()
}

fn find(results: &Results, name: &str) -> Option<f64> {
    results.iter().find(|(known, _)| known == name).map(|(_, nanos)| *nanos)
}

fn page(own: &Results, others: &Results, wasm: &Results) -> Result<String> {
    let skip = find(own, "skip").context("the baseline is missing")?;
    let mut page = String::from(
        "# Benchmarks\n\nWritten by `cargo xtask bench`; do not edit. What was done to get there, and where the time goes: [performance.md](performance.md).\n\n",
    );
    let _ = writeln!(page, "{}.\n", machine(!others.is_empty())?);
    page.push_str(
        "One thread, CPU time, medians of rounds in which all took turns. The events are made up (`bench/`): ECS documents like Auditbeat's of \
         about 1,461 bytes, 60 % execve, 15 % socket, 15 % connect, 50 hosts; the records are the same scenes. What is found is held against \
         what the generator wrote down before anything is timed. *skip* is `serde_json` reading the same documents into `IgnoredAny`, which \
         builds nothing and checks no UTF-8; lines are cut for it beforehand. Compare ratios, not nanoseconds: the machine was not idle.\n\n\
         ## From bytes to alerts\n\n| | ns an event | of *skip* |\n|---|---:|---:|\n",
    );
    for (name, nanos) in own.iter().filter(|(name, _)| name != "load 1000" && !name.starts_with("partial bytes")) {
        let _ = writeln!(page, "| {} | {nanos:.0} | {:.2} |", title(name), nanos / skip);
    }
    page.push_str("\n![ns an event against the number of rules](benchmarks.svg)\n");
    if let (Some(sequence), Some(sample)) = (find(own, "partial bytes"), find(own, "partial bytes of a sample")) {
        let _ = writeln!(
            page,
            "\nA million live partials of a sequence of two stages, each with a key of its own: {sequence:.0} bytes each beside the bytes of the \
             event; of a sample: {sample:.0} (resident memory, what the allocator adds included)."
        );
    }
    if !wasm.is_empty() {
        page.push_str(&hosts(own, wasm));
    }
    if !others.is_empty() {
        page.push_str(
            "\n## Other engines, bytes in to matches out\n\nThe UDP rule in Sigma is \
             three rules and a temporal correlation. Of the made rules every stage is a rule of its own there, since only eqlite knows EQL's \
             sequences and samples; the number of matches is the same from all. linux-audit-parser only parses records, one by one.\n\n\
             | | ns an event | of eqlite |\n|---|---:|---:|\n",
        );
        for (name, nanos) in others {
            let work = name.split_once(' ').map_or("", |(_, work)| work);
            let ours = find(others, &format!("eqlite {work}")).unwrap_or(*nanos);
            let _ = writeln!(
                page,
                "| {name}{} | {nanos:.0} | {:.1} |",
                if work == "audit" { "" } else { " rules" },
                nanos / ours
            );
        }
    }
    Ok(page)
}

/// WebAssembly beside the native build, on the same bytes.
fn hosts(own: &Results, wasm: &Results) -> String {
    let mut table = String::from(
        "\n## In WebAssembly\n\nThe plain module before `wasm-opt`, which changes its time by no more than the noise, with the \
         vectors of WebAssembly (`simd128`) and built without; wasmtime without \
         epochs. Instances go on from round to round, as the native process does. In brackets: of the native build.\n\n| | native | Node | Node, `simd128` | wasmtime | wasmtime, `simd128` |\n|---|---:|---:|---:|---:|---:|\n",
    );
    let rows = [
        ("rules 1", "the UDP rule, ns an event", 1.0),
        ("rules 1000", "1,000 made rules, ns an event", 1.0),
        ("audit 1", "audit records, the UDP rule, ns an event", 1.0),
        ("load 1000", "loading 1,000 rules, ms", 1e6),
        ("compile", "compiling and instantiating, ms", 1e6),
    ];
    for (name, title, unit) in rows {
        let native = find(own, name);
        let digits = if unit > 1.0 { 1 } else { 0 };
        let _ = write!(
            table,
            "| {title} | {} |",
            native.map_or(String::new(), |native| format!("{:.digits$}", native / unit))
        );
        for host in ["node plain", "node simd128", "wasmtime plain", "wasmtime simd128"] {
            let Some(nanos) = find(wasm, &format!("{host} {name}")) else {
                table.push_str(" |");
                continue;
            };
            let ratio = native.map_or(String::new(), |native| format!(" ({:.2})", nanos / native));
            let _ = write!(table, " {:.digits$}{ratio} |", nanos / unit);
        }
        table.push('\n');
    }
    table
}

fn title(name: &str) -> String {
    match name.split_once(' ') {
        _ if name == "skip" => "*skip*: `serde_json` IgnoredAny".into(),
        _ if name == "value" => "`serde_json::Value`".into(),
        _ if name == "newline scan" => "memchr for line ends".into(),
        Some(("rules", "1")) => "the UDP rule".into(),
        Some(("rules", count)) => format!("{count} made rules"),
        Some(("published", count)) => format!("{count} published rules"),
        Some(("audit", "1")) => "audit records, the UDP rule".into(),
        Some(("audit", count)) => format!("audit records, {count} made rules"),
        _ => name.into(),
    }
}

fn machine(with_peers: bool) -> Result<String> {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown processor", |name| name.trim_start_matches(['\t', ':', ' ']));
    let rustc = output(Command::new("rustc").arg("--version"))?;
    let lock = fs::read_to_string(at("Cargo.lock"))?;
    let version = |name: &str| {
        let after = lock.split(&format!("name = \"{name}\"\nversion = \"")).nth(1);
        after.and_then(|after| after.split('"').next()).unwrap_or("?").to_string()
    };
    let peers = fs::read_to_string(at("peers/Cargo.lock")).unwrap_or_default();
    let peer = |name: &str| {
        let after = peers.split(&format!("name = \"{name}\"\nversion = \"")).nth(1);
        after.and_then(|after| after.split('"').next()).unwrap_or("?").to_string()
    };
    let mut line = format!(
        "Measured on {model}, {}, with {}, serde_json {}",
        std::env::consts::ARCH,
        rustc.trim(),
        version("serde_json")
    );
    if with_peers {
        for name in ["rsigma-eval", "tau-engine", "linux-audit-parser"] {
            let _ = write!(line, ", {name} {}", peer(name));
        }
    }
    Ok(line)
}

fn picture(own: &Results, others: &Results) -> String {
    let series = |label: &str, results: &Results, prefix: &str| {
        let points = results.iter().filter_map(|(name, nanos)| {
            let count = name.strip_prefix(prefix)?.strip_prefix(' ')?.parse().ok()?;
            Some((count, *nanos))
        });
        Series { name: label.to_string(), points: points.collect() }
    };
    let mut all = vec![
        series("eqlite", own, "rules"),
        series("eqlite, audit records", own, "audit"),
        series("rsigma-eval", others, "rsigma-eval"),
        series("tau-engine", others, "tau-engine"),
    ];
    if let Some(skip) = find(own, "skip") {
        all.push(Series { name: "serde_json: skip".into(), points: vec![(1.0, skip), (1_000.0, skip)] });
    }
    all.retain(|series| !series.points.is_empty());
    svg("Nanoseconds an event against number of rules", &all)
}
