//! Files, or the standard input, piece by piece into something that reads them; what cannot be read goes to stderr with its place.

use crate::{cli::Outcome, engine::Problem};
use indicatif::{ProgressBar, ProgressStyle};
use std::{
    fs::{self, File},
    io::{self, IsTerminal, Read},
    path::{Path, PathBuf},
};

/// How much is read and fed at once.
pub(crate) const PIECE: usize = 64 * 1024;

/// What reads a stream of bytes.
pub(crate) trait Reader {
    /// Takes bytes, cut anywhere.
    fn feed(&mut self, piece: &[u8]) -> Result<(), String>;

    /// Waits until all that was fed is read.
    fn settle(&mut self) -> Result<(), String> {
        Ok(())
    }

    /// The end of the stream.
    fn finish(&mut self) -> Result<(), String> {
        Ok(())
    }

    /// The problems since the last call; lines are counted over the whole stream.
    fn problems(&mut self) -> Result<Vec<Problem>, String>;

    /// Prints what is ready.
    fn output(&mut self) -> Result<(), Stop> {
        Ok(())
    }
}

/// Why reading stopped.
pub(crate) enum Stop {
    /// The file could not be read.
    File(io::Error),
    /// The engine was stopped.
    Engine(String),
    /// Nobody reads the output any more.
    ReaderLeft,
}

/// How far reading got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Done {
    /// Whether every file could be read.
    pub(crate) outcome: Outcome,
    /// Nobody reads the output any more: there is nothing left to do.
    pub(crate) reader_left: bool,
}

/// Reads the files one after the other as one stream, to its end. A file that cannot be read is reported, and the next one read.
pub(crate) fn read(files: &[PathBuf], reader: &mut dyn Reader) -> Result<Done, String> {
    let mut stream = Stream { reader, lines: 0, lines_before: 0, whole: true };
    let mut outcome = Outcome::Done;
    for path in files {
        match stream.file(path) {
            Ok(()) => {}
            Err(Stop::File(error)) => {
                eprintln!("eqlite: {}: {error}", path.display());
                outcome = Outcome::Incomplete;
            }
            Err(Stop::Engine(message)) => return Err(format!("{}: {message}", path.display())),
            Err(Stop::ReaderLeft) => return Ok(Done { outcome, reader_left: true }),
        }
    }
    stream.reader.finish()?;
    match stream.drain("end of the input") {
        Ok(()) => Ok(Done { outcome, reader_left: false }),
        Err(Stop::Engine(message)) => Err(message),
        Err(Stop::File(_) | Stop::ReaderLeft) => Ok(Done { outcome, reader_left: true }),
    }
}

/// The input so far, all files as one stream.
struct Stream<'r> {
    reader: &'r mut dyn Reader,
    /// Lines ended so far; the engine counts them over all files.
    lines: u64,
    /// What `lines` was when the present file began.
    lines_before: u64,
    /// Whether the last byte fed ended a line.
    whole: bool,
}

impl Stream<'_> {
    fn file(&mut self, path: &Path) -> Result<(), Stop> {
        let (input, length) = open(path).map_err(Stop::File)?;
        self.lines_before = self.lines;
        let name = name(path);
        let read = self.pieces(input, &name, &progress(length));
        // A log that does not end its last line must not run into the first line of the next one.
        if matches!(read, Ok(()) | Err(Stop::File(_))) {
            if !self.whole {
                self.feed(b"\n", &name)?;
            }
            self.reader.settle().map_err(Stop::Engine)?;
            self.drain(&name)?;
        }
        read
    }

    fn pieces(&mut self, mut input: Box<dyn Read>, name: &str, bar: &ProgressBar) -> Result<(), Stop> {
        let mut piece = vec![0; PIECE];
        loop {
            let read = match input.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Stop::File(error)),
            };
            self.feed(piece.get(..read).unwrap_or_default(), name)?;
            bar.inc(read as u64);
        }
        bar.finish_and_clear();
        Ok(())
    }

    fn feed(&mut self, piece: &[u8], name: &str) -> Result<(), Stop> {
        self.reader.feed(piece).map_err(Stop::Engine)?;
        self.drain(name)?;
        self.lines = self.lines.saturating_add(memchr::memchr_iter(b'\n', piece).count() as u64);
        self.whole = piece.last() == Some(&b'\n');
        Ok(())
    }

    fn drain(&mut self, name: &str) -> Result<(), Stop> {
        report(&self.reader.problems().map_err(Stop::Engine)?, name, self.lines_before);
        self.reader.output()
    }
}

/// Says on stderr what could not be read, with the line of the file.
pub(crate) fn report(problems: &[Problem], name: &str, lines_before: u64) {
    for problem in problems {
        let line = problem.line.saturating_sub(lines_before);
        eprintln!("{name}:{line}: {} [{}]", problem.message, problem.code);
    }
}

/// What a person knows a file by; `-` is the standard input.
pub(crate) fn name(path: &Path) -> String {
    if is_stdin(path) { "standard input".to_string() } else { path.display().to_string() }
}

/// The whole text of a file.
pub(crate) fn text(path: &Path) -> io::Result<String> {
    if is_stdin(path) { io::read_to_string(io::stdin()) } else { fs::read_to_string(path) }
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// The file, and how long it is where that is known.
fn open(path: &Path) -> io::Result<(Box<dyn Read>, Option<u64>)> {
    if is_stdin(path) {
        return Ok((Box::new(io::stdin().lock()), None));
    }
    let file = File::open(path)?;
    let about = file.metadata()?;
    Ok((Box::new(file), about.is_file().then_some(about.len())))
}

/// A bar where a person looks on and the end is known.
fn progress(length: Option<u64>) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {bytes} of {total_bytes}  {bytes_per_sec}  {eta} to go");
    match (length, style) {
        (Some(length), Ok(style)) if io::stderr().is_terminal() => ProgressBar::new(length).with_style(style),
        _ => ProgressBar::hidden(),
    }
}
