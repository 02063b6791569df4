// The entry with the module inside, by `require`. A file of its own: the entries share the module once it is loaded.
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { init, initSync, Correlator } = require("eqlite/inline");

test('require("eqlite/inline")', async () => {
  assert.throws(() => new Correlator({ rules: [] }), { code: "init" });
  initSync();
  await init();
  new Correlator({ rules: [] }).free();
});
