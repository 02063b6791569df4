//! The codes of what can be wrong with a rule file, each with the shortest text that triggers it.

use crate::diagnostic::Code;

/// One code, for people who look it up.
#[derive(Clone, Copy, Debug)]
pub struct CodeInfo {
    /// Stable, never reused.
    pub code: Code,
    /// In a few words.
    pub title: &'static str,
    /// What it means and what to do.
    pub explanation: &'static str,
    /// The shortest file that triggers it.
    pub example: &'static str,
}

pub(super) const NOT_TOML: Code = Code("R001");
pub(super) const NOT_JSON: Code = Code("R002");
pub(super) const NO_RULE: Code = Code("R003");
pub(super) const MISSING_KEY: Code = Code("R004");
pub(super) const WRONG_VALUE: Code = Code("R005");
pub(super) const BAD_DURATION: Code = Code("R006");
/// Found when the rule is compiled, not when it is read: a file may list rules that are not run.
pub(crate) const NOT_EQL: Code = Code("R007");

/// All codes of rule files.
pub const CODES: &[CodeInfo] = &[
    CodeInfo {
        code: NOT_TOML,
        title: "The file is not TOML",
        explanation: "A rule file is TOML or JSON, and this one starts as TOML. The place is where reading stopped.",
        example: "[rule]\nname = Shell",
    },
    CodeInfo {
        code: NOT_JSON,
        title: "The file is not JSON",
        explanation: "The file starts as JSON: one rule, an array of rules, or one rule a line. The place is where reading stopped.",
        example: "{\"name\": Shell}",
    },
    CodeInfo {
        code: NO_RULE,
        title: "The file holds no rule",
        explanation: "TOML needs a [rule] table, JSON an object with the keys of a rule.",
        example: "[metadata]\nmaturity = \"production\"",
    },
    CodeInfo {
        code: MISSING_KEY,
        title: "A key is missing",
        explanation: "A rule needs a name or a rule_id, a type, and a query where the type is eql.",
        example: "[rule]\nname = \"Shell\"\ntype = \"eql\"",
    },
    CodeInfo {
        code: WRONG_VALUE,
        title: "A key has a value that it cannot have",
        explanation: "Another type than the key takes, or a number or word outside of what it allows.",
        example: "[rule]\nname = \"Shell\"\ntype = \"eql\"\nquery = \"any where true\"\nrisk_score = 101",
    },
    CodeInfo {
        code: BAD_DURATION,
        title: "A length of time cannot be read",
        explanation: "A look-back is written now-9m, an interval 5m. The units are s, m, h, d, w, M and y.",
        example: "[rule]\nname = \"Shell\"\ntype = \"eql\"\nquery = \"any where true\"\nfrom = \"9 minutes ago\"",
    },
    CodeInfo {
        code: NOT_EQL,
        title: "The rule is of another type",
        explanation: "Only rules of type eql are run; those of other types are listed as not supported.",
        example: "[rule]\nname = \"Shell\"\ntype = \"query\"\nquery = \"process.name : sh\"",
    },
];
