//! Lengths of time as rules write them: `5m`, `now-9m`.

use alloc::{format, string::String};

/// Milliseconds of a length such as `5m` or `300s`, or of a look-back such as `now-9m` (540,000) or `now-1d-6m`; `now` alone is 0.
///
/// Units are Elasticsearch's: `ms s m h H d w M y`, a month as 30 days and a year as 365. Rounding (`now-1d/d`) may reach back by
/// up to one more unit, which is added. `None` for anything else, and for what does not fit.
///
/// ```
/// use eqlite_core::time::parse_duration;
/// assert_eq!(parse_duration("now-9m"), Some(540_000));
/// assert_eq!(parse_duration("5m"), Some(300_000));
/// assert_eq!(parse_duration("9"), None);
/// ```
pub fn parse_duration(text: &str) -> Option<u64> {
    let text = text.trim();
    let Some(mut rest) = text.strip_prefix("now") else {
        let (length, rest) = length(text)?;
        return rest.is_empty().then_some(length);
    };
    let mut total = 0_u64;
    while !rest.is_empty() {
        if let Some(rounding) = rest.strip_prefix('/') {
            return total.checked_add(unit_millis(rounding)?);
        }
        let (more, after) = length(rest.strip_prefix('-')?)?;
        total = total.checked_add(more)?;
        rest = after;
    }
    Some(total)
}

/// The length at the start of the text, and what follows it.
fn length(text: &str) -> Option<(u64, &str)> {
    let digits_end = text.find(|c: char| !c.is_ascii_digit())?;
    let (digits, rest) = text.split_at_checked(digits_end)?;
    let unit_end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (unit, rest) = rest.split_at_checked(unit_end)?;
    let length = digits.parse::<u64>().ok()?.checked_mul(unit_millis(unit)?)?;
    Some((length, rest))
}

fn unit_millis(unit: &str) -> Option<u64> {
    const DAY: u64 = 86_400_000;
    Some(match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" | "H" => 3_600_000,
        "d" => DAY,
        "w" => 7 * DAY,
        "M" => 30 * DAY,
        "y" => 365 * DAY,
        _ => return None,
    })
}

/// A length of time for a person: 430,000 ms is `7m10s`, 1,500 ms is `1.5s`.
pub(crate) fn duration_text(millis: u64) -> String {
    let mut rest = millis;
    let mut out = String::new();
    for (unit, name) in [(86_400_000_u64, "d"), (3_600_000, "h"), (60_000, "m")] {
        let count = rest.checked_div(unit).unwrap_or(0);
        rest = rest.checked_rem(unit).unwrap_or(0);
        if count > 0 {
            out.push_str(&format!("{count}{name}"));
        }
    }
    let (seconds, below) = (rest / 1_000, rest % 1_000);
    match (seconds, below) {
        (0, 0) if !out.is_empty() => {}
        (0, below @ 1..) if out.is_empty() => out.push_str(&format!("{below}ms")),
        (seconds, 0) => out.push_str(&format!("{seconds}s")),
        (seconds, below) => out.push_str(format!("{seconds}.{below:03}").trim_end_matches('0')),
    }
    if below > 0 && !out.ends_with("ms") {
        out.push('s');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::parse_duration;

    #[test]
    fn lengths() {
        for (text, expected) in [
            ("now", Some(0)),
            ("now-30s", Some(30_000)),
            ("now-1d-6m", Some(86_760_000)),
            ("now-1d/d", Some(172_800_000)),
            ("250ms", Some(250)),
            ("2w", Some(1_209_600_000)),
            ("", None),
            ("m", None),
            ("5 m", None),
            ("-5m", None),
            ("now+5m", None),
            ("5m5", None),
            ("99999999999999999999d", None),
            ("18446744073709551615d", None),
        ] {
            assert_eq!(parse_duration(text), expected, "{text}");
        }
    }

    #[test]
    fn lengths_are_told_in_words() {
        let told = [0, 250, 1_000, 1_500, 11_050, 60_000, 60_250, 430_000, 90_061_000].map(super::duration_text);
        assert_eq!(told, ["0s", "250ms", "1s", "1.5s", "11.05s", "1m", "1m0.25s", "7m10s", "1d1h1m1s"]);
    }
}
