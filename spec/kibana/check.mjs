// Makes the ids, ancestors and shells of the expected documents again, without the engine, and compares them.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

const here = new URL(".", import.meta.url);
const lines = (url) => readFileSync(url, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
const sha256 = (text) => createHash("sha256").update(text).digest("hex");
let wrong = 0;
const same = (name, what, made, found) => {
  if (isDeepStrictEqual(made, found)) return;
  wrong += 1;
  console.error(`${name}: ${what}\n  made  ${JSON.stringify(made)}\n  found ${JSON.stringify(found)}`);
};

function common(a, b) {
  if (Array.isArray(a) && Array.isArray(b)) {
    const both = a.filter((item, at) => b.some((other) => isDeepStrictEqual(item, other)) && a.findIndex((first) => isDeepStrictEqual(first, item)) === at);
    return both.length ? both : undefined;
  }
  if (a && b && typeof a === "object" && typeof b === "object" && !Array.isArray(a) && !Array.isArray(b)) {
    const both = Object.fromEntries(Object.keys(a).map((key) => [key, common(a[key], b[key])]).filter(([, value]) => value !== undefined));
    return Object.keys(both).length ? both : undefined;
  }
  return a !== null && isDeepStrictEqual(a, b) ? a : undefined;
}

for (const name of readdirSync(here).sort()) {
  if (!existsSync(new URL(`${name}/case.json`, here))) continue;
  const { context } = JSON.parse(readFileSync(new URL(`${name}/case.json`, here)));
  const documents = lines(new URL(`${name}/expected.ndjson`, here));
  const chain = (ancestors) => ancestors.map(({ id, index }) => id + index).join("");
  for (const alert of documents.filter((document) => !("kibana.alert.group.id" in document))) {
    const own = alert["kibana.alert.ancestors"].at(-1);
    const rule = `${context.space ?? "default"}:${alert["kibana.alert.rule.uuid"]}`;
    same(name, "the id of an event's alert", sha256(`${own.index}${own.id}undefined${rule}`), alert["kibana.alert.uuid"]);
    same(name, "depth", own.depth + 1, alert["kibana.alert.depth"]);
  }
  for (const alert of documents.filter((document) => "kibana.alert.suppression.terms" in document)) {
    const { "kibana.alert.suppression.terms": terms, "kibana.alert.rule.uuid": rule } = alert;
    same(name, "the id of a group", sha256(JSON.stringify(terms) + rule + (context.space ?? "default")), alert["kibana.alert.instance.id"]);
  }
  for (const shell of documents.filter((document) => document["kibana.alert.group.id"] === document["kibana.alert.uuid"])) {
    const blocks = documents.filter((document) => document !== shell && document["kibana.alert.group.id"] === shell["kibana.alert.uuid"]);
    const rule = shell["kibana.alert.rule.uuid"];
    const base = blocks.map((block) => chain(block["kibana.alert.ancestors"])).join("") + rule;
    const ancestors = [];
    blocks.forEach((block, index) => {
      same(name, "the id of a block", sha256(base + index), block["kibana.alert.uuid"]);
      same(name, "the index of a block", index, block["kibana.alert.group.index"]);
      ancestors.push(...block["kibana.alert.ancestors"], { id: block["kibana.alert.uuid"], type: "signal", index: "", depth: block["kibana.alert.depth"], rule });
    });
    same(name, "the ancestors of a shell", ancestors.map((a) => ({ ...a })), shell["kibana.alert.ancestors"]);
    same(name, "the id of a shell", sha256(chain(ancestors) + rule), shell["kibana.alert.uuid"]);
    const shared = blocks.reduce(common);
    for (const key of new Set([...Object.keys(shared), ...Object.keys(shell)])) {
      if (!key.startsWith("kibana.") || key.startsWith("kibana.alert.original_event.")) same(name, `${key} of a shell`, shared[key], shell[key]);
    }
  }
}
console.log(wrong ? `${wrong} things differ` : "all as they must be");
process.exit(wrong ? 1 : 0);
