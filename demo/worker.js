// The engine's side of the page: reads a log piece by piece, so that the page stays quick, and tells what it finds.
//
//   page -> {do: "run", source: {name, file | text | url}, rule}   {do: "details", row}   {do: "stop"}
//   here -> {is: "started" | "progress" | "done" | "refused" | "failed" | "details", ...}
//
// Each piece goes to the engine as it is (`feed`): alerts and bad lines come of that alone. The rows of the list are made beside it, and a
// second correlator with the same rule says of each how many stages it matches (`feedEvent`), which is what marks it.

import * as eqlite from "./eqlite/web.js";
import { documentOf } from "./audit.js";
import { Rows, formatOf, keyOf } from "./rows.js";

const PIECE = 256 * 1024;
/** Rows kept for the list; what comes after them is checked, and counted, and not shown. */
const SHOWN = 100_000;
/** A host for audit logs that name none: without one no rule that joins by host.id could match. */
const THIS_HOST = { id: "this-host", name: "this-host" };

let ready;
let run = 0;
/** The lines of the rows shown, and how to make documents of them. */
let kept = { lines: [], format: "ecs", parse: null };

onmessage = async ({ data }) => {
  if (data.do === "stop") run += 1;
  if (data.do === "details") details(data.row);
  if (data.do !== "run") return;
  const mine = (run += 1);
  try {
    ready ??= eqlite.init();
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
  new eqlite.Correlator({ rules: [rule] }).free();
  const began = performance.now(), { size, pieces } = await open(source);
  let correlator, matcher, rows, bytes = 0, matched = 0, stats = null;
  const alerts = [], index = new Map();

  const begin = (piece) => {
    const head = new TextDecoder().decode(piece.subarray(0, 4096)), format = formatOf(head);
    const host = format === "auditd" && !/^node=/m.test(head) ? THIS_HOST : undefined;
    const options = { rules: [rule], ...(host && { host }) };
    correlator = new eqlite.Correlator({ ...options, format });
    matcher = new eqlite.Correlator({ ...options, format: "ecs" });
    const parse = (event) => documentOf(event, host);
    rows = new Rows({ format, host, parse });
    kept = { lines: [], format, parse: (lines) => parse({ lines, node: /^node=(\S+)/.exec(lines[0])?.[1] }) };
    postMessage({ is: "started", name: source.name, size, format, host: host?.id ?? null, warnings: correlator.diagnostics?.() ?? [] });
  };

  const tell = (made, last) => {
    const shown = [];
    for (const { document, key, lines, ...row } of made) {
      const hits = stages(matcher, kept.format === "ecs" && lines.length === 1 ? lines[0] : document);
      if (hits) matched += 1;
      if (kept.lines.length >= SHOWN) continue;
      if (hits || key) index.set(key ?? JSON.stringify(document), kept.lines.length);
      kept.lines.push(lines);
      shown.push({ ...row, hits });
    }
    matcher.drainAlerts();
    alerts.push(...correlator.drainAlerts());
    // An alert waits for the rows of its events, so that the page gets both at once.
    const rowsOf = (alert) => alert.events.map((event) => (event.source ? index.get(keyOf(kept.format, event.source)) ?? null : null));
    const told = [];
    while (alerts.length) {
      const found = rowsOf(alerts[0]);
      if (found.includes(null) && !last && kept.lines.length < SHOWN) break;
      told.push({ ...alerts.shift(), rows: found });
    }
    stats = correlator.stats();
    postMessage({
      is: "progress", rows: shown, alerts: told, problems: correlator.drainProblems(), bytes, size, matched,
      events: stats.events, malformed: stats.malformed, milliseconds: performance.now() - began,
    });
  };

  try {
    for await (const piece of pieces) {
      if (stopped()) return;
      if (!correlator) begin(piece);
      correlator.feed(piece);
      bytes += piece.length;
      tell(rows.feed(piece), false);
      await breathe();
    }
    if (stopped()) return;
    if (!correlator) begin(new Uint8Array());
    correlator.finish();
    tell(rows.finish(), true);
    postMessage({ is: "done", milliseconds: performance.now() - began, hidden: Math.max(0, stats.events - kept.lines.length), stats });
  } finally {
    correlator?.free();
    matcher?.free();
  }
}

/** How many stages of the rule a document matches; none where it is no event. */
function stages(matcher, document) {
  try {
    return matcher.feedEvent(document);
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
  const lines = kept.lines[row];
  if (!lines) return;
  const document = kept.format === "auditd" ? kept.parse(lines) : JSON.parse(lines.join("\n"));
  postMessage({ is: "details", row, lines, document });
}
