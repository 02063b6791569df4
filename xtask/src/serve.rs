//! `cargo xtask serve`: the browser demo on this machine, offline.
//!
//! A file server for GET and HEAD, for this machine alone. `/` is `demo/`, and the folders in [`MOUNTS`] lie beside it, so that
//! the page finds the package under `/eqlite/` and the samples under `/samples/`.

use crate::{
    build,
    sh::{at, root},
};
use anyhow::{Context, Result, ensure};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Component, Path, PathBuf},
    thread,
};

/// The first part of a path, and the folder that it stands for.
const MOUNTS: &[(&str, &str)] =
    &[("eqlite", "pkg/npm/dist"), ("samples", "samples"), ("rules", "rules"), ("spec", "spec"), ("tests", "tests")];

/// `cargo xtask serve [--port N]`
pub fn run(args: &[String]) -> Result<()> {
    let port = match args {
        [] => 8000,
        [name, port] if name == "--port" => port.parse().context("--port takes a number")?,
        _ => anyhow::bail!("usage: cargo xtask serve [--port N]"),
    };
    if !at(build::NPM).join("dist/eqlite.wasm").exists() {
        build::npm()?;
    }
    ensure!(at("demo/index.html").exists(), "demo/index.html is missing");
    let listener = TcpListener::bind(("127.0.0.1", port)).with_context(|| format!("port {port}; try --port"))?;
    println!("http://{}/  (Ctrl-C ends it)", listener.local_addr()?);
    answer_all(listener);
    Ok(())
}

/// Answers as long as the listener lives.
pub fn answer_all(listener: TcpListener) {
    for stream in listener.incoming().flatten() {
        thread::spawn(move || {
            // A browser that goes away is nobody's error.
            let _ = answer(stream);
        });
    }
}

fn answer(stream: TcpStream) -> Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?.take(16_384)).lines();
    let request = lines.next().context("nothing was asked")??;
    // The rest of the head is read, so that closing does not cut the answer off.
    for line in lines.by_ref() {
        if line?.is_empty() {
            break;
        }
    }
    let mut words = request.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (status, kind, body) = match method {
        "GET" | "HEAD" => match file(&root(), target).and_then(|path| Some((fs::read(&path).ok()?, path))) {
            Some((body, path)) => ("200 OK", kind(&path), body),
            None => ("404 Not Found", "text/plain", b"there is no such file\n".to_vec()),
        },
        _ => ("405 Method Not Allowed", "text/plain", b"only GET and HEAD\n".to_vec()),
    };
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n",
        body.len()
    )?;
    if method == "GET" {
        stream.write_all(&body)?;
    }
    stream.flush()?;
    Ok(())
}

/// The file that a request means; none where the path would lead out of the folders.
fn file(root: &Path, target: &str) -> Option<PathBuf> {
    let path = target.split(['?', '#']).next()?.trim_start_matches('/');
    let relative = Path::new(path);
    if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    let mut found = match MOUNTS.iter().find(|(name, _)| *name == first) {
        Some((_, folder)) => root.join(folder).join(rest),
        None => root.join("demo").join(relative),
    };
    if found.is_dir() {
        found.push("index.html");
    }
    Some(found)
}

fn kind(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "log" | "txt" | "ndjson" | "toml" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_within_the_folders() {
        let root = Path::new("/r");
        assert_eq!(file(root, "/worker.js?x=1"), Some(PathBuf::from("/r/demo/worker.js")));
        assert_eq!(file(root, "/eqlite/web.js"), Some(PathBuf::from("/r/pkg/npm/dist/web.js")));
        assert_eq!(file(root, "/samples/../Cargo.toml"), None);
        assert_eq!(file(root, "/../x"), None);
    }

    #[test]
    fn a_file_is_served() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || answer_all(listener));
        let ask = |request: &str| {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        };
        assert!(ask("GET /nothing-here HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404"));
        assert!(ask("POST / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405"));
    }
}
