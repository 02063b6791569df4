// The npm package by `require`.
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { init, initSync, Correlator } = require("eqlite");

test('require("eqlite")', async () => {
  assert.throws(() => new Correlator({ rules: [] }), { name: "EqliteError", code: "init" });
  initSync();
  await init();
  const correlator = new Correlator({ rules: [], format: "ecs" });
  correlator.feed("{}\n");
  correlator.finish();
  assert.deepEqual(correlator.drainAlerts(), []);
  correlator.free();
  assert.throws(() => new Correlator({ rules: ["nothing of a rule"] }), (error) => error.code === "rules" && error.diagnostics.length > 0);
});
