//! How records become events as they stream in: ends, timeouts, limits, nodes, and what is counted.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use eqlite_core::{
    Timestamp,
    auditd::{Auditd, AuditdOptions, Compat, Gap, RecordError},
};

/// Feeds `TYPE seconds.millis:serial` in short; gives `serial:number of records` of each event as it comes out.
struct Stream {
    auditd: Auditd,
    out: Vec<String>,
}

impl Stream {
    fn new(options: AuditdOptions) -> Self {
        Stream { auditd: Auditd::new(options), out: Vec::new() }
    }

    fn push(&mut self, record: &str) -> Result<(), RecordError> {
        let (head, kind) = record.rsplit_once(' ').map_or(("", record), |(head, kind)| (head, kind));
        let (node, kind) = if head.starts_with("node=") { (format!("{head} "), kind) } else { (String::new(), kind) };
        let (kind, stamp) = kind.split_once('@').unwrap();
        let line = format!("{node}type={kind} msg=audit({stamp}): a=b arch=c000003e syscall=41");
        let out = &mut self.out;
        self.auditd.push_line(line.as_bytes(), &mut |event| {
            out.push(format!("{}:{}", event.serial(), event.records().count()))
        })
    }

    /// What comes out while these go in.
    fn feed(&mut self, records: &[&str]) -> Vec<String> {
        for record in records {
            self.push(record).unwrap();
        }
        std::mem::take(&mut self.out)
    }

    fn flush_into(&mut self) {
        let out = &mut self.out;
        self.auditd.flush(&mut |event| out.push(format!("{}:{}", event.serial(), event.records().count())));
    }

    fn flush(&mut self) -> Vec<String> {
        self.flush_into();
        std::mem::take(&mut self.out)
    }
}

fn stream() -> Stream {
    Stream::new(AuditdOptions::default())
}

#[test]
fn an_event_ends_with_its_title_its_end_or_by_itself() {
    let mut stream = stream();
    assert_eq!(stream.feed(&["SYSCALL@1.000:1", "CWD@1.000:1", "PROCTITLE@1.000:1"]), ["1:3"]);
    assert_eq!(stream.feed(&["EOE@1.000:1"]), [""; 0], "the end of an event that is out already is nothing");
    assert_eq!(stream.feed(&["SYSCALL@1.000:2", "EOE@1.000:2"]), ["2:1"]);
    assert_eq!(
        stream.feed(&["USER_LOGIN@1.000:3", "DAEMON_START@1.000:4", "ANOM_LOGIN_FAILURES@1.000:5"]),
        ["3:1", "4:1", "5:1"]
    );
    assert_eq!(stream.feed(&["SYSCALL@1.000:6"]), [""; 0]);
    assert_eq!(stream.flush(), ["6:1"]);
}

#[test]
fn time_ends_what_has_no_end() {
    let mut stream = stream();
    assert_eq!(stream.feed(&["SYSCALL@10.000:1", "CWD@10.000:1", "SYSCALL@11.999:2"]), [""; 0]);
    assert_eq!(stream.feed(&["SYSCALL@12.000:3"]), ["1:2"]);
    let mut out = Vec::new();
    stream.auditd.advance(Timestamp::from_millis(13_999), &mut |event| out.push(event.serial()));
    assert_eq!(out, [2]);
    assert_eq!(stream.auditd.stats().timed_out, 2);
}

#[test]
fn a_clock_that_steps_back_closes_nothing_early() {
    let mut stream = stream();
    stream.feed(&["SYSCALL@5000.000:1", "EOE@5000.000:1"]);
    assert_eq!(
        stream.feed(&["SYSCALL@100.000:2", "CWD@100.000:2", "SYSCALL@100.001:3", "EOE@100.000:2", "EOE@100.001:3"]),
        ["2:2", "3:1"]
    );
}

#[test]
fn each_node_has_a_clock_and_serials_of_its_own() {
    let mut stream = stream();
    let out = stream.feed(&[
        "node=a SYSCALL@100.000:7",
        "node=b SYSCALL@100.000:7",
        "node=b SYSCALL@900.000:8",
        "node=a CWD@100.000:7",
        "node=a EOE@100.000:7",
        "node=b EOE@900.000:8",
    ]);
    assert_eq!(out, ["7:1", "7:2", "8:1"]);
    assert_eq!(stream.auditd.stats().lost_serials, 0);
}

#[test]
fn events_of_one_serial_at_other_times_are_other_events() {
    let mut stream = stream();
    assert_eq!(stream.feed(&["SYSCALL@1.000:1", "SYSCALL@1.001:1", "EOE@1.001:1", "EOE@1.000:1"]), ["1:1", "1:1"]);
    let mut reference = Stream::new(AuditdOptions { compat: Compat::GoLibaudit, ..AuditdOptions::default() });
    assert_eq!(reference.feed(&["SYSCALL@1.000:1", "SYSCALL@1.001:1", "EOE@1.001:1"]), ["1:2"]);
}

#[test]
fn the_reference_gives_events_in_the_order_of_their_serials() {
    let records = ["SYSCALL@1.000:1", "SYSCALL@1.000:2", "EOE@1.000:2", "EOE@1.000:1"];
    assert_eq!(stream().feed(&records), ["2:1", "1:1"]);
    let mut reference = Stream::new(AuditdOptions { compat: Compat::GoLibaudit, ..AuditdOptions::default() });
    assert_eq!(reference.feed(&records), ["1:1", "2:1"]);
}

#[test]
fn gaps_are_counted_and_late_events_taken_back() {
    let mut stream = stream();
    stream.feed(&["SYSCALL@1.000:10", "EOE@1.000:10", "SYSCALL@1.000:14", "EOE@1.000:14"]);
    assert_eq!(
        (stream.auditd.stats().lost_serials, stream.auditd.stats().gaps.as_slice()),
        (3, [Gap { first: 11, last: 13 }].as_slice())
    );
    stream.feed(&["SYSCALL@1.000:12", "EOE@1.000:12"]);
    assert_eq!(stream.auditd.stats().gaps, [Gap { first: 11, last: 11 }, Gap { first: 13, last: 13 }]);
    assert_eq!(stream.auditd.stats().lost_serials, 2);
}

#[test]
fn serials_roll_over_and_begin_anew() {
    let mut stream = stream();
    stream.feed(&["USER_LOGIN@1.000:4294967295", "USER_LOGIN@1.000:0", "USER_LOGIN@1.000:2"]);
    assert_eq!((stream.auditd.stats().lost_serials, stream.auditd.stats().restarts), (1, 0));
    let mut stream = self::stream();
    stream.feed(&["USER_LOGIN@1.000:90000000", "USER_LOGIN@2.000:1", "USER_LOGIN@2.000:2"]);
    assert_eq!((stream.auditd.stats().lost_serials, stream.auditd.stats().restarts), (0, 1));
}

#[test]
fn beyond_the_limit_the_oldest_event_is_closed() {
    let mut stream = Stream::new(AuditdOptions { max_in_flight: 2, ..AuditdOptions::default() });
    assert_eq!(stream.feed(&["SYSCALL@1.000:1", "SYSCALL@1.000:2", "SYSCALL@1.000:3"]), ["1:1"]);
    assert_eq!(stream.auditd.stats().evicted, 1);
}

#[test]
fn beyond_the_limit_of_bytes_the_oldest_event_is_closed() {
    let mut stream = Stream::new(AuditdOptions { max_bytes: 150, ..AuditdOptions::default() });
    let out = stream.feed(&[
        "SYSCALL@1.000:1",
        "CWD@1.000:1",
        "SYSCALL@1.000:2",
        "CWD@1.000:2",
        "EOE@1.000:2",
        "SYSCALL@1.000:3",
        "EOE@1.000:3",
    ]);
    assert_eq!(out, ["1:2", "2:2", "3:1"]);
    assert_eq!(stream.auditd.stats().evicted, 1);
}

#[test]
fn records_beyond_the_limit_of_an_event_are_left_out() {
    let mut stream = Stream::new(AuditdOptions { max_event_records: 2, ..AuditdOptions::default() });
    stream.feed(&["SYSCALL@1.000:1", "PATH@1.000:1"]);
    assert_eq!(stream.push("PATH@1.000:1"), Err(RecordError::EventTooLarge));
    assert_eq!(stream.feed(&["EOE@1.000:1"]), ["1:2"]);
    assert_eq!(stream.auditd.stats().oversized, 1);
    let mut stream = Stream::new(AuditdOptions { max_event_bytes: 64, ..AuditdOptions::default() });
    stream.feed(&["SYSCALL@1.000:1"]);
    assert_eq!(stream.push("PATH@1.000:1"), Err(RecordError::EventTooLarge));
}

#[test]
fn a_log_that_goes_on_in_the_next_file_is_one_stream() {
    let mut stream = stream();
    assert_eq!(stream.feed(&["SYSCALL@1.000:1", "CWD@1.000:1"]), [""; 0]);
    assert!(stream.auditd.push_line(b"type=PATH msg=aud", &mut |_| ()).is_err());
    assert_eq!(stream.feed(&["PATH@1.000:1", "PROCTITLE@1.000:1"]), ["1:4"]);
    assert_eq!((stream.auditd.stats().records, stream.auditd.stats().malformed), (4, 1));
}

/// Events in flight as plainly as can be: node, milliseconds, serial, and how many records.
#[derive(Default)]
struct Plain {
    pending: Vec<(Option<&'static str>, i64, u32, usize)>,
    timed_out: u64,
    evicted: u64,
    out: Vec<String>,
}

impl Plain {
    fn close(&mut self, place: usize) {
        let (_, _, serial, records) = self.pending.remove(place);
        if records > 0 {
            self.out.push(format!("{serial}:{records}"));
        }
    }

    fn push(&mut self, node: Option<&'static str>, kind: &str, millis: i64, serial: u32, most: usize) {
        while let Some(place) = self.pending.iter().position(|event| event.0 == node && event.1 <= millis - 2000) {
            self.timed_out += 1;
            self.close(place);
        }
        let its = |event: &(Option<&str>, i64, u32, usize)| (event.0, event.1, event.2) == (node, millis, serial);
        let place = match self.pending.iter().rposition(its) {
            Some(place) => place,
            None if kind == "EOE" => return,
            None => {
                if self.pending.len() >= most {
                    self.evicted += 1;
                    self.close(0);
                }
                self.pending.push((node, millis, serial, 0));
                self.pending.len() - 1
            }
        };
        self.pending[place].3 += usize::from(kind != "EOE");
        if matches!(kind, "EOE" | "PROCTITLE" | "USER_LOGIN") {
            self.close(place);
        }
    }
}

#[test]
fn any_order_of_records_gives_the_events_of_the_plain_twin() {
    let mut state = 11_u64;
    let mut random = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 8) % below
    };
    for round in 0..100 {
        let most = [2, 5, 1000][round % 3];
        let mut stream = Stream::new(AuditdOptions { max_in_flight: most, ..AuditdOptions::default() });
        let (mut plain, mut now) = (Plain::default(), 10_000_i64);
        for _ in 0..200 {
            let node = [None, Some("a"), Some("b")][random(3) as usize];
            let kind = ["SYSCALL", "CWD", "PATH", "PROCTITLE", "EOE", "USER_LOGIN"][random(6) as usize];
            now += [0, 0, 1, 700, 2500, -900][random(6) as usize];
            let (millis, serial) = (now.max(1) - random(2) as i64, random(4) as u32);
            plain.push(node, kind, millis, serial, most);
            let head = node.map(|node| format!("node={node} ")).unwrap_or_default();
            stream.push(&format!("{head}{kind}@{}.{:03}:{serial}", millis / 1000, millis % 1000)).unwrap();
        }
        let stats = stream.auditd.stats();
        assert_eq!((stats.timed_out, stats.evicted), (plain.timed_out, plain.evicted));
        while !plain.pending.is_empty() {
            plain.close(0);
        }
        stream.flush_into();
        assert_eq!(stream.out, plain.out);
        assert_eq!(stream.auditd.stats().events, plain.out.len() as u64);
    }
}
