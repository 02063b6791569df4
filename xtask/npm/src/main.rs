//! `xtask-npm IN.wasm OUT`: writes into the folder OUT what wasm-bindgen makes of the `js` door.
//!
//! `glue.js` (ES module) and `glue.cjs` (the same for CommonJS) load one `eqlite.wasm`. Neither names the file: the entries of
//! the package (wasm/npm) decide where the bytes come from.

use anyhow::{Context, Result};
use std::{env, fs, path::Path};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let mut args = env::args().skip(1);
    let input = args.next().context("usage: xtask-npm IN.wasm OUT")?;
    let out = args.next().context("usage: xtask-npm IN.wasm OUT")?;
    let out = Path::new(&out);
    fs::create_dir_all(out)?;

    bindgen(&input).web(true)?.generate(out)?;
    fs::rename(out.join("glue_bg.wasm"), out.join("eqlite.wasm"))?;

    // A classic script binds one name; exporting it is all that CommonJS asks for.
    let scratch = out.join("classic");
    bindgen(&input).no_modules(true)?.generate(&scratch)?;
    let script = fs::read_to_string(scratch.join("glue.js"))?;
    anyhow::ensure!(script.contains("let wasm_bindgen ="), "wasm-bindgen's classic script binds another name now");
    fs::write(out.join("glue.cjs"), format!("{script}\nmodule.exports = wasm_bindgen;\n"))?;
    fs::remove_dir_all(&scratch)?;
    Ok(())
}

fn bindgen(input: &str) -> Bindgen {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(input)
        .out_name("glue")
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(false)
        .remove_producers_section(true);
    bindgen
}
