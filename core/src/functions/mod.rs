//! What can be computed within a leaf: the sixteen functions of EQL, arithmetic and comparison, on [`Scalar`]s.
//!
//! `concat(process.name, ":", 1)` is looked up by [`Function::lookup`], checked against its [`Signature`] and, per event, called:
//!
//! ```
//! use eqlite_core::functions::{Function, Scalar};
//! let concat = Function::lookup("CONCAT").unwrap();
//! assert_eq!(concat.signature().name, "concat");
//! let args = [Scalar::text("nc"), Scalar::text(":"), Scalar::Int(1)];
//! assert_eq!(concat.call(false, &args).unwrap(), Scalar::text("nc:1"));
//! ```
//!
//! Each function is one row (name, signature, doc, code) in the file of its theme; the checker, constant folding and the evaluator all
//! read that row. Null is three-valued here, inside a leaf; between leaves the plan is two-valued.

mod convert;
mod fold;
mod java;
mod math;
mod network;
mod operators;
mod scalar;
mod text;

pub use fold::fold;
pub(crate) use operators::order_mixed;
pub use operators::{arithmetic, compare, negate, order};
pub use scalar::{EvalError, EvalErrorKind, Scalar};

use alloc::format;
use core::{fmt, hash};

/// What an argument or a result may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Anything.
    Any,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// Any number.
    Number,
    /// Text.
    Text,
    /// An `ip` field, or text that is an address.
    Ip,
}

impl Kind {
    /// The word that a message uses.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Any => "anything",
            Kind::Bool => "boolean",
            Kind::Int => "integer",
            Kind::Number => "numeric",
            Kind::Text => "string",
            Kind::Ip => "ip",
        }
    }

    /// May a value of this scalar's type stand here? Null may, everywhere.
    pub const fn accepts(self, value: &Scalar<'_>) -> bool {
        match value {
            Scalar::Null => true,
            Scalar::Bool(_) => matches!(self, Kind::Any | Kind::Bool),
            Scalar::Int(_) | Scalar::Unsigned(_) => matches!(self, Kind::Any | Kind::Int | Kind::Number),
            Scalar::Float(_) => matches!(self, Kind::Any | Kind::Number),
            Scalar::Text(_) => matches!(self, Kind::Any | Kind::Text | Kind::Ip),
        }
    }
}

/// One parameter of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its name in messages and docs.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// May be left out, and so may those after it.
    pub optional: bool,
    /// Must be a constant: no field in it.
    pub constant: bool,
    /// May be repeated; only the last one.
    pub variadic: bool,
}

impl Param {
    const fn new(name: &'static str, kind: Kind) -> Self {
        Param { name, kind, optional: false, constant: false, variadic: false }
    }
    const fn optional(self) -> Self {
        Param { optional: true, ..self }
    }
    const fn constant(self) -> Self {
        Param { constant: true, ..self }
    }
    const fn variadic(self) -> Self {
        Param { variadic: true, ..self }
    }
}

/// How a function is written and what it gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// As the documentation of Elasticsearch spells it; any case is accepted.
    pub name: &'static str,
    /// `name~` exists.
    pub case_variant: bool,
    /// In order; optional ones last.
    pub params: &'static [Param],
    /// What comes back (or null).
    pub returns: Kind,
    /// One sentence for people.
    pub doc: &'static str,
}

impl Signature {
    /// The fewest arguments.
    pub fn min_args(&self) -> usize {
        self.params.iter().filter(|param| !param.optional).count()
    }

    /// The most arguments; `None` where the last one repeats.
    pub fn max_args(&self) -> Option<usize> {
        let repeats = self.params.last().is_some_and(|param| param.variadic);
        if repeats { None } else { Some(self.params.len()) }
    }

    /// The parameter that the argument at `index` fills; a variadic one fills all that follow.
    pub fn param(&self, index: usize) -> Option<&'static Param> {
        let params = self.params;
        params.get(index).or_else(|| params.last().filter(|param| param.variadic))
    }
}

/// `between(source, left, right[, greedy])`, for messages.
impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        f.write_str("(")?;
        for (index, param) in self.params.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            match (param.optional, param.variadic) {
                (true, _) => write!(f, "[{comma}{}]", param.name)?,
                (false, true) => write!(f, "{comma}{}, ...", param.name)?,
                (false, false) => write!(f, "{comma}{}", param.name)?,
            }
        }
        f.write_str(")")
    }
}

/// The code of a row: `case_insensitive`, then the arguments, their number already checked.
type Code = for<'a> fn(bool, &[Scalar<'a>]) -> Result<Scalar<'a>, EvalError>;

/// One function: all there is to know about it.
struct Row {
    signature: Signature,
    code: Code,
}

/// One of the sixteen functions.
#[derive(Clone, Copy)]
pub struct Function(&'static Row);

impl Function {
    /// The function of this name, in any case, without `~`.
    pub fn lookup(name: &str) -> Option<Function> {
        Function::all().find(|function| function.signature().name.eq_ignore_ascii_case(name))
    }

    /// Every function, by theme.
    pub fn all() -> impl Iterator<Item = Function> {
        [math::ROWS, text::ROWS, convert::ROWS, network::ROWS].into_iter().flatten().map(Function)
    }

    /// Its name, parameters and result.
    pub fn signature(self) -> &'static Signature {
        &self.0.signature
    }

    /// Calls it. `case_insensitive` is `name~`, and means something only where [`Signature::case_variant`] says so.
    ///
    /// # Errors
    /// A wrong number or type of arguments, and what the function itself cannot do: overflow, division by zero, text that is no number...
    pub fn call<'a>(self, case_insensitive: bool, args: &[Scalar<'a>]) -> Result<Scalar<'a>, EvalError> {
        let signature = self.signature();
        let fits = args.len() >= signature.min_args() && signature.max_args().is_none_or(|max| args.len() <= max);
        if !fits {
            let message = format!("{signature} does not take {} arguments", args.len());
            return Err(EvalError::new(EvalErrorKind::WrongArgument, message));
        }
        for (index, arg) in args.iter().enumerate() {
            if let Some(param) = signature.param(index)
                && !param.kind.accepts(arg)
            {
                let (expected, found) = (param.kind.name(), arg.type_name());
                let message = format!("'{}' of {signature} must be [{expected}], found [{found}]", param.name);
                return Err(EvalError::new(EvalErrorKind::WrongArgument, message));
            }
        }
        (self.0.code)(case_insensitive, args)
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.signature().name == other.signature().name
    }
}
impl Eq for Function {}
impl hash::Hash for Function {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.signature().name.hash(state);
    }
}
impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Function({})", self.signature().name)
    }
}
