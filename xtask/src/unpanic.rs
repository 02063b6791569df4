//! Takes the reports of panics out of a module. A panic is a bug, and ends in a trap; before that it puts together a message for which each
//! check of a bound has a place in the source (sixteen bytes that gzip finds nowhere else), and the library brings texts, formats and hooks.
//!
//! No list of names says what goes; it follows from the code:
//!
//! - A function that never returns and never calls out of the module can do nothing but trap: it becomes a bare `unreachable`, and so does
//!   each call of it, with what straight-line code before only made ready for it (memory is not looked at once a module has trapped).
//! - What nothing is left to use goes: functions become `unreachable`, data become zeros. The linker tells what uses what
//!   (`--emit-relocs`), down to each constant of the program.
//!
//! Every check stays, so that what trapped traps. Where: `pkg/named` (see [`crate::pack`]) has the names.

use crate::module::{Linked, Symbol, places};
use anyhow::{Result, bail};
use std::ops::Range;
use wasm_encoder::{CodeSection, ConstExpr, ElementSection, Elements, Module, RawSection};
use wasmparser::{ElementItems, ElementKind, FunctionBody, Operator, Parser, Payload};

/// The bytes of `unreachable`.
const UNREACHABLE: u8 = 0;

/// The module, which must have been linked with `--emit-relocs`, without what only reports panics.
pub fn unpanic(module: &[u8]) -> Result<Vec<u8>> {
    let linked = Linked::new(module)?;
    let doomed = doomed(&linked)?;
    let cut: Vec<Cut> = linked.bodies.iter().map(|body| Cut::new(&linked, body, &doomed)).collect::<Result<_>>()?;
    let used = Used::new(&linked, &cut);
    write(&linked, &cut, &used)
}

/// For each function: it never returns, and never calls out of the module.
fn doomed(linked: &Linked<'_>) -> Result<Vec<bool>> {
    let flows = linked.bodies.iter().map(|body| Flow::new(linked.bytes, body)).collect::<Result<Vec<_>>>()?;
    // What calls out, be it by way of others. Calls by address are left aside: of panics these are the payload's and the hook's, and
    // nobody here sets a hook.
    let mut out = vec![true; linked.imported];
    out.resize(linked.imported + flows.len(), false);
    let mut before = 0;
    while before != out.iter().filter(|out| **out).count() {
        before = out.iter().filter(|out| **out).count();
        for (number, flow) in flows.iter().enumerate() {
            out[linked.imported + number] |= flow.calls.iter().any(|called| out[*called]);
        }
    }
    let stuck = std::iter::repeat_n(false, linked.imported).chain(flows.iter().map(|flow| !flow.returns));
    Ok(stuck.zip(out).map(|(stuck, out)| stuck && !out).collect())
}

/// Where a function can go.
struct Flow {
    returns: bool,
    calls: Vec<usize>,
}

impl Flow {
    fn new(module: &[u8], body: &FunctionBody<'_>) -> Result<Self> {
        let (mut depth, mut returns, mut calls, mut last) = (0_u32, false, Vec::new(), Operator::Nop);
        for operator in body.get_operators_reader()?.into_iter_with_offsets() {
            let (operator, place) = operator?;
            match &operator {
                Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => depth += 1,
                Operator::End if depth == 0 => returns |= !matches!(last, Operator::Unreachable),
                Operator::End => depth -= 1,
                Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => {
                    returns |= *relative_depth == depth;
                }
                Operator::BrTable { targets } => {
                    returns |= targets.default() == depth;
                    for target in targets.targets() {
                        returns |= target? == depth;
                    }
                }
                Operator::Call { function_index } => calls.push(*function_index as usize),
                Operator::CallIndirect { .. } | Operator::Else | Operator::Unreachable => {}
                _ => returns |= !goes_on(module, place as usize),
            }
            last = operator;
        }
        Ok(Flow { returns, calls })
    }
}

/// Whether the instruction at this place is followed by the next one and shows nowhere outside: all that is not about control.
fn goes_on(module: &[u8], place: usize) -> bool {
    const NOP: u8 = 0x01;
    const DROP: u8 = 0x1a;
    const TRY_TABLE: u8 = 0x1f;
    matches!(module.get(place), Some(&opcode) if opcode == NOP || opcode >= DROP && opcode != TRY_TABLE)
}

/// A function as it is left: pieces of the file, each followed by `unreachable` where it says so.
struct Cut {
    pieces: Vec<(Range<usize>, bool)>,
}

impl Cut {
    fn new(linked: &Linked<'_>, body: &FunctionBody<'_>, doomed: &[bool]) -> Result<Self> {
        let whole = places(body.range());
        let mut pieces = Vec::new();
        // What is written, where the instructions began of which nothing shows but what they leave behind, and how deep within what is never
        // reached this is.
        let (mut from, mut run, mut dead) = (whole.start, None, None::<u32>);
        for operator in body.get_operators_reader()?.into_iter_with_offsets() {
            let (operator, place) = operator?;
            let place = place as usize;
            if let Some(depth) = dead {
                dead = match operator {
                    Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => Some(depth + 1),
                    Operator::End | Operator::Else if depth == 0 => {
                        (from, run) = (place, None);
                        None
                    }
                    Operator::End => Some(depth - 1),
                    _ => Some(depth),
                };
                continue;
            }
            let traps = match operator {
                Operator::Unreachable => true,
                Operator::Call { function_index } => doomed[function_index as usize],
                _ => false,
            };
            if traps {
                pieces.push((from..run.unwrap_or(place), true));
                dead = Some(0);
            } else if goes_on(linked.bytes, place) {
                run = run.or(Some(place));
            } else {
                run = None;
            }
        }
        pieces.push((from..whole.end, false));
        Ok(Cut { pieces })
    }

    fn uses<'a>(&'a self, linked: &'a Linked<'_>) -> impl Iterator<Item = usize> {
        self.pieces.iter().flat_map(|(piece, _)| linked.uses(piece)).map(|(_, symbol)| *symbol)
    }

    fn bytes(&self, module: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (piece, traps) in &self.pieces {
            bytes.extend_from_slice(&module[piece.clone()]);
            bytes.extend(traps.then_some(UNREACHABLE));
        }
        bytes
    }
}

/// What can still be reached.
struct Used {
    /// By number, imported ones too.
    functions: Vec<bool>,
    /// By byte of the data section.
    data: Vec<bool>,
}

impl Used {
    fn new(linked: &Linked<'_>, cut: &[Cut]) -> Self {
        let mut symbols = vec![false; linked.symbols.len()];
        let mut functions = vec![false; linked.imported + cut.len()];
        let mut data = vec![true; linked.data.len()];
        let bytes = |symbol: &Symbol| match symbol {
            Symbol::Data(bytes) => bytes.start - linked.data.start..bytes.end - linked.data.start,
            _ => 0..0,
        };
        linked.symbols.iter().for_each(|symbol| data[bytes(symbol)].fill(false));
        // Data that are no symbol's stay, and with them what they use.
        let loose = linked.uses(&linked.data).iter().filter(|(place, _)| data[place - linked.data.start]);
        let mut left: Vec<usize> = loose.map(|(_, symbol)| *symbol).collect();
        let mut reached = linked.roots.clone();
        loop {
            if let Some(function) = reached.pop() {
                if !std::mem::replace(&mut functions[function], true) && function >= linked.imported {
                    left.extend(cut[function - linked.imported].uses(linked));
                }
            } else if let Some(symbol) = left.pop() {
                if !std::mem::replace(&mut symbols[symbol], true) {
                    match &linked.symbols[symbol] {
                        Symbol::Function(function) => reached.push(*function),
                        Symbol::Data(bytes) => left.extend(linked.uses(bytes).iter().map(|(_, symbol)| *symbol)),
                        Symbol::Other => {}
                    }
                }
            } else {
                break;
            }
        }
        let used = linked.symbols.iter().zip(&symbols).filter(|(_, used)| **used);
        used.for_each(|(symbol, _)| data[bytes(symbol)].fill(true));
        Used { functions, data }
    }
}

/// The module with what is left.
fn write(linked: &Linked<'_>, cut: &[Cut], used: &Used) -> Result<Vec<u8>> {
    let mut out = Module::new();
    for payload in Parser::new(0).parse_all(linked.bytes) {
        let payload = payload?;
        match &payload {
            Payload::ElementSection(section) => {
                // The table keeps its places; what nobody calls any more is one and the same.
                let nobody = (linked.imported..used.functions.len()).find(|function| !used.functions[*function]);
                let mut elements = ElementSection::new();
                for element in section.clone() {
                    let element = element?;
                    let (ElementKind::Active { table_index, offset_expr }, ElementItems::Functions(functions)) =
                        (element.kind, element.items)
                    else {
                        bail!("the linker writes tables of functions in another way now");
                    };
                    let kept = functions.into_iter().map(|function| {
                        function.map(|function| match nobody {
                            Some(nobody) if !used.functions[function as usize] => nobody as u32,
                            _ => function,
                        })
                    });
                    let kept: Vec<u32> = kept.collect::<Result<_, _>>()?;
                    let mut offset = offset_expr.get_binary_reader();
                    let bytes = offset.read_bytes(offset.bytes_remaining())?;
                    // Without the `end`, which is written by itself.
                    let offset = ConstExpr::raw(bytes[..bytes.len() - 1].iter().copied());
                    elements.active(table_index, &offset, Elements::Functions(kept.into()));
                }
                out.section(&elements);
            }
            Payload::CodeSectionStart { .. } => {
                let mut code = CodeSection::new();
                for (number, cut) in cut.iter().enumerate() {
                    match used.functions[linked.imported + number] {
                        true => code.raw(&cut.bytes(linked.bytes)),
                        // No locals, and nothing else.
                        false => code.raw(&[0, UNREACHABLE, 0x0b]),
                    };
                }
                out.section(&code);
            }
            Payload::DataSection(_) => {
                let bytes = linked.bytes[linked.data.clone()].iter().zip(&used.data);
                let data: Vec<u8> = bytes.map(|(byte, used)| if *used { *byte } else { 0 }).collect();
                out.section(&RawSection { id: 11, data: &data });
            }
            Payload::CustomSection(custom) if custom.name() == "linking" || custom.name().starts_with("reloc.") => {}
            other => {
                if let Some((id, range)) = other.as_section() {
                    out.section(&RawSection { id, data: &linked.bytes[places(range)] });
                }
            }
        }
    }
    Ok(out.finish())
}
