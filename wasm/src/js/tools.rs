//! What JavaScript has beside the correlator: `search`, `Search`, `check`, `parseAuditLog`, `AuditReader`, `doctor`.
#![allow(unreachable_pub, reason = "wasm-bindgen takes what is `pub`")]

use super::{JSON, Pieces, bytes, error, refused, stringify, whole, wrong_type};
use crate::{check, doctor, ecs, engine::json, search};
use js_sys::{Array, Date, Object, Reflect};
use std::cell::{RefCell, RefMut};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

/// Data that are complete, to be searched.
#[wasm_bindgen(skip_typescript)]
pub struct Search(RefCell<search::Search>, Pieces);

#[wasm_bindgen]
impl Search {
    /// Without data.
    #[wasm_bindgen(constructor, skip_typescript)]
    pub fn new(options: &JsValue) -> Result<Search, JsValue> {
        let search = search::Search::new(&option_text(options)?).map_err(|failure| refused(&failure))?;
        Ok(Search(RefCell::new(search), Pieces::default()))
    }

    /// Begins an index.
    #[wasm_bindgen(skip_typescript)]
    pub fn add(&self, name: &str, mapping: &JsValue) -> Result<(), JsValue> {
        let mapping = match mapping {
            none if none.is_undefined() || none.is_null() => None,
            mapping => Some(match mapping.as_string() {
                Some(text) => text,
                None => stringify(mapping, "mapping")?,
            }),
        };
        self.end_of_text()?;
        self.room()?.add(name, mapping.as_deref()).map_err(|failure| refused(&failure))
    }

    /// Feeds bytes or text to the last index, cut anywhere.
    #[wasm_bindgen(skip_typescript)]
    pub fn feed(&self, chunk: &JsValue) -> Result<(), JsValue> {
        self.room()?.feed(&self.1.next(chunk, "feed")?);
        Ok(())
    }

    /// Searches all indices.
    #[wasm_bindgen(skip_typescript)]
    pub fn run(&self, query: &str, options: &JsValue) -> Result<JsValue, JsValue> {
        self.end_of_text()?;
        let answer = self.room()?.run(query, &option_text(&with_now(options)?)?);
        JSON::parse(&answer.map_err(|failure| refused(&failure))?)
    }

    /// The problems of the data since the last call.
    #[wasm_bindgen(js_name = drainProblems, skip_typescript)]
    pub fn drain_problems(&self) -> Result<JsValue, JsValue> {
        JSON::parse(&json(&self.room()?.drain_problems()))
    }

    /// The text of an index has come to its end, be it inside a character.
    fn end_of_text(&self) -> Result<(), JsValue> {
        let rest = self.1.rest();
        if !rest.is_empty() {
            self.room()?.feed(&rest);
        }
        Ok(())
    }

    fn room(&self) -> Result<RefMut<'_, search::Search>, JsValue> {
        self.0.try_borrow_mut().map_err(|_| in_use())
    }
}

/// Searches data given at once.
#[wasm_bindgen(js_name = search, skip_typescript)]
pub fn search_once(query: &str, data: &JsValue, options: &JsValue) -> Result<JsValue, JsValue> {
    let (reading, asking) = split(options, &["format", "host", "limits"])?;
    let search = Search::new(&reading)?;
    for (number, source) in sources(data).into_iter().enumerate() {
        let (data, mapping, name) = match source.dyn_ref::<Object>().filter(|source| is_source(source)) {
            Some(source) => (get(source, "data"), get(source, "mapping"), get(source, "name").as_string()),
            None => (source, JsValue::UNDEFINED, None),
        };
        let name = name.unwrap_or_else(|| if number == 0 { "data".to_string() } else { format!("data-{number}") });
        search.add(&name, &mapping)?;
        match data.dyn_ref::<Array>() {
            Some(documents) => {
                for document in documents.iter() {
                    let mut line = stringify(&document, "data")?.into_bytes();
                    line.push(b'\n');
                    search.room()?.feed(&line);
                }
            }
            None => search.room()?.feed(&whole(&data, "search")?),
        }
    }
    let answer = search.run(query, &asking)?;
    let problems: Array = search.drain_problems()?.unchecked_into();
    if problems.length() > 0 {
        Reflect::set(&answer, &"problems".into(), &problems)?;
    }
    Ok(answer)
}

/// Several sources, or one.
fn sources(data: &JsValue) -> Vec<JsValue> {
    match data.dyn_ref::<Array>() {
        Some(list) if list.length() > 0 && list.iter().all(|item| item.dyn_ref::<Object>().is_some_and(is_source)) => {
            list.iter().collect()
        }
        _ => vec![data.clone()],
    }
}

/// `{data, mapping?, name?}`, and not a document: nothing else is in it, and `data` is no object.
fn is_source(object: &Object) -> bool {
    let known = |key: JsValue| key.as_string().is_some_and(|key| ["data", "mapping", "name"].contains(&key.as_str()));
    let data = get(object, "data");
    (data.is_string() || Array::is_array(&data) || bytes(&data).is_some()) && Object::keys(object).iter().all(known)
}

/// Checks rules.
#[wasm_bindgen(js_name = check, skip_typescript)]
pub fn check_rules(rules: &JsValue, options: &JsValue) -> Result<JsValue, JsValue> {
    let rules = match Array::is_array(rules) {
        true => rules.clone(),
        false => Array::of1(rules).into(),
    };
    let all = Object::assign(&Object::new(), &object(options)?);
    Reflect::set(&all, &"rules".into(), &rules)?;
    let reports = check::check(&stringify(&all, "options")?).map_err(|failure| refused(&failure))?;
    JSON::parse(&json(&reports))
}

/// Makes documents of an audit log, piece by piece.
#[wasm_bindgen(skip_typescript)]
pub struct AuditReader(RefCell<ecs::AuditReader>, Pieces);

#[wasm_bindgen]
impl AuditReader {
    /// Nothing read yet.
    #[wasm_bindgen(constructor, skip_typescript)]
    pub fn new(options: &JsValue) -> Result<AuditReader, JsValue> {
        let reader = ecs::AuditReader::new(&option_text(options)?).map_err(|failure| refused(&failure))?;
        Ok(AuditReader(RefCell::new(reader), Pieces::default()))
    }

    /// Feeds bytes or text, cut anywhere.
    #[wasm_bindgen(skip_typescript)]
    pub fn feed(&self, chunk: &JsValue) -> Result<(), JsValue> {
        self.room()?.feed(&self.1.next(chunk, "feed")?);
        Ok(())
    }

    /// The end of the log.
    #[wasm_bindgen(skip_typescript)]
    pub fn finish(&self) -> Result<(), JsValue> {
        self.room()?.feed(&self.1.rest());
        self.room()?.finish();
        Ok(())
    }

    /// The documents since the last call, as objects.
    #[wasm_bindgen(skip_typescript)]
    pub fn drain(&self) -> Result<JsValue, JsValue> {
        documents(&self.room()?.drain())
    }

    /// The same as NDJSON.
    #[wasm_bindgen(js_name = drainLines, skip_typescript)]
    pub fn drain_lines(&self) -> Result<String, JsValue> {
        Ok(self.room()?.drain())
    }

    /// The problems since the last call.
    #[wasm_bindgen(js_name = drainProblems, skip_typescript)]
    pub fn drain_problems(&self) -> Result<JsValue, JsValue> {
        JSON::parse(&json(&self.room()?.drain_problems()))
    }

    /// Counters since the beginning.
    #[wasm_bindgen(skip_typescript)]
    pub fn stats(&self) -> Result<JsValue, JsValue> {
        JSON::parse(&self.room()?.stats_json())
    }

    fn room(&self) -> Result<RefMut<'_, ecs::AuditReader>, JsValue> {
        self.0.try_borrow_mut().map_err(|_| in_use())
    }
}

/// Makes documents of an audit log given at once.
#[wasm_bindgen(js_name = parseAuditLog, skip_typescript)]
pub fn parse_audit_log(log: &JsValue, options: &JsValue) -> Result<JsValue, JsValue> {
    let mut reader = ecs::AuditReader::new(&option_text(options)?).map_err(|failure| refused(&failure))?;
    reader.feed(&whole(log, "parseAuditLog")?);
    reader.finish();
    documents(&reader.drain())
}

/// Reports on an audit log given at once.
#[wasm_bindgen(js_name = doctor, skip_typescript)]
pub fn doctor_once(log: &JsValue, options: &JsValue) -> Result<JsValue, JsValue> {
    let mut doctor = doctor::Doctor::new(&option_text(options)?).map_err(|failure| refused(&failure))?;
    doctor.feed(&whole(log, "doctor")?);
    JSON::parse(&doctor.report())
}

/// NDJSON as an array of objects.
fn documents(lines: &str) -> Result<JsValue, JsValue> {
    JSON::parse(&format!("[{}]", lines.trim_end().replace('\n', ",")))
}

fn option_text(options: &JsValue) -> Result<String, JsValue> {
    match options.is_undefined() || options.is_null() {
        true => Ok(String::new()),
        false => stringify(options, "options"),
    }
}

/// Options as an object, an empty one where there are none.
fn object(options: &JsValue) -> Result<Object, JsValue> {
    match options {
        none if none.is_undefined() || none.is_null() => Ok(Object::new()),
        other => other.dyn_ref::<Object>().cloned().ok_or_else(|| wrong_type("options are an object")),
    }
}

/// The options of these names, and all others.
fn split(options: &JsValue, names: &[&str]) -> Result<(JsValue, JsValue), JsValue> {
    let (one, other) = (Object::new(), Object::assign(&Object::new(), &object(options)?));
    for name in names {
        let value = get(&other, name);
        if !value.is_undefined() {
            Reflect::set(&one, &(*name).into(), &value)?;
        }
        Reflect::delete_property(&other, &(*name).into())?;
    }
    Ok((one.into(), other.into()))
}

/// The options of a search with `now`, a number or a `Date`; the present where it is not given.
fn with_now(options: &JsValue) -> Result<JsValue, JsValue> {
    let all = Object::assign(&Object::new(), &object(options)?);
    let now = get(&all, "now");
    let now = match now.dyn_ref::<Date>() {
        Some(date) => date.get_time().into(),
        None if now.is_undefined() => Date::now().into(),
        None => now,
    };
    Reflect::set(&all, &"now".into(), &now)?;
    Ok(all.into())
}

fn get(object: &Object, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

fn in_use() -> JsValue {
    error("internal", "it is in use", "[]")
}
