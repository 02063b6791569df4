//! Numbers and names that the kernel and auditd give to things: record types, architectures, system calls, errors, signals.
//!
//! Each table is a text of runs, a number and then the names that follow it one by one, so that
//! `0 read write 3 close` says read = 0, write = 1, close = 3. Texts compress well and cost no relocations; the table of an
//! architecture is spread out once, when its first record comes (see [`SyscallTables`]).
//!
//! Names are those of the reference implementation (go-libaudit), since Elastic's rules are written against them: `newfstat`, not `fstat`,
//! on aarch64.

mod syscalls;

pub(super) use syscalls::{Calls, Syscall, SyscallTables, has_call, uring_op};

const RECORD_TYPES: &str = include_str!("record_types.txt");
const ERRORS: &str = include_str!("errno.txt");

/// Number and name of each entry of a table text; a number within a range (`8-15`, see [`SyscallTables`]) goes on after its end.
pub(super) fn entries(text: &'static str) -> impl Iterator<Item = (u32, &'static str)> {
    let mut number = 0u32;
    text.split_ascii_whitespace().filter_map(move |word| match word.parse() {
        Ok(start) => {
            number = start;
            None
        }
        Err(_) => {
            let entry = (number, word);
            let after = word.split_once('-').and_then(|(_, last)| last.parse().ok()).unwrap_or(number);
            number = u32::wrapping_add(after, 1);
            Some(entry)
        }
    })
}

fn name_of(text: &'static str, number: u32) -> Option<&'static str> {
    entries(text).find(|&(each, _)| each == number).map(|(_, name)| name)
}

/// The number of a record type: `SYSCALL` is 1300.
pub(super) fn record_type(name: &str) -> Option<u16> {
    // The common ones first: this is asked for every line.
    match name {
        "SYSCALL" => Some(1300),
        "PATH" => Some(1302),
        "SOCKADDR" => Some(1306),
        "CWD" => Some(1307),
        "EXECVE" => Some(1309),
        "EOE" => Some(1320),
        "PROCTITLE" => Some(1327),
        _ => number_of(RECORD_TYPES, name).and_then(|number| u16::try_from(number).ok()),
    }
}

/// The number of a name, without a look at every entry before it.
fn number_of(text: &'static str, name: &str) -> Option<u32> {
    let is_name = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    let first = name.as_bytes().first().filter(|first| first.is_ascii_uppercase())?;
    if !name.as_bytes().iter().all(is_name) {
        return None;
    }
    let (before, _) =
        memchr::memchr_iter(*first, text.as_bytes()).map(|place| text.split_at(place)).find(|(before, rest)| {
            let after = rest.strip_prefix(name);
            !before.as_bytes().last().is_some_and(is_name)
                && after.is_some_and(|after| !after.as_bytes().first().is_some_and(is_name))
        })?;
    let mut names_between = 0_u32;
    for word in before.split_ascii_whitespace().rev() {
        if let Ok(number) = word.parse::<u32>() {
            return number.checked_add(names_between);
        }
        names_between = names_between.saturating_add(1);
    }
    None
}

/// The name of a record type: 1300 is `SYSCALL`.
pub(super) fn record_type_name(number: u16) -> Option<&'static str> {
    if number == 1300 { Some("SYSCALL") } else { name_of(RECORD_TYPES, u32::from(number)) }
}

/// The name of an error number: 115 is `EINPROGRESS`.
pub(super) fn error_name(number: u32) -> Option<&'static str> {
    name_of(ERRORS, number)
}

/// The kernel's own error numbers, which it logs before it restarts a call (linux/errno.h). The reference leaves them as numbers.
pub(super) fn restart_error_name(number: u32) -> Option<&'static str> {
    name_of("512 ERESTARTSYS ERESTARTNOINTR ERESTARTNOHAND ENOIOCTLCMD ERESTART_RESTARTBLOCK", number)
}

/// The name of a signal on every architecture but alpha, MIPS, SPARC and PA-RISC: 31 is `SIGSYS`.
pub(super) fn signal_name(number: u32) -> Option<&'static str> {
    name_of(
        "1 SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV SIGUSR2 SIGPIPE SIGALRM SIGTERM SIGSTKFLT \
         SIGCHLD SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGXCPU SIGXFSZ SIGVTALRM SIGPROF SIGWINCH SIGIO SIGPWR SIGSYS",
        number,
    )
}

/// The name of an architecture as the kernel writes it (AUDIT_ARCH_*: the ELF machine with a bit each for 64 bits and little endian).
/// `reference` leaves out what go-libaudit does not know.
pub(super) fn arch_name(code: u32, reference: bool) -> Option<&'static str> {
    Some(match code {
        0xc000_003e => "x86_64",
        0x4000_0003 => "i386",
        0xc000_00b7 => "aarch64",
        0x4000_0028 => "arm",
        0x28 => "armeb",
        0xc000_0015 => "ppc64le",
        0x8000_0015 => "ppc64",
        0x14 => "ppc",
        0x8000_0016 => "s390x",
        0x16 => "s390",
        0x2 => "sparc",
        0x8000_002b => "sparc64",
        0x4 => "m68k",
        0x8 => "mips",
        0x4000_0008 => "mipsel",
        0x8000_0008 => "mips64",
        0xa000_0008 => "mips64n32",
        0xc000_0008 => "mipsel64",
        0xe000_0008 => "mipsel64n32",
        0xf => "parisc",
        0x8000_000f => "parisc64",
        0x2a => "sh",
        0x4000_002a => "shel",
        0x8000_002a => "sh64",
        0xc000_002a => "shel64",
        0x2e => "h8300",
        0x58 => "m32r",
        0x5441 => "frv",
        0x8c => "c6xbe",
        0x4000_008c => "c6x",
        0x4000_004c => "cris",
        0x4000_0071 => "nios2",
        0xc000_0032 => "ia64",
        0x4000_0102 => "loongarch32",
        0xc000_0102 => "loongarch64",
        0xc000_00f3 if !reference => "riscv64",
        0x4000_00f3 if !reference => "riscv32",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_count_on_from_their_number() {
        let all: alloc::vec::Vec<_> = entries("0 read write 3 close").collect();
        assert_eq!(all, [(0, "read"), (1, "write"), (3, "close")]);
    }

    #[test]
    fn tables_share_ranges_of_i386() {
        let calls = |number| SyscallTables::default().get("arm", number, false).map(|call| call.name);
        assert_eq!([calls(6), calls(7), calls(8), calls(57)], [Some("close"), None, Some("creat"), Some("setpgid")]);
    }

    #[test]
    fn record_types_go_both_ways() {
        for (number, name) in entries(RECORD_TYPES) {
            let number = u16::try_from(number).unwrap();
            assert_eq!(record_type(name), Some(number));
            assert_eq!(record_type_name(number), Some(name));
        }
        assert_eq!(record_type("URINGOP"), Some(1336));
        for none in
            ["FOO", "", "1100", "USE", "SER_LOGIN", "LOGI", "TTY_SET\n", "USER_LOGIN USER_LOGOUT", "syscall", "É"]
        {
            assert_eq!(record_type(none), None);
        }
    }
}
