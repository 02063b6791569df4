//! `wasm-opt` of binaryen, in the choice of passes that pays once the module is packed: `-Oz` as it is gives 7 % fewer bytes, but 9 % more
//! of them packed. Functions put into others are seen nowhere else by gzip, expressions kept in locals and moved about look like nothing
//! else either; so those passes are left out. Zeros among the data stay, too: they pack better than what would leave them out. How far loads and
//! stores are aligned is not told any more: it is a hint that no common machine takes, and different before every other field.

use crate::sh::{at, command, is_there, run, step, target, write};
use anyhow::{Context, Result, ensure};
use std::fs;

/// Passes of `-Oz` that make what is packed larger.
const WORSE: [&str; 9] = [
    "code-folding",
    "code-pushing",
    "inlining-optimizing",
    "local-cse",
    "memory-packing",
    "merge-locals",
    "simplify-locals",
    "simplify-locals-nostructure",
    "ssa-nomerge",
];

/// What the modules use beyond the first version of WebAssembly. By name, since binaryen would also use what it is allowed to.
const FEATURES: [&str; 7] = [
    "bulk-memory",
    "bulk-memory-opt",
    "multivalue",
    "mutable-globals",
    "nontrapping-float-to-int",
    "reference-types",
    "sign-ext",
];

/// The module, smaller. Binaryen is a dependency for development in package.json, which npm installs where it is missing.
pub fn shrink(module: &[u8], vectors: bool) -> Result<Vec<u8>> {
    let program = at("node_modules/binaryen/bin/wasm-opt");
    if !program.exists() {
        ensure!(is_there("node") && is_there("npm"), "Node is needed to make the modules small: https://nodejs.org");
        step("install binaryen", || run(&mut command("npm", ["ci", "--no-fund", "--no-audit"])))?;
    }
    let (from, to) = (target().join("doors/long.wasm"), target().join("doors/short.wasm"));
    write(&from, module)?;
    let mut shrink = command("node", [&program, &from]);
    shrink.args(["-Oz", "--dealign", "--debuginfo", "--output"]).arg(&to);
    shrink.args(WORSE.map(|pass| format!("--skip-pass={pass}")));
    shrink.args(FEATURES.map(|feature| format!("--enable-{feature}"))).args(vectors.then_some("--enable-simd"));
    run(&mut shrink)?;
    fs::read(&to).with_context(|| format!("{} was not written", to.display()))
}
