//! One value of one field, its type as in the document (text stays text, numbers stay numbers) or as a mapping says.

use crate::{net::Ip, time::Timestamp};

/// A value that an event holds for a field. A field may hold several; null and absent hold none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number within 64 signed bits.
    Int(i64),
    /// A whole number beyond `i64::MAX` (`unsigned_long`).
    Unsigned(u64),
    /// Any other number.
    Float(f64),
    /// Text, escapes decoded.
    Text(&'a str),
    /// An address; only where a mapping says that the field is an `ip`.
    Ip(Ip),
    /// A point of time; only where a mapping says that the field is a `date` or `date_nanos`.
    Date(Timestamp),
}
