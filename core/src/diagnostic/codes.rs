//! Every code there is: its number, what it means, and the shortest query that triggers it.
//!
//! Numbers are stable and never reused. `docs/errors.md` is made of this table, and a test runs each example.
//! E01 letters and words, E02 grammar, E03 the shape of sequences, samples and pipes, E04 names and types, E05 what only compiling finds,
//! W04 what is accepted but probably not meant.

use super::Code;

/// One row of the table.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Entry {
    /// `E0101`
    pub code: Code,
    /// A few words.
    pub title: &'static str,
    /// What it means and what to do.
    pub explanation: &'static str,
    /// The shortest query that triggers it, against the open schema unless `mapping` says otherwise.
    pub example: &'static str,
    /// The Elasticsearch mapping that the example needs, where it needs one.
    pub mapping: Option<&'static str>,
}

macro_rules! codes {
    ($($name:ident $number:literal $title:literal, $explanation:literal, $example:literal $(, $mapping:literal)?;)*) => {
        $(#[doc = $explanation] pub const $name: Code = Code($number);)*

        /// All codes in the order of their numbers.
        pub const ALL: &[Entry] = &[$(Entry {
            code: $name,
            title: $title,
            explanation: $explanation,
            example: $example,
            mapping: codes!(@mapping $($mapping)?),
        }),*];
    };
    (@mapping) => { None };
    (@mapping $mapping:literal) => { Some($mapping) };
}

codes! {
    UNEXPECTED_CHARACTER "E0101" "unexpected character",
        "A character that begins no word of the language. Names with unusual characters are written in back-quotes.",
        "any where a ^ b";
    UNCLOSED_TEXT "E0102" "text never closed",
        "Text ends with the quotes it began with, on the same line.",
        "any where a == \"b";
    SINGLE_QUOTES "E0103" "single quotes",
        "Text stands in double quotes, or raw in three double quotes. Single quotes are of older versions of EQL.",
        "any where a == 'b'";
    QUESTION_MARK_TEXT "E0104" "text that begins with ?\"",
        "Raw text stands in three double quotes. The question mark is of older versions of EQL.",
        "any where a == ?\"b\"";
    BAD_ESCAPE "E0105" "unknown escape",
        "In text between double quotes a backslash begins one of the escapes \\\" \\\\ \\b \\t \\n \\f \\r \\u{hex}. Paths are easier to write raw: \"\"\"C:\\Windows\"\"\".",
        "any where a == \"\\d\"";
    UNCLOSED_NAME "E0106" "back-quoted name never closed",
        "A back-quoted name ends with a back-quote; a back-quote inside it is doubled.",
        "any where `a";
    UNCLOSED_COMMENT "E0107" "comment never closed",
        "A comment that begins with /* ends with */. Comments nest.",
        "any where a /* b";
    NUMBER_RANGE "E0108" "number too large",
        "Whole numbers beyond 64 bits become floating-point numbers, which end at about 1.8e308.",
        "any where a > 1e999";
    C_OPERATOR "E0109" "&& and ||",
        "The operators are written 'and', 'or' and 'not'.",
        "any where a && b";
    EMPTY_NAME "E0110" "empty name",
        "There is nothing between the back-quotes.",
        "any where ``";

    UNEXPECTED_TOKEN "E0201" "unexpected word",
        "The grammar expects something else at this place; the message says what.",
        "any where a b";
    SINGLE_EQUALS "E0202" "= instead of ==",
        "Values are compared with '=='; '=' only sets maxspan and runs.",
        "any where a = 1";
    BANG "E0203" "! instead of not",
        "Negation is written 'not'; '!' stands only in '!=' and in front of the '[' of a missing event.",
        "any where !a";
    INFIX_NOT "E0204" "not in front of an operator",
        "Only 'in' has a negated form ('a not in (..)'). For the others the whole comparison is negated: 'not a like \"..\"'.",
        "any where a not like \"b\"";
    CHAINED_COMPARISON "E0205" "chained comparison",
        "Comparisons do not chain: 'a < b < c' is written 'a < b and b < c'.",
        "any where 1 < a < 5";
    RESERVED_WORD "E0206" "reserved word as a name",
        "A field that is named like a word of the language is written in back-quotes.",
        "any where sequence == 1";
    KEYWORD_CASE "E0207" "keyword in capitals",
        "The words of the language are lower-case.",
        "any where a AND b";
    ARRAY_INDEX "E0208" "array index",
        "Elements of arrays have no numbers: a comparison holds if any element satisfies it.",
        "any where a[0] == 1";
    PROCESS_RELATION "E0209" "process relationship",
        "'child of', 'descendant of' and 'event of' are of older versions of EQL. A sequence or a sample joined by process ids says the same.",
        "any where child of [any where true]";
    JOIN "E0210" "join",
        "'join' is not supported. A sample finds events in any order, a sequence finds them in order.",
        "join by a [any where true] [any where true]";
    PATTERN_NOT_CONSTANT "E0211" "pattern that is not a constant",
        "To the right of ':', 'like' and 'regex' stands a text, or a list of texts in parentheses.",
        "any where a : b";
    TOO_DEEP "E0212" "nested too deeply",
        "Parentheses, 'not', functions and arithmetic nest at most 200 levels deep. Chains of 'and' and 'or', and lists, may be of any length.",
        "any where (((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((a";
    EMPTY_LIST "E0213" "empty list",
        "A list after 'in', ':', 'like' or 'regex' has at least one element.",
        "any where a in ()";
    NO_CATEGORY "E0214" "no event category",
        "A query names a category of events in front of 'where', or 'any' for all of them.",
        "where a == 1";
    NO_WHERE "E0215" "no where",
        "Behind the category of events stands 'where' and a condition; 'where true' takes all.",
        "process";
    UNKNOWN_PIPE "E0216" "unknown pipe",
        "The pipes are 'head' and 'tail'.",
        "any where true | first 5";
    UNSUPPORTED_PIPE "E0217" "unsupported pipe",
        "Of the pipes of older versions of EQL only 'head' and 'tail' are left.",
        "any where true | count";
    PIPE_COUNT "E0218" "pipe without a count",
        "'head' and 'tail' take one whole number that is not negative.",
        "any where true | head";
    BY_AFTER_WITH "E0219" "by behind with",
        "Join keys come first: 'sequence by key with maxspan=1m', '[..] by key with runs=3'.",
        "sequence with maxspan=1m by a [any where true] [any where true]";
    BAD_MAXSPAN "E0220" "malformed maxspan",
        "maxspan is a positive whole number and a unit: ms, s, m, h or d.",
        "sequence with maxspan=5 [any where true] [any where true]";
    KEY_NOT_FIELD "E0221" "join key that is not a field",
        "Events are joined by plain fields; functions, arithmetic and constants cannot be keys.",
        "sequence by length(a) [any where true] [any where true]";
    BAD_RUNS "E0222" "malformed runs",
        "Behind a term stands at most 'with runs=n', where n is a whole number.",
        "sequence [any where true] with runs=a [any where true]";
    UNCLOSED_BRACKET "E0223" "bracket never closed",
        "Each '[' and each '(' has its closing one.",
        "any where (a";
    SAMPLE_ORDER "E0224" "sample with a word of sequences",
        "A sample knows no time: 'maxspan', 'until' and 'runs' belong to sequences.",
        "sample by a with maxspan=1m [any where true] [any where true]";
    NO_QUERY "E0225" "empty query",
        "There is no query in the text.",
        "";

    TOO_FEW_TERMS "E0301" "sequence too short",
        "A sequence has at least two terms; one with runs=2 will do.",
        "sequence [any where true]";
    TOO_MANY_TERMS "E0302" "sequence too long",
        "A sequence has at most 256 terms, each run counted.",
        "sequence [any where true] with runs=100 [any where true] with runs=100 [any where true] with runs=100";
    RUNS_RANGE "E0303" "runs out of range",
        "A term runs 1 to 100 times.",
        "sequence [any where true] with runs=0 [any where true]";
    KEY_COUNT "E0304" "number of join keys differs",
        "All terms of a query, the one after until included, have the same number of join keys; they are compared by position.",
        "sequence [any where true] by a [any where true]";
    KEY_TYPES "E0305" "types of join keys differ",
        "Join keys at the same position hold values of comparable types.",
        "sequence [any where true] by a [any where true] by b",
        r#"{"properties": {"a": {"type": "long"}, "b": {"type": "keyword"}}}"#;
    MISSING_NEEDS_MAXSPAN "E0306" "missing event without maxspan",
        "That an event is missing can be said only of a span of time: the sequence needs 'with maxspan'.",
        "sequence [any where true] ![any where true]";
    NO_POSITIVE_TERM "E0307" "only missing events",
        "A sequence has at least one term that is not a missing event.",
        "sequence with maxspan=1m ![any where true] ![any where true]";
    UNTIL_MISSING "E0308" "until a missing event",
        "What follows 'until' is an event that occurs; it can neither be missing nor run.",
        "sequence with maxspan=1m [any where true] [any where true] until ![any where true]";
    SAMPLE_TERMS "E0309" "number of terms of a sample",
        "A sample has two to five terms.",
        "sample by a [any where true]";
    SAMPLE_KEY "E0310" "sample without join key",
        "A sample has at least one join key.",
        "sample [any where true] [any where true]";
    SAMPLE_PIPE "E0311" "sample with a pipe",
        "Pipes cut an ordered result; samples have no order.",
        "sample by a [any where true] [any where true] | head 1";
    SAMPLE_MISSING "E0312" "sample with a missing event",
        "A missing event needs a span of time, which samples do not have.",
        "sample by a [any where true] ![any where true]";

    UNKNOWN_FIELD "E0401" "unknown field",
        "No mapping has a field of this name. A field that may be unmapped is written with a question mark: ?name.",
        "any where a == 1", r#"{"properties": {}}"#;
    UNSUPPORTED_TYPE "E0402" "field of an unsupported type",
        "EQL cannot search fields of this type: objects, nested documents, shapes, ranges and the like.",
        "any where a == null", r#"{"properties": {"a": {"type": "nested"}}}"#;
    TEXT_WITHOUT_EXACT "E0403" "text without an exact form",
        "A field of type text is cut into words. EQL needs the whole: a sub-field of type keyword or wildcard without normalizer.",
        "any where a == \"b\"", r#"{"properties": {"a": {"type": "text"}}}"#;
    NO_CATEGORY_FIELD "E0404" "category field not mapped",
        "A category in front of 'where' is looked up in event.category, which no mapping has. 'any where' needs no category.",
        "process where true", r#"{"properties": {"a": {"type": "long"}}}"#;
    UNKNOWN_FUNCTION "E0405" "unknown function",
        "There is no function of this name.",
        "any where startWith(a, \"b\")";
    ARGUMENT_COUNT "E0406" "number of arguments",
        "The function takes more or fewer arguments.",
        "any where length() > 1";
    ARGUMENT_TYPE "E0407" "type of an argument",
        "The function takes a value of another type at this place.",
        "any where length(5) > 1";
    ARGUMENT_NOT_CONSTANT "E0408" "argument that is not a constant",
        "The function takes a constant at this place.",
        "any where cidrMatch(a, b)";
    NO_CASE_VARIANT "E0409" "function without a ~ form",
        "Only between, endsWith, indexOf, startsWith and stringContains can ignore case.",
        "any where length~(a) > 1";
    NOT_BOOLEAN "E0410" "condition that is not boolean",
        "A condition, and each side of 'and', 'or' and 'not', is true or false: compare the value with something.",
        "any where length(a)";
    FIELD_COMPARISON "E0411" "field compared with a field",
        "One side of a comparison is a constant.",
        "any where a == b";
    FIELD_IN_LIST "E0412" "field in a list",
        "The elements of a list are constants.",
        "any where a in (b)";
    LIST_TYPE "E0413" "type of an element of a list",
        "The elements of a list are of the type of what is looked for.",
        "any where length(a) in (\"b\")";
    NOT_TEXT "E0414" "text operator on something else",
        "':', 'like' and 'regex' compare text.",
        "any where length(a) : \"b\"";
    PATTERN_NOT_TEXT "E0415" "pattern that is not text",
        "The patterns of ':', 'like' and 'regex' are texts; numbers and booleans are compared with '=='.",
        "any where a : 5";
    LITERAL_TYPE "E0416" "constant of the wrong type",
        "The constant can never equal a value of the other side.",
        "any where length(a) > \"b\"";
    OPERAND_NOT_NUMBER "E0417" "arithmetic on something else than numbers",
        "'+', '-', '*', '/' and '%' take numbers. Texts are joined with concat().",
        "any where a + \"b\" == 1";
    BAD_CIDR "E0418" "malformed CIDR block",
        "cidrMatch takes an address and a prefix length: \"10.0.0.0/8\", \"fe80::/10\".",
        "any where cidrMatch(a, \"300.0.0.0/8\")";
    CONSTANT_FAILS "E0501" "constant that cannot be computed",
        "A constant expression is computed when the rule is loaded; this one has no value.",
        "any where number(\"b\") == 1";
    BAD_PATTERN "E0502" "regular expression that cannot be run",
        "The pattern is malformed, or uses what the regular expressions of fields (Lucene) or of functions (Java) cannot do here.",
        "any where a regex \"(\"";
    BAD_CONSTANT "E0503" "constant that the field cannot equal",
        "The constant cannot be read as a value of the field's type. What depends on the present time has no meaning in a stream.",
        "any where a < \"now-1d\"", "{\"properties\": {\"a\": {\"type\": \"date\"}}}";
    WILDCARD_IN_EQUALS "W0401" "wildcard in ==",
        "'==' and 'in' compare literally: '*' stands for itself. ':' (any case) and 'like' know wildcards.",
        "any where a == \"b*\"";
}
