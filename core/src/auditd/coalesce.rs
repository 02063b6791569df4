//! The records of an event made one: SYSCALL says who and what, SOCKADDR to where, EXECVE with which arguments, PATH and CWD on which file.
//!
//! ```text
//! SYSCALL syscall=42 pid=7 comm="nc" | SOCKADDR saddr=0200.. | PROCTITLE ..
//!     -> process 7 (nc) connected-to 198.51.100.7:53, network, egress
//! ```

use crate::sort::sort_by_key;
use alloc::borrow::Cow;

use super::{
    Compat,
    decode::{Arguments, Decoded, decode, is_user, split_enrichment},
    event::{Account, AuditEvent, Peer, Warning},
    fields::{Fields, Grammar, Text},
    normalize::{self, From, Norm, To},
    reassemble::EventRecord,
    record::RecordType,
    socketcall,
    tables::{Calls, Syscall},
    wanted::Wanted,
};

/// Reads the records of an event into it.
pub(super) fn coalesce<'a>(event: &mut AuditEvent<'a>, syscalls: Calls<'_>, wanted: Wanted) {
    let pending = event.pending;
    let reference = event.options.compat == Compat::GoLibaudit;
    let Some(first) = pending.kinds().next() else { return event.is_of(RecordType::SYSCALL) };
    let several = pending.kinds().nth(1).is_some();
    let is_call = |kind| kind == RecordType::SYSCALL || (!reference && kind == RecordType::URINGOP);
    let call = pending.kinds().position(is_call);
    let call_kind = call.and_then(|place| pending.kinds().nth(place));
    // The record that stands for the event. For the reference it is whichever came first; a record that only tells more of a call does
    // not stand for the event just because it came out of order.
    let lead = match call_kind {
        Some(call) if !several || first == call => call,
        Some(call) if reference => {
            if first == RecordType::SYSCALL {
                call
            } else {
                first
            }
        }
        Some(call) => {
            pending.kinds().take_while(|kind| *kind != call).find(|kind| !kind.is_auxiliary()).unwrap_or(call)
        }
        None => first,
    };
    event.is_of(lead);
    if several && call.is_none() {
        event.warnings.push(Warning::MissingSyscall);
        if reference {
            event.broken = true;
            return;
        }
    }
    // Without a call the record that came first stands for the event.
    let place = call.unwrap_or(0);
    let Some(main) = pending.record(place) else { return };
    let mut maker = Maker { event, syscalls, reference, wanted, arguments: Arguments::default(), call: None };
    maker.main(main);
    if several {
        for (number, kind) in pending.kinds().enumerate() {
            if number == place {
                maker.event.data.take("items");
            } else if kind != RecordType::SYSCALL
                && !wanted.leaves_out_all(kind)
                && let Some(record) = pending.record(number)
                && !wanted.leaves_out(record)
            {
                maker.other(record);
            }
        }
    } else if !reference && main.kind == RecordType::EXECVE {
        maker.other(main);
    }
    maker.finish_arguments();
    if !reference {
        socketcall::unwrap(maker.event);
    }
    maker.direction();
    if wanted.meaning {
        maker.meaning();
    }
    maker.process();
}

struct Maker<'e, 'a> {
    event: &'e mut AuditEvent<'a>,
    syscalls: Calls<'e>,
    reference: bool,
    wanted: Wanted,
    arguments: Arguments<'a>,
    /// The call by its number, as the tables have it.
    call: Option<Syscall>,
}

impl<'a> Maker<'_, 'a> {
    fn decode(&mut self, record: EventRecord<'a>) -> Decoded<'a> {
        // Of these the fields go somewhere as a whole.
        let whole = matches!(record.kind, RecordType::EXECVE | RecordType::SOCKADDR | RecordType::SOCKETCALL);
        self.decode_only(record, if whole { u64::MAX } else { self.wanted.keys })
    }

    /// The keys with these marks.
    fn decode_only(&mut self, record: EventRecord<'a>, keys: u64) -> Decoded<'a> {
        let mut decoded = decode(record.kind, record.body, self.syscalls, self.event.options.compat, keys);
        if let Some(error) = decoded.error.take() {
            self.event.warnings.push(Warning::Record(record.kind, error));
        }
        decoded
    }

    /// In the order of documents, where one is to be made.
    fn sort(&self, fields: &mut Fields<'_>) {
        if self.wanted == Wanted::ALL {
            fields.sort();
        }
    }

    /// Names that auditd looked up, where they were asked for.
    fn names(&self, record: EventRecord<'a>) -> Fields<'a> {
        if self.event.options.enriched_names && !self.reference {
            enriched_names(split_enrichment(record.kind, record.body).1)
        } else {
            Fields::default()
        }
    }

    /// The record that says who did it.
    fn main(&mut self, record: EventRecord<'a>) {
        let mut decoded = self.decode(record);
        if !self.reference && record.kind == RecordType::EXECVE {
            return;
        }
        self.call = decoded.call;
        let (event, reference) = (&mut *self.event, self.reference);
        event.tags = decoded.tags;
        if let Some(result) = decoded.fields.take("result") {
            event.result = match result.value.as_ref() {
                "success" => "success",
                "fail" => "fail",
                _ => "unknown",
            };
        }
        event.session = decoded.fields.take("ses").map(|field| field.value);
        event.summary.actor_primary = decoded.fields.get("auid").cloned();
        event.summary.actor_secondary = decoded.fields.get("uid").cloned();
        // A uuid is no user.
        let is_id = |key: &str| is_user(key) && (reference || key != "uuid");
        let is_context = |key: &str| matches!(key.as_bytes(), [b's', b'u', b'b', b'j', b'_', ..]);
        let mut place = 0;
        while let Some(field) = decoded.fields.take_from(&mut place, |key| is_id(key) || is_context(key)) {
            if is_context(field.key) {
                event.selinux.push((field.key.get(5..).unwrap_or_default(), field.value));
                continue;
            }
            if event.ids.is_empty() {
                event.ids = Fields::with_room(12);
            }
            event.ids.push(field);
        }
        event.data = decoded.fields;
        sort_by_key(&mut event.selinux, |(part, _)| *part);
        self.event.names = self.names(record);
    }

    /// A record that tells more.
    fn other(&mut self, record: EventRecord<'a>) {
        match record.kind {
            RecordType::PATH => {
                let mut decoded = self.decode_only(record, self.wanted.paths);
                if decoded.fields.is_empty() {
                    // It counts as a path if it has any field.
                    decoded = self.decode_only(record, u64::MAX);
                }
                if !decoded.fields.is_empty() {
                    self.sort(&mut decoded.fields);
                    let names = self.names(record);
                    self.event.paths.push(decoded.fields);
                    self.event.path_names.push(names);
                }
            }
            RecordType::SOCKADDR => {
                let decoded = self.decode(record);
                if self.event.data.get("syscall").is_none() && !decoded.fields.is_empty() {
                    self.event.warnings.push(Warning::NoCall);
                    if self.reference {
                        return;
                    }
                }
                for field in decoded.fields {
                    self.event.socket.set(field.key, field.value, field.raw);
                }
            }
            RecordType::EXECVE if self.reference => {
                let mut decoded = self.decode(record);
                let Some(argc) = decoded.fields.take("argc") else { return };
                let count: usize = argc.value.parse().unwrap_or_default();
                self.event.process.arguments = (0..count)
                    .map_while(|number| decoded.fields.take(&alloc::format!("a{number}")).map(|field| field.value))
                    .collect();
                self.event.data.set("argc", argc.value, argc.raw);
            }
            RecordType::EXECVE => {
                let mut decoded = self.decode(record);
                if let Some(argc) = decoded.fields.take("argc") {
                    self.event.data.add(argc);
                }
                self.arguments.add(decoded.fields);
            }
            RecordType::SOCKETCALL if !self.reference => {
                let decoded = self.decode(record);
                socketcall::replace_arguments(self.event, decoded.fields);
            }
            kind => {
                let mut decoded = self.decode(record);
                self.sort(&mut decoded.fields);
                for field in decoded.fields {
                    // What a parameter of the call is called is nothing that another record repeats by chance.
                    let key = field.key;
                    if !self.event.data.add(field) {
                        self.event.warnings.push(Warning::Duplicate(Cow::Borrowed(key), kind));
                    }
                }
                // A rule's key stands in the record that is the event.
                if !self.reference && self.event.tags.is_empty() {
                    self.event.tags = decoded.tags;
                }
            }
        }
    }

    fn finish_arguments(&mut self) {
        if self.reference {
            return;
        }
        let count = self.event.data.get("argc").and_then(|argc| argc.parse().ok());
        let (arguments, missing) = core::mem::take(&mut self.arguments).finish(count);
        self.event.process.arguments = arguments;
        if let Some(number) = missing {
            self.event.warnings.push(Warning::Record(RecordType::EXECVE, super::DecodeError::MissingArgument(number)));
        }
    }

    /// Which way the data go, by the name of the call.
    fn direction(&mut self) {
        let event = &mut *self.event;
        if event.socket.is_empty() {
            return;
        }
        let peer = match event.data.get("syscall").map(|call| call.as_ref()) {
            Some("connect" | "sendto" | "sendmsg") => Peer::Destination,
            Some("accept" | "accept4" | "recvfrom" | "recvmsg") => Peer::Source,
            // The reference forgets the calls that send or receive several messages.
            Some("sendmmsg" | "send") if !self.reference => Peer::Destination,
            Some("recvmmsg" | "recv") if !self.reference => Peer::Source,
            _ => return,
        };
        event.peer = Some(peer);
        event.direction = Some(match peer {
            Peer::Source => "ingress",
            Peer::Destination => "egress",
        });
    }

    /// What the event means.
    fn meaning(&mut self) {
        self.default_how();
        let reference = self.reference;
        let event = &mut *self.event;
        let call = event.data.get("syscall").map(|name| match self.call {
            Some(call) if call.name == name => call.norm,
            _ => normalize::syscall(name),
        });
        let is_call = event.kind == RecordType::SYSCALL || (!reference && event.kind == RecordType::URINGOP);
        let norm = if is_call {
            Some(call.unwrap_or_else(|| normalize::syscall("")))
        } else {
            normalize::record(event.kind, reference, |key| event.data.get(key).is_some())
        };
        let Some(norm) = norm else {
            event.warnings.push(Warning::NoMeaning);
            if !reference && let Some(call) = call {
                self.words(call);
            }
            return;
        };
        self.words(norm);
        // What stands for the event tells of a call: the event is of both kinds.
        if !is_call
            && let Some(call) = call
            && !core::ptr::eq(norm, call)
        {
            let event = &mut *self.event;
            for &category in call.category {
                if reference || !event.categories.contains(&category) {
                    event.categories.push(category);
                }
            }
            for &each in call.types {
                if reference || !event.types.contains(&each) {
                    event.types.push(each);
                }
            }
            // The security module's word on a call doesn't undo the call.
            if event.kind == RecordType::AVC {
                event.call_action = call.action;
            }
        }
        self.summary(norm);
        self.accounts(norm);
    }

    fn words(&mut self, norm: &'static Norm) {
        let event = &mut *self.event;
        event.summary.action = norm.action;
        event.summary.object_type = norm.object;
        event.event_kind = norm.kind;
        event.categories.extend_from_slice(norm.category);
        event.types.extend_from_slice(norm.types);
    }

    /// The program, or its name where the program is an interpreter.
    fn default_how(&mut self) {
        const INTERPRETERS: [&str; 4] = ["/usr/bin/python", "/usr/bin/sh", "/usr/bin/bash", "/usr/bin/perl"];
        let event = &mut *self.event;
        let (program, name) = (event.data.get("exe"), event.data.get("comm"));
        let interpreted = program.is_none_or(|program| INTERPRETERS.iter().any(|each| program.starts_with(each)));
        event.summary.how = if interpreted { name.or(program) } else { program }.cloned();
    }

    /// The value of the first of these keys that the event has.
    fn first(&self, keys: &[&str]) -> Option<Text<'a>> {
        keys.iter().find_map(|key| self.event.data.get(key).or_else(|| self.event.ids.get(key))).cloned()
    }

    /// As [`first`](Self::first), with a warning where keys were named and none was found.
    fn wanted(&mut self, what: &'static str, keys: &'static [&'static str]) -> Option<Text<'a>> {
        let found = self.first(keys);
        if found.is_none() && !keys.is_empty() {
            self.event.warnings.push(Warning::NotFound(what, keys));
        }
        found
    }

    fn summary(&mut self, norm: &'static Norm) {
        if let Some(found) = self.wanted("subject primary", norm.subject.0) {
            self.event.summary.actor_primary = Some(found);
        }
        if let Some(found) = self.wanted("subject secondary", norm.subject.1) {
            self.event.summary.actor_secondary = Some(found);
        }
        if let Some(found) = self.wanted("object primary", norm.objects.0) {
            self.event.summary.object_primary = Some(found);
        }
        if let Some(found) = self.wanted("object secondary", norm.objects.1) {
            self.event.summary.object_secondary = Some(found);
        }
        match norm.object {
            "file" | "filesystem" => self.file_object(norm.path_index),
            "socket" => {
                let event = &mut *self.event;
                let place =
                    event.socket.get("addr").or_else(|| event.socket.get("path")).filter(|place| !place.is_empty());
                event.summary.object_primary = place.cloned();
                event.summary.object_secondary = event.socket.get("port").cloned();
            }
            _ => {}
        }
        if let Some(how) = self.wanted("how", norm.how) {
            self.event.summary.how = Some(how);
        }
        if let Some(address) = self.wanted("source IP", norm.source_ip)
            && (self.reference || address.parse::<core::net::IpAddr>().is_ok())
        {
            for key in norm.source_ip {
                self.event.data.take(key);
            }
            self.event.source_ip = Some(address);
            self.event.direction = Some("ingress");
        }
    }

    /// The path that the action was done to: the one that the meaning names, and no directory that only led there.
    fn file_object(&mut self, index: usize) {
        let event = &mut *self.event;
        let from = if index < event.paths.len() { index } else { 0 };
        let leads_there =
            |path: &Fields<'_>| matches!(path.get("nametype").map(|each| each.as_ref()), Some("PARENT" | "UNKNOWN"));
        let place = event
            .paths
            .iter()
            .skip(from)
            .position(|path| !leads_there(path))
            .map_or(0, |place| from.saturating_add(place));
        let Some(path) = event.paths.get(place) else { return };
        event.summary.object_primary = path.get("name").cloned();
        event.file = Some(place);
        if !self.reference && event.summary.object_type == "file" {
            // The reference reads the octal mode as its language's own bits, and always says "file".
            let mode = path.get("mode").and_then(|mode| u32::from_str_radix(mode, 8).ok());
            event.summary.object_type = match mode.map(|mode| mode & 0o170_000) {
                Some(0o040_000) => "directory",
                Some(0o020_000) => "character-device",
                Some(0o060_000) => "block-device",
                Some(0o010_000) => "named-pipe",
                Some(0o120_000) => "symlink",
                Some(0o140_000) => "socket",
                _ => "file",
            };
        }
    }

    fn accounts(&mut self, norm: &'static Norm) {
        for &(from, to) in norm.map {
            let event = &mut *self.event;
            let value = match from {
                From::Subject => event.summary.actor_primary.clone(),
                From::SubjectSecondary => event.summary.actor_secondary.clone(),
                From::Object => event.summary.object_primary.clone(),
                From::Uid => event.ids.get("uid").cloned(),
            };
            let Some(value) = value else { continue };
            let value = if value == "4294967295" { Cow::Borrowed("unset") } else { value };
            let number = value == "unset" || (!value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()));
            let account =
                if number { Account { id: Some(value), name: None } } else { Account { id: None, name: Some(value) } };
            *match to {
                To::User => &mut event.users.user,
                To::Effective => &mut event.users.effective,
                To::Target => &mut event.users.target,
                To::Group => &mut event.users.group,
            } = account;
        }
    }

    /// What is known of the process leaves the other data.
    fn process(&mut self) {
        let event = &mut *self.event;
        let mut take = |key: &str| event.data.take(key).map(|field| field.value);
        event.process.pid = take("pid");
        event.process.ppid = take("ppid");
        event.process.name = take("comm");
        event.process.executable = take("exe");
        event.process.title = take("proctitle");
        event.process.directory = take("cwd");
    }
}

/// `UID="root" AUID="unset"` as uid and auid. A name that auditd could not look up is `unknown(1000)` or `unset`, and is no name.
fn enriched_names(names: &str) -> Fields<'_> {
    const KEYS: [(&str, &str); 14] = [
        ("AUID", "auid"),
        ("UID", "uid"),
        ("GID", "gid"),
        ("EUID", "euid"),
        ("SUID", "suid"),
        ("FSUID", "fsuid"),
        ("EGID", "egid"),
        ("SGID", "sgid"),
        ("FSGID", "fsgid"),
        ("OUID", "ouid"),
        ("OGID", "ogid"),
        ("OAUID", "oauid"),
        ("OLD-AUID", "old-auid"),
        ("IUID", "iuid"),
    ];
    let mut fields = Fields::default();
    for word in names.split(' ') {
        let Some((key, raw)) = word.split_once('=') else { continue };
        let value = Grammar::Kernel.unquote(raw);
        if matches!(value, "" | "?" | "unset") || value.starts_with("unknown(") {
            continue;
        }
        if let Some((_, key)) = KEYS.iter().find(|(each, _)| *each == key) {
            let text = super::decode::upper_hex(raw)
                .map_or(Cow::Borrowed(value), |bytes| Cow::Owned(super::decode::lossy(&bytes).into_owned()));
            fields.set(key, text, raw);
        }
    }
    fields
}

/// The fields of one record by themselves, sorted by key, as [`coalesce`] sees them.
pub(super) fn decode_alone<'a>(record: &super::record::Record<'a>, compat: Compat) -> Decoded<'a> {
    let mut syscalls = super::tables::SyscallTables::default();
    let mut decoded = decode(
        record.kind,
        record.body,
        &mut |arch, number, reference| syscalls.get(arch, number, reference),
        compat,
        u64::MAX,
    );
    decoded.fields.sort();
    decoded
}
