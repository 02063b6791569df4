//! Which lines of an Elasticsearch `_bulk` body are no events:
//!
//! ```text
//! {"create": {"_index": "logs"}}      an action
//! {"@timestamp": 1, ..}               the document that it creates
//! {"update": {"_id": "1"}}            an action
//! {"doc": {..}}                       a part of a document
//! ```

use alloc::string::String;
use serde_json::Value;

/// The state between two lines.
#[derive(Clone, Debug, Default)]
pub struct BulkLines {
    /// The next document is that of an update: a part of an event, not an event.
    pub(crate) skip_next: bool,
    /// The index of the next document, as the action says it.
    pub(crate) index: Option<String>,
}

impl BulkLines {
    /// Whether the line is no event: an action (an object whose one key names it), or the document of an update.
    pub fn skips(&mut self, text: &str) -> bool {
        if core::mem::take(&mut self.skip_next) {
            return true;
        }
        // Every document comes by here.
        if let [b'{', b'"', letter, ..] = text.as_bytes()
            && !matches!(letter, b'i' | b'c' | b'u' | b'd')
        {
            return false;
        }
        let key = text.trim_start().strip_prefix('{').map(str::trim_start).unwrap_or("");
        if !["\"index\"", "\"create\"", "\"update\"", "\"delete\""].iter().any(|action| key.starts_with(action)) {
            return false;
        }
        self.index = None;
        let Ok(Value::Object(mut keys)) = serde_json::from_str(text) else { return false };
        if keys.len() != 1 {
            return false;
        }
        let Some((action, target)) = keys.iter_mut().next() else { return false };
        match (action.as_str(), target) {
            ("index" | "create", Value::Object(target)) => match target.remove("_index") {
                Some(Value::String(index)) => self.index = Some(index),
                None | Some(Value::Null) => {}
                Some(_) => return false,
            },
            ("update", _) => self.skip_next = true,
            ("delete", _) => {}
            _ => return false,
        }
        true
    }

    /// Whether the next line is what it is by itself, whatever came before it.
    pub(crate) fn is_idle(&self) -> bool {
        !self.skip_next && self.index.is_none()
    }

    /// The index that the last action named for the document that follows it; once.
    pub fn take_index(&mut self) -> Option<String> {
        self.index.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_and_parts_are_no_events() {
        let mut lines = BulkLines::default();
        let skipped = [
            r#"{"create": {}}"#,
            r#"{"a": 1}"#,
            r#" { "update" : {"_id": "1"}}"#,
            r#"{"doc": {"a": 1}}"#,
            r#"{"index": {"x": 1}, "event": {}}"#,
            r#"{"delete": {"_id": "1"}}"#,
            r#"{"a": 2}"#,
        ];
        assert_eq!(skipped.map(|line| lines.skips(line)), [true, false, true, true, false, true, false]);
        assert_eq!(lines.take_index(), None);
        assert!(lines.skips(r#"{"create": {"_index": "logs"}}"#));
        assert_eq!((lines.take_index().as_deref(), lines.take_index()), (Some("logs"), None));
    }
}
