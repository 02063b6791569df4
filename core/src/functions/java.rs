//! Java's spelling of numbers, which `string()` and `concat()` show: `2.0`, `1.0E10`, `1.0E-5`.

use alloc::{format, string::String};

/// `Double.toString`: the shortest digits that read back the same; plain between 0.001 and 10 million, scientific outside.
pub(super) fn double(value: f64) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.into();
    }
    let size = value.abs();
    if value == 0.0 || (1e-3..1e7).contains(&size) {
        return format!("{value:?}");
    }
    // Rust gives `1e10` and `1.5e-5`; Java wants a fraction and a capital E.
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let fraction = if digits.contains('.') { "" } else { ".0" };
    format!("{digits}{fraction}E{exponent}")
}

/// `Double.valueOf`: surrounding blanks, a type suffix and the words `NaN` and `Infinity` are allowed; other spellings of them are not.
pub(super) fn parse_double(text: &str) -> Option<f64> {
    let text = text.trim_matches(|c: char| c <= ' ');
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    match unsigned {
        "NaN" => return Some(f64::NAN),
        "Infinity" => return Some(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY }),
        _ => {}
    }
    let plain = text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text);
    let numeric = plain.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
    if numeric { plain.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_spelled_as_java_does() {
        let cases = [
            (2.0, "2.0"),
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (2.1828, "2.1828"),
            (1e10, "1.0E10"),
            (1e-5, "1.0E-5"),
            (1.5e-5, "1.5E-5"),
            (0.001, "0.001"),
            (9_999_999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (-123_456_789.5, "-1.234567895E8"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
            (f64::MAX, "1.7976931348623157E308"),
        ];
        for (value, expected) in cases {
            assert_eq!(double(value), expected);
        }
    }

    #[test]
    fn doubles_are_read_as_java_does() {
        assert_eq!(parse_double(" 1e3 "), Some(1000.0));
        assert_eq!(parse_double("1.5f"), Some(1.5));
        assert_eq!(parse_double("-Infinity"), Some(f64::NEG_INFINITY));
        for bad in ["", "inf", "nan", "infinity", "1_000", "0x1", "d", "--1", "1 2"] {
            assert_eq!(parse_double(bad), None, "{bad}");
        }
    }
}
