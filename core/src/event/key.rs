//! Join keys: typed values packed into bytes whose order is the order of the values.
//!
//! `host.id, process.pid` of an event with `"web-01"` and `4338` is the key `Text "web-01", Number 4338`. `1` is not `"1"`, but `1` is `1.0`.
//! One byte string serves three purposes: it is hashed, compared, and sorted (null first, then false, true, numbers, addresses, times,
//! texts by their bytes), and it is decoded again only for an alert.

use super::{EventView, FieldId, Value};
use crate::{net::Ip, object::Json, time::Timestamp, version};
use crate::{
    sort::sort,
    state::{Reader, State},
};
use alloc::{
    boxed::Box,
    string::{String, ToString},
    vec::Vec,
};
use core::cmp::Ordering;
use serde::{Serialize, Serializer};

/// One value of a join key.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyValue {
    /// An optional key that the event does not have.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number beyond `i64::MAX`.
    Unsigned(u64),
    /// Any other number.
    Float(f64),
    /// An address.
    Ip(Ip),
    /// A point of time.
    Date(Timestamp),
    /// Text.
    Text(String),
}

impl Serialize for KeyValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json().serialize(serializer)
    }
}

impl Json for KeyValue {
    fn json(&self) -> serde_json::Value {
        match self {
            KeyValue::Null => serde_json::Value::Null,
            KeyValue::Bool(value) => value.json(),
            KeyValue::Int(value) => value.json(),
            KeyValue::Unsigned(value) => value.json(),
            KeyValue::Float(value) => value.json(),
            KeyValue::Ip(value) => value.to_string().json(),
            KeyValue::Date(value) => value.json(),
            KeyValue::Text(value) => value.json(),
        }
    }
}

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
/// Below every whole number that fits: the float's ordered bits follow.
const NUMBER_BELOW: u8 = 3;
/// The number rounded down, in nine bytes, then 0, or 1 and the ordered bits of the float.
const NUMBER: u8 = 4;
const NUMBER_ABOVE: u8 = 5;
const IP: u8 = 6;
const DATE: u8 = 7;
const TEXT: u8 = 8;

/// What is added to a whole number so that all from `i64::MIN` to `u64::MAX` are positive.
const BIAS: i128 = 1 << 63;

/// Appends one value.
fn encode(value: Option<Value<'_>>, out: &mut Vec<u8>) {
    match value {
        None => out.push(NULL),
        Some(Value::Bool(value)) => out.push(if value { TRUE } else { FALSE }),
        Some(Value::Int(value)) => whole(i128::from(value), out),
        Some(Value::Unsigned(value)) => whole(i128::from(value), out),
        Some(Value::Float(value)) => float(value, out),
        Some(Value::Ip(value)) => {
            out.push(IP);
            out.extend_from_slice(&value.bits().to_be_bytes());
        }
        Some(Value::Date(value)) => {
            out.push(DATE);
            out.extend_from_slice(&((value.millis as u64) ^ (1 << 63)).to_be_bytes());
            out.extend_from_slice(&value.sub_nanos.to_be_bytes());
        }
        Some(Value::Text(value)) => {
            out.push(TEXT);
            let mut rest = value.as_bytes();
            while let Some(zero) = memchr::memchr(0, rest) {
                let (piece, behind) = rest.split_at(zero);
                out.extend_from_slice(piece);
                out.extend_from_slice(&[0, 0xff]);
                rest = behind.get(1..).unwrap_or(&[]);
            }
            out.extend_from_slice(rest);
            out.extend_from_slice(&[0, 0]);
        }
    }
}

fn whole(value: i128, out: &mut Vec<u8>) {
    out.push(NUMBER);
    let [_, _, _, _, _, _, _, digits @ ..] = value.wrapping_add(BIAS).to_be_bytes();
    out.extend_from_slice(&digits);
    out.push(0);
}

fn float(value: f64, out: &mut Vec<u8>) {
    let bits = ordered(value);
    if value.is_nan() || value >= 18_446_744_073_709_551_616.0 {
        out.push(NUMBER_ABOVE);
        out.extend_from_slice(&bits.to_be_bytes());
    } else if value < -9_223_372_036_854_775_808.0 {
        out.push(NUMBER_BELOW);
        out.extend_from_slice(&bits.to_be_bytes());
    } else {
        let toward_zero = value as i128;
        let down = if (toward_zero as f64) > value { toward_zero.wrapping_sub(1) } else { toward_zero };
        whole(down, out);
        if down as f64 != value {
            out.pop();
            out.push(1);
            out.extend_from_slice(&bits.to_be_bytes());
        }
    }
}

/// The bits of a float such that their order is the order of the floats.
fn ordered(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 0 { bits ^ (1 << 63) } else { !bits }
}

fn unordered(bits: u64) -> f64 {
    f64::from_bits(if bits >> 63 == 1 { bits ^ (1 << 63) } else { !bits })
}

/// Takes the first value off an encoded key; `None` at its end.
fn decode(key: &mut &[u8]) -> Option<KeyValue> {
    fn take<const N: usize>(key: &mut &[u8]) -> Option<[u8; N]> {
        let (head, rest) = key.split_first_chunk::<N>()?;
        *key = rest;
        Some(*head)
    }
    let [tag] = take::<1>(key)?;
    Some(match tag {
        NULL => KeyValue::Null,
        FALSE => KeyValue::Bool(false),
        TRUE => KeyValue::Bool(true),
        NUMBER_BELOW | NUMBER_ABOVE => KeyValue::Float(unordered(u64::from_be_bytes(take(key)?))),
        NUMBER => {
            let digits: [u8; 9] = take(key)?;
            let biased = digits.iter().fold(0_i128, |all, &byte| (all << 8) | i128::from(byte));
            let value = biased.wrapping_sub(BIAS);
            let [fraction] = take::<1>(key)?;
            if fraction == 1 {
                KeyValue::Float(unordered(u64::from_be_bytes(take(key)?)))
            } else if let Ok(value) = i64::try_from(value) {
                KeyValue::Int(value)
            } else {
                KeyValue::Unsigned(value as u64)
            }
        }
        IP => KeyValue::Ip(Ip::from_bits(u128::from_be_bytes(take(key)?))),
        DATE => {
            let millis = (u64::from_be_bytes(take(key)?) ^ (1 << 63)) as i64;
            KeyValue::Date(Timestamp { millis, sub_nanos: u32::from_be_bytes(take(key)?) })
        }
        _ => {
            let mut bytes = Vec::new();
            loop {
                match take::<1>(key)? {
                    [0] => match take::<1>(key)? {
                        [0] => break,
                        _ => bytes.push(0),
                    },
                    [byte] => bytes.push(byte),
                }
            }
            KeyValue::Text(String::from_utf8(bytes).unwrap_or_default())
        }
    })
}

/// The values of an encoded key.
pub(crate) fn values(mut key: &[u8]) -> Vec<KeyValue> {
    core::iter::from_fn(|| decode(&mut key)).collect()
}

/// The order of two encoded keys of which some values (those that are told) are versions.
pub(crate) fn order(mut a: &[u8], mut b: &[u8], versions: &[bool]) -> Ordering {
    for &is_version in versions {
        let (whole_a, whole_b) = (a, b);
        let by_version = match (decode(&mut a), decode(&mut b)) {
            (Some(KeyValue::Text(a)), Some(KeyValue::Text(b))) if is_version => version::order(&a, &b),
            _ => Ordering::Equal,
        };
        let read = |whole: &[u8], rest: &[u8]| whole.len().saturating_sub(rest.len());
        let bytes = whole_a.get(..read(whole_a, a)).cmp(&whole_b.get(..read(whole_b, b)));
        let order = by_version.then(bytes);
        if order.is_ne() {
            return order;
        }
    }
    a.cmp(b)
}

/// The key of one value.
pub(crate) fn key_of(value: Option<Value<'_>>) -> Box<[u8]> {
    let mut key = Vec::new();
    encode(value, &mut key);
    key.into()
}

/// One position of a stage's join key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyField {
    pub(crate) field: Option<FieldId>,
    /// Null joins null. Otherwise an event without the field takes no part.
    pub(crate) optional: bool,
}

/// The most keys that one event may have: the product of the values of its multi-valued key fields.
const KEYS_PER_EVENT: usize = 1024;

/// The most bytes that they may have together, lest a long value is copied for each of many others.
const KEY_BYTES_PER_EVENT: usize = 1 << 20;

/// So many bytes most keys fit in.
const USUAL: usize = 64;

/// All join keys of an event for one stage, distinct and ascending: none where a mandatory field is absent, several where a field has
/// several values. And how many there were beyond the limits.
pub(crate) fn keys(view: EventView<'_>, fields: &[KeyField]) -> (Vec<Box<[u8]>>, u64) {
    let mut keys: Vec<Vec<u8>> = alloc::vec![Vec::with_capacity(USUAL)];
    let mut dropped = 0_usize;
    for field in fields {
        let mut values = field.field.map(|id| view.values(id));
        let mut next = || values.as_mut().and_then(Iterator::next);
        let (first, second) = (next(), next());
        if first.is_none() && !field.optional {
            return (Vec::new(), 0);
        }
        if let ([key], None) = (keys.as_mut_slice(), second) {
            encode(first, key);
            continue;
        }
        let rest = core::iter::from_fn(next);
        let mut parts: Vec<_> = [first].into_iter().chain(second.map(Some)).chain(rest.map(Some)).map(key_of).collect();
        sort(&mut parts);
        parts.dedup();
        let all = keys.len().saturating_mul(parts.len());
        let mut bytes = 0_usize;
        keys = keys
            .iter()
            .flat_map(|key| parts.iter().map(move |part| (key, part)))
            .take(KEYS_PER_EVENT)
            .take_while(|(key, part)| {
                let first = bytes == 0;
                bytes = bytes.saturating_add(key.len()).saturating_add(part.len());
                first || bytes <= KEY_BYTES_PER_EVENT
            })
            .map(|(key, part)| [key.as_slice(), &**part].concat())
            .collect();
        dropped = dropped.saturating_add(all.saturating_sub(keys.len()));
    }
    (keys.iter().map(|key| key.as_slice().into()).collect(), dropped as u64)
}

impl State for KeyValue {
    fn save(&self, out: &mut Vec<u8>) {
        let value = match self {
            KeyValue::Null => None,
            KeyValue::Bool(value) => Some(Value::Bool(*value)),
            KeyValue::Int(value) => Some(Value::Int(*value)),
            KeyValue::Unsigned(value) => Some(Value::Unsigned(*value)),
            KeyValue::Float(value) => Some(Value::Float(*value)),
            KeyValue::Ip(value) => Some(Value::Ip(*value)),
            KeyValue::Date(value) => Some(Value::Date(*value)),
            KeyValue::Text(value) => Some(Value::Text(value)),
        };
        key_of(value).save(out);
    }
    fn load(input: &mut Reader<'_>) -> Option<Self> {
        decode(&mut &*Box::<[u8]>::load(input)?)
    }
}

/// Pairs as an object, in the order in which they stand: join keys in that of the rule. A map of `serde_json` would sort them.
pub(crate) fn in_order<K: Serialize, V: Serialize, S: Serializer>(
    pairs: &[(K, V)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(name, value)| (name, value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_order_as_values_and_come_back() {
        let ascending = [
            KeyValue::Null,
            KeyValue::Bool(false),
            KeyValue::Bool(true),
            KeyValue::Float(f64::NEG_INFINITY),
            KeyValue::Float(-1e300),
            KeyValue::Int(i64::MIN),
            KeyValue::Float(-2.5),
            KeyValue::Int(-2),
            KeyValue::Float(-1e-20),
            KeyValue::Int(0),
            KeyValue::Float(0.25),
            KeyValue::Float(0.5),
            KeyValue::Int(1),
            KeyValue::Int(i64::MAX),
            KeyValue::Unsigned(u64::MAX),
            KeyValue::Float(1e300),
            KeyValue::Ip(Ip::from_bits(0)),
            KeyValue::Ip(Ip::from_bits(u128::MAX)),
            KeyValue::Date(Timestamp::from_millis(-1)),
            KeyValue::Date(Timestamp { millis: 5, sub_nanos: 0 }),
            KeyValue::Date(Timestamp { millis: 5, sub_nanos: 1 }),
            KeyValue::Text(String::new()),
            KeyValue::Text("\0".into()),
            KeyValue::Text("\0a".into()),
            KeyValue::Text("GTA".into()),
            KeyValue::Text("doom".into()),
            KeyValue::Text("doom2".into()),
        ];
        let encoded: Vec<Vec<u8>> = ascending.iter().map(|value| pack(&[value])).collect();
        assert!(encoded.is_sorted());
        for (value, bytes) in ascending.iter().zip(&encoded) {
            assert_eq!(values(bytes), core::slice::from_ref(value));
            let pair = pack(&[value, &KeyValue::Int(7)]);
            assert_eq!(values(&pair), [value.clone(), KeyValue::Int(7)]);
        }
    }

    #[test]
    fn numbers_join_by_value_and_text_stays_text() {
        let of = |value| {
            let mut out = Vec::new();
            encode(Some(value), &mut out);
            out
        };
        assert_eq!(of(Value::Int(1)), of(Value::Float(1.0)));
        assert_eq!(of(Value::Unsigned(1)), of(Value::Int(1)));
        assert_eq!(of(Value::Float(-0.0)), of(Value::Int(0)));
        assert_ne!(of(Value::Int(1)), of(Value::Text("1")));
    }

    fn pack(key: &[&KeyValue]) -> Vec<u8> {
        let mut out = Vec::new();
        for value in key {
            let value = match value {
                KeyValue::Null => None,
                KeyValue::Bool(value) => Some(Value::Bool(*value)),
                KeyValue::Int(value) => Some(Value::Int(*value)),
                KeyValue::Unsigned(value) => Some(Value::Unsigned(*value)),
                KeyValue::Float(value) => Some(Value::Float(*value)),
                KeyValue::Ip(value) => Some(Value::Ip(*value)),
                KeyValue::Date(value) => Some(Value::Date(*value)),
                KeyValue::Text(value) => Some(Value::Text(value)),
            };
            encode(value, &mut out);
        }
        out
    }
}
