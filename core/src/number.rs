//! Reads numbers with a fraction. The standard library's reader brings ten kilobytes of powers of five, which do not pack; this one needs
//! none: most numbers are one exact product or quotient, and the rest is a long division, bit by bit.
//!
//! `1.25` are the digits 125 and two places: 125 / 10², both exact as floats, so one division rounds as it must.
//! `0.30000000000000004` are too many digits for that: 30000000000000004 / 10¹⁷ is divided as whole numbers of any length.

use alloc::{vec, vec::Vec};
use core::cmp::Ordering;

/// The number that a text spells, rounded to the nearest float and of two as near to the even one; what `str::parse` reads, and nothing
/// else.
pub(crate) fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    for (word, value) in [("inf", f64::INFINITY), ("infinity", f64::INFINITY), ("nan", f64::NAN)] {
        if unsigned.eq_ignore_ascii_case(word) {
            return Some(value.copysign(sign));
        }
    }
    let (number, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (unsigned.get(..at)?, exponent(unsigned.get(at.checked_add(1)?..)?)?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let numeric = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len().saturating_add(fraction.len()) == 0 || !numeric(whole) || !numeric(fraction) {
        return None;
    }
    let exponent = exponent.saturating_sub(fraction.len() as i64);
    Some(nearest(whole.bytes().chain(fraction.bytes()), exponent).copysign(sign))
}

/// The exponent; beyond what any float has it is only large.
fn exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let size = digits.parse().unwrap_or(i64::MAX).min(i64::MAX / 4);
    Some(if text.starts_with('-') { size.saturating_neg() } else { size })
}

/// The float nearest to these digits times a power of ten.
fn nearest(digits: impl Iterator<Item = u8>, mut exponent: i64) -> f64 {
    /// Any more digits decide at most between just above a middle and on it.
    const MOST: usize = 800;
    let mut kept: Vec<u8> = Vec::new();
    let mut more = false;
    for digit in digits.map(|digit| digit.saturating_sub(b'0')).skip_while(|digit| *digit == 0) {
        if kept.len() < MOST {
            kept.push(digit);
        } else {
            more |= digit != 0;
            exponent = exponent.saturating_add(1);
        }
    }
    if more {
        kept.push(1);
        exponent = exponent.saturating_sub(1);
    }
    // The value is below 10^size.
    let size = exponent.saturating_add(kept.len() as i64);
    if kept.is_empty() || size < -330 {
        return 0.0;
    }
    if size > 310 {
        return f64::INFINITY;
    }
    exact(&kept, exponent).unwrap_or_else(|| divided(&kept, exponent))
}

/// Digits and power of ten that are floats themselves: one operation, rounded once.
fn exact(digits: &[u8], exponent: i64) -> Option<f64> {
    if digits.len() > 15 || exponent.unsigned_abs() > 22 {
        return None;
    }
    let value = digits.iter().fold(0.0, |value, digit| value * 10.0 + f64::from(*digit));
    let power = (0..exponent.unsigned_abs()).fold(1.0, |power, _| power * 10.0);
    Some(if exponent < 0 { value / power } else { value * power })
}

/// The long way: the digits over the power of ten as whole numbers, divided one bit at a time.
fn divided(digits: &[u8], exponent: i64) -> f64 {
    /// The bits of a float, and the exponents of two of its highest bit.
    const BITS: i64 = 53;
    const LOWEST: i64 = -1022;
    const HIGHEST: i64 = 1023;
    /// As many digits as a part of a whole number has at least.
    const AT_ONCE: usize = 9;
    let (mut over, mut under) = (Whole(vec![0]), Whole(vec![1]));
    for some in digits.chunks(AT_ONCE) {
        let (mut power, mut value) = (1_u64, 0_u64);
        for digit in some {
            (power, value) = (power.saturating_mul(10), value.saturating_mul(10).saturating_add(u64::from(*digit)));
        }
        over.times_plus(power, value);
    }
    let scaled = if exponent < 0 { &mut under } else { &mut over };
    let mut left = exponent.unsigned_abs();
    while left >= AT_ONCE as u64 {
        scaled.times_plus(1_000_000_000, 0);
        left = left.saturating_sub(AT_ONCE as u64);
    }
    (0..left).for_each(|_| scaled.times_plus(10, 0));
    // Both as long as each other, then over is below twice under and not below it: the quotient's highest bit is 2^high.
    let mut high = over.bits().saturating_sub(under.bits());
    over.shift(high.saturating_neg());
    under.shift(high);
    if over.compare(&under) == Ordering::Less {
        over.shift(1);
        high = high.saturating_sub(1);
    }
    // Below the smallest normal float there is room for fewer bits.
    let room = BITS.saturating_sub(LOWEST.saturating_sub(high).max(0));
    if room < 0 {
        return 0.0;
    }
    let mut quotient = 0_u64;
    for _ in 0..room {
        quotient = quotient.saturating_mul(2);
        if over.compare(&under) != Ordering::Less {
            over.minus(&under);
            quotient = quotient.saturating_add(1);
        }
        over.shift(1);
    }
    // What is left is twice the rest, beside a half.
    let up = match over.compare(&under) {
        Ordering::Less => false,
        Ordering::Equal => quotient & 1 == 1,
        Ordering::Greater => true,
    };
    quotient = quotient.saturating_add(u64::from(up));
    if high > HIGHEST {
        return f64::INFINITY;
    }
    // As floats lie in memory: a carry out of the bits raises the exponent by itself, to infinity at last.
    let raised = high.saturating_sub(LOWEST).max(0).unsigned_abs();
    f64::from_bits((raised << 52).saturating_add(quotient))
}

/// A whole number of any length, its lowest 32 bits first.
struct Whole(Vec<u32>);

impl Whole {
    fn times_plus(&mut self, factor: u64, mut carry: u64) {
        for part in &mut self.0 {
            carry = u64::from(*part).saturating_mul(factor).saturating_add(carry);
            *part = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    /// Times two to the power of so many; fewer than one changes nothing.
    fn shift(&mut self, mut bits: i64) {
        while bits > 0 {
            let step = bits.min(31);
            self.times_plus(1 << step, 0);
            bits = bits.saturating_sub(step);
        }
    }

    /// Takes away what is not more.
    fn minus(&mut self, other: &Whole) {
        let mut borrowed = false;
        for (place, part) in self.0.iter_mut().enumerate() {
            let (less, first) = part.overflowing_sub(other.part(place));
            let (less, second) = less.overflowing_sub(u32::from(borrowed));
            *part = less;
            borrowed = first || second;
        }
    }

    fn compare(&self, other: &Whole) -> Ordering {
        let longer = self.0.len().max(other.0.len());
        let parts = (0..longer).rev().map(|place| self.part(place).cmp(&other.part(place)));
        parts.fold(Ordering::Equal, Ordering::then)
    }

    fn part(&self, place: usize) -> u32 {
        self.0.get(place).copied().unwrap_or(0)
    }

    /// How many bits it has.
    fn bits(&self) -> i64 {
        let used = self.0.iter().rposition(|part| *part != 0).unwrap_or(0);
        let top = 32_i64.saturating_sub(i64::from(self.part(used).leading_zeros()));
        (used as i64).saturating_mul(32).saturating_add(top)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    fn same(text: &str) {
        let library: Option<f64> = text.parse().ok();
        assert_eq!(float(text).map(f64::to_bits), library.map(f64::to_bits), "{text}");
    }

    #[test]
    fn it_reads_what_the_standard_library_reads() {
        let words = "0 -0 +1 1. .5 . - + e e5 1e 1e+ 1e-5 1E+05 -1.5e3 inf -Inf INFINITY nan -NaN infin 1_0 0x1 1.2.3 1e5.0 --1 1e5e5 1-2 00012.500";
        words.split(' ').chain(["", " 1", "1 ", "é", "1é"]).for_each(same);
    }

    #[test]
    fn hard_numbers_are_rounded_as_the_standard_library_does() {
        let (nines, zeros) = ("9".repeat(900), "0".repeat(900));
        let middle = format!("{}", 2.0_f64.powi(-1074));
        let hard = [
            "9007199254740993",
            "9007199254740992.99",
            "9007199254740993.0000000000000000000000000001",
            "0.30000000000000004",
            "1.7976931348623157e308",
            "1.7976931348623158e308",
            "1.7976931348623159e308",
            "1.8e308",
            "1e309",
            "1e400",
            "1e99999999999999999999",
            "2.2250738585072014e-308",
            "2.2250738585072011e-308",
            "2.225073858507201e-308",
            "4.9e-324",
            "2.5e-324",
            "2.4703282292062327e-324",
            "2.4703282292062328e-324",
            "1e-324",
            "1e-400",
            "1e-99999999999999999999",
            "0e99999999999999999999",
            "1e22",
            "1e23",
            "8.5e22",
            "123456789012345678901234567890",
            "1700000000.123456789",
            "6.02214076e23",
        ];
        hard.into_iter().for_each(same);
        for text in [
            format!("0.{nines}"),
            format!("0.{zeros}1e900"),
            format!("1{zeros}e-900"),
            format!("1{zeros}1e-901"),
            middle,
        ] {
            same(&text);
        }
        // The exact middle of two floats, and just beside it: an odd number of 54 bits, and more zeros behind them than a float cares for.
        for odd in [0x20_0000_0000_0001_u128, 0x20_0000_0000_0003, 0x3f_ffff_ffff_ffff] {
            for zeros in 0..70 {
                let middle = odd << zeros;
                [middle - 1, middle, middle + 1].iter().for_each(|whole| same(&format!("{whole}")));
                same(&format!("{middle}.{}1", "0".repeat(900)));
            }
        }
    }

    #[test]
    fn any_float_reads_back() {
        let mut seed = 1_u64;
        for round in 0..20_000_u64 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let value = f64::from_bits(seed);
            same(&format!("{value:e}"));
            same(&format!("{:.1$e}", value, (round % 30) as usize));
            let (digits, places) = (seed >> (round % 50), (round % 40) as i64 - 20);
            same(&format!("{digits}e{places}"));
        }
    }
}
