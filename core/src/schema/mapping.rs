//! An Elasticsearch mapping to a [`Schema`].

use super::{ExactField, FieldKind, FieldType, Schema};
use alloc::{
    borrow::{Cow, ToOwned},
    format,
    string::{String, ToString},
};
use core::fmt;
use serde_json::{Map, Value};

/// Why a mapping cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingError {
    message: String,
}

impl fmt::Display for MappingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl core::error::Error for MappingError {}

fn error(message: impl Into<String>) -> MappingError {
    MappingError { message: message.into() }
}

pub(super) fn read(json: &str) -> Result<Schema, MappingError> {
    let document: Value = serde_json::from_str(json).map_err(|why| error(why.to_string()))?;
    let properties = properties_of(&document).ok_or_else(|| error("a mapping is an object with 'properties'"))?;
    let mut schema = Schema::default();
    object(&mut schema, "", properties, false)?;
    Ok(schema)
}

/// The properties of `{"properties": ..}`, of `{"mappings": ..}`, or of `{"index": {"mappings": ..}}` with a single index.
fn properties_of(document: &Value) -> Option<&Map<String, Value>> {
    let index = match document.as_object()? {
        map if map.contains_key("properties") || map.contains_key("mappings") => document,
        map if map.len() == 1 => map.values().next()?,
        _ => return None,
    };
    index.get("mappings").unwrap_or(index).get("properties")?.as_object()
}

fn object(
    schema: &mut Schema,
    prefix: &str,
    properties: &Map<String, Value>,
    nested: bool,
) -> Result<(), MappingError> {
    for (name, definition) in properties {
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        let definition = definition.as_object().ok_or_else(|| error(format!("'{path}' is not an object")))?;
        field(schema, &path, definition, nested)?;
    }
    Ok(())
}

fn field(schema: &mut Schema, path: &str, definition: &Map<String, Value>, nested: bool) -> Result<(), MappingError> {
    let below = definition.get("properties").and_then(Value::as_object);
    let type_name = match definition.get("type") {
        None => "object",
        Some(Value::String(name)) => name,
        Some(_) => return Err(error(format!("the type of '{path}' is not text"))),
    };
    match type_name {
        "object" | "nested" => {
            let nested = nested || type_name == "nested";
            if nested {
                schema.insert(path, unsupported("nested"));
            }
            // `enabled: false`: nothing below it is indexed.
            if definition.get("enabled") == Some(&Value::Bool(false)) {
                schema.insert(path, unsupported("object"));
                return Ok(());
            }
            below.map_or(Ok(()), |below| object(schema, path, below, nested))
        }
        "alias" => {
            let target = text(definition, "path").ok_or_else(|| error(format!("the alias '{path}' has no path")))?;
            schema.insert_alias(path, &target);
            Ok(())
        }
        _ if nested => {
            schema.insert(path, unsupported("nested"));
            Ok(())
        }
        _ => {
            leaf(schema, path, type_name, definition);
            Ok(())
        }
    }
}

/// A field that holds values, and its sub-fields.
fn leaf(schema: &mut Schema, path: &str, type_name: &str, definition: &Map<String, Value>) {
    let mut field = of_definition(type_name, definition);
    let sub_fields = definition.get("fields").and_then(Value::as_object).into_iter().flatten();
    let mut candidates = 0_usize;
    for (name, definition) in sub_fields {
        let Some(definition) = definition.as_object() else { continue };
        let sub_path = format!("{path}.{name}");
        let mut sub = of_definition(definition.get("type").and_then(Value::as_str).unwrap_or(""), definition);
        if field.kind == FieldKind::Text && sub.kind.is_exact_text() && !sub.normalized {
            candidates = candidates.saturating_add(1);
            field.exact =
                Some(ExactField { path: sub_path.clone(), kind: sub.kind.clone(), ignore_above: sub.ignore_above });
        }
        sub.source = Some(path.to_owned());
        schema.insert(&sub_path, sub);
    }
    // Elasticsearch: several candidates are as bad as none; the query has to name one of them.
    if candidates > 1 {
        field.exact = None;
    }
    schema.insert(path, field);
}

fn of_definition(type_name: &str, definition: &Map<String, Value>) -> FieldType {
    // `index: false` without doc values cannot be searched, but Elasticsearch says so only when it runs the query.
    let ignore_above = definition.get("ignore_above").and_then(Value::as_u64);
    FieldType {
        ignore_above: ignore_above.and_then(|limit| usize::try_from(limit).ok()),
        null_value: definition.get("null_value").filter(|value| !value.is_null()).cloned(),
        format: text(definition, "format"),
        scaling_factor: definition.get("scaling_factor").and_then(Value::as_f64),
        constant: text(definition, "value"),
        normalized: definition.contains_key("normalizer"),
        ..FieldType::new(FieldKind::from_name(type_name))
    }
}

fn text(definition: &Map<String, Value>, key: &str) -> Option<String> {
    definition.get(key).and_then(Value::as_str).map(ToOwned::to_owned)
}

fn unsupported(name: &'static str) -> FieldType {
    FieldType::new(FieldKind::Unsupported(Cow::Borrowed(name)))
}
