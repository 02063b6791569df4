//! State, partitioning, and what is for those who write rules: explain, replay.

use super::{count, engine, input, put_out, refuse, status, text, with};
use crate::{engineering, failure::Failure};

/// Puts out the whole state of a correlator, as bytes. The output's length, or a code.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_snapshot(handle: i32) -> i32 {
    status(with(|state| {
        state.output = engine(&mut state.things, handle)?.snapshot();
        Ok(count(state.output.len()))
    }))
}

/// Goes on where a snapshot was made, under the same rules. 0, or a code; nothing changes where it is refused.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_restore(handle: i32, address: usize, len: u32) -> i32 {
    status(with(|state| {
        let restored = engine(&mut state.things, handle)?.restore(input(&state.buffers, address, len)?);
        restored.map(|()| 0).map_err(|failure| refuse(&mut state.output, &failure))
    }))
}

/// Puts out how the rules can be spread over several correlators, as a JSON array. The output's length, or a code.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_partitioning(handle: i32) -> i32 {
    put_out(handle, |thing| Ok(thing.engine()?.partitioning_json()))
}

/// Puts out why a rule alerts or not. `rules`: a JSON array. The output's length, or a code.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_explain(
    rules: usize,
    rules_len: u32,
    documents: usize,
    documents_len: u32,
    options: usize,
    options_len: u32,
) -> i32 {
    answer((rules, rules_len), (documents, documents_len), (options, options_len), engineering::explain)
}

/// Puts out what the schedule of Kibana finds beside the stream. `rules`: a JSON array. The output's length, or a code.
#[unsafe(no_mangle)]
pub extern "C" fn eqlite_replay(
    rules: usize,
    rules_len: u32,
    documents: usize,
    documents_len: u32,
    options: usize,
    options_len: u32,
) -> i32 {
    answer((rules, rules_len), (documents, documents_len), (options, options_len), engineering::replay)
}

fn answer(
    rules: (usize, u32),
    documents: (usize, u32),
    options: (usize, u32),
    ask: impl FnOnce(&str, &[u8], &str) -> Result<String, Failure>,
) -> i32 {
    status(with(|state| {
        let rules = text(&state.buffers, rules.0, rules.1)?;
        let documents = input(&state.buffers, documents.0, documents.1)?;
        let options = text(&state.buffers, options.0, options.1)?;
        let answer = ask(rules, documents, options);
        state.output = answer.map_err(|failure| refuse(&mut state.output, &failure))?.into_bytes();
        Ok(count(state.output.len()))
    }))
}
