//! Settings as hosts write them: JSON, read key by key. A name that nobody knows is refused, so that a slip does not pass, and a fault says where
//! it is:
//!
//! ```text
//! {"limits": {"alerts": "many"}}      limits.alerts: a whole number is wanted, not "many"
//! {"limit": {}}                       `limit` is no setting; there are rules, format, limits
//! ```
//!
//! This does what `serde`'s derived readers would, which take 16 kB more of the packed module (docs/performance.md).

use crate::failure::Failure;
use eqlite_core::{
    Format, Host, KibanaContext, Limits, Routing,
    search::{ResultPosition, SearchOptions},
};
use serde_json::{Map, Value};

/// What is wrong with a setting, and where.
pub(crate) type Fault = String;

/// A value that a host can set.
pub(crate) trait Setting: Sized {
    fn read(value: Value) -> Result<Self, Fault>;
}

/// Reads options, a JSON object. An empty text stands for `{}`.
pub(crate) fn parse<T: Setting>(options: &str) -> Result<T, Failure> {
    read(if options.trim().is_empty() { "{}" } else { options })
        .map_err(|fault| Failure::options(format!("the options cannot be read: {fault}")))
}

/// Reads JSON.
pub(crate) fn read<T: Setting>(json: &str) -> Result<T, Fault> {
    T::read(serde_json::from_str(json).map_err(|error| error.to_string())?)
}

/// `wanted`: what the value should have been, in words.
pub(crate) fn wrong<T>(wanted: &str, found: &Value) -> Result<T, Fault> {
    let mut shown = found.to_string();
    if shown.len() > 60 {
        shown = "a long one".to_string();
    }
    Err(format!("{wanted} is wanted, not {shown}"))
}

/// Reads the keys of an object one after the other.
pub(crate) fn object(
    value: Value,
    names: &[&str],
    set: &mut dyn FnMut(&str, Value) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let Value::Object(keys) = value else { return wrong("an object", &value) };
    for (name, value) in keys {
        if !names.contains(&name.as_str()) {
            return Err(format!("`{name}` is no setting; there are {}", names.join(", ")));
        }
        set(&name, value).map_err(|fault| {
            // `a: fault`, `a.b: fault` and `a[0]: fault`
            let deeper = fault.split_once(": ").is_some_and(|(path, _)| path.bytes().all(is_of_path));
            format!(
                "{name}{}{fault}",
                if !deeper {
                    ": "
                } else if fault.starts_with('[') {
                    ""
                } else {
                    "."
                }
            )
        })?;
    }
    Ok(())
}

fn is_of_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'[' | b']')
}

/// `settings!(Host { "id" => id, .. })`: how the fields of a struct are called in JSON. What is not given keeps its default.
macro_rules! settings {
    ($type:ident { $($name:literal => $field:ident),* $(,)? }) => {
        impl $crate::settings::Setting for $type {
            fn read(value: serde_json::Value) -> Result<Self, $crate::settings::Fault> {
                let mut read = $type::default();
                $crate::settings::object(value, &[$($name),*], &mut |name, value| {
                    match name {
                        $($name => read.$field = $crate::settings::Setting::read(value)?,)*
                        _ => {}
                    }
                    Ok(())
                })?;
                Ok(read)
            }
        }
    };
}
pub(crate) use settings;

/// `words!(Format { "auto" => Auto, .. })`: how the values of an enum are called in JSON.
macro_rules! words {
    ($type:ident { $($name:literal => $value:ident),* $(,)? }) => {
        impl $crate::settings::Setting for $type {
            fn read(value: serde_json::Value) -> Result<Self, $crate::settings::Fault> {
                match value.as_str() {
                    $(Some($name) => Ok($type::$value),)*
                    _ => $crate::settings::wrong(&[$(concat!("`", $name, "`")),*].join(" or "), &value),
                }
            }
        }
    };
}
pub(crate) use words;

impl Setting for Value {
    fn read(value: Value) -> Result<Self, Fault> {
        Ok(value)
    }
}

impl Setting for Map<String, Value> {
    fn read(value: Value) -> Result<Self, Fault> {
        match value {
            Value::Object(keys) => Ok(keys),
            other => wrong("an object", &other),
        }
    }
}

impl Setting for bool {
    fn read(value: Value) -> Result<Self, Fault> {
        value.as_bool().map_or_else(|| wrong("true or false", &value), Ok)
    }
}

impl Setting for u64 {
    fn read(value: Value) -> Result<Self, Fault> {
        value.as_u64().map_or_else(|| wrong("a whole number", &value), Ok)
    }
}

impl Setting for usize {
    fn read(value: Value) -> Result<Self, Fault> {
        let number = value.as_u64().and_then(|number| usize::try_from(number).ok());
        number.map_or_else(|| wrong("a whole number", &value), Ok)
    }
}

impl Setting for i64 {
    fn read(value: Value) -> Result<Self, Fault> {
        value.as_i64().map_or_else(|| wrong("a whole number", &value), Ok)
    }
}

impl Setting for String {
    fn read(value: Value) -> Result<Self, Fault> {
        match value {
            Value::String(text) => Ok(text),
            other => wrong("text", &other),
        }
    }
}

impl<T: Setting> Setting for Option<T> {
    fn read(value: Value) -> Result<Self, Fault> {
        if value.is_null() { Ok(None) } else { T::read(value).map(Some) }
    }
}

impl<T: Setting> Setting for Vec<T> {
    fn read(value: Value) -> Result<Self, Fault> {
        let Value::Array(values) = value else { return wrong("a list", &value) };
        let mut read = Vec::with_capacity(values.len());
        for value in values {
            read.push(T::read(value).map_err(|fault| format!("[{}]: {fault}", read.len()))?);
        }
        Ok(read)
    }
}

words!(Format { "auto" => Auto, "ecs" => Ecs, "auditd" => Auditd });
words!(Routing { "auto" => Auto, "off" => Off });
words!(ResultPosition { "head" => Head, "tail" => Tail });
settings!(Host { "id" => id, "name" => name });
settings!(Limits {
    "lineBytes" => line_bytes,
    "jsonDepth" => json_depth,
    "keysPerRule" => keys_per_rule,
    "eventsPerStage" => events_per_stage,
    "suppressionGroups" => suppression_groups,
    "stateBytes" => state_bytes,
    "alerts" => alerts,
    "problems" => problems,
    "auditInFlight" => audit_in_flight,
    "reorderEvents" => reorder_events,
});
settings!(KibanaContext {
    "space" => space,
    "ruleUuid" => rule_uuid,
    "eventIndex" => event_index,
    "now" => now,
    "version" => version,
    "publicBaseUrl" => public_base_url,
});
settings!(SearchOptions {
    "size" => size,
    "resultPosition" => result_position,
    "result_position" => result_position,
    "maxSamplesPerKey" => max_samples_per_key,
    "max_samples_per_key" => max_samples_per_key,
    "timestampField" => timestamp_field,
    "timestamp_field" => timestamp_field,
    "tiebreakerField" => tiebreaker_field,
    "tiebreaker_field" => tiebreaker_field,
    "eventCategoryField" => event_category_field,
    "event_category_field" => event_category_field,
    "now" => now,
});

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde::{Serialize, de::DeserializeOwned};
    use serde_json::json;
    use std::fmt::Debug;

    /// What the core says of a type, by its derived readers and writers, is what is read here.
    fn all_of<T: Setting + Default + Serialize + DeserializeOwned + PartialEq + Debug>(other: Value) {
        let default = serde_json::to_value(T::default()).unwrap();
        let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&default), keys(&other));
        let read = T::read(other.clone()).unwrap();
        assert_eq!(read, serde_json::from_value(other).unwrap());
        assert_eq!(T::read(default).unwrap(), T::default());
        assert_ne!(read, T::default());
    }

    #[test]
    fn every_setting_of_the_core_is_read() {
        let limits = [
            "alerts",
            "auditInFlight",
            "eventsPerStage",
            "jsonDepth",
            "keysPerRule",
            "lineBytes",
            "problems",
            "reorderEvents",
            "stateBytes",
            "suppressionGroups",
        ];
        all_of::<Limits>(limits.iter().enumerate().map(|(value, name)| (name.to_string(), json!(value + 7))).collect());
        all_of::<Host>(json!({"id": "a", "name": null}));
        all_of::<SearchOptions>(json!({
            "size": 3, "result_position": "head", "max_samples_per_key": 2, "timestamp_field": "t", "tiebreaker_field": "b",
            "event_category_field": "c", "now": -5
        }));
        let kibana =
            json!({"space": "s", "ruleUuid": "r", "eventIndex": "i", "now": 5, "version": "9", "publicBaseUrl": "u"});
        assert_eq!(KibanaContext::read(kibana.clone()).unwrap(), serde_json::from_value(kibana).unwrap());
        for (word, format) in [("auto", Format::Auto), ("ecs", Format::Ecs), ("auditd", Format::Auditd)] {
            assert_eq!((Format::read(json!(word)), serde_json::to_value(format).unwrap()), (Ok(format), json!(word)));
        }
        for (word, routing) in [("auto", Routing::Auto), ("off", Routing::Off)] {
            assert_eq!(
                (Routing::read(json!(word)), serde_json::to_value(routing).unwrap()),
                (Ok(routing), json!(word))
            );
        }
    }

    #[test]
    fn faults_say_where_they_are() {
        let fault = |options: Value| read::<crate::options::Options>(&options.to_string()).unwrap_err();
        assert_eq!(
            fault(json!({"limits": {"alerts": "many"}})),
            "limits.alerts: a whole number is wanted, not \"many\""
        );
        assert_eq!(fault(json!({"format": "xml"})), "format: `auto` or `ecs` or `auditd` is wanted, not \"xml\"");
        assert_eq!(fault(json!({"host": {"ip": 1}})), "host: `ip` is no setting; there are id, name");
        assert_eq!(
            fault(json!({"rules": ["a", 5]})),
            "rules[1]: a rule as text, {file, text} or an object is wanted, not 5"
        );
        assert_eq!(fault(json!([1])), "an object is wanted, not [1]");
        assert!(fault(json!({"kibanna": {}})).starts_with("`kibanna` is no setting; there are rules, format,"));
        assert!(read::<Limits>("{").unwrap_err().starts_with("EOF"));
    }
}
