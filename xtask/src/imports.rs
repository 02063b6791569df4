//! What a module asks of its host. The component and the plain module ask for nothing: who loads them knows that they touch
//! nothing but the bytes they are given.

use anyhow::{Result, ensure};
use wasmparser::{Parser, Payload};

/// Fails unless the module or component, and every module within it, imports nothing.
pub fn none(wasm: &[u8], what: &str) -> Result<()> {
    let found = of(wasm)?;
    ensure!(found.is_empty(), "{what} must import nothing, but imports {}", found.join(", "));
    Ok(())
}

/// Names of all imports from the host. Imports of a core module within a component are met by the component itself,
/// and are not counted.
fn of(wasm: &[u8]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut depth = 0u32;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ImportSection(section) if depth == 0 => {
                for import in section.into_imports() {
                    let import = import?;
                    found.push(format!("{}.{}", import.module, import.name));
                }
            }
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    found.push(format!("{:?}", import?.name));
                }
            }
            _ => {}
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_is_seen() {
        // (module (import "a" "b" (func)))
        let module = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x02\x07\x01\x01a\x01b\0\0";
        assert_eq!(of(module).unwrap(), ["a.b"]);
        assert!(none(module, "it").is_err());
        assert!(none(b"\0asm\x01\0\0\0", "it").is_ok());
    }
}
