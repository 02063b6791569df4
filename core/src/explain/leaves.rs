//! The leaves of each stage, each compiled as a rule of its own, so that it can be said which of them decided.
//!
//! ```text
//! [process where process.name == "nc" and not (a == 1 or b == 2)]
//!   And[ category "process", process.name == "nc", Not(Or[a == 1, b == 2]) ]
//! ```
//! A leaf becomes the rule `any where LEAF` beside the rule that is explained, in one plan: it is compiled by the same code, and asked once.

use crate::{
    eql::{
        self,
        ast::{EventQuery, Expr, ExprKind, Literal, Query, QueryKind},
        print_expression,
    },
    plan::PlanBuilder,
    rule::Rule,
    span::Span,
};
use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
    vec::Vec,
};

/// One question about an event.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    /// As EQL.
    pub(super) text: String,
    /// Where it stands in the query.
    pub(super) span: Span,
    /// The fields that it names.
    pub(super) fields: Vec<String>,
    /// The rule of the plan that asks it; `None` where it cannot be asked alone.
    rule: Option<usize>,
}

/// The condition of a stage.
#[derive(Clone, Debug)]
pub(super) enum Tree {
    /// All must hold.
    And(Vec<Tree>),
    /// One must hold.
    Or(Vec<Tree>),
    /// It must not hold; the leaf says so in words.
    Not(alloc::boxed::Box<Tree>, Leaf),
    /// It must hold.
    Leaf(Leaf),
}

impl Tree {
    /// Takes an event query apart, and adds its leaves to the plan.
    pub(super) fn new(event: &EventQuery, rule: &Rule, builder: &mut PlanBuilder) -> Self {
        let category = event.category.as_ref().map(|category| {
            let condition = Expr { kind: ExprKind::Literal(Literal::Bool(true)), span: category.span };
            let only = EventQuery { category: Some(category.clone()), condition, span: category.span };
            let query = Query { kind: QueryKind::Event(only), pipes: Vec::new(), span: category.span };
            let path = rule.event_category_override.as_deref().unwrap_or(eql::CATEGORY_FIELD);
            let text = format!("{path} == \"{}\"", category.text);
            let number = probe(eql::print(&query), rule, builder);
            Tree::Leaf(Leaf { text, span: category.span, fields: [path.to_owned()].into(), rule: number })
        });
        let condition = Tree::of(&event.condition, rule, builder);
        let mut parts: Vec<Tree> = category.into_iter().collect();
        match condition {
            Tree::And(all) => parts.extend(all),
            other => parts.push(other),
        }
        Tree::And(parts)
    }

    fn of(expr: &Expr, rule: &Rule, builder: &mut PlanBuilder) -> Self {
        let words = leaf(expr, None);
        match &expr.kind {
            // A constant stays whole: in it `null` is neither true nor false, and `not null` no more than that.
            _ if words.fields.is_empty() => {
                Tree::Leaf(Leaf { rule: probe(format!("any where {}", words.text), rule, builder), ..words })
            }
            ExprKind::And(parts) => Tree::And(parts.iter().map(|part| Tree::of(part, rule, builder)).collect()),
            ExprKind::Or(parts) => Tree::Or(parts.iter().map(|part| Tree::of(part, rule, builder)).collect()),
            ExprKind::Not(inner) => Tree::Not(Tree::of(inner, rule, builder).into(), words),
            _ => Tree::Leaf(Leaf { rule: probe(format!("any where {}", words.text), rule, builder), ..words }),
        }
    }

    /// Whether it holds, given the rules of the plan that match, ascending.
    pub(super) fn holds(&self, matched: &[usize]) -> bool {
        match self {
            Tree::And(parts) => parts.iter().all(|part| part.holds(matched)),
            Tree::Or(parts) => parts.iter().any(|part| part.holds(matched)),
            Tree::Not(inner, _) => !inner.holds(matched),
            Tree::Leaf(leaf) => leaf.rule.is_none_or(|rule| matched.binary_search(&rule).is_ok()),
        }
    }

    /// The leaves that decided against the event; of an `or` those of the alternative that came closest.
    pub(super) fn against(&self, matched: &[usize]) -> Vec<&Leaf> {
        if self.holds(matched) {
            return Vec::new();
        }
        match self {
            Tree::And(parts) => parts.iter().flat_map(|part| part.against(matched)).collect(),
            Tree::Or(parts) => parts.iter().map(|part| part.against(matched)).min_by_key(Vec::len).unwrap_or_default(),
            Tree::Not(_, leaf) | Tree::Leaf(leaf) => alloc::vec![leaf],
        }
    }

    /// How many leaves an event must pass.
    pub(super) fn size(&self) -> usize {
        match self {
            Tree::And(parts) => parts.iter().map(Tree::size).fold(0, usize::saturating_add),
            Tree::Or(parts) => parts.iter().map(Tree::size).max().unwrap_or(0),
            Tree::Not(..) | Tree::Leaf(_) => 1,
        }
    }
}

fn leaf(expr: &Expr, rule: Option<usize>) -> Leaf {
    let mut fields = Vec::new();
    collect(expr, &mut fields);
    Leaf { text: print_expression(expr), span: expr.span, fields, rule }
}

/// Adds a rule that asks one question; its number in the plan.
fn probe(query: String, rule: &Rule, builder: &mut PlanBuilder) -> Option<usize> {
    let number = builder.rules();
    let probe = Rule {
        kind: "eql".to_string(),
        query,
        event_category_override: rule.event_category_override.clone(),
        ..Rule::default()
    };
    builder.add(probe).ok().map(|_| number)
}

/// The fields that an expression names, each once. The parser has bounded its depth.
fn collect(expr: &Expr, fields: &mut Vec<String>) {
    match &expr.kind {
        ExprKind::Literal(_) => {}
        ExprKind::Field(field) => {
            if !fields.contains(&field.path) {
                fields.push(field.path.clone());
            }
        }
        ExprKind::Not(inner) | ExprKind::Negate(inner) => collect(inner, fields),
        ExprKind::And(parts) | ExprKind::Or(parts) | ExprKind::Call { args: parts, .. } => {
            parts.iter().for_each(|part| collect(part, fields));
        }
        ExprKind::Compare { left, right, .. } | ExprKind::Arithmetic { left, right, .. } => {
            collect(left, fields);
            collect(right, fields);
        }
        ExprKind::In { value, list, .. } => {
            collect(value, fields);
            list.iter().for_each(|item| collect(item, fields));
        }
        ExprKind::Match { value, .. } => collect(value, fields),
    }
}
