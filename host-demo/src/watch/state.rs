//! The state file: one line of JSON, then the snapshot of the correlator. It is replaced whole, never written in place.
//!
//! ```text
//! {"version":1,"run":"5f..","delivered":3,"output":2210,"position":{"file":{"device":1,"inode":7,..},"offset":8812,..}}
//! eqlite...
//! ```

use super::follow::Position;
use crate::cli::Watch;
use serde_json::{Value, json};
use std::{
    fmt,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Raised with every change of what is kept.
const VERSION: u64 = 1;

/// All that is needed to go on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct State {
    /// How far the log has been read; `None`: it was not there yet.
    pub(super) position: Option<Position>,
    /// Alerts that went out.
    pub(super) delivered: u64,
    /// How long the file of alerts was then, in bytes.
    pub(super) output: Option<u64>,
    /// What keys of alerts begin with.
    pub(super) run: String,
    /// The correlator's.
    pub(super) snapshot: Vec<u8>,
}

/// Where states are kept, or that none are.
#[derive(Debug)]
pub(super) struct Store {
    path: Option<PathBuf>,
    /// Held as long as the process lives, so that no second one works on the same state.
    _lock: Option<File>,
}

impl Store {
    /// The store that was asked for, locked.
    pub(super) fn open(watch: &Watch) -> Result<Store, String> {
        let beside = |output: &PathBuf| with_more(output, ".state");
        let Some(path) = watch.state.clone().or_else(|| watch.output.as_ref().map(beside)) else {
            return Ok(Store { path: None, _lock: None });
        };
        let lock = File::create(with_more(&path, ".lock")).map_err(|error| format!("{}: {error}", path.display()))?;
        lock.try_lock().map_err(|_| format!("{}: another watch uses it", path.display()))?;
        Ok(Store { path: Some(path), _lock: Some(lock) })
    }

    /// Whether states are kept at all.
    pub(super) fn is_kept(&self) -> bool {
        self.path.is_some()
    }

    /// The last state; `None` where there is none yet.
    pub(super) fn read(&self) -> Result<Option<State>, String> {
        let Some(path) = &self.path else { return Ok(None) };
        match fs::read(path) {
            Ok(bytes) => {
                State::from_bytes(&bytes).map(Some).ok_or_else(|| format!("{self} is not a state of this version"))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("{self}: {error}")),
        }
    }

    /// Puts this state in place of the last one: after a crash there is one of them, whole.
    pub(super) fn write(&self, state: &State) -> Result<(), String> {
        let Some(path) = &self.path else { return Ok(()) };
        replace(path, &state.to_bytes()).map_err(|error| format!("{self}: {error}"))
    }
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the state {}", self.path.as_deref().unwrap_or(Path::new("-")).display())
    }
}

impl State {
    fn to_bytes(&self) -> Vec<u8> {
        let header = json!({
            "version": VERSION,
            "run": self.run,
            "delivered": self.delivered,
            "output": self.output,
            "position": self.position.as_ref().map(Position::to_json),
        });
        let mut bytes = header.to_string().into_bytes();
        bytes.push(b'\n');
        bytes.extend_from_slice(&self.snapshot);
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<State> {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let (header, rest) = bytes.split_at(end);
        let header: Value = serde_json::from_slice(header).ok()?;
        if header.get("version")?.as_u64()? != VERSION {
            return None;
        }
        Some(State {
            position: match header.get("position")? {
                Value::Null => None,
                position => Some(Position::from_json(position)?),
            },
            delivered: header.get("delivered")?.as_u64()?,
            output: header.get("output")?.as_u64(),
            run: header.get("run")?.as_str()?.to_string(),
            snapshot: rest.get(1..)?.to_vec(),
        })
    }
}

/// Writes beside the file, then takes its name.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = with_more(path, ".new");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    // The name, too, must outlive a loss of power.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn with_more(path: &Path, more: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(more);
    PathBuf::from(name)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let state =
            State { position: None, delivered: 3, output: Some(20), run: "ab".to_string(), snapshot: vec![10, 0, 10] };
        let bytes = state.to_bytes();
        assert_eq!(State::from_bytes(&bytes), Some(state));
        assert_eq!(State::from_bytes(b"{}\n"), None);
        assert_eq!(State::from_bytes(&bytes[..20]), None);
    }
}
