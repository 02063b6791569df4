// Takes events and gives alerts back: the correlator, its options, its alerts and counters.

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
  /** Events held per join key and stage of a sample, 8 at least; beyond it the oldest goes. Default: 16. */
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
  /** Partial sequences, those that wait for an absence to be proved included, or keys of a sample that hold an event: now. */
  partials: number;
  /** Sequences, samples or single events that were complete: `alerts`, `suppressed` and `overMaxSignals` together. */
  completed: number;
  /** Alerts made. */
  alerts: number;
  /** Of these, alerts dropped because nobody drained them. */
  alertsDropped: number;
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

/** Rules that can be spread over several correlators together. */
export interface Partition {
  /** Events that agree in these fields must go to the same correlator; all of them, or any one, may be used. */
  keys: string[];
  /** The rules need all events in one place. Otherwise, without keys, any event may go anywhere. */
  whole: boolean;
  /** The ids of the rules. */
  rules: string[];
}

/** Takes events and gives alerts back. */
export class Correlator {
  /** Compiles the rules. Throws {@link EqliteError}. */
  constructor(options: Options);

  /** Feeds bytes or text, cut anywhere. A line that cannot be read is counted and reported, and the next one goes on. */
  feed(chunk: Uint8Array | ArrayBuffer | string): void;

  /**
   * Finds the events of a piece of the input that match nothing, so that another correlator of the same options, in another worker, need not read
   * them: see {@link Correlator.feedSifted}. The piece may be cut anywhere; nothing of it is fed to this one.
   */
  sift(piece: Uint8Array | ArrayBuffer | string): Uint8Array;

  /** Does what {@link Correlator.feed} does, with less work: `sifted` is what {@link Correlator.sift} said of the same piece, and must be of no other. */
  feedSifted(piece: Uint8Array | ArrayBuffer | string, sifted: Uint8Array): void;

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
