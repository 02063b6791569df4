//! Events: a document is read once, and only the fields that the rules name are kept.
//!
//! [`FieldTable`] says which fields those are, a [`Reader`] reads documents into [`Slots`], an [`EventView`] is what the rules see, and
//! [`Splitter`] cuts a stream of chunks into documents.

mod bulk;
pub mod json;
mod key;
mod members;
mod patience;
mod reader;
mod repeats;
mod scan;
mod split;
mod step;
mod table;
mod value;
mod view;

pub use bulk::BulkLines;
pub use key::KeyValue;
pub(crate) use key::{KeyField, in_order, key_of, keys, order as key_order, values as key_values};
pub(crate) use patience::Patience;
pub use reader::Reader;
pub(crate) use scan::{VECTORS, line_end};
pub use split::{Format, Item, Place, Splitter};
pub use table::{FieldId, FieldTable};
pub(crate) use table::{hash as field_hash, same};
pub use value::Value;
pub use view::{EventView, Slots, Values};
