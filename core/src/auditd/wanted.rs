//! Which records of an event, and which keys of them, say something of the fields that somebody asks for. The others are stepped over:
//!
//! ```text
//! rules name process.name and destination.ip    ->    comm of SYSCALL, and SOCKADDR; neither PATH nor EXECVE, nor what the event means
//! ```
//! A key is one bit of its [`mark`], so that a few others may come along. What comes along does no harm: nobody has asked for it.

use super::{
    fields::mark,
    normalize,
    reassemble::EventRecord,
    record::RecordType,
    sink::{EcsField, Path},
};

/// What is decoded; whatever it leaves out, fields that it is made for stay the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Marks of the keys, in records that have no row of their own here.
    pub(super) keys: u64,
    /// Marks of the keys of PATH; none where it is left out.
    pub(super) paths: u64,
    /// EXECVE.
    pub(super) arguments: bool,
    /// SOCKADDR.
    pub(super) socket: bool,
    /// CWD.
    pub(super) directory: bool,
    /// PROCTITLE.
    pub(super) title: bool,
    /// What the event means in Elastic's words.
    pub(super) meaning: bool,
}

/// What fields are made from, by how their paths begin. Words in capitals are no keys, those behind a slash are keys of PATH.
const SOURCES: &[(&str, &str)] = &[
    ("@timestamp", ""),
    ("auditd.file.", "MEANING /nametype /obj"),
    ("auditd.message_type", ""),
    ("auditd.result", "success res result"),
    ("auditd.sequence", ""),
    ("auditd.session", "ses"),
    ("destination.", "SOCKET"),
    ("ecs.", ""),
    ("eqlite.socket.", "SOCKET a1 exit success res result"),
    ("event.action", "MEANING"),
    ("event.category", "MEANING"),
    ("event.dataset", ""),
    ("event.kind", "MEANING"),
    ("event.module", ""),
    ("event.outcome", "success res result"),
    ("event.sequence", ""),
    ("event.type", "MEANING"),
    ("file.path", "MEANING /nametype /name"),
    ("file.", "MEANING /nametype /mode /rdev /inode /ouid /ogid /obj"),
    ("host.", ""),
    ("network.direction", "SOCKET MEANING addr"),
    ("process.args", "ARGUMENTS"),
    ("process.executable", "exe"),
    ("process.name", "comm"),
    ("process.parent.pid", "ppid"),
    ("process.pid", "pid"),
    ("process.title", "TITLE proctitle"),
    ("process.working_directory", "DIRECTORY cwd"),
    ("service.", ""),
    ("source.", "SOCKET MEANING addr"),
    ("tags", "key"),
    ("user.effective.", "MEANING ACCOUNTS euid egid"),
    ("user.group.", "gid"),
    ("user.id", "MEANING ACCOUNTS"),
    ("user.name", "MEANING ACCOUNTS"),
];

/// Which call it is hangs on these, and on the call hangs what its arguments are.
const CALL: &str = "arch syscall a0 uring_op";

impl Wanted {
    pub(super) const ALL: Wanted = Wanted {
        keys: u64::MAX,
        paths: u64::MAX,
        arguments: true,
        socket: true,
        directory: true,
        title: true,
        meaning: true,
    };
    const NONE: Wanted =
        Wanted { keys: 0, paths: 0, arguments: false, socket: false, directory: false, title: false, meaning: false };

    /// What these fields of Auditbeat's documents are made from.
    pub(super) fn of<'p>(fields: impl Iterator<Item = Path<'p>>) -> Wanted {
        let mut wanted = Wanted::NONE;
        wanted.add(CALL);
        for Path { field, rest } in fields {
            let path = field.path();
            match (field, rest) {
                (EcsField::AuditdData, "addr") => wanted.add("MEANING addr"),
                (EcsField::AuditdData, "argc") => wanted.add("ARGUMENTS argc"),
                (EcsField::AuditdData, "result") => wanted.add("success res result"),
                (EcsField::AuditdData, key) => {
                    wanted.socket |= key.starts_with("socket");
                    wanted.keys |= mark(key);
                }
                (EcsField::AuditdPaths, key) if key.starts_with("obj_") => wanted.add("/obj"),
                (EcsField::AuditdPaths, key) => wanted.paths |= mark(key),
                (EcsField::User | EcsField::AuditdUser, rest) if !rest.is_empty() => wanted.add_user(rest),
                _ => match SOURCES.iter().find(|(start, _)| path.starts_with(start)) {
                    Some((_, words)) => wanted.add(words),
                    None => return Wanted::ALL,
                },
            }
        }
        wanted
    }

    /// Users that have no field of their own are named by their keys.
    fn add_user(&mut self, rest: &str) {
        match (rest.split('.').next(), rest.strip_suffix(".id")) {
            (Some("audit"), _) => self.add("auid"),
            (Some("saved"), _) => self.add("suid sgid"),
            (Some("filesystem"), _) => self.add("fsuid fsgid"),
            (Some("selinux"), _) => self.add("subj"),
            (_, Some(key)) => self.keys |= mark(key),
            _ => {}
        }
    }

    fn add(&mut self, words: &str) {
        for word in words.split_ascii_whitespace() {
            match word {
                "ARGUMENTS" => self.arguments = true,
                "SOCKET" => self.socket = true,
                "DIRECTORY" => self.directory = true,
                "TITLE" => self.title = true,
                "MEANING" => {
                    self.meaning = true;
                    self.keys |= normalize::keys(|norm| norm.has);
                }
                "ACCOUNTS" => {
                    self.add("auid uid");
                    let of: [fn(&normalize::Norm) -> &'static [&'static str]; 3] =
                        [|norm| norm.subject.0, |norm| norm.subject.1, |norm| norm.objects.0];
                    of.into_iter().for_each(|of| self.keys |= normalize::keys(of));
                }
                word => match word.strip_prefix('/') {
                    Some(key) => self.paths |= mark(key),
                    None => self.keys |= mark(word),
                },
            }
        }
    }

    /// Whether records of this type have nothing but what nobody wants.
    #[inline(always)]
    pub(super) fn leaves_out_all(self, kind: RecordType) -> bool {
        match kind {
            RecordType::PATH => self.paths == 0,
            RecordType::EXECVE => !self.arguments,
            RecordType::SOCKADDR => !self.socket,
            _ => false,
        }
    }

    /// The same of one record, which may have more than its type has.
    pub(super) fn leaves_out(self, record: EventRecord<'_>) -> bool {
        let only = |key: &str| {
            record.body.strip_prefix(key).is_some_and(|rest| memchr::memchr(b'=', rest.as_bytes()).is_none())
        };
        match record.kind {
            RecordType::CWD => !self.directory && only("cwd="),
            RecordType::PROCTITLE => !self.title && only("proctitle="),
            kind => self.leaves_out_all(kind),
        }
    }
}
