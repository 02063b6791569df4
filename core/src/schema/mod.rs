//! What types the fields have: open by default (types follow the values), or given by an Elasticsearch mapping or by ECS.
//!
//! ```
//! use eqlite_core::schema::{FieldKind, Lookup, Schema};
//! let schema = Schema::from_mapping(r#"{"properties": {
//!     "process": {"properties": {"pid": {"type": "long"}}},
//!     "pid": {"type": "alias", "path": "process.pid"}
//! }}"#).unwrap();
//! let Lookup::Mapped { path, field } = schema.field("pid") else { panic!() };
//! assert_eq!((path, &field.kind), ("process.pid", &FieldKind::Long));
//! assert_eq!(schema.field("process.name"), Lookup::Unmapped);
//! assert_eq!(schema.suggest("process.pit"), Some("process.pid"));
//! assert_eq!(Schema::open().field("anything"), Lookup::Open);
//! ```

mod coerce;
mod ecs;
mod kind;
mod mapping;
mod suggest;

pub(crate) use coerce::Coercions;
pub use kind::{Family, FieldKind};
pub use mapping::MappingError;
pub(crate) use suggest::nearest;

use crate::ordered::OrderedMap;
use alloc::{
    borrow::{Cow, ToOwned},
    format,
    string::String,
};

/// The types of the fields of one index or of several.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    open: bool,
    fields: OrderedMap<String, FieldType>,
    /// From the alias to the field.
    aliases: OrderedMap<String, String>,
}

/// All that a mapping says about a field.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FieldType {
    /// Its type.
    pub kind: FieldKind,
    /// Of a `text` field: the sub-field that holds the value whole. Elasticsearch searches that one in its place.
    pub exact: Option<ExactField>,
    /// Values of more characters than this are not indexed: to a query they are absent.
    pub ignore_above: Option<usize>,
    /// What an explicit `null` in a document counts as.
    pub null_value: Option<serde_json::Value>,
    /// `format` of a date field.
    pub format: Option<String>,
    /// `scaling_factor` of a `scaled_float`: values are rounded to multiples of its inverse.
    pub scaling_factor: Option<f64>,
    /// `value` of a `constant_keyword`: each document has it.
    pub constant: Option<String>,
    /// A keyword with a `normalizer`: it does not hold what was written, and so cannot be compared exactly.
    pub normalized: bool,
    /// Of a sub-field (`name.keyword`): the field of the document that holds the values.
    pub source: Option<String>,
}

/// The exact form of a `text` field.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExactField {
    /// Its whole path: `file.name.keyword`.
    pub path: String,
    /// Its type: `keyword`, `wildcard` or `constant_keyword`.
    pub kind: FieldKind,
    /// See [`FieldType::ignore_above`].
    pub ignore_above: Option<usize>,
}

/// What a schema knows about the path of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Lookup<'a> {
    /// The schema is open and says nothing: the type is that of each value.
    Open,
    /// The field has a type.
    Mapped {
        /// Where the values stand in a document: aliases resolved, sub-fields traced back to their field.
        path: &'a str,
        /// The type.
        field: &'a FieldType,
    },
    /// No index has the field.
    Unmapped,
}

/// What a path is below which fields are mapped.
static OBJECT: FieldType = FieldType::new(FieldKind::Unsupported(Cow::Borrowed("object")));

impl FieldType {
    /// A field of this type about which nothing else is said.
    pub const fn new(kind: FieldKind) -> Self {
        FieldType {
            kind,
            exact: None,
            ignore_above: None,
            null_value: None,
            format: None,
            scaling_factor: None,
            constant: None,
            normalized: false,
            source: None,
        }
    }

    /// The number that a fractional field holds in the place of this one: a `float` has no 0.1, only what is nearest to it.
    pub(crate) fn held(&self, number: f64) -> f64 {
        match self.kind {
            FieldKind::Float => f64::from(number as f32),
            FieldKind::HalfFloat => half(number as f32),
            FieldKind::ScaledFloat => {
                let factor = self.scaling_factor.filter(|factor| *factor > 0.0).unwrap_or(1.0);
                round(number * factor) / factor
            }
            _ => number,
        }
    }

    /// What Elasticsearch makes of text in a field that no mapping names: `text`, with its first 256 characters' worth of exact values in `path.keyword`.
    pub fn dynamic_text(path: &str) -> Self {
        let exact = ExactField { path: format!("{path}.keyword"), kind: FieldKind::Keyword, ignore_above: Some(256) };
        FieldType { exact: Some(exact), ..FieldType::new(FieldKind::Text) }
    }
}

impl Schema {
    /// The schema that knows nothing and refuses nothing: the type of a field is that of each of its values.
    pub fn open() -> Self {
        Schema { open: true, ..Schema::default() }
    }

    /// The schema of one index from its Elasticsearch mapping: `{"properties": ..}`, `{"mappings": ..}`, or the answer of `GET index/_mapping`.
    ///
    /// # Errors
    /// Where the text is no JSON, or not of that form. Types that EQL cannot search are no errors: a query that uses them is.
    pub fn from_mapping(json: &str) -> Result<Self, MappingError> {
        mapping::read(json)
    }

    /// The fields of the Elastic Common Schema, version 9.5, and nothing else.
    pub fn ecs() -> Self {
        ecs::schema()
    }

    /// Several indices searched together. A field that has incompatible types in two of them cannot be used; one that is mapped anywhere is mapped.
    pub fn merge(schemas: &[Schema]) -> Self {
        let mut merged = Schema::default();
        for schema in schemas {
            merged.open |= schema.open;
            for (path, field) in schema.fields.iter() {
                let new = match merged.fields.get(path) {
                    None => field.clone(),
                    Some(FieldType { kind: known, .. }) if !known.merges_with(&field.kind) => {
                        let conflict = format!("{} in one index and {} in another", known.name(), field.kind.name());
                        FieldType::new(FieldKind::Unsupported(Cow::Owned(conflict)))
                    }
                    Some(_) => continue,
                };
                merged.fields.insert(path.clone(), new);
            }
            for (alias, path) in schema.aliases.iter() {
                merged.aliases.insert(alias.clone(), path.clone());
            }
        }
        merged
    }

    /// Adds or replaces a field: how a caller maps what the data hold and the mapping does not name.
    pub fn insert(&mut self, path: &str, field: FieldType) {
        if let Some(exact) = &field.exact
            && !self.fields.contains(&exact.path)
        {
            let sub = FieldType {
                ignore_above: exact.ignore_above,
                source: Some(path.to_owned()),
                ..FieldType::new(exact.kind.clone())
            };
            self.fields.insert(exact.path.clone(), sub);
        }
        self.fields.insert(path.to_owned(), field);
    }

    /// Makes `alias` another name of the field at `path`.
    pub fn insert_alias(&mut self, alias: &str, path: &str) {
        self.aliases.insert(alias.to_owned(), path.to_owned());
    }

    /// Whether fields that are not known may be used.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// What is known about a field.
    pub fn field(&self, path: &str) -> Lookup<'_> {
        // Elasticsearch: an alias cannot point to another alias.
        let path = self.aliases.get(path).map_or(path, String::as_str);
        if let Some((own, field)) = self.fields.entry(path) {
            return Lookup::Mapped { path: field.source.as_ref().unwrap_or(own), field };
        }
        let below = self.fields.first_from(&format!("{path}.")).filter(|(key, _)| is_below(key, path));
        match below {
            // The path of the object is the beginning of that of the field below it.
            Some((key, _)) => Lookup::Mapped { path: key.get(..path.len()).unwrap_or(key), field: &OBJECT },
            None if self.open => Lookup::Open,
            None => Lookup::Unmapped,
        }
    }

    /// The known field whose name is nearest to this one: "did you mean".
    pub fn suggest(&self, path: &str) -> Option<&str> {
        let usable =
            self.fields.iter().filter(|(_, field)| field.kind.family().is_some()).map(|(path, _)| path.as_str());
        nearest(path, usable.chain(self.aliases.keys().map(String::as_str)))
    }

    /// Every field with its type, in the order of the paths.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &FieldType)> {
        self.fields.iter().map(|(path, field)| (path.as_str(), field))
    }
}

/// To the next whole number, halves upwards, as Java's `Math.round`.
fn round(number: f64) -> f64 {
    let up = number + 0.5;
    let cut = (up as i64) as f64;
    if cut > up { cut - 1.0 } else { cut }
}

/// To the next number of 16 bits: eleven significant ones, and no finer than 2^-24.
fn half(number: f32) -> f64 {
    const FINEST: f64 = 16_777_216.0;
    const NORMAL: f32 = 6.103_515_6e-5;
    if number.abs() < NORMAL {
        return round(f64::from(number) * FINEST) / FINEST;
    }
    let bits = number.to_bits();
    let up = bits.wrapping_add(0xFFF).wrapping_add(bits >> 13 & 1);
    f64::from(if number.is_finite() { f32::from_bits(up & !0x1FFF) } else { number })
}

fn is_below(path: &str, object: &str) -> bool {
    path.strip_prefix(object).is_some_and(|rest| rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind<'a>(schema: &'a Schema, path: &str) -> (&'a str, &'a FieldKind) {
        match schema.field(path) {
            Lookup::Mapped { path, field } => (path, &field.kind),
            other => panic!("{path}: {other:?}"),
        }
    }

    #[test]
    fn text_is_searched_by_its_exact_sub_field() {
        let schema = Schema::from_mapping(
            r#"{"mappings": {"properties": {"file": {"properties": {"name": {"type": "text", "fields": {
                "words": {"type": "text"}, "raw": {"type": "wildcard", "ignore_above": 9}}}}}}}}"#,
        )
        .unwrap();
        let Lookup::Mapped { field, .. } = schema.field("file.name") else { panic!() };
        let exact = field.exact.as_ref().unwrap();
        assert_eq!((exact.path.as_str(), exact.ignore_above), ("file.name.raw", Some(9)));
        assert_eq!(kind(&schema, "file.name.raw"), ("file.name", &FieldKind::Wildcard));
        assert_eq!(kind(&schema, "file.name.words"), ("file.name", &FieldKind::Text));
        assert_eq!(kind(&schema, "file"), ("file", &FieldKind::Unsupported("object".into())));
    }

    #[test]
    fn what_lies_below_nested_documents_cannot_be_used() {
        let mapping = r#"{"properties": {"a": {"type": "nested", "properties": {"b": {"type": "long"}}}}}"#;
        let schema = Schema::from_mapping(mapping).unwrap();
        assert_eq!(kind(&schema, "a.b").1.family(), None);
        assert_eq!(kind(&schema, "a").1.name(), "nested");
    }

    #[test]
    fn two_indices_together() {
        let one = Schema::from_mapping(r#"{"properties": {"a": {"type": "long"}, "b": {"type": "keyword"}}}"#).unwrap();
        let two = Schema::from_mapping(
            r#"{"properties": {"b": {"type": "wildcard"}, "c": {"type": "ip"}, "a": {"type": "keyword"}}}"#,
        );
        let both = Schema::merge(&[one, two.unwrap()]);
        assert_eq!(kind(&both, "a").1.family(), None, "long and keyword are no one type");
        assert_eq!(kind(&both, "b").1.family(), Some(Family::Text));
        assert_eq!(kind(&both, "c").1.family(), Some(Family::Ip));
        assert_eq!(both.field("d"), Lookup::Unmapped);
    }

    #[test]
    fn what_the_data_add() {
        let mut schema = Schema::from_mapping(r#"{"properties": {}}"#).unwrap();
        schema.insert("user.name", FieldType::dynamic_text("user.name"));
        assert_eq!(kind(&schema, "user.name.keyword"), ("user.name", &FieldKind::Keyword));
        assert_eq!(schema.field("use"), Lookup::Unmapped);
    }

    #[test]
    fn malformed_mappings() {
        for json in [
            "",
            "[]",
            "{}",
            r#"{"properties": 1}"#,
            r#"{"properties": {"a": {"type": 5}}}"#,
            r#"{"properties": {"a": {"type": "alias"}}}"#,
        ] {
            assert!(Schema::from_mapping(json).is_err(), "{json}");
        }
    }
}
