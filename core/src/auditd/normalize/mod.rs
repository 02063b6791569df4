//! What a system call or a record type *means* in Elastic's words: `connect` is the action `connected-to` of category `network`, type
//! `connection` and `start`, whose object is a socket; `USER_LOGIN` is `logged-in`, its object is the terminal, its actor `auid`.
//!
//! [`syscalls`] and [`records`] hold one row each; a row is a [`Norm`], written with the small constructors below. The facts are those of
//! go-libaudit's `normalizations.yaml`, since Elastic's rules and dashboards are written against them.

mod records;
mod syscalls;

use super::{fields::mark, record::RecordType};

/// One meaning. Lists of keys are tried in order, the first key that the event has wins.
#[derive(Debug)]
pub(super) struct Norm {
    /// `event.action`; empty where a call has none of its own.
    pub(super) action: &'static str,
    /// `auditd.summary.object.type`: what the action is done to.
    pub(super) object: &'static str,
    /// `event.kind`, where it isn't `event`.
    pub(super) kind: &'static str,
    /// `event.category`.
    pub(super) category: &'static [&'static str],
    /// `event.type`.
    pub(super) types: &'static [&'static str],
    /// Keys of who did it, and in whose name.
    pub(super) subject: (&'static [&'static str], &'static [&'static str]),
    /// Keys of what it was done to.
    pub(super) objects: (&'static [&'static str], &'static [&'static str]),
    /// Keys of the means.
    pub(super) how: &'static [&'static str],
    /// Keys of the address it came from.
    pub(super) source_ip: &'static [&'static str],
    /// Keys that the record must have for this row to hold.
    pub(super) has: &'static [&'static str],
    /// Which PATH record names the object, where it isn't the first.
    pub(super) path_index: usize,
    /// Which summary field becomes which ECS user or group.
    pub(super) map: &'static [(From, To)],
}

/// Where the name of an ECS user or group is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum From {
    Subject,
    SubjectSecondary,
    Object,
    Uid,
}

/// Which ECS user or group it becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum To {
    User,
    Effective,
    Target,
    Group,
}

const AUTH: &[(From, To)] = &[(From::Subject, To::User), (From::SubjectSecondary, To::Effective)];

impl Norm {
    /// An action on a kind of object, in the words of ECS.
    const fn new(action: &'static str, object: &'static str, category: List, types: List) -> Norm {
        Norm {
            action,
            object,
            kind: "",
            category,
            types,
            subject: (&[], &[]),
            objects: (&[], &[]),
            how: &[],
            source_ip: &[],
            has: &[],
            path_index: 0,
            map: &[],
        }
    }

    const fn objects(mut self, first: List, second: List) -> Norm {
        self.objects = (first, second);
        self
    }

    const fn how(mut self, keys: List) -> Norm {
        self.how = keys;
        self
    }

    const fn subject(mut self, first: List, second: List) -> Norm {
        self.subject = (first, second);
        self
    }

    const fn source_ip(mut self) -> Norm {
        self.source_ip = &["addr"];
        self
    }

    const fn path(mut self, index: usize) -> Norm {
        self.path_index = index;
        self
    }

    const fn has(mut self, keys: List) -> Norm {
        self.has = keys;
        self
    }

    const fn map(mut self, map: &'static [(From, To)]) -> Norm {
        self.map = map;
        self
    }

    const fn alert(mut self) -> Norm {
        self.kind = "alert";
        self
    }

    /// What PAM and its like log of a user's session: who, as whom, on which terminal, from where.
    const fn session(self) -> Norm {
        self.subject(&["auid"], &["acct", "id", "uid"])
            .objects(&["terminal"], &["addr", "hostname"])
            .how(&["exe", "terminal"])
    }
}

type List = &'static [&'static str];

/// The meaning of a system call. A call without a row of its own is a process doing something: category `process`, type `info`.
pub(super) fn syscall(name: &str) -> &'static Norm {
    syscalls::ROWS
        .iter()
        .find(|(names, _)| names.split(' ').any(|each| each == name))
        .map_or(&syscalls::OTHER, |(_, norm)| norm)
}

/// The calls whose `event.action` this is, in any case; none where no call has it.
pub(super) fn calls_of(action: &str) -> impl Iterator<Item = &'static str> {
    let means = |norm: &Norm| !norm.action.is_empty() && norm.action.eq_ignore_ascii_case(action);
    let rows = syscalls::ROWS.iter().filter(move |(_, norm)| means(norm));
    rows.flat_map(|(names, _)| names.split(' '))
}

/// The meaning of a record type that stands for an event: the last row for it whose keys `has` are all there.
/// `reference` leaves out the rows that go-libaudit lists under names that no record has.
pub(super) fn record(kind: RecordType, reference: bool, has: impl Fn(&str) -> bool) -> Option<&'static Norm> {
    let name = kind.known_name()?;
    if reference && matches!(name, "ANOM_LOGIN_ACCT" | "ANOM_MK_EXEC") {
        return None;
    }
    // Some meanings are those of a call too, and must be the very same row.
    if let Some(call) = match name {
        "TIME_ADJNTPVAL" | "TIME_INJOFFSET" => Some("adjtimex"),
        "KERN_MODULE" => Some("init_module"),
        _ => None,
    } {
        return Some(syscall(call));
    }
    let mut rows =
        records::ROWS.iter().filter(|(names, _)| names.split(' ').any(|each| each == name)).map(|(_, norm)| norm);
    rows.rfind(|norm| norm.has.iter().all(|key| has(key)))
}

/// The marks of all keys that meanings look for in this list of theirs.
pub(super) fn keys(list: fn(&Norm) -> List) -> u64 {
    let rows = records::ROWS.iter().chain(syscalls::ROWS);
    rows.flat_map(|(_, norm)| list(norm)).fold(0, |all, key| all | mark(key))
}

/// `event.category` of an event without a meaning of its own, which Auditbeat publishes as a plain text: the family of its record type
/// (audit-userspace, auparse/normalize.c).
pub(super) fn family(kind: RecordType) -> &'static str {
    match kind.number() {
        1100..=1106 | 1108..=1110 | 1112 | 1113 | 1126 => "user-login",
        1114..=1117 | 1132 | 1133 | 1135 | 1136 => "user-account",
        1119..=1121 | 1123 | 1125 => "user-space",
        1124 | 1319 => "tty",
        1111 | 1305 | 1325 | 1328 | 1329 => "configuration",
        1127..=1131 | 2000 => "system-services",
        1200..=1299 => "audit-daemon",
        1118 | 1326 => "dac-decision",
        1300..=1304 | 1306..=1315 | 1317 | 1318 | 1321..=1324 => "audit-rule",
        1107 | 1122 | 1134 | 1400..=1402 | 1502 | 1503 | 1506 => "mac-decision",
        1403..=1501 | 1504 | 1505 | 2300..=2399 => "mac",
        1600..=1699 | 2400..=2499 => "crypto",
        1800..=1899 | 2109 => "integrity",
        1700..=1799 | 2100..=2199 => "anomaly",
        2200..=2299 => "anomaly-response",
        2500..=2599 => "virt",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn a_call_without_a_row_is_a_process_doing_something() {
        assert_eq!((syscall("socket").action, syscall("socket").category), ("", ["process"].as_slice()));
        assert_eq!(syscall("connect").action, "connected-to");
    }

    #[test]
    fn no_name_has_two_rows() {
        let mut names: Vec<&str> = syscalls::ROWS.iter().flat_map(|(names, _)| names.split(' ')).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn avc_has_one_meaning_for_each_security_module() {
        let avc = RecordType::from_name("AVC").unwrap();
        assert_eq!(record(avc, false, |key| key == "seresult").unwrap().action, "violated-selinux-policy");
        assert_eq!(record(avc, false, |key| key == "apparmor").unwrap().action, "violated-apparmor-policy");
    }
}
