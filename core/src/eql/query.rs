//! The grammar of statements: event queries, sequences, samples, their terms and join keys, and pipes.

use super::{
    ast::{
        ArithmeticOp, EventQuery, Expr, ExprKind, Field, Literal, Pipe, PipeKind, Query, QueryKind, Sample, Sequence,
        Term, Text,
    },
    parser::{Parsed, Parser, Stop},
    token::TokenKind,
};
use crate::diagnostic::codes;
use crate::span::Span;
use alloc::{format, string::String, vec::Vec};

/// What older versions of EQL had. Elasticsearch: "Pipe [..] is not supported".
const UNSUPPORTED_PIPES: &[&str] = &["count", "filter", "sort", "unique", "unique_count"];

/// Elasticsearch holds the count in a 32-bit signed number.
const MAX_COUNT: i64 = i32::MAX as i64;

impl Parser<'_> {
    /// `query | pipe | pipe`
    pub(super) fn statement(&mut self) -> Parsed<Query> {
        let kind = self.query();
        let recovered = match kind {
            Ok(_) => match self.peek() {
                TokenKind::Pipe | TokenKind::End => Ok(()),
                _ => Err(self.unexpected("a pipe or the end of the query", "what follows is no part of the query: terms are '[category where condition] by keys', pipes '| head n'")),
            },
            Err(Stop) => Err(Stop),
        };
        if recovered.is_err() {
            self.skip_to_pipe()?;
        }
        let mut pipes = Vec::new();
        while self.eat(&TokenKind::Pipe) {
            match self.pipe() {
                Ok(pipe) => pipes.push(pipe),
                Err(Stop) => self.skip_to_pipe()?,
            }
        }
        Ok(Query { kind: kind?, pipes, span: self.whole_span() })
    }

    fn skip_to_pipe(&mut self) -> Parsed<()> {
        loop {
            self.recover(0, |_| false)?;
            match self.peek() {
                TokenKind::Pipe | TokenKind::End => return Ok(()),
                _ => self.advance(),
            }
        }
    }

    fn query(&mut self) -> Parsed<QueryKind> {
        let span = self.span();
        match (self.peek(), self.peek_at(1)) {
            (TokenKind::End, _) => {
                let help = "the shortest query is 'any where true'";
                Err(self.report(codes::NO_QUERY, span, "there is no query", help))
            }
            (TokenKind::Sequence, _) => {
                self.advance();
                self.sequence().map(QueryKind::Sequence)
            }
            (TokenKind::Join, _) => {
                let help = "'sample' finds events in any order, 'sequence' finds them in order";
                self.report(codes::JOIN, span, "'join' is not supported", help);
                self.advance();
                self.sequence().map(QueryKind::Sequence)
            }
            (TokenKind::Name(name), _) if name == "sample" => {
                self.advance();
                self.sample().map(QueryKind::Sample)
            }
            (TokenKind::Name(name), TokenKind::By | TokenKind::With | TokenKind::LeftBracket)
                if matches!(name.to_ascii_lowercase().as_str(), "sequence" | "sample") =>
            {
                let help = format!("the words of the language are lower-case: '{}'", name.to_ascii_lowercase());
                Err(self.report(codes::KEYWORD_CASE, span, format!("'{}' begins no query", self.written(span)), help))
            }
            (TokenKind::LeftBracket | TokenKind::Bang, _) => {
                let help = "several events are found by 'sequence by key [..] [..]' or 'sample by key [..] [..]'";
                Err(self.report(codes::UNEXPECTED_TOKEN, span, "a query does not begin with a bracket", help))
            }
            _ => self.event_query().map(QueryKind::Event),
        }
    }

    /// `category where condition`
    fn event_query(&mut self) -> Parsed<EventQuery> {
        let start = self.span();
        let help = "write 'any where ..' for events of every category";
        let category = match self.peek() {
            TokenKind::Any => {
                self.advance();
                None
            }
            TokenKind::Name(text) | TokenKind::Text(text) => {
                let text = Text { text: text.clone(), span: start };
                self.advance();
                Some(text)
            }
            TokenKind::Where => {
                self.report(codes::NO_CATEGORY, start, "expected a category of events in front of 'where'", help);
                None
            }
            TokenKind::QuotedName(_) => {
                let help = "a category is a plain name, or text in double quotes";
                return Err(self.report(codes::NO_CATEGORY, start, "a category is not back-quoted", help));
            }
            _ => return Err(self.report(codes::NO_CATEGORY, start, "expected a category of events", help)),
        };
        if !self.eat(&TokenKind::Where) {
            let (span, found) = (self.span(), self.written(self.span()));
            let written = match self.peek() {
                TokenKind::End => "expected 'where' and a condition, but the query ends here".into(),
                _ => format!("expected 'where', found '{found}'"),
            };
            let help = match self.peek() {
                TokenKind::Name(name) if name.eq_ignore_ascii_case("where") => {
                    "the words of the language are lower-case: 'where'"
                }
                _ => "a query is 'category where condition'; 'category where true' takes all events of the category",
            };
            return Err(self.report(codes::NO_WHERE, span, written, help));
        }
        let condition = *self.expression()?.expr;
        Ok(EventQuery { category, span: start.to(self.last_span()), condition })
    }

    /// What stands behind `sequence`.
    fn sequence(&mut self) -> Parsed<Sequence> {
        let (by, maxspan) = self.header(false)?;
        let terms = self.terms(false)?;
        let until = if self.eat(&TokenKind::Until) { Some(self.term(false)?) } else { None };
        Ok(Sequence { by, maxspan, terms, until })
    }

    /// What stands behind `sample`.
    fn sample(&mut self) -> Parsed<Sample> {
        let (by, _) = self.header(true)?;
        let terms = self.terms(true)?;
        if *self.peek() == TokenKind::Until {
            self.not_in_sample();
            self.advance();
            self.term(true)?;
        }
        Ok(Sample { by, terms })
    }

    /// `by keys with maxspan=30s`, all of it optional; after a mistake the parser goes on at the first term.
    fn header(&mut self, sample: bool) -> Parsed<(Vec<Field>, Option<u64>)> {
        self.settings(sample).or_else(|Stop| {
            self.recover(0, |_| false)?;
            Ok((Vec::new(), None))
        })
    }

    fn settings(&mut self, sample: bool) -> Parsed<(Vec<Field>, Option<u64>)> {
        let mut by = self.optional_keys()?;
        let mut maxspan = None;
        if *self.peek() == TokenKind::With {
            if sample {
                self.not_in_sample();
            }
            maxspan = self.maxspan()?;
        }
        if *self.peek() == TokenKind::By {
            by.extend(self.keys_behind_with()?);
        }
        Ok((by, maxspan))
    }

    fn not_in_sample(&mut self) {
        let span = self.span();
        let message = format!("'{}' does not belong to a sample: samples know no time", self.written(span));
        self.report(codes::SAMPLE_ORDER, span, message, "leave it away, or write a sequence");
    }

    fn terms(&mut self, sample: bool) -> Parsed<Vec<Term>> {
        let mut terms = Vec::new();
        while let TokenKind::LeftBracket | TokenKind::Bang = self.peek() {
            // A broken term is left out; its diagnostics make the whole parse fail.
            if let Some(term) = self.term(sample).map(Some).or_else(|Stop| self.behind_bracket().map(|()| None))? {
                terms.push(term);
            }
        }
        match terms.is_empty() && self.reported() == 0 {
            true if *self.peek() == TokenKind::Maxspan => {
                Err(self.unexpected("a term in brackets", "write 'with maxspan=5m', behind the keys"))
            }
            true => Err(self.unexpected("a term in brackets", "a term is '[category where condition]'")),
            false => Ok(terms),
        }
    }

    /// After a mistake in a term: behind its `]`, or at whatever shows that there is none.
    fn behind_bracket(&mut self) -> Parsed<()> {
        self.recover(0, |_| false)?;
        self.eat(&TokenKind::RightBracket);
        Ok(())
    }

    /// `![category where condition] by keys with runs=n`
    fn term(&mut self, sample: bool) -> Parsed<Term> {
        let start = self.span();
        let missing = self.eat(&TokenKind::Bang);
        let open = self.span();
        self.expect(&TokenKind::LeftBracket, "'['", "a term is '[category where condition]'")?;
        let event = self.event_query()?;
        if !self.eat(&TokenKind::RightBracket) {
            return Err(self.unclosed(open, "]", "']'"));
        }
        let mut by = self.optional_keys()?;
        let mut runs = 1;
        if *self.peek() == TokenKind::With {
            if sample {
                self.not_in_sample();
            }
            runs = self.runs()?;
        }
        if *self.peek() == TokenKind::By {
            by.extend(self.keys_behind_with()?);
        }
        Ok(Term { event, by, missing, runs, span: start.to(self.last_span()) })
    }

    /// `by a, ?b`, or nothing.
    fn optional_keys(&mut self) -> Parsed<Vec<Field>> {
        let mut keys = Vec::new();
        if !self.eat(&TokenKind::By) {
            return Ok(keys);
        }
        loop {
            keys.push(self.key()?);
            if !self.eat(&TokenKind::Comma) {
                return Ok(keys);
            }
        }
    }

    fn key(&mut self) -> Parsed<Field> {
        let start = self.span();
        let literal = matches!(self.peek(), TokenKind::Text(_) | TokenKind::Int(_) | TokenKind::Float(_));
        let key = if literal { Err(Stop) } else { Ok(self.field()?) };
        let goes_on = matches!(
            self.peek(),
            TokenKind::LeftParenthesis
                | TokenKind::Plus
                | TokenKind::Minus
                | TokenKind::Star
                | TokenKind::Slash
                | TokenKind::Percent
                | TokenKind::Equal
        );
        match key {
            Ok(key) if !goes_on => Ok(key),
            _ => {
                let help = match self.peek() {
                    TokenKind::Minus => "a name with '-' is written in back-quotes: `my-field`",
                    _ => "name a field; what is computed from it cannot be joined by",
                };
                Err(self.report(codes::KEY_NOT_FIELD, start, "a join key is a plain field", help))
            }
        }
    }

    /// `by keys` where only `with ..` may stand in front: reported and read.
    fn keys_behind_with(&mut self) -> Parsed<Vec<Field>> {
        let span = self.span();
        self.report(codes::BY_AFTER_WITH, span, "'by' stands in front of 'with'", "write 'by keys with ..'");
        self.optional_keys()
    }

    /// `with maxspan=30s`, in milliseconds; `None` after a reported mistake.
    fn maxspan(&mut self) -> Parsed<Option<u64>> {
        self.advance();
        self.expect(&TokenKind::Maxspan, "'maxspan'", "write 'with maxspan=5m'")?;
        self.setting_assign("maxspan")?;
        let start = self.span();
        let negative = self.eat(&TokenKind::Minus);
        let number = match self.peek() {
            TokenKind::Int(number) => Some(*number).filter(|number| *number > 0 && !negative),
            TokenKind::Float(_) => None,
            _ => return Err(self.malformed_maxspan(self.span(), "expected a number and a unit")),
        };
        self.advance();
        let unit = match self.peek() {
            TokenKind::Name(unit) => Some(unit.clone()),
            _ => None,
        };
        if unit.is_some() {
            self.advance();
        }
        let span = start.to(self.last_span());
        let millis = match unit.as_deref() {
            Some("ms") => 1,
            Some("s") => 1_000,
            Some("m") => 60_000,
            Some("h") => 3_600_000,
            Some("d") => 86_400_000,
            Some(unit) => {
                let message = format!("'{unit}' is not a unit of time");
                self.malformed_maxspan(span, message);
                return Ok(None);
            }
            None => {
                self.malformed_maxspan(span, "the unit is missing");
                return Ok(None);
            }
        };
        let total = number.and_then(|number| u64::try_from(number).ok()).and_then(|number| number.checked_mul(millis));
        if total.filter(|total| i64::try_from(*total).is_ok()).is_none() {
            self.malformed_maxspan(span, "maxspan is a positive whole number of its unit");
        }
        Ok(total)
    }

    fn malformed_maxspan(&mut self, span: Span, message: impl Into<String>) -> Stop {
        self.report(codes::BAD_MAXSPAN, span, message, "write for example maxspan=500ms, 30s, 5m, 1h or 1d")
    }

    /// The `=` of `maxspan=..` and `runs=..`.
    fn setting_assign(&mut self, name: &str) -> Parsed<()> {
        if self.eat(&TokenKind::Equal) {
            let span = self.last_span();
            let message = format!("'{name}' is set with a single '='");
            self.report(codes::UNEXPECTED_TOKEN, span, message, format!("write {name}=.."));
            return Ok(());
        }
        self.expect(&TokenKind::Assign, "'='", if name == "runs" { "write 'runs=3'" } else { "write 'maxspan=5m'" })
    }

    /// `with runs=3`
    fn runs(&mut self) -> Parsed<u32> {
        self.advance();
        let span = self.span();
        match self.peek() {
            TokenKind::Name(name) if name == "runs" => self.advance(),
            TokenKind::Maxspan => {
                let help = "maxspan is said once: 'sequence by key with maxspan=1m [..] [..]'";
                return Err(self.report(codes::BAD_RUNS, span, "maxspan belongs to the sequence, not to a term", help));
            }
            _ => return Err(self.malformed_runs(span, "expected 'runs'")),
        }
        self.setting_assign("runs")?;
        let start = self.span();
        let negative = self.eat(&TokenKind::Minus);
        match self.peek() {
            TokenKind::Int(count) if !negative => {
                let count = u32::try_from(*count).unwrap_or(u32::MAX);
                self.advance();
                Ok(count)
            }
            _ => {
                let span = start.to(self.span());
                Err(self.malformed_runs(span, "runs is a whole number from 1 to 100"))
            }
        }
    }

    fn malformed_runs(&mut self, span: Span, message: &str) -> Stop {
        self.report(codes::BAD_RUNS, span, message, "write for example 'with runs=3'")
    }

    /// `head 5`, behind the `|`.
    fn pipe(&mut self) -> Parsed<Pipe> {
        let start = self.span();
        let name = match self.peek() {
            TokenKind::Name(name) => name.clone(),
            _ => return Err(self.unexpected("a pipe", "the pipes are 'head n' and 'tail n'")),
        };
        let kind = match name.as_str() {
            "head" => PipeKind::Head,
            "tail" => PipeKind::Tail,
            other if UNSUPPORTED_PIPES.contains(&other) => {
                let message = format!("the pipe '{other}' is not supported");
                return Err(self.report(
                    codes::UNSUPPORTED_PIPE,
                    start,
                    message,
                    "the pipes are 'head n' and 'tail n'",
                ));
            }
            other => {
                let message = format!("there is no pipe '{other}'");
                return Err(self.report(codes::UNKNOWN_PIPE, start, message, "the pipes are 'head n' and 'tail n'"));
            }
        };
        self.advance();
        let help = format!("write for example '{name} 10'");
        if let TokenKind::Pipe | TokenKind::End = self.peek() {
            return Err(self.report(codes::PIPE_COUNT, start, format!("'{name}' takes a count"), help));
        }
        let reported = self.reported();
        let argument = *self.expression()?.expr;
        if self.reported() > reported {
            return Err(Stop);
        }
        if *self.peek() == TokenKind::Comma {
            return Err(self.report(codes::PIPE_COUNT, self.span(), format!("'{name}' takes one count"), help));
        }
        let count = constant_integer(&argument).filter(|count| (0..=MAX_COUNT).contains(count));
        match count.and_then(|count| u32::try_from(count).ok()) {
            Some(count) => Ok(Pipe { kind, count, span: start.to(self.last_span()) }),
            None => {
                let message = format!("the count of '{name}' is a whole number from 0 to {MAX_COUNT}");
                Err(self.report(codes::PIPE_COUNT, argument.span, message, help))
            }
        }
    }
}

/// The value of a whole-number expression: Elasticsearch folds the argument of a pipe, so that `head 2147483648-1` is legal.
fn constant_integer(expr: &Expr) -> Option<i64> {
    match &expr.kind {
        ExprKind::Literal(Literal::Int(value)) => Some(*value),
        ExprKind::Negate(inner) => constant_integer(inner)?.checked_neg(),
        ExprKind::Arithmetic { op, left, right } => {
            let (left, right) = (constant_integer(left)?, constant_integer(right)?);
            match op {
                ArithmeticOp::Add => left.checked_add(right),
                ArithmeticOp::Sub => left.checked_sub(right),
                ArithmeticOp::Mul => left.checked_mul(right),
                ArithmeticOp::Div => left.checked_div(right),
                ArithmeticOp::Mod => left.checked_rem(right),
            }
        }
        _ => None,
    }
}
