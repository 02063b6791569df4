//! The body of one record as decoded fields: names for numbers, text for hex, one word for each outcome.
//!
//! `arch=c000003e syscall=42 success=no exit=-115 auid=4294967295 exe=2F746D702F61 key="net"` becomes arch = x86_64, syscall = connect,
//! result = fail, exit = EINPROGRESS, auid = unset, exe = /tmp/a, and the tag net.
//!
//! The kernel writes a text that holds a blank, a quote, a control character or anything beyond ASCII as upper-case hex without quotes;
//! there is no other escape (audit-userspace, auparse/ellist.c: escape).

use alloc::{borrow::Cow, format, string::String, vec::Vec};
use core::fmt;

use crate::event::same;

use super::{
    Compat,
    fields::{Field, Fields, Grammar, Text, mark},
    record::RecordType,
    sockaddr,
    tables::{self, Calls, Syscall},
};

/// Why a record was not read in full. The words are those of the reference implementation where it has the same error.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// The record lacks this key.
    Missing(&'static str),
    /// EXECVE lacks this argument (the reference reads no arguments that are fragmented, empty or in another record).
    MissingArgument(usize),
    /// `arch` or `argc` holds something else than a number.
    BadNumber(&'static str),
    /// `saddr` holds this character among its hex digits.
    NotHex(char),
    /// `saddr` has an odd number of hex digits.
    OddHex,
    /// `saddr` is too short for its family.
    ShortAddress,
    /// The flow of an IPv6 address does not fit in 31 bits (only the reference minds).
    FlowTooLarge(u32),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecodeError::Missing(key) => write!(f, "{key} key not found"),
            DecodeError::MissingArgument(number) => write!(f, "failed to find arg a{number}"),
            DecodeError::BadNumber(key) => write!(f, "failed to parse {key}"),
            DecodeError::NotHex(found) => {
                write!(f, "failed to parse saddr: encoding/hex: invalid byte: U+{:04X}", u32::from(*found))?;
                if found.is_ascii_graphic() { write!(f, " '{found}'") } else { Ok(()) }
            }
            DecodeError::OddHex => f.write_str("failed to parse saddr: encoding/hex: odd length hex string"),
            DecodeError::ShortAddress => f.write_str("failed to parse saddr: not enough data for its family"),
            DecodeError::FlowTooLarge(flow) => {
                write!(f, "failed to parse saddr: strconv.ParseInt: parsing \"{flow:08X}\": value out of range")
            }
        }
    }
}

/// One record, decoded.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Decoded<'a> {
    /// Keys and values.
    pub fields: Fields<'a>,
    /// The keys of the audit rules that the event matched (`-k`).
    pub tags: Vec<Text<'a>>,
    /// What could not be read. The reference then gives no field at all.
    pub error: Option<DecodeError>,
    /// The call, where it has a number that we know.
    pub(super) call: Option<Syscall>,
}

/// A byte that auditd puts between the raw record and the names it looked up (log_format = ENRICHED).
pub(super) const ENRICHMENT: char = '\u{1d}';

/// The record as the kernel wrote it, and what auditd appended: names for numbers.
pub(super) fn split_enrichment(kind: RecordType, body: &str) -> (&str, &str) {
    // The separator gets lost in editors and in JSON, and the first name is then glued to the last value: `key=(null)ARCH=x86_64`. It is
    // looked for by a letter of it that is rare: no hex digit.
    let (first, letter, at) = match kind {
        RecordType::SYSCALL | RecordType::SECCOMP => ("ARCH=", b'H', 3),
        RecordType::SOCKADDR => ("SADDR={", b'{', 6),
        _ => ("UID=\"", b'U', 0),
    };
    let mut place = None;
    for found in memchr::memchr2_iter(b'\x1d', letter, body.as_bytes()) {
        if body.as_bytes().get(found) == Some(&b'\x1d') {
            let (raw, names) = body.split_at(found);
            return (raw, names.trim_start_matches(ENRICHMENT));
        }
        let begin = found.wrapping_sub(at);
        if place.is_none() && body.get(begin..).is_some_and(|rest| rest.starts_with(first)) {
            place = Some(begin);
        }
    }
    let Some(place) = place else { return (body, "") };
    let (before, _) = body.split_at(place);
    let raw = before.trim_end_matches(|letter: char| letter.is_ascii_uppercase());
    let glued = !raw.ends_with([' ', '=']) && raw.bytes().filter(|&byte| byte == b'"').count() & 1 == 0;
    if glued { body.split_at(raw.len()) } else { (body, "") }
}

/// Reads the body of a record: the keys with these marks.
pub(super) fn decode<'a>(
    kind: RecordType,
    body: &'a str,
    syscalls: Calls<'_>,
    compat: Compat,
    keys: u64,
) -> Decoded<'a> {
    let reference = compat == Compat::GoLibaudit;
    let raw = if reference { body } else { split_enrichment(kind, body).0 };
    let grammar = match kind {
        _ if reference => Grammar::Reference,
        RecordType::EXECVE => Grammar::Arguments,
        _ => Grammar::Kernel,
    };
    let mut decoded = Decoded { fields: tokens(kind, raw, grammar, keys), ..Decoded::default() };
    if let Err(error) = enrich(kind, &mut decoded, syscalls, reference) {
        decoded.error = Some(error);
        if reference {
            decoded.fields.clear();
            decoded.tags.clear();
        }
    }
    decoded
}

/// Keys and values, with the forms of records that are not keys and values brought into that form.
fn tokens(kind: RecordType, body: &str, grammar: Grammar, keys: u64) -> Fields<'_> {
    match kind {
        RecordType::AVC => {
            // avc:  denied  { read write } for  pid=...
            let Some((result, permissions, rest)) = avc_head(body) else { return Fields::parse(body, grammar, keys) };
            let mut fields = Fields::parse(rest, grammar, keys);
            fields.set("seresult", Cow::Borrowed(result), result);
            let mut list = String::with_capacity(permissions.len());
            for permission in permissions.split_ascii_whitespace() {
                if !list.is_empty() {
                    list.push(',');
                }
                list.push_str(permission);
            }
            fields.set("seperms", Cow::Owned(list), permissions);
            fields
        }
        // (hostname=?, addr=?, terminal=cron res=success)'
        RecordType::CRED_DISP | RecordType::USER_START | RecordType::USER_END => {
            let mut fields = Fields::parse(body, grammar, keys);
            // The reference leaves the commas on.
            let keys: &[&str] = if grammar == Grammar::Reference { &["res"] } else { &["res", "hostname", "addr"] };
            for key in keys.iter().copied() {
                if let Some(field) = fields.take(key) {
                    let value = field.raw.trim_end_matches([',', ')', '\'']);
                    if !matches!(value, "" | "?") {
                        fields.set(key, Cow::Borrowed(grammar.unquote(value)), value);
                    }
                }
            }
            fields
        }
        // login pid=1 uid=0 old auid=1000 new auid=1001 old ses=1 new ses=2
        RecordType::LOGIN if body.contains(" new ") => {
            let mut fields = Fields::default();
            for (word, key) in
                [("old auid=", "old_auid"), ("new auid=", "new_auid"), ("old ses=", "old_ses"), ("new ses=", "new_ses")]
            {
                if let Some((_, rest)) = body.split_once(word) {
                    let raw = rest.split(' ').next().unwrap_or_default();
                    fields.set(key, Cow::Borrowed(raw), raw);
                }
            }
            let mut plain = Fields::parse(body, grammar, keys);
            plain.take("auid");
            plain.take("ses");
            for field in plain {
                fields.add(field);
            }
            fields
        }
        _ => Fields::parse(body, grammar, keys),
    }
}

fn avc_head(body: &str) -> Option<(&str, &str, &str)> {
    let (_, rest) = body.split_once("avc:")?;
    let (result, rest) = rest.trim_start().split_once(' ')?;
    let (permissions, rest) = rest.trim_start().strip_prefix('{')?.split_once('}')?;
    Some((result, permissions.trim(), rest.trim_start().strip_prefix("for")?))
}

fn enrich(
    kind: RecordType,
    decoded: &mut Decoded<'_>,
    syscalls: Calls<'_>,
    reference: bool,
) -> Result<(), DecodeError> {
    let fields = &mut decoded.fields;
    if kind == RecordType::EXECVE && !reference {
        // Put together over all records of the event, by `coalesce`.
        return Ok(());
    }
    for field in fields.iter_mut() {
        if is_id(field.key, reference) && matches!(field.value.as_ref(), "4294967295" | "-1") {
            field.value = Cow::Borrowed("unset");
        } else if !matches!(field.raw.as_bytes(), [b'"', ..]) && is_untrusted(kind, field.key, reference) {
            unhex(field);
        }
    }
    context(fields, "subj", ["subj_user", "subj_role", "subj_domain", "subj_level", "subj_category"], reference);
    outcome(fields);
    exit(fields, reference);
    if let Some(key) = fields.take("key") {
        tags(&key.value, key.raw, reference, &mut decoded.tags);
    }
    let fields = &mut decoded.fields;
    match kind {
        RecordType::SYSCALL | RecordType::SECCOMP | RecordType::URINGOP => {
            if kind == RecordType::URINGOP && reference {
                return Ok(());
            }
            if kind == RecordType::SECCOMP
                && let Some(signal) = fields.field_mut("sig")
                && let Some(name) = signal.value.parse().ok().and_then(tables::signal_name)
            {
                signal.value = Cow::Borrowed(name);
            }
            if kind == RecordType::URINGOP {
                uring(fields);
                return Ok(());
            }
            decoded.call = call(fields, syscalls, reference)?;
        }
        RecordType::SOCKADDR => sockaddr::expand(fields, reference)?,
        RecordType::PROCTITLE => {
            if !reference && let Some(title) = fields.field_mut("proctitle") {
                let kept = title.value.trim_end().len();
                match &mut title.value {
                    Cow::Borrowed(text) => *text = text.get(..kept).unwrap_or_default(),
                    Cow::Owned(text) => text.truncate(kept),
                }
            }
        }
        RecordType::EXECVE => arguments_of_reference(fields)?,
        RecordType::PATH => {
            context(fields, "obj", ["obj_user", "obj_role", "obj_domain", "obj_level", "obj_category"], reference);
        }
        _ => {}
    }
    Ok(())
}

/// `success=yes` and `res=failed` become `result`.
fn outcome(fields: &mut Fields<'_>) {
    let Some(field) = fields.take("success").or_else(|| fields.take("res")) else { return };
    let value = field.value.as_bytes();
    let good = value.eq_ignore_ascii_case(b"yes")
        || value == b"1"
        || value.get(..3).is_some_and(|head| head.eq_ignore_ascii_case(b"suc"));
    fields.set("result", Cow::Borrowed(if good { "success" } else { "fail" }), field.raw);
}

/// `arch` and `syscall` by name.
fn call(fields: &mut Fields<'_>, syscalls: Calls<'_>, reference: bool) -> Result<Option<Syscall>, DecodeError> {
    let arch = fields.field_mut("arch").ok_or(DecodeError::Missing("arch"))?;
    let code = u32::from_str_radix(&arch.value, 16).map_err(|_| DecodeError::BadNumber("arch"))?;
    let name = tables::arch_name(code, reference);
    arch.value = name.map_or_else(|| Cow::Owned(format!("unknown[{code:x}]")), Cow::Borrowed);
    let call = fields.field_mut("syscall").ok_or(DecodeError::Missing("syscall"))?;
    let (Some(arch), Ok(number)) = (name, call.value.parse()) else { return Ok(None) };
    let found = syscalls(arch, number, reference);
    if let Some(found) = found {
        call.value = Cow::Borrowed(found.name);
    }
    Ok(found)
}

/// A negative `exit` by the name of its error.
fn exit(fields: &mut Fields<'_>, reference: bool) {
    let Some(exit) = fields.field_mut("exit") else { return };
    let Some(number) = exit.value.strip_prefix('-').and_then(|number| number.parse().ok()) else { return };
    if let Some(name) =
        tables::error_name(number).or_else(|| if reference { None } else { tables::restart_error_name(number) })
    {
        exit.value = Cow::Borrowed(name);
    }
}

/// An io_uring operation by name, and the system call that does the same.
fn uring(fields: &mut Fields<'_>) {
    let Some(operation) = fields.field_mut("uring_op") else { return };
    let Some((name, call)) = operation.value.parse().ok().and_then(tables::uring_op) else { return };
    operation.value = Cow::Borrowed(name);
    if let Some(call) = call {
        fields.set("syscall", Cow::Borrowed(call), "");
    }
}

/// A security context in its parts. What AppArmor writes (`unconfined`) is the first of them.
fn context<'a>(fields: &mut Fields<'a>, key: &str, parts: [&'static str; 5], reference: bool) {
    let Some(field) = fields.take(key) else { return };
    let value = match field.value {
        // AppArmor has written `subj==unconfined`.
        Cow::Borrowed(value) if !reference => value.trim_start_matches('='),
        Cow::Borrowed(value) => value,
        Cow::Owned(_) => return,
    };
    for (key, value) in parts.into_iter().zip(value.splitn(5, ':')) {
        fields.set(key, Cow::Borrowed(value), value);
    }
}

fn tags<'a>(value: &Text<'a>, raw: &'a str, reference: bool, tags: &mut Vec<Text<'a>>) {
    // Several rules that match one call give one key, their keys with 0x01 between.
    if let Some(bytes) = upper_hex(raw) {
        // The reference also counts the nothing behind a last 0x01.
        let keys = bytes.split(|&byte| byte == 1).filter(|tag| reference || !tag.is_empty());
        tags.extend(keys.map(|tag| Cow::Owned(lossy(tag).into_owned())));
        return;
    }
    // CONFIG_CHANGE may say `key="key=net"`.
    let tag = match value {
        Cow::Borrowed(value) if reference => Cow::Borrowed(value.split_once('=').map_or(*value, |(_, after)| after)),
        Cow::Borrowed(value) => Cow::Borrowed(value.strip_prefix("key=").unwrap_or(value)),
        Cow::Owned(value) => Cow::Owned(value.clone()),
    };
    tags.push(tag);
}

/// All of a0 to a(argc - 1), from one record.
fn arguments_of_reference(fields: &mut Fields<'_>) -> Result<(), DecodeError> {
    let count: usize =
        fields.get("argc").ok_or(DecodeError::Missing("argc"))?.parse().map_err(|_| DecodeError::BadNumber("argc"))?;
    for number in 0..count {
        let argument = fields.field_mut(&format!("a{number}")).ok_or(DecodeError::MissingArgument(number))?;
        if let Some(bytes) = upper_hex(argument.raw) {
            let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
            argument.value = Cow::Owned(lossy(bytes.get(..end).unwrap_or_default()).into_owned());
        }
    }
    Ok(())
}

/// Whether 4294967295 is no number of this key, but the lack of one.
fn is_id(key: &str, reference: bool) -> bool {
    if reference {
        return matches!(key, "auid" | "old-auid" | "ses");
    }
    is_user(key) || matches!(key.as_bytes(), [b's', b'e', b's'])
}

/// The number of a user or a group.
#[inline(always)]
pub(super) fn is_user(key: &str) -> bool {
    matches!(key.as_bytes(), [.., b'u' | b'g', b'i', b'd'])
}

/// Whether the kernel or a daemon writes this key as untrusted text (audit-userspace, auparse/typetab.h: ESCAPED). The reference decodes
/// only some of them, and only where it expects them.
fn is_untrusted(kind: RecordType, key: &str, reference: bool) -> bool {
    if reference {
        return match key {
            "cwd" => true,
            "exe" => matches!(kind, RecordType::SYSCALL | RecordType::SECCOMP),
            "proctitle" => kind == RecordType::PROCTITLE,
            "cmd" => kind == RecordType::USER_CMD,
            "data" => matches!(kind, RecordType::TTY | RecordType::USER_TTY),
            "name" => kind == RecordType::PATH,
            "acct" => kind == RecordType::USER_LOGIN,
            _ => false,
        };
    }
    // Of a virtual machine: old and new disks and the like.
    let key = match key.as_bytes() {
        [b'o', b'l', b'd', b'-', ..] | [b'n', b'e', b'w', b'-', ..] => key.get(4..).unwrap_or_default(),
        _ => key,
    };
    const KEYS: [&str; 32] = [
        "comm",
        "exe",
        "name",
        "cwd",
        "proctitle",
        "path",
        "file",
        "acct",
        "cmd",
        "dir",
        "vm",
        "device",
        "ocomm",
        "grp",
        "new_group",
        "data",
        "root_dir",
        "sw",
        "watch",
        "profile",
        "operation",
        "info",
        "invalid_context",
        "cgroup",
        "apparmor",
        "denied_mask",
        "requested_mask",
        "chardev",
        "disk",
        "fs",
        "net",
        "rng",
    ];
    const MARKS: u64 = {
        let (mut marks, mut left) = (0, KEYS.as_slice());
        while let [key, rest @ ..] = left {
            (marks, left) = (marks | mark(key), rest);
        }
        marks
    };
    MARKS & mark(key) != 0 && KEYS.iter().any(|each| each.len() == key.len() && same(each.as_bytes(), key.as_bytes()))
}

/// Decodes a value that is hex; parts with a NUL between are joined with a blank.
fn unhex(field: &mut Field<'_>) {
    if let Some(mut bytes) = upper_hex(field.raw) {
        for byte in &mut bytes {
            if *byte == 0 {
                *byte = b' ';
            }
        }
        field.value = Cow::Owned(match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => lossy(error.as_bytes()).into_owned(),
        });
    }
}

/// The bytes of a text of upper-case hex, of which there is an even number of digits; none for any other text.
pub(super) fn upper_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte.wrapping_sub(b'0')),
        b'A'..=b'F' => Some(byte.wrapping_sub(b'A').wrapping_add(10)),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() || pairs.is_empty() {
        return None;
    }
    let mut bytes = Vec::with_capacity(pairs.len());
    for &[high, low] in pairs {
        bytes.push((digit(high)? << 4) | digit(low)?);
    }
    Some(bytes)
}

/// Bytes as text; each byte that is no UTF-8 becomes U+FFFD (as in Go's JSON, one for each).
pub(super) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = core::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    Cow::Owned(text)
}

/// The arguments of a call, from all EXECVE records of its event: whole (`a1="-c"`) or in fragments (`a2[0]=..`, `a2[1]=..`).
#[derive(Default)]
pub(super) struct Arguments<'a> {
    list: Vec<Option<Cow<'a, [u8]>>>,
}

impl<'a> Arguments<'a> {
    /// The highest number of an argument: no kernel logs more (linux/auditsc.c limits the record, not the count; this bounds the memory).
    const MOST: usize = 65_536;

    pub(super) fn add(&mut self, fields: Fields<'a>) {
        for field in fields {
            let Some(name) = field.key.strip_prefix('a') else { continue };
            let (number, fragment) = name.split_once('[').map_or((name, false), |(number, _)| (number, true));
            let Ok(number) = number.parse::<usize>() else { continue };
            if number >= Self::MOST {
                continue;
            }
            if self.list.len() <= number {
                self.list.resize(number.saturating_add(1), None);
            }
            let Some(slot) = self.list.get_mut(number) else { continue };
            let part = match (upper_hex(field.raw), field.value) {
                (Some(bytes), _) => Cow::Owned(bytes),
                (None, Cow::Borrowed(text)) => Cow::Borrowed(text.as_bytes()),
                (None, Cow::Owned(text)) => Cow::Owned(text.into_bytes()),
            };
            match slot {
                Some(bytes) if fragment => bytes.to_mut().extend_from_slice(&part),
                _ => *slot = Some(part),
            }
        }
    }

    /// The texts; an argument that never came is left out, and its number is given.
    pub(super) fn finish(self, count: Option<usize>) -> (Vec<Text<'a>>, Option<usize>) {
        let missing = self
            .list
            .iter()
            .position(Option::is_none)
            .or_else(|| count.filter(|&count| count > self.list.len()).map(|_| self.list.len()));
        let mut texts = Vec::with_capacity(self.list.len());
        for bytes in self.list.into_iter().flatten() {
            let end = memchr::memchr(0, &bytes).unwrap_or(bytes.len());
            texts.push(match bytes {
                Cow::Borrowed(bytes) => lossy(bytes.get(..end).unwrap_or_default()),
                Cow::Owned(bytes) => Cow::Owned(lossy(bytes.get(..end).unwrap_or_default()).into_owned()),
            });
        }
        (texts, missing)
    }
}
