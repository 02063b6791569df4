//! Computed leaves: expressions with functions and arithmetic, evaluated per event. Null is three-valued here.
//!
//! `concat(user.name, "@", host.name) == "root@web"` has two field occurrences. Each takes one value at a time, and the leaf is true where
//! any combination makes it true; a field used twice takes its values independently. [Elasticsearch: Scripts.multiValueDocValuesRewrite]

use crate::{
    eql::ast::{ArithmeticOp, CompareOp},
    event::{EventView, FieldId},
    functions::{self, EvalError, Function, Scalar},
    lowercase::lowercase,
    pattern::{Regex, TextSet},
};
use alloc::{boxed::Box, vec::Vec};

/// An expression over the values of an event.
#[derive(Clone, Debug)]
pub(crate) struct Computed {
    pub(crate) root: Node,
    /// The field of each occurrence.
    pub(crate) fields: Vec<FieldId>,
    /// A boolean operator stands within a function's argument: Elasticsearch then takes only the first value of each field.
    pub(crate) first_only: bool,
}

/// One step of an expression.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    Const(Scalar<'static>),
    /// The value of an occurrence.
    Field(usize),
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Compare(CompareOp, Box<Node>, Box<Node>),
    /// `x == null`, or with `false` `x != null`.
    IsNull(Box<Node>, bool),
    In(Box<Node>, Vec<Node>, InCase),
    Text(Box<Node>, TextSet),
    Regex(Box<Node>, Regex),
    Arithmetic(ArithmeticOp, Box<Node>, Box<Node>),
    Negate(Box<Node>),
    Call(Function, bool, Vec<Node>),
}

/// `in` or `in~`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InCase {
    Sensitive,
    Insensitive,
}

/// The most combinations of values that one leaf looks at.
const COMBINATIONS: usize = 10_000;

impl Computed {
    /// Is it true for any combination of values?
    pub(crate) fn any_true(&self, view: EventView<'_>) -> Result<bool, EvalError> {
        self.any(view, |value| *value == Scalar::Bool(true))
    }

    /// Is it null for any combination of values?
    pub(crate) fn any_null(&self, view: EventView<'_>) -> Result<bool, EvalError> {
        self.any(view, |value| *value == Scalar::Null)
    }

    fn any(&self, view: EventView<'_>, wanted: impl Fn(&Scalar<'_>) -> bool) -> Result<bool, EvalError> {
        let choices: Vec<Vec<Scalar<'_>>> = self
            .fields
            .iter()
            .map(|&field| {
                let values = view.values(field).map(Scalar::from);
                let mut values: Vec<_> = values.take(if self.first_only { 1 } else { COMBINATIONS }).collect();
                if values.is_empty() {
                    values.push(Scalar::Null);
                }
                values
            })
            .collect();
        // Counts through the combinations like an odometer, the last occurrence fastest.
        let mut at = alloc::vec![0_usize; choices.len()];
        for _ in 0..COMBINATIONS {
            let values: Vec<Scalar<'_>> = choices
                .iter()
                .zip(&at)
                .map(|(values, &index)| values.get(index).cloned().unwrap_or(Scalar::Null))
                .collect();
            if wanted(&self.root.value(&values)?) {
                return Ok(true);
            }
            let mut turned = false;
            for (index, values) in at.iter_mut().zip(&choices).rev() {
                *index = index.saturating_add(1);
                if *index < values.len() {
                    turned = true;
                    break;
                }
                *index = 0;
            }
            if !turned {
                return Ok(false);
            }
        }
        Ok(false)
    }
}

impl Node {
    fn value<'v>(&self, fields: &[Scalar<'v>]) -> Result<Scalar<'v>, EvalError> {
        Ok(match self {
            Node::Const(value) => value.clone(),
            Node::Field(occurrence) => fields.get(*occurrence).cloned().unwrap_or(Scalar::Null),
            Node::Not(inner) => match inner.value(fields)? {
                Scalar::Bool(value) => Scalar::Bool(!value),
                _ => Scalar::Null,
            },
            Node::And(parts) => Self::junction(parts, fields, false)?,
            Node::Or(parts) => Self::junction(parts, fields, true)?,
            Node::Compare(op, left, right) => {
                truth(functions::compare(*op, &left.value(fields)?, &right.value(fields)?))
            }
            Node::IsNull(inner, wanted) => Scalar::Bool((inner.value(fields)? == Scalar::Null) == *wanted),
            Node::In(value, list, case) => match value.value(fields)? {
                Scalar::Null => Scalar::Null,
                value => {
                    let mut found = false;
                    for item in list {
                        found |= same(&value, &item.value(fields)?, *case);
                    }
                    Scalar::Bool(found)
                }
            },
            Node::Text(value, set) => match value.value(fields)? {
                Scalar::Text(text) => Scalar::Bool(set.matches(&text)),
                _ => Scalar::Null,
            },
            Node::Regex(value, regex) => match value.value(fields)? {
                Scalar::Text(text) => Scalar::Bool(regex.matches(&text)),
                _ => Scalar::Null,
            },
            Node::Arithmetic(op, left, right) => {
                functions::arithmetic(*op, &left.value(fields)?, &right.value(fields)?)?
            }
            Node::Negate(inner) => functions::negate(&inner.value(fields)?)?,
            Node::Call(function, insensitive, args) => {
                let args = args.iter().map(|arg| arg.value(fields)).collect::<Result<Vec<_>, _>>()?;
                function.call(*insensitive, &args)?
            }
        })
    }

    /// `and` (decided by a false) or `or` (decided by a true), three-valued.
    fn junction<'v>(parts: &[Node], fields: &[Scalar<'v>], decides: bool) -> Result<Scalar<'v>, EvalError> {
        let mut result = Scalar::Bool(!decides);
        for part in parts {
            match part.value(fields)? {
                Scalar::Bool(value) if value == decides => return Ok(Scalar::Bool(decides)),
                Scalar::Bool(_) => {}
                _ => result = Scalar::Null,
            }
        }
        Ok(result)
    }
}

fn truth<'v>(value: Option<bool>) -> Scalar<'v> {
    value.map_or(Scalar::Null, Scalar::Bool)
}

fn same(value: &Scalar<'_>, item: &Scalar<'_>, case: InCase) -> bool {
    match (value, item, case) {
        (Scalar::Text(a), Scalar::Text(b), InCase::Insensitive) => lowercase(a) == lowercase(b),
        _ => functions::compare(CompareOp::Eq, value, item) == Some(true),
    }
}
