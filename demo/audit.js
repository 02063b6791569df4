// The records of one audit event -> the ECS document that the row is made of: the engine's own, by `parseAuditLog`.

import * as eqlite from "./eqlite/web.js";

const encoder = new TextEncoder();

/** `{lines, node}` -> a document; where the engine can make none of it, a short one that says what the records are. */
export function documentOf({ lines, node }, host) {
  if (eqlite.parseAuditLog) {
    const made = eqlite.parseAuditLog(encoder.encode(lines.join("\n") + "\n"), host ? { host } : {})[0];
    if (made) return made;
  }
  return plain(lines, host ?? (node && { id: node, name: node }));
}

/** What can be said without knowing the calls by their numbers. */
function plain(lines, host) {
  const [, type, seconds, millis, serial] = /type=(\S+) msg=audit\((\d+)\.(\d{3}):(\d+)\)/.exec(lines[0]) ?? [], whole = lines.join("\n");
  const value = (key) => new RegExp(`(?:^|[\\s'])${key}=(?:"([^"]*)"|([^\\s'\\x1d]+))`, "m").exec(whole)?.slice(1).find((one) => one !== undefined);
  return {
    "@timestamp": new Date(Number(seconds) * 1000 + Number(millis)).toISOString(),
    event: { sequence: Number(serial) },
    ...(host && { host: { id: host.id, name: host.name, os: { type: "linux" } } }),
    process: { pid: Number(value("pid")) || undefined, parent: { pid: Number(value("ppid")) || undefined }, name: value("comm"), executable: value("exe") },
    auditd: { message_type: type?.toLowerCase() },
    message: [value("op"), value("acct"), value("unit"), value("res")].filter(Boolean).join(" · ") || undefined,
  };
}
