//! A scene as Auditbeat sends it: one JSON object a line, about 1,461 bytes.
//!
//! Go gives the keys of a map in random order, and so the objects below the root come in any order here too.

use crate::{
    random::Random,
    scene::{Call, Scene},
};
use std::fmt::Write;

/// Appends the document and a line end.
pub(crate) fn write(scene: &Scene, random: &mut Random, out: &mut String) {
    let mut parts = [
        agent(scene),
        host(scene),
        event(scene),
        process(scene),
        user(scene),
        auditd(scene, random),
        r#""ecs":{"version":"8.0.0"},"service":{"type":"auditd"},"tags":["audit"]"#.to_string(),
    ];
    random.shuffle(&mut parts);
    let _ = write!(
        out,
        r#"{{"@timestamp":"{}","@metadata":{{"beat":"auditbeat","type":"_doc","version":"8.17.0"}}"#,
        time(scene.millis)
    );
    for part in parts {
        out.push(',');
        out.push_str(&part);
    }
    if let Call::Connect { address, port } = scene.call {
        let direction = if address[0] == 127 { "ingress" } else { "egress" };
        let _ = write!(out, r#","destination":{{"ip":"{}","port":{port}}}"#, dotted(address));
        let _ = write!(out, r#","network":{{"direction":"{direction}"}}"#);
    }
    out.push_str("}\n");
}

fn agent(scene: &Scene) -> String {
    let id = &scene.host.id;
    let name = &scene.host.name;
    let uuid = format!("{}-{}-4{}-a{}-{}", &id[..8], &id[8..12], &id[12..15], &id[15..18], &id[18..30]);
    format!(
        r#""agent":{{"type":"auditbeat","version":"8.17.0","ephemeral_id":"{uuid}","id":"{uuid}","name":"{name}"}}"#
    )
}

fn host(scene: &Scene) -> String {
    let (id, name) = (&scene.host.id, &scene.host.name);
    format!(
        r#""host":{{"hostname":"{name}","architecture":"x86_64","os":{{"type":"linux","platform":"debian","version":"12 (bookworm)","family":"debian","name":"Debian GNU/Linux","kernel":"6.1.0-28-amd64"}},"id":"{id}","name":"{name}"}}"#
    )
}

fn event(scene: &Scene) -> String {
    let (action, category, kind) = match scene.call {
        Call::Execve => (r#""action":"executed","#, "process", r#""start""#),
        Call::Socket { .. } => ("", "process", r#""info""#),
        Call::Connect { .. } => (r#""action":"connected-to","#, "network", r#""connection","start""#),
        Call::Open => (r#""action":"opened-file","#, "file", r#""creation""#),
    };
    format!(
        r#""event":{{{action}"category":["{category}"],"type":[{kind}],"module":"auditd","kind":"event","outcome":"success"}}"#
    )
}

fn process(scene: &Scene) -> String {
    let process = &scene.process;
    let mut out = format!(
        r#""process":{{"pid":{},"parent":{{"pid":{}}},"name":"{}","executable":"/usr/bin/{}","working_directory":"/","title":"{}""#,
        process.pid,
        process.parent,
        process.name,
        process.name,
        process.args.join(" ")
    );
    if matches!(scene.call, Call::Execve) {
        let _ = write!(out, r#","args":["{}"]"#, process.args.join(r#"",""#));
    }
    out.push('}');
    out
}

fn user(scene: &Scene) -> String {
    let (id, name) = scene.process.user;
    format!(
        r#""user":{{"id":"{id}","name":"{name}","group":{{"id":"{id}","name":"{name}"}},"effective":{{"id":"{id}","name":"{name}"}},"saved":{{"id":"{id}","name":"{name}"}},"filesystem":{{"id":"{id}","name":"{name}"}}}}"#
    )
}

fn auditd(scene: &Scene, random: &mut Random) -> String {
    let name = scene.process.name;
    let user = scene.process.user.1;
    let pointer = 0x55d0_0000_0000 + random.below(0xffff_ffff);
    let (syscall, arguments, object) = match scene.call {
        Call::Execve => (
            "execve",
            format!(
                r#""a0":"{pointer:x}","a1":"{:x}","a2":"{:x}","a3":"8","argc":{}"#,
                pointer + 0xd8,
                pointer + 0x130,
                scene.process.args.len()
            ),
            "file",
        ),
        Call::Socket { udp } => ("socket", format!(r#""a0":"2","a1":"{}","a2":"0","a3":"0""#, kind(udp)), "socket"),
        Call::Connect { address, port } => (
            "connect",
            format!(
                r#""a0":"5","a1":"{pointer:x}","a2":"10","a3":"0","socket":{{"family":"ipv4","addr":"{}","port":"{port}"}}"#,
                dotted(address)
            ),
            "socket",
        ),
        Call::Open => ("openat", format!(r#""a0":"ffffff9c","a1":"{pointer:x}","a2":"241","a3":"1b6""#), "file"),
    };
    format!(
        r#""auditd":{{"message_type":"syscall","sequence":{},"result":"success","session":"{}","summary":{{"actor":{{"primary":"{user}","secondary":"{user}"}},"object":{{"primary":"/usr/bin/{name}","type":"{object}"}},"how":"/usr/bin/{name}"}},"data":{{"arch":"x86_64","syscall":"{syscall}","exit":"0","tty":"(none)",{arguments}}}}}"#,
        scene.serial,
        scene.process.pid % 97,
    )
}

/// The second argument of `socket(2)`, in hexadecimal as in the record.
pub(crate) fn kind(udp: bool) -> &'static str {
    if udp { "2" } else { "1" }
}

fn dotted(address: [u8; 4]) -> String {
    address.map(|part| part.to_string()).join(".")
}

/// `2026-11-24T00:00:00.000Z`; the scenes of one run stay within this month.
fn time(millis: u64) -> String {
    let (seconds, days) = (millis / 1_000 % 86_400, millis / 86_400_000 - 20_781);
    format!(
        "2026-11-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        24 + days,
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60,
        millis % 1_000
    )
}
