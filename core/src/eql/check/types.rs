//! The types of values, as far as they are known before any event: of literals, of functions, and of fields that the schema maps.

use super::super::ast::{ExprKind, Field, Literal};
use super::Checker;
use crate::{
    functions::{Function, Kind},
    schema::{Family, Lookup},
};

/// What is known of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    /// Nothing: the schema is open, or the mistake is reported already.
    Any,
    /// Always null.
    Null,
    /// One of the types of fields.
    Of(Family),
}

pub(super) const TEXT: Type = Type::Of(Family::Text);
pub(super) const NUMBER: Type = Type::Of(Family::Number);
pub(super) const BOOLEAN: Type = Type::Of(Family::Boolean);

impl Type {
    /// Elasticsearch's `areCompatible`: same family, or null on one side.
    pub(super) fn is_comparable(self, other: Type) -> bool {
        match (self, other) {
            (Type::Of(left), Type::Of(right)) => left == right,
            _ => true,
        }
    }

    /// Whether a function takes it where it says `kind`.
    pub(super) fn fits(self, kind: Kind) -> bool {
        match (self, kind) {
            (Type::Any | Type::Null, _) | (_, Kind::Any) => true,
            (Type::Of(family), Kind::Bool) => family == Family::Boolean,
            (Type::Of(family), Kind::Int | Kind::Number) => family == Family::Number,
            (Type::Of(family), Kind::Text) => family == Family::Text,
            (Type::Of(family), Kind::Ip) => family == Family::Ip,
        }
    }

    /// The words that a message uses.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Type::Any => "a value",
            Type::Null => "null",
            Type::Of(family) => family.name(),
        }
    }
}

impl From<Kind> for Type {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Any => Type::Any,
            Kind::Bool => BOOLEAN,
            Kind::Int | Kind::Number => NUMBER,
            Kind::Text => TEXT,
            Kind::Ip => Type::Of(Family::Ip),
        }
    }
}

impl Checker<'_> {
    /// The type of an expression.
    pub(super) fn type_of(&self, kind: &ExprKind) -> Type {
        match kind {
            ExprKind::Literal(Literal::Null) => Type::Null,
            ExprKind::Literal(Literal::Bool(_)) => BOOLEAN,
            ExprKind::Literal(Literal::Int(_) | Literal::Unsigned(_) | Literal::Float(_)) => NUMBER,
            ExprKind::Literal(Literal::Text(_)) => TEXT,
            ExprKind::Field(field) => self.field_type(field),
            ExprKind::Not(_) | ExprKind::And(_) | ExprKind::Or(_) => BOOLEAN,
            ExprKind::Compare { .. } | ExprKind::In { .. } | ExprKind::Match { .. } => BOOLEAN,
            ExprKind::Arithmetic { .. } | ExprKind::Negate(_) => NUMBER,
            ExprKind::Call { name, .. } => {
                Function::lookup(&name.text).map_or(Type::Any, |function| function.signature().returns.into())
            }
        }
    }

    /// The type of a field. An optional field that is not mapped is always null.
    pub(super) fn field_type(&self, field: &Field) -> Type {
        match self.schema.field(&field.path) {
            Lookup::Open => Type::Any,
            Lookup::Mapped { field, .. } => field.kind.family().map_or(Type::Any, Type::Of),
            Lookup::Unmapped if field.optional => Type::Null,
            Lookup::Unmapped => Type::Any,
        }
    }

    /// Whether the value is the same for every event.
    pub(super) fn is_constant(&self, kind: &ExprKind) -> bool {
        match kind {
            ExprKind::Literal(_) => true,
            ExprKind::Field(field) => field.optional && self.schema.field(&field.path) == Lookup::Unmapped,
            ExprKind::Not(inner) | ExprKind::Negate(inner) => self.is_constant(&inner.kind),
            ExprKind::And(parts) | ExprKind::Or(parts) | ExprKind::Call { args: parts, .. } => {
                parts.iter().all(|part| self.is_constant(&part.kind))
            }
            ExprKind::Compare { left, right, .. } | ExprKind::Arithmetic { left, right, .. } => {
                self.is_constant(&left.kind) && self.is_constant(&right.kind)
            }
            ExprKind::In { value, list: parts, .. } | ExprKind::Match { value, patterns: parts, .. } => {
                self.is_constant(&value.kind) && parts.iter().all(|part| self.is_constant(&part.kind))
            }
        }
    }
}
