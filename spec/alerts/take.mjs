// Takes down what the engine prints: `node spec/alerts/take.mjs [NAME]...` (all cases without a name; the package is pkg/npm), and the
// snapshots that a case asks for.
//
// Only what means what the case says is written: the join keys and the events of each stage, the bad lines and the counters must be those of
// case.json first, at every chunk size. The rest of an alert's bytes is for the eye: read the diff.

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { holds, loadCase, run } from "../../tests/spec/cases.mjs";

const here = dirname(fileURLToPath(import.meta.url)), root = join(here, "../.."), read = async (path) => new Uint8Array(readFileSync(join(root, path)));
const { init, Correlator } = await import(pathToFileURL(join(root, "pkg/npm/dist/node.js")));
await init();

const all = readdirSync(here, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
const names = process.argv.length > 2 ? process.argv.slice(2) : all;
let written = 0, refused = 0;
for (const name of names) {
  const said = JSON.parse(readFileSync(join(here, name, "case.json"))).alerts, wrong = [];
  const [spec] = await loadCase(`spec/alerts/${name}`, read);
  // What was taken down before must not decide about what is taken down now.
  spec.snapshots.clear();
  let first;
  for (const size of spec.chunkSizes) {
    const { alerts, problems, stats, taken } = run(Correlator, spec, size), told = alerts.split("\n").filter(Boolean).map((line) => JSON.parse(line));
    const meaning = told.map((alert) => ({
      join_keys: Object.values(alert.join_keys),
      events: alert.events.map(({ source }) => source?.event?.sequence ?? source?.["event.sequence"] ?? source?.auditd?.sequence ?? null),
      ...(alert.suppression && { suppressed_before: alert.suppression.suppressed_before }),
    }));
    const snapshots = [...taken].map(([name, bytes]) => [name, Buffer.from(bytes)]);
    first ??= { alerts, snapshots };
    if (alerts !== first.alerts || snapshots.some(([, bytes], n) => !bytes.equals(first.snapshots[n][1]))) wrong.push(`other bytes at chunk size ${size}`);
    if (JSON.stringify(meaning) !== JSON.stringify(said)) wrong.push(`size ${size}: says ${JSON.stringify(meaning)}, should be ${JSON.stringify(said)}`);
    if (JSON.stringify(problems) !== JSON.stringify(spec.problems)) wrong.push(`size ${size}: bad lines ${JSON.stringify(problems)}, should be ${JSON.stringify(spec.problems)}`);
    if (!holds(spec.stats, stats)) wrong.push(`size ${size}: counters ${JSON.stringify(stats)}, should be ${JSON.stringify(spec.stats)}`);
  }
  if (wrong.length) {
    refused += 1;
    console.error(`${name}: not written\n  ${wrong.join("\n  ")}`);
  } else {
    writeFileSync(join(here, name, "expected.ndjson"), first.alerts);
    for (const [file, bytes] of first.snapshots) writeFileSync(join(here, name, file), bytes);
    written += 1;
  }
}
console.log(`${written} written, ${refused} refused`);
process.exitCode = refused ? 1 : 0;
