// Cases of what surrounds a query: time, limits, states that are saved, suppression, exceptions, filters, routing. make.mjs writes them.
//
// Steps stand among the events: `advance(60)` is the host's word that nothing before second 60 comes any more, `save()` a snapshot, from which
// another correlator goes on; `save(20)` is made twenty bytes into the line that follows.

const T0 = Date.parse("2026-11-24T10:00:00.000Z");
const iso = (seconds) => new Date(T0 + Math.round(seconds * 1000)).toISOString();

/** An event of a category. `n` is its event.sequence and, unless `at` (seconds; null for none) says otherwise, its second. */
function event(category, n, { at = n, host = "a", event: more, ...rest } = {}) {
  return { ...(at !== null && { "@timestamp": typeof at === "number" ? iso(at) : at }), event: { category: [category], sequence: n, ...more }, ...(host !== null && { host: { id: host } }), ...rest };
}
const process = (n, more) => event("process", n, more);
const network = (n, more) => event("network", n, more);
const file = (n, more) => event("file", n, more);
const advance = (seconds) => ({ step: { advance: T0 + seconds * 1000 } });
const save = (into = 0) => ({ step: { snapshot: "snapshot.bin" }, into });
const alert = (events, join_keys = ["a"], suppressed_before) => ({ join_keys, events, ...(suppressed_before !== undefined && { suppressed_before }) });

const rule = (query, more = {}) => ({ rule_id: "r", name: "R", type: "eql", language: "eql", risk_score: 21, severity: "low", version: 1, from: "now-1m", interval: "1m", query, ...more });
const PAIR = "sequence by host.id with maxspan=1m [process where true] [network where true]";
const BOTH = "sample by host.id [process where true] [network where true]";
const ALONE = "sequence by host.id with maxspan=10s [process where true] ![network where true]";

/** Hands each case to `add`: its name, what case.json holds, the files beside it. */
export function around(add) {
  const one = (name, note, rules, lines, alerts, { options = {}, chunk_sizes, problems, stats } = {}) => {
    const folder = `spec/alerts/${name}`, steps = [];
    let text = "";
    for (const line of lines) {
      if (line.step) steps.push({ at: Buffer.byteLength(text) + (line.into ?? 0), ...line.step });
      else text += (typeof line === "string" ? line : JSON.stringify(line)) + "\n";
    }
    const body = { note, rules: [`${folder}/rules.ndjson`], options: { format: "ecs", ...options }, input: `${folder}/input.ndjson`, chunk_sizes, steps: steps.length ? steps : undefined, alerts, problems, stats };
    add(name, JSON.parse(JSON.stringify(body)), { "rules.ndjson": [rules].flat().map((rule) => JSON.stringify(rule) + "\n").join(""), "input.ndjson": text });
  };

  // ---- a state is saved, and another correlator goes on

  one("restart-sequence", "Saved in the middle of a line, with events that wait for their turn, one sequence half way and an alert that nobody drained.", rule(PAIR),
    [process(1), process(2, { host: "b" }), network(3), process(14, { host: "c" }), save(30), network(15, { host: "b" }), network(13, { host: "c" }), network(16, { host: "c" })],
    [alert([1, 3]), alert([2, 15], ["b"]), alert([14, 16], ["c"])], { options: { allowedLateness: 10_000 } });
  one("restart-sample", "Saved between the events of a sample, with an alert and a bad line that nobody drained; the second key's event was spent before, and is not found again.", rule(BOTH),
    [process(1), "rubbish", process(2, { host: "b" }), network(3, { host: "b" }), save(), network(4, { host: "b" }), network(5), process(64, { host: "a" }), network(66)],
    [alert([2, 3], ["b"]), alert([1, 5]), alert([64, 66])], { problems: [2] });
  one("restart-absence", "Saved while an absence waits for its proof: one is refuted afterwards, the other proved by the host's clock.", rule(ALONE),
    [process(1), process(2, { host: "b" }), save(), network(5, { host: "b" }), advance(30)], [alert([1, null])], { stats: { rules: [{ refuted: 1, alerts: 1, keys: 0 }] } });
  one("restart-until", "Saved before the event that ends one of two sequences.", rule(`${PAIR} until [file where true]`),
    [process(1), process(2, { host: "b" }), save(1), file(3), network(4), network(5, { host: "b" })], [alert([2, 5], ["b"])], { stats: { rules: [{ until: 1 }] } });
  one("restart-groups", "Saved with groups of suppressed alerts and a budget half spent: what was counted before is told after.",
    rule("process where true", { alert_suppression: { group_by: ["host.id"], duration: { value: 10, unit: "s" } }, max_signals: 3 }),
    [process(1), process(2), process(3, { host: "b" }), save(), process(4), process(12), process(13, { host: "c" }), process(61, { host: "c" })],
    [alert([1], [], 0), alert([3], [], 0), alert([12], [], 2), alert([61], [], 0)], { options: { maxSignals: true }, stats: { suppressed: 2, rules: [{ suppressed: 2, overMaxSignals: 1 }] } });
  one("restart-bulk", "Saved between an action of a _bulk body and its document.", rule(PAIR),
    [JSON.stringify({ create: { _index: "logs-x-default" } }), process(1), JSON.stringify({ create: { _index: "logs-x-default" } }), save(), network(2)], [alert([1, 2])], { stats: { bulkLines: 2, events: 2 } });
  one("restart-evicted", "Saved after a key was dropped for want of room. It may have had the event that must not be there, so a key that comes later is not found: losing is allowed, inventing is not.",
    rule("sequence by host.id with maxspan=10s ![file where true] [process where true] [network where true]"),
    [file(1), process(2, { host: "b" }), save(), process(3), network(4), network(5, { host: "b" })], [], { options: { limits: { keysPerRule: 1 } } });

  // ---- limits: what would expire first goes, and is counted

  one("evict-keys-sequence", "Room for two keys: the third takes that of the first.", rule(PAIR),
    [process(1), process(2, { host: "b" }), process(3, { host: "c" }), network(4), network(5, { host: "b" }), network(6, { host: "c" })],
    [alert([2, 5], ["b"]), alert([3, 6], ["c"])], { options: { limits: { keysPerRule: 2 } }, stats: { evicted: 1, rules: [{ evicted: 1, alerts: 2 }] } });
  one("evict-keys-sample", "The same for a sample; the key that was touched last stays, whatever came first.", rule(BOTH),
    [process(1), process(2, { host: "b" }), process(3), process(4, { host: "c" }), network(5), network(6, { host: "c" })],
    [alert([1, 5]), alert([4, 6], ["c"])], { options: { limits: { keysPerRule: 2 } }, stats: { evicted: 1, rules: [{ evicted: 1, alerts: 2 }] } });
  one("evict-events", "Room for eight events of a key and stage: the oldest is replaced.", rule(BOTH), [...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => process(n)), network(10)], [alert([2, 10])],
    { options: { limits: { eventsPerStage: 8 } }, stats: { evicted: 0, rules: [{ replaced: 1 }] } });
  const ballast = "x".repeat(1000);
  one("evict-bytes", "Room for the bytes of two events: the third takes that of the first.", rule(PAIR),
    [process(1, { ballast }), process(2, { host: "b", ballast }), process(3, { host: "c", ballast }), network(4), network(5, { host: "b" }), network(6, { host: "c" })],
    [alert([2, 5], ["b"]), alert([3, 6], ["c"])], { options: { limits: { stateBytes: 3300 } }, stats: { evicted: 1, rules: [{ evicted: 1 }] } });
  one("evict-waiting", "Room for two events that wait for their turn: the earliest goes on, and what would have come before it is late.", rule(PAIR),
    [process(2), network(6), process(5, { host: "b" }), network(3, { host: "b" }), process(1, { host: "b" })], [alert([2, 6])], { options: { allowedLateness: 60_000, limits: { reorderEvents: 2 } }, stats: { late: 1, rules: [{ late: 1, partials: 1, completed: 1 }] } });
  one("evict-groups", "Room for two groups of alerts: the oldest is forgotten, and its next alert is raised.",
    rule("process where true", { alert_suppression: { group_by: ["host.id"], duration: { value: 1, unit: "h" } } }),
    [process(1), process(2, { host: "b" }), process(3, { host: "c" }), process(4, { host: "c" }), process(5)], [alert([1], [], 0), alert([2], [], 0), alert([3], [], 0), alert([5], [], 0)],
    { options: { limits: { suppressionGroups: 2 } }, stats: { suppressed: 1, rules: [{ suppressionGroups: 2, suppressionForgotten: 2 }] } });
  one("evict-lines", "A line longer than the limit is reported, and the next one is read.", rule("process where true"), [process(1, { ballast }), process(2)], [alert([2], [])],
    { options: { limits: { lineBytes: 500 } }, problems: [1] });
  one("expire-sequence", "What can no longer be completed is forgotten as time passes, without an event of its key.", rule(PAIR), [process(1), process(2, { host: "b" }), advance(300)], [],
    { stats: { evicted: 0, keys: 0, heldEvents: 0, heldBytes: 0, rules: [{ expired: 2, keys: 0, partials: 0 }] } });
  one("expire-sample", "The same for a sample, by its rule's look-back.", rule(BOTH), [process(1), process(2, { host: "b" }), advance(300), network(301)], [],
    { stats: { evicted: 0, keys: 1, heldEvents: 1, rules: [{ expired: 2, partials: 1, completed: 0 }] } });

  // ---- time: lateness, clocks, fields

  const late = [network(5), process(3), network(6)];
  one("late-refused", "Without allowed lateness an event that comes behind a later one is late for sequences, and counted.", rule(PAIR), late, [], { stats: { late: 1, rules: [{ late: 1 }] } });
  one("late-allowed", "With it, events are put in order first.", rule(PAIR), late, [alert([3, 5])], { options: { allowedLateness: 2000 }, stats: { late: 0 } });
  one("late-by-a-millisecond", "Ten seconds may an event be late: to the millisecond, and no more.", rule(PAIR),
    [file(20), process(10), process(9, { host: "b", at: 9.999 }), network(21), network(22, { host: "b" })], [alert([10, 21])], { options: { allowedLateness: 10_000 }, stats: { late: 1 } });
  one("late-by-the-host", "The host says that nothing before second 10 comes any more; what comes all the same is late, whatever is allowed.", rule(PAIR),
    [process(8), advance(10), process(9, { host: "b" }), network(11), network(12, { host: "b" })], [alert([8, 11])], { options: { allowedLateness: 60_000 }, stats: { late: 1 } });
  one("late-for-samples", "Samples need no order: only what lies a whole look-back behind is late.", rule(BOTH),
    [file(100), network(45), process(41), network(101, { host: "b", at: 39.999 })], [alert([41, 45])], { stats: { matched: 3, late: 1, rules: [{ late: 1 }] } });
  one("time-future", "An event that lies an hour ahead of the host's clock does not make the present late.", rule(PAIR),
    [process(1), advance(1), network(3600, { host: "b" }), network(2)], [alert([1, 2])], { options: { maxFuture: 60_000 }, stats: { future: 1, late: 0 } });
  one("time-absent", "Events without a time, or with one that cannot be read, are counted and take no part in sequences; rules of single events see them.",
    [rule(PAIR), rule("file where true", { rule_id: "s", name: "S" })], [process(1, { at: null }), process(2, { at: "yesterday" }), network(3), file(4, { at: null })], [alert([4], [])],
    { stats: { withoutTime: 2, unreadableTime: 1 } });
  one("time-override", "The look-back of a sample goes by timestamp_override, and for events without it by @timestamp.", rule(BOTH, { timestamp_override: "event.ingested" }),
    [process(1, { event: { ingested: iso(600) } }), network(500, { event: { ingested: iso(630) } }), process(501, { host: "b" }), network(502, { host: "b", event: { ingested: iso(700) } })], [alert([1, 500])]);
  one("time-tiebreaker", "Events of the same millisecond stand in the order of the tiebreaker.", rule(PAIR, { tiebreaker_field: "event.sequence" }),
    [network(3, { at: 9 }), process(2, { at: 9 }), network(1, { at: 9 }), file(4, { at: 30 })], [alert([2, 3])], { options: { allowedLateness: 1000 } });

  // ---- alerts that are one with an earlier one, and those that are too many

  const grouped = (more) => ({ alert_suppression: { group_by: ["user.name"], duration: { value: 5, unit: "m" }, ...more } });
  const by = (name) => ({ user: { name } });
  one("suppress-group", "The first alert of a group is raised, those of five minutes are not, and the next one tells how many they were.", rule("process where true", grouped()),
    [process(0, by("ann")), process(1, by("ann")), process(2, by("bob")), process(300, by("ann")), process(301, by("ann")), process(302, by("ann"))],
    [alert([0], [], 0), alert([2], [], 0), alert([301], [], 2)], { stats: { alerts: 3, suppressed: 3, rules: [{ completed: 6, suppressed: 3, suppressionGroups: 2 }] } });
  one("suppress-missing", "Without the field of the group an event is of the group of null.", rule("process where true", grouped()), [process(1), process(2), process(3, by("ann"))], [alert([1], [], 0), alert([3], [], 0)]);
  one("suppress-missing-not", "With doNotSuppress each such event is an alert of its own.", rule("process where true", grouped({ missing_fields_strategy: "doNotSuppress" })), [process(1), process(2), process(3, by("ann")), process(4, by("ann"))],
    [alert([1], []), alert([2], []), alert([3], [], 0)]);
  one("suppress-sequence", "The group of a sequence is what all its events share; without a duration the rule's interval counts.", rule(PAIR, { alert_suppression: { group_by: ["user.name"] } }),
    [process(1, by("ann")), network(2, by("ann")), process(3, { host: "b", ...by("ann") }), network(4, { host: "b", ...by("ann") }), process(5, { host: "c", ...by("ann") }), network(6, { host: "c", ...by("bob") })],
    [alert([1, 2], ["a"], 0), alert([5, 6], ["c"], 0)]);
  one("suppress-not", "It can be switched off.", rule("process where true", grouped()), [process(1), process(2)], [alert([1], []), alert([2], [])], { options: { ignoreSuppression: true } });
  one("max-signals", "Two alerts an interval of event time, where that is wanted; a late event counts in the present interval.", rule("process where true", { max_signals: 2 }),
    [process(1), process(2), process(59), process(60), process(30), process(61)], [alert([1], []), alert([2], []), alert([60], []), alert([30], [])], { options: { maxSignals: true }, stats: { alerts: 4, rules: [{ completed: 6, overMaxSignals: 2 }] } });
  one("max-signals-not", "It is off unless it is asked for.", rule("process where true", { max_signals: 2 }), [process(1), process(2), process(3)], [alert([1], []), alert([2], []), alert([3], [])]);

  // ---- exceptions and filters, as Kibana exports them

  const list = { list_id: "trusted", type: "rule_default" };
  const item = (id, entries, more = {}) => ({ list_id: "trusted", item_id: id, name: id, entries, ...more });
  const entry = (field, type, value, operator = "included") => ({ field, type, operator, ...(value !== undefined && (type === "nested" ? { entries: value } : { value })) });
  const excepted = { exceptions_list: [{ list_id: "trusted" }] };
  one("except-items", "Every kind of entry; of an item all entries must fit, of the list one item.", [
    rule("process where true", excepted), list,
    item("match", [entry("user.name", "match", "backup")]),
    item("any", [entry("process.pid", "match_any", ["7", "8"])]),
    item("wildcard", [entry("process.name", "wildcard", "cache-*")]),
    item("exists", [entry("labels.approved", "exists")]),
    item("nested", [entry("code", "nested", [entry("signer", "match", "us"), entry("trusted", "match", "true")])]),
    item("not", [entry("host.id", "match", "lab"), entry("user.name", "match", "root", "excluded"), entry("labels.seen", "exists", undefined, "excluded")]),
  ], [
    process(1), process(2, by("backup")), process(3, { process: { pid: 7 } }), process(4, { process: { pid: 9, name: "cache-1" } }), process(5, { process: { name: "my-cache-1" } }), process(6, { labels: { approved: false } }),
    process(7, { code: [{ signer: "us", trusted: true }] }), process(8, { code: [{ signer: "them", trusted: true }] }),
    process(9, { host: "lab" }), process(10, { host: "lab", ...by("root") }), process(11, { host: "lab", labels: { seen: 1 } }),
  ], [1, 5, 8, 10, 11].map((n) => alert([n], [])));
  one("except-sequence", "What is excepted is as if it had not come, in every stage, and where nothing may be.", [
    rule("sequence by host.id with maxspan=1m [process where true] ![file where true] [network where true]", excepted), list,
    item("user", [entry("user.name", "match", "backup")]), item("path", [entry("file.path", "wildcard", "/var/cache/*")]),
  ], [process(1), process(2, by("backup")), file(3, { file: { path: "/var/cache/x" } }), network(4, by("backup")), network(5), process(6), file(7, { file: { path: "/etc/x" } }), network(8)], [alert([1, null, 5])], { stats: { rules: [{ refuted: 1 }] } });
  one("except-until", "An item holds for events before it expires; another list's items are none of the rule's business.", [
    rule("process where true", excepted), list, item("move", [entry("host.id", "match", "a")], { expire_time: iso(10) }), { ...item("other", [entry("host.id", "exists")]), list_id: "else" },
  ], [process(9), process(10), process(11, { host: "b" })], [alert([10], []), alert([11], [])]);
  one("except-value-list", "An item that needs a value list, which no export holds, is left out, and the rule runs (with a warning).", [
    rule("process where true", excepted), list, item("list", [{ field: "host.id", type: "list", operator: "included", list: { id: "hosts", type: "keyword" } }]), item("user", [entry("user.name", "match", "backup")]),
  ], [process(1), process(2, by("backup"))], [alert([1], [])]);
  one("filters", "The rule's filters hold in every stage.", rule(PAIR, { filters: [{ meta: { negate: true }, query: { term: { "user.name": "backup" } } }, { meta: {}, query: { exists: { field: "user.name" } } }] }),
    [process(1, by("ann")), process(2, by("backup")), process(3), network(4, by("ann"))], [alert([1, 4])]);

  // ---- routing by index

  const stream = (dataset) => ({ data_stream: { type: "logs", dataset, namespace: "default" } });
  const routed = rule("process where true", { index: ["logs-endpoint.events.*", "-logs-endpoint.events.old*"] });
  const from = [process(1, stream("endpoint.events.process")), process(2, stream("system.auth")), process(3, stream("endpoint.events.old")), process(4), { ...process(5), _index: ".ds-logs-endpoint.events.process-default-2026.11.24-000001" }];
  one("routing", "An event that says where it is from is offered to the rules whose patterns cover it; one that does not say, to all.", routed, from, [1, 4, 5].map((n) => alert([n], [])), { stats: { routedAway: 2 } });
  one("routing-off", "Switched off, all events are offered to all rules.", routed, from, [1, 2, 3, 4, 5].map((n) => alert([n], [])), { options: { routing: "off" }, stats: { routedAway: 0 } });
}
