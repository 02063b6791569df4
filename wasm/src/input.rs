//! Bytes, cut anywhere, into documents and audit events, for the rooms that take a whole log: [`search`](crate::search),
//! [`ecs`](crate::ecs), [`doctor`](crate::doctor).

use eqlite_core::{
    Format, Host, Limits, Problem,
    auditd::{AuditEvent, Auditd, AuditdOptions, AuditdStats},
    event::{BulkLines, Item, Place, Splitter, json::JsonError},
};

/// What becomes of what is read.
pub(crate) trait Taker {
    /// An audit event.
    fn event(&mut self, event: &AuditEvent<'_>);

    /// A JSON document.
    fn document(&mut self, _document: &str) -> Result<(), JsonError> {
        Ok(())
    }
}

/// A stream of bytes that is being read.
#[derive(Debug)]
pub(crate) struct Input {
    splitter: Splitter,
    lines: Lines,
}

/// Everything but the splitter, which gives it its pieces.
#[derive(Debug)]
struct Lines {
    auditd: Auditd,
    bulk: BulkLines,
    limits: Limits,
    problems: Vec<Problem>,
}

impl Input {
    /// Nothing read yet.
    pub(crate) fn new(format: Format, audit: AuditdOptions, limits: Limits) -> Self {
        let auditd = Auditd::new(AuditdOptions { max_in_flight: limits.audit_in_flight, ..audit });
        let splitter = Splitter::new(format, limits.line_bytes);
        Input { splitter, lines: Lines { auditd, bulk: BulkLines::default(), limits, problems: Vec::new() } }
    }

    /// Reads bytes, cut anywhere.
    pub(crate) fn feed(&mut self, chunk: &[u8], taker: &mut dyn Taker) {
        let Input { splitter, lines } = self;
        splitter.push(chunk, &mut |item, place| lines.item(item, place, taker));
    }

    /// Reads what is left of the last line, and closes open audit events.
    pub(crate) fn finish(&mut self, taker: &mut dyn Taker) {
        let Input { splitter, lines } = self;
        splitter.finish(&mut |item, place| lines.item(item, place, taker));
        lines.auditd.flush(&mut |event| taker.event(event));
    }

    /// The problems since the last call, oldest first.
    pub(crate) fn drain_problems(&mut self) -> Vec<Problem> {
        std::mem::take(&mut self.lines.problems)
    }

    /// What was read of audit records, and what was lost.
    pub(crate) fn audit_stats(&self) -> &AuditdStats {
        self.lines.auditd.stats()
    }
}

impl Lines {
    fn item(&mut self, item: Item<'_>, place: Place, taker: &mut dyn Taker) {
        let outcome = match item {
            Item::Json(document) => self.document(document, taker),
            Item::Audit(line) => self
                .auditd
                .push_line(line, &mut |event| taker.event(event))
                .map_err(|error| ("I004", error.to_string())),
            Item::TooLong => Err(("I003", format!("longer than {} bytes", self.limits.line_bytes))),
        };
        if let Err((code, message)) = outcome
            && self.problems.len() < self.limits.problems
        {
            self.problems.push(Problem::new(code, place, message));
        }
    }

    fn document(&mut self, document: &[u8], taker: &mut dyn Taker) -> Result<(), (&'static str, String)> {
        let text = std::str::from_utf8(document)
            .map_err(|error| ("I002", format!("not UTF-8 at byte {}", error.valid_up_to())))?;
        if self.bulk.skips(text) {
            return Ok(());
        }
        taker.document(text).map_err(|error| ("I001", error.to_string()))
    }
}

/// Options of the host for audit records.
pub(crate) fn audit_options(host: Host) -> AuditdOptions {
    AuditdOptions { host_id: host.id, host_name: host.name, ..AuditdOptions::default() }
}
