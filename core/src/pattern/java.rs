//! The part of Java's regular expressions that an automaton can run: what `regex` means on something computed.
//!
//! The whole text must match, so lazy quantifiers mean the same as greedy ones. Look-around, back-references, possessive quantifiers and
//! atomic groups need backtracking and are refused with their place. As in Java without flags, `\d \s \w \b` are ASCII and `.` is any
//! character but a line end.

use super::{
    PatternError,
    automaton::{Look, Node},
    class::Class,
    cursor::Cursor,
};
use crate::lowercase::other_cases;
use alloc::{format, vec, vec::Vec};

const LINE_ENDS: &[(char, char)] = &[('\n', '\n'), ('\r', '\r'), ('\u{85}', '\u{85}'), ('\u{2028}', '\u{2029}')];

/// Parses a pattern.
pub(super) fn parse(pattern: &str, insensitive: bool) -> Result<Node, PatternError> {
    let mut parser = Parser { cursor: Cursor::new(pattern), flags: Flags { insensitive, dot_all: false } };
    let node = parser.union()?;
    parser.cursor.end()?;
    Ok(node)
}

#[derive(Clone, Copy)]
struct Flags {
    insensitive: bool,
    dot_all: bool,
}

struct Parser<'a> {
    cursor: Cursor<'a>,
    flags: Flags,
}

impl Parser<'_> {
    fn union(&mut self) -> Result<Node, PatternError> {
        let mut nodes = vec![self.concat()?];
        while self.cursor.eat("|") {
            nodes.push(self.concat()?);
        }
        Ok(Node::union(nodes))
    }

    fn concat(&mut self) -> Result<Node, PatternError> {
        let mut nodes = Vec::new();
        while self.cursor.peek().is_some_and(|c| !matches!(c, ')' | '|')) {
            let node = self.atom()?;
            nodes.push(self.quantified(node)?);
        }
        Ok(Node::concat(nodes))
    }

    fn quantified(&mut self, node: Node) -> Result<Node, PatternError> {
        let start = self.cursor.at();
        let Some((min, max)) = self.cursor.quantifier()? else { return Ok(node) };
        self.mode(node.repeat(min, max), start)
    }

    /// What follows a quantifier: `?` makes it lazy, `+` possessive.
    fn mode(&mut self, node: Node, start: usize) -> Result<Node, PatternError> {
        if self.cursor.eat("+") {
            return Err(self
                .cursor
                .error(start, "possessive quantifiers are not supported")
                .with_help("leave out the second '+'"));
        }
        self.cursor.eat("?");
        match self.cursor.peek() {
            Some(c @ ('*' | '+' | '?')) => {
                self.cursor.next();
                Err(self
                    .cursor
                    .error(start, &format!("'{c}' follows a quantifier"))
                    .with_help("group the part with (?:...)"))
            }
            _ => Ok(node),
        }
    }

    fn atom(&mut self) -> Result<Node, PatternError> {
        let start = self.cursor.at();
        match self.cursor.next() {
            Some('.') if self.flags.dot_all => Ok(Node::any_char()),
            Some('.') => {
                let mut class = Class::new(LINE_ENDS);
                class.negate();
                Ok(Node::Class(class))
            }
            Some('^') => Ok(Node::Look(Look::Start)),
            Some('$') => Ok(Node::Look(Look::End)),
            Some('(') => self.group(start),
            Some('[') => {
                self.cursor.enter(start)?;
                let class = self.class(start)?;
                self.cursor.leave();
                Ok(Node::Class(class))
            }
            Some('\\') => self.escape(start),
            Some(c @ ('*' | '+' | '?' | '{')) => Err(self
                .cursor
                .error(start, &format!("'{c}' has nothing to repeat"))
                .with_help(format!("a literal one is '\\{c}'"))),
            Some(c) => Ok(self.literal(c)),
            None => Ok(Node::empty()),
        }
    }

    fn literal(&self, c: char) -> Node {
        let mut class = Class::of(c);
        self.fold(&mut class);
        Node::Class(class)
    }

    /// What follows `(`.
    fn group(&mut self, start: usize) -> Result<Node, PatternError> {
        let outer = self.flags;
        if self.cursor.eat("?") {
            let refused = [
                ("=", "look-ahead"),
                ("!", "look-ahead"),
                ("<=", "look-behind"),
                ("<!", "look-behind"),
                (">", "an atomic group"),
            ];
            if let Some((_, what)) = refused.into_iter().find(|(mark, _)| self.cursor.eat(mark)) {
                return Err(self
                    .cursor
                    .error(start, &format!("{what} is not supported"))
                    .with_help("say it with a second condition, joined by 'and' or 'and not'"));
            }
            if self.cursor.eat("<") {
                if self.cursor.until(">").is_none() {
                    return Err(self.cursor.error(start, "the '>' after the name of this group is missing"));
                }
            } else if !self.cursor.eat(":") && self.inline_flags(start)? {
                // `(?i)` holds to the end of the group around it, so there is no group of its own.
                return Ok(Node::empty());
            }
        }
        self.cursor.enter(start)?;
        let node = self.union()?;
        self.cursor.leave();
        self.flags = outer;
        if !self.cursor.eat(")") {
            return Err(self.cursor.unclosed(start, ')'));
        }
        Ok(node)
    }

    /// `i)`, `is-u:` and the like; true where they were not followed by a group's content.
    fn inline_flags(&mut self, start: usize) -> Result<bool, PatternError> {
        let mut on = true;
        loop {
            match self.cursor.next() {
                Some('-') => on = false,
                Some('i') => self.flags.insensitive = on,
                Some('s') => self.flags.dot_all = on,
                // Letters fold by the whole of Unicode here in any case.
                Some('u') => {}
                Some(')') => return Ok(true),
                Some(':') => return Ok(false),
                _ => {
                    return Err(self
                        .cursor
                        .error(start, "this kind of group is not supported")
                        .with_help("known are (?:...), (?i) and (?s)"));
                }
            }
        }
    }

    fn escape(&mut self, start: usize) -> Result<Node, PatternError> {
        match self.cursor.peek() {
            Some('b') => self.look(Look::WordEdge),
            Some('B') => self.look(Look::NotWordEdge),
            Some('A') => self.look(Look::Start),
            Some('z' | 'Z') => self.look(Look::End),
            Some('1'..='9' | 'k') => {
                self.cursor.next();
                Err(self.cursor.error(start, "back-references are not supported"))
            }
            Some('Q') => {
                self.cursor.next();
                let rest = self.cursor.rest();
                let text = self.cursor.until("\\E").unwrap_or_else(|| {
                    while self.cursor.next().is_some() {}
                    rest
                });
                Ok(Node::concat(text.chars().map(|c| self.literal(c)).collect()))
            }
            _ => {
                let mut class = self.escaped_class(start)?;
                self.fold(&mut class);
                Ok(Node::Class(class))
            }
        }
    }

    fn look(&mut self, look: Look) -> Result<Node, PatternError> {
        self.cursor.next();
        Ok(Node::Look(look))
    }

    /// An escape that stands for characters, after its backslash.
    fn escaped_class(&mut self, start: usize) -> Result<Class, PatternError> {
        let Some(letter) = self.cursor.next() else {
            return Err(self.cursor.error(start, "the pattern ends after a backslash"));
        };
        let single = match letter {
            't' => '\t',
            'n' => '\n',
            'r' => '\r',
            'f' => '\u{c}',
            'a' => '\u{7}',
            'e' => '\u{1b}',
            'x' if self.cursor.eat("{") => self.hex(start, 0)?,
            'x' => self.hex(start, 2)?,
            'u' => self.hex(start, 4)?,
            'p' | 'P' => {
                let mut class = self.property(start)?;
                if letter == 'P' {
                    class.negate();
                }
                return Ok(class);
            }
            letter if letter.is_ascii_alphanumeric() => {
                let mut class = match letter.to_ascii_lowercase() {
                    'd' => Class::digits(),
                    's' => Class::new(&[('\t', '\r'), (' ', ' ')]),
                    'w' => Class::words(),
                    'v' => Class::new(&[('\n', '\r'), ('\u{85}', '\u{85}'), ('\u{2028}', '\u{2029}')]),
                    'h' => Class::new(&[
                        ('\t', '\t'),
                        (' ', ' '),
                        ('\u{a0}', '\u{a0}'),
                        ('\u{1680}', '\u{1680}'),
                        ('\u{180e}', '\u{180e}'),
                        ('\u{2000}', '\u{200a}'),
                        ('\u{202f}', '\u{202f}'),
                        ('\u{205f}', '\u{205f}'),
                        ('\u{3000}', '\u{3000}'),
                    ]),
                    _ => return Err(self.cursor.error(start, &format!("the escape '\\{letter}' is not supported"))),
                };
                if letter.is_ascii_uppercase() {
                    class.negate();
                }
                return Ok(class);
            }
            other => other,
        };
        Ok(Class::of(single))
    }

    /// `count` hexadecimal digits, or all up to a brace where it is 0.
    fn hex(&mut self, start: usize, count: usize) -> Result<char, PatternError> {
        let digits = if count == 0 {
            self.cursor.until("}")
        } else {
            let digits = self.cursor.rest().get(..count);
            (0..count).for_each(|_| _ = self.cursor.next());
            digits
        };
        let code = digits
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok());
        code.and_then(char::from_u32)
            .ok_or_else(|| self.cursor.error(start, "this is no hexadecimal code of a character"))
    }

    /// `{Alpha}` and the other POSIX classes of ASCII.
    fn property(&mut self, start: usize) -> Result<Class, PatternError> {
        let name = if self.cursor.eat("{") { self.cursor.until("}").unwrap_or("") } else { "" };
        Ok(Class::new(match name {
            "Lower" => &[('a', 'z')],
            "Upper" => &[('A', 'Z')],
            "ASCII" => &[('\0', '\x7f')],
            "Alpha" => &[('A', 'Z'), ('a', 'z')],
            "Digit" => &[('0', '9')],
            "Alnum" => &[('0', '9'), ('A', 'Z'), ('a', 'z')],
            "Punct" => &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
            "Graph" => &[('!', '~')],
            "Print" => &[(' ', '~')],
            "Blank" => &[('\t', '\t'), (' ', ' ')],
            "Cntrl" => &[('\0', '\x1f'), ('\x7f', '\x7f')],
            "XDigit" => &[('0', '9'), ('A', 'F'), ('a', 'f')],
            "Space" => &[('\t', '\r'), (' ', ' ')],
            _ => {
                let help =
                    "known are the ASCII ones, such as \\p{Alpha}, \\p{Alnum} and \\p{Punct}; else list the characters";
                return Err(self.cursor.error(start, "this Unicode property is not supported").with_help(help));
            }
        }))
    }

    /// What follows `[`: items, ranges, nested classes, and intersections with `&&`.
    fn class(&mut self, start: usize) -> Result<Class, PatternError> {
        let negated = self.cursor.eat("^");
        let mut whole: Option<Class> = None;
        let mut part = Class::default();
        let mut first = true;
        let mut closed = false;
        while !closed {
            let at = self.cursor.at();
            let intersects = self.cursor.eat("&&");
            closed = !intersects && !first && self.cursor.eat("]");
            if intersects || closed {
                match &mut whole {
                    Some(whole) => whole.intersect(&part),
                    None => whole = Some(part.clone()),
                }
                part = Class::default();
                continue;
            }
            first = false;
            match self.cursor.next() {
                None => return Err(self.cursor.unclosed(start, ']')),
                Some('[') => {
                    self.cursor.enter(at)?;
                    part.union(&self.class(at)?);
                    self.cursor.leave();
                }
                Some('\\') => {
                    let escaped = self.escaped_class(at)?;
                    match escaped.single() {
                        Some(only) => part.union(&self.range(only, at)?),
                        None => part.union(&escaped),
                    }
                }
                Some(c) => part.union(&self.range(c, at)?),
            }
        }
        let mut class = whole.unwrap_or(part);
        self.fold(&mut class);
        if negated {
            class.negate();
        }
        Ok(class)
    }

    /// `c` or `c-d`; a `-` before the end of the class is itself.
    fn range(&mut self, first: char, start: usize) -> Result<Class, PatternError> {
        let rest = self.cursor.rest();
        if !rest.starts_with('-') || rest.starts_with("-]") || rest.starts_with("-[") {
            return Ok(Class::of(first));
        }
        self.cursor.next();
        let last = match self.cursor.next() {
            Some('\\') => self.escaped_class(start)?.single(),
            last => last,
        };
        match last {
            Some(last) if first <= last => Ok(Class::new(&[(first, last)])),
            _ => Err(self
                .cursor
                .error(start, "a range goes from one character up to another")
                .with_help("a literal '-' is '\\-'")),
        }
    }

    /// Adds the other cases of each letter, where letters fold.
    fn fold(&self, class: &mut Class) {
        if !self.flags.insensitive {
            return;
        }
        let others = other_cases().into_iter().filter(|(letter, _)| class.contains(*letter));
        let folded: Vec<_> = others.map(|(_, other)| (other, other)).collect();
        class.union(&Class::new(&folded));
    }
}
