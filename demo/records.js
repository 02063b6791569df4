// The lines of an audit log, kept by event, so that an event can be shown as it was written.
//
//   const records = new Records(limit);
//   records.feed(bytes);
//   records.of(document)  -> {line: 144, lines: ["node=web-01 type=SYSCALL msg=audit(1795487606.888:41890): ...", ...]} or null
//
// Which records make an event, and what they mean, is the engine's affair; here their stamp (node, time, serial) is enough.

import { field } from "./describe.js";

const STAMP = /^(?:node=(\S+) )?type=\S+ msg=audit\((\d+\.\d+:\d+)\)/;

export class Records {
  #events = new Map();
  #decoder = new TextDecoder();
  #limit;
  #rest = "";
  #line = 0;

  /** Keeps the lines of so many events. */
  constructor(limit) {
    this.#limit = limit;
  }

  feed(bytes) {
    this.#lines((this.#rest + this.#decoder.decode(bytes, { stream: true })).split("\n"));
  }

  finish() {
    this.#lines([this.#rest + this.#decoder.decode(), ""]);
  }

  of(document) {
    const time = Date.parse(field(document, "@timestamp")), serial = field(document, "auditd.sequence") ?? field(document, "event.sequence");
    const stamp = `${(time / 1000).toFixed(3)}:${serial}`, node = field(document, "auditd.data.node");
    return this.#events.get(node ? `${node} ${stamp}` : stamp) ?? null;
  }

  #lines(lines) {
    this.#rest = lines.pop();
    for (const line of lines) {
      this.#line += 1;
      const found = STAMP.exec(line);
      if (!found) continue;
      const [, node, stamp] = found, key = node ? `${node} ${stamp}` : stamp, event = this.#events.get(key);
      if (event) event.lines.push(line.trimEnd());
      else if (this.#events.size < this.#limit) this.#events.set(key, { line: this.#line, lines: [line.trimEnd()] });
    }
  }
}
