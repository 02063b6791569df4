//! `2023-11-14T22:13:20.200Z`: a time as Elastic writes it, in UTC, to the millisecond.

use alloc::string::String;
use core::fmt::Write as _;

use crate::Timestamp;

/// Adds the time to a text. Beyond the year 9999 it is the last millisecond of that year.
pub(super) fn write(time: Timestamp, out: &mut String) {
    let time = jiff::Timestamp::from_millisecond(time.millis).unwrap_or(jiff::Timestamp::MAX);
    let _ = write!(out, "{time:.3}");
}
