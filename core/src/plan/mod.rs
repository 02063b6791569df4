//! Rules, compiled once into something immutable that events are held against.
//!
//! ```text
//! query text -> syntax tree (eql) -> conditions over shared leaves (lower) -> stages, filed by what they require (index)
//! ```
//! A stage is one `[category where condition] by keys` of a rule. Every stage of every rule is in one list, every distinct question about
//! an event (leaf) is asked once, every field that is named has a number.

mod computed;
mod condition;
mod guard;
mod index;
mod leaf;
mod load;
mod lower;
mod partition;
mod route;
mod shown;
mod signs;
mod suppression;
mod types;

pub(crate) use condition::Memo;
pub(crate) use index::{Candidates, StageId};
pub(crate) use leaf::date;
pub use load::{LoadedRule, Outcome};
pub use partition::Partition;
pub(crate) use route::Routes;
pub(crate) use suppression::SuppressionPlan;

use crate::{
    diagnostic::{Diagnostic, Severity},
    eql::{
        self,
        ast::{EventQuery, Field, Pipe, Query, QueryKind, Sample, Sequence, Term},
    },
    event::{EventView, FieldId, FieldTable, KeyField, Value, key_of},
    rule::{Exceptions, NOT_EQL, Rule},
    schema::{Coercions, Schema},
    span::Span,
    time::{LastMinute, Timestamp},
};
use alloc::{borrow::ToOwned, boxed::Box, string::String, sync::Arc, vec::Vec};
use condition::Condition;
use index::StageIndex;
use leaf::LeafTable;
use lower::Lowering;
use types::{Resolved, Types};

/// Rules, compiled. Immutable; share it by cloning the `Arc` that [`PlanBuilder::build`] gives.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(crate) fields: Arc<FieldTable>,
    leaves: LeafTable,
    stages: Vec<Stage>,
    pub(crate) rules: Vec<PlanRule>,
    index: StageIndex,
    /// The fields without which no stage matches, and the time, where they are few: read first, and mostly nothing else.
    pub(crate) scouts: Option<FieldTable>,
    /// For each stage what of its condition hangs on the scouts alone; empty where there are none.
    told: Vec<Condition>,
    /// How a schema's types change the values of documents; `None` where the schema is open.
    pub(crate) coercions: Option<Coercions>,
    /// Some rule orders events of the same time by a field.
    pub(crate) tiebreakers: bool,
    /// Which rules an event is for by the index that it is from.
    pub(crate) routes: Routes,
    timestamp: FieldId,
}

/// One `[category where condition] by keys`.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    /// Which rule of the plan.
    pub(crate) rule: usize,
    /// Which term of the rule; the number of terms for `until`.
    pub(crate) term: usize,
    pub(crate) keys: Vec<KeyField>,
    condition: Condition,
}

/// A rule of the plan.
#[derive(Clone, Debug)]
pub(crate) struct PlanRule {
    pub(crate) rule: Rule,
    /// What an alert says of its rule, as JSON.
    pub(crate) header: Arc<str>,
    /// Names of the join keys: those of the first stage.
    pub(crate) key_names: Vec<String>,
    pub(crate) kind: PlanKind,
    /// What a search does with its results; a stream has no end to take them from.
    pub(crate) pipes: Vec<Pipe>,
    /// The field that says when an event happened.
    timestamp: FieldId,
    /// The field that orders events of the same time.
    tiebreaker: Option<FieldId>,
    /// `@timestamp`, and the field that is asked before it.
    look_back: (FieldId, Option<FieldId>),
    /// Which of its alerts are one.
    pub(crate) suppression: Option<SuppressionPlan>,
}

/// How a rule's stages are brought together.
#[derive(Clone, Debug)]
pub(crate) enum PlanKind {
    /// Each event by itself.
    Event,
    /// Distinct events in any order, one per stage.
    Sample { stages: usize },
    /// Events in order.
    Sequence(SequencePlan),
}

/// The shape of a sequence, `runs` expanded.
#[derive(Clone, Debug, Default)]
pub(crate) struct SequencePlan {
    /// How many terms there are, missing ones included; `until` has this number.
    pub(crate) terms: usize,
    /// The terms that must be there, ascending.
    pub(crate) positives: Vec<usize>,
    /// The terms that must not.
    pub(crate) missing: Vec<MissingTerm>,
    /// Milliseconds from the first positive event to any later one, inclusive.
    pub(crate) maxspan: Option<u64>,
}

/// A term `![..]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MissingTerm {
    pub(crate) term: usize,
    /// How many positive terms stand before it: 0 is leading, all of them is trailing.
    pub(crate) before: usize,
}

impl PlanRule {
    /// When the event happened, as far as it says so.
    pub(crate) fn timestamp(&self, view: EventView<'_>) -> Option<Timestamp> {
        view.first(self.timestamp).and_then(leaf::date)
    }

    /// The time by which Kibana decides whether the event is in the rule's look-back: its `timestamp_override`, or else `@timestamp`.
    pub(crate) fn look_back_time(&self, view: EventView<'_>) -> Option<Timestamp> {
        let (timestamp, instead) = self.look_back;
        let value = instead.and_then(|field| view.first(field)).or_else(|| view.first(timestamp));
        value.and_then(leaf::date).or_else(|| self.timestamp(view))
    }

    /// Whether the look-back goes by a time that is not the one that orders events.
    pub(crate) fn has_own_clock(&self) -> bool {
        self.look_back.1.is_some() || self.look_back.0 != self.timestamp
    }

    /// What orders events of the same time: none sorts last. [Elasticsearch: Ordinal]
    pub(crate) fn tiebreaker(&self, view: EventView<'_>) -> (bool, Box<[u8]>) {
        let value = self.tiebreaker.and_then(|field| view.first(field));
        (value.is_none(), key_of(value))
    }

    /// How many stages the rule has, `until` not counted.
    pub(crate) fn stages(&self) -> usize {
        match &self.kind {
            PlanKind::Event => 1,
            PlanKind::Sample { stages } => *stages,
            PlanKind::Sequence(shape) => shape.terms,
        }
    }
}

impl SequencePlan {
    /// Whether an event is too late for a sequence that began at `first`.
    pub(crate) fn over_maxspan(&self, first: Timestamp, now: Timestamp) -> bool {
        let span = self.maxspan.map(|millis| i128::from(millis).saturating_mul(1_000_000));
        span.is_some_and(|span| now.as_nanos().saturating_sub(first.as_nanos()) > span)
    }
}

impl Plan {
    /// An empty plan to add rules to.
    pub fn builder() -> PlanBuilder {
        PlanBuilder::default()
    }

    /// The rules of the plan, in the order in which they were added.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().map(|rule| &rule.rule)
    }

    /// When the event happened, by the field that most rules go by.
    pub(crate) fn timestamp(&self, view: EventView<'_>, minute: &mut LastMinute) -> Option<Timestamp> {
        match view.first(self.timestamp)? {
            Value::Text(text) => minute.parse(text),
            value => leaf::date(value),
        }
    }

    /// Whether the event says when it happened, readable or not.
    pub(crate) fn has_timestamp(&self, view: EventView<'_>) -> bool {
        view.has(self.timestamp)
    }

    /// The fields that the rules name.
    pub fn fields(&self) -> &FieldTable {
        &self.fields
    }

    pub(crate) fn stage(&self, id: StageId) -> Option<&Stage> {
        self.stages.get(id as usize)
    }

    /// Whether the event, of which only the `scouts` were read, may match a stage.
    pub(crate) fn may_match(&self, view: EventView<'_>, memo: &mut Memo, candidates: &mut Candidates) -> bool {
        self.hold(view, memo, candidates, |id| self.told.get(id as usize));
        !candidates.stages.is_empty()
    }

    /// The stages that the event matches, ascending.
    pub(crate) fn matches(&self, view: EventView<'_>, memo: &mut Memo, candidates: &mut Candidates) {
        self.hold(view, memo, candidates, |id| self.stage(id).map(|stage| &stage.condition));
    }

    /// The stages for which the condition holds that `condition` gives.
    fn hold<'p>(
        &self,
        view: EventView<'_>,
        memo: &mut Memo,
        candidates: &mut Candidates,
        condition: impl Fn(StageId) -> Option<&'p Condition>,
    ) {
        let leaves = &self.leaves.leaves;
        memo.next_event(leaves.len());
        self.index.candidates(view, candidates);
        let mut stages = core::mem::take(&mut candidates.stages);
        stages.retain(|&id| {
            let parts = condition(id).map_or(&[][..], Condition::conjuncts);
            let fails = parts.iter().position(|part| !memo.holds(part, leaves, view));
            if let Some((before, [part, ..])) = fails.and_then(|fails| parts.split_at_checked(fails)) {
                // Where computing fails that is counted: it must be done in every event, whatever else the event has.
                if !before.iter().any(|part| part.computes(leaves)) {
                    self.index.rule_out(id, part, view, leaves, candidates);
                }
            }
            fails.is_none()
        });
        candidates.stages = stages;
        if let Some(lead) = self.index.new_lead(candidates) {
            for id in 0..self.stages.len() as StageId {
                let parts = condition(id).map_or(&[][..], Condition::conjuncts);
                let mut parts = parts.iter().take_while(|part| !part.computes(leaves));
                let fails = parts.find(|part| part.only_field(leaves) == Some(lead) && !memo.holds(part, leaves, view));
                fails.into_iter().for_each(|part| self.index.rule_out(id, part, view, leaves, candidates));
            }
        }
    }
}

/// Gathers rules into a [`Plan`].
#[derive(Clone, Debug)]
pub struct PlanBuilder {
    fields: FieldTable,
    leaves: LeafTable,
    stages: Vec<Stage>,
    rules: Vec<PlanRule>,
    timestamp: FieldId,
    schema: Schema,
    now: Option<Timestamp>,
    exceptions: Exceptions,
    ignore_filters: bool,
}

impl Default for PlanBuilder {
    fn default() -> Self {
        let mut fields = FieldTable::default();
        let timestamp = fields.intern(TIMESTAMP_FIELD);
        PlanBuilder {
            fields,
            leaves: LeafTable::default(),
            stages: Vec::new(),
            rules: Vec::new(),
            timestamp,
            schema: Schema::open(),
            now: None,
            exceptions: Exceptions::default(),
            ignore_filters: false,
        }
    }
}

impl PlanBuilder {
    /// What types the fields have; open where nothing is said. Give it before the rules.
    #[must_use]
    pub fn schema(mut self, schema: Schema) -> Self {
        self.schema = schema;
        self
    }

    /// What `now` means in the date constants of queries. Without it they are refused: event time has no present.
    #[must_use]
    pub fn now(mut self, now: Timestamp) -> Self {
        self.now = Some(now);
        self
    }

    /// How many rules there are; the number of the next one.
    pub(crate) fn rules(&self) -> usize {
        self.rules.len()
    }

    /// The exceptions that rules name by their `exceptions_list`. Give them before the rules; [`load`](Self::load) does so.
    #[must_use]
    pub fn exceptions(mut self, exceptions: Exceptions) -> Self {
        self.exceptions = exceptions;
        self
    }

    /// Lets rules run without those of their `filters` that cannot be applied. They may then raise more alerts than their authors want.
    #[must_use]
    pub fn ignore_filters(mut self, ignore: bool) -> Self {
        self.ignore_filters = ignore;
        self
    }

    /// The number of a field that no rule need name, so that its values are read too.
    pub(crate) fn field(&mut self, path: &str) -> FieldId {
        self.fields.intern(path)
    }

    /// Adds a rule and returns what its author should know, or says all that is wrong with its query. Spans refer to `rule.query`.
    /// A refused rule changes nothing.
    pub fn add(&mut self, rule: Rule) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
        if rule.kind != "eql" {
            let message = alloc::format!("a rule of type \"{}\" is not run, only \"eql\" is", rule.kind);
            return Err(alloc::vec![Diagnostic::error(NOT_EQL, Span::default(), message)]);
        }
        let query = eql::parse(&rule.query)?;
        let category = rule.event_category_override.as_deref().unwrap_or(eql::CATEGORY_FIELD);
        let mut diagnostics = eql::check_with_category(&query, &self.schema, category);
        if has_error(&diagnostics) {
            return Err(diagnostics);
        }
        let types = Types { schema: &self.schema, now: self.now };
        let mut compiler = Compiler {
            fields: &mut self.fields,
            leaves: &mut self.leaves,
            types,
            category,
            rule: self.rules.len(),
            stages: Vec::new(),
            guards: Vec::new(),
            diagnostics: &mut diagnostics,
        };
        compiler.guard(&rule, &self.exceptions, self.ignore_filters);
        let (kind, key_names) = compiler.query(&query);
        let timestamp = compiler.field(rule.timestamp_field.as_deref().unwrap_or(TIMESTAMP_FIELD));
        let tiebreaker = rule.tiebreaker_field.as_deref().map(|path| compiler.field(path));
        let instead = rule.timestamp_override.as_deref().filter(|path| *path != TIMESTAMP_FIELD);
        let look_back = (self.timestamp, instead.map(|path| compiler.field(path)));
        let stages = compiler.stages;
        if has_error(&diagnostics) {
            return Err(diagnostics);
        }
        self.stages.extend(stages);
        let header = rule.header().into();
        let suppression = SuppressionPlan::new(&rule);
        let pipes = query.pipes;
        self.rules.push(PlanRule {
            rule,
            header,
            key_names,
            kind,
            pipes,
            timestamp,
            tiebreaker,
            look_back,
            suppression,
        });
        Ok(diagnostics)
    }

    /// Compiles what was added.
    pub fn build(self) -> Arc<Plan> {
        let PlanBuilder { mut fields, leaves, stages, rules, timestamp, schema, .. } = self;
        let routes = Routes::new(rules.iter().map(|rule| &rule.rule), &mut fields);
        let index = StageIndex::new(stages.iter().map(|stage| &stage.condition), &leaves.leaves, &fields);
        let coercions = (!schema.is_open()).then(|| Coercions::new(&schema, &fields));
        // What a document says is not yet what a schema makes of it.
        let needed = index.needed().filter(|_| coercions.is_none());
        let scouts = needed.map(|needed| needed.chain([timestamp]).collect::<Vec<_>>());
        let scouts = scouts.filter(|scouts| scouts.len() <= SCOUTS);
        let told = scouts.iter().flat_map(|scouts| stages.iter().map(move |stage| (scouts, stage)));
        let told = told.map(|(scouts, stage)| {
            let parts = stage.condition.conjuncts().iter().take_while(|part| !part.computes(&leaves.leaves));
            Condition::all(parts.filter(|part| part.asks_only(scouts, &leaves.leaves)).cloned())
        });
        let told = told.collect();
        let scouts = scouts.map(|scouts| fields.only(&scouts));
        let tiebreakers = rules.iter().any(|rule| rule.tiebreaker.is_some());
        let fields = Arc::new(fields);
        Arc::new(Plan { fields, leaves, stages, rules, index, scouts, told, coercions, tiebreakers, routes, timestamp })
    }
}

/// With more fields to look at first nearly every event shows something, and would be read twice.
const SCOUTS: usize = 6;

/// The field that says when an event happened, unless a rule says otherwise.
pub(crate) const TIMESTAMP_FIELD: &str = "@timestamp";

fn has_error(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

/// Compiles one rule's query into stages.
struct Compiler<'b> {
    fields: &'b mut FieldTable,
    leaves: &'b mut LeafTable,
    types: Types<'b>,
    /// The field that holds an event's category.
    category: &'b str,
    rule: usize,
    stages: Vec<Stage>,
    /// What every stage asks beside its own condition.
    guards: Vec<Condition>,
    diagnostics: &'b mut Vec<Diagnostic>,
}

impl Compiler<'_> {
    fn query(&mut self, query: &Query) -> (PlanKind, Vec<String>) {
        match &query.kind {
            QueryKind::Event(event) => {
                self.stage(0, event, &[], &[]);
                (PlanKind::Event, Vec::new())
            }
            QueryKind::Sample(Sample { by, terms }) => {
                for (number, term) in terms.iter().enumerate() {
                    self.stage(number, &term.event, by, &term.by);
                }
                (PlanKind::Sample { stages: terms.len() }, key_names(by, terms))
            }
            QueryKind::Sequence(sequence) => self.sequence(sequence),
        }
    }

    fn sequence(&mut self, sequence: &Sequence) -> (PlanKind, Vec<String>) {
        let mut plan = SequencePlan { maxspan: sequence.maxspan, ..SequencePlan::default() };
        for term in &sequence.terms {
            for _ in 0..term.runs {
                self.stage(plan.terms, &term.event, &sequence.by, &term.by);
                if term.missing {
                    plan.missing.push(MissingTerm { term: plan.terms, before: plan.positives.len() });
                } else {
                    plan.positives.push(plan.terms);
                }
                plan.terms = plan.terms.saturating_add(1);
            }
        }
        if let Some(until) = &sequence.until {
            self.stage(plan.terms, &until.event, &sequence.by, &until.by);
        }
        (PlanKind::Sequence(plan), key_names(&sequence.by, &sequence.terms))
    }

    fn stage(&mut self, term: usize, event: &EventQuery, by: &[Field], own: &[Field]) {
        let mut lowering =
            Lowering { fields: self.fields, leaves: self.leaves, types: self.types, diagnostics: self.diagnostics };
        let category = event.category.as_ref().map(|category| lowering.equals(self.category, &category.text));
        let condition = lowering.condition(&event.condition);
        let keys = by.iter().chain(own).map(|key| self.key(key)).collect();
        let condition = Condition::all(category.into_iter().chain([condition]).chain(self.guards.iter().cloned()));
        self.stages.push(Stage { rule: self.rule, term, keys, condition });
    }

    fn key(&mut self, key: &Field) -> KeyField {
        let field = match self.types.resolve(key) {
            Resolved::Null => None,
            Resolved::Field { path, .. } => Some(self.fields.intern(&path)),
        };
        KeyField { field, optional: key.optional }
    }

    /// A field that a rule's settings name.
    fn field(&mut self, path: &str) -> FieldId {
        match self.types.resolve_path(path) {
            Resolved::Null => self.fields.intern(path),
            Resolved::Field { path, .. } => self.fields.intern(&path),
        }
    }
}

fn key_names(by: &[Field], terms: &[Term]) -> Vec<String> {
    let first = terms.first().map_or(&[][..], |term| &term.by);
    by.iter().chain(first).map(|key| key.path.to_owned()).collect()
}
