//! The syntax tree of a query. Each node knows its place in the text, so that every later step can point at it.

use crate::span::Span;
use alloc::{boxed::Box, string::String, vec::Vec};

/// A whole statement: a query and its pipes.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// What is looked for.
    pub kind: QueryKind,
    /// `| head 5 | tail 2`, in order.
    pub pipes: Vec<Pipe>,
    /// The whole text.
    pub span: Span,
}

/// The three forms of a query.
#[derive(Clone, Debug, PartialEq)]
pub enum QueryKind {
    /// `process where ...`: single events.
    Event(EventQuery),
    /// `sequence by ... [..] [..]`: events in order.
    Sequence(Sequence),
    /// `sample by ... [..] [..]`: events in any order.
    Sample(Sample),
}

/// `category where condition`.
#[derive(Clone, Debug, PartialEq)]
pub struct EventQuery {
    /// `None` for `any`.
    pub category: Option<Text>,
    /// What must hold.
    pub condition: Expr,
    /// From the category to the end of the condition.
    pub span: Span,
}

/// A text with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// Escapes decoded.
    pub text: String,
    /// Where it stands, quotes included.
    pub span: Span,
}

/// `sequence by ... with maxspan=... [..] ... until [..]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Sequence {
    /// Join keys of every term; they come before a term's own.
    pub by: Vec<Field>,
    /// Longest time from the first positive event to any later one, in milliseconds.
    pub maxspan: Option<u64>,
    /// At least one positive term; `with runs=n` is kept as `runs`, not yet expanded.
    pub terms: Vec<Term>,
    /// `until [..]`.
    pub until: Option<Term>,
}

/// One `[category where condition] by keys` of a sequence or a sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// What the event must be.
    pub event: EventQuery,
    /// The term's own join keys.
    pub by: Vec<Field>,
    /// `![..]`: no such event may occur.
    pub missing: bool,
    /// `with runs=n`; 1 where nothing is said.
    pub runs: u32,
    /// From the bracket to the last key.
    pub span: Span,
}

/// `sample by ... [..] [..]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Join keys of every term; they come before a term's own.
    pub by: Vec<Field>,
    /// Two to five terms.
    pub terms: Vec<Term>,
}

/// `| head n` or `| tail n`.
#[derive(Clone, Debug, PartialEq)]
pub struct Pipe {
    /// Which end is kept.
    pub kind: PipeKind,
    /// How many, folded.
    pub count: u32,
    /// From the name to the number.
    pub span: Span,
}

/// The pipes that Elasticsearch runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PipeKind {
    /// The first ones.
    Head,
    /// The last ones.
    Tail,
}

/// A field as the query names it.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The dotted path, back-quotes resolved: `process.parent.pid`.
    pub path: String,
    /// `?field`: may be unmapped.
    pub optional: bool,
    /// Where it stands.
    pub span: Span,
}

/// An expression with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands, without enclosing parentheses.
    pub span: Span,
}

/// The kinds of expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `null`, `true`, `5`, `"text"`.
    Literal(Literal),
    /// `process.name`, `?x`.
    Field(Field),
    /// `not e`.
    Not(Box<Expr>),
    /// `a and b and c`, flat: at least two.
    And(Vec<Expr>),
    /// `a or b or c`, flat: at least two.
    Or(Vec<Expr>),
    /// `a == b`.
    Compare {
        /// Which comparison.
        op: CompareOp,
        /// Left side.
        left: Box<Expr>,
        /// Right side.
        right: Box<Expr>,
    },
    /// `a in (..)`, `a not in~ (..)`.
    In {
        /// What is looked for.
        value: Box<Expr>,
        /// The list.
        list: Vec<Expr>,
        /// `not in`.
        negated: bool,
        /// `in~`.
        case_insensitive: bool,
    },
    /// `a : ("x*", "y")`, `like`, `regex` and their `~` forms. The patterns are literals.
    Match {
        /// Which operator.
        op: MatchOp,
        /// What is matched.
        value: Box<Expr>,
        /// Any of these (mostly text; other literals are kept for the checker to refuse).
        patterns: Vec<Expr>,
    },
    /// `a + b`.
    Arithmetic {
        /// Which operation.
        op: ArithmeticOp,
        /// Left side.
        left: Box<Expr>,
        /// Right side.
        right: Box<Expr>,
    },
    /// `-a`.
    Negate(Box<Expr>),
    /// `startsWith~(a, b)`.
    Call {
        /// The name as written, without `~`.
        name: Text,
        /// Written with `~`.
        case_insensitive: bool,
        /// The arguments.
        args: Vec<Expr>,
    },
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A whole number within 64 bits.
    Int(i64),
    /// A whole number beyond `i64::MAX`, as an `unsigned_long` may be.
    Unsigned(u64),
    /// Any other number.
    Float(f64),
    /// Text, escapes decoded.
    Text(String),
}

/// `== != < <= > >=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompareOp {
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

/// `: like like~ regex regex~`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MatchOp {
    /// `:`, case-insensitive with wildcards.
    Seq,
    /// `like`, case-sensitive with wildcards.
    Like,
    /// `like~`, the same as `:`.
    LikeInsensitive,
    /// `regex`.
    Regex,
    /// `regex~`.
    RegexInsensitive,
}

/// `+ - * / %`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ArithmeticOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Mod,
}
