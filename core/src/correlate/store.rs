//! The events that correlation still needs, each kept once however many stages hold it; and the account of all bytes that are held.

use super::slab::Slab;
use crate::{
    state::{Reader, State, state},
    time::Timestamp,
};
use alloc::{boxed::Box, vec::Vec};

/// The number of a kept event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct EventId(u32);

impl EventId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// An event that a stage matched.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    /// The document, minified; or the audit records that it is made from once an alert tells of it.
    pub(crate) source: Box<str>,
    millis: i64,
    /// `NO_TIME` where the event does not say when it was.
    sub_nanos: u32,
    holders: u32,
}

/// In the place of nanoseconds, of which a millisecond has a million.
const NO_TIME: u32 = u32::MAX;

impl Kept {
    pub(crate) fn timestamp(&self) -> Option<Timestamp> {
        let timestamp = Timestamp { millis: self.millis, sub_nanos: self.sub_nanos };
        Some(timestamp).filter(|_| self.sub_nanos != NO_TIME)
    }
}

/// Kept events by number; a number is free again once nobody holds the event.
#[derive(Clone, Debug, Default)]
pub(crate) struct EventStore {
    events: Slab<Kept>,
    bytes: usize,
}

/// What an event costs beside its text: about; the same number on every host, so that every host drops the same.
const OVERHEAD: usize = 64;

/// What a join key costs beside its bytes: its place in the map of keys and in the list of deadlines.
const KEY_OVERHEAD: usize = 128;

impl EventStore {
    /// Keeps an event on behalf of one holder.
    pub(crate) fn keep(&mut self, timestamp: Option<Timestamp>, source: Box<str>) -> EventId {
        self.bytes = self.bytes.saturating_add(source.len()).saturating_add(OVERHEAD);
        let (millis, sub_nanos) = timestamp.map_or((0, NO_TIME), |time| (time.millis, time.sub_nanos));
        EventId(self.events.insert(Kept { source, millis, sub_nanos, holders: 1 }))
    }

    /// A rule knows one more join key.
    pub(crate) fn add_key(&mut self, key: &[u8]) {
        self.bytes = self.bytes.saturating_add(key.len()).saturating_add(KEY_OVERHEAD);
    }

    /// A rule has forgotten a join key.
    pub(crate) fn drop_key(&mut self, key: &[u8]) {
        self.bytes = self.bytes.saturating_sub(key.len()).saturating_sub(KEY_OVERHEAD);
    }

    /// One more holder.
    pub(crate) fn hold(&mut self, id: EventId) {
        if let Some(kept) = self.held(id) {
            kept.holders = kept.holders.saturating_add(1);
        }
    }

    /// One holder less; the last one frees the event.
    pub(crate) fn release(&mut self, id: EventId) {
        let Some(kept) = self.held(id) else { return };
        kept.holders = kept.holders.saturating_sub(1);
        if kept.holders == 0 {
            let source = core::mem::take(&mut kept.source);
            self.bytes = self.bytes.saturating_sub(source.len()).saturating_sub(OVERHEAD);
            self.events.free(id.0);
        }
    }

    pub(crate) fn release_all(&mut self, ids: impl IntoIterator<Item = EventId>) {
        ids.into_iter().for_each(|id| self.release(id));
    }

    pub(crate) fn get(&self, id: EventId) -> Option<&Kept> {
        self.events.get(id.0).filter(|kept| kept.holders > 0)
    }

    fn held(&mut self, id: EventId) -> Option<&mut Kept> {
        self.events.get_mut(id.0).filter(|kept| kept.holders > 0)
    }

    /// Puts another text in the place of the one that is kept, where there is one for it.
    pub(crate) fn rewrite(&mut self, id: EventId, mut write: impl FnMut(&str) -> Option<Box<str>>) {
        let Some(kept) = self.held(id) else { return };
        if let Some(source) = write(&kept.source) {
            let (new, old) = (source.len(), core::mem::replace(&mut kept.source, source).len());
            self.bytes = self.bytes.saturating_sub(old).saturating_add(new);
        }
    }

    /// Bytes held: the documents, the join keys, and what it takes to know them.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Events held.
    pub(crate) fn len(&self) -> usize {
        self.events.len()
    }
}

state!(Kept { source, millis, sub_nanos, holders });
state!(EventStore { events, bytes });

impl State for EventId {
    fn save(&self, out: &mut Vec<u8>) {
        self.0.save(out);
    }
    fn load(input: &mut Reader<'_>) -> Option<Self> {
        u32::load(input).map(EventId)
    }
}
