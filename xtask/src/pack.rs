//! Makes a module smaller without changing what it does: the names of functions go (half a megabyte that only a debugger reads), numbers that
//! the linker left room around are written short, and functions that look alike are put beside each other. The last is for gzip, which
//! finds again only what it saw in the last 32 kB: about 8 % of what is packed.
//!
//! The names stay in a twin that is not shipped, whose code is the same to the byte: it tells which function a report is about.

use crate::module;
use anyhow::{Context, Result, anyhow};
use std::{cmp::Reverse, collections::HashMap};
use wasm_encoder::{
    CodeSection, FunctionSection, Module,
    reencode::{self, Error, Reencode},
};
use wasmparser::{CodeSectionReader, CustomSectionReader, FunctionSectionReader, Parser, Payload};

/// A module as it is shipped, and its twin.
pub struct Packed {
    /// Without names.
    pub module: Vec<u8>,
    /// With them.
    pub named: Vec<u8>,
}

/// The module, smaller.
pub fn pack(module: &[u8]) -> Result<Packed> {
    let imported = imported(module)?;
    let count = bodies(module)?.len();
    let short = reencode(module, imported, (0..count).collect(), true)?;
    let order = alike(&bodies(&short)?);
    let module = reencode(&short, imported, order.clone(), false)?;
    Ok(Packed { module, named: reencode(&short, imported, order, true)? })
}

/// How many functions are imported; those of the module are counted after them.
fn imported(module: &[u8]) -> Result<usize> {
    let mut count = 0;
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::ImportSection(imports) = payload? {
            count += module::functions(imports)?;
        }
    }
    Ok(count)
}

/// The code of each function.
fn bodies(module: &[u8]) -> Result<Vec<&[u8]>> {
    let mut bodies = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::CodeSectionEntry(body) = payload? {
            bodies.push(body.as_bytes());
        }
    }
    Ok(bodies)
}

/// Functions in a row in which each is followed by the one of those left that is most like the last few, told by the runs of six bytes that
/// it shares with them.
fn alike(bodies: &[&[u8]]) -> Vec<usize> {
    /// What more functions share is too common to tell anything.
    const COMMON: usize = 400;
    /// So many functions are what gzip still sees, roughly.
    const LAST: usize = 24;
    let runs: Vec<Vec<u64>> = bodies.iter().map(|body| runs(body)).collect();
    let mut having: HashMap<u64, Vec<usize>> = HashMap::new();
    for (function, runs) in runs.iter().enumerate() {
        runs.iter().for_each(|run| having.entry(*run).or_default().push(function));
    }
    having.retain(|_, functions| functions.len() < COMMON);
    let mut longest: Vec<usize> = (0..bodies.len()).collect();
    longest.sort_by_key(|function| Reverse(bodies[*function].len()));
    let mut left = longest.into_iter();
    let mut placed = vec![false; bodies.len()];
    // How often each run is in the last functions, and how many such runs each function has.
    let mut seen: HashMap<u64, usize> = HashMap::new();
    let mut shared = vec![0_usize; bodies.len()];
    // Mostly what share of its runs that is; but of two with about the same share the longer one is worth more.
    let likeness = |function: usize, shared: usize| shared as f64 / (runs[function].len() as f64).sqrt().powi(3).sqrt();
    let mut order: Vec<usize> = Vec::with_capacity(bodies.len());
    loop {
        let mut best = (None, 0.0);
        for (function, shared) in shared.iter().enumerate().filter(|(function, _)| !placed[*function]) {
            let likeness = likeness(function, *shared);
            if *shared > 0 && likeness > best.1 {
                best = (Some(function), likeness);
            }
        }
        let Some(next) = best.0.or_else(|| left.find(|function| !placed[*function])) else { return order };
        placed[next] = true;
        order.push(next);
        for run in &runs[next] {
            let times = seen.entry(*run).or_default();
            *times += 1;
            if *times == 1 {
                having.get(run).into_iter().flatten().for_each(|function| shared[*function] += 1);
            }
        }
        let Some(gone) = order.len().checked_sub(LAST + 1) else { continue };
        for run in &runs[order[gone]] {
            let times = seen.entry(*run).or_default();
            *times -= 1;
            if *times == 0 {
                having.get(run).into_iter().flatten().for_each(|function| shared[*function] -= 1);
            }
        }
    }
}

/// The runs of six bytes, each once.
fn runs(body: &[u8]) -> Vec<u64> {
    let number = |run: &[u8]| run.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
    let mut runs: Vec<u64> = body.windows(6).map(number).collect();
    runs.sort_unstable();
    runs.dedup();
    runs
}

/// Writes the module anew, its functions in this order.
fn reencode(module: &[u8], imported: usize, order: Vec<usize>, names: bool) -> Result<Vec<u8>> {
    let mut places = vec![0; order.len()];
    for (place, function) in order.iter().enumerate() {
        places[*function] = place;
    }
    let mut out = Module::new();
    let mut reordered = Reordered { imported, order, places, names };
    reordered.parse_core_module(&mut out, Parser::new(0), module).map_err(|error| anyhow!("{error}"))?;
    Ok(out.finish())
}

struct Reordered {
    imported: usize,
    /// The function at each place.
    order: Vec<usize>,
    /// The place of each function.
    places: Vec<usize>,
    /// Whether they keep their names.
    names: bool,
}

impl Reencode for Reordered {
    type Error = anyhow::Error;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Self::Error>> {
        let Some(own) = (function as usize).checked_sub(self.imported) else { return Ok(function) };
        let place = self.places.get(own).with_context(|| format!("there is no function {function}"));
        Ok((self.imported + place.map_err(Error::UserError)?) as u32)
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        let types = section.into_iter().collect::<Result<Vec<u32>, _>>()?;
        for &function in &self.order {
            functions.function(types[function]);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        let bodies = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for function in self.order.clone() {
            self.parse_function_body(code, bodies[function].clone())?;
        }
        Ok(())
    }

    fn parse_custom_section(
        &mut self,
        module: &mut Module,
        section: CustomSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        match section.name() {
            "name" if self.names => reencode::utils::parse_custom_section(self, module, section),
            "name" | "producers" | "target_features" => Ok(()),
            // What tools after this one read.
            name => {
                module.section(&wasm_encoder::CustomSection { name: name.into(), data: section.data().into() });
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{
        CustomSection, EntityType, ExportKind, ExportSection, Function, ImportSection, NameSection, TypeSection,
        ValType,
    };

    /// An imported function and three of its own: two alike, one between them, each exported under its number.
    fn module() -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], [ValType::I32]);
        let mut imports = ImportSection::new();
        imports.import("m", "f", EntityType::Function(0));
        let (mut functions, mut exports, mut code) = (FunctionSection::new(), ExportSection::new(), CodeSection::new());
        let numbers: [&[i32]; 3] = [&[1_000_001, 1_000_002, 3], &[7, 8, 9], &[1_000_001, 1_000_002, 4]];
        for (number, constants) in numbers.iter().enumerate() {
            functions.function(0);
            exports.export(&format!("f{number}"), ExportKind::Func, number as u32 + 1);
            let mut body = Function::new([]);
            let mut instructions = body.instructions();
            constants.iter().for_each(|constant| {
                instructions.i32_const(*constant).drop();
            });
            // Each calls the next but one.
            instructions.call((number as u32 + 2) % 4).end();
            code.function(&body);
        }
        let mut names = NameSection::new();
        names.module("m");
        let kept = CustomSection { name: "kept".into(), data: (&[1_u8, 2]).into() };
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&exports).section(&code);
        module.section(&names).section(&kept);
        module.finish()
    }

    /// What each export is: its constants, and the export that it calls (or the import).
    fn meaning(module: &[u8]) -> Vec<(String, Vec<i32>, Option<String>)> {
        let mut exports = Vec::new();
        for payload in Parser::new(0).parse_all(module) {
            if let Payload::ExportSection(section) = payload.unwrap() {
                exports
                    .extend(section.into_iter().map(|export| export.unwrap()).map(|e| (e.name.to_string(), e.index)));
            }
        }
        let bodies = bodies(module).unwrap();
        let name = |function: u32| exports.iter().find(|(_, index)| *index == function).map(|(name, _)| name.clone());
        let told = exports.iter().map(|(own, index)| {
            let body = wasmparser::FunctionBody::new(wasmparser::BinaryReader::new(bodies[*index as usize - 1], 0));
            let (mut constants, mut called) = (Vec::new(), None);
            for operator in body.get_operators_reader().unwrap() {
                match operator.unwrap() {
                    wasmparser::Operator::I32Const { value } => constants.push(value),
                    wasmparser::Operator::Call { function_index } => called = name(function_index),
                    _ => {}
                }
            }
            (own.clone(), constants, called)
        });
        told.collect()
    }

    #[test]
    fn functions_that_look_alike_lie_side_by_side_and_nothing_else_changes() {
        let (module, packed) = (module(), pack(&module()).unwrap().module);
        wasmparser::validate(&packed).unwrap();
        assert_eq!(meaning(&packed), meaning(&module));
        let (old, new) = (bodies(&module).unwrap(), bodies(&packed).unwrap());
        assert_eq!(new.iter().map(|body| body.len()).collect::<Vec<_>>(), [old[0].len(), old[2].len(), old[1].len()]);
        assert_eq!(pack(&packed).unwrap().module, packed, "packing again changes nothing");
    }

    #[test]
    fn names_go_and_other_sections_stay() {
        let packed = pack(&module()).unwrap();
        let customs = |module: &[u8]| -> Vec<String> {
            let custom = |payload| match payload {
                Payload::CustomSection(section) => Some(section.name().to_string()),
                _ => None,
            };
            Parser::new(0).parse_all(module).filter_map(|payload| custom(payload.unwrap())).collect()
        };
        assert_eq!(customs(&packed.module), ["kept"]);
        assert_eq!(customs(&packed.named), ["name", "kept"]);
        assert_eq!(bodies(&packed.module).unwrap(), bodies(&packed.named).unwrap());
        assert_eq!(meaning(&packed.module), meaning(&packed.named));
        assert!(pack(b"no module").is_err());
    }
}
