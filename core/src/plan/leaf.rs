//! Leaves: the questions that rules ask about one event, each kept once however many rules ask it.
//!
//! `process.name : ("nc", "ncat")` is a field leaf: a field and a test on its values, true where **any** value passes.
//! `length(process.args) > 100` is a computed leaf (see [`computed`](super::computed)).

use super::computed::Computed;
use crate::sort::sort;
use crate::{
    eql::ast::CompareOp,
    event::{EventView, FieldId, Value},
    functions::{EvalError, order_mixed},
    net::IpSet,
    pattern::{Regex, TextSet},
    time::{DateRange, Timestamp},
    version,
};
use alloc::{boxed::Box, format, string::String, vec::Vec};
use core::cmp::Ordering;
use hashbrown::HashMap;

/// The number of a leaf within its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LeafId(u32);

impl LeafId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// One question.
#[derive(Clone, Debug)]
pub(crate) enum Leaf {
    /// Does any value of the field pass the test?
    Field(FieldId, Test),
    /// Is the expression true for any combination of values?
    Computed(Computed),
    /// Is the expression null for any combination of values?
    ComputedNull(Computed),
}

/// A test of one value.
#[derive(Clone, Debug)]
pub(crate) enum Test {
    /// There is one.
    Exists,
    /// It is this boolean.
    Bool(bool),
    /// It is one of these texts, or fits one of these patterns.
    Text(TextSet),
    /// It is before or after this text, byte by byte.
    TextOrder(CompareOp, Box<str>),
    /// It fits the regular expression.
    Regex(Regex),
    /// It compares so with the number.
    Number(CompareOp, Number),
    /// It is one of these numbers.
    NumberSet(NumberSet),
    /// It is an address in one of these blocks.
    Ip(IpSet),
    /// It is an address before or after this one.
    IpOrder(CompareOp, u128),
    /// It lies so to the time that a constant covers.
    Date(CompareOp, DateRange),
    /// It compares so with the version.
    Version(CompareOp, Box<str>),
}

/// A number of either kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Whole(i128),
    Float(f64),
}

impl Number {
    /// By bits: what is told apart is the same number or is not.
    pub(crate) fn name(self) -> String {
        match self {
            Number::Whole(value) => format!("{} {}", (value >> 64) as i64, value as u64),
            Number::Float(value) => format!("float {}", value.to_bits()),
        }
    }

    pub(crate) fn of(value: Value<'_>) -> Option<Number> {
        match value {
            Value::Int(value) => Some(Number::Whole(i128::from(value))),
            Value::Unsigned(value) => Some(Number::Whole(i128::from(value))),
            Value::Float(value) => Some(Number::Float(value)),
            _ => None,
        }
    }

    pub(crate) fn float(self) -> f64 {
        match self {
            Number::Whole(value) => value as f64,
            Number::Float(value) => value,
        }
    }

    /// The whole number that it is equal to.
    pub(crate) fn whole(self) -> Option<i128> {
        match self {
            Number::Whole(value) => Some(value),
            Number::Float(value) => ((value as i128) as f64 == value).then_some(value as i128),
        }
    }

    /// Compares by value, exactly; `None` where one is not a number at all.
    pub(crate) fn order(self, other: Number) -> Option<Ordering> {
        match (self, other) {
            (Number::Whole(a), Number::Whole(b)) => Some(a.cmp(&b)),
            (Number::Float(a), Number::Float(b)) => a.partial_cmp(&b),
            (Number::Whole(a), Number::Float(b)) => Self::mixed(a, b),
            (Number::Float(a), Number::Whole(b)) => Self::mixed(b, a).map(Ordering::reverse),
        }
    }

    fn mixed(whole: i128, float: f64) -> Option<Ordering> {
        if float.is_nan() { None } else { Some(order_mixed(whole, float)) }
    }
}

/// Numbers to look one up in.
#[derive(Clone, Debug, Default)]
pub(crate) struct NumberSet {
    /// Ascending.
    whole: Vec<i128>,
    floats: Vec<f64>,
}

impl NumberSet {
    pub(crate) fn new(numbers: impl IntoIterator<Item = Number>) -> Self {
        let mut set = NumberSet::default();
        for number in numbers {
            match number {
                Number::Whole(value) => set.whole.push(value),
                Number::Float(value) if (value as i128) as f64 == value => set.whole.push(value as i128),
                Number::Float(value) => set.floats.push(value),
            }
        }
        sort(&mut set.whole);
        set
    }

    fn contains(&self, number: Number) -> bool {
        match number {
            Number::Whole(value) => self.whole.binary_search(&value).is_ok(),
            Number::Float(value) => {
                let cut = value as i128;
                (cut as f64 == value && self.whole.binary_search(&cut).is_ok()) || self.floats.contains(&value)
            }
        }
    }
}

/// Whether `ordering` is what the comparison asks for.
pub(crate) fn satisfies(op: CompareOp, ordering: Ordering) -> bool {
    match op {
        CompareOp::Eq => ordering.is_eq(),
        CompareOp::Ne => ordering.is_ne(),
        CompareOp::Lt => ordering.is_lt(),
        CompareOp::Le => ordering.is_le(),
        CompareOp::Gt => ordering.is_gt(),
        CompareOp::Ge => ordering.is_ge(),
    }
}

impl Test {
    /// The numbers of which a value must be one; `None` where the test passes others too.
    pub(crate) fn whole_numbers(&self) -> Option<Vec<i128>> {
        match self {
            Test::Number(CompareOp::Eq, number) => number.whole().map(|number| alloc::vec![number]),
            Test::NumberSet(set) if set.floats.is_empty() => Some(set.whole.clone()),
            _ => None,
        }
    }

    fn passes(&self, value: Value<'_>) -> bool {
        match (self, value) {
            (Test::Exists, _) => true,
            (Test::Bool(wanted), Value::Bool(value)) => *wanted == value,
            (Test::Text(set), Value::Text(text)) => set.matches(text),
            (Test::TextOrder(op, wanted), Value::Text(text)) => satisfies(*op, text.cmp(wanted)),
            (Test::Regex(regex), Value::Text(text)) => regex.matches(text),
            // A time that was never text, of an audit record, is compared as the text that its document has.
            (Test::Text(_) | Test::TextOrder(..) | Test::Regex(_), Value::Date(time)) => {
                self.passes(Value::Text(&time.to_iso()))
            }
            (Test::Number(op, wanted), value) => Number::of(value)
                .and_then(|number| number.order(*wanted))
                .is_some_and(|ordering| satisfies(*op, ordering)),
            (Test::NumberSet(set), value) => Number::of(value).is_some_and(|number| set.contains(number)),
            (Test::Ip(set), value) => address(value).is_some_and(|ip| set.contains(ip)),
            (Test::IpOrder(op, wanted), value) => {
                address(value).is_some_and(|ip| satisfies(*op, ip.bits().cmp(wanted)))
            }
            (Test::Date(op, range), value) => date(value).is_some_and(|time| range.compare(*op, time)),
            (Test::Version(op, wanted), Value::Text(text)) => satisfies(*op, version::order(text, wanted)),
            _ => false,
        }
    }
}

/// An address, also where no mapping says that the text is one.
fn address(value: Value<'_>) -> Option<crate::net::Ip> {
    match value {
        Value::Ip(ip) => Some(ip),
        Value::Text(text) => crate::net::Ip::parse(text),
        _ => None,
    }
}

/// A time, also where no mapping says that the text or number is one.
pub(crate) fn date(value: Value<'_>) -> Option<Timestamp> {
    match value {
        Value::Date(time) => Some(time),
        Value::Text(text) => Timestamp::parse(text),
        Value::Int(millis) => Some(Timestamp::from_millis(millis)),
        _ => None,
    }
}

impl Leaf {
    /// Asks the question. An error is one of computing: `number("x")`, an overflow.
    pub(crate) fn matches(&self, view: EventView<'_>) -> Result<bool, EvalError> {
        match self {
            Leaf::Field(field, Test::Exists) => Ok(view.has(*field)),
            Leaf::Field(field, test) => Ok(view.values(*field).any(|value| test.passes(value))),
            Leaf::Computed(computed) => computed.any_true(view),
            Leaf::ComputedNull(computed) => computed.any_null(view),
        }
    }
}

/// All leaves of a plan.
#[derive(Clone, Debug, Default)]
pub(crate) struct LeafTable {
    pub(crate) leaves: Vec<Leaf>,
    known: HashMap<String, LeafId, foldhash::quality::FixedState>,
}

impl LeafTable {
    /// The leaf that asks `question`, in its canonical words, if there is one.
    pub(crate) fn known(&self, question: &str) -> Option<LeafId> {
        self.known.get(question).copied()
    }

    /// A new leaf that asks `question`.
    pub(crate) fn add(&mut self, question: String, leaf: Leaf) -> LeafId {
        let id = LeafId(u32::try_from(self.leaves.len()).unwrap_or(u32::MAX));
        self.leaves.push(leaf);
        self.known.insert(question, id);
        id
    }
}
