//! `cargo xtask serve`: the browser demo on this machine, offline.
//!
//! A file server for GET and HEAD over `pkg/demo`, reached from this machine alone.

use crate::{build, sh::at};
use anyhow::{Context, Result};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Component, Path, PathBuf},
    thread,
};

/// `cargo xtask serve [--port N]`
pub fn run(args: &[String]) -> Result<()> {
    let port = match args {
        [] => 8000,
        [name, port] if name == "--port" => port.parse().context("--port takes a number")?,
        _ => anyhow::bail!("usage: cargo xtask serve [--port N]"),
    };
    build::npm()?;
    build::demo()?;
    let listener = TcpListener::bind(("127.0.0.1", port)).with_context(|| format!("port {port}; try --port"))?;
    println!("http://{}/  (Ctrl-C ends it)", listener.local_addr()?);
    answer_all(&listener, &at(build::DEMO));
    Ok(())
}

/// Answers as long as the listener lives.
fn answer_all(listener: &TcpListener, folder: &Path) {
    for stream in listener.incoming().flatten() {
        let folder = folder.to_path_buf();
        thread::spawn(move || {
            // A browser that goes away is nobody's error.
            let _ = answer(stream, &folder);
        });
    }
}

fn answer(stream: TcpStream, folder: &Path) -> Result<()> {
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
        "GET" | "HEAD" => match file(folder, target).and_then(|path| Some((fs::read(&path).ok()?, path))) {
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

/// The file that a request means; none where the path would lead out of the folder.
fn file(folder: &Path, target: &str) -> Option<PathBuf> {
    let path = Path::new(target.split(['?', '#']).next()?.trim_start_matches('/'));
    if !path.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let mut found = folder.join(path);
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
    fn files_of_the_folder_are_served_and_no_others() {
        let folder = at("xtask/src");
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || answer_all(&listener, &folder));
        let ask = |request: &str| {
            let mut stream = TcpStream::connect(address).unwrap();
            write!(stream, "{request} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        };
        assert!(ask("GET /serve.rs?x=1").ends_with(include_str!("serve.rs")));
        assert!(ask("HEAD /serve.rs").ends_with("\r\n\r\n"));
        for nothing in ["GET /nothing", "GET /../Cargo.toml", "GET //etc/passwd/../passwd", "GET /"] {
            assert!(ask(nothing).starts_with("HTTP/1.1 404"), "{nothing}");
        }
        assert!(ask("POST /serve.rs").starts_with("HTTP/1.1 405"));
    }
}
