//! A detection rule: its query and all that its author says about it.

use alloc::{string::String, vec::Vec};
use serde::Serialize;

/// A detection rule as loaded, with the metadata that an alert carries.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Rule {
    /// `rule_id`: stable over versions.
    pub id: String,
    /// What a person calls it.
    pub name: String,
    /// `version`; 1 where none is given.
    pub version: u64,
    /// `eql`, or another type of Elastic's that is listed but not run.
    #[serde(rename = "type")]
    pub kind: String,
    /// The query text, to which all spans refer.
    pub query: String,
    /// `low`, `medium`, `high` or `critical`.
    pub severity: String,
    /// 0 to 100.
    pub risk_score: u32,
    /// The look-back in milliseconds: `now-9m` is 540,000. The window of samples.
    pub look_back: u64,
    /// MITRE ATT&CK and other frameworks.
    pub threat: Vec<Threat>,
}

impl Rule {
    /// What an alert says of its rule, as one JSON object.
    pub(crate) fn header(&self) -> String {
        #[derive(Serialize)]
        struct Header<'r> {
            id: &'r str,
            name: &'r str,
            version: u64,
            severity: &'r str,
            risk_score: u32,
            threat: &'r [Threat],
        }
        let Rule { id, name, version, severity, risk_score, threat, .. } = self;
        let header = Header { id, name, version: *version, severity, risk_score: *risk_score, threat };
        serde_json::to_string(&header).unwrap_or_default()
    }
}

/// One `[[rule.threat]]`: a tactic with the techniques that serve it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, serde::Deserialize)]
pub struct Threat {
    /// `MITRE ATT&CK`.
    pub framework: String,
    /// The tactic.
    pub tactic: Reference,
    /// The techniques.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub technique: Vec<Technique>,
}

/// Something of a framework: its id, name and page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, serde::Deserialize)]
pub struct Reference {
    /// `TA0002`
    pub id: String,
    /// `Execution`
    pub name: String,
    /// Its page.
    pub reference: String,
}

/// A technique with its sub-techniques.
#[derive(Clone, Debug, Default, PartialEq, Serialize, serde::Deserialize)]
pub struct Technique {
    /// `T1059`
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its page.
    pub reference: String,
    /// Sub-techniques.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subtechnique: Vec<Reference>,
}
