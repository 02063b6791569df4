//! Events: one document is read once, and only the fields that the rules name are kept.

mod value;

pub use value::Value;
