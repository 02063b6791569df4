//! Names of system calls, and what they mean.

use super::Norm;

/// A call that has no row below.
pub(super) static OTHER: Norm = Norm::new("", "", &["process"], &["info"]);

/// Calls of one meaning, separated by blanks.
pub(super) static ROWS: &[(&str, Norm)] = &[
    ("creat", Norm::new("opened-file", "file", &["file"], &["creation"])),
    ("fallocate truncate ftruncate", Norm::new("opened-file", "file", &["file"], &["change"])),
    ("open openat readlink readlinkat", Norm::new("opened-file", "file", &["file"], &["info"])),
    ("read", Norm::new("read-file", "file", &["file"], &["info"])),
    ("write", Norm::new("wrote-to-file", "file", &["file"], &["change"])),
    (
        "setxattr fsetxattr lsetxattr removexattr fremovexattr lremovexattr",
        Norm::new("changed-file-attributes-of", "file", &["file"], &["change"]),
    ),
    ("chmod fchmod fchmodat", Norm::new("changed-file-permissions-of", "file", &["file"], &["change"])),
    ("chown fchown fchownat lchown", Norm::new("changed-file-ownership-of", "file", &["file"], &["change"])),
    (
        "finit_module init_module",
        Norm::new("loaded-kernel-module", "file", &["driver"], &["start"]).objects(&["name"], &[]),
    ),
    ("delete_module", Norm::new("unloaded-kernel-module", "file", &["driver"], &["end"])),
    ("mkdir mkdirat", Norm::new("created-directory", "file", &["file"], &["creation"]).path(1)),
    ("mount", Norm::new("mounted", "filesystem", &["file"], &["creation"]).path(1)),
    ("rename renameat renameat2", Norm::new("renamed", "file", &["file"], &["change"]).path(2)),
    (
        "access faccessat fstatat newfstatat stat stat64 fstat lstat getxattr lgetxattr fgetxattr",
        Norm::new("checked-metadata-of", "file", &["file"], &["info"]),
    ),
    ("statfs fstatfs", Norm::new("checked-filesystem-metadata-of", "filesystem", &["file"], &["info"])),
    ("link linkat", Norm::new("linked", "file", &["file"], &["creation"])),
    ("symlink symlinkat", Norm::new("symlinked", "file", &["file"], &["creation"])),
    ("umount umount2", Norm::new("unmounted", "filesystem", &["file"], &["deletion"])),
    ("rmdir unlink unlinkat", Norm::new("deleted", "file", &["file"], &["deletion"])),
    ("utime utimes futimesat futimens utimensat", Norm::new("changed-timestamp-of", "file", &["file"], &["info"])),
    ("execve execveat", Norm::new("executed", "file", &["process"], &["start"])),
    ("listen", Norm::new("listen-for-connections", "socket", &["network"], &["start"])),
    ("accept accept4", Norm::new("accepted-connection-from", "socket", &["network"], &["connection", "start"])),
    ("bind", Norm::new("bound-socket", "socket", &["network"], &["start"])),
    ("connect", Norm::new("connected-to", "socket", &["network"], &["connection", "start"])),
    ("recv recvfrom recvmsg recvmmsg", Norm::new("received-from", "socket", &["network"], &["connection", "info"])),
    ("send sendto sendmsg sendmmsg", Norm::new("sent-to", "socket", &["network"], &["connection", "info"])),
    ("kill tkill tgkill", Norm::new("killed-pid", "process", &["process"], &["end"])),
    (
        "setuid seteuid setfsuid setreuid setgid setegid setfsgid setregid setresuid setresgid",
        Norm::new("changed-identity-of", "process", &["process"], &["change"]).how(&["syscall"]),
    ),
    (
        "settimeofday clock_settime stime adjtimex clock_adjtime",
        Norm::new("changed-system-time", "system", &["host"], &["change"]),
    ),
    ("mknod mknodat", Norm::new("make-device", "file", &["file"], &["creation"])),
    ("sethostname setdomainname", Norm::new("changed-system-name", "system", &["host"], &["change"])),
    ("mmap mmap2 brk", Norm::new("allocated-memory", "memory", &["process"], &["info"])),
    (
        "sched_setparam sched_setscheduler sched_setattr",
        Norm::new("adjusted-scheduling-policy-of", "process", &["process"], &["change"]).how(&["syscall"]),
    ),
    ("exit_group", Norm::new("end", "process", &["process"], &["end"]).how(&["syscall"])),
];
