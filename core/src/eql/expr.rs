//! The grammar of expressions, one function per level of precedence, loosest first:
//! `or`, `and`, `not`, comparison, `+ -`, `* / %`, sign, and a primary with its `in`, `:`, `like` or `regex`.
//!
//! Elasticsearch (EqlBase.g4): a predicate such as `in` attaches to a primary, inside arithmetic too, so `a + b in (1)` is
//! `a + (b in (1))`; comparisons do not chain; only `in` has a negated form.

use super::{
    ast::{ArithmeticOp, CompareOp, Expr, ExprKind, Field, Literal, MatchOp, Text},
    parser::{Deep, Parsed, Parser, Stop},
    token::TokenKind,
};
use crate::diagnostic::codes;
use crate::span::Span;
use alloc::{format, string::String, vec::Vec};

impl Parser<'_> {
    /// `a or b or c`
    pub(super) fn expression(&mut self) -> Parsed<Deep> {
        let first = self.conjunction()?;
        if *self.peek() != TokenKind::Or {
            return Ok(first);
        }
        let (mut operands, mut height) = (Vec::from([*first.expr]), first.height);
        while self.eat(&TokenKind::Or) {
            let next = self.conjunction()?;
            height = height.max(next.height);
            operands.push(*next.expr);
        }
        let span = hull(&operands);
        self.node(ExprKind::Or(operands), span, height)
    }

    /// `a and b and c`
    fn conjunction(&mut self) -> Parsed<Deep> {
        let first = self.operand()?;
        if *self.peek() != TokenKind::And {
            return Ok(first);
        }
        let (mut operands, mut height) = (Vec::from([*first.expr]), first.height);
        while self.eat(&TokenKind::And) {
            let next = self.operand()?;
            height = height.max(next.height);
            operands.push(*next.expr);
        }
        let span = hull(&operands);
        self.node(ExprKind::And(operands), span, height)
    }

    /// An operand of `and`; after a mistake in it, the parser goes on at the next `and` or `or`.
    fn operand(&mut self) -> Parsed<Deep> {
        let open = self.open();
        let result = self.negation();
        let result = match result {
            Ok(operand) => self.operand_ends().map(|()| operand),
            stop => stop,
        };
        result.or_else(|Stop| {
            self.recover(open, |kind| matches!(kind, TokenKind::And | TokenKind::Or))?;
            Ok(self.placeholder())
        })
    }

    /// What can follow an operand; everything else is a mistake right here, not after the whole condition.
    fn operand_ends(&mut self) -> Parsed<()> {
        match self.peek() {
            TokenKind::And
            | TokenKind::Or
            | TokenKind::Comma
            | TokenKind::Pipe
            | TokenKind::RightParenthesis
            | TokenKind::LeftBracket
            | TokenKind::RightBracket
            | TokenKind::Until
            | TokenKind::By
            | TokenKind::With
            | TokenKind::End => Ok(()),
            _ => Err(self.unexpected("an operator or the end of the condition", "join conditions with 'and' or 'or'")),
        }
    }

    /// `not a`; `!a` and `NOT a` are reported and read as that.
    fn negation(&mut self) -> Parsed<Deep> {
        let mut starts = Vec::new();
        loop {
            let span = self.span();
            match self.peek() {
                TokenKind::Not => {}
                TokenKind::Bang => {
                    self.report(codes::BANG, span, "'!' does not negate", "write 'not'");
                }
                TokenKind::Name(name) if name.eq_ignore_ascii_case("not") && self.starts_value(1) => {
                    let message = format!("'{name}' is not an operator");
                    self.report(codes::KEYWORD_CASE, span, message, "the words of the language are lower-case: 'not'");
                }
                _ => break,
            }
            self.advance();
            starts.push(span);
        }
        let mut result = self.comparison()?;
        while let Some(start) = starts.pop() {
            let span = start.to(result.expr.span);
            result = self.node(ExprKind::Not(result.expr), span, result.height)?;
        }
        Ok(result)
    }

    /// `a == b`
    fn comparison(&mut self) -> Parsed<Deep> {
        let mut left = self.sum()?;
        let mut compared = false;
        while let Some(op) = self.compare_operator(compared) {
            let right = self.sum()?;
            let (span, height) = (left.expr.span.to(right.expr.span), left.height.max(right.height));
            left = match compared {
                // Reported already; the right side is dropped, so that a long chain builds no deep tree.
                true => left,
                false => {
                    let (left, right) = (left.expr, right.expr);
                    self.node(ExprKind::Compare { op, left, right }, span, height)?
                }
            };
            compared = true;
        }
        Ok(left)
    }

    /// Passes a comparison operator; `again` where one stands in front of it already.
    fn compare_operator(&mut self, again: bool) -> Option<CompareOp> {
        let span = self.span();
        let op = match self.peek() {
            TokenKind::Equal | TokenKind::Assign => CompareOp::Eq,
            TokenKind::NotEqual => CompareOp::Ne,
            TokenKind::Less => CompareOp::Lt,
            TokenKind::LessEqual => CompareOp::Le,
            TokenKind::Greater => CompareOp::Gt,
            TokenKind::GreaterEqual => CompareOp::Ge,
            _ => return None,
        };
        let assign = *self.peek() == TokenKind::Assign;
        self.advance();
        if assign {
            self.report(codes::SINGLE_EQUALS, span, "'=' does not compare", "write '=='");
        } else if op == CompareOp::Lt && *self.peek() == TokenKind::Greater && self.span().start == span.end {
            let both = span.to(self.span());
            self.advance();
            self.report(codes::UNEXPECTED_TOKEN, both, "'<>' is not an operator", "write '!='");
            return Some(CompareOp::Ne);
        } else if op != CompareOp::Ge && *self.peek() == TokenKind::Assign && self.span().start == span.end {
            let both = span.to(self.span());
            self.advance();
            let message = format!("'{}' is not an operator", self.written(both));
            self.report(codes::UNEXPECTED_TOKEN, both, message, "write '==' or '!='");
        }
        if again {
            let help = "join two comparisons: 'a < b and b < c'";
            self.report(codes::CHAINED_COMPARISON, span, "comparisons do not chain", help);
        }
        Some(op)
    }

    /// `a + b - c`, from the left.
    fn sum(&mut self) -> Parsed<Deep> {
        let mut left = self.product()?;
        loop {
            let op = match self.peek() {
                TokenKind::Plus => ArithmeticOp::Add,
                TokenKind::Minus => ArithmeticOp::Sub,
                _ => return Ok(left),
            };
            self.advance();
            let right = self.product()?;
            left = self.arithmetic(op, left, right)?;
        }
    }

    /// `a * b / c % d`, from the left.
    fn product(&mut self) -> Parsed<Deep> {
        let mut left = self.signed()?;
        loop {
            let op = match self.peek() {
                TokenKind::Star => ArithmeticOp::Mul,
                TokenKind::Slash => ArithmeticOp::Div,
                TokenKind::Percent => ArithmeticOp::Mod,
                _ => return Ok(left),
            };
            self.advance();
            let right = self.signed()?;
            left = self.arithmetic(op, left, right)?;
        }
    }

    fn arithmetic(&mut self, op: ArithmeticOp, left: Deep, right: Deep) -> Parsed<Deep> {
        let (span, height) = (left.expr.span.to(right.expr.span), left.height.max(right.height));
        let (left, right) = (left.expr, right.expr);
        self.node(ExprKind::Arithmetic { op, left, right }, span, height)
    }

    /// `-a`; a `+` in front changes nothing and is dropped.
    fn signed(&mut self) -> Parsed<Deep> {
        let mut starts = Vec::new();
        while let TokenKind::Minus | TokenKind::Plus = self.peek() {
            if *self.peek() == TokenKind::Minus {
                starts.push(self.span());
            }
            self.advance();
        }
        let mut result = self.predicate()?;
        while let Some(start) = starts.pop() {
            let span = start.to(result.expr.span);
            result = self.node(ExprKind::Negate(result.expr), span, result.height)?;
        }
        Ok(result)
    }

    /// A primary, and `in (..)`, `: ".."`, `like ".."` or `regex ".."` behind it.
    fn predicate(&mut self) -> Parsed<Deep> {
        let start = self.span();
        let value = self.primary()?;
        let negation = self.span();
        let negated = match (self.peek(), self.peek_at(1)) {
            (TokenKind::Not, TokenKind::In | TokenKind::InInsensitive) => true,
            (TokenKind::Not, kind) if match_operator(kind).is_some() => {
                let help = "negate the whole comparison: 'not a like \"..\"'";
                self.report(codes::INFIX_NOT, negation, "only 'in' has a negated form", help);
                true
            }
            (TokenKind::Bang, kind) if match_operator(kind).is_some() => {
                let help = "negate the whole comparison: 'not a : \"..\"'";
                self.report(codes::BANG, negation, "'!' stands only in '!='", help);
                true
            }
            _ => false,
        };
        if negated {
            self.advance();
        }
        let case_insensitive = *self.peek() == TokenKind::InInsensitive;
        if case_insensitive || *self.peek() == TokenKind::In {
            self.advance();
            let (list, height) = self.list(Self::expression)?;
            let span = start.to(self.last_span());
            let height = height.max(value.height);
            let value = value.expr;
            return self.node(ExprKind::In { value, list, negated, case_insensitive }, span, height);
        }
        let Some(op) = match_operator(self.peek()) else { return Ok(value) };
        self.advance();
        let (patterns, height) = match self.peek() {
            TokenKind::LeftParenthesis => self.list(Self::pattern)?,
            _ => {
                let pattern = self.pattern()?;
                (Vec::from([*pattern.expr]), pattern.height)
            }
        };
        let span = start.to(self.last_span());
        let height = height.max(value.height);
        self.node(ExprKind::Match { op, value: value.expr, patterns }, span, height)
    }

    /// `( item, item )` with at least one; the items and the height of the highest.
    fn list(&mut self, mut item: impl FnMut(&mut Self) -> Parsed<Deep>) -> Parsed<(Vec<Expr>, usize)> {
        let open = self.span();
        self.expect(&TokenKind::LeftParenthesis, "a list in parentheses", "write for example (\"a\", \"b\")")?;
        if *self.peek() == TokenKind::RightParenthesis {
            let span = open.to(self.span());
            self.report(codes::EMPTY_LIST, span, "this list is empty", "give at least one value");
        }
        self.nested(|parser| parser.items(open, &mut item))
    }

    /// `item, item )`, possibly none.
    fn items(&mut self, open: Span, item: &mut dyn FnMut(&mut Self) -> Parsed<Deep>) -> Parsed<(Vec<Expr>, usize)> {
        let (mut items, mut height) = (Vec::new(), 0);
        while !self.eat(&TokenKind::RightParenthesis) {
            let next = item(self)?;
            height = height.max(next.height);
            items.push(*next.expr);
            if *self.peek() == TokenKind::RightParenthesis {
                continue;
            }
            if !self.eat(&TokenKind::Comma) {
                return Err(self.unclosed(open, ")", "',' or ')'"));
            }
            if *self.peek() == TokenKind::RightParenthesis {
                return Err(self.unexpected("a value behind ','", "take the last ',' away"));
            }
        }
        Ok((items, height))
    }

    /// A constant to the right of `:`, `like` and `regex`. Anything else is reported and kept.
    fn pattern(&mut self) -> Parsed<Deep> {
        let start = self.span();
        match self.literal() {
            // `a * b : 2 + 12` is legal: the predicate is an operand of the sum, which goes on behind it.
            Some(literal) => self.node(ExprKind::Literal(literal), start, 0),
            None => {
                let value = self.nested(Self::sum)?;
                let span = value.expr.span;
                let message = "what stands to the right of ':', 'like' and 'regex' is a constant";
                let help = "write a text, or several as (\"a\", \"b\"); fields cannot be compared with fields";
                self.report(codes::PATTERN_NOT_CONSTANT, span, message, help);
                Ok(value)
            }
        }
    }

    /// Passes a literal, if one stands here.
    fn literal(&mut self) -> Option<Literal> {
        let literal = match self.peek() {
            TokenKind::Null => Literal::Null,
            TokenKind::True => Literal::Bool(true),
            TokenKind::False => Literal::Bool(false),
            TokenKind::Int(value) => Literal::Int(*value),
            TokenKind::Unsigned(value) => Literal::Unsigned(*value),
            TokenKind::Float(value) => Literal::Float(*value),
            TokenKind::Text(text) => Literal::Text(text.clone()),
            _ => return None,
        };
        self.advance();
        Some(literal)
    }

    /// A literal, a function, a field, or an expression in parentheses.
    fn primary(&mut self) -> Parsed<Deep> {
        let start = self.span();
        if let Some(literal) = self.literal() {
            return self.node(ExprKind::Literal(literal), start, 0);
        }
        match (self.peek(), self.peek_at(1)) {
            (TokenKind::LeftParenthesis, _) => {
                self.advance();
                let inner = self.nested(Self::expression)?;
                if !self.eat(&TokenKind::RightParenthesis) {
                    return Err(self.unclosed(start, ")", "')'"));
                }
                Ok(inner)
            }
            (TokenKind::Name(name), TokenKind::LeftParenthesis) => {
                let name = Text { text: name.clone(), span: start };
                self.call(name, false)
            }
            (TokenKind::TildeName(name), TokenKind::LeftParenthesis) => {
                let name = Text { text: name.clone(), span: Span::new(start.start, start.end.saturating_sub(1)) };
                self.call(name, true)
            }
            (TokenKind::TildeName(_), _) => {
                self.advance();
                Err(self
                    .unexpected("'(' and the arguments of the function", "only functions have a '~' behind their name"))
            }
            (TokenKind::Name(_), TokenKind::Of) => self.process_relation(),
            (TokenKind::Name(_) | TokenKind::QuotedName(_) | TokenKind::Question, _) => self.field_expression(),
            (kind, next) if kind.is_keyword() && (is_comparison(next) || *next == TokenKind::Dot) => {
                self.field_expression()
            }
            _ => Err(self
                .unexpected("a value", "a value is a field, a constant, a function, or an expression in parentheses")),
        }
    }

    fn field_expression(&mut self) -> Parsed<Deep> {
        let field = self.field()?;
        let span = field.span;
        self.node(ExprKind::Field(field), span, 0)
    }

    /// `name(arguments)`, at the name.
    fn call(&mut self, name: Text, case_insensitive: bool) -> Parsed<Deep> {
        self.advance();
        let open = self.span();
        self.advance();
        let (args, height) = self.nested(|parser| parser.items(open, &mut Self::expression))?;
        let span = name.span.to(self.last_span());
        self.node(ExprKind::Call { name, case_insensitive, args }, span, height)
    }

    /// `child of [..]`, which older versions of EQL had.
    fn process_relation(&mut self) -> Parsed<Deep> {
        let start = self.span();
        self.advance();
        self.advance();
        let span = start.to(self.last_span());
        let message = format!("'{}' is not supported", self.written(span));
        let help = "say it as a sequence or a sample that is joined by process.entity_id and process.parent.entity_id";
        self.report(codes::PROCESS_RELATION, span, message, help);
        if *self.peek() == TokenKind::LeftBracket {
            self.skip_brackets();
        }
        Ok(self.placeholder())
    }

    /// `?process.args`, `` `my-field`.name ``.
    pub(super) fn field(&mut self) -> Parsed<Field> {
        let start = self.span();
        let optional = self.eat(&TokenKind::Question);
        let mut path = String::new();
        loop {
            path.push_str(&self.name()?);
            self.array_index();
            if !self.eat(&TokenKind::Dot) {
                break;
            }
            path.push('.');
        }
        Ok(Field { path, optional, span: start.to(self.last_span()) })
    }

    /// One part of the path of a field. A reserved word is reported and taken.
    fn name(&mut self) -> Parsed<String> {
        let span = self.span();
        let name = match self.peek() {
            TokenKind::Name(name) | TokenKind::QuotedName(name) => name.clone(),
            kind if kind.is_keyword() => {
                let word = self.written(span);
                let message = format!("'{word}' is a word of the language");
                self.report(codes::RESERVED_WORD, span, message, format!("as part of a field it is written `{word}`"));
                word
            }
            _ => {
                return Err(
                    self.unexpected("the name of a field", "unusual names are written in back-quotes: `my-field`")
                );
            }
        };
        self.advance();
        Ok(name)
    }

    /// `[0]` behind a name: reported and passed.
    fn array_index(&mut self) {
        while let (TokenKind::LeftBracket, TokenKind::Int(_)) = (self.peek(), self.peek_at(1)) {
            let start = self.span();
            self.skip_brackets();
            let span = start.to(self.last_span());
            let help = "leave it away: a comparison holds if any element satisfies it";
            self.report(codes::ARRAY_INDEX, span, "elements of arrays have no numbers", help);
        }
    }

    /// Whether the token `ahead` can begin a value.
    fn starts_value(&self, ahead: usize) -> bool {
        matches!(
            self.peek_at(ahead),
            TokenKind::Name(_)
                | TokenKind::QuotedName(_)
                | TokenKind::TildeName(_)
                | TokenKind::Text(_)
                | TokenKind::Int(_)
                | TokenKind::Unsigned(_)
                | TokenKind::Float(_)
                | TokenKind::True
                | TokenKind::False
                | TokenKind::Null
                | TokenKind::Question
                | TokenKind::LeftParenthesis
        )
    }
}

fn is_comparison(kind: &TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Equal
            | TokenKind::NotEqual
            | TokenKind::Less
            | TokenKind::LessEqual
            | TokenKind::Greater
            | TokenKind::GreaterEqual
            | TokenKind::Assign
            | TokenKind::In
            | TokenKind::InInsensitive
    ) || match_operator(kind).is_some()
}

fn match_operator(kind: &TokenKind) -> Option<MatchOp> {
    match kind {
        TokenKind::Colon => Some(MatchOp::Seq),
        TokenKind::Like => Some(MatchOp::Like),
        TokenKind::LikeInsensitive => Some(MatchOp::LikeInsensitive),
        TokenKind::Regex => Some(MatchOp::Regex),
        TokenKind::RegexInsensitive => Some(MatchOp::RegexInsensitive),
        _ => None,
    }
}

/// From the first to the last of a chain.
fn hull(operands: &[Expr]) -> Span {
    let last = operands.last().map_or(Span::default(), |expr| expr.span);
    operands.first().map_or(last, |first| first.span.to(last))
}
