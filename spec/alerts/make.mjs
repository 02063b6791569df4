// Writes the cases: `node spec/alerts/make.mjs`; with `--check` it writes nothing and fails if a file is not as it would be made. Cases
// that are written by hand, as plain files in a directory of their own, are left alone.
//
// A case is told here in a few lines: a note, the events, and which alerts they must give, thought out by hand:
//
//   one("order-connect-first", "…", [connect(1), socket(2), execve(3)], [alert([3, 2, 1])])
//
// The events are short ECS documents with only what the rule reads, unless the case is about the real form; `expected.ndjson` is not
// written here: it is the engine's (take.mjs), held against `alerts` by check.mjs.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { RUN_HOST, runs } from "../../samples/make/index.mjs";
import { ecs, records } from "../../samples/make/records.mjs";
import { around } from "./around.mjs";

const here = dirname(fileURLToPath(import.meta.url)), root = join(here, "../..");
const RULE = "rules/linux/udp_reverse_shell.toml";
const HOST = "5d7c1f0ae2b84c6d9a3e77b1c0428f61", PID = 4338, PARENT = 4337;
const T0 = Date.parse("2026-11-24T02:33:26.000Z");

// ---- a few words for events

/** A short document. `n` is its event.sequence and, unless `at` (milliseconds) says otherwise, its second. */
function document(n, { at = n * 1000, category, host = HOST, pid = PID, ppid = PARENT, name = "bash", data, ...more }) {
  return {
    "@timestamp": new Date(T0 + at).toISOString(), event: { category, sequence: n },
    host: { ...(host !== undefined && { id: host }), os: { type: "linux" } },
    process: { pid, parent: { pid: ppid }, name }, auditd: { data }, ...more,
  };
}
const execve = (n, more = {}) => document(n, { category: ["process"], data: { syscall: "execve" }, ...more });
const socket = (n, { a0 = "2", a1 = "2", ...more } = {}) => document(n, { category: ["process"], data: { syscall: "socket", a0, a1 }, ...more });
const connect = (n, { ip = "203.0.113.10", direction = "egress", ...more } = {}) =>
  document(n, { category: ["network"], data: { syscall: "connect" }, network: { direction }, destination: { ip, port: 4444 }, ...more });
const triple = (n, more = {}) => [execve(n, more), socket(n + 1, more), connect(n + 2, more)];
const alert = (events, join_keys = [HOST, PID, PARENT]) => ({ join_keys, events });
const without = (value, path) => {
  const copy = structuredClone(value), keys = path.split("."), last = keys.pop();
  delete keys.reduce((at, key) => at[key], copy)[last];
  return copy;
};

// ---- the cases

const cases = new Map();
const ndjson = (events) => events.map((event) => (typeof event === "string" ? event : JSON.stringify(event)) + "\n").join("");

/** A case with its own input: documents (or lines of text) in the order they come. */
function one(name, note, events, alerts, more = {}) {
  const { text = ndjson(events), file = "input.ndjson", beside = {}, ...rest } = more;
  add(name, { note, rules: [RULE], options: { format: "ecs" }, input: `spec/alerts/${name}/${file}`, alerts, ...rest }, { ...beside, [file]: text });
}
/** A case that reads a sample. */
const sample = (name, note, input, alerts, more = {}) => add(name, { note, rules: [RULE], input, alerts, ...more }, {});
function add(name, body, files) {
  if (cases.has(name)) throw new Error(`two cases are named ${name}`);
  cases.set(name, { body, files });
}

// the real runs, as ECS and as records
for (const run of runs()) {
  // Of a key's events the earliest that fits a stage serves it; there is one of each in these runs but for nc, which opens two.
  const fits = { execve: (e) => e.execve && named(e), socket: (e) => e.socket?.[0] === "2" && ["2", "802"].includes(e.socket[1]) && named(e), connect: (e) => Array.isArray(e.to) && !["127.0.0.1"].includes(e.to[0]) && named(e) };
  const named = (e) => /^(bash|sh|perl|python.*|nc|ncat|php.*|ruby|telnet|lua.*|socat)$/.test(e.comm);
  const alerts = run.keys.map(([pid, ppid]) => ({
    join_keys: [RUN_HOST.id, pid, ppid],
    events: Object.values(fits).map((fit) => run.events.find((e) => e.pid === pid && e.ppid === ppid && fit(e)).serial),
  }));
  sample(`run-${run.name}-ecs`, run.story, `samples/runs/${run.name}.ndjson`, alerts, { options: { format: "ecs" } });
  sample(`run-${run.name}-raw`, run.story, `samples/runs/${run.name}.log`, alerts, { options: { format: "auditd", host: RUN_HOST } });
}

// order and identity of events
for (const [n, order] of ["execve-socket-connect", "execve-connect-socket", "socket-execve-connect", "socket-connect-execve", "connect-execve-socket", "connect-socket-execve"].entries()) {
  const made = { execve, socket, connect }, parts = order.split("-");
  one(`order-${order}`, "A sample has no order: three events of one process alert in each of the six.", parts.map((part, k) => made[part](k + 1)),
    [alert(["execve", "socket", "connect"].map((part) => parts.indexOf(part) + 1))], n ? { chunk_sizes: [1, 61] } : {});
}
one("late-arrival", "Events that come in another order than they happened: the window is of event time, whichever is read first.",
  [connect(1, { at: 120_000 }), execve(2, { at: 0 }), socket(3, { at: 60_000 })], [alert([2, 3, 1])]);
const both = (n) => document(n, { category: ["process"], data: { syscall: ["execve", "socket"], a0: "2", a1: "2" } });
one("one-event-two-stages", "An event that fits two stages serves one of them: with connect that makes two events, and three are needed.", [both(1), connect(2)], []);
one("two-events-two-stages", "Two events that each fit both stages are a pair, whichever serves which.", [both(1), connect(2), both(3)], [alert([1, 3, 2])]);
one("only-two", "Executed and opened, never connected.", [execve(1), socket(2), socket(3), execve(4)], []);

// one alert a set of events
one("long-lived", "A process that goes on sending raises one alert: its execve has served, and no other came.",
  [execve(1), ...Array.from({ length: 20 }, (_, n) => [socket(2 + 2 * n), connect(3 + 2 * n)]).flat()], [alert([1, 2, 3])]);
one("again", "The same process executes again and connects again: events of its own, an alert of its own.", [...triple(1), ...triple(11)], [alert([1, 2, 3]), alert([11, 12, 13])]);
one("reused-pid", "The process id comes back an hour later with another parent: another key, and another alert.",
  [...triple(1), ...triple(3601, { ppid: 9001 })], [alert([1, 2, 3]), alert([3601, 3602, 3603], [HOST, PID, 9001])]);

// the look-back: from now-9m
one("look-back-inside", "First and last event lie nine minutes apart, to the millisecond: inside.",
  [execve(1, { at: 0 }), socket(2, { at: 300_000 }), connect(3, { at: 540_000 })], [alert([1, 2, 3])]);
one("look-back-outside", "One millisecond more, and the first event is out of sight when the last comes.",
  [execve(1, { at: 0 }), socket(2, { at: 300_000 }), connect(3, { at: 540_001 })], []);
one("look-back-moves", "The first execve has gone by when connect comes; the second one serves.",
  [execve(1, { at: 0 }), execve(2, { at: 60_000 }), socket(3, { at: 300_000 }), connect(4, { at: 560_000 })], [alert([2, 3, 4])]);

// join keys
one("keys-typed", "Text is not a number: of three events of one process one writes its pid as text, and they do not meet.",
  [execve(1), socket(2, { pid: String(PID) }), connect(3)], []);
one("keys-text", "Where all three write it as text they meet, and the alert keeps the text.", triple(1, { pid: String(PID) }), [alert([1, 2, 3], [HOST, String(PID), PARENT])]);
one("keys-both-types", "A process that is known by number and one by text, their events between each other: two keys.",
  [execve(1), execve(2, { pid: String(PID) }), socket(3, { pid: String(PID) }), socket(4), connect(5), connect(6, { pid: String(PID) })],
  [alert([1, 4, 5]), alert([2, 3, 6], [HOST, String(PID), PARENT])]);
one("keys-missing", "Without host.id there is no key, whether it is absent, null or an empty list; absent from one event is enough.",
  [...triple(1).map((e) => without(e, "host.id")), ...triple(11, { host: null }), ...triple(21, { host: [] }), execve(31), socket(32), without(connect(33), "host.id")], []);
one("keys-parent", "The process was handed to another parent between its calls (its own had gone): another key, no alert. A known weakness of the rule.",
  [execve(1), socket(2), connect(3, { ppid: 1 })], []);
one("hosts-same-pid", "Three hosts, the same pid and parent, all events between each other: the two hosts with all three events alert.",
  [execve(1), execve(2, { host: "b" }), execve(3, { host: "c" }), socket(4, { host: "b" }), socket(5), socket(6, { host: "c" }), connect(7), connect(8, { host: "b" })],
  [alert([1, 5, 7]), alert([2, 4, 8], ["b", PID, PARENT])]);

// what the stages ask for
const each = (values, make) => values.flatMap((value, n) => make(10 * n + 1, value, 5000 + n));
one("names-any-case", "process.name is compared without case.", each(["BASH", "Socat", "PERL", "Python3"], (n, name, pid) => triple(n, { name, pid })),
  [0, 1, 2, 3].map((n) => alert([10 * n + 1, 10 * n + 2, 10 * n + 3], [HOST, 5000 + n, PARENT])));
const NAMES = ["bash", "dash", "sh", "tcsh", "csh", "zsh", "ksh", "fish", "perl", "python", "python3.11", "nc", "ncat", "netcat", "php", "php8.2", "ruby", "openssl", "awk", "telnet", "lua", "lua5.4", "socat"];
one("names-all", "Every name of the rule, those with a wildcard with and without a version.", each(NAMES, (n, name, pid) => triple(n, { name, pid })),
  NAMES.map((_, n) => alert([10 * n + 1, 10 * n + 2, 10 * n + 3], [HOST, 5000 + n, PARENT])), { chunk_sizes: [7, 4096] });
one("names-others", "Names that only look like them: a wildcard stands where it is written, a full stop is a full stop, and a name is compared whole.",
  each(["bash2", "rbash", "ipython3", "nc.openbsd", "mawk", "xlua", "perl5.36", "ruby3.1", "node", "", "/usr/bin/bash"], (n, name, pid) => triple(n, { name, pid })), []);
one("socket-types", "Type 2 and 802 count. With CLOEXEC (80002, 80802), over TCP (1, 801), over IPv6 (a0 = a), local (a0 = 1), in decimal (2050) or as a wider number they do not.",
  each([["2", "2"], ["2", "802"], ["2", "80002"], ["2", "80802"], ["2", "1"], ["2", "801"], ["a", "2"], ["1", "2"], ["2", "2050"], ["02", "2"], ["2", "22"]], (n, [a0, a1], pid) => [execve(n, { pid }), socket(n + 1, { a0, a1, pid }), connect(n + 2, { pid })]),
  [alert([1, 2, 3], [HOST, 5000, PARENT]), alert([11, 12, 13], [HOST, 5001, PARENT])]);
one("destination-loopback", "127.0.0.1, 127.0.0.53 and ::1 do not count; 127.0.0.2 is none of the three, and version 5 names addresses, not networks.",
  each(["127.0.0.1", "127.0.0.53", "::1", "127.0.0.2", "2001:db8::10"], (n, ip, pid) => [execve(n, { pid }), socket(n + 1, { pid }), connect(n + 2, { ip, pid })]),
  [alert([31, 32, 33], [HOST, 5003, PARENT]), alert([41, 42, 43], [HOST, 5004, PARENT])]);
one("destination-list", "A list of addresses: any element counts. One loopback address in it is enough to leave the event out; two outside ones are one event.",
  each([["127.0.0.1", "203.0.113.10"], ["203.0.113.10", "198.51.100.23"], [], [null]], (n, ip, pid) => [execve(n, { pid }), socket(n + 1, { pid }), connect(n + 2, { ip, pid })]),
  [alert([11, 12, 13], [HOST, 5001, PARENT])]);
one("destination-absent", "A connect to a local socket has a path and no address; null is as good as absent.",
  [execve(1), socket(2), { ...connect(3), destination: { path: "/dev/log" } }, connect(4, { ip: null }), without(connect(5), "destination")], []);
one("direction", "Only egress: the words of older versions, ingress and none at all do not count.",
  each(["ingress", "outbound", "outgoing", null], (n, direction, pid) => [execve(n, { pid }), socket(n + 1, { pid }), connect(n + 2, { direction, pid })]), []);
one("other-systems", "Another operating system, or none named.", [
  ...triple(1).map((e) => ({ ...e, host: { id: HOST, os: { type: "windows" } } })), ...triple(11).map((e) => ({ ...e, host: { id: HOST } })), ...triple(21).map((e) => ({ ...e, host: { id: HOST, os: { type: "Linux" } } })),
], []);
one("category-text", "event.category as text instead of a list.", triple(1).map((e) => ({ ...e, event: { ...e.event, category: e.event.category[0] } })), [alert([1, 2, 3])]);
one("category-several", "event.category with more than one value: any of them counts.", triple(1).map((e) => ({ ...e, event: { ...e.event, category: ["host", ...e.event.category] } })), [alert([1, 2, 3])]);
one("category-wrong", "The right fields under another category, or under none.",
  [execve(1, { category: ["network"] }), socket(2), connect(3), ...triple(11, { pid: 5000 }).map((e) => without(e, "event.category")), connect(21, { pid: 5001, category: ["process"] }), execve(22, { pid: 5001 }), socket(23, { pid: 5001 })], []);

// forms of documents
const dotted = (value, path = "", out = {}) => {
  for (const [key, inner] of Object.entries(value)) {
    if (inner && typeof inner === "object" && !Array.isArray(inner)) dotted(inner, `${path}${key}.`, out);
    else out[path + key] = inner;
  }
  return out;
};
one("dotted-keys", "Fields as dotted keys, nested, and half and half: the same fields.", [
  dotted(execve(1)), socket(2), { "@timestamp": connect(3)["@timestamp"], "event.category": "network", "event.sequence": 3, host: { "os.type": "linux", id: HOST }, "process.name": "bash", process: { pid: PID, "parent.pid": PARENT }, auditd: { "data.syscall": "connect" }, "network.direction": "egress", destination: { ip: "203.0.113.10" } },
], [alert([1, 2, 3])]);
one("escapes", "Keys and values with JSON escapes are the same keys and values.", triple(1).map((e) => JSON.stringify(e).replace('"bash"', '"b\\u0061sh"').replace('"category"', '"c\\u0061tegory"').replace("egress", "\\u0065gress")), [alert([1, 2, 3])]);
one("noise-between", "Events of other kinds, with odd and deep values, between the three.", [
  execve(1), { "@timestamp": new Date(T0).toISOString(), message: "hello \u{1f600}", labels: { a: [[[{}]]], b: null, c: 1e300 } }, socket(2),
  { "@timestamp": new Date(T0 + 500).toISOString(), event: { category: ["authentication"] }, user: { name: "mara" } }, connect(3),
], [alert([1, 2, 3])]);
one("last-line-open", "The last line has no line end.", [], [alert([1, 2, 3])], { text: ndjson(triple(1)).trimEnd() });
one("line-ends", "Windows line ends, blank lines and blanks around documents.", [], [alert([1, 2, 3])], { text: "\r\n" + triple(1).map((e) => `  ${JSON.stringify(e)}\t\r\n\r\n`).join("") });
one("json-array", "A JSON array of documents instead of lines.", [], [alert([1, 2, 3])], { text: JSON.stringify(triple(1)), file: "input.json" });
one("json-array-pretty", "The same as a person would lay it out, over many lines.", [], [alert([1, 2, 3])], { text: JSON.stringify(triple(1), null, 2) + "\n", file: "input.json" });
one("json-array-empty", "An empty array.", [], [], { text: "[ ]\n", file: "input.json" });
one("empty", "Nothing at all.", [], [], { text: "" });
const action = (kind, id) => JSON.stringify({ [kind]: { _index: "logs-auditd_manager.auditd-default", ...(id && { _id: id }) } });
one("bulk", "The body of an Elasticsearch _bulk request: index and create lines say what follows, delete has nothing after it.", [
  action("create"), execve(1), action("delete", "x1"), action("index", "x2"), socket(2), action("create"), connect(3),
], [alert([1, 2, 3])]);

// trouble
sample("trouble-ecs", "A cut document, rubbish, JSON that is no document, blank lines, both kinds of line ends: the three events are found, each bad line is told of.",
  "samples/trouble.ndjson", [{ join_keys: [RUN_HOST.id, 4338, 4337], events: [1111, 1109, 1110] }], { options: { format: "ecs" }, problems: [2, 5, 6] });
sample("trouble-raw", "A first line torn by rotation, one torn in the middle, rubbish, Windows line ends.",
  "samples/trouble.raw.log", [{ join_keys: [RUN_HOST.id, 4338, 4337], events: [1111, 1109, 1110] }], { options: { format: "auditd", host: RUN_HOST }, problems: [1, 8, 9] });

// raw records
const attack = runs().find((run) => run.name === "socat-udp").events.slice(0, 3), key = [4550, 4549], serials = [1283, 1284, 1285];
const log = (lines, more) => ({ text: lines.join("\n") + "\n", file: "input.log", options: { format: "auditd", host: RUN_HOST }, ...more });
one("raw-interleaved", "The records of three events dealt out like cards, in turn: they are put together by time and serial.", [], [alert(serials, [RUN_HOST.id, ...key])],
  log([0, 1, 2, 3].flatMap((n) => attack.map((event) => records(event, { end: "both" })[n]).filter(Boolean))));
one("raw-no-end", "Events whose end no record tells (no EOE, no PROCTITLE) are closed by what follows or by the end of the input.", [], [alert(serials, [RUN_HOST.id, ...key])],
  log(attack.flatMap((event) => records({ ...event, title: undefined }))));
for (const arch of ["i386", "aarch64"]) {
  one(`raw-${arch}`, `The same calls on ${arch}, under the numbers they have there.`, [], [alert(serials, [RUN_HOST.id, ...key])],
    log(attack.flatMap((event) => records({ ...event, host: { ...RUN_HOST, arch } }, { end: "both" }))));
}
one("raw-nodes", "Two hosts in one log, the same serials, times and pids: node= keeps them apart and stands in for host.id. db-01 never connects.", [], [alert(serials, ["web-01", ...key])],
  log(attack.flatMap((event, n) => ["web-01", "db-01"].filter((name) => n < 2 || name === "web-01").flatMap((name) => records({ ...event, host: { name } }, { node: true, end: "both" }))), { options: { format: "auditd" } }));
one("raw-no-host", "A log without node=, and no host given: host.id is unknown, and the rule joins by it. No alert.", [], [],
  log(attack.flatMap((event) => records(event, { end: "both" })), { options: { format: "auditd" } }));
one("raw-told-by-first-byte", "Without a format the first byte tells: audit records.", [], [alert(serials, [RUN_HOST.id, ...key])],
  log(attack.flatMap((event) => records(event, { end: "both" })), { options: { host: RUN_HOST } }));
one("raw-enriched", "ENRICHED records: what is behind 0x1d are names, and the fields are those of RAW.", [], [alert(serials, [RUN_HOST.id, ...key])],
  log(attack.flatMap((event) => records(event, { enriched: true, end: "both" }))));
one("raw-same-serial", "A serial that comes again after a restart of the host is another event: the connect has the serial of the socket, and another time.", [], [alert([1283, 1284, 1284], [RUN_HOST.id, ...key])],
  log(attack.map((event, n) => (n === 2 ? { ...event, at: "2026-11-24T02:33:39.495Z", serial: 1284 } : event)).flatMap((event) => records(event, { end: "both" }))));
one("raw-ipv6", "A destination over IPv6.", [], [alert(serials, [RUN_HOST.id, ...key])],
  log(attack.map((event) => (event.to ? { ...event, to: ["2001:db8::10", 4444] } : event)).flatMap((event) => records(event, { end: "both" }))));

// the rule that ties socket and connect by the descriptor
const SOCKET_RULE = { rules: ["rules/linux/udp_reverse_shell_socket.toml"] };
// The process of each run that connects a datagram socket of its own to an address outside, and is named like a shell: the ten attacks,
// StatsD by nc, and a Python program that sends to a port like any.
const CONNECTED = { "bash-devudp": 4338, "bash-devudp-direct": 4376, "lua-udp": 4614, "nc-traditional-e": 4410, "ncat-udp-e": 4527, "perl-io-socket": 4382, "perl-raw-socket": 4388, "php-socket": 4638, "ruby-udp": 4621, "socat-udp": 4550, "nc-udp-statsd": 4740, "python3-ipv6-udp": 4696 };
for (const run of runs()) {
  const pid = CONNECTED[run.name], mine = run.events.filter((e) => e.pid === pid);
  const to = mine.find((e) => Array.isArray(e.to)), opened = to && mine.findLast((e) => e.socket && e.exit === to.connect && e.serial < to.serial);
  sample(`run-${run.name}-socket`, `The rule by descriptors on: ${run.story}`, `samples/runs/${run.name}.log`, to ? [alert([opened.serial, to.serial], [RUN_HOST.id, pid, to.connect])] : [], { options: { format: "auditd", host: RUN_HOST }, ...SOCKET_RULE });
}
const perl = { comm: "perl", exe: "/usr/bin/perl", ppid: PARENT, host: RUN_HOST, user: { uid: 0, auid: 1000, tty: "pts0", ses: 3 } };
const at = (seconds) => new Date(T0 + 1000 * seconds).toISOString();
const opens = (serial, pid, socket, exit = 3, more = {}) => ({ ...perl, at: at(serial), serial, pid, socket, exit, ...more });
const connects = (serial, pid, connect = 3, to = ["203.0.113.10", 4444], more = {}) => ({ ...perl, at: at(serial), serial, pid, connect, to, exit: 0, ...more });
const tied = (name, note, events, alerts, more = {}) => one(`socket-${name}`, note, [], alerts, log(events.flatMap((event) => records(event, { end: "both" })), { ...SOCKET_RULE, ...more }));
const pairs = (values, make) => values.flatMap((value, n) => make(10 * n + 1, value, 5000 + n));
tied("flags", "A datagram socket is one with any flags: plain, non-blocking, close-on-exec, both; over IPv4 and IPv6. Streams, raw and local sockets are none.",
  pairs([["2", "2"], ["2", "802"], ["2", "80002"], ["2", "80802"], ["a", "2"], ["a", "80802"], ["2", "1"], ["2", "80801"], ["2", "80003"], ["1", "80002"]], (n, [a0, a1], pid) => [opens(n, pid, [a0, a1, "0"]), connects(n + 1, pid, 3, a0 === "a" ? ["2001:db8::10", 4444] : undefined)]),
  [0, 1, 2, 3, 4, 5].map((n) => alert([10 * n + 1, 10 * n + 2], [RUN_HOST.id, 5000 + n, 3])));
tied("descriptors", "Two sockets of one process: the datagram socket is 3, and it is 4, a stream, that is connected.", [opens(1, PID, ["2", "80002", "0"]), opens(2, PID, ["2", "80001", "0"], 4), connects(3, PID, 4)], []);
tied("descriptor-ten", "What socket returned is decimal in the record and what connect is given hexadecimal: 18 is 12.", [opens(1, PID, ["2", "80002", "0"], 18), connects(2, PID, 18)], [alert([1, 2], [RUN_HOST.id, PID, 18])]);
tied("reused", "The descriptor of a look-up goes to a TCP socket, whose connect is none of the rule's business.",
  [opens(1, PID, ["2", "80802", "0"]), connects(2, PID, 3, ["10.99.0.53", 53]), opens(3, PID, ["2", "80001", "6"]), connects(4, PID)], []);
tied("reused-again", "The descriptor goes from a look-up to the socket of the shell: the last socket counts.",
  [opens(1, PID, ["2", "80802", "0"]), connects(2, PID, 3, ["10.99.0.53", 53]), opens(3, PID, ["2", "80002", "0"]), connects(4, PID)], [alert([3, 4], [RUN_HOST.id, PID, 3])]);
tied("look-ups", "Look-ups: DNS, mDNS, and what glibc does to put the addresses of a name in order, without a port or with that of the web.",
  pairs([53, 5353, 0, 80, 443], (n, port, pid) => [opens(n, pid, ["2", "80002", "0"]), connects(n + 1, pid, 3, ["198.51.100.7", port])]), []);
tied("own-host", "Its own host, the unspecified address, broadcast, multicast.",
  pairs(["127.0.0.1", "127.0.0.53", "127.8.9.10", "0.0.0.0", "255.255.255.255", "239.1.2.3"], (n, ip, pid) => [opens(n, pid, ["2", "80002", "0"]), connects(n + 1, pid, 3, [ip, 4444])]), []);
tied("maxspan", "Connected a minute after it was opened: still. A second later: too late, since the descriptor may be another's by then.",
  [opens(1, 5000, ["2", "2", "11"]), connects(61, 5000), opens(101, 5001, ["2", "2", "11"]), connects(162, 5001)], [alert([1, 61], [RUN_HOST.id, 5000, 3])]);
tied("failed", "A socket that could not be opened has no descriptor, and -97 is none.", [opens(1, PID, ["a", "2", "0"], -97), connects(2, PID)], []);
tied("child", "The parent opened the socket, the child connects it: two processes. A known weakness of the rule.", [opens(1, PARENT, ["2", "2", "11"]), connects(2, PID)], []);
tied("names", "Programs that are no shell, interpreter or network tool.", [opens(1, PID, ["2", "2", "11"], 3, { comm: "chronyd" }), connects(2, PID, 3, undefined, { comm: "chronyd" })], []);

// the story
const told = (node) => {
  const id = (name, hex) => (node ? name : hex), W = id("web-01", "5d7c1f0ae2b84c6d9a3e77b1c0428f61"), D = id("db-01", "0b9e64d27fca4b1e8d5523f6a7109cce"), E = id("edge-01", "91f3b6527ae04d7cbd1c4a0e6f2588b4");
  return [
    { join_keys: [W, 4338, 4337], events: [41892, 41890, 41891] }, { join_keys: [E, 4740, 4738], events: storyOf(E, 4740) }, { join_keys: [D, 4550, 4548], events: storyOf(D, 4550) },
    { join_keys: [D, 5120, 1], events: storyOf(D, 5120) }, { join_keys: [E, 4614, 731], events: storyOf(E, 4614) },
  ];
};
/** The serials of a process of the story: its last execve, its first UDP socket, its first connect to an address. */
function storyOf(host, pid) {
  const mine = readFileSync(join(root, "samples/udp-shell.ndjson"), "utf8").trim().split("\n").map((line) => JSON.parse(line)).filter((e) => e.process.pid === pid && (e.host.id === host || e.host.name === host));
  const find = (fit) => mine.find(fit).event.sequence;
  return [find((e) => e.auditd.data.syscall === "execve"), find((e) => e.auditd.data.syscall === "socket" && e.auditd.data.a0 === "2"), find((e) => e.destination?.ip)];
}
const big = { chunk_sizes: [7, 4096, 65536] };
sample("story-raw", "The story of samples/README.md: five alerts from four hosts, and seven scenes that look alike and raise none.", "samples/udp-shell.raw.log", told(true), { ...big, options: { format: "auditd" } });
sample("story-enriched", "The same log with names: the same alerts.", "samples/udp-shell.enriched.log", told(true), { ...big, options: { format: "auditd" } });
sample("story-ecs", "The same events as Auditd Manager sends them: the same alerts, under the hosts' ids.", "samples/udp-shell.ndjson", told(false), { ...big, options: { format: "ecs" } });

// saved and gone on with: in the middle of a record, of the records of an event
for (const [name, at] of [["record", 700], ["event", 1230]]) {
  sample(`restart-${name}`, `The log of a reverse shell, saved in the middle of ${name === "event" ? "the records of an event" : "a record"}.`, "samples/runs/socat-udp.log", [alert(serials, [RUN_HOST.id, ...key])],
    { options: { format: "auditd", host: RUN_HOST }, steps: [{ at, snapshot: "snapshot.bin" }] });
}

// what surrounds a query
around(add);

// the README
const blocks = [...readFileSync(join(root, "README.md"), "utf8").matchAll(/^```(\w*)\n([^]*?)^```$/gm)], block = (fits) => blocks.find(([, language, text]) => fits(language, text))[2];
one("readme", "The example of the README: its rule, its five records, its alert.", [], [alert([1283, 1284, 1285], ["web-01", 4550])],
  log([], { rules: ["spec/alerts/readme/shell.toml"], beside: { "shell.toml": block((language) => language === "toml") }, text: block((_, text) => text.startsWith("type=SYSCALL")), options: { format: "auditd", host: { id: "web-01" } } }));

// ---- writing

/** case.json laid out for reading: one key a line. */
const layOut = (body) => `{\n${["note", "rules", "options", "input", "chunk_sizes", "steps", "alerts", "problems", "stats"].filter((key) => key in body).map((key) =>
  key === "alerts" && body.alerts.length > 1 ? `  "alerts": [\n${body.alerts.map((a) => "    " + JSON.stringify(a)).join(",\n")}\n  ]` : `  ${JSON.stringify(key)}: ${JSON.stringify(body[key])}`).join(",\n")}\n}\n`;

const check = process.argv.includes("--check"), stale = [];
for (const [name, { body, files }] of cases) {
  const folder = join(here, name), made = [["case.json", layOut(body)], ...Object.entries(files)];
  if (!check) mkdirSync(folder, { recursive: true });
  for (const [leaf, bytes] of made) {
    const path = join(folder, leaf);
    if (!check) writeFileSync(path, bytes);
    else if (!existsSync(path) || readFileSync(path, "utf8") !== bytes) stale.push(`${name}/${leaf}`);
  }
}
if (stale.length) {
  console.error(`spec/alerts: not as make.mjs writes them: ${stale.join(", ")}; run node spec/alerts/make.mjs`);
  process.exitCode = 1;
}
