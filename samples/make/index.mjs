// Writes the samples: `node samples/make/index.mjs`; with `--check` it writes nothing and fails if a file is not as it would be made.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ecs, records } from "./records.mjs";
import { story } from "./story.mjs";

const samples = join(dirname(fileURLToPath(import.meta.url)), "..");

/** The host of the real runs. */
export const RUN_HOST = { id: "b0c7a1d2e3f4415f9a1b2c3d4e5f6071", name: "web-01" };

/** The real runs (runs.json), each with its events ready to be written. */
export function runs() {
  const user = { uid: 0, auid: 1000, tty: "pts0", ses: 3 };
  return JSON.parse(readFileSync(join(samples, "make/runs.json"), "utf8")).map((run) => ({
    ...run,
    events: run.events.map((event) => ({ ...event, host: RUN_HOST, user, ...(event.execve && { title: event.execve }) })),
  }));
}

/** Every sample: its path under samples/ and its bytes. */
export function files() {
  const made = new Map(), lines = (list) => list.map((line) => line + "\n").join("");
  const events = story();
  const log = (options) => interleave(events.map((event) => ({ event, lines: records(event, { node: true, ...options }) })));
  const documents = events.map(ecs).filter(Boolean).map((document) => JSON.stringify(document));
  made.set("udp-shell.raw.log", lines(log({})));
  made.set("udp-shell.enriched.log", lines(log({ enriched: true })));
  made.set("udp-shell.ndjson", lines(documents));
  for (const run of runs()) {
    made.set(`runs/${run.name}.log`, lines(run.events.flatMap((event) => records(event, { end: "both" }))));
    made.set(`runs/${run.name}.ndjson`, lines(run.events.map((event) => JSON.stringify(ecs(event)))));
  }
  const attack = runs().find((run) => run.name === "bash-devudp").events;
  made.set("trouble.raw.log", troubledRecords(attack));
  made.set("trouble.ndjson", troubledDocuments(attack));
  return made;
}

/** As processors write side by side: where two events fall into the same few milliseconds, their records alternate. */
function interleave(events) {
  const out = [];
  for (let n = 0; n < events.length; n += 1) {
    const one = events[n], other = events[n + 1];
    const beside = other && other.event.time - one.event.time <= 3 && (other.event.pid !== one.event.pid || other.event.host !== one.event.host) && one.lines.length > 1;
    if (!beside) {
      out.push(...one.lines);
      continue;
    }
    for (let k = 0; k < Math.max(one.lines.length, other.lines.length); k += 1) {
      if (k < one.lines.length) out.push(one.lines[k]);
      if (k < other.lines.length) out.push(other.lines[k]);
    }
    n += 1;
  }
  return out;
}

/** One attack in a log that has been through a lot: its first line torn by rotation, Windows line ends, rubbish in between. */
function troubledRecords(attack) {
  const lines = attack.flatMap((event) => records(event, { end: "both" })), out = ["CKADDR msg=audit(1795487606.700:1107): saddr=0200", ...lines];
  out.splice(6, 0, "", "type=SYSCALL msg=audit(17954876", "hello, this is not a record");
  return out.map((line) => line + "\r\n").join("");
}

/** The same attack as ECS: a cut document, rubbish, something that is JSON but no document, an empty line, mixed line ends. */
function troubledDocuments(attack) {
  const out = attack.map((event) => JSON.stringify(ecs(event)));
  out.splice(1, 0, out[0].slice(0, 120));
  out.splice(3, 0, "", "not json at all", "42");
  return out.map((line, n) => line + (n % 2 ? "\r\n" : "\n")).join("");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const check = process.argv.includes("--check"), stale = [];
  for (const [name, text] of files()) {
    const path = join(samples, name);
    if (check) {
      let there = null;
      try {
        there = readFileSync(path, "utf8");
      } catch {}
      if (there !== text) stale.push(name);
    } else {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }
  if (stale.length) {
    console.error(`samples: not as samples/make writes them: ${stale.join(", ")}; run node samples/make/index.mjs`);
    process.exitCode = 1;
  }
}
