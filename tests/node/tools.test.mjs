// What the npm package has beside the correlator: search, check, audit logs as documents, doctor.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { AuditReader, Search, check, doctor, init, parseAuditLog, search } from "eqlite";

const sample = (name) => readFileSync(new URL(`../../samples/${name}`, import.meta.url));
const event = (pid, more = {}) => ({ "@timestamp": `2026-01-01T00:00:0${pid}.000Z`, event: { category: "process" }, process: { pid }, ...more });
const mapping = {
  properties: { "@timestamp": { type: "date" }, event: { properties: { category: { type: "keyword" } } }, process: { properties: { pid: { type: "long" } } } },
};

/** What `action` throws. */
const thrown = (action) => {
  try {
    action();
  } catch (error) {
    return error;
  }
  assert.fail("nothing was thrown");
};
const ids = (response) => response.hits.events.map((hit) => `${hit._index}/${hit._id}`);

test("before init, each says what to do", () => {
  for (const action of [() => search("any where true", []), () => new Search(), () => check("x"), () => parseAuditLog(""), () => new AuditReader(), () => doctor("")]) {
    assert.equal(thrown(action).code, "init");
  }
});

test("a search takes data in every form", async () => {
  await init();
  const documents = [event(1), event(2)], lines = documents.map((document) => JSON.stringify(document)).join("\n");
  for (const data of [documents, lines, JSON.stringify(documents), new TextEncoder().encode(lines), new TextEncoder().encode(lines).buffer, [{ data: documents }], [{ data: lines, mapping, name: "data" }]]) {
    const response = search("process where process.pid == 2", data);
    assert.deepEqual(ids(response), ["data/1"]);
    assert.deepEqual(response.hits.total, { value: 1, relation: "eq" });
    assert.deepEqual(response.hits.events[0]._source, documents[1]);
    assert.equal(response.problems, undefined);
  }
  assert.deepEqual(ids(search("any where true", [])), []);
  assert.deepEqual(ids(search("any where data == \"x\"", [{ data: "x" , "@timestamp": 1 }])), ["data/0"], "a document with a field named data is one");
});

test("several sources are several indices", () => {
  const sources = [{ data: [event(1), event(3)], mapping, name: "a" }, { data: [event(2)], mapping: JSON.stringify(mapping) }];
  assert.deepEqual(ids(search("any where true", sources)), ["a/0", "data-1/0", "a/1"]);
  assert.deepEqual(ids(search("any where true", sources, { size: 1, resultPosition: "head" })), ["a/0"]);
  const { sequences } = search("sequence with maxspan=1s [any where process.pid == 1] ![any where process.pid == 7] [any where process.pid == 2]", sources).hits;
  assert.deepEqual(sequences[0].events.map((hit) => hit.missing ?? hit._source.process.pid), [1, true, 2]);
  const { hits } = search("sample by event.category [any where process.pid == 3] [any where process.pid == 2]", sources);
  assert.deepEqual(hits.sequences[0].join_keys, ["process"]);
});

test("now is the present unless it is said", () => {
  const query = 'any where @timestamp > "now-1d"', data = [{ data: [event(1)], mapping }];
  assert.deepEqual(ids(search(query, data)), []);
  for (const now of [new Date("2026-01-01T01:00:00Z"), Date.parse("2026-01-01T01:00:00Z")]) assert.deepEqual(ids(search(query, data, { now })), ["data/0"]);
});

test("what is wrong with a search is thrown with its place", () => {
  const refused = thrown(() => search("any where process.pit == 1", [{ data: [], mapping }]));
  assert.deepEqual([refused.name, refused.code, refused.diagnostics.length], ["EqliteError", "query", 1]);
  const [finding] = refused.diagnostics;
  assert.deepEqual([finding.within, finding.line, finding.column], ["query", 1, 11]);
  assert.match(finding.help, /process\.pid/);
  assert.match(finding.rendered, /\^\^\^/);
  assert.equal(thrown(() => search("any where true", [], { sise: 1 })).code, "options");
  assert.equal(thrown(() => search("any where true", [{ data: "", mapping: {} }])).code, "mapping");
  assert.equal(thrown(() => search("any where number(event.category) == 1", [event(1)])).code, "eval");
  for (const none of [undefined, 4, {}]) assert.equal(thrown(() => search("any where true", none)).code, "type");
  const round = {};
  round.round = round;
  assert.equal(thrown(() => search("any where true", [round])).code, "data");
  const { problems } = search("any where true", `${JSON.stringify(event(1))}\nrubbish\n`, { format: "ecs" });
  assert.deepEqual(problems.map(({ code, line }) => [code, line]), [["I001", 2]]);
});

test("a search in pieces, asked twice", () => {
  using_(new Search({ host: { id: "web-1" } }), (pieces) => {
    pieces.add("log");
    const log = sample("runs/socat-udp.log");
    for (let at = 0; at < log.length; at += 100) pieces.feed(log.subarray(at, at + 100));
    const found = (action) => pieces.run(`any where host.id == "web-1" and event.action == "${action}" and process.name == "socat"`).hits.total.value;
    assert.deepEqual(["executed", "connected-to", "bound-socket"].map(found), [1, 1, 0]);
    assert.deepEqual(pieces.drainProblems(), []);
  });
});

test("text may be cut inside a character", () => {
  const line = JSON.stringify(event(1, { user: { name: "😀" } })), cut = line.indexOf("😀") + 1;
  const query = 'any where user.name == "😀"', lone = 'any where user.name == "\ufffd"';
  using_(new Search(), (pieces) => {
    for (const piece of [line.slice(0, cut), line.slice(cut)]) pieces.feed(piece);
    assert.deepEqual(ids(pieces.run(query)), ["data/0"]);
    pieces.add("next");
    pieces.feed(line.slice(0, cut));
    pieces.feed(new TextEncoder().encode(line.slice(cut + 1)));
    assert.deepEqual(ids(pieces.run(lone)), ["next/0"]);
    pieces.add("last");
    pieces.feed(line.slice(0, cut));
    assert.deepEqual(ids(pieces.run(query)), ["data/0"]);
  });
  assert.deepEqual(ids(search(lone, line.slice(0, cut) + line.slice(cut + 1))), ["data/0"]);
  const record = 'type=USER_LOGIN msg=audit(1.000:1): pid=1 uid=0 auid=0 ses=1 msg=\'op=login acct="😀" res=success\'', at = record.indexOf("😀") + 1;
  using_(new AuditReader(), (reader) => {
    for (const piece of [record.slice(0, at), record.slice(at)]) reader.feed(piece);
    reader.finish();
    assert.deepEqual(reader.drain(), parseAuditLog(record));
  });
});

test("rules are checked", () => {
  const rule = (query, more = {}) => ({ rule_id: "r", name: "R", type: "eql", query, ...more });
  const [good, bad, other, ...none] = check([rule("any where process.nam == 1"), { file: "bad.json", text: JSON.stringify(rule("any wher true")) }, rule("x", { type: "esql" })]);
  assert.equal(none.length, 0);
  assert.deepEqual(good, { file: null, rule_id: "r", name: "R", type: "eql", status: "ok", diagnostics: [] });
  assert.deepEqual([bad.file, bad.status, bad.diagnostics[0].line, other.status], ["bad.json", "error", 1, "unsupported"]);
  for (const schema of ["ecs", mapping, JSON.stringify(mapping)]) assert.equal(check(rule("process where process.pit == 1"), { schema })[0].status, "error");
  assert.equal(check(rule("process where process.pid == 1"), { schema: "ecs" })[0].status, "ok");
  assert.equal(check(readFileSync(new URL("../../rules/linux/udp_reverse_shell_socket.toml", import.meta.url), "utf8"))[0].status, "ok");
  assert.equal(thrown(() => check([], { schema: "exs" })).code, "mapping");
  assert.equal(thrown(() => check([], { scheme: "ecs" })).code, "options");
});

test("an audit log becomes documents, at once and in pieces", () => {
  const log = sample("runs/socat-udp.log"), options = { profile: "auditd-manager", host: { id: "h", name: "web" } };
  const documents = parseAuditLog(log, options);
  const connected = documents.find((document) => document.event.action === "connected-to" && document.destination?.ip);
  assert.deepEqual([connected.destination, connected.host.id, connected.eqlite.socket.fd], [{ ip: "203.0.113.10", port: 4444 }, "h", 6]);
  assert.deepEqual(parseAuditLog(log.toString(), options), documents);
  using_(new AuditReader(options), (reader) => {
    const drained = [];
    for (let at = 0; at < log.length; at += 50) {
      reader.feed(log.subarray(at, at + 50));
      drained.push(...reader.drain());
    }
    reader.finish();
    drained.push(...reader.drainLines().split("\n").filter(Boolean).map((line) => JSON.parse(line)));
    assert.deepEqual(drained, documents);
    reader.feed("rubbish\n");
    assert.equal(reader.drainProblems().length, 1);
    assert.deepEqual([reader.stats().events, reader.stats().malformed], [documents.length, 1]);
  });
  assert.equal(parseAuditLog(log, { compat: "go-libaudit" })[0].eqlite, undefined);
  assert.deepEqual(parseAuditLog(""), []);
  assert.equal(thrown(() => parseAuditLog("", { profile: "filebeat" })).code, "options");
  assert.equal(thrown(() => parseAuditLog({})).code, "type");
});

test("each log of spec/auditd gives its documents", () => {
  const folder = new URL("../../spec/auditd/", import.meta.url);
  const read = (name) => readFileSync(new URL(name, folder), "utf8");
  const names = readdirSync(folder).filter((name) => name.endsWith(".log")).map((name) => name.slice(0, -4));
  assert.ok(names.length >= 10);
  for (const name of names) {
    const given = readdirSync(folder).includes(`${name}.options.json`) ? JSON.parse(read(`${name}.options.json`)) : {};
    const options = { host: { id: given.host_id, name: given.host_name }, profile: given.profile, compat: given.compat, includeRaw: given.include_raw, includeWarnings: given.include_warnings, enrichedNames: given.enriched_names };
    const documents = read(`${name}.ndjson`).trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(parseAuditLog(readFileSync(new URL(`${name}.log`, folder)), options), documents, name);
  }
});

test("the doctor reports", () => {
  const rule = { rule_id: "r", name: "R", type: "eql", query: 'any where auditd.data.syscall in ("connect", "bind")' };
  const report = doctor(sample("runs/socat-udp.log"), { rules: [rule] });
  assert.deepEqual(report.calls.slice(0, 2).map(({ name, neededBy, byArch }) => [name, neededBy, byArch]), [["bind", ["R"], {}], ["connect", ["R"], { x86_64: 1 }]]);
  assert.deepEqual(report.findings.map(({ code }) => code), ["D003", "D005"]);
  assert.ok(report.auditRules.includes("-a always,exit -F arch=b64 -S bind -F key=eqlite"));
  assert.equal(report.silent, false);
});

/** Uses something and gives its memory back. */
function using_(thing, use) {
  try {
    use(thing);
  } finally {
    thing.free();
  }
}
