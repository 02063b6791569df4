//! Puts the component into the binary: `EQLITE_COMPONENT`, or what `cargo xtask build component` left in `pkg/`.
//! Where neither is there the crate still compiles, for checks; the binary then wants `--component PATH`.

use std::{env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=EQLITE_COMPONENT");
    let built = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../pkg/eqlite.component.wasm");
    let mut component = env::var_os("EQLITE_COMPONENT").map_or(built, PathBuf::from);
    println!("cargo::rerun-if-changed={}", component.display());
    if !component.exists() {
        component = PathBuf::from(env::var("OUT_DIR")?).join("none");
        fs::write(&component, b"")?;
    }
    println!("cargo::rustc-env=EQLITE_COMPONENT_FILE={}", fs::canonicalize(component)?.display());
    Ok(())
}
