//! Lowers a condition of the syntax tree into shared leaves.
//!
//! ```text
//! process.name in ("nc", "sh") and length(process.args) > 3
//!   -> And[Leaf(process.name, Text{nc, sh}), Leaf(Computed: length(#0) > 3)]
//! ```
//! Here it is decided what one leaf is: as Elasticsearch does, a comparison of a plain field with constants is a query of its own, and
//! anything with a function or arithmetic in it is computed. [Elasticsearch: QueryTranslator, ExpressionTranslators]

use super::{
    computed::{Computed, InCase, Node},
    condition::Condition,
    leaf::{Leaf, LeafTable, Number, NumberSet, Test, satisfies},
    types::{Kind, Resolved, Types},
};
use crate::{
    diagnostic::{Diagnostic, codes},
    eql::{
        ast::{CompareOp, Expr, ExprKind, Field, Literal, MatchOp},
        print_expression,
    },
    event::{FieldId, FieldTable},
    functions::{self, Function, Scalar},
    net::{Cidr, IpSet},
    number::float,
    pattern::{Case, PatternError, Regex, TextSet},
    span::Span,
    time::{DateRange, Timestamp},
};
use alloc::{borrow::ToOwned, boxed::Box, format, string::String, vec::Vec};

/// Lowers the conditions of one plan.
pub(crate) struct Lowering<'p> {
    pub(crate) fields: &'p mut FieldTable,
    pub(crate) leaves: &'p mut LeafTable,
    pub(crate) types: Types<'p>,
    /// What could not be lowered.
    pub(crate) diagnostics: &'p mut Vec<Diagnostic>,
}

/// A condition, or a constant that may still be null: `not null` is null, while `not` of a leaf that finds nothing holds.
enum Low {
    Const(Option<bool>),
    Condition(Condition),
}

impl Low {
    fn settle(self) -> Condition {
        match self {
            Low::Const(value) => Condition::Const(value == Some(true)),
            Low::Condition(condition) => condition,
        }
    }
}

impl Lowering<'_> {
    /// The condition of a whole stage.
    pub(crate) fn condition(&mut self, expr: &Expr) -> Condition {
        self.lower(expr).settle()
    }

    /// The leaf `field == text`, case-sensitive: how a category is asked for.
    pub(crate) fn equals(&mut self, path: &str, text: &str) -> Condition {
        let field = Field { path: path.to_owned(), optional: true, span: Span::default() };
        self.texts(&field, &[text.to_owned()], Case::Sensitive, false, Span::default())
    }

    /// The leaf `field < time`, whatever is known of the field: how an exception expires.
    pub(crate) fn before(&mut self, path: &str, time: Timestamp) -> Condition {
        let field = Field { path: path.to_owned(), optional: true, span: Span::default() };
        let range = DateRange::millis(time.millis);
        let op = CompareOp::Lt;
        self.test(&field, &format!("time {} {}", op as u8, time.millis), |_| Ok(Test::Date(op, range)))
    }

    /// The leaf `field != null`.
    pub(crate) fn exists(&mut self, path: &str) -> Condition {
        let field = Field { path: path.to_owned(), optional: true, span: Span::default() };
        self.test(&field, "exists", |_| Ok(Test::Exists))
    }

    fn lower(&mut self, expr: &Expr) -> Low {
        match &expr.kind {
            ExprKind::And(parts) => self.junction(parts, false),
            ExprKind::Or(parts) => self.junction(parts, true),
            ExprKind::Not(inner) => match self.lower(inner) {
                Low::Const(value) => Low::Const(value.map(|value| !value)),
                Low::Condition(condition) => Low::Condition(condition.negate()),
            },
            _ => match self.constant(expr) {
                Some(Scalar::Bool(value)) => Low::Const(Some(value)),
                Some(_) => Low::Const(None),
                None => Low::Condition(self.leaf(expr)),
            },
        }
    }

    /// `and` (decided by a false) or `or` (decided by a true).
    fn junction(&mut self, parts: &[Expr], decides: bool) -> Low {
        let lowered: Vec<Low> = parts.iter().map(|part| self.lower(part)).collect();
        if lowered.iter().all(|low| matches!(low, Low::Const(_))) {
            let values =
                || lowered.iter().filter_map(|low| if let Low::Const(value) = low { Some(*value) } else { None });
            return Low::Const(if values().any(|value| value == Some(decides)) {
                Some(decides)
            } else if values().any(|value| value.is_none()) {
                None
            } else {
                Some(!decides)
            });
        }
        let parts = lowered.into_iter().map(Low::settle);
        Low::Condition(if decides { Condition::any(parts) } else { Condition::all(parts) })
    }

    /// The value of an expression without fields.
    fn constant(&mut self, expr: &Expr) -> Option<Scalar<'static>> {
        match functions::fold(expr) {
            Ok(value) => value.map(Scalar::into_owned),
            Err((span, error)) => {
                let message = format!("this constant cannot be computed: {error}");
                self.diagnostics.push(Diagnostic::error(codes::CONSTANT_FAILS, span, message));
                Some(Scalar::Null)
            }
        }
    }

    fn leaf(&mut self, expr: &Expr) -> Condition {
        match &expr.kind {
            ExprKind::Field(field) => self.test(field, "bool true", |_| Ok(Test::Bool(true))),
            ExprKind::Compare { op, left, right } => self.comparison(expr, *op, left, right),
            ExprKind::In { value, list, negated: true, case_insensitive } => {
                let (value, list) = (value.clone(), list.clone());
                let kind = ExprKind::In { value, list, negated: false, case_insensitive: *case_insensitive };
                self.leaf(&Expr { kind, span: expr.span }).negate()
            }
            ExprKind::In { value, list, case_insensitive, .. } => self.in_list(expr, value, list, *case_insensitive),
            ExprKind::Match { op, value, patterns } => self.pattern(expr, *op, value, patterns),
            ExprKind::Call { name, case_insensitive, args } => self.function(expr, &name.text, *case_insensitive, args),
            _ => self.computed(expr, Leaf::Computed),
        }
    }

    fn comparison(&mut self, expr: &Expr, op: CompareOp, left: &Expr, right: &Expr) -> Condition {
        let (value, constant, op) = match (self.constant(left), self.constant(right)) {
            (_, Some(constant)) => (left, constant, op),
            (Some(constant), None) => (right, constant, flip(op)),
            (None, None) => return self.null_comparison(expr, op, left, right),
        };
        if constant == Scalar::Null {
            return match op {
                CompareOp::Eq => self.is_null(value),
                CompareOp::Ne => self.is_null(value).negate(),
                _ => Condition::Const(false),
            };
        }
        match &value.kind {
            // Of what is true or false itself, `== true` says nothing and `== false` is `not`. [Elasticsearch: BooleanFunctionEqualsElimination]
            kind if !matches!(kind, ExprKind::Field(_))
                && matches!(op, CompareOp::Eq | CompareOp::Ne)
                && matches!(constant, Scalar::Bool(_)) =>
            {
                let condition = self.condition(value);
                if (constant == Scalar::Bool(true)) == (op == CompareOp::Eq) { condition } else { condition.negate() }
            }
            ExprKind::Field(field) if op == CompareOp::Ne => {
                self.field_comparison(field, CompareOp::Eq, &constant, expr.span).negate()
            }
            ExprKind::Field(field) => self.field_comparison(field, op, &constant, expr.span),
            _ => self.computed(expr, Leaf::Computed),
        }
    }

    /// A field compared with a field: only one that is nowhere mapped, which is a null constant, makes sense of it.
    fn null_comparison(&mut self, expr: &Expr, op: CompareOp, left: &Expr, right: &Expr) -> Condition {
        let null = |expr: &Expr| matches!(&expr.kind, ExprKind::Field(field) if self.types.resolve(field).is_null());
        let other = match (null(left), null(right)) {
            (true, true) => return Condition::Const(op == CompareOp::Eq),
            (true, false) => right,
            (false, true) => left,
            (false, false) => return self.computed(expr, Leaf::Computed),
        };
        match op {
            CompareOp::Eq => self.is_null(other),
            CompareOp::Ne => self.is_null(other).negate(),
            _ => Condition::Const(false),
        }
    }

    /// `x == null`.
    fn is_null(&mut self, value: &Expr) -> Condition {
        match &value.kind {
            ExprKind::Field(field) => self.test(field, "exists", |_| Ok(Test::Exists)).negate(),
            _ => self.computed(value, Leaf::ComputedNull),
        }
    }

    /// A plain field compared with a constant; never `!=`.
    fn field_comparison(&mut self, field: &Field, op: CompareOp, constant: &Scalar<'_>, span: Span) -> Condition {
        let kind = match self.types.resolve(field) {
            Resolved::Null if op == CompareOp::Eq => return Condition::Const(false),
            Resolved::Null => return Condition::Const(false),
            Resolved::Field { kind, .. } => kind,
        };
        let equal = op == CompareOp::Eq;
        match (constant, kind) {
            (Scalar::Bool(wanted), Kind::Open | Kind::Bool) => {
                // False is before true.
                let passing = [false, true].into_iter().filter(|value| satisfies(op, value.cmp(wanted)));
                let bool = |value| self.test(field, &format!("bool {value}"), |_| Ok(Test::Bool(value)));
                Condition::any(passing.map(bool).collect::<Vec<_>>())
            }
            (Scalar::Text(text), Kind::Date) => match self.types.date_range(field, text) {
                Ok(range) => self.test(field, &format!("date {} {text}", op as u8), |_| Ok(Test::Date(op, range))),
                Err(error) => self.refuse(span, &format!("\"{text}\" {error}")),
            },
            // A number is read in the format of the field as well: milliseconds, seconds, or a year.
            (Scalar::Int(number), Kind::Date) => {
                self.field_comparison(field, op, &Scalar::Text(format!("{number}").into()), span)
            }
            (Scalar::Text(text), Kind::Version) => {
                self.test(field, &format!("version {} {text}", op as u8), |_| Ok(Test::Version(op, (&**text).into())))
            }
            (Scalar::Text(text), Kind::Ip) if equal => self.addresses(field, &[text.as_ref()], span),
            (Scalar::Text(text), Kind::Ip) => match crate::net::Ip::parse(text) {
                Some(ip) => {
                    self.test(field, &format!("address {} {text}", op as u8), |_| Ok(Test::IpOrder(op, ip.bits())))
                }
                None => self.refuse(span, "this is no address"),
            },
            (Scalar::Text(text), Kind::Number) => match number(text) {
                Some(wanted) => self.numbers(field, op, wanted),
                None => self.refuse(span, "this is no number, and the field is numeric"),
            },
            (Scalar::Text(text), Kind::Bool) => match &**text {
                "true" | "false" => self.field_comparison(field, op, &Scalar::Bool(&**text == "true"), span),
                _ => self.refuse(span, "this is no boolean, and the field is one"),
            },
            (Scalar::Text(text), Kind::Open | Kind::Text) if equal => {
                let exact = self.texts(field, &[text.as_ref().to_owned()], Case::Sensitive, false, span);
                // Without a mapping the values tell: an address equals the block that holds it.
                match kind {
                    Kind::Open if Cidr::parse(text).is_some() => {
                        Condition::any([exact, self.addresses(field, &[text.as_ref()], span)])
                    }
                    _ => exact,
                }
            }
            (Scalar::Text(text), _) => {
                self.test(field, &format!("order {} {text}", op as u8), |_| Ok(Test::TextOrder(op, (&**text).into())))
            }
            (Scalar::Int(value), Kind::Open | Kind::Number) => {
                self.numbers(field, op, Number::Whole(i128::from(*value)))
            }
            (Scalar::Unsigned(value), Kind::Open | Kind::Number) => {
                self.numbers(field, op, Number::Whole(i128::from(*value)))
            }
            (Scalar::Float(value), Kind::Open | Kind::Number) => self.numbers(field, op, Number::Float(*value)),
            (other, Kind::Text | Kind::Version) => {
                let text = other.to_text().unwrap_or_default();
                self.field_comparison(field, op, &Scalar::Text(text), span)
            }
            _ => Condition::Const(false),
        }
    }

    fn numbers(&mut self, field: &Field, op: CompareOp, wanted: Number) -> Condition {
        let wanted = self.types.held(field, op, wanted);
        self.test(field, &format!("number {} {}", op as u8, wanted.name()), |_| Ok(Test::Number(op, wanted)))
    }

    fn addresses(&mut self, field: &Field, blocks: &[&str], span: Span) -> Condition {
        self.test(field, &all_of("ip", &mut blocks.iter().copied()), |lowering| {
            match IpSet::parse(blocks.iter().copied()) {
                Ok(set) => Ok(Test::Ip(set)),
                Err(index) => {
                    let text = blocks.get(index).copied().unwrap_or("");
                    let message = format!("\"{text}\" is no address and no block of addresses");
                    lowering.diagnostics.push(Diagnostic::error(codes::BAD_CONSTANT, span, message));
                    Err(())
                }
            }
        })
    }

    fn texts(&mut self, field: &Field, texts: &[String], case: Case, wildcards: bool, span: Span) -> Condition {
        if matches!(self.types.resolve(field), Resolved::Field { kind: Kind::Version, .. }) && !wildcards {
            return Condition::any(texts.iter().map(|text| {
                let constant = Scalar::Text(text.as_str().into());
                self.field_comparison(field, CompareOp::Eq, &constant, span)
            }));
        }
        self.test(
            field,
            &all_of(&format!("text {} {wildcards}", case as u8), &mut texts.iter().map(String::as_str)),
            |_| Ok(Test::Text(TextSet::new(texts, case, wildcards))),
        )
    }

    fn in_list(&mut self, expr: &Expr, value: &Expr, list: &[Expr], insensitive: bool) -> Condition {
        let constants: Option<Vec<Scalar<'static>>> = list.iter().map(|item| self.constant(item)).collect();
        let (ExprKind::Field(field), Some(constants)) = (&value.kind, constants) else {
            return self.computed(expr, Leaf::Computed);
        };
        let Resolved::Field { kind, .. } = self.types.resolve(field) else { return Condition::Const(false) };
        if !matches!(kind, Kind::Open | Kind::Text | Kind::Number | Kind::Ip) {
            return Condition::any(
                constants
                    .iter()
                    .filter(|constant| **constant != Scalar::Null)
                    .map(|constant| self.field_comparison(field, CompareOp::Eq, constant, expr.span)),
            );
        }
        // Each type of constant becomes one set.
        let case = if insensitive { Case::AsciiInsensitive } else { Case::Sensitive };
        let texts: Vec<String> = constants
            .iter()
            .filter_map(|constant| match constant {
                Scalar::Text(text) => Some(text.as_ref().to_owned()),
                _ => None,
            })
            .collect();
        let mut parts = Vec::new();
        let blocks: Vec<&str> = texts.iter().map(String::as_str).filter(|text| Cidr::parse(text).is_some()).collect();
        if kind == Kind::Ip {
            let all: Vec<&str> = texts.iter().map(String::as_str).collect();
            parts.push(self.addresses(field, &all, expr.span));
        } else if kind == Kind::Number {
            for text in &texts {
                parts.push(self.field_comparison(field, CompareOp::Eq, &Scalar::Text(text.as_str().into()), expr.span));
            }
        } else if !texts.is_empty() {
            parts.push(self.texts(field, &texts, case, false, expr.span));
            if kind == Kind::Open && !blocks.is_empty() {
                parts.push(self.addresses(field, &blocks, expr.span));
            }
        }
        let held = |number| self.types.held(field, CompareOp::Eq, number);
        let numbers: Vec<Number> = constants.iter().filter_map(scalar_number).map(held).collect();
        if !numbers.is_empty() {
            parts.push(if kind == Kind::Text {
                let texts: Vec<String> = constants
                    .iter()
                    .filter(|c| scalar_number(c).is_some())
                    .filter_map(|c| c.to_text())
                    .map(String::from)
                    .collect();
                self.texts(field, &texts, case, false, expr.span)
            } else {
                self.test(field, &all_of("numbers", &mut numbers.iter().map(|number| number.name())), |_| {
                    Ok(Test::NumberSet(NumberSet::new(numbers.clone())))
                })
            });
        }
        for constant in constants.iter().filter(|constant| matches!(constant, Scalar::Bool(_))) {
            parts.push(self.field_comparison(field, CompareOp::Eq, constant, expr.span));
        }
        Condition::any(parts)
    }

    fn pattern(&mut self, expr: &Expr, op: MatchOp, value: &Expr, patterns: &[Expr]) -> Condition {
        let ExprKind::Field(field) = &value.kind else { return self.computed(expr, Leaf::Computed) };
        if self.types.resolve(field).is_null() {
            return Condition::Const(false);
        }
        let texts = pattern_texts(patterns);
        let insensitive = matches!(op, MatchOp::RegexInsensitive);
        match op {
            MatchOp::Seq | MatchOp::LikeInsensitive => {
                self.texts(field, &texts, Case::AsciiInsensitive, true, expr.span)
            }
            MatchOp::Like => self.texts(field, &texts, Case::Sensitive, true, expr.span),
            MatchOp::Regex | MatchOp::RegexInsensitive => self.test(
                field,
                &all_of(&format!("regex {insensitive}"), &mut texts.iter().map(String::as_str)),
                |lowering| {
                    Regex::lucene_any(&texts, insensitive)
                        .map(Test::Regex)
                        .map_err(|error| lowering.bad_pattern(error, expr.span))
                },
            ),
        }
    }

    /// A function in boolean position. On a plain field and constants some are queries of their own.
    fn function(&mut self, expr: &Expr, name: &str, insensitive: bool, args: &[Expr]) -> Condition {
        let name = name.to_ascii_lowercase();
        let Some((Expr { kind: ExprKind::Field(field), .. }, rest)) = args.split_first() else {
            return self.computed(expr, Leaf::Computed);
        };
        let constants: Option<Vec<Scalar<'static>>> = rest.iter().map(|arg| self.constant(arg)).collect();
        let Resolved::Field { kind, .. } = self.types.resolve(field) else { return Condition::Const(false) };
        let texts: Option<Vec<String>> = constants.and_then(|constants| {
            constants
                .into_iter()
                .map(|c| if let Scalar::Text(text) = c { Some(text.into_owned()) } else { None })
                .collect()
        });
        let case = if insensitive { Case::AsciiInsensitive } else { Case::Sensitive };
        match (&*name, texts.as_deref(), kind) {
            ("cidrmatch", Some(blocks), _) => {
                let blocks: Vec<&str> = blocks.iter().map(String::as_str).collect();
                self.addresses(field, &blocks, expr.span)
            }
            // Elasticsearch pastes the constant between asterisks, so that wildcards in it work as such; not so for a prefix.
            ("endswith", Some([text]), Kind::Open | Kind::Text) if !text.is_empty() => {
                self.texts(field, &[format!("*{text}")], case, true, expr.span)
            }
            ("stringcontains", Some([text]), Kind::Open | Kind::Text) if !text.is_empty() => {
                self.texts(field, &[format!("*{text}*")], case, true, expr.span)
            }
            ("startswith", Some([text]), Kind::Open | Kind::Text) if !text.is_empty() && !text.contains(['*', '?']) => {
                self.texts(field, &[format!("{text}*")], case, true, expr.span)
            }
            _ => self.computed(expr, Leaf::Computed),
        }
    }

    /// The leaf that puts `test` to a field; `question` says the same test in the same words. `Err` was reported by who made it.
    fn test(&mut self, field: &Field, question: &str, make: impl FnOnce(&mut Self) -> Result<Test, ()>) -> Condition {
        let Resolved::Field { path, .. } = self.types.resolve(field) else { return Condition::Const(false) };
        let id = self.fields.intern(&path);
        let question = format!("{path} {question}");
        if let Some(known) = self.leaves.known(&question) {
            return Condition::Leaf(known);
        }
        match make(self) {
            Ok(test) => Condition::Leaf(self.leaves.add(question, Leaf::Field(id, test))),
            Err(()) => Condition::Const(false),
        }
    }

    fn refuse(&mut self, span: Span, message: &str) -> Condition {
        self.diagnostics.push(Diagnostic::error(codes::BAD_CONSTANT, span, message));
        Condition::Const(false)
    }

    fn bad_pattern(&mut self, error: PatternError, span: Span) {
        let mut diagnostic = Diagnostic::error(codes::BAD_PATTERN, span, error.message);
        diagnostic.help = error.help;
        self.diagnostics.push(diagnostic);
    }

    /// A leaf that is evaluated as an expression.
    fn computed(&mut self, expr: &Expr, leaf: fn(Computed) -> Leaf) -> Condition {
        let mut occurrences = Vec::new();
        let mut first_only = false;
        let Some(root) = self.node(expr, &mut occurrences, &mut first_only, false) else {
            return Condition::Const(false);
        };
        let made = leaf(Computed { root, fields: occurrences, first_only });
        let question = match &made {
            Leaf::ComputedNull(_) => format!("null? {}", print_expression(expr)),
            _ => print_expression(expr),
        };
        Condition::Leaf(self.leaves.known(&question).unwrap_or_else(|| self.leaves.add(question, made)))
    }

    /// One step of an expression; `None` where something in it was refused.
    fn node(&mut self, expr: &Expr, fields: &mut Vec<FieldId>, first_only: &mut bool, argument: bool) -> Option<Node> {
        let mut sub = |lowering: &mut Self, expr: &Expr| lowering.node(expr, fields, first_only, argument);
        Some(match &expr.kind {
            ExprKind::Literal(literal) => Node::Const(scalar(literal)),
            ExprKind::Field(field) => match self.types.resolve(field) {
                Resolved::Null => Node::Const(Scalar::Null),
                Resolved::Field { path, .. } => {
                    let id = self.fields.intern(&path);
                    fields.push(id);
                    Node::Field(fields.len().saturating_sub(1))
                }
            },
            ExprKind::Not(inner) => {
                let inner = sub(self, inner)?;
                *first_only |= argument;
                Node::Not(inner.into())
            }
            ExprKind::And(parts) | ExprKind::Or(parts) => {
                let nodes = parts.iter().map(|part| sub(self, part)).collect::<Option<_>>()?;
                *first_only |= argument;
                if matches!(expr.kind, ExprKind::And(_)) { Node::And(nodes) } else { Node::Or(nodes) }
            }
            ExprKind::Compare { op, left, right } => {
                let (left, right) = (sub(self, left)?, sub(self, right)?);
                match (op, left, right) {
                    (CompareOp::Eq, value, Node::Const(Scalar::Null))
                    | (CompareOp::Eq, Node::Const(Scalar::Null), value) => Node::IsNull(value.into(), true),
                    (CompareOp::Ne, value, Node::Const(Scalar::Null))
                    | (CompareOp::Ne, Node::Const(Scalar::Null), value) => Node::IsNull(value.into(), false),
                    (op, left, right) => Node::Compare(*op, left.into(), right.into()),
                }
            }
            ExprKind::In { value, list, negated, case_insensitive } => {
                let value = sub(self, value)?;
                let list = list.iter().map(|item| sub(self, item)).collect::<Option<_>>()?;
                let case = if *case_insensitive { InCase::Insensitive } else { InCase::Sensitive };
                let found = Node::In(value.into(), list, case);
                if *negated { Node::Not(found.into()) } else { found }
            }
            ExprKind::Match { op, value, patterns } => {
                let value: Box<Node> = sub(self, value)?.into();
                let texts = pattern_texts(patterns);
                let made = match op {
                    MatchOp::Seq | MatchOp::LikeInsensitive => {
                        Ok(Node::Text(value, TextSet::new(&texts, Case::UnicodeInsensitive, true)))
                    }
                    MatchOp::Like => Ok(Node::Text(value, TextSet::new(&texts, Case::Sensitive, true))),
                    MatchOp::Regex | MatchOp::RegexInsensitive => {
                        Regex::java_any(&texts, *op == MatchOp::RegexInsensitive).map(|regex| Node::Regex(value, regex))
                    }
                };
                match made {
                    Ok(node) => node,
                    Err(error) => {
                        self.bad_pattern(error, expr.span);
                        return None;
                    }
                }
            }
            ExprKind::Arithmetic { op, left, right } => {
                Node::Arithmetic(*op, sub(self, left)?.into(), sub(self, right)?.into())
            }
            ExprKind::Negate(inner) => Node::Negate(sub(self, inner)?.into()),
            ExprKind::Call { name, case_insensitive, args } => {
                let function = Function::lookup(&name.text)?;
                let args = args.iter().map(|arg| self.node(arg, fields, first_only, true)).collect::<Option<_>>()?;
                Node::Call(function, *case_insensitive, args)
            }
        })
    }
}

fn flip(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::Le => CompareOp::Ge,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::Ge => CompareOp::Le,
        same => same,
    }
}

/// The patterns of `:`, `like` and `regex`; the checker has refused what is no text.
fn pattern_texts(patterns: &[Expr]) -> Vec<String> {
    let text = |expr: &Expr| match &expr.kind {
        ExprKind::Literal(Literal::Text(text)) => Some(text.clone()),
        _ => None,
    };
    patterns.iter().filter_map(text).collect()
}

fn scalar(literal: &Literal) -> Scalar<'static> {
    match literal {
        Literal::Null => Scalar::Null,
        Literal::Bool(value) => Scalar::Bool(*value),
        Literal::Int(value) => Scalar::Int(*value),
        Literal::Unsigned(value) => Scalar::Unsigned(*value),
        Literal::Float(value) => Scalar::Float(*value),
        Literal::Text(text) => Scalar::Text(text.clone().into()),
    }
}

fn scalar_number(constant: &Scalar<'_>) -> Option<Number> {
    match constant {
        Scalar::Int(value) => Some(Number::Whole(i128::from(*value))),
        Scalar::Unsigned(value) => Some(Number::Whole(i128::from(*value))),
        Scalar::Float(value) => Some(Number::Float(*value)),
        _ => None,
    }
}

/// What is asked with a list: each word behind its length, so that no two lists read the same.
fn all_of<T: AsRef<str>>(what: &str, words: &mut dyn Iterator<Item = T>) -> String {
    let mut question = what.to_owned();
    words.for_each(|word| question.push_str(&format!(" {} {}", word.as_ref().len(), word.as_ref())));
    question
}

/// Text that stands for a number, as Elasticsearch's term parser takes it.
fn number(text: &str) -> Option<Number> {
    text.trim().parse().ok().map(Number::Whole).or_else(|| float(text.trim()).map(Number::Float))
}
