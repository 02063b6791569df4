//! What happens on fifty hosts: processes start programs, open sockets, connect, open files; now and then one is an attack.
//!
//! A process has one program for its whole life, so that only the scenes of an attack add up to what the UDP rule looks for: a listed
//! program that was executed, opened a UDP socket over IPv4 and connected to an outside address, in any order. Its three scenes are spread
//! over some hundred others. Ordinary shells run and open TCP sockets.

use crate::{
    names::{FOLDERS, PROGRAMS, SHELLS, USERS, WORDS},
    random::Random,
};
use std::collections::VecDeque;

/// Hosts that report.
const HOSTS: usize = 50;
/// Processes alive on each host.
const PROCESSES: usize = 400;
/// One attack begins in so many scenes.
const ATTACK_EVERY: usize = 2_000;
/// 2026-11-24T00:00:00Z.
const BEGIN_MILLIS: u64 = 1_795_478_400_000;

/// A host.
#[derive(Clone, Debug)]
pub struct Host {
    /// `web-07`.
    pub name: String,
    /// 32 hexadecimal digits.
    pub id: String,
}

/// A process.
#[derive(Clone, Debug)]
pub struct Process {
    /// Index of its host.
    pub host: usize,
    /// process.pid
    pub pid: u32,
    /// process.parent.pid
    pub parent: u32,
    /// The program's name.
    pub name: &'static str,
    /// Name and id of the user.
    pub user: (u32, &'static str),
    /// The command line, word by word.
    pub args: Vec<String>,
}

/// What a process does.
#[derive(Clone, Copy, Debug)]
pub enum Call {
    /// Runs its program.
    Execve,
    /// Opens a socket of family AF_INET; whether a UDP one.
    Socket {
        /// SOCK_DGRAM instead of SOCK_STREAM.
        udp: bool,
    },
    /// Connects it.
    Connect {
        /// To this IPv4 address.
        address: [u8; 4],
        /// To this port.
        port: u16,
    },
    /// Opens a file.
    Open,
}

/// One event.
#[derive(Clone, Debug)]
pub struct Scene {
    /// When: milliseconds since 1970.
    pub millis: u64,
    /// The serial of the event, counted by its host.
    pub serial: u32,
    /// Where.
    pub host: Host,
    /// Who.
    pub process: Process,
    /// What.
    pub call: Call,
}

/// An endless row of scenes.
#[derive(Clone, Debug)]
pub struct Scenes {
    random: Random,
    hosts: Vec<Host>,
    processes: Vec<Vec<Process>>,
    serials: Vec<u32>,
    count: usize,
    millis: u64,
    /// Scenes of attacks, with the number at which they come, soonest first.
    plotted: VecDeque<(usize, Process, Call)>,
    next_pid: u32,
    /// Attacks of which scenes are still to come.
    running: Vec<(Process, usize)>,
    expected: Vec<(String, u32, u32)>,
}

impl Scenes {
    /// The scenes of this seed.
    pub fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let hosts: Vec<Host> = (0..HOSTS)
            .map(|number| Host {
                name: format!("{}-{number:02}", random.pick(&["web", "db", "ci", "app"])),
                id: format!("{:016x}{:016x}", random.number(), random.number()),
            })
            .collect();
        let processes = (0..HOSTS)
            .map(|host| (0..PROCESSES).map(|rank| process(&mut random, host, 700 + rank as u32 * 11, false)).collect())
            .collect();
        Scenes {
            random,
            hosts,
            processes,
            serials: vec![0; HOSTS],
            count: 0,
            millis: BEGIN_MILLIS,
            plotted: VecDeque::new(),
            next_pid: 100_000,
            running: Vec::new(),
            expected: Vec::new(),
        }
    }

    /// The attacks that are complete so far, as join keys of the UDP rule, in the order of their last scenes.
    pub fn into_expected(self) -> Vec<(String, u32, u32)> {
        self.expected
    }

    fn plot(&mut self) {
        let host = self.random.below(HOSTS);
        self.next_pid += 1;
        let process = process(&mut self.random, host, self.next_pid, true);
        let udp_address = [203, 0, 113, self.random.below(250) as u8 + 1];
        let mut calls = [Call::Execve, Call::Socket { udp: true }, Call::Connect { address: udp_address, port: 4444 }];
        self.random.shuffle(&mut calls);
        for (step, call) in calls.into_iter().enumerate() {
            let at = self.count + step * 40 + self.random.below(40);
            self.plotted.push_back((at, process.clone(), call));
        }
        self.running.push((process, 3));
        self.plotted.make_contiguous().sort_by_key(|(at, ..)| *at);
    }

    fn attack_scene(&mut self) -> Option<(Process, Call)> {
        let (at, ..) = self.plotted.front()?;
        if *at > self.count {
            return None;
        }
        let (_, process, call) = self.plotted.pop_front()?;
        let place = self.running.iter().position(|(running, _)| running.pid == process.pid)?;
        self.running[place].1 -= 1;
        if self.running[place].1 == 0 {
            let (process, _) = self.running.remove(place);
            self.expected.push((self.hosts[process.host].name.clone(), process.pid, process.parent));
        }
        Some((process, call))
    }

    fn ordinary_scene(&mut self) -> (Process, Call) {
        let host = self.random.zipf(HOSTS);
        let process = self.processes[host][self.random.zipf(PROCESSES)].clone();
        let shell = SHELLS.contains(&process.name);
        let call = match self.random.below(100) {
            0..60 => Call::Execve,
            // Shells that look up names would be true matches.
            60..75 => Call::Socket { udp: !shell && self.random.percent(30) },
            75..90 => {
                let outside = self.random.percent(70);
                let last = self.random.below(250) as u8 + 1;
                let address = if outside { [10, 20, self.random.below(9) as u8, last] } else { [127, 0, 0, 1] };
                Call::Connect { address, port: *self.random.pick(&[443, 5432, 6379, 53, 8125]) }
            }
            _ => Call::Open,
        };
        (process, call)
    }
}

impl Iterator for Scenes {
    type Item = Scene;

    fn next(&mut self) -> Option<Scene> {
        if self.count % ATTACK_EVERY == ATTACK_EVERY / 4 {
            self.plot();
        }
        let (process, call) = self.attack_scene().unwrap_or_else(|| self.ordinary_scene());
        self.millis += self.random.below(3) as u64;
        self.count += 1;
        self.serials[process.host] += 1;
        let (host, serial) = (self.hosts[process.host].clone(), self.serials[process.host]);
        Some(Scene { millis: self.millis, serial, host, process, call })
    }
}

fn process(random: &mut Random, host: usize, pid: u32, shell: bool) -> Process {
    let name = if shell || random.percent(12) {
        SHELLS[random.zipf(SHELLS.len())]
    } else {
        PROGRAMS[random.zipf(PROGRAMS.len())]
    };
    let mut args = vec![name.to_string()];
    for _ in 0..1 + random.below(4) {
        let word = *random.pick(WORDS);
        if random.percent(40) {
            args.push(format!("{}{word}-{:04x}", random.pick(FOLDERS), random.below(0x1_0000)));
        } else {
            args.push(word.to_string());
        }
    }
    Process { host, pid, parent: 1 + random.below(600) as u32, name, user: *random.pick(USERS), args }
}
