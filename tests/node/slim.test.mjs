// The entry that is told where the module is. A file of its own: the entries share the module once it is loaded.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Correlator, init } from "eqlite/slim";

test("slim loads what it is given", async () => {
  await assert.rejects(init(new Uint8Array([1, 2, 3])), WebAssembly.CompileError);
  assert.throws(() => new Correlator({ rules: [] }), { code: "init" });
  await init(readFileSync(new URL(import.meta.resolve("eqlite/eqlite.wasm"))));
  new Correlator({ rules: [] }).free();
});
