// Bytes of a log, in chunks -> the rows of the list: one for each event.
//
//   const rows = new Rows({format: "auditd", host, parse});
//   rows.feed(bytes)   -> the rows that became whole: [{time, host, pid, name, call, text, line, lines, document, key}]
//   rows.finish()      -> the rest
//
// This is for showing only. What is detected comes of the engine, which reads the same bytes by itself. An alert's event finds its row
// again by its key: time, serial and host for audit records (`key`), the document itself for ECS.

import { describe, field } from "./describe.js";

/** Events whose records are still awaited: beyond so many the oldest is taken as whole. */
const OPEN = 64;
const RECORD = /^(?:node=(\S+) )?type=(\S+) msg=audit\((\d+)\.(\d{3}):(\d+)\): ?/;

/** auditd | ecs, told by the first byte that is not blank, as the engine does. */
export const formatOf = (text) => (/^\s*[{[]/.test(text) ? "ecs" : "auditd");

export class Rows {
  #options;
  #decoder = new TextDecoder();
  #rest = "";
  #line = 0;
  #open = new Map();
  #whole = null;

  constructor(options) {
    this.#options = options;
  }

  feed(bytes) {
    return this.#take(this.#decoder.decode(bytes, { stream: true }), false);
  }

  finish() {
    return this.#take(this.#decoder.decode(), true);
  }

  #take(text, last) {
    this.#rest += text;
    const { format } = this.#options, out = [];
    if (this.#whole === null && /\S/.test(this.#rest)) this.#whole = format === "ecs" && /^\s*\[/.test(this.#rest);
    if (this.#whole) return last ? this.#array() : out;
    let start = 0;
    for (let end = this.#rest.indexOf("\n"); end >= 0; end = this.#rest.indexOf("\n", start)) {
      this.#one(this.#rest.slice(start, end), out);
      start = end + 1;
    }
    this.#rest = this.#rest.slice(start);
    if (last && this.#rest !== "") this.#one(this.#rest, out);
    if (format === "auditd") this.#close(out, last);
    return out;
  }

  #one(line, out) {
    this.#line += 1;
    const text = line.trimEnd();
    if (text === "") return;
    if (this.#options.format === "auditd") this.#record(text);
    else {
      try {
        this.#document(JSON.parse(text), [text], this.#line, out);
      } catch {
        // The engine reports it.
      }
    }
  }

  #document(document, lines, line, out) {
    if (document === null || typeof document !== "object" || field(document, "@timestamp") === undefined) return;
    out.push({ ...describe(document), line, lines, document });
  }

  #array() {
    const out = [];
    try {
      for (const document of JSON.parse(this.#rest)) this.#document(document, [JSON.stringify(document, null, 2)], null, out);
    } catch {
      // The engine reports it.
    }
    return out;
  }

  #record(text) {
    const found = RECORD.exec(text);
    if (!found) return;
    const [, node, , seconds, millis, serial] = found, id = `${node ?? ""} ${seconds}.${millis}:${serial}`;
    let event = this.#open.get(id);
    if (!event) {
      event = { node, time: Number(seconds) * 1000 + Number(millis), serial: Number(serial), line: this.#line, lines: [] };
      this.#open.set(id, event);
    }
    event.lines.push(text);
  }

  /** Takes whole events from the head, so that rows keep the order of the log. */
  #close(out, all) {
    for (const [id, event] of this.#open) {
      if (!all && this.#open.size <= OPEN) break;
      this.#open.delete(id);
      const document = this.#options.parse(event), row = describe(document), host = event.node ?? this.#options.host?.id ?? "";
      out.push({ ...row, time: event.time, host: row.host || host, line: event.line, lines: event.lines, document, key: `${event.time}:${event.serial}:${host}` });
    }
  }
}

/** The key of an alert's event, as its row has it. */
export function keyOf(format, source) {
  if (format === "ecs") return JSON.stringify(source);
  const serial = field(source, "event.sequence") ?? field(source, "auditd.sequence");
  return `${Date.parse(field(source, "@timestamp"))}:${serial}:${field(source, "host.id") ?? ""}`;
}
