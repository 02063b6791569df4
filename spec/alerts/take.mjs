// Takes down what the engine prints: `node spec/alerts/take.mjs [NAME]...` (all cases without a name; the package is pkg/npm).
//
// Only what means what the case says is written: the join keys and the events of each stage, and the bad lines, must be those of case.json
// first, at every chunk size. The rest of an alert's bytes is for the eye: read the diff.

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url)), root = join(here, "../.."), read = (path) => readFileSync(join(root, path));
const { init, Correlator } = await import(pathToFileURL(join(root, "pkg/npm/dist/node.js")));
await init();

const all = readdirSync(here, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
const names = process.argv.length > 2 ? process.argv.slice(2) : all;
let written = 0, refused = 0;
for (const name of names) {
  const body = JSON.parse(read(`spec/alerts/${name}/case.json`)), input = read(body.input), wrong = [];
  let first;
  for (const size of body.chunk_sizes ?? [1, 7, 4096]) {
    const { lines, problems } = run(body, input, size), alerts = lines.split("\n").filter(Boolean).map((line) => JSON.parse(line));
    const meaning = alerts.map((alert) => ({
      join_keys: Object.values(alert.join_keys),
      events: alert.events.map(({ source }) => source.event?.sequence ?? source["event.sequence"] ?? source.auditd?.sequence ?? null),
    }));
    first ??= lines;
    if (lines !== first) wrong.push(`other bytes at chunk size ${size}`);
    if (JSON.stringify(meaning) !== JSON.stringify(body.alerts)) wrong.push(`size ${size}: says ${JSON.stringify(meaning)}, should be ${JSON.stringify(body.alerts)}`);
    if (JSON.stringify(problems) !== JSON.stringify(body.problems ?? [])) wrong.push(`size ${size}: bad lines ${JSON.stringify(problems)}, should be ${JSON.stringify(body.problems ?? [])}`);
  }
  if (wrong.length) {
    refused += 1;
    console.error(`${name}: not written\n  ${wrong.join("\n  ")}`);
  } else {
    writeFileSync(join(here, name, "expected.ndjson"), first);
    written += 1;
  }
}
console.log(`${written} written, ${refused} refused`);
process.exitCode = refused ? 1 : 0;

function run({ rules, options = {} }, input, size) {
  const correlator = new Correlator({ rules: rules.map((file) => ({ file, text: read(file).toString("utf8") })), ...options });
  for (let at = 0; at < input.length; at += size) correlator.feed(input.subarray(at, at + size));
  correlator.finish();
  const out = { lines: correlator.drainAlertLines(), problems: correlator.drainProblems().map((problem) => problem.line) };
  correlator.free();
  return out;
}
