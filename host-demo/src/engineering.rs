//! `eqlite explain`, and `eqlite scan --as-kibana`: the interface `engineering` of the component, on files read whole.

use crate::{
    cli::{Explain, Explained, Outcome, Output, Scan},
    engine::{Failure, Host, Instance, Refused},
    input::PIECE,
    rules::read_or_built_in,
};
use serde_json::{Value, json};
use std::{
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

impl Host {
    /// Why a rule alerts or not; `rules` is a JSON array, the options are an object that `eqlite.wit` describes.
    pub fn explain(&self, rules: &str, documents: &[u8], options: &str) -> Result<String, Refused> {
        let answer = self
            .patient(documents)?
            .call(|all, store| all.eqlite_correlator_engineering().call_explain(store, rules, documents, options))?;
        answer.map_err(Refused::Failure)
    }

    /// What Kibana's schedule would find beside the stream.
    pub fn replay(&self, rules: &str, documents: &[u8], options: &str) -> Result<String, Refused> {
        let answer = self
            .patient(documents)?
            .call(|all, store| all.eqlite_correlator_engineering().call_replay(store, rules, documents, options))?;
        answer.map_err(Refused::Failure)
    }

    /// An instance whose deadline grows with the input.
    fn patient(&self, documents: &[u8]) -> Result<Instance, Refused> {
        let mut instance = self.instance()?;
        instance.allow(documents.len().div_ceil(PIECE));
        Ok(instance)
    }
}

/// `eqlite explain`
pub fn explain(explain: &Explain) -> Result<Outcome, String> {
    let mut outcome = Outcome::Done;
    let rules = Value::Array(read_or_built_in(&explain.rules.paths, &mut outcome)).to_string();
    let documents = read_whole(&explain.files, &mut outcome);
    let output = match explain.output {
        Explained::Text => "text",
        Explained::Json => "json",
    };
    let mut options = json!({"id": explain.rule, "output": output});
    explain.input.add_to(&mut options);
    let answer = Host::new(&explain.sandbox)?.explain(&rules, &documents, &options.to_string());
    print(&answer.map_err(told)?);
    Ok(outcome)
}

/// `eqlite scan --as-kibana INTERVAL`
pub fn as_kibana(scan: &Scan, interval: &str) -> Result<Outcome, String> {
    let output = match scan.output {
        None | Some(Output::Table) => "text",
        Some(Output::Ndjson) => "json",
        Some(Output::Kibana | Output::Signal) => {
            return Err(
                "--as-kibana prints a comparison: as text (--output table) or as JSON (--output ndjson)".to_string()
            );
        }
    };
    let mut outcome = Outcome::Done;
    let rules = Value::Array(read_or_built_in(&scan.rules.paths, &mut outcome)).to_string();
    let documents = read_whole(&scan.files, &mut outcome);
    let mut options = json!({
        "output": output,
        "skipInvalid": true,
        "ignoreFilters": scan.behaviour.ignore_filters,
        "maxSignals": scan.behaviour.max_signals,
        "allowedLateness": scan.behaviour.allowed_lateness,
    });
    scan.input.add_to(&mut options);
    if let Some(options) = options.as_object_mut().filter(|_| interval != "rule") {
        options.insert("interval".to_string(), interval.into());
    }
    let answer = Host::new(&scan.sandbox)?.replay(&rules, &documents, &options.to_string());
    print(&answer.map_err(told)?);
    Ok(outcome)
}

/// All files as one, each with its last line ended.
fn read_whole(files: &[PathBuf], outcome: &mut Outcome) -> Vec<u8> {
    let mut all = Vec::new();
    for path in files {
        let read = match path == Path::new("-") {
            true => io::stdin().lock().read_to_end(&mut all).map(drop),
            false => fs::read(path).map(|mut bytes| all.append(&mut bytes)),
        };
        if let Err(error) = read {
            eprintln!("eqlite: {}: {error}", path.display());
            *outcome = Outcome::Incomplete;
        }
        if all.last().is_some_and(|last| *last != b'\n') {
            all.push(b'\n');
        }
    }
    all
}

fn print(answer: &str) {
    // Whoever reads may have left: that is no fault.
    let _ = writeln!(io::stdout().lock(), "{}", answer.trim_end());
}

/// The findings for a person on stderr, and what the command ends with.
fn told(refused: Refused) -> String {
    if let Refused::Failure(Failure { diagnostics, .. }) = &refused {
        diagnostics.iter().for_each(|finding| eprintln!("{}", finding.rendered.trim_end()));
    }
    refused.into()
}
