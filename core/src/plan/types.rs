//! What kind of field a rule speaks of: told by the schema, or left open so that each value tells.

use crate::{Timestamp, eql::ast::Field};
use alloc::{borrow::ToOwned, string::String};
use core::marker::PhantomData;

/// How the constants that a field is compared with are to be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// No schema: the value's own type decides.
    Open,
    /// Exact text.
    Text,
    /// Any number.
    Number,
    /// A boolean.
    Bool,
    /// An address.
    Ip,
    /// A time.
    Date,
    /// A version.
    Version,
}

/// A field, looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Resolved {
    /// An optional field that is nowhere mapped: a null constant.
    Null,
    /// A field, by the path at which documents hold it.
    Field { path: String, kind: Kind },
}

impl Resolved {
    pub(crate) fn is_null(&self) -> bool {
        *self == Resolved::Null
    }
}

/// The schema as the plan sees it.
#[derive(Debug, Default)]
pub(crate) struct Types<'s> {
    schema: PhantomData<&'s ()>,
}

impl Types<'_> {
    pub(crate) fn resolve(&self, field: &Field) -> Resolved {
        Resolved::Field { path: field.path.to_owned(), kind: Kind::Open }
    }

    /// The first and the last instant that a date constant covers, in the field's format.
    pub(crate) fn date_range(&self, _field: &Field, text: &str) -> Option<(Timestamp, Timestamp)> {
        Timestamp::parse(text).map(|time| (time, time))
    }
}
