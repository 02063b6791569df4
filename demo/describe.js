// One ECS document -> what a person reads in one row.
//
//   {"process": {"pid": 4338, "name": "bash"}, "auditd": {"data": {"syscall": "socket", "a0": "2", "a1": "802"}}, ...}
//     -> {time: 1795487606888, host: "web-01", pid: 4338, name: "bash", call: "socket", text: "IPv4, UDP, non-blocking"}

/** Path -> the ways to cut it in two: "a.b.c" -> [["a.b", "c"], ["a", "b.c"]]. */
const cuts = new Map();

function cutsOf(path) {
  let made = cuts.get(path);
  if (!made) {
    made = [];
    for (let dot = path.lastIndexOf("."); dot > 0; dot = path.lastIndexOf(".", dot - 1)) made.push([path.slice(0, dot), path.slice(dot + 1)]);
    cuts.set(path, made);
  }
  return made;
}

/** The value of a field in a document that nests, or dots, or does both; `undefined` where there is none. */
export function field(document, path) {
  if (document === null || typeof document !== "object") return undefined;
  if (path in document) return document[path];
  for (const [head, rest] of cutsOf(path)) {
    if (!(head in document)) continue;
    const found = field(document[head], rest);
    if (found !== undefined) return found;
  }
  return undefined;
}

const first = (value) => (Array.isArray(value) ? value[0] : value);
const text = (value) => (value === undefined || value === null ? "" : String(first(value)));

/** The row of a document. */
export function describe(document) {
  const time = Date.parse(text(field(document, "@timestamp"))), get = (path) => field(document, path);
  const call = text(get("auditd.data.syscall")) || text(get("auditd.message_type")) || text(get("event.action")) || text(get("event.category")) || "event";
  return {
    time: Number.isNaN(time) ? null : time,
    host: text(get("host.name")) || text(get("host.id")),
    pid: first(get("process.pid")) ?? "",
    name: text(get("process.name")) || text(get("process.executable")).replace(/^.*[\\/]/, ""),
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
  const said = ["auditd.data.op", "auditd.data.unit", "auditd.data.acct", "file.path", "source.ip", "message"].map((path) => text(get(path)));
  if (text(get("event.outcome")) === "failure") said.push("failed");
  return said.filter(Boolean).join(" · ") || text(get("event.action")) || text(get("event.category"));
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
