//! Tokens to a syntax tree: the cursor, the limits, and how to go on after a mistake. The grammar is in `query` and `expr`.
//!
//! Each function of the grammar returns its node, or [`Stop`] after it has reported what is wrong. A `Stop` travels up to the nearest
//! place where it is plain how to go on: the next `and`/`or` of the same parentheses, the `]` of the term, the next `|`. So one run finds
//! several mistakes. Where the meaning is plain (`=` for `==`) the mistake is reported and the parser goes on as if it were not there.
//!
//! Stack and time are bounded: the recursion and the height of the tree by [`MAX_DEPTH`], the diagnostics by [`MAX_DIAGNOSTICS`], and
//! no token is looked at again once it is passed.

use super::{
    ast::{Expr, ExprKind, Literal, Query},
    lexer::lex,
    token::{Token, TokenKind, keyword},
};
use crate::diagnostic::{Code, Diagnostic, codes};
use crate::sort::sort_by_key;
use crate::span::Span;
use alloc::{
    boxed::Box,
    format,
    string::{String, ToString},
    vec::Vec,
};

/// How deep parentheses, `not`, functions and arithmetic nest. Whoever walks the tree recurses at most about that deep.
pub const MAX_DEPTH: usize = 200;

/// After so many diagnostics the rest of the text is not read: what would follow helps nobody.
const MAX_DIAGNOSTICS: usize = 50;

/// Reads a whole query, or says all that is wrong with its grammar. What [`check`](super::check) finds is not yet looked for.
pub fn parse(text: &str) -> Result<Query, Vec<Diagnostic>> {
    let mut parser = Parser::new(text);
    let query = parser.statement();
    parser.finish(query)
}

/// Reads an expression alone, as it would stand behind `where`.
///
/// ```
/// # use eqlite_core::eql::{parse_expression, print_expression};
/// let expression = parse_expression("not a == 1 and b + 2 * 3 > 4").unwrap();
/// assert_eq!(print_expression(&expression), "not a == 1 and b + 2 * 3 > 4");
/// ```
pub fn parse_expression(text: &str) -> Result<Expr, Vec<Diagnostic>> {
    let mut parser = Parser::new(text);
    let expression = parser.expression();
    if expression.is_ok() && *parser.peek() != TokenKind::End {
        parser.unexpected("an operator or the end", "join conditions with 'and' or 'or'");
    }
    parser.finish(expression.map(|deep| *deep.expr))
}

/// What is wrong is reported already.
#[derive(Debug)]
pub(super) struct Stop;

pub(super) type Parsed<T> = Result<T, Stop>;

/// An expression and the height of its tree. Boxed, since it travels up through every level of the recursion: this keeps the stack small.
pub(super) struct Deep {
    pub(super) expr: Box<Expr>,
    pub(super) height: usize,
}

pub(super) struct Parser<'a> {
    source: &'a str,
    tokens: Vec<Token>,
    position: usize,
    /// Parentheses that are open at `position`.
    open: usize,
    /// How deep the recursion is.
    depth: usize,
    diagnostics: Vec<Diagnostic>,
    /// Nothing more is to be read.
    fatal: bool,
}

impl<'a> Parser<'a> {
    fn new(source: &'a str) -> Self {
        let (tokens, diagnostics) = lex(source);
        Parser { source, tokens, position: 0, open: 0, depth: 0, diagnostics, fatal: false }
    }

    fn finish<T>(mut self, result: Parsed<T>) -> Result<T, Vec<Diagnostic>> {
        match result {
            Ok(value) if self.diagnostics.is_empty() => Ok(value),
            _ => {
                sort_by_key(&mut self.diagnostics, |diagnostic| diagnostic.span.start);
                self.diagnostics.truncate(MAX_DIAGNOSTICS);
                Err(self.diagnostics)
            }
        }
    }

    pub(super) fn peek(&self) -> &TokenKind {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> &TokenKind {
        self.tokens.get(self.position.saturating_add(ahead)).map_or(&TokenKind::End, |token| &token.kind)
    }

    /// Where the next token stands.
    pub(super) fn span(&self) -> Span {
        let end = Span::new(self.source.len(), self.source.len());
        self.tokens.get(self.position).map_or(end, |token| token.span)
    }

    /// Where the token before stands.
    pub(super) fn last_span(&self) -> Span {
        let before = self.position.checked_sub(1).and_then(|at| self.tokens.get(at));
        before.map_or(Span::new(0, 0), |token| token.span)
    }

    pub(super) fn whole_span(&self) -> Span {
        Span::new(0, self.source.len())
    }

    pub(super) fn advance(&mut self) {
        match self.peek() {
            TokenKind::LeftParenthesis => self.open = self.open.saturating_add(1),
            TokenKind::RightParenthesis => self.open = self.open.saturating_sub(1),
            TokenKind::End => return,
            _ => {}
        }
        self.position = self.position.saturating_add(1);
    }

    /// Passes the token if it is this one.
    pub(super) fn eat(&mut self, kind: &TokenKind) -> bool {
        let found = self.peek() == kind;
        if found {
            self.advance();
        }
        found
    }

    /// Passes this token, or says that `what` is missing and how to `help`.
    pub(super) fn expect(&mut self, kind: &TokenKind, what: &str, help: &str) -> Parsed<()> {
        if self.eat(kind) { Ok(()) } else { Err(self.unexpected(what, help)) }
    }

    pub(super) fn report(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Stop {
        if self.diagnostics.len() >= MAX_DIAGNOSTICS {
            self.fatal = true;
        }
        if !self.fatal {
            self.diagnostics.push(Diagnostic::error(code, span, message).with_help(help));
        }
        Stop
    }

    /// Says that something else is expected at the next token: `expected` names it, `help` says what to write.
    pub(super) fn unexpected(&mut self, expected: &str, help: &str) -> Stop {
        if *self.peek() == TokenKind::Unknown {
            return Stop;
        }
        let span = self.span();
        let message = match self.peek() {
            TokenKind::End => format!("expected {expected}, but the query ends here"),
            _ => format!("expected {expected}, found '{}'", shorten(span.of(self.source))),
        };
        match self.peek() {
            TokenKind::Name(name) if keyword(&name.to_ascii_lowercase()).is_some() => {
                let help = format!("the words of the language are lower-case: '{}'", name.to_ascii_lowercase());
                self.report(codes::KEYWORD_CASE, span, message, help)
            }
            TokenKind::Assign => self.report(codes::SINGLE_EQUALS, span, message, "values are compared with '=='"),
            TokenKind::RightParenthesis if self.open == 0 => {
                self.report(codes::UNEXPECTED_TOKEN, span, message, "no '(' is open here: take the ')' away")
            }
            _ => self.report(codes::UNEXPECTED_TOKEN, span, message, help),
        }
    }

    /// Says that the bracket or parenthesis at `open` lacks its partner, unless the next token shows another mistake.
    pub(super) fn unclosed(&mut self, open: Span, bracket: &str, expected: &str) -> Stop {
        match self.peek() {
            TokenKind::End | TokenKind::Pipe | TokenKind::LeftBracket | TokenKind::RightBracket | TokenKind::Until => {
                let opening = open.of(self.source).to_string();
                let message = format!("this '{opening}' is never closed");
                self.report(codes::UNCLOSED_BRACKET, open, message, format!("add the closing '{bracket}'"))
            }
            _ => self.unexpected(expected, "join conditions with 'and' or 'or'"),
        }
    }

    /// Runs `inner` one level deeper; refuses below [`MAX_DEPTH`].
    pub(super) fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            return Err(self.too_deep(self.span()));
        }
        self.depth = self.depth.saturating_add(1);
        let result = inner(self);
        self.depth = self.depth.saturating_sub(1);
        result
    }

    /// A node above trees of at most this `height`; refuses above [`MAX_DEPTH`].
    pub(super) fn node(&mut self, kind: ExprKind, span: Span, height: usize) -> Parsed<Deep> {
        if height >= MAX_DEPTH {
            return Err(self.too_deep(span));
        }
        Ok(Deep { expr: Box::new(Expr { kind, span }), height: height.saturating_add(1) })
    }

    fn too_deep(&mut self, span: Span) -> Stop {
        let message = format!("this nests more than {MAX_DEPTH} levels deep");
        let help = "chains of 'and' and 'or' need no parentheses; long sums can be folded by hand";
        let stop = self.report(codes::TOO_DEEP, span, message, help);
        self.fatal = true;
        stop
    }

    /// What stands for an expression that could not be read; the parse as a whole fails.
    pub(super) fn placeholder(&self) -> Deep {
        Deep { expr: Box::new(Expr { kind: ExprKind::Literal(Literal::Null), span: self.last_span() }), height: 1 }
    }

    /// How much is wrong so far.
    pub(super) fn reported(&self) -> usize {
        self.diagnostics.len()
    }

    pub(super) fn open(&self) -> usize {
        self.open
    }

    /// After a mistake inside `open` parentheses: goes on to the next token of these parentheses that `at` accepts, or to what ends the
    /// expression anyhow. `Err` where nothing more is to be read.
    pub(super) fn recover(&mut self, open: usize, at: impl Fn(&TokenKind) -> bool) -> Parsed<()> {
        if self.fatal {
            return Err(Stop);
        }
        loop {
            match self.peek() {
                TokenKind::End
                | TokenKind::Pipe
                | TokenKind::LeftBracket
                | TokenKind::RightBracket
                | TokenKind::Until => break,
                TokenKind::RightParenthesis if self.open <= open && open > 0 => break,
                kind if self.open <= open && at(kind) => break,
                _ => self.advance(),
            }
        }
        self.open = open;
        Ok(())
    }

    /// Passes `[ .. ]` with all brackets inside.
    pub(super) fn skip_brackets(&mut self) {
        let mut depth = 0_usize;
        loop {
            match self.peek() {
                TokenKind::LeftBracket => depth = depth.saturating_add(1),
                TokenKind::RightBracket => depth = depth.saturating_sub(1),
                TokenKind::End => return,
                _ => {}
            }
            self.advance();
            if depth == 0 {
                return;
            }
        }
    }

    /// The text of a token, for messages.
    pub(super) fn written(&self, span: Span) -> String {
        shorten(span.of(self.source))
    }
}

/// The beginning of a text that may be long.
fn shorten(text: &str) -> String {
    const SHOWN: usize = 40;
    if text.chars().count() <= SHOWN {
        return text.to_string();
    }
    text.chars().take(SHOWN).chain("...".chars()).collect()
}
