//! The words of EQL: what the lexer makes of the text, one [`Token`] each.
//!
//! `process where pid == 5` is `Name("process")`, `Where`, `Name("pid")`, `Equal`, `Int(5)`, `End`.

use crate::span::Span;
use alloc::string::String;

/// A word and its place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) span: Span,
}

/// What a word is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TokenKind {
    /// `process`, `@timestamp`: letters, digits, `_`, `@` in front.
    Name(String),
    /// `` `my-field` ``, back-quotes taken off.
    QuotedName(String),
    /// `startsWith~`, without the `~`.
    TildeName(String),
    /// Text, escapes decoded.
    Text(String),
    /// A whole number within 64 bits.
    Int(i64),
    /// A whole number beyond `i64::MAX`.
    Unsigned(u64),
    /// Any other number.
    Float(f64),
    And,
    Any,
    By,
    False,
    In,
    InInsensitive,
    Join,
    Like,
    LikeInsensitive,
    Maxspan,
    Not,
    Null,
    Of,
    Or,
    Regex,
    RegexInsensitive,
    Sequence,
    True,
    Until,
    Where,
    With,
    /// `=`
    Assign,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    Comma,
    Dot,
    Colon,
    /// `!`
    Bang,
    /// `?`
    Question,
    /// `|`
    Pipe,
    LeftParenthesis,
    RightParenthesis,
    LeftBracket,
    RightBracket,
    /// What the lexer could not read, and has reported.
    Unknown,
    /// The end of the text; always the last token, and there is always one.
    End,
}

/// The reserved words. They are lower-case; a field of such a name is back-quoted.
///
/// Elasticsearch: EqlBase.g4. `sample` and `runs` are ordinary names except where the grammar looks for them.
const KEYWORDS: &[(&str, TokenKind)] = &[
    ("and", TokenKind::And),
    ("any", TokenKind::Any),
    ("by", TokenKind::By),
    ("false", TokenKind::False),
    ("in", TokenKind::In),
    ("join", TokenKind::Join),
    ("like", TokenKind::Like),
    ("maxspan", TokenKind::Maxspan),
    ("not", TokenKind::Not),
    ("null", TokenKind::Null),
    ("of", TokenKind::Of),
    ("or", TokenKind::Or),
    ("regex", TokenKind::Regex),
    ("sequence", TokenKind::Sequence),
    ("true", TokenKind::True),
    ("until", TokenKind::Until),
    ("where", TokenKind::Where),
    ("with", TokenKind::With),
];

/// The keyword that `word` is, if it is one.
pub(crate) fn keyword(word: &str) -> Option<TokenKind> {
    KEYWORDS.iter().find(|(text, _)| *text == word).map(|(_, kind)| kind.clone())
}

/// Whether a field of this name must be back-quoted.
pub(crate) fn is_reserved(word: &str) -> bool {
    KEYWORDS.iter().any(|(text, _)| *text == word)
}

/// Whether `word` can stand in a query as a name without back-quotes: `[A-Za-z_@][A-Za-z0-9_]*`, and not reserved.
pub(crate) fn is_plain_name(word: &str) -> bool {
    let mut bytes = word.bytes();
    bytes.next().is_some_and(starts_name) && bytes.all(continues_name) && !is_reserved(word)
}

/// Whether a name can begin with this byte.
pub(crate) fn starts_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte == b'@'
}

/// Whether a name can go on with this byte.
pub(crate) fn continues_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

impl TokenKind {
    /// Whether it is a reserved word.
    pub(crate) fn is_keyword(&self) -> bool {
        KEYWORDS.iter().any(|(_, kind)| kind == self)
            || matches!(self, TokenKind::InInsensitive | TokenKind::LikeInsensitive | TokenKind::RegexInsensitive)
    }
}
