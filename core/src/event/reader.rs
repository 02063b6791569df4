//! Reads the documents of a stream: finds the values of wanted fields, checks everything else, and builds nothing.
//!
//! ```text
//! {"agent":{"id":"x","build":[1,{"n":2}]},"process":{"pid":7}}     wanted: process.pid
//!                                                         ^ this place is kept, until somebody asks for the value
//! ```
//! It goes from member to member. How members are written is [remembered](super::members): most have been seen, and are told by one comparison.
//! The others are read token by token.

use super::{
    FieldId, FieldTable, Slots,
    json::{self, Result},
    members::{Kind, Link, Member, MemberId, Members},
    scan, step,
    table::NodeId,
};
use alloc::{boxed::Box, string::String, sync::Arc, vec::Vec};

/// Reads documents, one after the other, for the fields of one table.
///
/// ```
/// use eqlite_core::event::{FieldTable, Reader, Slots, Value};
///
/// let mut table = FieldTable::default();
/// let pid = table.intern("process.pid");
/// let (mut reader, mut slots) = (Reader::new(table.into(), 64), Slots::default());
/// for (document, expected) in [(r#"{"process":{"pid":7}}"#, 7), (r#"{"process":{"pid":12}}"#, 12)] {
///     reader.read(document)?;
///     reader.fill(document, &mut slots);
///     assert_eq!(slots.view(document).first(pid), Some(Value::Int(expected)));
/// }
/// # Ok::<(), eqlite_core::event::json::JsonError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Reader {
    table: Arc<FieldTable>,
    /// By field: whether it is a scout. Empty where there are none.
    scouts: Vec<bool>,
    /// How deep documents may nest.
    depth: usize,
    members: Members,
    found: Found,
}

impl Reader {
    /// For the fields of a table; documents may nest `depth` deep.
    pub fn new(table: Arc<FieldTable>, depth: usize) -> Self {
        Reader { table, scouts: Vec::new(), depth, members: Members::default(), found: Found::default() }
    }

    /// The same; the fields of this table are scouts.
    pub(crate) fn with_scouts(mut self, scouts: &FieldTable) -> Self {
        self.scouts = self.table.ids().map(|id| scouts.get(self.table.path(id)).is_some()).collect();
        self
    }

    /// Reads a JSON object.
    ///
    /// # Errors
    /// Where it is not one.
    pub fn read(&mut self, document: &str) -> Result<()> {
        self.members.make_room();
        self.found.read(document.as_bytes(), &self.table, &mut self.members, self.depth)
    }

    /// Reads the object that stands alone on the line with which `bytes` begin, so that nobody need look for the line's end first: how long it is,
    /// and how long the line, its end included. `None` where that is not what stands there, or more bytes are needed to say so. Strings may be no UTF-8.
    #[inline]
    pub(crate) fn read_line(&mut self, bytes: &[u8]) -> Option<(usize, usize)> {
        self.members.make_room();
        let end = self.found.begin(bytes, &self.table, &mut self.members, self.depth).ok()?;
        let line = match bytes.get(end..)? {
            [b'\n', ..] => end.checked_add(1)?,
            [b'\r', b'\n', ..] => end.checked_add(2)?,
            _ => return None,
        };
        let whole = !self.found.blanks || scan::line_end(bytes.get(..end)?).is_none();
        whole.then_some((end, line))
    }

    /// Puts all values of the document last read into their slots.
    pub fn fill(&self, document: &str, slots: &mut Slots) {
        slots.clear(self.table.len());
        self.found.wanted().iter().for_each(|wanted| wanted.fill(document, slots));
    }

    /// Puts only those of the scouts there.
    pub(crate) fn fill_scouts(&self, document: &str, slots: &mut Slots) {
        slots.clear(self.table.len());
        let is_scout = |field: usize| self.scouts.get(field).copied().unwrap_or(false);
        let wanted = self.found.wanted().iter().filter(|wanted| is_scout(wanted.field.index()));
        wanted.for_each(|wanted| wanted.fill(document, slots));
    }

    /// The document last read, without the blanks between its tokens.
    pub(crate) fn kept(&self, document: &str) -> Box<str> {
        if self.found.blanks { json::minify(document).into() } else { document.into() }
    }
}

/// What a document was found to hold; reused from document to document.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// As many as are counted; the rest is room.
    wanted: Vec<Wanted>,
    count: usize,
    /// What is open around the object or array that we are in.
    around: Vec<Container>,
    /// Whether there were blanks between tokens, in this document or an earlier one.
    blanks: bool,
}

/// A value of a field that somebody wants: where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    field: FieldId,
    start: u32,
    end: u32,
    kind: WantedKind,
}

#[derive(Clone, Copy, Debug)]
enum WantedKind {
    /// The content of a string.
    Text,
    /// With escapes.
    Escaped,
    /// A number, `true`, `false` or `null`.
    Scalar,
}

impl Wanted {
    #[inline(always)]
    fn new(field: Option<FieldId>, start: usize, end: usize, kind: WantedKind) -> Self {
        Wanted { field: field.unwrap_or(FieldId::FIRST), start: start as u32, end: end as u32, kind }
    }

    /// The same value, so many bytes further on.
    #[inline(always)]
    pub(super) fn moved(self, by: usize) -> Self {
        let by = by as u32;
        Wanted { start: self.start.wrapping_add(by), end: self.end.wrapping_add(by), ..self }
    }

    /// Puts the value into its slot.
    #[inline(always)]
    pub(super) fn fill(self, document: &str, slots: &mut Slots) {
        let (start, end) = (self.start as usize, self.end as usize);
        match self.kind {
            WantedKind::Text => slots.push_range(self.field, start, end),
            WantedKind::Escaped => {
                let raw = document.get(start..end).unwrap_or("");
                slots.push_decoded(self.field, |out| json::unescape(raw, out));
            }
            WantedKind::Scalar => json::scalar(document.get(start..end).unwrap_or(""), self.field, slots),
        }
    }
}

/// An object or an array.
#[derive(Clone, Copy, Debug)]
struct Container {
    /// The member whose value it is, or is in.
    id: MemberId,
    member: Member,
    /// Where it begins with the key of which it is the value, if it is one; and how many wanted values there were before it.
    start: u32,
    wanted: u32,
}

impl Container {
    #[inline(always)]
    fn is_object(&self) -> bool {
        self.member.kind == Kind::Object
    }

    #[inline(always)]
    fn end(&self) -> u8 {
        if self.is_object() { b'}' } else { b']' }
    }
}

impl Found {
    /// Reads an object, and nothing else. `depth` is how deep it may nest.
    pub(super) fn read(
        &mut self,
        document: &[u8],
        table: &FieldTable,
        members: &mut Members,
        depth: usize,
    ) -> Result<()> {
        let end = self.begin(document, table, members, depth)?;
        let end = self.blank(document, end);
        if end < document.len() { step::fail(document, end, "the end of the document") } else { Ok(()) }
    }

    /// Reads the object with which `bytes` begin: the place behind it.
    fn begin(&mut self, bytes: &[u8], table: &FieldTable, members: &mut Members, depth: usize) -> Result<usize> {
        self.count = 0;
        self.around.clear();
        let mut at = self.blank(bytes, 0);
        if step::peek(bytes, at) != b'{' || u32::try_from(bytes.len()).is_err() {
            return step::fail(bytes, at, "an object");
        }
        // What surrounds the document is an array of which it is the only element.
        let member = Member { kind: Kind::Array, node: Some(NodeId::ROOT), field: None };
        let mut within = Container { id: MemberId::DOCUMENT, member, start: 0, wanted: 0 };
        let mut link = MemberId::DOCUMENT.within();
        loop {
            let start = at;
            let (id, member);
            if within.is_object() {
                if let Some(found) = members.expected(link, bytes, at) {
                    (id, member, at) = found;
                } else {
                    (id, member, at) = match members.search(within.id, link, bytes, at) {
                        Some(found) => found,
                        None => {
                            at = self.blank(bytes, at);
                            if at != start {
                                continue;
                            }
                            self.unknown(bytes, at, table, members, &within, link)?
                        }
                    };
                }
                link = id.after();
            } else {
                at = self.blank(bytes, at);
                id = within.id;
                member = Member { kind: Kind::of(step::peek(bytes, at)), ..within.member };
                at = at.wrapping_add(usize::from(member.kind != Kind::Scalar));
            }
            let field = member.field;
            match member.kind {
                Kind::Text => {
                    let (end, escaped) = step::string(bytes, at)?;
                    let kind = if escaped { WantedKind::Escaped } else { WantedKind::Text };
                    self.want(field.is_some(), Wanted::new(field, at, end, kind));
                    at = end.wrapping_add(1);
                }
                Kind::Scalar => {
                    let (end, _) = step::scalar(bytes, at)?;
                    self.want(field.is_some(), Wanted::new(field, at, end, WantedKind::Scalar));
                    at = end;
                }
                Kind::Object | Kind::Array => {
                    if self.around.len() >= depth {
                        return step::fail(bytes, at.wrapping_sub(1), "less nesting");
                    }
                    let depth = self.around.len();
                    let repeat = if within.is_object() { members.repeat(id, depth, bytes, start) } else { None };
                    if let Some((behind, wanted)) = repeat {
                        wanted.iter().for_each(|one| self.want(true, one.moved(start)));
                        at = behind;
                    } else {
                        let wanted = self.count as u32;
                        self.around.push(within);
                        within = Container { id, member, start: start as u32, wanted };
                        link = id.within();
                        at = self.blank(bytes, at);
                        if step::peek(bytes, at) != within.end() {
                            continue;
                        }
                    }
                }
            }
            // A value has ended, and with it perhaps what it stands in.
            while bytes.get(at) != Some(&b',') {
                at = self.blank(bytes, at);
                let mark = step::peek(bytes, at);
                if mark == b',' {
                    break;
                }
                if mark != within.end() {
                    return step::fail(bytes, at, if within.is_object() { "',' or '}'" } else { "',' or ']'" });
                }
                at = at.wrapping_add(1);
                let Some(around) = self.around.pop() else { return Ok(at) };
                if around.is_object() {
                    let (start, wanted) = (within.start as usize, within.wanted as usize);
                    let text = bytes.get(start..at).unwrap_or(&[]);
                    let wanted = self.wanted.get(wanted..self.count).unwrap_or(&[]);
                    members.learn_value(within.id, self.around.len(), text, wanted, start);
                }
                link = within.id.after();
                within = around;
                if self.around.is_empty() {
                    return Ok(at);
                }
            }
            at = at.wrapping_add(1);
        }
    }

    /// The values of fields that somebody wants.
    pub(super) fn wanted(&self) -> &[Wanted] {
        self.wanted.get(..self.count).unwrap_or(&[])
    }

    /// Notes a value, if it is wanted. Whether it is cannot be foreseen, so it is noted first.
    #[inline(always)]
    fn want(&mut self, is_wanted: bool, value: Wanted) {
        match self.wanted.get_mut(self.count) {
            Some(free) => *free = value,
            None => self.make_room(value),
        }
        self.count = self.count.wrapping_add(usize::from(is_wanted));
    }

    #[cold]
    fn make_room(&mut self, value: Wanted) {
        self.wanted.resize(self.wanted.len().saturating_mul(2).max(16), value);
    }

    /// The next place that is no blank. Documents of one line seldom have any.
    #[inline(always)]
    fn blank(&mut self, bytes: &[u8], at: usize) -> usize {
        if step::peek(bytes, at) > b' ' { at } else { self.blanks(bytes, at) }
    }

    #[cold]
    fn blanks(&mut self, bytes: &[u8], at: usize) -> usize {
        let next = step::blank(bytes, at);
        self.blanks |= next != at;
        next
    }

    /// A member that is not known by its text, from the quote of its key; and the place of its value, behind what opens it.
    #[inline(never)]
    fn unknown(
        &mut self,
        bytes: &[u8],
        at: usize,
        table: &FieldTable,
        members: &mut Members,
        within: &Container,
        link: Link,
    ) -> Result<(MemberId, Member, usize)> {
        let (start, end, escaped, after) = step::key(bytes, at)?;
        let written = bytes.get(start..end).unwrap_or(&[]);
        let node = match within.member.node {
            Some(node) if escaped => {
                let mut key = String::new();
                json::unescape(str::from_utf8(written).unwrap_or(""), &mut key);
                table.descend(node, key.as_bytes())
            }
            Some(node) => table.descend(node, written),
            None => None,
        };
        let value = step::blank(bytes, after);
        self.blanks |= value != end.wrapping_add(2);
        let kind = Kind::of(step::peek(bytes, value));
        let behind = value.wrapping_add(usize::from(kind != Kind::Scalar));
        let member = Member { kind, node, field: node.and_then(|node| table.field(node)) };
        let id = members.learn(within.id, link, bytes.get(at..behind).unwrap_or(&[]), member);
        Ok((id, member, behind))
    }
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
