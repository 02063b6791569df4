//! A browser for the tests: the one named by `CHROMIUM`, one that is installed, or Debian's package where it may be installed.

use crate::{
    python::{install, is_root},
    sh::is_there,
};
use anyhow::{Result, bail, ensure};

const NAMES: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Its name or path.
pub fn find() -> Result<String> {
    if let Ok(named) = std::env::var("CHROMIUM") {
        ensure!(is_there(&named), "CHROMIUM names {named}, which cannot be run");
        return path(&named);
    }
    if let Some(name) = NAMES.iter().find(|name| is_there(name)) {
        return path(name);
    }
    if is_root() && is_there("apt-get") {
        install("chromium")?;
        return path("chromium");
    }
    bail!(
        "the browser tests need Chromium: install it (on Debian: sudo apt-get install chromium), or set CHROMIUM to its path"
    )
}

/// playwright-core wants a path, not a name.
fn path(name: &str) -> Result<String> {
    if name.contains('/') {
        return Ok(name.to_string());
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    match std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.exists()) {
        Some(path) => Ok(path.display().to_string()),
        None => bail!("{name} is not in PATH"),
    }
}
