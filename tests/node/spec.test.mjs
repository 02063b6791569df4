// The cases of spec/alerts on the npm package in Node.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Correlator, init } from "eqlite";
import { failures, loadCase } from "../spec/cases.mjs";
import { names, read } from "../spec/files.mjs";

await init();
assert.ok(names.length > 0, "spec/alerts has cases");

for (const name of names) {
  test(name, async () => {
    const wrong = failures(Correlator, await loadCase(name, read));
    assert.equal(wrong.length, 0, wrong.join("\n"));
  });
}
