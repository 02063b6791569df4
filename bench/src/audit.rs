//! A scene as the kernel's audit records, RAW: `SYSCALL` and what belongs to it, up to `EOE`.

use crate::{
    ecs::kind,
    random::Random,
    scene::{Call, Scene},
};
use std::fmt::Write;

/// Appends the records, one a line.
pub(crate) fn write(scene: &Scene, random: &mut Random, out: &mut String) {
    let Scene { process, .. } = scene;
    let (uid, name) = (process.user.0, process.name);
    let head = |out: &mut String, kind: &str| {
        let (seconds, millis) = (scene.millis / 1_000, scene.millis % 1_000);
        let _ = write!(out, "node={} type={kind} msg=audit({seconds}.{millis:03}:{}): ", scene.host.name, scene.serial);
    };
    let pointer = 0x55d0_0000_0000 + random.below(0xffff_ffff);
    let (number, arguments, key) = match scene.call {
        Call::Execve => {
            (59, format!("a0={pointer:x} a1={:x} a2={:x} a3=8 items=2", pointer + 0xd8, pointer + 0x130), "exec")
        }
        Call::Socket { udp } => (41, format!("a0=2 a1={} a2=0 a3=0 items=0", kind(udp)), "sock"),
        Call::Connect { .. } => (42, format!("a0=5 a1={pointer:x} a2=10 a3=0 items=0"), "net"),
        Call::Open => (257, format!("a0=ffffff9c a1={pointer:x} a2=241 a3=1b6 items=1"), "file"),
    };
    head(out, "SYSCALL");
    let _ = writeln!(
        out,
        "arch=c000003e syscall={number} success=yes exit=0 {arguments} ppid={} pid={} auid=4294967295 uid={uid} gid={uid} euid={uid} suid={uid} fsuid={uid} egid={uid} sgid={uid} fsgid={uid} tty=(none) ses={} comm=\"{name}\" exe=\"/usr/bin/{name}\" subj=unconfined key=\"{key}\"",
        process.parent,
        process.pid,
        process.pid % 97,
    );
    match scene.call {
        Call::Execve => {
            head(out, "EXECVE");
            let _ = write!(out, "argc={}", process.args.len());
            for (index, argument) in process.args.iter().enumerate() {
                let _ = write!(out, " a{index}=\"{argument}\"");
            }
            out.push('\n');
        }
        Call::Connect { address: [a, b, c, d], port } => {
            head(out, "SOCKADDR");
            let _ = writeln!(out, "saddr=0200{port:04X}{a:02X}{b:02X}{c:02X}{d:02X}0000000000000000");
        }
        Call::Socket { .. } | Call::Open => {}
    }
    if matches!(scene.call, Call::Execve | Call::Open) {
        head(out, "CWD");
        out.push_str("cwd=\"/\"\n");
        head(out, "PATH");
        let _ = writeln!(
            out,
            "item=0 name=\"/usr/bin/{name}\" inode={} dev=08:01 mode=0100755 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0",
            140_000 + process.pid
        );
    }
    head(out, "PROCTITLE");
    out.push_str("proctitle=");
    for (index, argument) in process.args.iter().enumerate() {
        out.push_str(if index == 0 { "" } else { "00" });
        argument.bytes().for_each(|byte| {
            let _ = write!(out, "{byte:02X}");
        });
    }
    out.push('\n');
    head(out, "EOE");
    out.push('\n');
}
