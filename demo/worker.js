// The engine's side of the page: reads a log piece by piece, so that the page stays quick, and tells what it finds.
//
//   page -> {do: "run", source: {name, file | text | url}, rule}   {do: "details", row}   {do: "stop"}
//   here -> {is: "started" | "progress" | "done" | "refused" | "failed" | "details", ...}
//
// Three correlators see the log. The first runs the rule on the bytes as they are: alerts and bad lines come of it alone. The second runs
// a rule that every event fulfils: what it finds are the events themselves as the engine reads them, which the list shows. The third is
// handed these one by one (`feedEvent`), and says how many stages of the rule each matches, which is what marks it.

import { Correlator, init } from "./eqlite/web.js";
import { describe } from "./describe.js";
import { Records } from "./records.js";

const PIECE = 256 * 1024;
/** Rows kept for the list; what comes after them is checked, and counted, and not shown. */
const SHOWN = 100_000;
/** A host for audit logs that name none: without one no rule that joins by host.id could match. */
const THIS_HOST = { id: "this-host", name: "this-host" };
const EVERYTHING = { rule_id: "everything", name: "Every event", type: "eql", language: "eql", severity: "low", risk_score: 0, max_signals: 1_000_000_000, query: "any where true" };

let ready;
let run = 0;
/** The documents of the rows shown, as text, and the lines that they were made of. */
let kept = { documents: [], records: null };

onmessage = async ({ data }) => {
  if (data.do === "stop") run += 1;
  if (data.do === "details") details(data.row);
  if (data.do !== "run") return;
  const mine = (run += 1);
  try {
    ready ??= init();
    await ready;
    await read(data, () => run !== mine);
  } catch (error) {
    if (run !== mine) return;
    const { code = null, message, diagnostics = [] } = error;
    postMessage({ is: code === "rules" || code === "options" ? "refused" : "failed", message: String(message ?? error), diagnostics });
  }
};

async function read({ source, rule }, stopped) {
  // A rule that is refused is told of before anything of the last run is given up.
  new Correlator({ rules: [rule] }).free();
  const began = performance.now(), { size, pieces } = await open(source);
  let three = null, bytes = 0, matched = 0, stats = null;
  const waiting = [], index = new Map();

  const begin = (piece) => {
    const head = new TextDecoder().decode(piece.subarray(0, 4096)), format = /^\s*[{[]/.test(head) ? "ecs" : "auditd";
    const host = format === "auditd" && !/^node=/m.test(head) ? THIS_HOST : undefined, options = { format, ...(host && { host }) };
    three = {
      rule: new Correlator({ ...options, rules: [rule] }),
      everything: new Correlator({ ...options, rules: [EVERYTHING], limits: { alerts: 1_000_000 } }),
      stages: new Correlator({ format: "ecs", rules: [rule] }),
    };
    kept = { documents: [], records: format === "auditd" ? new Records(SHOWN) : null };
    postMessage({ is: "started", name: source.name, size, format, host: host?.id ?? null, warnings: three.rule.diagnostics() });
  };

  const tell = (last) => {
    const rows = [];
    for (const alert of three.everything.drainAlerts()) {
      const document = alert.events[0].source, text = JSON.stringify(document), hits = stages(three.stages, text);
      if (hits) matched += 1;
      if (kept.documents.length >= SHOWN) continue;
      if (hits) index.set(text, kept.documents.length);
      kept.documents.push(text);
      rows.push({ ...describe(document), hits });
    }
    three.stages.drainAlerts();
    waiting.push(...three.rule.drainAlerts());
    // An alert waits for the rows of its events, so that the page gets both at once.
    const alerts = [];
    while (waiting.length) {
      const found = waiting[0].events.map((event) => (event.source ? index.get(JSON.stringify(event.source)) ?? null : null));
      if (found.includes(null) && !last && kept.documents.length < SHOWN) break;
      alerts.push({ ...waiting.shift(), rows: found });
    }
    stats = three.rule.stats();
    postMessage({
      is: "progress", rows, alerts, problems: three.rule.drainProblems(), bytes, size, matched,
      events: stats.events, malformed: stats.malformed, milliseconds: performance.now() - began,
    });
  };

  try {
    for await (const piece of pieces) {
      if (stopped()) return;
      if (!three) begin(piece);
      three.rule.feed(piece);
      three.everything.feed(piece);
      kept.records?.feed(piece);
      bytes += piece.length;
      tell(false);
      await breathe();
    }
    if (stopped()) return;
    if (!three) begin(new Uint8Array());
    three.rule.finish();
    three.everything.finish();
    kept.records?.finish();
    tell(true);
    postMessage({ is: "done", milliseconds: performance.now() - began, hidden: Math.max(0, stats.events - kept.documents.length), stats });
  } finally {
    for (const correlator of Object.values(three ?? {})) correlator.free();
  }
}

/** How many stages of the rule a document matches; none where it is no event. */
function stages(correlator, text) {
  try {
    return correlator.feedEvent(text);
  } catch {
    return 0;
  }
}

/** The bytes of a source in pieces, and how many there are. */
async function open({ file, text, url }) {
  if (text !== undefined) file = new Blob([text]);
  if (url) {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${url} cannot be read: ${answer.status} ${answer.statusText}`);
    file = await answer.blob();
  }
  async function* pieces() {
    for (let at = 0; at < file.size; at += PIECE) yield new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer());
  }
  return { size: file.size, pieces: pieces() };
}

/** Lets messages in. */
const breathe = () => new Promise((resolve) => setTimeout(resolve));

function details(row) {
  if (kept.documents[row] === undefined) return;
  const document = JSON.parse(kept.documents[row]), written = kept.records?.of(document);
  postMessage({ is: "details", row, document, lines: written?.lines ?? null, line: written?.line ?? null });
}
