// The npm package by `require`.
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

for (const entry of ["eqlite", "eqlite/inline"]) {
  test(`require("${entry}")`, async () => {
    const { init, initSync, Correlator } = require(entry);
    assert.throws(() => new Correlator({ rules: [] }), { name: "EqliteError", code: "init" });
    initSync();
    await init();
    const correlator = new Correlator({ rules: [], format: "ecs" });
    correlator.feed("{}\n");
    correlator.finish();
    assert.deepEqual(correlator.drainAlerts(), []);
    correlator.free();
  });
}

test('require("eqlite/slim")', async () => {
  const { init, Correlator } = require("eqlite/slim");
  await init(require("node:fs").readFileSync(require.resolve("eqlite/eqlite.wasm")));
  assert.throws(() => new Correlator({ rules: ["nothing of a rule"] }), (error) => error.code === "rules" && error.diagnostics.length > 0);
});
