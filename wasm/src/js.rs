//! The door for JavaScript: the class `Correlator`, and the rest in [`tools`]. The types are written by hand in `npm/correlator.d.ts` and `npm/tools.d.ts`.
//!
//! Events and alerts cross as JSON text, not object by object: for events with some fifty fields `JSON.stringify` and one copy take a
//! third of the time of walking the object from here (docs/performance.md), and alerts keep the bytes of the other hosts.

mod engineering;
mod tools;

use crate::{
    engine::{Engine, json},
    failure::Failure,
};
use js_sys::{ArrayBuffer, BigInt, Date, Error, JSON, JsString, Math, Reflect, Uint8Array};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use std::cell::{RefCell, RefMut};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};

/// Takes events and gives alerts back.
#[wasm_bindgen(skip_typescript)]
pub struct Correlator {
    engine: RefCell<Engine>,
    pieces: Pieces,
}

/// Text that is fed in pieces may be cut inside a character beyond U+FFFF; its first half waits here for the second. A half that none
/// follows becomes U+FFFD, as everywhere in JavaScript.
#[derive(Default)]
struct Pieces(RefCell<Option<JsString>>);

impl Pieces {
    /// The bytes of the next piece; `taker` is what it was given to.
    fn next(&self, chunk: &JsValue, taker: &str) -> Result<Vec<u8>, JsValue> {
        let Some(text) = chunk.dyn_ref::<JsString>() else {
            let chunk = whole(chunk, taker)?;
            let half = self.rest();
            return Ok(if half.is_empty() { chunk } else { [half, chunk].concat() });
        };
        let mut text = self.0.take().map_or_else(|| text.clone(), |half| half.concat(text));
        let last = text.length().checked_sub(1);
        if let Some(last) = last.filter(|&last| matches!(text.char_code_at(last) as u32, 0xd800..=0xdbff)) {
            self.0.replace(Some(text.slice(last, last.saturating_add(1))));
            text = text.slice(0, last);
        }
        Ok(String::from(&text).into_bytes())
    }

    /// What is left when no piece follows.
    fn rest(&self) -> Vec<u8> {
        self.0.take().map_or_else(Vec::new, |half| String::from(&half).into_bytes())
    }
}

/// The bytes of data given at once: bytes, or the UTF-8 of text.
fn whole(value: &JsValue, taker: &str) -> Result<Vec<u8>, JsValue> {
    match value.dyn_ref::<JsString>() {
        Some(text) => Ok(String::from(text).into_bytes()),
        None => {
            bytes(value).ok_or_else(|| wrong_type(&format!("{taker} takes a Uint8Array, an ArrayBuffer or a string")))
        }
    }
}

#[wasm_bindgen]
impl Correlator {
    /// Compiles the rules of `options`.
    #[wasm_bindgen(constructor, skip_typescript)]
    pub fn new(options: &JsValue) -> Result<Correlator, JsValue> {
        let options = match options.is_undefined() || options.is_null() {
            true => String::new(),
            false => stringify(options, "options")?,
        };
        // Unless the host seeds the hash, nobody shall know it.
        let seed = ((Math::random() * 4_294_967_296.0) as u64) << 32 | (Math::random() * 4_294_967_296.0) as u64;
        let engine = Engine::new(&options, seed).map_err(|failure| refused(&failure))?;
        Ok(Correlator { engine: RefCell::new(engine), pieces: Pieces::default() })
    }

    /// Feeds bytes or text, cut anywhere.
    #[wasm_bindgen(skip_typescript)]
    pub fn feed(&self, chunk: &JsValue) -> Result<(), JsValue> {
        let mut engine = self.engine()?;
        engine.feed(&self.pieces.next(chunk, "feed")?);
        Ok(())
    }

    /// Finds the events of a piece of the input that match nothing.
    #[wasm_bindgen(skip_typescript)]
    pub fn sift(&self, piece: &JsValue) -> Result<Vec<u8>, JsValue> {
        let mut engine = self.engine()?;
        Ok(engine.sift(&whole(piece, "sift")?))
    }

    /// Feeds a piece that another correlator has sifted.
    #[wasm_bindgen(js_name = feedSifted, skip_typescript)]
    pub fn feed_sifted(&self, piece: &JsValue, sifted: &JsValue) -> Result<(), JsValue> {
        let mut engine = self.engine()?;
        engine.feed(&self.pieces.rest());
        engine.feed_sifted(&whole(piece, "feedSifted")?, &whole(sifted, "feedSifted")?);
        Ok(())
    }

    /// Feeds one whole ECS document; says how many stages of rules it matched.
    #[wasm_bindgen(js_name = feedEvent, skip_typescript)]
    pub fn feed_event(&self, event: &JsValue) -> Result<u32, JsValue> {
        let mut engine = self.engine()?;
        let fed = if let Some(text) = event.as_string() {
            engine.feed_event(text.as_bytes())
        } else if let Some(bytes) = bytes(event) {
            engine.feed_event(&bytes)
        } else if event.is_object() {
            engine.feed_event(stringify(event, "event")?.as_bytes())
        } else {
            return Err(wrong_type("feedEvent takes an object, a string or a Uint8Array"));
        };
        fed.map_err(|failure| refused(&failure))
    }

    /// Says that no event before this time will come any more.
    #[wasm_bindgen(skip_typescript)]
    pub fn advance(&self, watermark: &JsValue) -> Result<(), JsValue> {
        let mut engine = self.engine()?;
        let millis = if let Some(big) = watermark.dyn_ref::<BigInt>() {
            i64::try_from(big.clone()).ok()
        } else {
            let number = watermark.dyn_ref::<Date>().map(Date::get_time).or_else(|| watermark.as_f64());
            number.filter(|number| number.is_finite()).map(|number| number.floor() as i64)
        };
        engine.advance(
            millis.ok_or_else(|| wrong_type("advance takes a valid Date, or milliseconds as number or bigint"))?,
        );
        Ok(())
    }

    /// The end of the input.
    #[wasm_bindgen(skip_typescript)]
    pub fn finish(&self) -> Result<(), JsValue> {
        let mut engine = self.engine()?;
        engine.feed(&self.pieces.rest());
        engine.finish();
        Ok(())
    }

    /// The alerts since the last call, as objects.
    #[wasm_bindgen(js_name = drainAlerts, skip_typescript)]
    pub fn drain_alerts(&self) -> Result<JsValue, JsValue> {
        JSON::parse(&format!("[{}]", self.engine()?.drain_alerts().join(",")))
    }

    /// The alerts since the last call, as NDJSON.
    #[wasm_bindgen(js_name = drainAlertLines, skip_typescript)]
    pub fn drain_alert_lines(&self) -> Result<String, JsValue> {
        Ok(self.engine()?.drain_alert_lines())
    }

    /// The problems since the last call.
    #[wasm_bindgen(js_name = drainProblems, skip_typescript)]
    pub fn drain_problems(&self) -> Result<JsValue, JsValue> {
        objects(&self.engine()?.drain_problems())
    }

    /// The whole state.
    #[wasm_bindgen(skip_typescript)]
    pub fn snapshot(&self) -> Result<Vec<u8>, JsValue> {
        let engine = self.engine()?;
        match self.pieces.0.borrow().is_some() {
            false => Ok(engine.snapshot()),
            true => {
                Err(error("snapshot", "the text fed so far ends inside a character: feed what follows first", "[]"))
            }
        }
    }

    /// Goes on where a snapshot was made.
    #[wasm_bindgen(skip_typescript)]
    pub fn restore(&self, snapshot: &JsValue) -> Result<(), JsValue> {
        let snapshot = bytes(snapshot).ok_or_else(|| wrong_type("restore takes a Uint8Array or an ArrayBuffer"))?;
        self.engine()?.restore(&snapshot).map_err(|failure| refused(&failure))?;
        self.pieces.rest();
        Ok(())
    }

    /// How the rules can be spread over several correlators.
    #[wasm_bindgen(skip_typescript)]
    pub fn partitioning(&self) -> Result<JsValue, JsValue> {
        JSON::parse(&self.engine()?.partitioning_json())
    }

    /// Counters since the beginning.
    #[wasm_bindgen(skip_typescript)]
    pub fn stats(&self) -> Result<JsValue, JsValue> {
        JSON::parse(&self.engine()?.stats_json())
    }

    /// All rules that were given.
    #[wasm_bindgen(skip_typescript)]
    pub fn rules(&self) -> Result<JsValue, JsValue> {
        objects(self.engine()?.rules())
    }

    /// Warnings about rules that run, and the findings about those skipped.
    #[wasm_bindgen(skip_typescript)]
    pub fn diagnostics(&self) -> Result<JsValue, JsValue> {
        objects(self.engine()?.findings())
    }

    fn engine(&self) -> Result<RefMut<'_, Engine>, JsValue> {
        self.engine.try_borrow_mut().map_err(|_| error("internal", "the correlator is in use", "[]"))
    }
}

/// Plain objects of what has a shape in Rust and is small; events and alerts cross as text.
fn objects<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, JsValue> {
    Ok(value.serialize(&Serializer::json_compatible())?)
}

/// The content of a `Uint8Array` or an `ArrayBuffer`.
fn bytes(value: &JsValue) -> Option<Vec<u8>> {
    if let Some(array) = value.dyn_ref::<Uint8Array>() {
        return Some(array.to_vec());
    }
    value.dyn_ref::<ArrayBuffer>().map(|buffer| Uint8Array::new(buffer).to_vec())
}

/// `JSON.stringify`, with every `bigint` written as a whole number.
///
/// `JSON.stringify` itself refuses them, so a second attempt replaces each by a text between marks that nobody can guess,
/// and takes marks and quotes off again.
fn stringify(value: &JsValue, code: &'static str) -> Result<String, JsValue> {
    if let Ok(text) = JSON::stringify(value)
        && let Some(text) = text.as_string()
    {
        return Ok(text);
    }
    let mark = format!("{:x}-{:x}", Math::random().to_bits(), Math::random().to_bits());
    let opening = format!("{mark}<");
    let replacer = Closure::<dyn Fn(JsValue, JsValue) -> JsValue>::new({
        let opening = opening.clone();
        move |_key: JsValue, value: JsValue| match value.dyn_ref::<BigInt>().map(|big| big.to_string(10)) {
            Some(Ok(digits)) => JsValue::from_str(&format!("{opening}{}>{opening}", String::from(digits))),
            _ => value,
        }
    });
    match JSON::stringify_with_replacer(value, replacer.as_ref()) {
        Ok(text) => match text.as_string() {
            Some(text) => Ok(text.replace(&format!("\"{opening}"), "").replace(&format!(">{opening}\""), "")),
            None => Err(error(code, "this value has no JSON", "[]")),
        },
        Err(thrown) => {
            let why = thrown.dyn_ref::<Error>().map(|error| String::from(error.message())).unwrap_or_default();
            Err(error(code, &format!("this value has no JSON: {why}"), "[]"))
        }
    }
}

/// What is thrown for a [`Failure`].
fn refused(failure: &Failure) -> JsValue {
    error(failure.code, &failure.message, &json(&failure.diagnostics))
}

/// What is thrown for an argument of another type.
fn wrong_type(message: &str) -> JsValue {
    error("type", message, "[]")
}

/// An `Error` with `code` and `diagnostics`.
fn error(code: &str, message: &str, diagnostics: &str) -> JsValue {
    let error = Error::new(message);
    error.set_name("EqliteError");
    // These can fail only on frozen objects.
    let _ = Reflect::set(&error, &"code".into(), &code.into());
    let _ = Reflect::set(&error, &"diagnostics".into(), &JSON::parse(diagnostics).unwrap_or_default());
    error.into()
}
