//! Java's spelling of numbers, which `string()` and `concat()` show: `2.0`, `1.0E10`, `1.0E-5`.

use crate::{number::float, object::shortest};
use alloc::{format, string::String};

/// `Double.toString`: the shortest digits that read back the same; plain between 0.001 and 10 million, scientific outside; of two as
/// near the even one.
pub(super) fn double(value: f64) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.into();
    }
    let text = shortest(value);
    if value == 0.0 || (1e-3..1e7).contains(&value.abs()) {
        return text;
    }
    // `12345678.5`, `0.00012` and `1e-7` become `1.23456785E7`, `1.2E-4` and `1.0E-7`.
    let (sign, text) = text.strip_prefix('-').map_or(("", &*text), |text| ("-", text));
    let (number, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0');
    let zeros = all.len().saturating_sub(digits.len());
    let places = (whole.len() as i64).saturating_sub(zeros as i64).saturating_sub(1);
    let exponent = exponent.parse().unwrap_or(0_i64).saturating_add(places);
    let (first, rest) = digits.trim_end_matches('0').split_at_checked(1).unwrap_or(("0", ""));
    format!("{sign}{first}.{}E{exponent}", if rest.is_empty() { "0" } else { rest })
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
    if numeric { float(plain) } else { None }
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
            (1_888_570_120_608_320.2, "1.8885701206083202E15"),
        ];
        for (value, expected) in cases {
            assert_eq!(double(value), expected);
        }
    }

    #[test]
    fn any_double_is_as_short_as_that_of_the_standard_library() {
        let mut seed = 1_u64;
        for _ in 0..20_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let value = f64::from_bits(seed);
            if value.is_finite() && !(1e-3..1e7).contains(&value.abs()) {
                let (text, library) = (double(value), format!("{value:e}"));
                let digits = library.split('e').next().unwrap();
                let fraction = if digits.contains('.') { 0 } else { 2 };
                assert_eq!(parse_double(&text), Some(value));
                // Of two as short and as near Java takes the even one, Rust the upper one.
                assert_eq!(text.split('E').next().unwrap().len(), digits.len() + fraction, "{text} {library}");
            }
            let nearby = (seed >> 20) as f64 / 65_536.0;
            assert_eq!(parse_double(&double(nearby)), Some(nearby));
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
