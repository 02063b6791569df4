// Holds the engine's expected bytes against what each case says and against its input, without the engine: `node spec/alerts/check.mjs`.
//
// For each alert of expected.ndjson: the shape and the order of its keys, the values of its join keys with their types, which events serve
// its stages, that each of these events is in the input and carries the time that the alert gives, and that first and last are right.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url)), root = join(here, "../..");
const read = (path) => readFileSync(join(root, path), "utf8");
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const failures = [];

/** The value of a field, nested or dotted, in a document. */
function field(document, path) {
  if (document === null || typeof document !== "object") return undefined;
  const parts = path.split(".");
  for (let n = parts.length; n > 0; n -= 1) {
    const key = parts.slice(0, n).join(".");
    if (!(key in document)) continue;
    const found = n === parts.length ? document[key] : field(document[key], parts.slice(n).join("."));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What of an input identifies its documents: all JSON documents in it, or for audit records all times with their serials. */
function inputOf(text) {
  if (/^\s*[{[]/.test(text)) {
    const parsed = [];
    try {
      parsed.push(...[JSON.parse(text)].flat());
    } catch {
      for (const line of text.split("\n")) {
        try {
          parsed.push(JSON.parse(line));
        } catch {}
      }
    }
    return { documents: new Set(parsed.map((document) => JSON.stringify(document))) };
  }
  return { stamps: new Set([...text.matchAll(/msg=audit\((\d+)\.(\d{3}):(\d+)\)/g)].map(([, seconds, millis, serial]) => `${Number(seconds) * 1000 + Number(millis)}:${serial}`)) };
}

const names = readdirSync(here, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
for (const name of names) {
  const fail = (what) => failures.push(`${name}: ${what}`);
  const body = JSON.parse(read(`spec/alerts/${name}/case.json`)), path = `spec/alerts/${name}/expected.ndjson`;
  for (const file of [body.input, ...body.rules]) if (!existsSync(join(root, file))) fail(`${file} is missing`);
  if (!existsSync(join(root, path))) {
    fail("expected.ndjson is missing");
    continue;
  }
  const text = read(path), input = inputOf(read(body.input));
  if (text !== "" && !text.endsWith("\n")) fail("expected.ndjson does not end with a line end");
  const alerts = text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  if (alerts.length !== body.alerts.length) fail(`${alerts.length} alerts, the case says ${body.alerts.length}`);
  alerts.forEach((alert, n) => {
    const said = body.alerts[n], where = `alert ${n + 1}`;
    if (!said) return;
    const groups = "suppressed_before" in said;
    if (!same(Object.keys(alert), ["rule", "kind", "join_keys", "first_timestamp", "last_timestamp", "events", ...(groups ? ["suppression"] : [])])) fail(`${where}: keys ${Object.keys(alert)}`);
    if (alert.suppression?.suppressed_before !== said.suppressed_before) fail(`${where}: ${alert.suppression?.suppressed_before} suppressed before, the case says ${said.suppressed_before}`);
    if (!same(Object.keys(alert.rule), ["id", "name", "version", "severity", "risk_score", "threat"])) fail(`${where}: rule keys ${Object.keys(alert.rule)}`);
    if (!same(Object.values(alert.join_keys), said.join_keys)) fail(`${where}: join keys ${JSON.stringify(alert.join_keys)}, the case says ${JSON.stringify(said.join_keys)}`);
    const served = alert.events.map((event) => field(event.source, "event.sequence") ?? field(event.source, "auditd.sequence") ?? null);
    if (!same(served, said.events)) fail(`${where}: events ${JSON.stringify(served)}, the case says ${JSON.stringify(said.events)}`);
    if (!same(alert.events.map((event) => event.stage), said.events.map((_, stage) => stage))) fail(`${where}: stages are not 0, 1, 2 ...`);
    // Where nothing may be, nothing is to be checked; an event may have no time.
    const times = alert.events.map((event) => (event.timestamp ? Date.parse(event.timestamp) : null)), known = times.filter((time) => time !== null);
    if (known.length && (Math.min(...known) !== Date.parse(alert.first_timestamp) || Math.max(...known) !== Date.parse(alert.last_timestamp))) fail(`${where}: first and last are not those of its events`);
    alert.events.forEach((event, stage) => {
      if (event.missing) return;
      if (times[stage] !== null && times[stage] !== Date.parse(field(event.source, "@timestamp"))) fail(`${where}: stage ${stage} has another time than its event`);
      for (const [key, value] of Object.entries(alert.join_keys)) {
        if (![field(event.source, key)].flat().some((one) => same(one, value))) fail(`${where}: stage ${stage} does not carry ${key} = ${JSON.stringify(value)}`);
      }
      if (input.documents && !input.documents.has(JSON.stringify(event.source))) fail(`${where}: stage ${stage} is no document of the input`);
      if (input.stamps && !input.stamps.has(`${times[stage]}:${served[stage]}`)) fail(`${where}: stage ${stage} is no event of the log`);
    });
  });
}
for (const failure of failures) console.error(failure);
console.log(`spec/alerts: ${names.length} cases, ${failures.length} failures`);
if (failures.length) process.exitCode = 1;
