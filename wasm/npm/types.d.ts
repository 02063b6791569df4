// The types of the package, written by hand: what `wasm/src/js.rs` offers.

/** Bytes of the module, the module, or where it is to be fetched from. */
export type InitSource =
  | URL
  | string
  | Request
  | Response
  | BufferSource
  | WebAssembly.Module
  | Promise<Response>;

/** How the bytes given to {@link Correlator.feed} are read. */
export type Format =
  /** Told by the first byte that is not blank: `{` or `[` begin JSON, anything else is an audit log. */
  | 'auto'
  /** ECS documents: one a line, a JSON array of them, or Elasticsearch `_bulk` bodies. */
  | 'ecs'
  /** Linux audit records, RAW or ENRICHED. */
  | 'auditd';

/** What a {@link Correlator} is made of. All but `rules` may be left out; unknown names are refused. */
export interface Options {
  /** The rules to run. */
  rules: RuleSource[];
  /** How input is read. Default: `'auto'`. */
  format?: Format;
  /** The host of audit records, which do not say it. Where `id` is not given, the records' `node=` stands in. */
  host?: { id?: string; name?: string };
  /** What may be held. What does not fit is dropped and counted. */
  limits?: Limits;
  /**
   * The form of the alerts. `'kibana'`: the documents that Kibana writes, for an alert over several events its shell and then a
   * building block for each. `'signal'`: one ECS document. Default: `'alert'`, as {@link Alert}.
   */
  output?: 'alert' | 'kibana' | 'signal';
  /** What the documents of `'kibana'` are made with. */
  kibana?: KibanaContext;
  /** How late an event may come, in milliseconds of event time, and still be put in order. Sequences wait that long. Default: 0. */
  allowedLateness?: number;
  /** `'auto'`: an event that says its index or data stream is offered to the rules whose patterns cover it; `'off'`: to all. Default: `'auto'`. */
  routing?: 'auto' | 'off';
  /** How far ahead of the last {@link Correlator.advance} an event may be, in milliseconds, before it is counted as of the future. Default: however far. */
  maxFuture?: number;
  /** Keeps each rule to its `max_signals` in one interval of event time. Default: false. */
  maxSignals?: boolean;
  /** Raises also what a rule's `alert_suppression` would not. Default: false. */
  ignoreSuppression?: boolean;
  /** Lets rules run without those of their `filters` that cannot be applied. Default: false. */
  ignoreFilters?: boolean;
  /** Seeds the hash of join keys, which attackers choose. Results do not depend on it. Default: random. */
  seed?: number | bigint;
  /** Lists rules that cannot run, or are of another type than EQL ({@link Correlator.rules}), instead of throwing. Default: false. */
  skipInvalid?: boolean;
  /** Runs only every `of`th rule, from `number` on: several correlators, each given all events, can share the rules. */
  share?: { number: number; of: number };
}

/** What Kibana knows and neither the alert nor its rule does. */
export interface KibanaContext {
  /** The space in which the rule runs. Default: `'default'`. */
  space?: string;
  /** The id of the rule's saved object, which the ids of alerts are made with. Default: the rule's `rule_id`. */
  ruleUuid?: string;
  /** The index of events that do not say theirs. */
  eventIndex?: string;
  /** When the alerts are made, in milliseconds since 1970. Default: the time of the alert's last event. */
  now?: number;
  /** `kibana.version`; left out where it is not given. */
  version?: string;
  /** Where Kibana is reached from outside, for `kibana.alert.url`; left out where it is not given. */
  publicBaseUrl?: string;
}

/** The text of a rule file (TOML, JSON, NDJSON), the same with a name for diagnostics, or a rule as Kibana's API gives it. */
export type RuleSource = string | { file: string; text: string } | Record<string, unknown>;

/** What may be held. */
export interface Limits {
  /** Longest line or document, in bytes. Default: 1 MiB. */
  lineBytes?: number;
  /** Deepest nesting of a document. Default: 64. */
  jsonDepth?: number;
  /** Join keys held per rule; beyond it the key that would expire first goes. Default: 100,000. */
  keysPerRule?: number;
  /** Events held per join key and stage of a sample; beyond it the oldest goes. Default: 16. */
  eventsPerStage?: number;
  /** Groups of alerts remembered per rule for `alert_suppression`; beyond it the oldest goes. Default: 10,000. */
  suppressionGroups?: number;
  /** Bytes of events held for correlation, all rules together. Default: 64 MiB. */
  stateBytes?: number;
  /** Alerts that wait to be drained; beyond it the newest is dropped. Default: 10,000. */
  alerts?: number;
  /** Problems that wait to be drained; beyond it the newest is only counted. Default: 100. */
  problems?: number;
  /** Audit events whose records are still coming in; beyond it the oldest is closed as it is. Default: 1,024. */
  auditInFlight?: number;
  /** Events held until the watermark passes them; beyond it the earliest goes on. Default: 100,000. */
  reorderEvents?: number;
}

/** A value of a join key: its type is that of the event. */
export type JoinValue = string | number | boolean | null;

/** What a rule found. */
export interface Alert {
  /** The rule that found it. */
  rule: {
    id: string;
    name: string;
    version: number;
    severity: 'low' | 'medium' | 'high' | 'critical';
    risk_score: number;
    threat: Threat[];
  };
  /** The kind of the rule's query. */
  kind: 'event' | 'sequence' | 'sample';
  /** Values that the events have in common, by the names of the first stage. */
  join_keys: Record<string, JoinValue>;
  /** ISO 8601, UTC. */
  first_timestamp: string;
  /** ISO 8601, UTC. */
  last_timestamp: string;
  /** One entry per stage, in the order of the query. */
  events: StageEvent[];
  /** The group that the alert opens, where its rule makes several alerts one: its fields with their values, and how many were suppressed since the last. */
  suppression?: { terms: Record<string, unknown[]>; start: string; suppressed_before: number };
}

/** The event of one stage; `missing` where the stage asked for an absence. */
export type StageEvent =
  | { stage: number; timestamp: string; source: Record<string, unknown>; missing?: undefined }
  | { stage: number; missing: true };

/** A tactic of a framework, with the techniques that serve it. */
export interface Threat {
  /** `MITRE ATT&CK` */
  framework: string;
  tactic: Reference;
  technique?: (Reference & { subtechnique?: Reference[] })[];
}

/** Something of a framework. */
export interface Reference {
  id: string;
  name: string;
  reference: string;
}

/** Something about the input that a person should hear of. The stream goes on. */
export interface Problem {
  /** Stable, e.g. `I001`. */
  code: string;
  /** Line of the input, from 1, counted over all chunks. */
  line: number;
  /** Byte of the input, from 0, counted over all chunks. */
  offset: number;
  /** What is wrong. */
  message: string;
}

/** Counters since the beginning, and what is held now. */
export interface Stats {
  /** Bytes fed. */
  bytes: number;
  /** Events read. */
  events: number;
  /** Events that matched a stage of a rule. */
  matched: number;
  /** Lines or documents that could not be read. */
  malformed: number;
  /** Lines of `_bulk` bodies that are no events: actions, and the documents of updates. */
  bulkLines: number;
  /** Events of a time ahead of the host's, see {@link Options.maxFuture}. */
  future: number;
  /** Rules that an event matched and was not offered to, by where it is from. */
  routedAway: number;
  /** Events whose time cannot be read; otherwise like those without one. */
  unreadableTime: number;
  /** Events without a time. They raise alerts of single-event rules only. */
  withoutTime: number;
  /** Matched events that came too late for sequences, or a whole window behind for samples. */
  late: number;
  /** Conditions that could not be computed; they count as not matched. */
  evalErrors: number;
  /** Alerts made. */
  alerts: number;
  /** Alerts that were one with an earlier one. */
  suppressed: number;
  /** Alerts dropped because nobody drained them. */
  alertsDropped: number;
  /** Problems that were only counted, because nobody drained them. */
  problemsDropped: number;
  /** Join keys dropped for want of room. */
  evicted: number;
  /** Audit records read. */
  auditRecords: number;
  /** Audit events closed before their end, for want of room or because the input ended. */
  auditIncomplete: number;
  /** Serial numbers of audit events that never came. */
  auditLost: number;
  /** Join keys held now. */
  keys: number;
  /** Events held now. */
  heldEvents: number;
  /** Bytes of the events held now. */
  heldBytes: number;
  /** Events that wait for their turn now. */
  waiting: number;
  /** The same for each rule that runs, in the order given. */
  rules: RuleStats[];
}

/** Counters of one rule. */
export interface RuleStats {
  id: string;
  /** Events that matched each stage. */
  stages: number[];
  /** Alerts made. */
  alerts: number;
  /** Alerts that were one with an earlier one (`alert_suppression`). */
  suppressed: number;
  /** Groups of such alerts that are known now. */
  suppressionGroups: number;
  /** Groups forgotten for want of room. */
  suppressionForgotten: number;
  /** Alerts beyond the rule's `max_signals`. */
  overMaxSignals: number;
  /** Events that lacked a join key. */
  withoutKey: number;
  /** Join keys of events that had too many at once, or too long ones. */
  keysDropped: number;
  /** Events that came too late. */
  late: number;
  /** Join keys held now. */
  keys: number;
  /** Join keys dropped for want of room. */
  evicted: number;
  /** Join keys, or partial sequences, that ran out of time. */
  expired: number;
  /** Events or partial sequences replaced by newer ones. */
  replaced: number;
  /** Partial sequences ended by `until`. */
  until: number;
  /** Complete sequences refuted by an event that had to be missing. */
  refuted: number;
}

/** A rule that was given. */
export interface RuleInfo {
  /** `rule_id`; empty where the rule could not be read. */
  id: string;
  /** Empty where the rule could not be read. */
  name: string;
  version: number;
  /** `'eql'`, or another type of Elastic's, which is not run. */
  type: string;
  /** The file that it came from, where you gave its name. */
  file?: string;
  /** What became of it. */
  outcome: 'loaded' | 'disabled' | 'duplicate' | 'unsupported' | 'error';
  /** Why it does not run; absent where it does. */
  skipped?: string;
}

/** One finding about a rule or a query. */
export interface Diagnostic {
  /** Stable and never reused, e.g. `E0101`. */
  code: string;
  severity: 'error' | 'warning';
  /** One sentence: what is wrong. */
  message: string;
  /**
   * The text that the place is in: the rule file, or the rule's query where the file holds it in another form
   * (JSON with escapes) or there is no file (a rule as an object).
   */
  within: 'file' | 'query';
  /** The place, as bytes of the text's UTF-8. */
  span: { start: number; end: number };
  /** Line of the place, from 1. */
  line: number;
  /** Column of the place in characters, from 1. */
  column: number;
  /** What to do about it. */
  help?: string;
  /** The id of the rule, where it is known. */
  rule?: string;
  /** The file of the rule, where you gave its name. */
  file?: string;
  /** The finding for a person, with the place underlined; several lines. */
  rendered: string;
}

/** What is thrown. */
export interface EqliteError extends Error {
  name: 'EqliteError';
  /**
   * - `init`: the module is not loaded yet
   * - `options`: the options could not be read
   * - `rules`: a rule was refused, see `diagnostics`
   * - `event`: the event given to `feedEvent` is none
   * - `query`: the query of a search was refused, see `diagnostics`
   * - `mapping`: it is none
   * - `eval`: the query cannot be computed on the data, as in Elasticsearch
   * - `data`: a document has no JSON
   * - `snapshot`: it is none, or was made under other rules
   * - `rule`: there is none that could be explained
   * - `type`: an argument has the wrong type
   * - `internal`: a bug; the module is unusable from then on
   */
  code: 'init' | 'options' | 'rules' | 'event' | 'query' | 'mapping' | 'eval' | 'data' | 'snapshot' | 'rule' | 'type' | 'internal';
  /** All findings about the rules or the query, not the first alone. */
  diagnostics: Diagnostic[];
}

/** Takes events and gives alerts back. */
export class Correlator {
  /** Compiles the rules. Throws {@link EqliteError}. */
  constructor(options: Options);

  /** Feeds bytes or text, cut anywhere. A line that cannot be read is counted and reported, and the next one goes on. */
  feed(chunk: Uint8Array | ArrayBuffer | string): void;

  /**
   * Feeds one whole ECS document; says how many stages of rules it matched.
   *
   * Objects go through `JSON.stringify` (a `Date` becomes text, `undefined` nothing); a `bigint` becomes a whole number,
   * exactly. Text or bytes are the faster way where you have them.
   */
  feedEvent(event: object | string | Uint8Array | ArrayBuffer): number;

  /** Says that no event before this time (milliseconds since 1970, or a `Date`) will come any more. */
  advance(watermark: Date | number | bigint): void;

  /** The end of the input: what waits for more is read, and let through. The correlator can go on afterwards. */
  finish(): void;

  /**
   * The alerts since the last call, oldest first. Numbers beyond 2^53 lose digits here, as in all of `JSON.parse`;
   * {@link drainAlertLines} keeps them.
   */
  drainAlerts(): Alert[];

  /** The same as NDJSON, byte for byte what every other host gets. */
  drainAlertLines(): string;

  /** The problems since the last call, oldest first. */
  drainProblems(): Problem[];

  /**
   * The whole state, alerts that wait to be drained included. It can be restored on any host that embeds the same version. Throws
   * (`snapshot`) where the text fed so far ends inside a character.
   */
  snapshot(): Uint8Array;

  /**
   * Goes on where a snapshot was made; the rules must be the same ones. What was held before is gone. Throws (`snapshot`) where
   * it is refused; then nothing has changed.
   */
  restore(snapshot: Uint8Array | ArrayBuffer): void;

  /** How the rules can be spread over several correlators. */
  partitioning(): Partition[];

  /** Counters since the beginning. */
  stats(): Stats;

  /** All rules that were given, those skipped included. */
  rules(): RuleInfo[];

  /** Warnings about rules that run, and the findings about rules that were skipped. */
  diagnostics(): Diagnostic[];

  /** Gives its memory back. It must not be used afterwards. */
  free(): void;

  /** The same, at the end of a `using` block. */
  [Symbol.dispose](): void;
}

/** How data are read. */
export interface ReadOptions {
  /** Default: `'auto'`. */
  format?: Format;
  /** The host of audit records. */
  host?: { id?: string; name?: string };
  /** `lineBytes`, `auditInFlight` and `problems` count. */
  limits?: Limits;
}

/** What a search gives. The defaults are those of Elasticsearch, whose names (`result_position`) are taken too. */
export interface SearchOptions {
  /** The most results. Default: 10. */
  size?: number;
  /** Which of them where there are more. Default: `'tail'`. */
  resultPosition?: 'head' | 'tail';
  /** The most samples of one join key. Default: 1. */
  maxSamplesPerKey?: number;
  /** The field that says when an event happened. Default: `@timestamp`. */
  timestampField?: string;
  /** The field that orders events of the same time. Default: none, the order of the documents. */
  tiebreakerField?: string;
  /** The field that holds an event's category. Default: `event.category`. */
  eventCategoryField?: string;
  /** What `now` means in date constants, as a `Date` or in milliseconds since 1970. Default: the present. */
  now?: Date | number;
}

/** Documents as NDJSON, a JSON array, a `_bulk` body or an audit log; or as objects. */
export type SearchData = string | Uint8Array | ArrayBuffer | object[];

/** Documents that have a mapping, or a name, of their own. */
export interface SearchSource {
  data: SearchData;
  /** An Elasticsearch mapping, as an object or as JSON. Default: none, types follow the values. */
  mapping?: object | string;
  /** `_index` of its hits. Default: `data`, `data-1` ... */
  name?: string;
}

/** A document that was found; its `_id` is its number within its index, from 0. */
export interface Hit {
  _index: string;
  _id: string;
  _source: Record<string, unknown>;
  missing?: undefined;
}

/** The place of an event that had to be missing. */
export interface MissingHit {
  _index: '';
  _id: '';
  missing: true;
}

/** Events that belong together. */
export interface HitGroup {
  join_keys: JoinValue[];
  events: (Hit | MissingHit)[];
}

/** What Elasticsearch answers to `_eql/search`: `events` for a query for events, `sequences` for a sequence or a sample. */
export interface SearchResponse {
  is_partial: boolean;
  is_running: boolean;
  took: number;
  timed_out: boolean;
  hits: { total: { value: number; relation: 'eq' }; events?: Hit[]; sequences?: HitGroup[] };
  /** Ours: what could not be read of the data; absent where all could. Only of the function `search`. */
  problems?: Problem[];
}

/**
 * Searches data that are complete, as Elasticsearch's `_eql/search` does it. Throws {@link EqliteError}.
 *
 * ```js
 * search('process where process.name : "NC"', events, { size: 5 }).hits.events
 * search(query, [{ data: ndjson, mapping, name: 'one' }, { data: bytes, name: 'two' }])
 * ```
 */
export function search(query: string, data: SearchData | SearchSource[], options?: SearchOptions & ReadOptions): SearchResponse;

/** The same for data that come in pieces, or are searched several times. They are held in memory. */
export class Search {
  constructor(options?: ReadOptions);

  /** Begins an index: what is fed from now on is its. Without any, what is fed makes one named `data`. */
  add(name: string, mapping?: object | string): void;

  /** Feeds bytes, cut anywhere, or text, cut between characters. */
  feed(chunk: Uint8Array | ArrayBuffer | string): void;

  /** Searches all indices together. */
  run(query: string, options?: SearchOptions): SearchResponse;

  /** What could not be read of the data, since the last call; lines are counted within each index. */
  drainProblems(): Problem[];

  /** Gives its memory back. It must not be used afterwards. */
  free(): void;

  /** The same, at the end of a `using` block. */
  [Symbol.dispose](): void;
}

/** What is to be said of one rule. What was not given or cannot be read is `null`. */
export interface RuleReport {
  file: string | null;
  rule_id: string | null;
  name: string | null;
  type: string | null;
  /** `'unsupported'`: a rule of another type than EQL. */
  status: 'ok' | 'error' | 'unsupported';
  /** Warnings too. */
  diagnostics: (Pick<Diagnostic, 'code' | 'severity' | 'message' | 'within' | 'span' | 'line' | 'column' | 'rendered'> & { help: string | null })[];
}

/**
 * Checks rules without running them, those that are switched off too. `schema` is what types the fields have: those of ECS, an
 * Elasticsearch mapping, or, where it is left out, whatever the events bring.
 */
export function check(rules: RuleSource | RuleSource[], options?: { schema?: 'ecs' | object | string }): RuleReport[];

/** How documents are made of an audit log. */
export interface AuditOptions {
  /** Whose documents. Default: `'auditbeat'`. */
  profile?: 'auditbeat' | 'auditd-manager';
  /** With the faults of the reference implementation, `docs/auditd.md` lists them. Default: without. */
  compat?: 'go-libaudit';
  /** The records under `event.original`. Default: false. */
  includeRaw?: boolean;
  /** What could not be read under `error.message`. Default: false. */
  includeWarnings?: boolean;
  /** Names of users and groups, where the log holds them. Default: false. */
  enrichedNames?: boolean;
  /** The host, which the log does not say. Where `id` is not given, the records' `node=` stands in. */
  host?: { id?: string; name?: string };
  /** `lineBytes`, `auditInFlight` and `problems` count. */
  limits?: Limits;
}

/** Makes of an audit log the ECS documents that Auditbeat or Auditd Manager would have made. Lines that are no records are passed over. */
export function parseAuditLog(log: Uint8Array | ArrayBuffer | string, options?: AuditOptions): Record<string, unknown>[];

/** The same piece by piece, for large logs. */
export class AuditReader {
  constructor(options?: AuditOptions);

  /** Feeds bytes, cut anywhere, or text, cut between characters. */
  feed(chunk: Uint8Array | ArrayBuffer | string): void;

  /** The end of the log: events that are still open are closed as they are. The reader can go on afterwards. */
  finish(): void;

  /** The documents since the last call. They wait in memory. */
  drain(): Record<string, unknown>[];

  /** The same as NDJSON. */
  drainLines(): string;

  /** The problems since the last call, oldest first. */
  drainProblems(): Problem[];

  /** Counters since the beginning. */
  stats(): AuditStats;

  /** Gives its memory back. It must not be used afterwards. */
  free(): void;

  /** The same, at the end of a `using` block. */
  [Symbol.dispose](): void;
}

/** What was read of an audit log, and what was lost. */
export interface AuditStats {
  /** Lines that were records. */
  records: number;
  /** Lines that were none. */
  malformed: number;
  /** Events made. */
  events: number;
  /** Events closed because a record two seconds newer came. */
  timedOut: number;
  /** Events closed because too many were open. */
  evicted: number;
  /** Records left out because their event has too many or too long ones. */
  oversized: number;
  /** Events that never came, by the gaps in the serial numbers. */
  lostSerials: number;
  /** Times the serial numbers began anew. */
  restarts: number;
}

/** What an audit log can show. */
export interface DoctorReport {
  records: number;
  malformed: number;
  events: number;
  /** Time of the earliest event, ISO 8601; `null` where there is none. */
  first: string | null;
  last: string | null;
  /** Logins and programs are logged, but not one system call: no audit rules, or `-a task,never`. */
  silent: boolean;
  /** The calls that rules ask for, seen or not, and then all others that occur. */
  calls: { name: string; neededBy: string[]; succeeded: number; failed: number; byArch: Record<string, number> }[];
  lostSerials: number;
  /** The first gaps in the serial numbers, ends included. */
  gaps: { first: number; last: number }[];
  restarts: number;
  /** Events that say no host. */
  withoutHostId: number;
  /** What a person should know, with what to do about it. */
  findings: { code: string; message: string; help: string }[];
  /** The least that must be audited for these rules, lines for `/etc/audit/rules.d`. */
  auditRules: string[];
  /** Rules that cannot be read, and so ask for nothing. */
  unreadableRules: string[];
}

/** Says what an audit log can show of what rules ask for. */
export function doctor(
  log: Uint8Array | ArrayBuffer | string,
  options?: { rules?: RuleSource[]; host?: { id?: string; name?: string }; limits?: Limits },
): DoctorReport;

/** Rules that can be spread over several correlators together. */
export interface Partition {
  /** Events that agree in these fields must go to the same correlator; all of them, or any one, may be used. */
  keys: string[];
  /** The rules need all events in one place. Otherwise, without keys, any event may go anywhere. */
  whole: boolean;
  /** The ids of the rules. */
  rules: string[];
}

/** What {@link explain} and {@link replay} read: whatever a {@link Correlator} can be fed, or documents as objects. */
export type Documents = string | Uint8Array | ArrayBuffer | object[];

/** How the documents are read. */
export interface ReadOptions {
  /** How input is read. Default: `'auto'`. */
  format?: Format;
  /** The host of audit records. */
  host?: { id?: string; name?: string };
  /** What may be held. */
  limits?: Limits;
  /** What types the fields have: ECS, or an Elasticsearch mapping. Default: by their values. */
  schema?: 'ecs' | Record<string, unknown> | string;
  /** Lets rules run without those of their `filters` that cannot be applied. Default: false. */
  ignoreFilters?: boolean;
}

/** Settings of {@link explain}. */
export interface ExplainOptions extends ReadOptions {
  /** The id of the rule that is meant, where there are several. */
  id?: string;
  /** `'text'`: in words, for a person. Default: `'json'`. */
  output?: 'json' | 'text';
}

/** Why a rule alerts or not. Events are known by their numbers, from 1; stages count from 0. */
export interface Explanation {
  id: string;
  name: string;
  documents: number;
  unreadable: number;
  /** Each alert by its events; `null` for a missing one. */
  alerts: (number | null)[][];
  stages: {
    text: string;
    span: { start: number; end: number };
    role: 'needed' | 'missing' | 'until';
    matched: number;
    without_key: number;
    leaves: number;
    /** Of the events that do not match, those that fail the fewest leaves. */
    candidates: Candidate[];
  }[];
  /** What stood between the events and an alert, e.g. `{finding: 'no-event', stage: 1}`; docs/explain.md lists them. */
  findings: ({ finding: string } & Record<string, unknown>)[];
}

/** An event that does not match a stage. */
export interface Candidate {
  event: number;
  timestamp: string | null;
  /** The leaves that decided against it. */
  failed: { leaf: string; span: { start: number; end: number }; values: Record<string, unknown[]> }[];
  /** How many more events fail in the same way. */
  alike: number;
}

/** Settings of {@link replay}. Times are milliseconds, or text such as `'5m'`. */
export interface ReplayOptions extends ReadOptions {
  /** How often the rules run. Default: as each rule says. */
  interval?: number | string;
  /** How far they look back. Default: as each rule says. */
  lookBack?: number | string;
  /** How long after each multiple of the interval since 1970 they run. Default: 0. */
  offset?: number | string;
  /** Events are seen once they were ingested (`event.ingested`), where they say so. Default: true. */
  ingested?: boolean;
  /** How late an event may come to the stream. Default: 0. */
  allowedLateness?: number | string;
  /** Keeps each rule of the stream to its `max_signals`. Default: false. */
  maxSignals?: boolean;
  /** What the ids of alerts are made with. */
  kibana?: KibanaContext;
  /** Leaves rules out that cannot run, instead of throwing. Default: false. */
  skipInvalid?: boolean;
  /** `'text'`: in words, for a person. Default: `'json'`. */
  output?: 'json' | 'text';
}

/** An alert of a {@link Replay}. */
export interface ReplayAlert {
  /** `kibana.alert.uuid`; of a sequence or sample that of its shell. */
  id: string;
  join_keys: Record<string, JoinValue>;
  /** When each of its events happened. */
  events: (string | null)[];
  /** The run that raised it. */
  run: string | null;
}

/** What the schedule found beside the stream. */
export interface Replay {
  documents: number;
  unreadable: number;
  eval_errors: number;
  rules: {
    id: string;
    name: string;
    interval: number;
    look_back: number;
    max_signals: number;
    runs: number;
    stream: number;
    schedule: number;
    cut: number;
    late: number;
    /** Alerts that both found. */
    both: ReplayAlert[];
    /** Alerts that only the stream found, with the reason; docs/kibana.md lists them. */
    missed: { alert: ReplayAlert; why: { reason: string } & Record<string, unknown> }[];
    /** Alerts that only the schedule found. */
    extra: Record<string, unknown>[];
  }[];
  refused: { id: string; message: string }[];
}

/** Says why a rule alerts or not. Throws {@link EqliteError}. */
export function explain(rule: RuleSource | RuleSource[], documents: Documents, options: ExplainOptions & { output: 'text' }): string;
export function explain(rule: RuleSource | RuleSource[], documents: Documents, options?: ExplainOptions): Explanation;

/** Compares the schedule that Kibana would have run with the stream. Throws {@link EqliteError}. */
export function replay(rules: RuleSource | RuleSource[], documents: Documents, options: ReplayOptions & { output: 'text' }): string;
export function replay(rules: RuleSource | RuleSource[], documents: Documents, options?: ReplayOptions): Replay;
