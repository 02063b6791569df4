//! Event time. There is no clock in this crate: time comes with the events.

mod duration;

pub use duration::parse_duration;

/// A point of event time: milliseconds since 1970-01-01T00:00:00Z and the nanoseconds within that millisecond.
///
/// Two numbers, since Elasticsearch's `date` reaches far beyond what 64-bit nanoseconds hold, while `date_nanos` needs them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// Whole milliseconds since the epoch, rounded toward the past.
    pub millis: i64,
    /// Nanoseconds within the millisecond, 0..=999_999.
    pub sub_nanos: u32,
}

impl Timestamp {
    /// Milliseconds since the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Timestamp { millis, sub_nanos: 0 }
    }

    /// Nanoseconds since the epoch.
    pub const fn as_nanos(self) -> i128 {
        (self.millis as i128).wrapping_mul(1_000_000).wrapping_add(self.sub_nanos as i128)
    }

    /// TEMP
    pub fn parse(text: &str) -> Option<Timestamp> {
        let t: jiff::Timestamp = text.parse().ok()?;
        Some(Timestamp { millis: t.as_millisecond(), sub_nanos: 0 })
    }
    /// TEMP
    pub fn to_iso(self) -> alloc::string::String {
        jiff::Timestamp::from_millisecond(self.millis).map(|t| alloc::format!("{t:.3}")).unwrap_or_default()
    }
}

/// As ISO 8601 text.
impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_iso())
    }
}
