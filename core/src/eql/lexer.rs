//! Text to tokens.
//!
//! The lexer never stops: what it cannot read becomes a diagnostic, and, where the meaning is plain (`'text'`, `&&`), the token that was
//! meant, so that the parser can go on and find what else is wrong; [`TokenKind::Unknown`] where it is not plain.

use super::token::{Token, TokenKind, continues_name, keyword, starts_name};
use crate::diagnostic::{Diagnostic, codes};
use crate::number::float;
use crate::span::Span;
use alloc::{format, string::String, vec::Vec};

/// The tokens of `source`, the last of which is [`TokenKind::End`], and what is wrong with it.
pub(crate) fn lex(source: &str) -> (Vec<Token>, Vec<Diagnostic>) {
    let mut lexer = Lexer { source, position: 0, tokens: Vec::new(), diagnostics: Vec::new() };
    while let Some(byte) = lexer.peek(0) {
        lexer.token(byte);
    }
    let end = Span::new(source.len(), source.len());
    lexer.tokens.push(Token { kind: TokenKind::End, span: end });
    (lexer.tokens, lexer.diagnostics)
}

struct Lexer<'a> {
    source: &'a str,
    position: usize,
    tokens: Vec<Token>,
    diagnostics: Vec<Diagnostic>,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.source.as_bytes().get(self.position.saturating_add(ahead)).copied()
    }

    /// What is not yet read.
    fn rest(&self) -> &str {
        self.source.get(self.position..).unwrap_or("")
    }

    fn advance(&mut self, bytes: usize) {
        self.position = self.position.saturating_add(bytes).min(self.source.len());
    }

    fn advance_while(&mut self, accept: impl Fn(u8) -> bool) {
        let count = self.rest().bytes().take_while(|byte| accept(*byte)).count();
        self.advance(count);
    }

    fn span_from(&self, start: usize) -> Span {
        Span::new(start, self.position)
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        self.tokens.push(Token { kind, span: self.span_from(start) });
    }

    fn symbol(&mut self, kind: TokenKind, bytes: usize) {
        let start = self.position;
        self.advance(bytes);
        self.push(kind, start);
    }

    /// Reads the token that begins with `byte`, or what separates tokens.
    fn token(&mut self, byte: u8) {
        match (byte, self.peek(1)) {
            (b' ' | b'\t' | b'\r' | b'\n', _) => self.advance(1),
            (b'/', Some(b'/')) => self.advance_while(|byte| byte != b'\n'),
            (b'/', Some(b'*')) => self.block_comment(),
            (b'"', _) => self.text(),
            (b'\'', _) => self.single_quoted(1),
            (b'?', Some(b'\'')) => self.single_quoted(2),
            (b'?', Some(b'"')) => self.question_mark_text(),
            (b'`', _) => self.quoted_name(),
            (b'0'..=b'9', _) | (b'.', Some(b'0'..=b'9')) => self.number(),
            (b'&', Some(b'&')) => self.c_operator(TokenKind::And, "&&", "and"),
            (b'|', Some(b'|')) => self.c_operator(TokenKind::Or, "||", "or"),
            (b'=', Some(b'=')) => self.symbol(TokenKind::Equal, 2),
            (b'!', Some(b'=')) => self.symbol(TokenKind::NotEqual, 2),
            (b'<', Some(b'=')) => self.symbol(TokenKind::LessEqual, 2),
            (b'>', Some(b'=')) => self.symbol(TokenKind::GreaterEqual, 2),
            (b'=', _) => self.symbol(TokenKind::Assign, 1),
            (b'<', _) => self.symbol(TokenKind::Less, 1),
            (b'>', _) => self.symbol(TokenKind::Greater, 1),
            (b'+', _) => self.symbol(TokenKind::Plus, 1),
            (b'-', _) => self.symbol(TokenKind::Minus, 1),
            (b'*', _) => self.symbol(TokenKind::Star, 1),
            (b'/', _) => self.symbol(TokenKind::Slash, 1),
            (b'%', _) => self.symbol(TokenKind::Percent, 1),
            (b',', _) => self.symbol(TokenKind::Comma, 1),
            (b'.', _) => self.symbol(TokenKind::Dot, 1),
            (b':', _) => self.symbol(TokenKind::Colon, 1),
            (b'!', _) => self.symbol(TokenKind::Bang, 1),
            (b'?', _) => self.symbol(TokenKind::Question, 1),
            (b'|', _) => self.symbol(TokenKind::Pipe, 1),
            (b'(', _) => self.symbol(TokenKind::LeftParenthesis, 1),
            (b')', _) => self.symbol(TokenKind::RightParenthesis, 1),
            (b'[', _) => self.symbol(TokenKind::LeftBracket, 1),
            (b']', _) => self.symbol(TokenKind::RightBracket, 1),
            _ if starts_name(byte) => self.name(),
            _ => self.unexpected_characters(),
        }
    }

    /// A name, a keyword, or either with `~` directly behind it.
    fn name(&mut self) {
        let start = self.position;
        self.advance(1);
        self.advance_while(continues_name);
        let word = self.span_from(start).of(self.source);
        let insensitive = match word {
            "in" => Some(TokenKind::InInsensitive),
            "like" => Some(TokenKind::LikeInsensitive),
            "regex" => Some(TokenKind::RegexInsensitive),
            _ if keyword(word).is_none() => Some(TokenKind::TildeName(word.into())),
            _ => None,
        };
        match (insensitive, self.peek(0)) {
            (Some(kind), Some(b'~')) => {
                self.advance(1);
                self.push(kind, start);
            }
            _ => self.push(keyword(word).unwrap_or_else(|| TokenKind::Name(word.into())), start),
        }
    }

    /// `` `any ``name` ``: a doubled back-quote stands for one.
    fn quoted_name(&mut self) {
        let start = self.position;
        self.advance(1);
        let mut name = String::new();
        loop {
            let piece = self.rest().split('`').next().unwrap_or("");
            let length = piece.len();
            name.push_str(piece);
            self.advance(length);
            match (self.peek(0), self.peek(1)) {
                (Some(_), Some(b'`')) => {
                    name.push('`');
                    self.advance(2);
                }
                (Some(_), _) => {
                    self.advance(1);
                    break;
                }
                (None, _) => {
                    let span = Span::new(start, start.saturating_add(1));
                    let message = "this back-quoted name is never closed";
                    self.report(codes::UNCLOSED_NAME, span, message, "add the closing ` behind the name");
                    break;
                }
            }
        }
        if name.is_empty() {
            let span = self.span_from(start);
            self.report(codes::EMPTY_NAME, span, "a name cannot be empty", "write the name between the back-quotes");
        }
        self.push(TokenKind::QuotedName(name), start);
    }

    /// `5`, `5.`, `.5`, `5e3`. A whole number beyond 64 bits silently becomes a float (Elasticsearch: ExpressionBuilder).
    fn number(&mut self) {
        let start = self.position;
        let digit = |byte: u8| byte.is_ascii_digit();
        self.advance_while(digit);
        let mut whole = true;
        if self.peek(0) == Some(b'.') {
            whole = false;
            self.advance(1);
            self.advance_while(digit);
        }
        let exponent = match (self.peek(0), self.peek(1), self.peek(2)) {
            (Some(b'e' | b'E'), Some(b'0'..=b'9'), _) => 1,
            (Some(b'e' | b'E'), Some(b'+' | b'-'), Some(b'0'..=b'9')) => 2,
            _ => 0,
        };
        if exponent > 0 {
            whole = false;
            self.advance(exponent);
            self.advance_while(digit);
        }
        let span = self.span_from(start);
        let text = span.of(self.source);
        if let (true, Ok(value)) = (whole, text.parse::<u64>()) {
            return self.push(i64::try_from(value).map_or(TokenKind::Unsigned(value), TokenKind::Int), start);
        }
        let value = float(text).unwrap_or(f64::INFINITY);
        if !value.is_finite() {
            self.report(codes::NUMBER_RANGE, span, "this number is too large", "the largest is about 1.8e308");
        }
        self.push(TokenKind::Float(value), start);
    }

    /// `"text \n with escapes"` or `"""raw text"""`.
    fn text(&mut self) {
        if self.rest().starts_with("\"\"\"") {
            return self.raw_text();
        }
        let start = self.position;
        self.advance(1);
        let mut text = String::new();
        let reported = self.diagnostics.len();
        loop {
            let length = self.rest().bytes().take_while(|byte| !matches!(byte, b'"' | b'\\' | b'\n' | b'\r')).count();
            text.push_str(self.rest().get(..length).unwrap_or(""));
            self.advance(length);
            match self.peek(0) {
                Some(b'"') => {
                    self.advance(1);
                    break;
                }
                Some(b'\\') => self.escape(&mut text),
                _ => {
                    self.unclosed_text(start, "add the closing \"; a line break inside text is written \\n");
                    break;
                }
            }
        }
        // A path with single backslashes is one mistake, not many.
        self.diagnostics.truncate(reported.saturating_add(1));
        self.push(TokenKind::Text(text), start);
    }

    /// No escapes, no line break, no `"""` inside; but the text may end in up to two quotes: `"""say "hi"""""`.
    fn raw_text(&mut self) {
        let start = self.position;
        self.advance(3);
        let body = self.rest();
        // To the first `"""` or the end of the line, whichever comes first; the rest of the text is not looked at.
        let stops = |at: &usize| {
            body.get(*at..).is_some_and(|rest| rest.starts_with("\"\"\"") || rest.starts_with(['\n', '\r']))
        };
        let length = (0..body.len()).find(stops).unwrap_or(body.len());
        let after = body.get(length..).unwrap_or("").strip_prefix("\"\"\"");
        let extra = after.map_or(0, |after| after.bytes().take(2).take_while(|byte| *byte == b'"').count());
        let closed = after.is_some();
        let text = String::from(body.get(..length.saturating_add(extra)).unwrap_or(""));
        self.advance(text.len());
        if closed {
            self.advance(3);
        } else {
            self.unclosed_text(start, "add the closing \"\"\"; raw text cannot hold a line break");
        }
        self.push(TokenKind::Text(text), start);
    }

    fn unclosed_text(&mut self, start: usize, help: &str) {
        let span = self.span_from(start);
        self.report(codes::UNCLOSED_TEXT, span, "this text is never closed", help);
    }

    /// One escape, at its backslash.
    fn escape(&mut self, text: &mut String) {
        let start = self.position;
        self.advance(1);
        let decoded = match self.rest().chars().next() {
            Some('b') => Some('\u{8}'),
            Some('t') => Some('\t'),
            Some('n') => Some('\n'),
            Some('f') => Some('\u{c}'),
            Some('r') => Some('\r'),
            Some(quote @ ('"' | '\'')) => Some(quote),
            Some('\\') => Some('\\'),
            Some('u') => return self.unicode_escape(start, text),
            _ => None,
        };
        if let Some(decoded) = decoded {
            text.push(decoded);
            return self.advance(1);
        }
        let bad = self.rest().chars().next().filter(|c| !matches!(c, '\n' | '\r'));
        self.advance(bad.map_or(0, char::len_utf8));
        let span = self.span_from(start);
        let help = "the escapes are \\\" \\\\ \\b \\t \\n \\f \\r \\u{hex}; a backslash itself is \\\\, or write the text raw: \"\"\"...\"\"\"";
        self.report(codes::BAD_ESCAPE, span, format!("'{}' is not an escape", span.of(self.source)), help);
    }

    /// `\u{1f600}`: two to eight hexadecimal digits of a Unicode scalar value.
    fn unicode_escape(&mut self, start: usize, text: &mut String) {
        self.advance(1);
        let digits = match self.rest().strip_prefix('{') {
            Some(rest) => rest.bytes().take_while(u8::is_ascii_hexdigit).count(),
            None => 0,
        };
        let from = self.position.saturating_add(1);
        let hex = Span::new(from, from.saturating_add(digits)).of(self.source);
        let closed = self.peek(digits.saturating_add(1)) == Some(b'}');
        let decoded = u32::from_str_radix(hex, 16).ok().and_then(char::from_u32);
        match decoded {
            Some(decoded) if closed && (2..=8).contains(&digits) => {
                text.push(decoded);
                self.advance(digits.saturating_add(2));
            }
            _ => {
                let length = if closed { digits.saturating_add(2) } else { 0 };
                self.advance(length);
                let span = self.span_from(start);
                let message = format!("'{}' names no character", span.of(self.source));
                self.report(codes::BAD_ESCAPE, span, message, "write two to eight hexadecimal digits: \\u{e9}");
            }
        }
    }

    /// `'text'`, which older versions of EQL had: `open` bytes up to and with the quote.
    fn single_quoted(&mut self, open: usize) {
        let start = self.position;
        self.advance(open);
        let mut escaped = false;
        let body = self.rest();
        let close = body.bytes().position(|byte| {
            let ends = matches!(byte, b'\'' if !escaped) || matches!(byte, b'\n' | b'\r');
            escaped = byte == b'\\' && !escaped;
            ends
        });
        let text = String::from(body.get(..close.unwrap_or(body.len())).unwrap_or(""));
        self.advance(text.len());
        if self.peek(0) == Some(b'\'') {
            self.advance(1);
        }
        let span = self.span_from(start);
        let help = "write the text in double quotes, or raw in three: \"\"\"...\"\"\"";
        self.report(codes::SINGLE_QUOTES, span, "text does not stand in single quotes", help);
        self.push(TokenKind::Text(text), start);
    }

    /// `?"raw text"`, which older versions of EQL had.
    fn question_mark_text(&mut self) {
        let start = self.position;
        self.advance(2);
        let body = self.rest();
        let length = body.bytes().take_while(|byte| !matches!(byte, b'"' | b'\n' | b'\r')).count();
        let text = String::from(body.get(..length).unwrap_or(""));
        self.advance(length);
        if self.peek(0) == Some(b'"') {
            self.advance(1);
        }
        let span = self.span_from(start);
        let help = "raw text stands in three double quotes: \"\"\"...\"\"\"";
        self.report(codes::QUESTION_MARK_TEXT, span, "text does not begin with ?\"", help);
        self.push(TokenKind::Text(text), start);
    }

    fn c_operator(&mut self, kind: TokenKind, written: &str, meant: &str) {
        let start = self.position;
        self.symbol(kind, written.len());
        let span = self.span_from(start);
        self.report(codes::C_OPERATOR, span, format!("'{written}' is not an operator"), format!("write '{meant}'"));
    }

    /// `/* a /* nested */ comment */`.
    fn block_comment(&mut self) {
        let start = self.position;
        let mut depth = 0_usize;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(b'/'), Some(b'*')) => {
                    depth = depth.saturating_add(1);
                    self.advance(2);
                }
                (Some(b'*'), Some(b'/')) => {
                    depth = depth.saturating_sub(1);
                    self.advance(2);
                    if depth == 0 {
                        return;
                    }
                }
                (Some(_), _) => self.advance(1),
                (None, _) => {
                    let span = Span::new(start, start.saturating_add(2));
                    let help = "add the closing */; comments nest, each /* needs its own";
                    return self.report(codes::UNCLOSED_COMMENT, span, "this comment is never closed", help);
                }
            }
        }
    }

    /// A run of characters that begin no token.
    fn unexpected_characters(&mut self) {
        let start = self.position;
        let known =
            |c: char| c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || "\"'`?.=!<>+-*/%,:|()[]_@".contains(c);
        let length =
            self.rest().chars().take_while(|c| !known(*c)).map(char::len_utf8).fold(0_usize, usize::saturating_add);
        self.advance(length.max(1));
        let span = self.span_from(start);
        let found = span.of(self.source);
        let help = match found.chars().next() {
            Some('&') => "write 'and' for both-hold",
            Some('~') => "'~' stands directly behind 'in', 'like', 'regex' or the name of a function",
            Some('\u{201c}' | '\u{201d}' | '\u{2018}' | '\u{2019}') => {
                "these are typographic quotes; text stands in plain ones: \"...\""
            }
            Some(';') => "a query has no ';' at its end",
            _ => "a name with such characters is written in back-quotes: `my-name`",
        };
        let message = format!("'{}' has no meaning here", found.chars().take(20).collect::<String>());
        self.report(codes::UNEXPECTED_CHARACTER, span, message, help);
        self.push(TokenKind::Unknown, start);
    }

    fn report(&mut self, code: crate::Code, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(code, span, message).with_help(help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(source: &str) -> Vec<TokenKind> {
        let (tokens, diagnostics) = lex(source);
        assert_eq!(diagnostics, [], "{source}");
        tokens.into_iter().map(|token| token.kind).filter(|kind| *kind != TokenKind::End).collect()
    }

    fn text(source: &str) -> String {
        match kinds(source).as_slice() {
            [TokenKind::Text(text)] => text.clone(),
            other => panic!("{source}: {other:?}"),
        }
    }

    fn code(source: &str) -> &'static str {
        let (_, diagnostics) = lex(source);
        assert_eq!(diagnostics.len(), 1, "{source}: {diagnostics:?}");
        diagnostics[0].code.0
    }

    #[test]
    fn text_and_its_escapes() {
        assert_eq!(text(r#""a\t\"b\'\"\\\u{e9}\u{1F600}\b\f""#), "a\t\"b'\"\\é😀\u{8}\u{c}");
        assert_eq!(text(r#""""C:\x*\d""""#), r"C:\x*\d");
        assert_eq!(text(r#""""say "hi"""""#), r#"say "hi""#);
        assert_eq!(text(r#""""""x""""""#), r#"""x"""#);
        assert_eq!(text(r#""""""""#), "");
        assert_eq!(text(r#"""""""""#), r#"""#, "three open, one inside, three close, one of two extra");
        assert_eq!(text("\"\""), "");
    }

    #[test]
    fn text_that_is_refused() {
        for (source, expected) in [
            (r#""\d""#, "E0105"),
            (r#""\u{1}""#, "E0105"),
            (r#""\u{d800}""#, "E0105"),
            (r#""\u0041""#, "E0105"),
            ("\"abc", "E0102"),
            ("\"abc\n", "E0102"),
            ("\"\"\"abc\"\"", "E0102"),
            ("'abc'", "E0103"),
            ("?'abc'", "E0103"),
            ("?\"abc\"", "E0104"),
            ("`abc", "E0106"),
            ("/* /* */", "E0107"),
            ("1e999", "E0108"),
        ] {
            assert_eq!(code(source), expected, "{source}");
        }
    }

    #[test]
    fn numbers() {
        assert_eq!(kinds("1 9223372036854775807"), [TokenKind::Int(1), TokenKind::Int(i64::MAX)]);
        assert_eq!(kinds("9223372036854775808"), [TokenKind::Unsigned(1 << 63)]);
        assert_eq!(kinds("18446744073709551616"), [TokenKind::Float(18_446_744_073_709_551_616.0)]);
        assert_eq!(
            kinds("1. .5 1e3 2.5E-1"),
            [TokenKind::Float(1.0), TokenKind::Float(0.5), TokenKind::Float(1000.0), TokenKind::Float(0.25)]
        );
        assert_eq!(kinds("30s"), [TokenKind::Int(30), TokenKind::Name("s".into())]);
        assert_eq!(kinds("1e"), [TokenKind::Int(1), TokenKind::Name("e".into())]);
    }

    #[test]
    fn names_keywords_comments() {
        assert_eq!(
            kinds("in~ in startsWith~ `a``b` /* x /* y */ z */ and // rest"),
            [
                TokenKind::InInsensitive,
                TokenKind::In,
                TokenKind::TildeName("startsWith".into()),
                TokenKind::QuotedName("a`b".into()),
                TokenKind::And
            ]
        );
        assert_eq!(kinds("AND @timestamp"), [TokenKind::Name("AND".into()), TokenKind::Name("@timestamp".into())]);
    }
}
