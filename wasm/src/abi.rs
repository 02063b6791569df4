//! The door for hosts without components: plain functions over linear memory, described for their users in `docs/abi.md`.
//!
//! The host asks for buffers (`eqlite_alloc`), writes into them, and passes their address and a length; what comes back lies
//! at `eqlite_output`. Addresses and handles are looked up, never trusted: a wrong one is answered with a code, and the only
//! thing here that Rust calls unsafe is giving the functions their plain names.
#![allow(unsafe_code, reason = "unsafe(no_mangle): every name begins with `eqlite_`, so that none can clash")]

pub mod engineering;
pub mod tools;

use crate::{
    doctor::Doctor,
    ecs::AuditReader,
    engine::{Engine, json},
    failure::Failure,
    search::Search,
};
use std::cell::RefCell;

/// Raised when a function changes its meaning.
const VERSION: u32 = 1;

/// Codes of refusal. They are negative, since what is not refused answers with a count.
mod code {
    /// The options, a rule, an event or a query was refused; the output holds why.
    pub(super) const REFUSED: i32 = -1;
    /// Nothing has this handle, or something of another kind.
    pub(super) const HANDLE: i32 = -2;
    /// These bytes are not within a buffer that `eqlite_alloc` gave.
    pub(super) const BUFFER: i32 = -3;
    /// What must be text is not UTF-8.
    pub(super) const TEXT: i32 = -4;
    /// The module broke earlier, and is to be thrown away.
    pub(super) const BROKEN: i32 = -5;
}

thread_local! {
    static STATE: RefCell<State> = RefCell::new(State::default());
}

#[derive(Default)]
struct State {
    /// Buffers of the host with their addresses, ascending.
    buffers: Vec<(usize, Vec<u8>)>,
    /// What the host holds; the handle is the index and one.
    things: Vec<Option<Thing>>,
    /// What the last call left for the host.
    output: Vec<u8>,
}

/// What a handle stands for.
#[allow(clippy::large_enum_variant, reason = "there are few, and they stay where they are")]
enum Thing {
    Engine(Engine),
    Search(Search),
    AuditReader(AuditReader),
    Doctor(Doctor),
}

/// Version of these functions: 1.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_abi_version() -> u32 {
    VERSION
}

/// Gives a buffer of `len` bytes that the host may write to, any number of times, until it frees it. 0: refused.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_alloc(len: u32) -> *mut u8 {
    let mut buffer = Vec::new();
    if len == 0 || buffer.try_reserve_exact(len as usize).is_err() {
        return std::ptr::null_mut();
    }
    buffer.resize(len as usize, 0);
    with(|state| {
        let address = buffer.as_mut_ptr();
        let exposed = address.expose_provenance();
        let place = state.buffers.partition_point(|(known, _)| *known < exposed);
        state.buffers.insert(place, (exposed, std::mem::take(&mut buffer)));
        Ok(address)
    })
    .unwrap_or(std::ptr::null_mut())
}

/// Takes a buffer back. 0, or `BUFFER`.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_free(address: usize) -> i32 {
    status(with(|state| {
        let place = state.buffers.binary_search_by_key(&address, |(known, _)| *known).map_err(|_| code::BUFFER)?;
        state.buffers.remove(place);
        Ok(0)
    }))
}

/// Makes a correlator from options (JSON, the same as for the component). Its handle, above 0; or a code.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_new(address: usize, len: u32) -> i32 {
    make(address, len, |options| Engine::new(options, 0).map(Thing::Engine))
}

/// Lets go of what a handle stands for. 0, or `HANDLE`.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_drop(handle: i32) -> i32 {
    status(with(|state| {
        let slot = index(handle).and_then(|index| state.things.get_mut(index));
        slot.and_then(Option::take).map(|_| 0).ok_or(code::HANDLE)
    }))
}

/// Feeds bytes, cut anywhere, to whatever the handle stands for. 0, or a code.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_feed(handle: i32, address: usize, len: u32) -> i32 {
    status(with(|state| {
        let thing = thing(&mut state.things, handle)?;
        let chunk = input(&state.buffers, address, len)?;
        match thing {
            Thing::Engine(engine) => engine.feed(chunk),
            Thing::Search(search) => search.feed(chunk),
            Thing::AuditReader(reader) => reader.feed(chunk),
            Thing::Doctor(doctor) => doctor.feed(chunk),
        }
        Ok(0)
    }))
}

/// Puts out which events of a piece match nothing, for another correlator of the same options. The output's length, or a code.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_sift(handle: i32, address: usize, len: u32) -> i32 {
    status(with(|state| {
        let engine = engine(&mut state.things, handle)?;
        state.output = engine.sift(input(&state.buffers, address, len)?);
        Ok(count(state.output.len()))
    }))
}

/// Feeds a piece, with what `eqlite_sift` put out of it. 0, or a code.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_feed_sifted(handle: i32, address: usize, len: u32, sifted: usize, sifted_len: u32) -> i32 {
    status(with(|state| {
        let engine = engine(&mut state.things, handle)?;
        engine.feed_sifted(input(&state.buffers, address, len)?, input(&state.buffers, sifted, sifted_len)?);
        Ok(0)
    }))
}

/// Feeds one whole ECS document. The number of stages that it matched, or a code.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_feed_event(handle: i32, address: usize, len: u32) -> i32 {
    status(with(|state| {
        let fed = engine(&mut state.things, handle)?.feed_event(input(&state.buffers, address, len)?);
        match fed {
            Ok(stages) => Ok(i32::try_from(stages).unwrap_or(i32::MAX)),
            Err(failure) => Err(refuse(&mut state.output, &failure)),
        }
    }))
}

/// Says that no event before this time, in milliseconds since 1970, will come any more. 0, or a code.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_advance(handle: i32, watermark: i64) -> i32 {
    status(with(|state| {
        engine(&mut state.things, handle)?.advance(watermark);
        Ok(0)
    }))
}

/// The end of the input of a correlator or an audit reader. 0, or a code.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_finish(handle: i32) -> i32 {
    status(with(|state| {
        match thing(&mut state.things, handle)? {
            Thing::Engine(engine) => engine.finish(),
            Thing::AuditReader(reader) => reader.finish(),
            Thing::Search(_) | Thing::Doctor(_) => return Err(code::HANDLE),
        }
        Ok(0)
    }))
}

/// Puts out the alerts since the last call, as NDJSON. The output's length, or a code.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_drain_alerts(handle: i32) -> i32 {
    put_out(handle, |thing| Ok(thing.engine()?.drain_alert_lines()))
}

/// Puts out the problems since the last call, as a JSON array. The output's length, or a code.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_drain_problems(handle: i32) -> i32 {
    put_out(handle, |thing| {
        Ok(json(&match thing {
            Thing::Engine(engine) => engine.drain_problems(),
            Thing::Search(search) => search.drain_problems(),
            Thing::AuditReader(reader) => reader.drain_problems(),
            Thing::Doctor(doctor) => doctor.drain_problems(),
        }))
    })
}

/// Puts out the counters of a correlator or an audit reader, as a JSON object. The output's length, or a code.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_stats(handle: i32) -> i32 {
    put_out(handle, |thing| match thing {
        Thing::Engine(engine) => Ok(engine.stats_json()),
        Thing::AuditReader(reader) => Ok(reader.stats_json()),
        Thing::Search(_) | Thing::Doctor(_) => Err(code::HANDLE),
    })
}

/// Puts out the rules that were given, as a JSON array. The output's length, or a code.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_rules(handle: i32) -> i32 {
    put_out(handle, |thing| Ok(json(&thing.engine()?.rules())))
}

/// Puts out the findings about rules that run or were skipped, as a JSON array. The output's length, or a code.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_diagnostics(handle: i32) -> i32 {
    put_out(handle, |thing| Ok(json(&thing.engine()?.findings())))
}

/// Where the output lies, until the next call of any other function.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_output() -> *const u8 {
    with(|state| Ok(state.output.as_ptr())).unwrap_or(std::ptr::null())
}

/// How long the output is.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_output_len() -> i32 {
    status(with(|state| Ok(count(state.output.len()))))
}

/// Runs `call` on the state. A call that trapped left it borrowed: from then on there is only `BROKEN`.
fn with<T>(call: impl FnOnce(&mut State) -> Result<T, i32>) -> Result<T, i32> {
    STATE.with(|state| call(&mut *state.try_borrow_mut().map_err(|_| code::BROKEN)?))
}

/// Makes something of options (JSON), and gives its handle.
fn make(address: usize, len: u32, make: impl FnOnce(&str) -> Result<Thing, Failure>) -> i32 {
    status(with(|state| {
        let thing = make(text(&state.buffers, address, len)?);
        let thing = thing.map_err(|failure| refuse(&mut state.output, &failure))?;
        let free = state.things.iter().position(Option::is_none).unwrap_or(state.things.len());
        match state.things.get_mut(free) {
            Some(slot) => *slot = Some(thing),
            None => state.things.push(Some(thing)),
        }
        Ok(count(free).saturating_add(1))
    }))
}

fn put_out(handle: i32, what: impl FnOnce(&mut Thing) -> Result<String, i32>) -> i32 {
    status(with(|state| {
        let text = what(thing(&mut state.things, handle)?)?;
        state.output = text.into_bytes();
        Ok(count(state.output.len()))
    }))
}

fn refuse(output: &mut Vec<u8>, failure: &Failure) -> i32 {
    *output = failure.to_json().into_bytes();
    code::REFUSED
}

fn input(buffers: &[(usize, Vec<u8>)], address: usize, len: u32) -> Result<&[u8], i32> {
    if len == 0 {
        return Ok(&[]);
    }
    let place = buffers.binary_search_by_key(&address, |(known, _)| *known).map_err(|_| code::BUFFER)?;
    buffers.get(place).and_then(|(_, buffer)| buffer.get(..len as usize)).ok_or(code::BUFFER)
}

fn text(buffers: &[(usize, Vec<u8>)], address: usize, len: u32) -> Result<&str, i32> {
    std::str::from_utf8(input(buffers, address, len)?).map_err(|_| code::TEXT)
}

fn index(handle: i32) -> Option<usize> {
    usize::try_from(handle).ok()?.checked_sub(1)
}

fn thing(things: &mut [Option<Thing>], handle: i32) -> Result<&mut Thing, i32> {
    index(handle).and_then(|index| things.get_mut(index)?.as_mut()).ok_or(code::HANDLE)
}

fn engine(things: &mut [Option<Thing>], handle: i32) -> Result<&mut Engine, i32> {
    thing(things, handle)?.engine()
}

impl Thing {
    fn engine(&mut self) -> Result<&mut Engine, i32> {
        match self {
            Thing::Engine(engine) => Ok(engine),
            _ => Err(code::HANDLE),
        }
    }
}

fn count(len: usize) -> i32 {
    i32::try_from(len).unwrap_or(i32::MAX)
}

fn status(result: Result<i32, i32>) -> i32 {
    result.unwrap_or_else(|code| code)
}
