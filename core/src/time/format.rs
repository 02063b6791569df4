//! The `format` of a date field: `strict_date_optional_time||epoch_millis`, `yyyy-MM-dd HH:mm:ss||epoch_second`.
//!
//! Alternatives are tried in order; the first one writes.

use super::{Timestamp, iso, java_pattern::JavaPattern, parse_epoch};
use alloc::{
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};

/// How the dates of a field are written.
///
/// ```
/// use eqlite_core::{Timestamp, time::DateFormat};
/// let format = DateFormat::parse("dd.MM.yyyy HH:mm||epoch_second").unwrap();
/// assert_eq!(format.parse_date("24.11.2026 02:33").unwrap(), Timestamp::from_millis(1_795_487_580_000));
/// assert_eq!(format.parse_date("1795487580").unwrap(), Timestamp::from_millis(1_795_487_580_000));
/// assert_eq!(format.format(Timestamp::from_millis(0)), "01.01.1970 00:00");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct DateFormat {
    alternatives: Vec<Alternative>,
}

#[derive(Clone, Debug, PartialEq)]
enum Alternative {
    OptionalTime { strict: bool },
    Epoch { digits: u32 },
    Pattern(JavaPattern),
}

impl Default for DateFormat {
    /// Elasticsearch's: `strict_date_optional_time||epoch_millis`.
    fn default() -> Self {
        DateFormat { alternatives: vec![Alternative::OptionalTime { strict: true }, Alternative::Epoch { digits: 3 }] }
    }
}

impl DateFormat {
    /// Reads a format string of a mapping: names of built-in formats or Java patterns, with `||` between alternatives.
    ///
    /// # Errors
    /// What is not understood, in one sentence.
    pub fn parse(format: &str) -> Result<DateFormat, String> {
        let alternatives: Result<Vec<_>, _> = format.split("||").map(|one| alternative(one.trim())).collect();
        Ok(DateFormat { alternatives: alternatives? })
    }

    /// The instant that the text means; parts that are left out are at their lowest.
    pub fn parse_date(&self, text: &str) -> Option<Timestamp> {
        self.parse_ends(text).map(|(first, _)| first)
    }

    /// The first and the last instant that the text may mean.
    pub(super) fn parse_ends(&self, text: &str) -> Option<(Timestamp, Timestamp)> {
        self.alternatives.iter().find_map(|alternative| match alternative {
            Alternative::OptionalTime { strict } => iso::parse(text, *strict).map(|date| (date.start(), date.end())),
            Alternative::Epoch { digits } => {
                parse_epoch(text, *digits).map(|(time, exact)| (time, epoch_end(time, exact, *digits)))
            }
            Alternative::Pattern(pattern) => pattern.parse(text).map(|date| (date.start(), date.end())),
        })
    }

    /// The instant as the first alternative writes it.
    pub fn format(&self, time: Timestamp) -> String {
        match self.alternatives.first() {
            None | Some(Alternative::OptionalTime { .. }) => time.to_iso(),
            Some(Alternative::Epoch { digits: 0 }) => time.millis.div_euclid(1000).to_string(),
            Some(Alternative::Epoch { .. }) => match time.sub_nanos {
                0 => time.millis.to_string(),
                nanos => format!("{}.{}", time.millis, format!("{nanos:06}").trim_end_matches('0')),
            },
            Some(Alternative::Pattern(pattern)) => pattern.format(time),
        }
    }
}

/// A count without a fraction means its whole millisecond or second, one with a fraction only itself.
fn epoch_end(time: Timestamp, exact: bool, digits: u32) -> Timestamp {
    match (exact, digits) {
        (true, _) => time,
        (false, 0) => Timestamp { millis: time.millis.saturating_add(999), sub_nanos: 999_999 },
        (false, _) => Timestamp { sub_nanos: 999_999, ..time },
    }
}

fn alternative(format: &str) -> Result<Alternative, String> {
    // `strict_` only forbids fewer digits, and the patterns here want them all anyway.
    let pattern = match format.strip_prefix("strict_").unwrap_or(format) {
        "date_optional_time" | "date_optional_time_nanos" => {
            return Ok(Alternative::OptionalTime { strict: format.starts_with("strict_") });
        }
        "iso8601" => return Ok(Alternative::OptionalTime { strict: true }),
        "epoch_millis" => return Ok(Alternative::Epoch { digits: 3 }),
        "epoch_second" => return Ok(Alternative::Epoch { digits: 0 }),
        "basic_date" => "yyyyMMdd",
        "basic_date_time" => "yyyyMMdd'T'HHmmss.SSSX",
        "basic_date_time_no_millis" => "yyyyMMdd'T'HHmmssX",
        "date" | "year_month_day" => "yyyy-MM-dd",
        "year_month" => "yyyy-MM",
        "year" => "yyyy",
        "date_hour" => "yyyy-MM-dd'T'HH",
        "date_hour_minute" => "yyyy-MM-dd'T'HH:mm",
        "date_hour_minute_second" => "yyyy-MM-dd'T'HH:mm:ss",
        "date_hour_minute_second_millis" | "date_hour_minute_second_fraction" => "yyyy-MM-dd'T'HH:mm:ss.SSS",
        "date_time" => "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
        "date_time_no_millis" => "yyyy-MM-dd'T'HH:mm:ssXXX",
        _ => format,
    };
    if pattern == format && format.contains('_') {
        return Err(format!("the date format '{format}' is not known"));
    }
    JavaPattern::compile(pattern).map(Alternative::Pattern)
}
