//! The values that functions and operators take and give, and why a computation may fail.

use super::java;
use crate::event::Value;
use alloc::{
    borrow::Cow,
    string::{String, ToString},
};
use core::fmt;

/// One value inside a leaf. Text is borrowed from the event or the query where it can be.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar<'a> {
    /// Unknown: the field is absent, or something it was computed from is null.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number beyond `i64::MAX`.
    Unsigned(u64),
    /// Any other number.
    Float(f64),
    /// Text.
    Text(Cow<'a, str>),
}

impl<'a> Scalar<'a> {
    /// Borrowed text.
    pub const fn text(text: &'a str) -> Self {
        Scalar::Text(Cow::Borrowed(text))
    }

    /// A whole number that is not negative.
    pub(crate) fn whole(value: u64) -> Self {
        i64::try_from(value).map_or(Scalar::Unsigned(value), Scalar::Int)
    }

    /// Is it null?
    pub const fn is_null(&self) -> bool {
        matches!(self, Scalar::Null)
    }

    /// The same, borrowing from nothing: a folded constant that outlives its query.
    pub fn into_owned(self) -> Scalar<'static> {
        match self {
            Scalar::Null => Scalar::Null,
            Scalar::Bool(value) => Scalar::Bool(value),
            Scalar::Int(value) => Scalar::Int(value),
            Scalar::Unsigned(value) => Scalar::Unsigned(value),
            Scalar::Float(value) => Scalar::Float(value),
            Scalar::Text(text) => Scalar::Text(Cow::Owned(text.into_owned())),
        }
    }

    /// The word that a message uses for its type, as Elasticsearch names it.
    pub const fn type_name(&self) -> &'static str {
        match self {
            Scalar::Null => "null",
            Scalar::Bool(_) => "boolean",
            Scalar::Int(_) => "integer",
            Scalar::Unsigned(_) => "unsigned_long",
            Scalar::Float(_) => "double",
            Scalar::Text(_) => "keyword",
        }
    }

    /// As `string()` gives it, in Java's spelling; `None` for null.
    pub(crate) fn to_text(&self) -> Option<Cow<'a, str>> {
        match self {
            Scalar::Null => None,
            Scalar::Bool(value) => Some(Cow::Borrowed(if *value { "true" } else { "false" })),
            Scalar::Int(value) => Some(Cow::Owned(value.to_string())),
            Scalar::Unsigned(value) => Some(Cow::Owned(value.to_string())),
            Scalar::Float(value) => Some(Cow::Owned(java::double(*value))),
            Scalar::Text(text) => Some(text.clone()),
        }
    }
}

/// A value of an event.
impl<'a> From<Value<'a>> for Scalar<'a> {
    fn from(value: Value<'a>) -> Self {
        match value {
            Value::Bool(value) => Scalar::Bool(value),
            Value::Int(value) => Scalar::Int(value),
            Value::Unsigned(value) => Scalar::whole(value),
            Value::Float(value) => Scalar::Float(value),
            Value::Text(text) => Scalar::text(text),
            Value::Ip(ip) => Scalar::Text(Cow::Owned(ip.to_string())),
            Value::Date(time) => Scalar::Text(Cow::Owned(time.to_iso())),
        }
    }
}

/// Why a computation failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EvalErrorKind {
    /// A whole number left 64 bits.
    Overflow,
    /// A whole number divided by zero.
    DivisionByZero,
    /// Text that `number()` cannot read.
    NotANumber,
    /// Text that is no IP address.
    BadIp,
    /// Text that is no CIDR block.
    BadCidr,
    /// Null where the function has no answer for it.
    NullArgument,
    /// A position outside of the text.
    OutOfBounds,
    /// Another number or type of arguments than the function takes.
    WrongArgument,
    /// A pattern that cannot be compiled.
    BadPattern,
}

/// A failed computation: the kind for programs, the message for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvalError {
    /// What went wrong.
    pub kind: EvalErrorKind,
    /// With the values that did it.
    pub message: String,
}

impl EvalError {
    pub(crate) fn new(kind: EvalErrorKind, message: impl Into<String>) -> Self {
        EvalError { kind, message: message.into() }
    }
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
impl core::error::Error for EvalError {}
