//! An event in the names of ECS: the one description of the mapping. `process.pid` is the pid of the SYSCALL record, `user.effective.id` its
//! euid, `destination.ip` the address of a connect, and so on.
//!
//! Two profiles: what Auditbeat publishes (ports and counts are text), and what the ingest pipeline of Auditd Manager then makes of it
//! (numbers, `event.sequence`, less common users under `auditd.user`). Auditbeat also publishes some empty texts and empty objects; the
//! pipeline takes them out.

use alloc::{borrow::Cow, format, string::String, vec::Vec};

use super::{
    Compat, Profile,
    event::{Account, AuditEvent, Peer},
    fields::Text,
    record::RecordType,
    sink::{EcsField as F, FieldSink, JsonDocument, Path, list},
    socket,
};

/// The version of ECS that the pipeline of Auditd Manager states.
const ECS_VERSION: &str = "8.11.0";

impl AuditEvent<'_> {
    /// Adds the ECS document to a text: one line, keys sorted, no end of line.
    pub fn write_json(&self, out: &mut String) {
        let mut document = JsonDocument::new();
        self.fields(&mut document);
        document.write(out);
    }

    /// Gives every field of the ECS document to the sink.
    pub fn fields<S: FieldSink>(&self, sink: &mut S) {
        let mut writer = Writer {
            event: self,
            sink,
            manager: self.options.profile == Profile::AuditdManager,
            reference: self.options.compat == Compat::GoLibaudit,
        };
        if self.broken {
            writer.broken();
            return;
        }
        writer.sink.time(self.timestamp());
        // Whole parts are left out of which nobody wants anything.
        if writer.sink.wants_any(F::EcsVersion..=F::EventType)
            || writer.sink.wants(F::AuditdSequence)
            || writer.sink.wants(F::ServiceType)
            || writer.sink.wants(F::Tags)
        {
            writer.event_fields();
        }
        if writer.sink.wants_any(F::HostId..=F::HostOsType) {
            writer.host();
        }
        if writer.sink.wants_any(F::AuditdMessageType..=F::AuditdSession) {
            writer.auditd();
        }
        if writer.sink.wants_any(F::AuditdActorPrimary..=F::AuditdObjectType) {
            writer.summary();
        }
        if writer.sink.wants(F::AuditdData) || writer.sink.wants(F::EventId) {
            writer.data();
        }
        writer.process();
        writer.file();
        writer.network();
        // Names of users and groups are all but at the end.
        if writer.sink.wants_any(F::GroupId..=F::GroupName)
            || writer.sink.wants(F::AuditdUser)
            || writer.sink.wants(F::RelatedUser)
            || writer.sink.wants_any(F::User..=F::UserTargetName)
        {
            writer.users();
        }
        writer.messages();
        if !writer.reference && writer.sink.wants_any(F::EqliteSocketFamily..=F::EqliteSocketType) {
            writer.own();
        }
    }
}

struct Writer<'w, 'e, S> {
    event: &'w AuditEvent<'e>,
    sink: &'w mut S,
    manager: bool,
    reference: bool,
}

impl<S: FieldSink> Writer<'_, '_, S> {
    fn text(&mut self, field: F, value: &str) {
        // The pipeline removes empty texts; Auditbeat publishes some.
        if !value.is_empty() {
            self.sink.text(field.into(), value);
        }
    }

    fn some(&mut self, field: F, value: Option<&Text<'_>>) {
        if let Some(value) = value {
            self.text(field, value);
        }
    }

    fn texts(&mut self, field: F, values: &[&'static str]) {
        if !values.is_empty() {
            self.sink.texts(field.into(), &mut values.iter().copied());
        }
    }

    /// A number where the pipeline makes one of the text, and the text is one.
    fn number(&mut self, path: Path<'_>, value: &str) {
        match value.parse() {
            Ok(number) if self.manager => self.sink.int(path, number),
            _ => self.sink.text(path, value),
        }
    }

    fn event_fields(&mut self) {
        let event = self.event;
        self.text(F::EventKind, if event.event_kind.is_empty() { "event" } else { event.event_kind });
        self.text(F::EventModule, "auditd");
        self.text(F::ServiceType, "auditd");
        if self.manager {
            self.text(F::EcsVersion, ECS_VERSION);
            if !self.reference {
                self.text(F::EventDataset, "auditd_manager.auditd");
            }
        }
        if event.categories.is_empty() {
            self.text(F::EventCategory, event.family);
        } else {
            self.texts(F::EventCategory, &event.categories);
        }
        self.texts(F::EventType, &event.types);
        let action = event.summary.action;
        if !self.reference && !event.call_action.is_empty() {
            // The call was made, and the security module had something to say: a rule on either must see it.
            self.texts(F::EventAction, &[event.call_action, action]);
        } else if action.is_empty() && !self.manager {
            self.sink.text(F::EventAction.into(), "");
        } else {
            self.text(F::EventAction, action);
        }
        self.text(
            F::EventOutcome,
            match event.result {
                "success" => "success",
                "fail" => "failure",
                _ => "unknown",
            },
        );
        let sequence = if self.manager { F::EventSequence } else { F::AuditdSequence };
        self.sink.int(sequence.into(), i64::from(event.serial()));
        if !event.tags.is_empty() {
            self.sink.texts(F::Tags.into(), &mut list(&event.tags));
        }
    }

    fn host(&mut self) {
        let options = self.event.options;
        let node = self.event.node();
        let (id, name) = (options.host_id.as_deref().or(node), options.host_name.as_deref().or(node));
        let known = !self.reference || options.host_id.is_some();
        if let Some(id) = id.filter(|_| known) {
            self.text(F::HostId, id);
        }
        if let Some(name) = name.filter(|_| !self.reference || options.host_name.is_some()) {
            self.text(F::HostName, name);
        }
        if let Some(os) = options.os_type.as_deref() {
            self.text(F::HostOsType, os);
        }
    }

    fn auditd(&mut self) {
        let event = self.event;
        if event.kind == RecordType::SYSCALL {
            self.text(F::AuditdMessageType, "syscall");
        } else if self.sink.wants(F::AuditdMessageType) {
            let mut kind = format!("{}", event.kind);
            kind.make_ascii_lowercase();
            self.text(F::AuditdMessageType, &kind);
        }
        self.text(F::AuditdResult, event.result);
        match event.session.as_deref() {
            Some("unset") => {}
            Some(session) => self.text(F::AuditdSession, session),
            None if !self.manager => self.sink.text(F::AuditdSession.into(), ""),
            None => {}
        }
        if !event.paths.is_empty() {
            self.sink.objects(F::AuditdPaths.into(), &event.paths);
        }
    }

    fn summary(&mut self) {
        let summary = &self.event.summary;
        self.some(F::AuditdActorPrimary, summary.actor_primary.as_ref());
        self.some(F::AuditdActorSecondary, summary.actor_secondary.as_ref());
        self.text(F::AuditdObjectType, summary.object_type);
        self.some(F::AuditdObjectPrimary, summary.object_primary.as_ref());
        self.some(F::AuditdObjectSecondary, summary.object_secondary.as_ref());
        self.some(F::AuditdHow, summary.how.as_ref());
    }

    fn data(&mut self) {
        let event = self.event;
        if event.data.is_empty() && event.socket.is_empty() && event.node().is_none() && !self.manager {
            self.sink.empty(F::AuditdData.into());
        }
        for field in event.data.iter() {
            if self.manager && field.key == "id" {
                self.text(F::EventId, &field.value);
            } else if self.manager && matches!(field.key, "argc" | "items") {
                self.number(Path { field: F::AuditdData, rest: field.key }, &field.value);
            } else if !self.reference && self.is_taken(field.key) {
                // Something else has this place.
            } else {
                self.sink.text(Path { field: F::AuditdData, rest: &self.key(field.key) }, &field.value);
            }
        }
        if let Some(node) = event.node().filter(|_| !self.reference) {
            self.sink.text(Path { field: F::AuditdData, rest: "node" }, node);
        }
        for field in event.socket.iter() {
            let key = match field.key {
                "addr" => Cow::Borrowed("socket.addr"),
                "family" => Cow::Borrowed("socket.family"),
                "path" => Cow::Borrowed("socket.path"),
                "port" => {
                    self.number(Path { field: F::AuditdData, rest: "socket.port" }, &field.value);
                    continue;
                }
                key => Cow::Owned(format!("socket.{}", self.key(key))),
            };
            if !field.value.is_empty() || (self.reference && !self.manager) {
                self.sink.text(Path { field: F::AuditdData, rest: &key }, &field.value);
            }
        }
    }

    /// Whether a key of the log is that of another field: of the node, of the socket, or one that differs by its dashes only.
    fn is_taken(&self, key: &str) -> bool {
        (key == "node" && self.event.node().is_some())
            || (key == "socket" && !self.event.socket.is_empty())
            || (self.manager && key.contains('-') && self.event.data.get(&key.replace('-', "_")).is_some())
    }

    /// The pipeline writes `old_ses` for `old-ses`.
    fn key<'k>(&self, key: &'k str) -> Cow<'k, str> {
        if self.manager && key.contains('-') { Cow::Owned(key.replace('-', "_")) } else { Cow::Borrowed(key) }
    }

    fn process(&mut self) {
        let process = &self.event.process;
        for (field, id) in [(F::ProcessPid, &process.pid), (F::ProcessParentPid, &process.ppid)] {
            if let Some(id) = id.as_ref().and_then(|id| id.parse().ok()) {
                self.sink.int(field.into(), id);
            }
        }
        self.some(F::ProcessName, process.name.as_ref());
        self.some(F::ProcessExecutable, process.executable.as_ref());
        self.some(F::ProcessTitle, process.title.as_ref());
        self.some(F::ProcessWorkingDirectory, process.directory.as_ref());
        if !process.arguments.is_empty() {
            self.sink.texts(F::ProcessArgs.into(), &mut list(&process.arguments));
        }
    }

    fn file(&mut self) {
        let Some(place) = self.event.file else { return };
        let Some(path) = self.event.paths.get(place) else { return };
        for (field, key) in [
            (F::FilePath, "name"),
            // The device that the file is, not the one it is on.
            (F::FileDevice, "rdev"),
            (F::FileInode, "inode"),
            (F::FileUid, "ouid"),
            (F::FileGid, "ogid"),
        ] {
            self.some(field, path.get(key));
        }
        if let Some(mode) = path.get("mode").and_then(|mode| u32::from_str_radix(mode, 8).ok()) {
            self.text(F::FileMode, &format!("{:04o}", mode & 0o7777));
        }
        if let Some(names) = self.event.path_names.get(place) {
            self.some(F::FileOwner, names.get("ouid"));
            self.some(F::FileGroup, names.get("ogid"));
        }
        let selinux = if self.manager { F::AuditdFileSelinux } else { F::FileSelinux };
        for field in path.iter() {
            if let Some(part) = field.key.strip_prefix("obj_") {
                self.sink.text(Path { field: selinux, rest: part }, &field.value);
            }
        }
    }

    fn network(&mut self) {
        let event = self.event;
        if let Some(direction) = event.direction {
            self.text(F::NetworkDirection, direction);
        }
        if let Some(address) = &event.source_ip {
            self.text(F::SourceIp, address);
        }
        let Some(peer) = event.peer else { return };
        let (ip, port, path, address) = match peer {
            Peer::Source => (F::SourceIp, F::SourcePort, F::SourcePath, F::SourceAddress),
            Peer::Destination => (F::DestinationIp, F::DestinationPort, F::DestinationPath, F::DestinationAddress),
        };
        self.some(ip, event.socket.get("addr"));
        if let Some(value) = event.socket.get("port") {
            self.number(port.into(), value);
        }
        self.some(if self.manager { address } else { path }, event.socket.get("path"));
    }

    fn users(&mut self) {
        let event = self.event;
        let id = |key: &str| event.ids.get(key).filter(|id| *id != "unset");
        let name = |key: &str| event.names.get(key);
        // Events of logins and accounts say themselves who the user is.
        let (user_id, user_name) = account(&event.users.user).unwrap_or((id("uid"), name("uid")));
        let (effective_id, effective_name) = account(&event.users.effective).unwrap_or((id("euid"), name("euid")));
        let mut any = user_id.is_some() || user_name.is_some();
        self.some(F::UserId, user_id);
        self.some(F::UserName, user_name);
        self.some(F::UserGroupId, id("gid"));
        self.some(F::UserGroupName, name("gid"));
        // A process that acts as its own user is not worth two mentions.
        let same = |one: Option<&Text<'_>>, other: Option<&Text<'_>>| one.is_some() && one == other;
        if !same(user_id, effective_id) && !same(user_name, effective_name) {
            any |= effective_id.is_some() || effective_name.is_some() || id("egid").is_some();
            self.some(F::UserEffectiveId, effective_id);
            self.some(F::UserEffectiveName, effective_name);
            self.some(F::UserEffectiveGroupId, id("egid"));
            self.some(F::UserEffectiveGroupName, name("egid"));
        }
        any |= id("gid").is_some();
        let moved = if self.manager { F::AuditdUser } else { F::User };
        for field in event.ids.iter().filter(|field| field.value != "unset") {
            let (object, rest) = match field.key {
                "uid" | "gid" | "euid" | "egid" => continue,
                "auid" => (moved, "audit.id"),
                "suid" => (moved, "saved.id"),
                "sgid" => (moved, "saved.group.id"),
                "fsuid" => (moved, "filesystem.id"),
                "fsgid" => (moved, "filesystem.group.id"),
                key => {
                    let object =
                        if matches!(key, "old_auid" | "new_auid" | "old-auid" | "new-auid") { moved } else { F::User };
                    self.sink.text(Path { field: object, rest: &format!("{}.id", self.key(key)) }, &field.value);
                    any = true;
                    continue;
                }
            };
            any = true;
            self.sink.text(Path { field: object, rest }, &field.value);
        }
        for field in event.names.iter() {
            let rest = match field.key {
                "auid" => "audit.name",
                "suid" => "saved.name",
                "sgid" => "saved.group.name",
                "fsuid" => "filesystem.name",
                "fsgid" => "filesystem.group.name",
                _ => continue,
            };
            self.sink.text(Path { field: moved, rest }, &field.value);
        }
        for (part, value) in &event.selinux {
            any = true;
            self.sink.text(Path { field: moved, rest: &format!("selinux.{part}") }, value);
        }
        for (account, id, name) in
            [(&event.users.target, F::UserTargetId, F::UserTargetName), (&event.users.group, F::GroupId, F::GroupName)]
        {
            let known = account.id.as_ref().filter(|id| *id != "unset");
            any |= id == F::UserTargetId && (known.is_some() || account.name.is_some());
            self.some(id, known);
            self.some(name, account.name.as_ref());
        }
        if !any && !self.manager {
            self.sink.empty(F::User.into());
        }
        if !self.reference {
            self.related();
        }
    }

    /// The names of those whom a login or a change of accounts is about.
    fn related(&mut self) {
        let users = &self.event.users;
        let mut names: Vec<&str> = Vec::new();
        for name in [&users.user, &users.effective, &users.target].into_iter().filter_map(|user| user.name.as_deref()) {
            if !name.is_empty() && !names.contains(&name) {
                names.push(name);
            }
        }
        if !names.is_empty() {
            self.sink.texts(F::RelatedUser.into(), &mut names.iter().copied());
        }
    }

    /// The records themselves, and what could not be read of them.
    fn messages(&mut self) {
        let options = self.event.options;
        let warned = options.include_warnings && !self.event.warnings.is_empty();
        if (options.include_raw || warned) && self.sink.wants(F::EventOriginal) {
            self.original();
        }
        if warned && (self.sink.wants(F::ErrorMessage) || self.sink.wants(F::AuditdWarnings)) {
            let warnings = self.warnings();
            if self.manager {
                self.sink.texts(F::AuditdWarnings.into(), &mut warnings.iter().map(String::as_str));
                self.text(F::ErrorMessage, &warnings.join("\n"));
            } else {
                self.sink.texts(F::ErrorMessage.into(), &mut warnings.iter().map(String::as_str));
            }
        }
    }

    fn warnings(&self) -> Vec<String> {
        self.event.warnings.iter().map(|warning| format!("{warning}")).collect()
    }

    fn original(&mut self) {
        let records: Vec<String> = self
            .event
            .records()
            .filter(|record| record.kind != RecordType::EOE)
            .map(|record| format!("type={} msg={}", record.kind, record.message))
            .collect();
        if self.manager {
            self.text(F::EventOriginal, &records.join("\n"));
        } else {
            self.sink.texts(F::EventOriginal.into(), &mut records.iter().map(String::as_str));
        }
    }

    /// What the reference gives for records that make no event.
    fn broken(&mut self) {
        self.original();
        self.text(F::ErrorMessage, &self.warnings().join("\n"));
    }

    /// Fields that are ours: which socket a call is about, so that a rule can tie `socket` to the `connect` on the same descriptor.
    fn own(&mut self) {
        let Some(socket) = socket::facts(self.event) else { return };
        if let Some(descriptor) = socket.descriptor {
            self.sink.int(F::EqliteSocketFd.into(), descriptor);
        }
        if let Some(kind) = socket.kind {
            self.text(F::EqliteSocketType, kind);
        }
        if let Some(family) = socket.family {
            self.text(F::EqliteSocketFamily, &family);
        }
    }
}

/// Number and name of an account; none where neither is known.
fn account<'t, 'e>(account: &'t Account<'e>) -> Option<(Option<&'t Text<'e>>, Option<&'t Text<'e>>)> {
    if account.is_empty() {
        None
    } else {
        Some((account.id.as_ref().filter(|id| *id != "unset"), account.name.as_ref()))
    }
}
