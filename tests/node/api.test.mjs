// What the npm package promises, as an ES module in Node.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import * as eqlite from "eqlite";

const { Correlator } = eqlite;

const rule = (query, name = "r") => ({ rule_id: name, name, type: "eql", language: "eql", severity: "low", risk_score: 1, version: 3, query });
const event = (fields) => ({ "@timestamp": "2026-01-01T00:00:00.000Z", event: { category: "process" }, ...fields });

/** What `action` throws. */
const thrown = (action) => {
  try {
    action();
  } catch (error) {
    return error;
  }
  assert.fail("nothing was thrown");
};

test("before init, the constructor says what to do", () => {
  const error = thrown(() => new Correlator({ rules: [] }));
  assert.deepEqual([error.name, error.code], ["EqliteError", "init"]);
  assert.match(error.message, /await init\(\)/);
});

test("init and initSync, again and again", async () => {
  await Promise.all([eqlite.init(), eqlite.init()]);
  await eqlite.init();
  eqlite.initSync();
});

test("the entries offer the same", async () => {
  const names = Object.keys(eqlite).sort();
  assert.deepEqual(names, ["AuditReader", "Correlator", "Search", "check", "doctor", "explain", "init", "initSync", "parseAuditLog", "replay", "search"]);
  for (const entry of ["eqlite/inline", "eqlite/slim"]) assert.deepEqual(Object.keys(await import(entry)).sort(), names);
});

test("an event comes back as an alert", () => {
  const correlator = new Correlator({ rules: [rule('process where process.name == "sh"')], format: "ecs" });
  assert.equal(correlator.feedEvent(event({ process: { name: "sh", pid: 4338 } })), 1);
  assert.equal(correlator.feedEvent(event({ process: { name: "ls" } })), 0);
  correlator.finish();
  const [alert, ...more] = correlator.drainAlerts();
  assert.equal(more.length, 0);
  assert.deepEqual([alert.rule.id, alert.rule.version, alert.kind, alert.first_timestamp], ["r", 3, "event", "2026-01-01T00:00:00.000Z"]);
  assert.deepEqual(alert.events[0].source.process, { name: "sh", pid: 4338 });
  assert.deepEqual(correlator.drainAlerts(), [], "drained is drained");
  const { events, matched, alerts, malformed } = correlator.stats();
  assert.deepEqual({ events, matched, alerts, malformed }, { events: 2, matched: 1, alerts: 1, malformed: 0 });
});

test("one sifts for another", () => {
  const options = { rules: [rule('process where process.name == "sh"')], format: "ecs" };
  const piece = ["ls", "sh", "ls"].map((name) => `${JSON.stringify(event({ process: { name } }))}\n`).join("") + "{\n";
  const [plain, fed, other] = [1, 2, 3].map(() => new Correlator(options));
  plain.feed(piece);
  const sifted = other.sift(new TextEncoder().encode(piece));
  assert.ok(sifted instanceof Uint8Array && sifted[0] === 2, "two events match nothing");
  assert.equal(other.stats().events, 0);
  fed.feedSifted(piece, sifted);
  for (const correlator of [plain, fed]) correlator.finish();
  assert.equal(fed.stats().events, 3);
  for (const of of ["drainAlerts", "drainProblems", "stats"]) assert.deepEqual(fed[of](), plain[of]());
  assert.equal(thrown(() => fed.feedSifted(piece, 4)).code, "type");
  assert.equal(thrown(() => other.sift()).code, "type");
});

test("feedEvent takes objects, text and bytes", () => {
  const correlator = new Correlator({ rules: [rule('process where process.name == "sh"')], format: "ecs" });
  const document = event({ process: { name: "sh" } });
  const text = JSON.stringify(document);
  for (const form of [document, text, new TextEncoder().encode(text), new TextEncoder().encode(text).buffer]) assert.equal(correlator.feedEvent(form), 1);
  assert.equal(correlator.feedEvent({ ...document, when: new Date(0), nothing: undefined }), 1);
  for (const none of [undefined, null, 4, true]) assert.equal(thrown(() => correlator.feedEvent(none)).code, "type");
  assert.equal(thrown(() => correlator.feedEvent("{")).code, "event");
  const round = {};
  round.round = round;
  assert.equal(thrown(() => correlator.feedEvent(round)).code, "event");
  assert.equal(correlator.feedEvent(document), 1, "it goes on");
});

test("a bigint keeps all its digits", () => {
  const correlator = new Correlator({ rules: [rule("process where process.entity == 9007199254740993")], format: "ecs" });
  assert.equal(correlator.feedEvent(event({ process: { entity: 9007199254740993n, deep: [{ small: -5n, text: "1<2>3" }] } })), 1);
  assert.equal(correlator.feedEvent(event({ process: { entity: 9007199254740992n } })), 0);
  correlator.finish();
  const line = correlator.drainAlertLines();
  assert.match(line, /"entity":\s*9007199254740993\b/);
  assert.match(line, /"deep":\s*\[\{"small":-5,"text":"1<2>3"\}\]/);
});

test("text may be cut inside a character", () => {
  const lines = `${JSON.stringify(event({ process: { name: "😀" } }))}\n`;
  for (let cut = 0; cut <= lines.length; cut += 1) {
    const correlator = new Correlator({ rules: [rule('process where process.name == "😀"')], format: "ecs" });
    correlator.feed(lines.slice(0, cut));
    correlator.feed(lines.slice(cut));
    correlator.finish();
    assert.equal(correlator.drainAlerts().length, 1, `cut at ${cut}`);
    correlator.free();
  }
});

test("advance takes a Date, a number, a bigint, and nothing else", () => {
  const correlator = new Correlator({ rules: [rule("process where true")] });
  for (const time of [new Date(), 1767225600000, 1767225600000n, -1.5]) correlator.advance(time);
  for (const none of [new Date(NaN), Infinity, "2026", undefined, 2n ** 70n]) assert.equal(thrown(() => correlator.advance(none)).code, "type");
});

test("feed takes nothing but bytes and text", () => {
  const correlator = new Correlator({ rules: [rule("process where true")] });
  for (const none of [undefined, 4, {}, [1]]) assert.equal(thrown(() => correlator.feed(none)).code, "type");
});

test("wrong options name the option", () => {
  for (const [options, name] of [
    [{ rule: [] }, / `rule` is no setting; there are rules, /],
    [{ rules: [], limits: { line_bytes: 1 } }, / limits: `line_bytes` is no setting; there are lineBytes, /],
    [{ rules: [], format: "xml" }, / format: `auto` or `ecs` or `auditd` is wanted, not "xml"$/],
    [{ rules: 5 }, / rules: a list is wanted, not 5$/],
  ]) {
    const error = thrown(() => new Correlator(options));
    assert.ok(error instanceof Error);
    assert.equal(error.code, "options");
    assert.match(error.message, name);
    assert.deepEqual(error.diagnostics, []);
  }
});

test("all options are taken", () => {
  const limits = Object.fromEntries(
    ["lineBytes", "jsonDepth", "keysPerRule", "eventsPerStage", "stateBytes", "alerts", "problems", "auditInFlight", "reorderEvents"].map((name) => [name, 1000]),
  );
  new Correlator({ rules: [], format: "auditd", host: { id: "a", name: "b" }, limits, allowedLateness: 5, seed: 2n ** 64n - 1n, skipInvalid: true }).free();
});

test("a refused rule says where and what", () => {
  const error = thrown(() => new Correlator({ rules: [{ file: "bad.json", text: JSON.stringify(rule("process wher true", "bad")) }] }));
  assert.equal(error.code, "rules");
  const [finding] = error.diagnostics;
  assert.deepEqual([finding.severity, finding.rule, finding.file, finding.line], ["error", "bad", "bad.json", 1]);
  assert.match(finding.code, /^[A-Z]\d+$/);
  assert.ok(finding.span.start >= 8 && finding.column >= 9, "the place is in the query");
  assert.match(finding.rendered, /process wher true\n.*\^/);
});

test("skipInvalid runs the rest", () => {
  const correlator = new Correlator({ rules: [rule("process where true", "good"), rule("process wher true", "bad")], skipInvalid: true, format: "ecs" });
  assert.deepEqual(correlator.rules().map(({ id, skipped }) => [id, typeof skipped]), [["good", "undefined"], ["bad", "string"]]);
  assert.equal(correlator.diagnostics()[0].rule, "bad");
  assert.equal(correlator.feedEvent(event({})), 1);
});

test("a bad line is told of, and the stream goes on", () => {
  const correlator = new Correlator({ rules: [rule("process where true")], format: "ecs" });
  const good = JSON.stringify(event({}));
  correlator.feed(`${good}\n{"broken\n${good}\n`);
  correlator.finish();
  assert.equal(correlator.drainAlerts().length, 2);
  const [problem, ...more] = correlator.drainProblems();
  assert.equal(more.length, 0);
  assert.deepEqual([problem.line, problem.offset], [2, good.length + 1]);
  assert.equal(correlator.stats().malformed, 1);
});

test("after free it is gone, and says so", () => {
  const correlator = new Correlator({ rules: [] });
  correlator[Symbol.dispose]();
  assert.throws(() => correlator.stats());
});

test("it works in a worker", async () => {
  const worker = new Worker(
    `import("eqlite").then(async ({ init, Correlator }) => {
      await init();
      require("node:worker_threads").parentPort.postMessage(new Correlator({ rules: [] }).stats().events);
    })`,
    { eval: true },
  );
  const told = await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
  assert.equal(told, 0);
  await worker.terminate();
});

test("the example of the README runs", async () => {
  const readme = readFileSync(new URL("../../wasm/npm/README.md", import.meta.url), "utf8");
  const example = readme.match(/```js\n([\s\S]*?)```/)[1].replace(/import .* from 'eqlite';/, "");
  const said = [];
  const AsyncFunction = (async () => {}).constructor;
  await new AsyncFunction("init", "Correlator", "console", example)(eqlite.init, Correlator, { log: (...args) => said.push(args) });
  assert.deepEqual(said, [["Shell with a network connection", {}]]);
});
