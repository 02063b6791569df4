// One ECS document -> what a person reads in one row.
//
//   {"process": {"pid": 4338, "name": "bash"}, "auditd": {"data": {"syscall": "socket", "a0": "2", "a1": "802"}}, ...}
//     -> {time: 1795487606888, host: "web-01", pid: 4338, name: "bash", call: "socket", text: "IPv4, UDP, non-blocking"}

/** The value of a field in a document that nests, or dots, or does both; `undefined` where there is none. */
export function field(document, path) {
  if (document === null || typeof document !== "object") return undefined;
  if (path in document) return document[path];
  const parts = path.split(".");
  for (let n = parts.length - 1; n > 0; n -= 1) {
    const key = parts.slice(0, n).join(".");
    if (!(key in document)) continue;
    const found = field(document[key], parts.slice(n).join("."));
    if (found !== undefined) return found;
  }
  return undefined;
}

const first = (value) => (Array.isArray(value) ? value[0] : value);
const text = (value) => (value === undefined || value === null ? "" : String(first(value)));

/** The row of a document. */
export function describe(document) {
  const time = Date.parse(text(field(document, "@timestamp"))), get = (path) => field(document, path);
  const call = text(get("auditd.data.syscall")) || text(get("event.action")) || text(get("auditd.message_type")) || text(get("event.category")) || "event";
  return {
    time: Number.isNaN(time) ? null : time,
    host: text(get("host.name")) || text(get("host.id")),
    pid: first(get("process.pid")) ?? "",
    name: text(get("process.name")),
    call,
    text: happened(get, call),
  };
}

function happened(get, call) {
  if (call === "socket") return socket(text(get("auditd.data.a0")), text(get("auditd.data.a1")));
  const address = get("destination.ip"), exit = text(get("auditd.data.exit"));
  if (address !== undefined && address !== null) return `→ ${endpoint([address].flat().join(", "), text(get("destination.port")))}${failure(exit)}`;
  const path = text(get("destination.path")) || text(get("destination.address"));
  if (path) return `→ ${path}${failure(exit)}`;
  const args = get("process.args");
  const command = Array.isArray(args) ? args.map(quoted).join(" ") : text(get("process.title")) || text(get("process.command_line"));
  if (command && call !== "connect") return command + failure(exit);
  return [text(get("auditd.summary.actor.primary")), text(get("user.name")), text(get("file.path")), text(get("message"))].filter(Boolean).join(" · ") || text(get("event.category"));
}

const endpoint = (ip, port) => (ip.includes(":") ? `[${ip}]` : ip) + (port ? `:${port}` : "");
const quoted = (argument) => (/[\s"']/.test(argument) ? `'${argument}'` : String(argument));
const failure = (exit) => (exit && !/^\d+$/.test(exit) ? ` (${exit})` : "");

/** socket(2): family and type are hexadecimal text; the type carries two flags. */
function socket(family, type) {
  const names = { 1: "local", 2: "IPv4", a: "IPv6", 10: "netlink" }, kind = parseInt(type, 16);
  const types = { 1: family === "1" ? "stream" : "TCP", 2: family === "1" || family === "10" ? "datagram" : "UDP", 3: "raw" };
  const flags = [kind & 0x800 && "non-blocking", kind & 0x80000 && "close-on-exec"].filter(Boolean);
  return [names[family] ?? `family ${family}`, types[kind & 0xf] ?? `type ${type}`, ...flags].join(", ");
}
