// Takes down what the engine prints as what is expected: node tests/spec/take-down.mjs NAME...   (--missing: all cases without it)
//
// The engine may be wrong: look at what changed, and let `node spec/alerts/check.mjs` hold it against what the cases say.

import { existsSync, writeFileSync } from "node:fs";
import { Correlator, initSync } from "eqlite";
import { loadCase, run } from "./cases.mjs";
import { names, read, root } from "./files.mjs";

const target = (name) => `${root}spec/alerts/${name}/expected.ndjson`;
const args = process.argv.slice(2);
const chosen = args[0] === "--missing" ? names.filter((name) => !existsSync(target(name))) : args;
if (!chosen.length) console.error("usage: node tests/spec/take-down.mjs NAME... | --missing");

initSync();
for (const name of chosen) {
  const spec = await loadCase(name, read);
  writeFileSync(target(name), run(Correlator, spec, 4096).alerts);
  console.log(target(name));
}
