//! Where the alerts of a watch go: stdout, a file in which each stands once, or a webhook.

use super::state::State;
use crate::{
    cli::{Output, Watch},
    output::Printer,
};
use std::{
    fs::{File, OpenOptions},
    io::{Seek, SeekFrom, Write},
    path::PathBuf,
    thread,
    time::Duration,
};

/// The longest time between two attempts.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why an alert did not go out.
#[derive(Debug)]
pub(super) enum Gone {
    /// Nobody reads stdout any more.
    Reader,
    /// It cannot be written, or was refused for good.
    Failed(String),
}

/// Where alerts go.
pub(super) struct Sink {
    /// What the keys of this watch's alerts begin with, kept in its state.
    run: String,
    to: To,
}

enum To {
    Stdout(Printer),
    File { path: PathBuf, file: File, length: u64 },
    Webhook { url: String, agent: ureq::Agent },
}

impl Sink {
    /// Opens what was asked for; a file is cut back to what the state knows of it.
    pub(super) fn open(watch: &Watch, state: Option<&State>) -> Result<Sink, String> {
        let run = state.map_or_else(new_run, |state| state.run.clone());
        let to = match (&watch.output, &watch.webhook) {
            (Some(_), _) if watch.form == Output::Table => {
                return Err("a file takes no table: choose another --form".to_string());
            }
            (_, Some(_)) if watch.form == Output::Table => {
                return Err("a webhook takes no table: choose another --form".to_string());
            }
            (Some(path), _) => {
                let failed = |error| format!("{}: {error}", path.display());
                let mut file =
                    OpenOptions::new().create(true).truncate(false).write(true).open(path).map_err(failed)?;
                let now = file.metadata().map_err(failed)?.len();
                let length = match state.and_then(|state| state.output) {
                    None => now,
                    Some(length) if length <= now => length,
                    Some(_) => {
                        return Err(format!(
                            "{}: it is shorter than the state says; begin anew with another --state",
                            path.display()
                        ));
                    }
                };
                file.set_len(length).map_err(failed)?;
                file.seek(SeekFrom::End(0)).map_err(failed)?;
                To::File { path: path.clone(), file, length }
            }
            (None, Some(url)) => {
                if !url.starts_with("http://") {
                    return Err(format!(
                        "{url}: a webhook is an address that begins with http:// (TLS is left to a proxy)"
                    ));
                }
                let config =
                    ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).build();
                To::Webhook { url: url.clone(), agent: config.into() }
            }
            (None, None) => To::Stdout(Printer::new(watch.form)),
        };
        Ok(Sink { run, to })
    }

    /// Sends alerts out, of which `number` went out before.
    pub(super) fn deliver(&mut self, alerts: &[String], number: u64) -> Result<(), Gone> {
        match &mut self.to {
            To::Stdout(printer) => printer.alerts(alerts).map_err(|_| Gone::Reader),
            To::File { path, file, length } => {
                let lines: String = alerts.iter().flat_map(|alert| [alert, "\n"]).collect();
                file.write_all(lines.as_bytes())
                    .map_err(|error| Gone::Failed(format!("{}: {error}", path.display())))?;
                *length = length.saturating_add(lines.len() as u64);
                Ok(())
            }
            To::Webhook { url, agent } => (number..).zip(alerts).try_for_each(|(number, alert)| {
                post(agent, url, &format!("{}-{number}", self.run), alert).map_err(Gone::Failed)
            }),
        }
    }

    /// Whether what went out can be taken back.
    pub(super) fn can_be_cut(&self) -> bool {
        matches!(self.to, To::File { .. })
    }

    /// Makes sure that what went out is on the disk.
    pub(super) fn sync(&self) -> Result<(), String> {
        match &self.to {
            To::File { path, file, .. } => file.sync_data().map_err(|error| format!("{}: {error}", path.display())),
            To::Stdout(_) | To::Webhook { .. } => Ok(()),
        }
    }

    /// How long the file is.
    pub(super) fn length(&self) -> Option<u64> {
        match &self.to {
            To::File { length, .. } => Some(*length),
            To::Stdout(_) | To::Webhook { .. } => None,
        }
    }

    /// What keys begin with.
    pub(super) fn run(&self) -> &str {
        &self.run
    }
}

/// Posts an alert until it is taken. What the receiver refuses for good (4xx but 408 and 429) ends the watch: nothing is dropped in silence.
fn post(agent: &ureq::Agent, url: &str, key: &str, alert: &str) -> Result<(), String> {
    let mut wait = Duration::from_millis(250);
    loop {
        let sent =
            agent.post(url).header("Content-Type", "application/json").header("Idempotency-Key", key).send(alert);
        let why = match sent {
            Ok(answer) if answer.status().is_success() => return Ok(()),
            Ok(answer) if answer.status().is_client_error() && ![408, 429].contains(&answer.status().as_u16()) => {
                return Err(format!("{url}: refused with {}", answer.status()));
            }
            Ok(answer) => answer.status().to_string(),
            Err(error) => error.to_string(),
        };
        eprintln!("eqlite: {url}: {why}; again in {:.1} s", wait.as_secs_f64());
        thread::sleep(wait);
        wait = wait.saturating_mul(2).min(PATIENCE);
    }
}

/// Something that no other watch has.
fn new_run() -> String {
    use std::hash::{BuildHasher, RandomState};
    format!("{:016x}", RandomState::new().hash_one(std::process::id()))
}
