// The cases of spec/alerts and spec/kibana on the npm package in Node.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Correlator, init } from "eqlite";
import { failures, loadCase } from "../spec/cases.mjs";
import { folders, read } from "../spec/files.mjs";

await init();
assert.ok(folders.length > 100, "spec has cases");

for (const folder of folders) {
  test(folder, async () => {
    const wrong = (await loadCase(folder, read)).flatMap((spec) => failures(Correlator, spec));
    assert.equal(wrong.length, 0, wrong.join("\n"));
  });
}
