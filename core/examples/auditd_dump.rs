//! Reads audit records from standard input, writes ECS documents.
use std::io::Read as _;
fn main() {
    let mut options = eqlite_core::auditd::AuditdOptions::default();
    for arg in std::env::args().skip(1) {
        match arg.as_str() {
            "compat" => options.compat = eqlite_core::auditd::Compat::GoLibaudit,
            "manager" => options.profile = eqlite_core::auditd::Profile::AuditdManager,
            "warn" => options.include_warnings = true,
            "names" => options.enriched_names = true,
            _ => {}
        }
    }
    let mut bytes = Vec::new();
    let _ = std::io::stdin().read_to_end(&mut bytes);
    let mut out = String::new();
    let mut auditd = eqlite_core::auditd::Auditd::new(options);
    let mut emit = |event: &eqlite_core::auditd::AuditEvent<'_>| {
        event.write_json(&mut out);
        out.push('\n');
    };
    let start = std::time::Instant::now();
    for line in bytes.split(|&byte| byte == b'\n') {
        if let Err(error) = auditd.push_line(line, &mut emit) {
            eprintln!("{error}");
        }
    }
    auditd.flush(&mut emit);
    eprintln!("{:?} {:?}", start.elapsed(), auditd.stats());
    print!("{out}");
}
