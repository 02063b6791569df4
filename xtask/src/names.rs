//! Takes the names of functions out of a module: half a megabyte that only a debugger reads. (For the npm package wasm-bindgen does so.)

use anyhow::Result;
use wasm_encoder::{Module, RawSection};
use wasmparser::{Parser, Payload};

/// The module without its section of names; all other sections stay as they are.
pub fn without(module: &[u8]) -> Result<Vec<u8>> {
    let mut out = Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if matches!(&payload, Payload::CustomSection(custom) if custom.name() == "name") {
            continue;
        }
        if let Some((id, range)) = payload.as_section() {
            let range = usize::try_from(range.start)?..usize::try_from(range.end)?;
            out.section(&RawSection { id, data: module.get(range).unwrap_or_default() });
        }
    }
    Ok(out.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{CustomSection, NameSection, TypeSection};

    #[test]
    fn names_go_and_the_rest_stays() {
        let mut module = Module::new();
        let mut types = TypeSection::new();
        types.ty().function([], []);
        module.section(&types).section(&CustomSection { name: "kept".into(), data: (&[1_u8, 2]).into() });
        let plain = module.clone().finish();
        let mut names = NameSection::new();
        names.module("m");
        module.section(&names);
        assert_eq!(without(&module.finish()).unwrap(), plain);
        assert_eq!(without(&plain).unwrap(), plain);
        assert!(without(b"no module").is_err());
    }
}
