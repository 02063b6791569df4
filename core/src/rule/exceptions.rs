//! Exception items, as Kibana exports them with the rules, said in EQL:
//!
//! ```text
//! {"list_id": "trusted", "entries": [
//!    {"field": "process.name", "type": "match_any", "operator": "included", "value": ["rsync", "borg"]},
//!    {"field": "user.id", "type": "match", "operator": "excluded", "value": "0"}]}
//!   -> (process.name == "rsync" or process.name == "borg") and not (user.id == "0" or user.id == 0)
//! ```
//! The entries of an item hold together, the items of a list each for itself. Kibana gives them to Elasticsearch as filters that an event must
//! not pass, before correlation: an excepted event is as if it had not come, and its absence can complete a sequence with `![..]`.
//!
//! An item with an `expire_time` is for the events that happened before it: there is no clock here, only the events'.

use super::{
    Rule, RuleFile,
    translate::{Unsaid, all, any, equal, exists, not, wildcard},
};
use crate::sort::sort;
use crate::{eql::ast::Expr, time::Timestamp};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use serde_json::{Map, Value};

/// The exceptions of all files, by the list they are of.
#[derive(Clone, Debug, Default)]
pub struct Exceptions {
    lists: Vec<(String, Vec<Item>)>,
}

/// One item, said in EQL where that is possible.
#[derive(Clone, Debug)]
struct Item {
    name: String,
    said: Result<Exception, Unsaid>,
    warning: Option<String>,
}

/// Which events are excepted.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Exception {
    /// What holds for them.
    pub condition: Expr,
    /// Only those before this time.
    pub until: Option<Timestamp>,
}

impl Exceptions {
    /// Takes the lists and items of a file. An item that was there already is not taken twice.
    pub fn add(&mut self, file: &RuleFile) {
        for list in &file.exception_lists {
            self.list(word(list, "list_id"), |_| {});
        }
        for item in &file.exception_items {
            let name = word(item, "name");
            let name = if name.is_empty() { word(item, "item_id") } else { name };
            let (said, warning) = match translate_exception(item) {
                Ok((exception, warning)) => (Ok(exception), warning),
                Err(unsaid) => (Err(unsaid), None),
            };
            let known = |known: &Item| match (&known.said, &said) {
                (Ok(one), Ok(other)) => one == other,
                (Err(one), Err(other)) => known.name == name && one == other,
                _ => false,
            };
            self.list(word(item, "list_id"), |items| {
                if !items.iter().any(known) {
                    items.push(Item { name: name.to_string(), said: said.clone(), warning });
                }
            });
        }
    }

    /// Adds to the items of a list, which is made where it is not there yet.
    fn list(&mut self, name: &str, add: impl FnOnce(&mut Vec<Item>)) {
        match self.lists.iter_mut().find(|(known, _)| known == name) {
            Some((_, items)) => add(items),
            None => {
                let mut items = Vec::new();
                add(&mut items);
                self.lists.push((name.to_string(), items));
            }
        }
    }

    /// What is excepted from a rule by the lists that it names, and what of them does not apply as its author might think.
    pub(crate) fn of(&self, rule: &Rule) -> (Vec<&Exception>, Vec<String>) {
        let mut exceptions = Vec::new();
        let mut warnings = Vec::new();
        let named = rule.exceptions_list.iter().filter_map(|list| list.get("list_id").and_then(Value::as_str));
        let mut named: Vec<&str> = named.collect();
        sort(&mut named);
        named.dedup();
        for list in named {
            let Some((_, items)) = self.lists.iter().find(|(known, _)| known == list) else {
                warnings.push(format!("the exception list '{list}' was not given: nothing in it is excepted"));
                continue;
            };
            for item in items {
                match &item.said {
                    Ok(exception) => {
                        exceptions.push(exception);
                        warnings.extend(item.warning.clone());
                    }
                    Err(unsaid) => {
                        let name = &item.name;
                        warnings.push(format!("the exception '{name}' of '{list}' does not apply: {unsaid}"));
                    }
                }
            }
        }
        (exceptions, warnings)
    }
}

/// One exported item, and what its author should know of it.
///
/// # Errors
/// In words, where EQL cannot say it: it needs a large value list, or is malformed.
pub fn translate_exception(item: &Map<String, Value>) -> Result<(Exception, Option<String>), String> {
    let entries = item.get("entries").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if entries.is_empty() {
        return Err("it has no entries".to_string());
    }
    let mut warning = None;
    let mut parts = Vec::new();
    for entry in entries {
        let Some(entry) = entry.as_object() else { return Err("an entry is no object".to_string()) };
        parts.push(if word(entry, "type") == "nested" { nested(entry, &mut warning)? } else { one(entry, "")? });
    }
    parts.extend(systems(item)?);
    let until = match item.get("expire_time") {
        None | Some(Value::Null) => None,
        Some(time) => {
            let time = time.as_str().and_then(Timestamp::parse);
            Some(time.ok_or_else(|| "its expire_time cannot be read".to_string())?)
        }
    };
    Ok((Exception { condition: all(parts), until }, warning))
}

/// Entries about one object of an array of objects. EQL sees the array flattened.
fn nested(entry: &Map<String, Value>, warning: &mut Option<String>) -> Result<Expr, Unsaid> {
    let path = word(entry, "field");
    let entries = entry.get("entries").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if path.is_empty() || entries.is_empty() {
        return Err("a nested entry needs a field and entries".to_string());
    }
    if entries.len() > 1 {
        *warning = Some(format!(
            "an exception about objects in '{path}' also excepts an event in which several of them together fit it"
        ));
    }
    let parts = entries.iter().map(|inner| match inner.as_object() {
        Some(inner) if word(inner, "type") != "nested" => one(inner, path),
        _ => Err("nested entries do not nest".to_string()),
    });
    Ok(all(parts.collect::<Result<Vec<Expr>, Unsaid>>()?))
}

/// One entry about a field, whose path may go on from that of an object.
fn one(entry: &Map<String, Value>, object: &str) -> Result<Expr, Unsaid> {
    let name = word(entry, "field");
    if name.is_empty() {
        return Err("an entry names no field".to_string());
    }
    let path = if object.is_empty() { name.to_string() } else { format!("{object}.{name}") };
    // Elastic's indices keep some fields a second time under this name, in lower case.
    let (path, any_case) = match path.strip_suffix(".caseless") {
        Some(base) => (base, true),
        None => (path.as_str(), false),
    };
    if path.ends_with(".text") {
        return Err(format!("{path} is a text taken word by word"));
    }
    let value = entry.get("value").unwrap_or(&Value::Null);
    let values = || value.as_array().map_or(core::slice::from_ref(value), Vec::as_slice);
    let patterns = || values().iter().map(|value| value.as_str().ok_or("a wildcard is text".to_string()));
    let found = match word(entry, "type") {
        "match" => equal(path, value, any_case)?,
        "match_any" => {
            any(values().iter().map(|value| equal(path, value, any_case)).collect::<Result<Vec<Expr>, Unsaid>>()?)
        }
        "exists" => exists(path),
        "wildcard" => any(patterns()
            .map(|pattern| Ok(wildcard(path, pattern?, any_case)))
            .collect::<Result<Vec<Expr>, Unsaid>>()?),
        "list" => return Err("its values are in a list of their own, which was not exported".to_string()),
        other => return Err(format!("entries of type '{other}' are not known")),
    };
    match word(entry, "operator") {
        "included" => Ok(found),
        "excluded" => Ok(not(found)),
        other => Err(format!("operator is included or excluded, not '{other}'")),
    }
}

/// `os_types`: only events of these systems.
fn systems(item: &Map<String, Value>) -> Result<Option<Expr>, Unsaid> {
    let Some(systems) = item.get("os_types").and_then(Value::as_array).filter(|systems| !systems.is_empty()) else {
        return Ok(None);
    };
    let mut parts = Vec::new();
    for system in systems {
        parts.push(equal("host.os.type", system, true)?);
        parts.push(equal("host.os.name", system, true)?);
    }
    Ok(Some(any(parts)))
}

fn word<'v>(keys: &'v Map<String, Value>, name: &str) -> &'v str {
    keys.get(name).and_then(Value::as_str).unwrap_or("")
}
