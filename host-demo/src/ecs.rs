//! `eqlite ecs`: audit logs in, the ECS documents of Auditbeat or Auditd Manager out, as NDJSON.

use crate::{
    cli::{Ecs, Outcome},
    engine::{Host, Problem},
    input::{self, Reader, Stop},
    output::at,
    tools::AuditReader,
};
use serde_json::{Value, json};
use std::io::{self, StdoutLock, Write};

/// Runs the command.
pub fn run(ecs: &Ecs) -> Result<Outcome, String> {
    let options = json!({
        "profile": ecs.profile.name(),
        "compat": ecs.compat.map(|compat| compat.name()),
        "includeRaw": ecs.include_raw,
        "includeWarnings": ecs.include_warnings,
        "enrichedNames": ecs.enriched_names,
        "host": ecs.host.to_json(),
    });
    let reader = Host::new(&ecs.sandbox)?.audit_reader(&options.to_string())?;
    let mut writer = Writer { reader, out: io::BufWriter::new(io::stdout().lock()) };
    let done = input::read(&ecs.files, &mut writer)?;
    if !done.reader_left {
        let stats: Value = serde_json::from_str(&writer.reader.stats()?).unwrap_or_default();
        let count = |name: &str| at(&stats, name).as_u64().unwrap_or(0);
        let (events, records, malformed) = (count("events"), count("records"), count("malformed"));
        eprintln!(
            "{events} events of {records} records, {malformed} malformed lines, {} events lost",
            count("lostSerials")
        );
    }
    Ok(done.outcome)
}

struct Writer {
    reader: AuditReader,
    out: io::BufWriter<StdoutLock<'static>>,
}

impl Reader for Writer {
    fn feed(&mut self, piece: &[u8]) -> Result<(), String> {
        self.reader.feed(piece)
    }

    fn finish(&mut self) -> Result<(), String> {
        self.reader.finish()
    }

    fn problems(&mut self) -> Result<Vec<Problem>, String> {
        self.reader.drain_problems()
    }

    fn output(&mut self) -> Result<(), Stop> {
        let documents = self.reader.drain().map_err(Stop::Engine)?;
        if documents.is_empty() {
            return Ok(());
        }
        self.out.write_all(documents.as_bytes()).and_then(|()| self.out.flush()).map_err(|_| Stop::ReaderLeft)
    }
}
