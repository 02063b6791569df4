//! What a mapping makes of a document's values before a query sees them.
//!
//! ```text
//! mapping: pid long, code keyword (ignore_above 3), ip ip
//! {"pid": "7", "code": [12, "long"], "ip": "::ffff:10.0.0.1"}   ->   pid 7, code "12", ip 10.0.0.1
//! ```
//! Elasticsearch indexes values by the type of the field, not by their type in the document. A value that does not fit is absent here; there
//! the whole document would have been refused when it was stored.

use super::{Family, FieldKind, FieldType, Lookup, Schema};
use crate::{
    event::{EventView, FieldId, FieldTable, Slots, Value},
    functions::Scalar,
    net::Ip,
    number::float,
    object::shortest,
    time::{DateFormat, Timestamp},
};
use alloc::{
    borrow::Cow,
    string::{String, ToString},
    vec::Vec,
};

/// For each field of a table, what becomes of its values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Coercions(Vec<(FieldId, Option<Coercion>)>);

#[derive(Clone, Debug)]
struct Coercion {
    field: FieldType,
    /// See [`FieldType::ignore_above`]; of the exact sub-field where the field is `text`.
    ignore_above: Option<usize>,
    format: DateFormat,
}

impl Coercions {
    pub(crate) fn new(schema: &Schema, fields: &FieldTable) -> Self {
        let coercion = |path: &str| match schema.field(path) {
            Lookup::Mapped { field, .. } => Some(Coercion {
                ignore_above: field.exact.as_ref().map_or(field.ignore_above, |exact| exact.ignore_above),
                format: field.format.as_deref().and_then(|format| DateFormat::parse(format).ok()).unwrap_or_default(),
                field: field.clone(),
            }),
            _ => None,
        };
        Coercions(fields.ids().map(|id| (id, coercion(fields.path(id)))).collect())
    }

    /// Fills `out` with the values of `view` as the types want them.
    pub(crate) fn apply(&self, view: EventView<'_>, out: &mut Slots) {
        out.clear(self.0.len());
        for (id, coercion) in &self.0 {
            let Some(coercion) = coercion else {
                view.values(*id).for_each(|value| out.push(*id, value));
                continue;
            };
            for value in view.values(*id) {
                coercion.push(*id, value, out);
            }
            if let Some(null_value) = &coercion.field.null_value {
                let nulls = view.nulls(*id);
                for _ in 0..nulls {
                    coercion.push_json(*id, null_value, out);
                }
            }
            if let Some(constant) = &coercion.field.constant
                && !view.has(*id)
            {
                out.push(*id, Value::Text(constant));
            }
        }
    }
}

impl Coercion {
    fn push_json(&self, id: FieldId, value: &serde_json::Value, out: &mut Slots) {
        use serde_json::Value as Json;
        match value {
            Json::String(text) => self.push(id, Value::Text(text), out),
            Json::Bool(value) => self.push(id, Value::Bool(*value), out),
            Json::Number(number) => {
                let float = Value::Float(number.as_f64().unwrap_or(f64::NAN));
                self.push(id, number.as_i64().map_or(float, Value::Int), out);
            }
            _ => {}
        }
    }

    fn push(&self, id: FieldId, value: Value<'_>, out: &mut Slots) {
        match self.field.kind.family() {
            Some(Family::Text | Family::Version) => {
                let scalar = Scalar::from(value);
                let text = scalar.to_text().unwrap_or_default();
                // Elasticsearch counts as Java does, in UTF-16 units.
                if self.ignore_above.is_none_or(|limit| text.len() <= limit || text.encode_utf16().count() <= limit) {
                    out.push(id, Value::Text(&text));
                }
            }
            Some(Family::Number) => {
                if let Some(number) = self.number(value) {
                    out.push(id, number);
                }
            }
            Some(Family::Boolean) => match value {
                Value::Bool(_) => out.push(id, value),
                Value::Text("true") => out.push(id, Value::Bool(true)),
                Value::Text("false" | "") => out.push(id, Value::Bool(false)),
                _ => {}
            },
            Some(Family::Date) => {
                if let Some(time) = self.date(value) {
                    out.push(id, Value::Date(time));
                }
            }
            Some(Family::Ip) => {
                if let Value::Text(text) = value
                    && let Some(ip) = Ip::parse(text)
                {
                    out.push(id, Value::Ip(ip));
                }
            }
            None => {}
        }
    }

    fn number(&self, value: Value<'_>) -> Option<Value<'static>> {
        let number = match value {
            Value::Int(value) => Value::Int(value),
            Value::Unsigned(value) => Value::Unsigned(value),
            Value::Float(value) => Value::Float(value),
            Value::Text(text) => {
                let text = text.trim();
                let whole = text.parse().map(Value::Int).or_else(|_| text.parse().map(Value::Unsigned));
                whole.ok().or_else(|| float(text).map(Value::Float))?
            }
            _ => return None,
        };
        let float = |value| match value {
            Value::Int(value) => value as f64,
            Value::Unsigned(value) => value as f64,
            Value::Float(value) => value,
            _ => f64::NAN,
        };
        Some(match (&self.field.kind, number) {
            (kind, number) if kind.is_fractional() => Value::Float(self.field.held(float(number))),
            // Elasticsearch cuts the fraction off (`coerce`).
            (_, Value::Float(value)) => Value::Int(value as i64),
            (_, number) => number,
        })
    }

    fn date(&self, value: Value<'_>) -> Option<Timestamp> {
        let text: Cow<'_, str> = match value {
            Value::Text(text) => Cow::Borrowed(text),
            Value::Int(value) => Cow::Owned(value.to_string()),
            Value::Float(value) => Cow::Owned(shortest(value)),
            _ => return None,
        };
        let time = self.format.parse_date(&text)?;
        let nanos = self.field.kind == FieldKind::DateNanos;
        Some(if nanos { time } else { Timestamp::from_millis(time.millis) })
    }
}

/// Types that a document's own values would get in an index that maps new fields by itself.
impl Schema {
    /// Maps the fields of `document` that have no type yet, as Elasticsearch's dynamic mapping does: text becomes `text` with an exact
    /// sub-field `keyword`, whole numbers `long`, others `float`, dates in ISO 8601 `date`.
    pub fn learn(&mut self, document: &serde_json::Value) {
        self.learn_at(&mut String::new(), document);
    }

    fn learn_at(&mut self, path: &mut String, value: &serde_json::Value) {
        use serde_json::Value as Json;
        let field = match value {
            // The objects of such a field are its values (`flattened`, `geo_point`), documents of their own (`nested`), or not indexed.
            Json::Object(_) if self.fields.contains(path.as_str()) => return,
            Json::Object(map) => {
                for (key, value) in map {
                    let length = path.len();
                    if length > 0 {
                        path.push('.');
                    }
                    path.push_str(key);
                    self.learn_at(path, value);
                    path.truncate(length);
                }
                return;
            }
            Json::Array(items) => return items.iter().for_each(|item| self.learn_at(path, item)),
            Json::Null => return,
            // The first document to have a value for a `constant_keyword` gives it to all.
            Json::String(text)
                if let Some(field) = self.fields.get(path.as_str())
                    && field.kind == FieldKind::ConstantKeyword
                    && field.constant.is_none() =>
            {
                FieldType { constant: Some(text.clone()), ..field.clone() }
            }
            _ if !matches!(self.field(path), Lookup::Unmapped) => return,
            Json::Bool(_) => FieldType::new(FieldKind::Boolean),
            Json::Number(number) if number.is_f64() => FieldType::new(FieldKind::Float),
            Json::Number(_) => FieldType::new(FieldKind::Long),
            // Elasticsearch takes no bare number for a date, though its format would.
            Json::String(text) if text.contains(['-', ':', '/']) && Timestamp::parse(text).is_some() => {
                FieldType::new(FieldKind::Date)
            }
            Json::String(_) => FieldType::dynamic_text(path),
        };
        self.insert(path, field);
    }
}
