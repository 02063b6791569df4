// The types of the package as a user's program sees them; a line marked @ts-expect-error must not compile.

import { readFileSync } from "node:fs";
import {
  AuditReader, Correlator, Search, check, doctor, init, initSync, parseAuditLog, search,
  type Alert, type DoctorReport, type EqliteError, type Options, type RuleReport, type SearchResponse, type Stats,
} from "eqlite";
import * as inline from "eqlite/inline";
import * as slim from "eqlite/slim";

await init();
await init(new URL("https://example.org/eqlite.wasm"));
initSync();
await inline.init();
await slim.init(readFileSync("eqlite.wasm"));
// @ts-expect-error slim has no module of its own
await slim.init();

const options: Options = {
  rules: ["text", { file: "a.toml", text: "text" }, { rule_id: "a", query: "any where true" }],
  format: "auditd",
  host: { id: "a" },
  limits: { lineBytes: 1 },
  allowedLateness: 1000,
  seed: 5n,
  skipInvalid: true,
};
// @ts-expect-error a format that there is not
const wrong: Options = { rules: [], format: "xml" };
// @ts-expect-error rules are needed
new Correlator({});

using correlator = new Correlator(options);
correlator.feed(new Uint8Array());
correlator.feed("text");
// @ts-expect-error numbers are no input
correlator.feed(1);
const sifted: Uint8Array = correlator.sift("text");
correlator.feedSifted("text", sifted);
const stages: number = correlator.feedEvent({ process: { pid: 1n } });
correlator.advance(new Date());
correlator.advance(1n);
correlator.finish();

for (const alert of correlator.drainAlerts()) {
  const severity: "low" | "medium" | "high" | "critical" = alert.rule.severity;
  const key: string | number | boolean | null | undefined = alert.join_keys["host.id"];
  for (const event of alert.events) {
    if (event.missing) continue;
    const at: string = event.timestamp;
    const source: unknown = event.source["process"];
    void [at, source];
  }
  void [severity, key];
}
const lines: string = correlator.drainAlertLines();
const alert: Alert = JSON.parse(lines);
const stats: Stats = correlator.stats();
const some: number | undefined = stats.rules[0]?.stages[0];
// @ts-expect-error a counter that there is not
void stats.lateEvents;
const line: number | undefined = correlator.drainProblems()[0]?.line;
const skipped: string | undefined = correlator.rules()[0]?.skipped;

try {
  new Correlator(options);
} catch (caught) {
  const error = caught as EqliteError;
  const column: number | undefined = error.diagnostics[0]?.column;
  void [error.code === "rules", error.message, column];
}
void [wrong, stages, alert, some, line, skipped];

const found: SearchResponse = search("any where true", [{ data: "{}", mapping: {}, name: "a" }], { size: 1, resultPosition: "head", now: new Date() });
search("any where true", [{ process: { pid: 1 } }], { format: "ecs", host: { id: "a" } });
// @ts-expect-error an end that there is not
search("any where true", "", { resultPosition: "middle" });
// @ts-expect-error a number is no data
search("any where true", 5);
for (const group of found.hits.sequences ?? []) {
  for (const event of group.events) {
    if (!event.missing) void event._source["process"];
  }
}
using pieces = new Search({ format: "auditd" });
pieces.add("one", { properties: {} });
pieces.feed(new Uint8Array());
const total: number = pieces.run("any where true", { size: 1 }).hits.total.value;
const reports: RuleReport[] = check(["text", { file: "a", text: "b" }], { schema: "ecs" });
const status: "ok" | "error" | "unsupported" | undefined = reports[0]?.status;
const documents: Record<string, unknown>[] = parseAuditLog("", { profile: "auditd-manager", compat: "go-libaudit", includeRaw: true });
// @ts-expect-error a profile that there is not
parseAuditLog("", { profile: "filebeat" });
using reader = new AuditReader({ host: { id: "a" } });
reader.feed("text");
const lost: number = reader.stats().lostSerials;
const report: DoctorReport = doctor("", { rules: ["text"] });
void [total, status, documents, lost, report.findings[0]?.help];
