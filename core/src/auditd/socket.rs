//! Which socket a call is about: the descriptor that `socket` returned is the one that `connect` is given.
//!
//! ```text
//! socket  a0=2 a1=80002 exit=3   -> fd 3, dgram, ipv4
//! connect a0=3 saddr=0200..      -> fd 3, ipv4
//! ```
//!
//! The kernel writes `exit` in decimal and `a0` in hex, and `a1` holds the socket's type with flags on it; a rule can neither convert nor
//! mask. These fields are ours, not Elastic's.

use alloc::borrow::Cow;

use super::{event::AuditEvent, fields::Text};

/// What is known of the socket.
#[derive(Debug, Default, PartialEq)]
pub(super) struct SocketFacts<'a> {
    pub(super) descriptor: Option<i64>,
    pub(super) kind: Option<&'static str>,
    pub(super) family: Option<Text<'a>>,
}

/// The socket of an event, where it is about one.
pub(super) fn facts<'a>(event: &AuditEvent<'a>) -> Option<SocketFacts<'a>> {
    let call = event.data.get("syscall")?;
    let argument = |key: &str| event.data.get(key).and_then(|value| u64::from_str_radix(value, 16).ok());
    // A descriptor is an int: the upper half of the register means nothing.
    let given = || {
        argument("a0").and_then(|value| i64::try_from(value & 0xffff_ffff).ok()).filter(|&value| value <= 0x7fff_ffff)
    };
    let returned = || {
        event
            .data
            .get("exit")
            .and_then(|exit| exit.parse::<i64>().ok())
            .filter(|&exit| exit >= 0 && event.result == "success")
    };
    let family = event.socket.get("family").cloned();
    Some(match call.as_ref() {
        "socket" => SocketFacts {
            descriptor: returned(),
            kind: argument("a1")
                .and_then(|value| kind(value & 0xf, event.data.get("arch").map_or("", |arch| arch.as_ref()))),
            family: argument("a0").map(|value| family_name(value & 0xffff_ffff)),
        },
        "accept" | "accept4" => SocketFacts { descriptor: returned(), kind: None, family },
        "connect" | "bind" | "listen" | "send" | "sendto" | "sendmsg" | "sendmmsg" | "recv" | "recvfrom"
        | "recvmsg" | "recvmmsg" | "getsockname" | "getpeername" | "shutdown" | "setsockopt" | "getsockopt" => {
            SocketFacts { descriptor: given(), kind: None, family }
        }
        _ => return None,
    })
}

/// SOCK_* without its flags (linux/net.h). MIPS has the first two the other way round (asm/socket.h).
fn kind(number: u64, arch: &str) -> Option<&'static str> {
    let mips = arch.starts_with("mips");
    Some(match number {
        1 => {
            if mips {
                "dgram"
            } else {
                "stream"
            }
        }
        2 => {
            if mips {
                "stream"
            } else {
                "dgram"
            }
        }
        3 => "raw",
        4 => "rdm",
        5 => "seqpacket",
        6 => "dccp",
        10 => "packet",
        _ => return None,
    })
}

/// In the words of `auditd.data.socket.family`.
fn family_name(number: u64) -> Text<'static> {
    match number {
        1 => Cow::Borrowed("unix"),
        2 => Cow::Borrowed("ipv4"),
        10 => Cow::Borrowed("ipv6"),
        16 => Cow::Borrowed("netlink"),
        other => Cow::Owned(alloc::format!("{other}")),
    }
}
