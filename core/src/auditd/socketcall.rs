//! `socketcall`, through which old i386, s390 and ppc programs make every socket call: its first argument says which call it is, the
//! SOCKETCALL record has that call's own arguments. Taken apart, the event is the same as that of a program that calls directly:
//!
//! ```text
//! SYSCALL syscall=102 a0=1 a1=bf.. | SOCKETCALL nargs=3 a0=2 a1=2 a2=0   ->   socket, a0 = 2, a1 = 2, a2 = 0
//! ```
//!
//! The reference leaves such events as `socketcall` and drops the arguments, so no rule on sockets sees them.

use alloc::borrow::Cow;

use super::{
    event::{AuditEvent, Warning},
    fields::Fields,
    record::RecordType,
};

/// The calls by number (linux/net.h: SYS_SOCKET and on).
const CALLS: &str = "1 socket bind connect listen accept getsockname getpeername socketpair send recv sendto recvfrom shutdown setsockopt \
    getsockopt sendmsg recvmsg accept4 recvmmsg sendmmsg";

/// Puts the arguments of the inner call in the place of those of `socketcall`, and its name with them.
pub(super) fn replace_arguments<'a>(event: &mut AuditEvent<'a>, arguments: Fields<'a>) {
    unwrap(event);
    for key in ["a0", "a1", "a2", "a3"] {
        event.data.take(key);
    }
    for field in arguments {
        let key = field.key;
        if !event.data.add(field) {
            event.warnings.push(Warning::Duplicate(Cow::Borrowed(key), RecordType::SOCKETCALL));
        }
    }
}

/// Names the inner call. Where no SOCKETCALL record came, the arguments are those of `socketcall`, and go: they would mislead.
pub(super) fn unwrap(event: &mut AuditEvent<'_>) {
    if event.data.get("syscall").is_none_or(|call| call != "socketcall") {
        return;
    }
    let inner = event.data.get("a0").and_then(|number| u32::from_str_radix(number, 16).ok());
    let Some((_, name)) = inner.and_then(|inner| super::tables::entries(CALLS).find(|&(number, _)| number == inner))
    else {
        return;
    };
    event.data.set("syscall", Cow::Borrowed(name), "");
    for key in ["a0", "a1", "a2", "a3"] {
        event.data.take(key);
    }
}
