//! A diagnostic and its source to the drawing a person reads.

use super::{Diagnostic, Severity};
use alloc::{format, string::String};

/// The most characters of a source line that are shown; longer ones are cut around the place.
const WIDTH: usize = 100;
/// How many characters stay in front of the place when a line is cut.
const LEAD: usize = 30;

/// Line and column (in characters) of a byte, each from 1. A byte beyond the text, or inside a character, counts as the place before it.
pub(super) fn line_column(source: &str, byte: usize) -> (usize, usize) {
    let (line_start, line) = line_at(source, byte);
    let column = source.get(line_start..floor(source, byte)).unwrap_or("").chars().count();
    (line, column.saturating_add(1))
}

pub(super) fn render(diagnostic: &Diagnostic, source: &str, name: &str) -> String {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let (start, end) = (floor(source, diagnostic.span.start), floor(source, diagnostic.span.end));
    let (line_start, line_number) = line_at(source, start);
    let line = source.get(line_start..).unwrap_or("").split('\n').next().unwrap_or("");
    let line = line.strip_suffix('\r').unwrap_or(line);
    let line_end = line_start.saturating_add(line.len());

    let column = source.get(line_start..start).unwrap_or("").chars().count();
    let marked = source.get(start..end.min(line_end)).unwrap_or("").chars().count();
    let goes_on = end > line_end.saturating_add(1);

    let shown = Window::around(line, column, marked);
    let number = format!("{line_number}");
    let margin: String = number.chars().map(|_| ' ').collect();
    let mut out = format!(
        "{severity}[{}]: {}\n{margin} --> {name}:{line_number}:{}\n{margin}  |\n",
        diagnostic.code.0,
        diagnostic.message,
        column.saturating_add(1)
    );
    out.push_str(&format!(" {number} | {}\n", shown.text));
    out.push_str(&format!("{margin}  | {}{}", shown.indent, shown.carets));
    out.push_str(if goes_on { "...\n" } else { "\n" });
    if let Some(help) = &diagnostic.help {
        out.push_str(&format!("{margin}  = help: {help}\n"));
    }
    out
}

/// The piece of a line that is shown, and what stands below it.
struct Window {
    text: String,
    indent: String,
    carets: String,
}

impl Window {
    fn around(line: &str, column: usize, marked: usize) -> Window {
        let length = line.chars().count();
        let (skip, take) = match length > WIDTH {
            true => (column.saturating_sub(LEAD).min(length.saturating_sub(WIDTH)), WIDTH),
            false => (0, length),
        };
        let (before, after) = (if skip > 0 { "..." } else { "" }, skip.saturating_add(take) < length);
        let text: String = line.chars().skip(skip).take(take).map(printable).collect();
        // Characters two cells wide need two cells below them, or the carets drift.
        let in_front = line.chars().skip(skip).take(column.saturating_sub(skip));
        let indent: usize = in_front.map(cells).fold(before.len(), usize::saturating_add);
        let room = skip.saturating_add(take).saturating_sub(column);
        let under = line.chars().skip(column).take(marked.min(room));
        let carets = under.map(cells).fold(0_usize, usize::saturating_add).max(1);
        Window {
            text: format!("{before}{text}{}", if after { "..." } else { "" }),
            indent: core::iter::repeat_n(' ', indent).collect(),
            carets: core::iter::repeat_n('^', carets).collect(),
        }
    }
}

/// A tab is drawn as one space, and no control character reaches the terminal.
fn printable(c: char) -> char {
    match c {
        '\t' => ' ',
        c if c.is_control() => '\u{fffd}',
        c => c,
    }
}

/// Cells of a terminal that a character fills: two for the East Asian wide blocks and pictographs, else one.
/// The blocks are those of Unicode's EastAsianWidth.txt, coarsely: a wrong guess moves a caret by one.
fn cells(c: char) -> usize {
    match u32::from(c) {
        0x300..=0x36f | 0x200b..=0x200f | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f => 2,
        0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x1f300..=0x1f64f | 0x1f900..=0x1f9ff | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// Where the line of a byte begins, and its number from 1.
fn line_at(source: &str, byte: usize) -> (usize, usize) {
    let before = source.get(..floor(source, byte)).unwrap_or("");
    let start = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
    (start, memchr::memchr_iter(b'\n', before.as_bytes()).count().saturating_add(1))
}

/// The nearest character boundary at or before a byte.
fn floor(source: &str, byte: usize) -> usize {
    let byte = byte.min(source.len());
    (0..=byte).rev().find(|at| source.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Code, Span};

    fn draw(source: &str, start: usize, end: usize) -> String {
        Diagnostic::error(Code("E0000"), Span::new(start, end), "wrong").with_help("do this").render(source, "q")
    }

    #[test]
    fn carets_stand_under_the_place() {
        let expected = "error[E0000]: wrong\n  --> q:2:4\n   |\n 2 | ab cd ef\n   |    ^^\n   = help: do this\n";
        assert_eq!(draw("first\nab cd ef\r\nlast", 9, 11), expected);
    }

    #[test]
    fn tabs_wide_and_multi_byte_characters() {
        let source = "\té日x y";
        let at = source.find('x').unwrap();
        assert!(draw(source, at, at + 1).contains(" 1 |  é日x y\n   |     ^\n"), "{}", draw(source, at, at + 1));
        assert_eq!(line_column(source, at), (1, 4));
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let source = format!("{}here{}", "a".repeat(500), "b".repeat(500));
        let drawn = draw(&source, 500, 504);
        let lines: Vec<&str> = drawn.lines().collect();
        assert_eq!(lines[3], format!(" 1 | ...{}here{}...", "a".repeat(30), "b".repeat(66)));
        assert_eq!(lines[4], format!("   | {}^^^^", " ".repeat(33)));
        let drawn = draw(&source, 1004, 1004);
        assert!(drawn.lines().nth(4).unwrap().ends_with('^'), "{drawn}");
    }

    #[test]
    fn spans_over_lines_and_beyond_the_text() {
        assert!(draw("ab\ncd", 1, 5).contains(" 1 | ab\n   |  ^...\n"));
        assert!(draw("", 0, 0).contains(" 1 | \n   | ^\n"));
        assert!(draw("é", 1, 90).contains("^"));
    }

    use alloc::vec::Vec;
}
