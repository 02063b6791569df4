//! A module as the linker leaves it with `--emit-relocs`: its functions, their names, and what uses what, down to each constant.

use anyhow::{Result, bail, ensure};
use std::{collections::HashMap, ops::Range};
use wasmparser::{
    ExternalKind, FunctionBody, ImportSectionReader, KnownCustom, Linking, Name, Parser, Payload, RelocationEntry,
    RelocationType, SymbolInfo, TypeRef,
};

/// Places are those of bytes in the file; functions are counted as WebAssembly does, imported ones first.
#[derive(Default)]
pub struct Linked<'a> {
    /// The file.
    pub bytes: &'a [u8],
    /// How many functions are imported.
    pub imported: usize,
    /// The functions of the module itself.
    pub bodies: Vec<FunctionBody<'a>>,
    /// By function.
    pub names: HashMap<usize, &'a str>,
    /// Functions that are exported, or called at the start.
    pub roots: Vec<usize>,
    /// What is used by name.
    pub symbols: Vec<Symbol>,
    /// The bytes of the data section.
    pub data: Range<usize>,
    /// In the order of their places: what symbol is used there.
    uses: Vec<(usize, usize)>,
}

/// What code and data refer to.
pub enum Symbol {
    /// A function, called or by its address.
    Function(usize),
    /// Bytes of the data section.
    Data(Range<usize>),
    /// Types, globals, tables, memory that begins as zeros.
    Other,
}

/// How many functions are among what is imported.
pub fn functions(imports: ImportSectionReader<'_>) -> Result<usize> {
    let mut count = 0;
    for import in imports.into_imports() {
        count += usize::from(matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)));
    }
    Ok(count)
}

impl<'a> Linked<'a> {
    /// Reads a module.
    pub fn new(bytes: &'a [u8]) -> Result<Self> {
        let mut linked = Linked { bytes, ..Linked::default() };
        let (mut code, mut segments) = (0, Vec::new());
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::ImportSection(imports) => {
                    linked.imported += functions(imports)?;
                }
                Payload::ExportSection(exports) => {
                    for export in exports {
                        let export = export?;
                        linked.roots.extend((export.kind == ExternalKind::Func).then_some(export.index as usize));
                    }
                }
                Payload::StartSection { func, .. } => linked.roots.push(func as usize),
                Payload::CodeSectionStart { range, .. } => code = range.start as usize,
                Payload::CodeSectionEntry(body) => linked.bodies.push(body),
                Payload::DataSection(data) => {
                    linked.data = places(data.range());
                    for segment in data {
                        let segment = segment?;
                        segments.push(segment.range.end as usize - segment.data.len());
                    }
                }
                Payload::CustomSection(custom) => match custom.as_known() {
                    KnownCustom::Linking(linking) => {
                        for part in linking.subsections() {
                            let Linking::SymbolTable(symbols) = part? else { continue };
                            for symbol in symbols {
                                linked.symbols.push(Symbol::new(symbol?, &segments));
                            }
                        }
                    }
                    KnownCustom::Reloc(section) => {
                        let start = match custom.name() {
                            "reloc.CODE" => code,
                            "reloc.DATA" => linked.data.start,
                            other => bail!("{other}: nobody knows what this relocates"),
                        };
                        for entry in section.entries() {
                            let entry = entry?;
                            if names_symbol(&entry) {
                                linked.uses.push((start + entry.offset as usize, entry.index as usize));
                            }
                        }
                    }
                    KnownCustom::Name(names) => {
                        for name in names {
                            let Name::Function(functions) = name? else { continue };
                            for function in functions {
                                let function = function?;
                                linked.names.insert(function.index as usize, function.name);
                            }
                        }
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        ensure!(!linked.uses.is_empty(), "the module was linked without --emit-relocs");
        ensure!(linked.uses.iter().all(|(_, symbol)| *symbol < linked.symbols.len()), "a symbol is missing");
        linked.uses.sort_unstable();
        Ok(linked)
    }

    /// The symbols that a part of the file uses, each with its place.
    pub fn uses(&self, part: &Range<usize>) -> &[(usize, usize)] {
        let to = |end: usize| self.uses.partition_point(|(place, _)| *place < end);
        &self.uses[to(part.start)..to(part.end)]
    }
}

impl Symbol {
    fn new(symbol: SymbolInfo<'_>, segments: &[usize]) -> Self {
        match symbol {
            SymbolInfo::Func { index, .. } => Symbol::Function(index as usize),
            SymbolInfo::Data { symbol: Some(data), .. } => match segments.get(data.index as usize) {
                Some(segment) => {
                    let start = segment + data.offset as usize;
                    Symbol::Data(start..start + data.size as usize)
                }
                None => Symbol::Other,
            },
            _ => Symbol::Other,
        }
    }
}

/// Whether the entry is about a function or data.
fn names_symbol(entry: &RelocationEntry) -> bool {
    use RelocationType as R;
    matches!(
        entry.ty,
        R::FunctionIndexLeb
            | R::FunctionIndexI32
            | R::TableIndexSleb
            | R::TableIndexI32
            | R::MemoryAddrLeb
            | R::MemoryAddrSleb
            | R::MemoryAddrI32
    )
}

/// A range of the file.
pub fn places(range: Range<u64>) -> Range<usize> {
    range.start as usize..range.end as usize
}
