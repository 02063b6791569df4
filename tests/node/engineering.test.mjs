// State, forms of alerts, partitioning, explain and replay, as an ES module in Node.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as eqlite from "eqlite";

await eqlite.init();
const { Correlator, explain, replay } = eqlite;

const rule = (id, query, more = {}) => ({ rule_id: id, name: id, type: "eql", severity: "low", risk_score: 21, query, from: "now-6m", interval: "5m", ...more });
const pair = rule("pair", 'sequence by user.name with maxspan=1h [any where event.action == "in"] [any where event.action == "out"]');
const event = (time, action, user = "ann") => ({ "@timestamp": `2026-11-24T${time}Z`, event: { action }, user: { name: user } });
const lines = (events) => events.map((event) => JSON.stringify(event) + "\n").join("");

/** What `action` throws. */
const thrown = (action) => {
  try {
    action();
  } catch (error) {
    return error;
  }
  assert.fail("nothing was thrown");
};

test("cut anywhere, snapshot and restore change nothing", () => {
  const actions = ["in", "noise", "out", "in", "out"];
  const text = lines(Array.from({ length: 40 }, (_, n) => event(`10:00:${String(n).padStart(2, "0")}`, actions[n % 5], `u${n % 3} \u{1f600}`)));
  const bytes = new TextEncoder().encode(text);
  const make = () => new Correlator({ rules: [pair], format: "ecs", seed: Math.floor(Math.random() * 2 ** 32) });
  const whole = make();
  whole.feed(bytes);
  whole.finish();
  const expected = whole.drainAlertLines();
  assert.ok(expected.split("\n").length > 5);
  for (let round = 0; round < 25; round++) {
    const cut = Math.floor(Math.random() * bytes.length);
    const before = make();
    before.feed(bytes.subarray(0, cut));
    const early = Math.random() < 0.5 ? before.drainAlertLines() : "";
    const after = make();
    after.feed('{"@timestamp": "half of');
    after.restore(before.snapshot());
    after.feed(bytes.subarray(cut));
    after.finish();
    assert.equal(early + after.drainAlertLines(), expected, `cut at ${cut}`);
  }
});

test("a snapshot that does not fit is refused, and nothing changes", () => {
  const correlator = new Correlator({ rules: [pair], format: "ecs" });
  correlator.feedEvent(event("10:00:00", "in"));
  const snapshot = correlator.snapshot();
  assert.ok(snapshot instanceof Uint8Array);
  const other = new Correlator({ rules: [rule("other", "any where true")], format: "ecs" });
  const error = thrown(() => other.restore(snapshot));
  assert.deepEqual([error.name, error.code], ["EqliteError", "snapshot"]);
  assert.match(error.message, /other rules/);
  snapshot[snapshot.length - 1] ^= 1;
  assert.equal(thrown(() => correlator.restore(snapshot)).code, "snapshot");
  assert.equal(thrown(() => correlator.restore(new Uint8Array())).code, "snapshot");
  assert.equal(thrown(() => correlator.restore("text")).code, "type");
  correlator.feedEvent(event("10:00:01", "out"));
  assert.equal(correlator.drainAlerts().length, 1);
  correlator.feed('"\u{1f600}'.slice(0, 2));
  assert.equal(thrown(() => correlator.snapshot()).code, "snapshot");
});

test("alerts have the form that was asked for", () => {
  const drained = (options) => {
    const correlator = new Correlator({ rules: [pair], format: "ecs", ...options });
    correlator.feed(lines([event("10:00:00", "in"), event("10:00:01", "out")]));
    correlator.finish();
    return correlator.drainAlerts();
  };
  assert.equal(drained({})[0].kind, "sequence");
  const [shell, ...blocks] = drained({ output: "kibana", kibana: { space: "ops" } });
  assert.equal(blocks.length, 2);
  assert.equal(shell["event.kind"], "signal");
  assert.deepEqual(blocks.map((block) => block["kibana.alert.building_block_type"]), ["default", "default"]);
  const [signal, ...none] = drained({ output: "signal" });
  assert.deepEqual([signal.event.kind, signal.rule.id, none.length], ["signal", "pair", 0]);
  assert.equal(thrown(() => drained({ output: "xml" })).code, "options");
});

test("partitioning", () => {
  const { partitioning } = Correlator.prototype;
  const rules = [pair, rule("single", "any where true"), rule("all", "sequence [any where true] [any where true]")];
  assert.deepEqual(partitioning.call(new Correlator({ rules })), [
    { keys: ["user.name"], whole: false, rules: ["pair", "single"] },
    { keys: [], whole: true, rules: ["all"] },
  ]);
});

test("explain says why not", () => {
  const events = [event("10:00:00", "in"), event("12:00:00", "out")];
  const explained = explain(pair, events);
  assert.deepEqual([explained.documents, explained.alerts.length], [2, 0]);
  assert.match(JSON.stringify(explained.findings), /over-maxspan/);
  for (const form of [lines(events), new TextEncoder().encode(lines(events))]) assert.deepEqual(explain([pair], form), explained);
  assert.match(explain(pair, events, { output: "text" }), /no alert from 2 events/);
  assert.equal(explain([pair, rule("b", "any where true")], events, { id: "b" }).alerts.length, 2);
  assert.equal(thrown(() => explain([pair, rule("b", "any where true")], events)).code, "rule");
  assert.equal(thrown(() => explain(rule("bad", "any wher true"), events)).diagnostics[0].rule, "bad");
  assert.equal(thrown(() => explain(pair, 4)).code, "type");
  assert.equal(thrown(() => explain(pair, events, { unknown: 1 })).code, "options");
});

test("replay compares the schedule with the stream", () => {
  const events = [event("10:01:00", "in"), event("10:08:10", "out")];
  const [compared] = replay(pair, events, { interval: "5m" }).rules;
  assert.deepEqual([compared.stream, compared.schedule, compared.missed[0].why.reason], [1, 0, "look-back"]);
  assert.equal(replay(pair, events, { lookBack: 600_000 }).rules[0].schedule, 1);
  assert.match(replay(pair, lines(events), { output: "text" }), /a run looks back 6m/);
  assert.equal(thrown(() => replay(pair, events, { interval: "often" })).code, "options");
});
