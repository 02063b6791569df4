//! The functions beside the correlator's: search, audit logs as documents, doctor, check.

use super::{Thing, code, count, make, put_out, refuse, status, text, thing, with};
use crate::{check::check, doctor::Doctor, ecs::AuditReader, engine::json, search::Search};

/// Makes a search without data from options (JSON). Its handle, above 0; or a code.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_search_new(address: usize, len: u32) -> i32 {
    make(address, len, |options| Search::new(options).map(Thing::Search))
}

/// Begins an index of a search: a name, and a mapping (JSON), or a length of 0 for none. 0, or a code.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_search_add(handle: i32, name: usize, name_len: u32, mapping: usize, mapping_len: u32) -> i32 {
    status(with(|state| {
        let Thing::Search(search) = thing(&mut state.things, handle)? else { return Err(code::HANDLE) };
        let name = text(&state.buffers, name, name_len)?;
        let mapping = text(&state.buffers, mapping, mapping_len)?;
        let added = search.add(name, Some(mapping).filter(|mapping| !mapping.is_empty()));
        added.map(|()| 0).map_err(|failure| refuse(&mut state.output, &failure))
    }))
}

/// Searches, and puts out the answer of `_eql/search`. The output's length, or a code.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_search_run(
    handle: i32,
    query: usize,
    query_len: u32,
    options: usize,
    options_len: u32,
) -> i32 {
    status(with(|state| {
        let Thing::Search(search) = thing(&mut state.things, handle)? else { return Err(code::HANDLE) };
        let query = text(&state.buffers, query, query_len)?;
        let answer = search.run(query, text(&state.buffers, options, options_len)?);
        state.output = answer.map_err(|failure| refuse(&mut state.output, &failure))?.into_bytes();
        Ok(count(state.output.len()))
    }))
}

/// Makes an audit reader from options (JSON). Its handle, above 0; or a code.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_audit_new(address: usize, len: u32) -> i32 {
    make(address, len, |options| AuditReader::new(options).map(Thing::AuditReader))
}

/// Puts out the documents since the last call, as NDJSON. The output's length, or a code.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_audit_drain(handle: i32) -> i32 {
    put_out(handle, |thing| match thing {
        Thing::AuditReader(reader) => Ok(reader.drain()),
        _ => Err(code::HANDLE),
    })
}

/// Makes a doctor from options (JSON). Its handle, above 0; or a code.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_doctor_new(address: usize, len: u32) -> i32 {
    make(address, len, |options| Doctor::new(options).map(Thing::Doctor))
}

/// Puts out the report on all that a doctor was fed, as a JSON object. The output's length, or a code.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_doctor_report(handle: i32) -> i32 {
    put_out(handle, |thing| match thing {
        Thing::Doctor(doctor) => Ok(doctor.report()),
        _ => Err(code::HANDLE),
    })
}

/// Checks rules, given with the options (JSON), and puts out a JSON array of reports. The output's length, or a code.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_check(address: usize, len: u32) -> i32 {
    status(with(|state| {
        let reports = check(text(&state.buffers, address, len)?);
        let reports = reports.map_err(|failure| refuse(&mut state.output, &failure))?;
        state.output = json(&reports).into_bytes();
        Ok(count(state.output.len()))
    }))
}
