//! Rule files as the component takes them: a name and a text each.

use crate::{cli::Outcome, input};
use serde_json::{Value, json};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// What is run where no rule is named.
const BUILT_IN: (&str, &str) =
    ("rules/linux/udp_reverse_shell.toml", include_str!("../../rules/linux/udp_reverse_shell.toml"));

/// The rules at these paths, or the one inside this program where there are none.
pub(crate) fn read_or_built_in(paths: &[PathBuf], outcome: &mut Outcome) -> Vec<Value> {
    if paths.is_empty() { vec![json!({"file": BUILT_IN.0, "text": BUILT_IN.1})] } else { read(paths, outcome) }
}

/// The rule files at these paths; folders are gone through. What cannot be read is reported.
pub(crate) fn read(paths: &[PathBuf], outcome: &mut Outcome) -> Vec<Value> {
    let mut files = Vec::new();
    let mut failed = |path: &Path, error: &io::Error| {
        eprintln!("eqlite: {}: {error}", path.display());
        *outcome = Outcome::Incomplete;
    };
    for path in paths {
        if let Err((path, error)) = gather(path, &mut files) {
            failed(&path, &error);
        }
    }
    let mut rules = Vec::new();
    for path in files {
        match input::text(&path) {
            Ok(text) => rules.push(json!({"file": input::name(&path), "text": text})),
            Err(error) => failed(&path, &error),
        }
    }
    rules
}

/// The file, the rule files below the folder, or those that the pattern fits, in the order of their names.
fn gather(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), (PathBuf, io::Error)> {
    let here = |error| (path.to_path_buf(), error);
    let pattern = path.to_str().filter(|text| text.contains(['*', '?', '[']) && !path.exists());
    if let Some(pattern) = pattern {
        let invalid = |error: glob::PatternError| here(io::Error::new(io::ErrorKind::InvalidInput, error));
        let before = files.len();
        for found in glob::glob(pattern).map_err(invalid)? {
            let found = found.map_err(|error| (error.path().to_path_buf(), io::Error::from(error)))?;
            files.extend(Some(found).filter(|found| found.is_file()));
        }
        let none = || here(io::Error::new(io::ErrorKind::NotFound, "no file fits the pattern"));
        return if files.len() == before { Err(none()) } else { Ok(()) };
    }
    if path == Path::new("-") || !fs::metadata(path).map_err(here)?.is_dir() {
        files.push(path.to_path_buf());
        return Ok(());
    }
    let entries = fs::read_dir(path).map_err(here)?;
    let mut below =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>().map_err(here)?;
    below.sort();
    for entry in below {
        let rule = entry.extension().is_some_and(|ext| ["toml", "json", "ndjson"].iter().any(|known| ext == *known));
        if rule || entry.is_dir() {
            gather(&entry, files)?;
        }
    }
    Ok(())
}
