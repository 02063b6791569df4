//! A log as the pieces that are added to it, across rotation.
//!
//! ```text
//! audit.log (inode 7) is read to its end, renamed to audit.log.1; audit.log (inode 9) appears:
//!   the rest of inode 7, then any file rotated since (audit.log.1 by then), then inode 9 from its beginning
//! ```
//! Files are known by device, inode and their first bytes, since inodes are used again. A log that is copied and truncated is found
//! again in its copy by these bytes.

use serde_json::{Value, json};
use std::{
    fs::{self, File, Metadata},
    io,
    os::unix::fs::{FileExt, MetadataExt},
    path::{Path, PathBuf},
};

/// How many first bytes a file is known by.
const HEAD: usize = 1024;

/// Fewer first bytes than this do not tell a copy from another log.
const TELLING: usize = 64;

/// How many files that were read to their end are remembered. Times of files are coarse: what was written within one tick of the clock
/// cannot be told apart by them.
const FINISHED: usize = 16;

/// A file, whatever its name is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    device: u64,
    inode: u64,
    /// Length and hash of the first bytes.
    head: (usize, u64),
}

/// How far which file has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Position {
    file: Known,
    offset: u64,
    /// The last byte read did not end a line.
    in_line: bool,
    /// Files read to their end before, the last one last.
    finished: Vec<Known>,
}

/// What there is to read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// So many bytes, at the beginning of the buffer.
    Bytes(usize),
    /// All has been read for now.
    Nothing,
}

/// Follows a log.
#[derive(Debug)]
pub(super) struct Follower {
    path: PathBuf,
    open: Option<Open>,
    finished: Vec<Known>,
    /// Another file has the log's name: the present one is read once more, since its writer may not have noticed yet.
    rotated: bool,
}

/// A file that is being read.
#[derive(Debug)]
struct Open {
    file: File,
    offset: u64,
    /// Its first bytes, as far as they were read.
    head: Vec<u8>,
    in_line: bool,
}

impl Follower {
    /// From the beginning of the file of this name, which may come into being later.
    pub(super) fn new(path: &Path) -> Self {
        Follower { path: path.to_path_buf(), open: None, finished: Vec::new(), rotated: false }
    }

    /// From where it was, under whatever name the file has now.
    pub(super) fn resume(path: &Path, position: Option<Position>) -> Self {
        let mut follower = Follower::new(path);
        let Some(position) = position else { return follower };
        follower.finished.clone_from(&position.finished);
        let same = |about: &Metadata| (about.dev(), about.ino()) == (position.file.device, position.file.inode);
        let files = || follower.rotated_files().into_iter().map(|(_, path)| path).chain([path.to_path_buf()]);
        let mut found =
            files().find_map(|path| Open::at(&path, &position).filter(|open| open.about().is_ok_and(|a| same(&a))));
        if position.file.head.0 >= TELLING {
            found = found.or_else(|| files().find_map(|path| Open::at(&path, &position)));
        }
        if found.is_none() {
            eprintln!("eqlite: {}: the file that was read is gone; what it had more is lost", path.display());
        }
        follower.open = found;
        follower
    }

    /// Where it is; `None` before there is a file.
    pub(super) fn position(&self) -> Option<Position> {
        let open = self.open.as_ref()?;
        Some(Position {
            file: open.known().ok()?,
            offset: open.offset,
            in_line: open.in_line,
            finished: self.finished.clone(),
        })
    }

    /// Whether no later file is known of.
    pub(super) fn is_in_last(&self) -> bool {
        !self.rotated
    }

    /// Reads what comes next into `piece`, which must not be empty.
    pub(super) fn next(&mut self, piece: &mut [u8]) -> io::Result<Next> {
        loop {
            let Some(open) = &mut self.open else {
                match Open::start(&self.path)? {
                    None => return Ok(Next::Nothing),
                    Some(open) => self.open = Some(open),
                }
                continue;
            };
            if !open.is_as_it_was()? {
                let position = self.position();
                return Ok(self.truncated(position, piece));
            }
            let read = open.read(piece)?;
            if read > 0 {
                self.rotated = false;
                return Ok(Next::Bytes(read));
            }
            let about = open.about()?;
            let Some(next) = self.after(&about)? else { return Ok(Next::Nothing) };
            if !self.rotated {
                self.rotated = true;
                return Ok(Next::Nothing);
            }
            if let Some(ended) = self.go_to(next, piece) {
                return Ok(ended);
            }
        }
    }

    /// The file was cut: goes on in its copy, or else at its new beginning.
    fn truncated(&mut self, position: Option<Position>, piece: &mut [u8]) -> Next {
        let position = position.filter(|position| position.file.head.0 >= TELLING);
        let copy =
            position.and_then(|position| self.rotated_files().iter().find_map(|(_, path)| Open::at(path, &position)));
        match (copy, &mut self.open) {
            (Some(copy), open) => *open = Some(copy),
            (None, Some(open)) => {
                eprintln!(
                    "eqlite: {}: truncated, and there is no copy; what was not read is lost",
                    self.path.display()
                );
                open.offset = 0;
                open.head.clear();
                if std::mem::take(&mut open.in_line) {
                    return end_of_line(piece);
                }
            }
            (None, None) => {}
        }
        // What is there now is read by the next call.
        Next::Bytes(0)
    }

    /// The file that was begun after this one; `None` where this is the last.
    fn after(&self, about: &Metadata) -> io::Result<Option<Open>> {
        let this = (about.dev(), about.ino());
        // There is none between two logs; others may have been rotated before.
        let current = Open::start(&self.path)?;
        if let Some(current) = &current {
            let last = current.about()?;
            if (last.dev(), last.ino()) == this {
                return Ok(None);
            }
        }
        let written = (about.mtime(), about.mtime_nsec());
        for (_, path) in self.rotated_files().into_iter().filter(|(time, _)| *time >= written) {
            if let Some(open) = Open::start(&path)? {
                let about = open.about()?;
                let is =
                    |known: &Known| (about.dev(), about.ino()) == (known.device, known.inode) && open.begins_as(known);
                if (about.dev(), about.ino()) != this && !self.finished.iter().any(is) {
                    return Ok(Some(open));
                }
            }
        }
        Ok(current)
    }

    fn go_to(&mut self, next: Open, piece: &mut [u8]) -> Option<Next> {
        let before = self.open.replace(next);
        if let Some(known) = before.as_ref().and_then(|before| before.known().ok()) {
            let surplus = self.finished.len().saturating_add(1).saturating_sub(FINISHED);
            self.finished.drain(..surplus);
            self.finished.push(known);
        }
        self.rotated = false;
        // A log that does not end its last line must not run into the first line of the next one.
        before.filter(|before| before.in_line).map(|_| end_of_line(piece))
    }

    /// Files beside the log that have its name and a number or a date, by the time of their last change.
    fn rotated_files(&self) -> Vec<((i64, i64), PathBuf)> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = self.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut files = Vec::new();
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if is_rotated(&name, &entry.file_name().to_string_lossy())
                && let Ok(about) = entry.metadata()
            {
                files.push(((about.mtime(), about.mtime_nsec()), entry.path()));
            }
        }
        files.sort();
        files
    }
}

impl Open {
    /// At the beginning; `None` where there is no such file.
    fn start(path: &Path) -> io::Result<Option<Open>> {
        match File::open(path) {
            Ok(file) => Ok(Some(Open { file, offset: 0, head: Vec::new(), in_line: false })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// At a position, if the file has those first bytes and is long enough.
    fn at(path: &Path, position: &Position) -> Option<Open> {
        let file = File::open(path).ok()?;
        let mut open = Open { file, offset: position.offset, head: Vec::new(), in_line: position.in_line };
        open.head = open.first(position.file.head.0)?;
        let fits = hash(&open.head) == position.file.head.1 && open.about().ok()?.len() >= position.offset;
        fits.then_some(open)
    }

    /// So many first bytes; `None` where there are fewer.
    fn first(&self, length: usize) -> Option<Vec<u8>> {
        let mut head = vec![0; length];
        self.file.read_exact_at(&mut head, 0).ok()?;
        Some(head)
    }

    fn begins_as(&self, known: &Known) -> bool {
        self.first(known.head.0).is_some_and(|head| hash(&head) == known.head.1)
    }

    fn known(&self) -> io::Result<Known> {
        let about = self.about()?;
        Ok(Known { device: about.dev(), inode: about.ino(), head: (self.head.len(), hash(&self.head)) })
    }

    fn about(&self) -> io::Result<Metadata> {
        self.file.metadata()
    }

    /// Whether what was read of it is still there.
    fn is_as_it_was(&self) -> io::Result<bool> {
        if self.about()?.len() < self.offset {
            return Ok(false);
        }
        let mut head = vec![0; self.head.len()];
        match self.file.read_exact_at(&mut head, 0) {
            Ok(()) => Ok(head == self.head),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn read(&mut self, piece: &mut [u8]) -> io::Result<usize> {
        let read = loop {
            match self.file.read_at(piece, self.offset) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        let bytes = piece.get(..read).unwrap_or_default();
        if self.offset == self.head.len() as u64 {
            self.head.extend(bytes.iter().take(HEAD.saturating_sub(self.head.len())));
        }
        self.offset = self.offset.saturating_add(read as u64);
        if let Some(last) = bytes.last() {
            self.in_line = *last != b'\n';
        }
        Ok(read)
    }
}

impl Known {
    fn to_json(self) -> Value {
        json!({"device": self.device, "inode": self.inode, "headLength": self.head.0, "head": self.head.1})
    }

    fn from_json(json: &Value) -> Option<Known> {
        let number = |name: &str| json.get(name)?.as_u64();
        let length = usize::try_from(number("headLength")?).ok().filter(|length| *length <= HEAD)?;
        Some(Known { device: number("device")?, inode: number("inode")?, head: (length, number("head")?) })
    }
}

impl Position {
    /// As it stands in the state file.
    pub(super) fn to_json(&self) -> Value {
        json!({
            "file": self.file.to_json(),
            "offset": self.offset,
            "inLine": self.in_line,
            "finished": self.finished.iter().map(|known| known.to_json()).collect::<Vec<_>>(),
        })
    }

    /// The other way; `None` where something is missing.
    pub(super) fn from_json(json: &Value) -> Option<Position> {
        Some(Position {
            file: Known::from_json(json.get("file")?)?,
            offset: json.get("offset")?.as_u64()?,
            in_line: json.get("inLine")?.as_bool()?,
            finished: json.get("finished")?.as_array()?.iter().map(Known::from_json).collect::<Option<_>>()?,
        })
    }
}

fn end_of_line(piece: &mut [u8]) -> Next {
    if let Some(first) = piece.first_mut() {
        *first = b'\n';
    }
    Next::Bytes(1)
}

/// `audit.log.1`, `audit.log-20261124`, `audit-20261124.log` of `audit.log`; nothing that is compressed.
fn is_rotated(name: &str, other: &str) -> bool {
    let mark = other.strip_prefix(name).or_else(|| {
        let (stem, extension) = name.rsplit_once('.')?;
        other.strip_prefix(stem)?.strip_suffix(extension)?.strip_suffix('.')
    });
    mark.is_some_and(|mark| {
        mark.starts_with(['.', '-', '_'])
            && mark.contains(|c: char| c.is_ascii_digit())
            && mark.chars().all(|c| c.is_ascii_digit() || ".-_:TZ".contains(c))
    })
}

/// FNV-1a, which is the same everywhere and always.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
mod tests {
    use super::*;
    use std::io::Write;

    struct Log(PathBuf);

    impl Log {
        fn new(name: &str) -> Log {
            let folder = std::env::temp_dir().join(format!("eqlite-follow-{}-{name}", std::process::id()));
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(&folder).unwrap();
            Log(folder.join("a.log"))
        }

        fn write(&self, text: &str) {
            let mut file = fs::OpenOptions::new().create(true).append(true).open(&self.0).unwrap();
            file.write_all(text.as_bytes()).unwrap();
        }

        fn rotate(&self, to: &str) {
            fs::rename(&self.0, self.0.with_file_name(to)).unwrap();
        }
    }

    impl Drop for Log {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(self.0.parent().unwrap());
        }
    }

    /// All that comes until three polls in a row bring nothing.
    fn all(follower: &mut Follower) -> String {
        let (mut text, mut quiet) = (String::new(), 0);
        let mut piece = [0; 7];
        while quiet < 3 {
            match follower.next(&mut piece).unwrap() {
                Next::Bytes(read) => text.push_str(std::str::from_utf8(&piece[..read]).unwrap()),
                Next::Nothing => quiet += 1,
            }
        }
        text
    }

    #[test]
    fn what_is_added_comes_and_rotation_loses_nothing() {
        let log = Log::new("rotate");
        let mut follower = Follower::new(&log.0);
        assert_eq!(all(&mut follower), "");
        log.write("one\n");
        assert_eq!(all(&mut follower), "one\n");
        log.write("two");
        log.rotate("a.log.1");
        assert_eq!(all(&mut follower), "two", "the next file is not there yet");
        log.write("three\n");
        assert_eq!(all(&mut follower), "\nthree\n", "and a line that was not ended is");
        log.rotate("a.log.2");
        log.write("four\n");
        log.rotate("a.log.3");
        log.write("five\n");
        assert_eq!(all(&mut follower), "four\nfive\n", "rotated twice between two looks");
    }

    #[test]
    fn it_goes_on_in_the_file_that_it_was_in() {
        let log = Log::new("resume");
        let mut follower = Follower::new(&log.0);
        log.write("one\n");
        all(&mut follower);
        let position = Position::from_json(&follower.position().unwrap().to_json());
        assert_eq!(position, follower.position());
        log.write("two\n");
        log.rotate("a.log.1");
        log.write("three\n");
        assert_eq!(all(&mut Follower::resume(&log.0, position.clone())), "two\nthree\n");
        fs::remove_file(log.0.with_file_name("a.log.1")).unwrap();
        assert_eq!(all(&mut Follower::resume(&log.0, position)), "three\n", "it is gone");
    }

    #[test]
    fn rotated_logs_are_read_though_there_is_no_new_one_yet() {
        let log = Log::new("between");
        let mut follower = Follower::new(&log.0);
        log.write("one\n");
        all(&mut follower);
        let position = follower.position();
        log.rotate("a.log.1");
        log.write("two\n");
        log.rotate("a.log.2");
        log.write("three\n");
        log.rotate("a.log.3");
        assert_eq!(all(&mut follower), "two\nthree\n");
        assert_eq!(all(&mut Follower::resume(&log.0, position)), "two\nthree\n");
        log.write("four\n");
        assert_eq!(all(&mut follower), "four\n");
    }

    #[test]
    fn a_copy_is_known_by_its_first_bytes() {
        let log = Log::new("copy");
        let mut follower = Follower::new(&log.0);
        let line = "x".repeat(80) + "\n";
        log.write(&line);
        all(&mut follower);
        log.write("two\n");
        fs::copy(&log.0, log.0.with_file_name("a.log.1")).unwrap();
        fs::File::create(&log.0).unwrap();
        log.write("three\n");
        assert_eq!(all(&mut follower), "two\nthree\n");
    }

    #[test]
    fn names_of_rotated_logs() {
        let rotated = ["audit.log.1", "audit.log-20261124", "audit-20261124.log", "audit.log.2026-11-24T10:00"];
        assert!(rotated.iter().all(|other| is_rotated("audit.log", other)));
        let others = ["audit.log", "audit.log.1.gz", "audit.log.state", "audit.log2", "auth.log.1", "audit.log."];
        assert!(!others.iter().any(|other| is_rotated("audit.log", other)));
    }
}
