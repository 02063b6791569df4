//! Names of record types, and what an event means that is of this type.

use super::{AUTH, From, Norm, To};

/// Record types of one meaning, separated by blanks.
pub(super) static ROWS: &[(&str, Norm)] = &[
    ("ACCT_LOCK", Norm::new("locked-account", "", &["iam"], &["user", "info"])),
    ("ACCT_UNLOCK", Norm::new("unlocked-account", "", &["iam"], &["user", "info"])),
    (
        "ADD_GROUP",
        Norm::new("added-group-account-to", "account", &["iam"], &["group", "creation"])
            .objects(&["id", "acct"], &[])
            .map(&[(From::Subject, To::User), (From::SubjectSecondary, To::Effective), (From::Object, To::Group)]),
    ),
    (
        "ADD_USER",
        Norm::new("added-user-account", "account", &["iam"], &["user", "creation"])
            .objects(&["id", "acct"], &[])
            .map(&[(From::Subject, To::User), (From::SubjectSecondary, To::Effective), (From::Object, To::Target)]),
    ),
    (
        "DEL_GROUP",
        Norm::new("deleted-group-account-from", "account", &["iam"], &["group", "deletion"])
            .objects(&["id", "acct"], &[])
            .map(&[(From::Subject, To::User), (From::SubjectSecondary, To::Effective), (From::Object, To::Group)]),
    ),
    (
        "DEL_USER",
        Norm::new("deleted-user-account", "account", &["iam"], &["user", "deletion"])
            .objects(&["id", "acct"], &[])
            .map(&[(From::Subject, To::User), (From::SubjectSecondary, To::Effective), (From::Object, To::Target)]),
    ),
    (
        "GRP_MGMT",
        Norm::new("modified-group-account", "account", &["iam"], &["group", "change"])
            .objects(&["id", "acct"], &[])
            .map(&[(From::Subject, To::User), (From::SubjectSecondary, To::Group), (From::Uid, To::Effective)]),
    ),
    (
        "ROLE_ASSIGN",
        Norm::new("assigned-user-role-to", "account", &["iam"], &["user", "change"]).objects(&["id", "acct"], &[]),
    ),
    ("ROLE_MODIFY", Norm::new("modified-role", "", &["iam"], &["change"])),
    (
        "ROLE_REMOVE",
        Norm::new("removed-user-role-from", "account", &["iam"], &["user", "change"]).objects(&["id", "acct"], &[]),
    ),
    (
        "USER_MGMT",
        Norm::new("modified-user-account", "user-session", &["iam"], &["user", "change"]).session().map(&[
            (From::Subject, To::User),
            (From::SubjectSecondary, To::Target),
            (From::Uid, To::Effective),
        ]),
    ),
    (
        "USER_CHAUTHTOK",
        Norm::new("changed-password", "user-session", &["iam"], &["user", "change"]).session().map(&[
            (From::Subject, To::User),
            (From::Uid, To::Effective),
            (From::SubjectSecondary, To::Target),
        ]),
    ),
    (
        "GRP_CHAUTHTOK",
        Norm::new("changed-group-password", "user-session", &["iam"], &["group", "change"])
            .session()
            .objects(&["acct"], &["addr", "hostname"])
            .map(&[(From::Subject, To::User), (From::Uid, To::Effective), (From::SubjectSecondary, To::Group)]),
    ),
    ("CRED_ACQ", Norm::new("acquired-credentials", "user-session", &["authentication"], &["info"]).session().map(AUTH)),
    (
        "CRED_DISP",
        Norm::new("disposed-credentials", "user-session", &["authentication"], &["info"]).session().map(AUTH),
    ),
    (
        "CRED_REFR",
        Norm::new("refreshed-credentials", "user-session", &["authentication"], &["info"]).session().map(AUTH),
    ),
    ("GRP_AUTH", Norm::new("authenticated-to-group", "", &["authentication"], &["info"]).map(AUTH)),
    (
        "LOGIN",
        Norm::new("changed-login-id-to", "user-session", &["authentication"], &["start"])
            .subject(&["old_auid", "old-auid"], &["uid"])
            .objects(&["new-auid", "new_auid", "auid"], &[])
            .map(&[(From::Subject, To::User), (From::Object, To::Effective)]),
    ),
    ("USER_ACCT", Norm::new("was-authorized", "user-session", &["authentication"], &["info"]).session().map(AUTH)),
    ("USER_AUTH", Norm::new("authenticated", "user-session", &["authentication"], &["info"]).session().map(AUTH)),
    ("USER_END", Norm::new("ended-session", "user-session", &["session"], &["end"]).session().map(AUTH)),
    ("USER_ERR", Norm::new("error", "user-session", &["authentication"], &["info"]).session().source_ip().map(AUTH)),
    (
        "USER_LOGIN",
        Norm::new("logged-in", "user-session", &["authentication"], &["start"]).session().source_ip().map(AUTH),
    ),
    ("USER_LOGOUT", Norm::new("logged-out", "user-session", &["authentication"], &["end"]).session().map(AUTH)),
    (
        "USER_ROLE_CHANGE",
        Norm::new("changed-role-to", "user-session", &[], &[])
            .session()
            .objects(&["selected-context"], &["addr", "hostname"]),
    ),
    (
        "USER_START",
        Norm::new("started-session", "user-session", &["session"], &["start"]).session().source_ip().map(AUTH),
    ),
    ("VIRT_CONTROL", Norm::new("issued-vm-control", "virtual-machine", &["host"], &["info"]).objects(&["op"], &["vm"])),
    ("VIRT_CREATE", Norm::new("created-vm-image", "", &["host"], &["info"])),
    ("VIRT_DESTROY", Norm::new("deleted-vm-image", "", &["host"], &["info"])),
    ("VIRT_INTEGRITY_CHECK", Norm::new("checked-integrity-of", "", &["host"], &["info"])),
    ("VIRT_MACHINE_ID", Norm::new("assigned-vm-id", "virtual-machine", &["host"], &["info"]).objects(&["vm"], &[])),
    ("VIRT_MIGRATE_IN", Norm::new("migrated-vm-from", "", &["host"], &["info"])),
    ("VIRT_MIGRATE_OUT", Norm::new("migrated-vm-to", "", &["host"], &["info"])),
    (
        "VIRT_RESOURCE",
        Norm::new("assigned-vm-resource", "virtual-machine", &["host"], &["info"]).objects(&["resrc"], &["vm"]),
    ),
    ("CHGRP_ID", Norm::new("changed-group", "", &["process"], &["change"])),
    ("CHUSER_ID", Norm::new("changed-user-id", "", &["process"], &["change"])),
    ("TEST", Norm::new("sent-test", "", &["process"], &["info"])),
    ("TRUSTED_APP", Norm::new("unknown", "", &["process"], &["info"])),
    ("USER_CMD", Norm::new("ran-command", "process", &["process"], &["start"]).objects(&["cmd"], &[])),
    ("SYSTEM_BOOT", Norm::new("booted-system", "system", &["host"], &["start"])),
    (
        "SYSTEM_RUNLEVEL",
        Norm::new("changed-to-runlevel", "system", &["host"], &["change"]).objects(&["new-level"], &[]),
    ),
    ("SYSTEM_SHUTDOWN", Norm::new("shutdown-system", "system", &["host"], &["end"])),
    ("SERVICE_START", Norm::new("started-service", "service", &["process"], &["start"]).objects(&["unit"], &[])),
    ("SERVICE_STOP", Norm::new("stopped-service", "service", &["process"], &["end"]).objects(&["unit"], &[])),
    (
        "CONFIG_CHANGE",
        Norm::new("changed-audit-configuration", "audit-config", &["process", "configuration"], &["change"])
            .objects(&["op", "key", "audit_enabled", "audit_pid", "audit_backlog_limit", "audit_failure"], &[]),
    ),
    ("DAEMON_ABORT", Norm::new("aborted-auditd-startup", "service", &["process"], &["end"])),
    ("DAEMON_ACCEPT", Norm::new("remote-audit-connected", "service", &["network"], &["connection", "start"])),
    ("DAEMON_CLOSE", Norm::new("remote-audit-disconnected", "service", &["network"], &["connection", "start"])),
    ("DAEMON_CONFIG", Norm::new("changed-auditd-configuration", "service", &["process", "configuration"], &["change"])),
    ("DAEMON_END", Norm::new("shutdown-audit", "service", &["process"], &["end"])),
    ("DAEMON_ERR", Norm::new("audit-error", "service", &["process"], &["info"])),
    ("DAEMON_RECONFIG", Norm::new("reconfigured-auditd", "service", &["process", "configuration"], &["info"])),
    ("DAEMON_RESUME", Norm::new("resumed-audit-logging", "service", &["process"], &["change"])),
    ("DAEMON_ROTATE", Norm::new("rotated-audit-logs", "service", &["process"], &["change"])),
    ("DAEMON_START", Norm::new("started-audit", "service", &["process"], &["start"])),
    ("KERNEL", Norm::new("initialized-audit-subsystem", "", &["process"], &["info"])),
    (
        "USYS_CONFIG",
        Norm::new("changed-configuration", "system", &["configuration"], &["change"]).objects(&["op"], &[]),
    ),
    (
        "NETFILTER_CFG",
        Norm::new("loaded-firewall-rule-to", "firewall", &["configuration"], &["change"]).objects(&["table"], &[]),
    ),
    (
        "FEATURE_CHANGE",
        Norm::new("changed-audit-feature", "system", &["configuration"], &["change"]).objects(&["feature"], &[]),
    ),
    ("TTY USER_TTY", Norm::new("typed", "keystrokes", &[], &[]).objects(&["data"], &[]).how(&["comm", "exe"])),
    (
        "AVC",
        Norm::new("violated-selinux-policy", "", &[], &[])
            .subject(&["scontext"], &[])
            .objects(&["tcontext"], &["tclass"])
            .has(&["seresult"]),
    ),
    (
        "AVC",
        Norm::new("violated-apparmor-policy", "policy", &[], &[])
            .objects(&["operation"], &["requested_mask", "denied_mask", "capname"])
            .has(&["apparmor"]),
    ),
    ("FS_RELABEL", Norm::new("relabeled-filesystem", "mac-config", &[], &[])),
    ("LABEL_LEVEL_CHANGE", Norm::new("modified-level-of", "printer", &[], &[]).objects(&["printer"], &[])),
    ("LABEL_OVERRIDE", Norm::new("overrode-label-of", "mac-config", &[], &[])),
    ("MAC_CHECK", Norm::new("mac-permission", "", &[], &[])),
    (
        "MAC_CONFIG_CHANGE",
        Norm::new("changed-selinux-boolean", "mac-config", &["configuration"], &["change"]).objects(&["bool"], &[]),
    ),
    ("MAC_POLICY_LOAD", Norm::new("loaded-selinux-policy", "mac-config", &["configuration"], &["access"])),
    (
        "MAC_STATUS",
        Norm::new("changed-selinux-enforcement", "mac-config", &["configuration"], &["change"])
            .objects(&["enforcing"], &[]),
    ),
    ("USER_AVC", Norm::new("access-permission", "", &[], &[])),
    ("USER_MAC_CONFIG_CHANGE", Norm::new("changed-mac-configuration", "mac-config", &["configuration"], &["change"])),
    ("USER_MAC_POLICY_LOAD", Norm::new("loaded-mac-policy", "mac-config", &["configuration"], &["access"])),
    ("USER_SELINUX_ERR", Norm::new("access-error", "", &[], &[])),
    ("SECCOMP", Norm::new("violated-seccomp-policy", "process", &[], &[]).objects(&["syscall"], &[])),
    ("SELINUX_ERR", Norm::new("caused-mac-policy-error", "system", &[], &[])),
    (
        "CRYPTO_KEY_USER",
        Norm::new("negotiated-crypto-key", "user-session", &["process"], &["info"])
            .session()
            .objects(&["fp"], &["addr", "hostname"])
            .source_ip(),
    ),
    ("CRYPTO_LOGIN", Norm::new("crypto-officer-logged-in", "", &[], &[])),
    ("CRYPTO_LOGOUT", Norm::new("crypto-officer-logged-out", "", &["process"], &["info"])),
    (
        "CRYPTO_SESSION",
        Norm::new("started-crypto-session", "user-session", &["process"], &["info"])
            .session()
            .objects(&["addr"], &["rport"])
            .source_ip(),
    ),
    ("DAC_CHECK", Norm::new("access-result", "", &[], &[])),
    (
        "ANOM_ABEND",
        Norm::new("crashed-program", "process", &["process", "intrusion_detection"], &["end", "info"])
            .objects(&["comm", "exe"], &["pid"])
            .how(&["sig"])
            .alert(),
    ),
    (
        "ANOM_EXEC",
        Norm::new(
            "attempted-execution-of-forbidden-program",
            "process",
            &["process", "intrusion_detection"],
            &["start", "info"],
        )
        .objects(&["cmd"], &[])
        .how(&["terminal"])
        .alert(),
    ),
    ("ANOM_LINK", Norm::new("used-suspicious-link", "", &["file", "intrusion_detection"], &["access", "info"]).alert()),
    (
        "ANOM_LOGIN_FAILURES",
        Norm::new(
            "failed-log-in-too-many-times-to",
            "user-session",
            &["authentication", "intrusion_detection"],
            &["start", "denied"],
        )
        .session()
        .alert(),
    ),
    (
        "ANOM_LOGIN_LOCATION",
        Norm::new(
            "attempted-log-in-from-unusual-place-to",
            "user-session",
            &["authentication", "intrusion_detection"],
            &["start", "denied"],
        )
        .session()
        .alert(),
    ),
    (
        "ANOM_LOGIN_SESSIONS",
        Norm::new(
            "opened-too-many-sessions-to",
            "user-session",
            &["authentication", "intrusion_detection"],
            &["start", "denied"],
        )
        .session()
        .alert(),
    ),
    (
        "ANOM_LOGIN_TIME",
        Norm::new(
            "attempted-log-in-during-unusual-hour-to",
            "user-session",
            &["authentication", "intrusion_detection"],
            &["start", "denied"],
        )
        .session()
        .alert(),
    ),
    (
        "ANOM_PROMISCUOUS",
        Norm::new(
            "changed-promiscuous-mode-on-device",
            "network-device",
            &["intrusion_detection"],
            &["info", "change"],
        )
        .objects(&["dev"], &[])
        .alert(),
    ),
    (
        "ANOM_RBAC_INTEGRITY_FAIL",
        Norm::new("tested-file-system-integrity-of", "filesystem", &["intrusion_detection"], &["info"])
            .objects(&["hostname"], &[])
            .alert(),
    ),
    (
        "ANOM_LOGIN_ACCT",
        Norm::new(
            "attempted-log-in-to-watched-account",
            "",
            &["authentication", "intrusion_detection"],
            &["start", "denied"],
        )
        .alert(),
    ),
    (
        "ANOM_MAX_DAC",
        Norm::new("max-discretionary-access-control-failures-reached", "", &["intrusion_detection"], &["info"]).alert(),
    ),
    (
        "ANOM_MAX_MAC",
        Norm::new("max-mandatory-access-control-failures-reached", "", &["intrusion_detection"], &["info"]).alert(),
    ),
    (
        "ANOM_AMTU_FAIL",
        Norm::new("abstract-machine-test-utility-failure", "", &["intrusion_detection"], &["info"]).alert(),
    ),
    ("ANOM_RBAC_FAIL", Norm::new("rbac-self-test-failure", "", &["intrusion_detection"], &["info"]).alert()),
    ("ANOM_CRYPTO_FAIL", Norm::new("crypto-system-test-failure", "", &["intrusion_detection"], &["info"]).alert()),
    (
        "ANOM_MK_EXEC",
        Norm::new("made-an-executable", "", &["file", "intrusion_detection"], &["change", "info"]).alert(),
    ),
    (
        "ANOM_ACCESS_FS",
        Norm::new("accessed-watched-file-or-directory", "", &["file", "intrusion_detection"], &["access", "info"])
            .alert(),
    ),
    (
        "ANOM_ADD_ACCT",
        Norm::new("added-user-account", "", &["iam", "intrusion_detection"], &["user", "creation", "info"]).alert(),
    ),
    (
        "ANOM_DEL_ACCT",
        Norm::new("deleted-user-account", "", &["iam", "intrusion_detection"], &["user", "deletion", "info"]).alert(),
    ),
    (
        "ANOM_MOD_ACCT",
        Norm::new("modified-user-account", "", &["iam", "intrusion_detection"], &["user", "change", "info"]).alert(),
    ),
    (
        "ANOM_ROOT_TRANS",
        Norm::new("user-became-root", "", &["authentication", "intrusion_detection"], &["start", "info"]).alert(),
    ),
    (
        "ANOM_LOGIN_SERVICE",
        Norm::new(
            "service-account-attempted-login",
            "",
            &["authentication", "intrusion_detection"],
            &["start", "denied"],
        )
        .alert(),
    ),
    ("USER", Norm::new("sent-message", "", &[], &[]).objects(&["addr"], &[])),
    ("SOFTWARE_UPDATE", Norm::new("package-updated", "", &["package"], &["info"])),
];
