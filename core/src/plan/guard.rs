//! What every stage of a rule asks beside its own condition: the rule's filters, its exceptions, and that the event is in its look-back at all.
//!
//! ```text
//! process where process.name == "sh"      filter user.id == "0"      exception process.args : "backup"
//!   -> And[category, process.name, user.id, Not(process.args)]
//! ```
//! They stand in every stage, in `until` and in missing events too: an event that does not pass is as if it had not come. The leaves are
//! shared, so that many stages with many exceptions still ask each question once an event.

use super::{Compiler, TIMESTAMP_FIELD, condition::Condition, lower::Lowering};
use crate::{
    diagnostic::{Diagnostic, Severity},
    rule::{EXCEPTION_UNSAID, Exceptions, Rule, translate_filters},
    span::Span,
};

impl Compiler<'_> {
    /// Prepares the guards of a rule. What cannot be said is among the diagnostics.
    pub(super) fn guard(&mut self, rule: &Rule, exceptions: &Exceptions, ignore_filters: bool) {
        let filters = translate_filters(&rule.filters, self.types.schema);
        let (excepted, warnings) = exceptions.of(rule);
        let mut lowering =
            Lowering { fields: self.fields, leaves: self.leaves, types: self.types, diagnostics: self.diagnostics };
        self.guards.extend(filters.expressions.iter().map(|filter| lowering.condition(filter)));
        for exception in excepted {
            let expired = exception.until.map(|until| lowering.before(TIMESTAMP_FIELD, until));
            let parts = [lowering.condition(&exception.condition)].into_iter().chain(expired);
            self.guards.push(Condition::all(parts).negate());
        }
        // Kibana: without the fallback an event that lacks the override is in no look-back.
        if let Some(path) = rule.timestamp_override.as_deref().filter(|_| rule.timestamp_override_fallback_disabled) {
            self.guards.push(lowering.exists(path));
        }
        self.diagnostics.extend(filters.refused.into_iter().map(|mut refused| {
            if ignore_filters {
                refused.severity = Severity::Warning;
            }
            refused
        }));
        let warning = |message| Diagnostic::warning(EXCEPTION_UNSAID, Span::default(), message);
        self.diagnostics.extend(warnings.into_iter().map(warning));
    }
}
