//! The system calls of each architecture, and what each one means (its [`Norm`]).

use alloc::vec::Vec;

use super::{super::normalize, entries};
use normalize::Norm;

const I386: &str = include_str!("i386.txt");

/// The text of each table; [`table_of`] says which architecture reads which.
const TEXTS: [&str; 8] = [
    include_str!("x86_64.txt"),
    I386,
    include_str!("generic.txt"),
    include_str!("arm.txt"),
    include_str!("ppc.txt"),
    include_str!("s390.txt"),
    include_str!("s390x.txt"),
    include_str!("x32.txt"),
];

/// Set in the number of a call that an x32 program makes (asm/unistd.h: __X32_SYSCALL_BIT).
const X32_BIT: u32 = 0x4000_0000;

/// No architecture has calls beyond this number; a table text that says otherwise is not spread out past it.
const HIGHEST: u32 = 1023;

/// The table of an architecture, as an index into [`TEXTS`].
fn table_of(arch: &str, reference: bool) -> Option<usize> {
    Some(match arch {
        "x86_64" => 0,
        "i386" => 1,
        // riscv64 and loongarch64 use the kernel's generic numbers (asm-generic/unistd.h), as aarch64 does; go-libaudit does not have them.
        "aarch64" => 2,
        "riscv64" | "riscv32" | "loongarch64" | "loongarch32" if !reference => 2,
        "arm" => 3,
        "armeb" if !reference => 3,
        "ppc" | "ppc64" | "ppc64le" => 4,
        "s390" => 5,
        "s390x" => 6,
        _ => return None,
    })
}

/// One system call.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Syscall {
    /// As in `connect`.
    pub(in super::super) name: &'static str,
    /// What Elastic makes of it.
    pub(in super::super) norm: &'static Norm,
}

/// Looks a call up: architecture, number, and whether as the reference does.
pub(in super::super) type Calls<'c> = &'c mut dyn FnMut(&str, u32, bool) -> Option<Syscall>;

/// The tables that were needed so far, spread out by number. What a call means is looked up when it first comes.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct SyscallTables {
    tables: [Vec<Option<Entry>>; TEXTS.len()],
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    name: &'static str,
    norm: Option<&'static Norm>,
}

impl SyscallTables {
    /// The call with this number, or none where the table or the number is unknown.
    pub(in super::super) fn get(&mut self, arch: &str, number: u32, reference: bool) -> Option<Syscall> {
        let table = table_of(arch, reference)?;
        if table == 0 && number & X32_BIT != 0 {
            // go-libaudit knows no x32: the number stays as it is.
            let number = number & !X32_BIT;
            return if reference { None } else { self.at(7, number).or_else(|| self.at(0, number)) };
        }
        self.at(table, number)
    }

    fn at(&mut self, index: usize, number: u32) -> Option<Syscall> {
        let (table, text) = (self.tables.get_mut(index)?, TEXTS.get(index)?);
        if table.is_empty() {
            for (number, name) in spread(text) {
                let place = usize::try_from(number).ok()?;
                if table.len() <= place {
                    table.resize(place.saturating_add(1), None);
                }
                if let Some(slot) = table.get_mut(place) {
                    *slot = Some(Entry { name, norm: None });
                }
            }
        }
        let entry = table.get_mut(usize::try_from(number).ok()?)?.as_mut()?;
        let norm = *entry.norm.get_or_insert_with(|| normalize::syscall(entry.name));
        Some(Syscall { name: entry.name, norm })
    }
}

/// Whether an architecture has a call of this name.
pub(in super::super) fn has_call(arch: &str, name: &str) -> bool {
    let text = table_of(arch, false).and_then(|table| TEXTS.get(table));
    text.is_some_and(|text| spread(text).iter().any(|(_, each)| *each == name))
}

/// The entries of a table. A range of numbers in it stands for the entries of i386: most architectures began as copies of that table, and
/// newer calls have one number everywhere.
fn spread(text: &'static str) -> Vec<(u32, &'static str)> {
    let mut calls = Vec::new();
    for (number, word) in entries(text) {
        match word.split_once('-').and_then(|(first, last)| Some((first.parse().ok()?, last.parse::<u32>().ok()?))) {
            Some((first, last)) => {
                calls.extend(entries(I386).filter(|(number, _)| (first..=last).contains(number)));
            }
            None => calls.push((number, word)),
        }
    }
    calls.retain(|(number, _)| *number <= HIGHEST);
    calls
}

/// What an io_uring operation is called, and the system call that does the same (linux/io_uring.h: IORING_OP_*). An operation without a
/// like call is none of the business of rules on calls.
pub(in super::super) fn uring_op(number: u32) -> Option<(&'static str, Option<&'static str>)> {
    const OPS: &str = "0 nop readv writev fsync read_fixed write_fixed poll_add poll_remove sync_file_range sendmsg recvmsg timeout \
        timeout_remove accept async_cancel link_timeout connect fallocate openat close files_update statx read write fadvise madvise send \
        recv openat2 epoll_ctl splice provide_buffers remove_buffers tee shutdown renameat unlinkat mkdirat symlinkat linkat msg_ring \
        fsetxattr setxattr fgetxattr getxattr socket uring_cmd send_zc sendmsg_zc read_multishot waitid futex_wait futex_wake futex_waitv \
        fixed_fd_install ftruncate bind listen";
    let (_, name) = entries(OPS).find(|&(each, _)| each == number)?;
    let call = match name {
        "read_fixed" | "read_multishot" => Some("read"),
        "write_fixed" => Some("write"),
        "send" | "send_zc" => Some("sendto"),
        "recv" => Some("recvfrom"),
        "sendmsg_zc" => Some("sendmsg"),
        "accept" => Some("accept4"),
        "nop" | "poll_add" | "poll_remove" | "timeout" | "timeout_remove" | "async_cancel" | "link_timeout"
        | "files_update" | "provide_buffers" | "remove_buffers" | "msg_ring" | "uring_cmd" | "fixed_fd_install" => None,
        same => Some(same),
    };
    Some((name, call))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(arch: &str, number: u32) -> Option<&'static str> {
        SyscallTables::default().get(arch, number, false).map(|call| call.name)
    }

    #[test]
    fn each_architecture_has_its_own_numbers() {
        let expected = [
            ("x86_64", 59, 41, 42),
            ("i386", 11, 359, 362),
            ("aarch64", 221, 198, 203),
            ("arm", 11, 281, 283),
            ("ppc64le", 11, 326, 328),
            ("s390x", 11, 359, 362),
            ("riscv64", 221, 198, 203),
            ("loongarch64", 221, 198, 203),
        ];
        for (arch, execve, socket, connect) in expected {
            assert_eq!(name(arch, execve), Some("execve"), "{arch}");
            assert_eq!(name(arch, socket), Some("socket"), "{arch}");
            assert_eq!(name(arch, connect), Some("connect"), "{arch}");
        }
        assert_eq!(name("x86_64", 999), None);
        assert_eq!(name("x86_64", u32::MAX), None);
        assert_eq!(name("vax", 1), None);
    }

    #[test]
    fn x32_calls_have_their_own_or_the_shared_number() {
        assert_eq!(name("x86_64", 0x4000_0000 | 520), Some("execve"));
        assert_eq!(name("x86_64", 0x4000_0000 | 42), Some("connect"));
        assert!(SyscallTables::default().get("x86_64", 0x4000_0000 | 42, true).is_none());
    }

    #[test]
    fn io_uring_has_calls_of_its_own() {
        assert_eq!(uring_op(16), Some(("connect", Some("connect"))));
        assert_eq!(uring_op(45), Some(("socket", Some("socket"))));
        assert_eq!(uring_op(0), Some(("nop", None)));
        assert_eq!(uring_op(4096), None);
    }
}
