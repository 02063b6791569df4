//! The codes of what can be wrong with a rule file, each with the shortest text that triggers it.

use crate::diagnostic::{Code, codes::Entry};

pub(super) const NOT_TOML: Code = Code("R001");
pub(super) const NOT_JSON: Code = Code("R002");
pub(super) const NO_RULE: Code = Code("R003");
pub(super) const MISSING_KEY: Code = Code("R004");
pub(super) const WRONG_VALUE: Code = Code("R005");
pub(super) const BAD_DURATION: Code = Code("R006");
/// Found when the rule is compiled, not when it is read: a file may list rules that are not run.
pub(crate) const NOT_EQL: Code = Code("R007");
pub(super) const FILTER_UNSAID: Code = Code("R008");
/// Found when rules and exceptions are brought together.
pub(crate) const EXCEPTION_UNSAID: Code = Code("R009");
pub(crate) const DUPLICATE: Code = Code("R010");
pub(crate) const DEPRECATED: Code = Code("R011");

/// All codes of rule files. The example of each is a whole file.
pub const CODES: &[Entry] = &[
    Entry {
        code: NOT_TOML,
        title: "the file is not TOML",
        explanation: "A rule file is TOML or JSON, and this one starts as TOML. The place is where reading stopped.",
        example: "[rule]\nname = Shell",
        mapping: None,
    },
    Entry {
        code: NOT_JSON,
        title: "the file is not JSON",
        explanation: "The file starts as JSON: one rule, an array of rules, or one rule a line. The place is where reading stopped.",
        example: "{\"name\": Shell}",
        mapping: None,
    },
    Entry {
        code: NO_RULE,
        title: "the file holds no rule",
        explanation: "TOML needs a [rule] table, JSON an object with the keys of a rule.",
        example: "[metadata]\nmaturity = \"production\"",
        mapping: None,
    },
    Entry {
        code: MISSING_KEY,
        title: "a key is missing",
        explanation: "A rule needs a name or a rule_id, a type, and a query where the type is eql.",
        example: "[rule]\nname = \"Shell\"\ntype = \"eql\"",
        mapping: None,
    },
    Entry {
        code: WRONG_VALUE,
        title: "a key has a value that it cannot have",
        explanation: "Another type than the key takes, or a number or word outside of what it allows.",
        example: "[rule]\nname = \"Shell\"\ntype = \"eql\"\nquery = \"any where true\"\nrisk_score = 101",
        mapping: None,
    },
    Entry {
        code: BAD_DURATION,
        title: "a length of time cannot be read",
        explanation: "A look-back is written now-9m, an interval 5m. The units are s, m, h, d, w, M and y.",
        example: "[rule]\nname = \"Shell\"\ntype = \"eql\"\nquery = \"any where true\"\nfrom = \"9 minutes ago\"",
        mapping: None,
    },
    Entry {
        code: NOT_EQL,
        title: "the rule is of another type",
        explanation: "Only rules of type eql are run; those of other types are listed as not supported.",
        example: "[rule]\nname = \"Shell\"\ntype = \"query\"\nquery = \"process.name : sh\"",
        mapping: None,
    },
    Entry {
        code: FILTER_UNSAID,
        title: "a filter of the rule cannot be applied",
        explanation: "Filters are said in EQL and asked together with the query. One that EQL cannot say would be missing, and the rule would raise more alerts than its author wants: it is refused, unless the host lets rules run without such filters.",
        example: "[rule]\nname = \"Shell\"\ntype = \"eql\"\nquery = \"any where true\"\n[[rule.filters]]\nquery.query_string.query = \"a:b\"",
        mapping: None,
    },
    Entry {
        code: EXCEPTION_UNSAID,
        title: "an exception does not apply",
        explanation: "The exception list that the rule names was not given, or an item of it needs what EQL cannot say, such as a value list. The rule runs without it, as in Kibana.",
        example: "[rule]\nname = \"Shell\"\ntype = \"eql\"\nquery = \"any where true\"\nexceptions_list = [{ list_id = \"trusted\" }]",
        mapping: None,
    },
    Entry {
        code: DUPLICATE,
        title: "another rule has the same id",
        explanation: "Of rules with one id the highest version runs; of the same version the one that came first.",
        example: "[{\"rule_id\": \"a\", \"name\": \"A\", \"type\": \"eql\", \"query\": \"any where true\"}, {\"rule_id\": \"a\", \"name\": \"A\", \"type\": \"eql\", \"query\": \"any where true\"}]",
        mapping: None,
    },
    Entry {
        code: DEPRECATED,
        title: "the rule is deprecated",
        explanation: "Its author has given it up (maturity = \"deprecated\"). It runs all the same; disable it to be rid of it.",
        example: "[metadata]\nmaturity = \"deprecated\"\n[rule]\nname = \"Shell\"\ntype = \"eql\"\nquery = \"any where true\"",
        mapping: None,
    },
];
