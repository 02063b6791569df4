//! What JavaScript has for those who write rules: `explain`, `replay`.
#![allow(unreachable_pub, reason = "wasm-bindgen takes what is `pub`")]

use super::{JSON, bytes, refused, stringify, wrong_type};
use crate::{engineering, failure::Failure};
use js_sys::{Array, JsString, Reflect};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

/// Why a rule alerts or not.
#[wasm_bindgen(skip_typescript)]
pub fn explain(rule: &JsValue, documents: &JsValue, options: &JsValue) -> Result<JsValue, JsValue> {
    ask(rule, documents, options, engineering::explain)
}

/// What the schedule of Kibana finds beside the stream.
#[wasm_bindgen(skip_typescript)]
pub fn replay(rules: &JsValue, documents: &JsValue, options: &JsValue) -> Result<JsValue, JsValue> {
    ask(rules, documents, options, engineering::replay)
}

fn ask(
    rules: &JsValue,
    documents: &JsValue,
    options: &JsValue,
    ask: impl FnOnce(&str, &[u8], &str) -> Result<String, Failure>,
) -> Result<JsValue, JsValue> {
    let rules = match Array::is_array(rules) {
        true => rules.clone(),
        false => Array::of1(rules).into(),
    };
    let documents = match (documents.dyn_ref::<Array>(), documents.dyn_ref::<JsString>()) {
        (Some(list), _) => {
            let mut lines = Vec::new();
            for document in list.iter() {
                lines.extend_from_slice(stringify(&document, "event")?.as_bytes());
                lines.push(b'\n');
            }
            lines
        }
        (None, Some(text)) => String::from(text).into_bytes(),
        (None, None) => bytes(documents)
            .ok_or_else(|| wrong_type("documents are a Uint8Array, an ArrayBuffer, a string or an array of objects"))?,
    };
    let none = options.is_undefined() || options.is_null();
    let text = match none {
        true => String::new(),
        false => stringify(options, "options")?,
    };
    let answer = ask(&stringify(&rules, "rules")?, &documents, &text).map_err(|failure| refused(&failure))?;
    let for_a_person = !none && Reflect::get(options, &"output".into())?.as_string().as_deref() == Some("text");
    if for_a_person { Ok(answer.into()) } else { JSON::parse(&answer) }
}
