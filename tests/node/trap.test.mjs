// A trap is a bug of eqlite: an error says so, and the module is not used any more. A file of its own: the entries share the module once it is loaded.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import binaryen from "binaryen";
import { AuditReader, Correlator, check, init } from "eqlite/slim";

/** The module, but `feed` of a correlator traps. */
function trapping() {
  const module = binaryen.readBinary(readFileSync(new URL(import.meta.resolve("eqlite/eqlite.wasm"))));
  const { BulkMemory, BulkMemoryOpt, Multivalue, MutableGlobals, NontrappingFPToInt, ReferenceTypes, SIMD128, SignExt } = binaryen.Features;
  // What the module uses, since binaryen also uses what it is allowed to.
  module.setFeatures(
    BulkMemory | BulkMemoryOpt | Multivalue | MutableGlobals | NontrappingFPToInt | ReferenceTypes | SIMD128 | SignExt,
  );
  const { value } = binaryen.getExportInfo(module.getExport("correlator_feed"));
  binaryen.Function(module.getFunction(value)).setBody(module.unreachable());
  return module.emitBinary();
}

test("a trap is an error that says what to do, and the last thing that the module does", async () => {
  await init(trapping());
  const correlator = new Correlator({ rules: [] });
  const reader = new AuditReader();
  assert.throws(() => correlator.feed("{}"), (error) => {
    assert.equal(error.name, "EqliteError");
    assert.equal(error.code, "internal");
    assert.deepEqual(error.diagnostics, []);
    assert.match(error.message, /this is a bug; please report it with these places:\n.*wasm/su);
    assert.ok(error.cause instanceof WebAssembly.RuntimeError);
    return true;
  });
  const unusable = { name: "EqliteError", code: "internal", message: /unusable/u };
  for (const call of [
    () => correlator.stats(),
    () => correlator.drainAlerts(),
    () => reader.feed("x"),
    () => new Correlator({ rules: [] }),
    () => check([]),
  ]) {
    assert.throws(call, unusable);
  }
});
