//! `cargo xtask build`: the three doors of the core, into `pkg/`.
//!
//! - `pkg/npm/`: the npm package, its glue written by wasm-bindgen (crate xtask-npm)
//! - `pkg/eqlite.component.wasm`: the component, encoded by wit-component
//! - `pkg/eqlite.abi.wasm`: the plain module
//! - `pkg/demo/`: the browser demo, with all that it loads
//! - `pkg/named/`: the modules with the names of their functions, to read reports with

use crate::{
    hot::Hot,
    imports,
    pack::{Packed, pack},
    sh::{at, cargo, command, is_there, output, root, run as run_command, step, target, write},
    shrink::shrink,
    unpanic::unpanic,
};
use anyhow::{Context, Result, bail, ensure};
use std::{
    collections::BTreeMap,
    env, fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

const WASM: &str = "wasm32-unknown-unknown";

/// The component.
pub const COMPONENT: &str = "pkg/eqlite.component.wasm";
/// The plain module.
pub const ABI: &str = "pkg/eqlite.abi.wasm";
/// The npm package.
pub const NPM: &str = "pkg/npm";

/// Not shipped: each module with the names of its functions. The code is the same, so that these tell what a report of a trap is about.
pub const NAMED: &str = "pkg/named";

/// The browser demo.
pub const DEMO: &str = "pkg/demo";

/// `cargo xtask build [npm|component|abi|demo]...`; everything by default.
pub fn run(args: &[String]) -> Result<()> {
    if args.is_empty() {
        return component().and_then(|()| abi()).and_then(|()| npm()).and_then(|()| demo());
    }
    args.iter().try_for_each(|what| match what.as_str() {
        "npm" => npm(),
        "component" => component(),
        "abi" => abi(),
        "demo" => npm().and_then(|()| demo()),
        other => bail!("there is nothing named '{other}' to build: npm, component, abi, demo"),
    })
}

/// `pkg/demo`: any file server can serve it, from any path.
pub fn demo() -> Result<()> {
    step("assemble the browser demo", || {
        let page = at(DEMO);
        if page.exists() {
            fs::remove_dir_all(&page)?;
        }
        copy_files(&at("demo"), &page)?;
        copy_files(&at(NPM).join("dist"), &page.join("eqlite"))?;
        copy_files(&at("samples"), &page.join("samples"))?;
        copy_files(&at("rules/linux"), &page.join("rules"))
    })
}

/// Copies the files of a folder, without those of the folders in it.
fn copy_files(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("{} cannot be read", from.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// `pkg/eqlite.component.wasm`
pub fn component() -> Result<()> {
    step("build the component", || {
        let core = small(&door("component", true)?, true)?;
        let encode = |core: &[u8]| wit_component::ComponentEncoder::default().validate(true).module(core)?.encode();
        let component = encode(&core.module)?;
        imports::none(&component, "the component")?;
        keep(COMPONENT, &encode(&core.named)?)?;
        write(&at(COMPONENT), &component)
    })
}

/// `pkg/eqlite.abi.wasm`
pub fn abi() -> Result<()> {
    step("build the plain module", || {
        let Packed { module, named } = small(&door("abi", true)?, true)?;
        imports::none(&module, "the plain module")?;
        keep(ABI, &named)?;
        write(&at(ABI), &module)
    })
}

/// `pkg/npm`
pub fn npm() -> Result<()> {
    let glues =
        [(true, "doors/glue"), (false, "doors/glue-plain")].map(|(vectors, path)| (vectors, target().join(path)));
    step("build the modules of the npm package, with vectors and without", || {
        glues.iter().try_for_each(|(vectors, glue)| {
            let module = door("js", *vectors)?;
            run_command(cargo("run --quiet --package xtask-npm --").args([&module, glue]))
        })
    })?;
    step("assemble the npm package", || {
        let package = at(NPM);
        let dist = package.join("dist");
        let [module, plain] = glues.each_ref().map(|(_, glue)| glue);
        for name in ["glue.js", "glue.cjs"] {
            let text = fs::read(module.join(name))?;
            ensure!(text == fs::read(plain.join(name))?, "the two modules want different glue: {name}");
            write(&dist.join(name), &text)?;
        }
        let [module, plain] = [small(&module.join("eqlite.wasm"), true)?, small(&plain.join("eqlite.wasm"), false)?];
        for (name, packed) in [("eqlite.wasm", &module), ("eqlite.plain.wasm", &plain)] {
            write(&dist.join(name), &packed.module)?;
            keep(name, &packed.named)?;
        }
        // What cannot choose has the one that runs everywhere.
        let bytes = base64(&plain.module);
        write(&dist.join("bytes.js"), format!("export default '{bytes}';\n").as_bytes())?;
        write(&dist.join("bytes.cjs"), format!("module.exports = '{bytes}';\n").as_bytes())?;
        for entry in fs::read_dir(at("wasm/npm"))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let content = fs::read(&path)?;
            match name.as_str() {
                "package.json" | "README.md" => write(&package.join(&name), &content)?,
                _ => write(&dist.join(&name), &content)?,
            }
            // The types of both kinds of module are the same but for the names of the files that they lie in.
            if let Some(stem) = name.strip_suffix(".d.ts") {
                let types = String::from_utf8(content)?.replace(".js'", ".cjs'");
                write(&dist.join(format!("{stem}.d.cts")), types.as_bytes())?;
            }
        }
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            write(&package.join(licence), &fs::read(at(licence))?)?;
        }
        same_version(&package.join("package.json"))
    })
}

/// The module as it is shipped, and its twin with names.
fn small(module: &Path, vectors: bool) -> Result<Packed> {
    pack(&shrink(&fs::read(module)?, vectors)?)
}

/// Keeps a twin, under the name of what it is the twin of.
fn keep(shipped: &str, named: &[u8]) -> Result<()> {
    let name = Path::new(shipped).file_name().context("a module has a name")?;
    write(&at(NAMED).join(name), named)
}

/// Builds the crate `wasm` with one door, with the vectors of WebAssembly or without, and gives the module, which can only trap where it panics.
pub fn door(name: &str, vectors: bool) -> Result<PathBuf> {
    let hot = hot(name)?;
    let module = compiled(name, vectors, &hot)?;
    hot.found(&module)?;
    let kept = target().join("doors").join(format!("{name}{}.wasm", if vectors { "" } else { "-plain" }));
    write(&kept, &unpanic(&module)?)?;
    Ok(kept)
}

/// The names of the functions that are compiled for speed. Each door has its own: names hang on the features of all crates, though not on
/// whether there are vectors.
fn hot(door: &str) -> Result<Hot> {
    static KNOWN: Mutex<BTreeMap<String, Hot>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(hot) = known.get(door) {
        return Ok(hot.clone());
    }
    let hot = Hot::new(&compiled(door, true, &Hot::default())?)?;
    known.insert(door.to_string(), hot.clone());
    Ok(hot)
}

/// The module as the linker leaves it.
fn compiled(door: &str, vectors: bool, hot: &Hot) -> Result<Vec<u8>> {
    wasm_target(WASM)?;
    let args = format!("build --quiet --package eqlite-wasm --target {WASM} --profile wasm --features {door}");
    let told = flags(vectors) + &hot.flags();
    // In a file, since a system takes only so long a line; and under a name of its own, since cargo looks at no more than that.
    let mut hash = DefaultHasher::new();
    told.hash(&mut hash);
    let file = target().join(format!("doors/{:016x}.args", hash.finish()));
    write(&file, told.as_bytes())?;
    run_command(cargo(&args).env("CARGO_ENCODED_RUSTFLAGS", format!("@{}", file.display())))?;
    let built = target().join(WASM).join("wasm/eqlite_wasm.wasm");
    fs::read(&built).with_context(|| format!("{} was not built", built.display()))
}

/// What rustc is told beside the profile, a line each: the hash in its small form, and no folders of this machine in messages. The stack is that
/// large so that what lies behind it has addresses below 2^20, which take a byte less. Without the reduction of strength loops have one counter
/// for all that they step through, and functions fewer locals: 1 % of what is packed. What the linker knows of uses is for [`unpanic`].
fn flags(vectors: bool) -> String {
    let home = env::var("HOME").or_else(|_| env::var("USERPROFILE")).unwrap_or_default();
    let crates = env::var("CARGO_HOME").unwrap_or(format!("{home}/.cargo"));
    [
        "--cfg=sha2_backend_soft=\"compact\"".to_string(),
        format!("--remap-path-prefix={crates}=crates"),
        format!("--remap-path-prefix={}=eqlite", root().display()),
        format!("-Ctarget-feature={}simd128", if vectors { '+' } else { '-' }),
        "-Clink-arg=-zstack-size=786432".to_string(),
        "-Clink-arg=--emit-relocs".to_string(),
        "-Cllvm-args=-disable-lsr".to_string(),
    ]
    .map(|flag| flag + "\n")
    .concat()
}

/// Makes sure that the toolchain in use has a target. rust-toolchain.toml names them, but where rustup may not install
/// toolchains by itself it does not add targets either.
pub fn wasm_target(name: &str) -> Result<()> {
    let sysroot = output(&mut command("rustc", ["--print", "sysroot"]))?;
    if Path::new(sysroot.trim()).join("lib/rustlib").join(name).exists() {
        return Ok(());
    }
    ensure!(is_there("rustup"), "the Rust target {name} is missing, and there is no rustup to add it");
    step(&format!("add the Rust target {name}"), || run_command(&mut command("rustup", ["target", "add", name])))
}

/// The package's version must be the workspace's.
fn same_version(package_json: &Path) -> Result<()> {
    let text = fs::read_to_string(package_json)?;
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    ensure!(text.contains(&version), "wasm/npm/package.json must say {version}, as Cargo.toml does");
    Ok(())
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len() / 3 * 4 + 4);
    for three in bytes.chunks(3) {
        let word = three.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for digit in 0..4 {
            let used = digit <= three.len();
            text.push(if used { DIGITS[(word >> (18 - 6 * digit) & 63) as usize] as char } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn base64_is_padded() {
        let of = |text: &str| super::base64(text.as_bytes());
        assert_eq!([of(""), of("f"), of("fo"), of("foo"), of("foob")], ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]);
    }
}
