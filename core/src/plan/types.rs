//! What kind of field a rule speaks of: told by the schema, or left open so that each value tells.

use super::leaf::Number;
use crate::{
    eql::ast::{CompareOp, Field},
    schema::{Family, FieldKind, Lookup, Schema},
    time::{DateError, DateFormat, DateRange, Timestamp},
};
use alloc::{borrow::ToOwned, string::String};

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
#[derive(Clone, Copy, Debug)]
pub(crate) struct Types<'s> {
    pub(crate) schema: &'s Schema,
    /// What `now` means in a date constant, where somebody says it.
    pub(crate) now: Option<Timestamp>,
}

impl Types<'_> {
    pub(crate) fn resolve(&self, field: &Field) -> Resolved {
        self.resolve_path(&field.path)
    }

    /// The checker has refused mandatory fields that are nowhere mapped, and types that cannot be searched.
    pub(crate) fn resolve_path(&self, path: &str) -> Resolved {
        match self.schema.field(path) {
            Lookup::Open => Resolved::Field { path: path.to_owned(), kind: Kind::Open },
            Lookup::Unmapped => Resolved::Null,
            Lookup::Mapped { path, field } => {
                let kind = match field.kind.family() {
                    Some(Family::Number) => Kind::Number,
                    Some(Family::Boolean) => Kind::Bool,
                    Some(Family::Date) => Kind::Date,
                    Some(Family::Ip) => Kind::Ip,
                    Some(Family::Version) => Kind::Version,
                    Some(Family::Text) | None => Kind::Text,
                };
                Resolved::Field { path: path.to_owned(), kind }
            }
        }
    }

    /// A number that a field is compared with, as the field would hold it. Of a `scaled_float` only for equality: its ranges are exact.
    pub(crate) fn held(&self, field: &Field, op: CompareOp, number: Number) -> Number {
        match self.schema.field(&field.path) {
            Lookup::Mapped { field, .. }
                if field.kind.is_fractional() && (op == CompareOp::Eq || field.kind != FieldKind::ScaledFloat) =>
            {
                Number::Float(field.held(number.float()))
            }
            _ => number,
        }
    }

    /// What a date constant covers, in the field's format.
    pub(crate) fn date_range(&self, field: &Field, text: &str) -> Result<DateRange, DateError> {
        let format = match self.schema.field(&field.path) {
            Lookup::Mapped { field, .. } => field.format.as_deref().and_then(|format| DateFormat::parse(format).ok()),
            _ => None,
        };
        DateRange::parse(text, &format.unwrap_or_default(), self.now)
    }
}
