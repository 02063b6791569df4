// What people do with rules and logs beside running them: search, check, audit logs as documents, doctor, explain, replay.

import type { Diagnostic, Format, KibanaContext, Limits, Problem, RuleSource, JoinValue } from './correlator.js';

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
export type Documents = string | Uint8Array | ArrayBuffer | object[];

/** Documents that have a mapping, or a name, of their own. */
export interface SearchSource {
  data: Documents;
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
export function search(query: string, data: Documents | SearchSource[], options?: SearchOptions & ReadOptions): SearchResponse;

/** The same for data that come in pieces, or are searched several times. They are held in memory. */
export class Search {
  constructor(options?: ReadOptions);

  /** Begins an index: what is fed from now on is its. Without any, what is fed makes one named `data`. */
  add(name: string, mapping?: object | string): void;

  /** Feeds bytes or text, cut anywhere. A half of a character (a lone surrogate) that its other half does not follow becomes U+FFFD. */
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

  /** Feeds bytes or text, cut anywhere. A half of a character (a lone surrogate) that its other half does not follow becomes U+FFFD. */
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

/** How the documents are read, and what of rules counts. */
export interface EngineeringOptions extends ReadOptions {
  /** What types the fields have: ECS, or an Elasticsearch mapping. Default: by their values. */
  schema?: 'ecs' | Record<string, unknown> | string;
  /** Lets rules run without those of their `filters` that cannot be applied. Default: false. */
  ignoreFilters?: boolean;
}

/** Settings of {@link explain}. */
export interface ExplainOptions extends EngineeringOptions {
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
export interface ReplayOptions extends EngineeringOptions {
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
