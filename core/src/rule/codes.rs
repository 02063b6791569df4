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
];
