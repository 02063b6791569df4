//! JSON objects made in code: `object! { "id": 5, "tags": ["a"] }`.
//!
//! `serde_json::json!` and `to_value` say the same, but write a serializer for each type and all of an insertion for each key: of what builds
//! Kibana's alerts, that was half.

use alloc::{
    borrow::ToOwned,
    string::{String, ToString},
    vec::Vec,
};
use serde_json::{Map, Number, Value};

/// What can stand in a JSON object.
pub(crate) trait Json {
    fn json(&self) -> Value;
}

macro_rules! plain {
    ($($type:ty)*) => {
        $(impl Json for $type {
            fn json(&self) -> Value {
                Value::from(self.clone())
            }
        })*
    };
}

plain!(bool i64 u32 u64 usize f64 &str String Value);

impl<T: Json + ?Sized> Json for &T {
    fn json(&self) -> Value {
        (**self).json()
    }
}

/// Nothing is null.
impl<T: Json> Json for Option<T> {
    fn json(&self) -> Value {
        self.as_ref().map_or(Value::Null, Json::json)
    }
}

impl<T: Json> Json for Vec<T> {
    fn json(&self) -> Value {
        self.as_slice().json()
    }
}

impl<T: Json> Json for [T] {
    fn json(&self) -> Value {
        Value::Array(self.iter().map(Json::json).collect())
    }
}

impl Json for Map<String, Value> {
    fn json(&self) -> Value {
        Value::Object(self.clone())
    }
}

/// `object! { "name": value, .. }`, a `Map`. Values are what [`Json`] knows.
macro_rules! object {
    ($($key:literal: $value:expr),* $(,)?) => {{
        let mut object = serde_json::Map::new();
        $($crate::object::put(&mut object, $key, $crate::object::Json::json(&$value));)*
        object
    }};
}
pub(crate) use object;

/// The object that a text holds; empty where it holds none.
pub(crate) fn parse(text: &str) -> Map<String, Value> {
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => object,
        _ => Map::new(),
    }
}

/// A number as JSON spells it, in the shortest digits that read back the same: `2.0`, `0.00001`, `1e16`. The standard library's spelling
/// (`{:?}`) comes with twenty kilobytes of its own.
pub(crate) fn shortest(value: f64) -> String {
    Number::from_f64(value).map(|number| number.to_string().replace('+', "")).unwrap_or_default()
}

/// Sets a key.
#[inline(never)]
pub(crate) fn put(object: &mut Map<String, Value>, key: &str, value: Value) {
    object.insert(key.to_owned(), value);
}

/// Sets a key, unless the value is null: then it goes.
#[inline(never)]
pub(crate) fn put_some(object: &mut Map<String, Value>, key: &str, value: Value) {
    if value.is_null() {
        object.remove(key);
    } else {
        put(object, key, value);
    }
}

/// The object of these pairs. (`collect` would bring in a sort of the library for every chain of adapters.)
pub(crate) fn of_pairs(pairs: &mut dyn Iterator<Item = (String, Value)>) -> Map<String, Value> {
    let mut object = Map::new();
    pairs.for_each(|(key, value)| drop(object.insert(key, value)));
    object
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn it_says_what_json_says() {
        let (none, tags) = (None::<String>, alloc::vec!["a".to_owned(), "b".to_owned()]);
        let made = object! {"n": 5_u64, "none": none, "tags": tags, "some": Some("x"), "in": object! {"b": true}};
        let said = json!({"n": 5, "none": null, "tags": ["a", "b"], "some": "x", "in": {"b": true}});
        assert_eq!(Value::Object(made), said);
    }

    #[test]
    fn numbers_are_spelled_in_the_shortest_digits() {
        let cases =
            [(2.0, "2.0"), (-0.0, "-0.0"), (0.1, "0.1"), (1e15, "1000000000000000.0"), (1e16, "1e16"), (1e-7, "1e-7")];
        for (value, expected) in cases {
            assert_eq!(shortest(value), expected);
        }
    }

    #[test]
    fn null_takes_a_key_away() {
        let mut made = of_pairs(&mut [("a".to_owned(), 1.into()), ("b".to_owned(), 2.into())].into_iter());
        put_some(&mut made, "a", Value::Null);
        put_some(&mut made, "c", 3.into());
        assert_eq!(Value::Object(made), json!({"b": 2, "c": 3}));
    }
}
