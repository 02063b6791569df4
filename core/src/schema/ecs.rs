//! The field types of the Elastic Common Schema, unpacked from the short notation of `ecs.txt`.
//!
//! `client(ip:ip port:long user(&account))` with `&account = name roles` is `client.ip` of type ip, `client.port` of type long,
//! `client.user.name` and `client.user.roles` of type keyword.

use super::{FieldKind, FieldType, Schema};
use crate::ordered::OrderedMap;
use alloc::{
    borrow::{Cow, ToOwned},
    format,
    string::String,
    vec::Vec,
};

const TABLE: &str = include_str!("ecs.txt");

pub(super) fn schema() -> Schema {
    let mut sets: OrderedMap<&str, Vec<&str>> = OrderedMap::default();
    let mut name = "";
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_suffix(" =") {
            Some(next) => name = next,
            None => {
                if let Some(set) = sets.get_or_insert_with(name, Vec::new) {
                    set.extend(words(line));
                }
            }
        }
    }
    let mut schema = Schema::default();
    unpack(&mut schema, &sets, "ecs", "", false);
    schema
}

/// The words of a line; `(` and `)` are words of their own.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split_whitespace()
        .flat_map(|word| word.split_inclusive(['(', ')']))
        .flat_map(|word| match word.strip_suffix(['(', ')']) {
            Some(name) => [name, word.get(name.len()..).unwrap_or("")],
            None => [word, ""],
        })
        .filter(|word| !word.is_empty())
}

/// Puts the fields of a set below `prefix`. Sets that name each other are unpacked one within the other; the table holds no circle.
fn unpack<'t>(schema: &mut Schema, sets: &OrderedMap<&'t str, Vec<&'t str>>, set: &str, prefix: &str, nested: bool) {
    let mut path = prefix.to_owned();
    let mut nested = nested;
    // Where to go back to at each `)`.
    let mut outer: Vec<(String, bool)> = Vec::new();
    let mut rest = sets.get(set).into_iter().flatten().peekable();
    while let Some(word) = rest.next() {
        if *word == ")" {
            (path, nested) = outer.pop().unwrap_or_default();
            continue;
        }
        if word.starts_with('&') {
            unpack(schema, sets, word, &path, nested);
            continue;
        }
        let (name, kind) = word.split_once(':').map_or((*word, None), |(name, kind)| (name, Some(kind)));
        let own = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let parent = rest.next_if(|next| **next == "(").is_some();
        if let Some(kind) = kind.or(if parent { None } else { Some("keyword") }) {
            let kind =
                if nested { FieldKind::Unsupported(Cow::Borrowed("nested")) } else { FieldKind::from_name(kind) };
            schema.insert(&own, FieldType::new(kind));
        }
        if parent {
            outer.push((core::mem::replace(&mut path, own), nested));
            nested |= kind == Some("nested");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Family, Lookup};
    use super::*;

    fn family(path: &str) -> Option<Family> {
        match Schema::ecs().field(path) {
            Lookup::Mapped { field, .. } => field.kind.family(),
            other => panic!("{path}: {other:?}"),
        }
    }

    #[test]
    fn fields_of_every_family() {
        assert_eq!(family("@timestamp"), Some(Family::Date));
        assert_eq!(family("process.parent.pid"), Some(Family::Number));
        assert_eq!(family("process.parent.executable"), Some(Family::Text));
        assert_eq!(family("destination.ip"), Some(Family::Ip));
        assert_eq!(family("file.code_signature.trusted"), Some(Family::Boolean));
        assert_eq!(family("user.target.group.name"), Some(Family::Text));
        assert_eq!(family("source.geo.location"), None);
        assert_eq!(family("process"), None);
    }

    #[test]
    fn what_the_table_holds() {
        let schema = Schema::ecs();
        assert_eq!(schema.field("process.nam"), Lookup::Unmapped);
        assert_eq!(schema.suggest("proces.name"), Some("process.name"));
        assert_eq!(schema.fields().count(), 2_601);
        let known = ["nested", "object", "flattened", "geo_point"];
        for (path, field) in schema.fields() {
            let fits = field.kind.family().is_some() || known.contains(&field.kind.name());
            assert!(fits && !path.contains(['&', '(', ')', ':', ' ']), "{path}: {:?}", field.kind);
        }
        assert!(
            matches!(schema.field("file.elf.sections.name"), Lookup::Mapped { field, .. } if field.kind.name() == "nested")
        );
    }
}
