// One system call, three ways of writing it down: as the records auditd writes (RAW), the same with names behind the separator
// 0x1d (ENRICHED), and as the ECS document that Auditd Manager makes of it.
//
//   {host, at, serial, pid, ppid, comm, exe, connect: 3, to: ["203.0.113.10", 4444], exit: 0}
//     -> type=SYSCALL msg=audit(1795487606.893:1110): arch=c000003e syscall=42 success=yes exit=0 a0=3 ...
//        type=SOCKADDR msg=audit(1795487606.893:1110): saddr=0200115CCB00710A0000000000000000
//     -> {"@timestamp": "2026-11-24T02:33:26.893Z", "event": {"category": ["network"], ...}, "destination": {...}}
//
// The forms are those of the Linux audit userspace (auditd.conf(5): log_format) and of Auditbeat's fields.

const ARCHES = {
  x86_64: { code: "c000003e", execve: 59, socket: 41, connect: 42, loader: "/lib64/ld-linux-x86-64.so.2" },
  aarch64: { code: "c00000b7", execve: 221, socket: 198, connect: 203, loader: "/lib/ld-linux-aarch64.so.1" },
  i386: { code: "40000003", execve: 11, socket: 359, connect: 362, loader: "/lib/ld-linux.so.2" },
};
const USERS = { 0: "root", 33: "www-data", 100: "systemd-resolve", 114: "postgres", 998: "builder", 999: "telemetry", 1000: "mara", 4294967295: "unset" };
const ERRORS = { "-2": "ENOENT", "-13": "EACCES", "-115": "EINPROGRESS" };
const UNSET = 4294967295;
const SEPARATOR = "\x1d";

/** The lines of one event, without line ends. `enriched` adds names; `end` says how the event ends: "proctitle", "eoe" or "both". */
export function records(event, { enriched = false, node = false, end = "proctitle" } = {}) {
  const stamp = `msg=audit(${(Date.parse(event.at) / 1000).toFixed(3)}:${event.serial}): `;
  const line = (type, body, names) => `${node ? `node=${event.host.name} ` : ""}type=${type} ${stamp}${body}${enriched && names ? SEPARATOR + names : ""}`;
  if (event.message) return [line(event.message, event.body, event.names)];

  const call = callOf(event), arch = ARCHES[event.host.arch ?? "x86_64"], who = userOf(event), [a0, a1, a2, a3] = argumentsOf(event);
  const ids = ["uid", "gid", "euid", "suid", "fsuid", "egid", "sgid", "fsgid"];
  const lines = [line("SYSCALL",
    `arch=${arch.code} syscall=${arch[call]} success=${event.exit < 0 ? "no" : "yes"} exit=${event.exit ?? 0} a0=${a0} a1=${a1} a2=${a2} a3=${a3} ` +
    `items=${call === "execve" ? 2 : 0} ppid=${event.ppid} pid=${event.pid} auid=${who.auid} ${ids.map((id) => `${id}=${who.uid}`).join(" ")} ` +
    `tty=${who.tty} ses=${who.ses} comm=${untrusted(event.comm)} exe=${untrusted(event.exe)} subj=unconfined key="${event.key ?? KEYS[call]}"`,
    `ARCH=${event.host.arch ?? "x86_64"} SYSCALL=${call} AUID="${USERS[who.auid]}" ${ids.map((id) => `${id.toUpperCase()}="${USERS[who.uid]}"`).join(" ")}`)];
  if (call === "connect") lines.push(line("SOCKADDR", `saddr=${saddr(event.to)}`, `SADDR={ ${interpreted(event.to)} }`));
  if (call === "execve") {
    lines.push(line("EXECVE", `argc=${event.execve.length} ${event.execve.map((text, n) => `a${n}=${untrusted(text)}`).join(" ")}`));
    if (event.cwd) {
      const path = (item, name, inode) => line("PATH",
        `item=${item} name=${untrusted(name)} inode=${inode} dev=08:01 mode=0100755 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0`,
        `OUID="root" OGID="root"`);
      lines.push(line("CWD", `cwd=${untrusted(event.cwd)}`), path(0, event.exe, inode(event.exe)), path(1, arch.loader, inode(arch.loader)));
    }
  }
  if (event.title && end !== "eoe") lines.push(line("PROCTITLE", `proctitle=${untrusted(event.title.join("\0").slice(0, 128))}`));
  if (end !== "proctitle" || (!event.title && end === "eoe")) lines.push(line("EOE", ""));
  return lines;
}

/** The ECS document of a system call, as Auditd Manager's pipeline leaves it; `undefined` for the other records. */
export function ecs(event) {
  if (event.message) return undefined;
  const call = callOf(event), who = userOf(event), [a0, a1, a2, a3] = argumentsOf(event), failed = event.exit < 0;
  const inet = Array.isArray(event.to), kinds = {
    execve: { action: "executed", category: ["process"], type: ["start"] },
    socket: { category: ["process"], type: ["info"] },
    connect: { action: "connected-to", category: ["network"], type: ["connection", "start"] },
  };
  return {
    "@timestamp": event.at,
    event: { kind: "event", module: "auditd", dataset: "auditd_manager.auditd", ...kinds[call], outcome: failed ? "failure" : "success", sequence: event.serial },
    host: { id: event.host.id, name: event.host.name, os: { type: "linux" } },
    process: {
      pid: event.pid, parent: { pid: event.ppid }, name: event.comm, executable: event.exe,
      ...(call === "execve" && { args: event.execve }), ...(event.title && { title: event.title.join(" ") }), ...(event.cwd && { working_directory: event.cwd }),
    },
    user: { id: String(who.uid), name: USERS[who.uid] },
    ...(call === "connect" && { destination: inet ? { ip: event.to[0], port: event.to[1] } : { path: event.to }, network: { direction: "egress" } }),
    auditd: {
      message_type: "syscall", result: failed ? "fail" : "success", ...(who.ses !== UNSET && { session: String(who.ses) }),
      data: {
        arch: event.host.arch ?? "x86_64", syscall: call, exit: ERRORS[event.exit] ?? String(event.exit ?? 0), a0, a1, a2, a3, tty: who.tty,
        ...(call === "execve" && { argc: event.execve.length }),
        ...(call === "connect" && { socket: inet ? { family: event.to[0].includes(":") ? "ipv6" : "ipv4", addr: event.to[0], port: event.to[1] } : { family: "unix", path: event.to } }),
      },
    },
    tags: [event.key ?? KEYS[call]],
    data_stream: { type: "logs", dataset: "auditd_manager.auditd", namespace: "default" },
    service: { type: "auditd" },
    ecs: { version: "8.17.0" },
  };
}

const KEYS = { execve: "exec", socket: "sock", connect: "net" };
const callOf = (event) => (event.execve ? "execve" : event.socket ? "socket" : "connect");
const userOf = (event) => ({ uid: 0, auid: UNSET, tty: "(none)", ses: UNSET, ...event.user });

/** a0..a3 as the kernel prints them: hexadecimal, no prefix. Pointers are made up of the pid, so that they look and stay like pointers. */
function argumentsOf(event) {
  const pointer = (n) => (0x55d0c3a00000 + ((event.pid * 0x1f3d) % 0xfffff) * 0x10 + n).toString(16);
  if (event.execve) return [pointer(0), pointer(0xd8), pointer(0x130), "8"];
  if (event.socket) return [...event.socket, "0"];
  const size = Array.isArray(event.to) ? (event.to[0].includes(":") ? "1c" : "10") : "6e";
  return [event.connect.toString(16), `7ffd${((event.pid * 0x2f9b1) >>> 0).toString(16).padStart(8, "0").slice(-8)}`, size, "0"];
}

/** The kernel's way with strings that users choose: quoted, or all in hexadecimal when a byte is a quote, a blank or not ASCII. */
function untrusted(text) {
  const bytes = Buffer.from(text, "utf8");
  return bytes.some((byte) => byte < 0x21 || byte > 0x7e || byte === 0x22) ? bytes.toString("hex").toUpperCase() : `"${text}"`;
}

/** struct sockaddr in hexadecimal: the family in host order (little endian), the port in network order. */
function saddr(to) {
  if (!Array.isArray(to)) return Buffer.concat([Buffer.from([1, 0]), Buffer.from(to), Buffer.alloc(1)]).toString("hex").toUpperCase();
  const [address, port] = to, bytes = Buffer.alloc(address.includes(":") ? 28 : 16);
  bytes.writeUInt16BE(port, 2);
  if (address.includes(":")) {
    const [head, tail = ""] = address.split("::"), left = head.split(":").filter(Boolean), right = tail.split(":").filter(Boolean);
    const groups = [...left, ...Array(8 - left.length - right.length).fill("0"), ...right];
    bytes.writeUInt8(10, 0);
    groups.forEach((group, n) => bytes.writeUInt16BE(parseInt(group, 16), 8 + 2 * n));
  } else {
    bytes.writeUInt8(2, 0);
    address.split(".").forEach((part, n) => bytes.writeUInt8(Number(part), 4 + n));
  }
  return bytes.toString("hex").toUpperCase();
}

const interpreted = (to) =>
  Array.isArray(to) ? `saddr_fam=${to[0].includes(":") ? "inet6" : "inet"} laddr=${to[0]} lport=${to[1]}` : `saddr_fam=local path=${to}`;

const inode = (path) => 131072 + [...path].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 393216, 7);
