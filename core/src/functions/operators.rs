//! Arithmetic and comparison of scalars, with Java's numbers: whole numbers stay whole (`7 / 3` is 2), a double makes all double.
//!
//! Elasticsearch keeps literals below 2^31 in 32 bits while they are folded; here whole numbers have 64 bits everywhere, which differs
//! only where 32 bits would overflow (an error there, the right number here).

use super::{EvalError, EvalErrorKind, Scalar};
use crate::eql::ast::{ArithmeticOp, CompareOp};
use alloc::format;
use core::{cmp::Ordering, fmt::Display};

/// `a op b`; null where either is null.
///
/// # Errors
/// Overflow of whole numbers (64 bits with a sign, or without one where one of them is larger than that), whole numbers divided by zero (doubles give an infinity or NaN, as in Java), operands that are no numbers.
pub fn arithmetic<'a>(op: ArithmeticOp, a: &Scalar<'_>, b: &Scalar<'_>) -> Result<Scalar<'a>, EvalError> {
    match (a, b) {
        (Scalar::Null, _) | (_, Scalar::Null) => Ok(Scalar::Null),
        (&Scalar::Int(a), &Scalar::Int(b)) => whole(op, a, b).map(Scalar::Int),
        _ if let (Some(a), Some(b)) = (unsigned(a), unsigned(b)) => large(op, a, b).map(Scalar::whole),
        _ => Ok(Scalar::Float(double(op, number(a)?, number(b)?))),
    }
}

/// `-a`; null for null.
///
/// # Errors
/// The smallest whole number has no opposite; operands that are no numbers.
pub fn negate<'a>(a: &Scalar<'_>) -> Result<Scalar<'a>, EvalError> {
    match *a {
        Scalar::Null => Ok(Scalar::Null),
        Scalar::Int(a) => match a.checked_neg() {
            Some(negative) => Ok(Scalar::Int(negative)),
            None => Err(EvalError::new(EvalErrorKind::Overflow, format!("-({a}) does not fit 64 bits"))),
        },
        // The smallest whole number, as it is written.
        Scalar::Unsigned(a) if a == i64::MIN.unsigned_abs() => Ok(Scalar::Int(i64::MIN)),
        _ => number(a).map(|a| Scalar::Float(-a)),
    }
}

/// `a op b`: null (`None`) where either is null or the types have no common order (`1 == "1"`).
pub fn compare(op: CompareOp, a: &Scalar<'_>, b: &Scalar<'_>) -> Option<bool> {
    let order = order(a, b)?;
    Some(match op {
        CompareOp::Eq => order.is_eq(),
        CompareOp::Ne => order.is_ne(),
        CompareOp::Lt => order.is_lt(),
        CompareOp::Le => order.is_le(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::Ge => order.is_ge(),
    })
}

/// The order of two scalars: numbers by value (an int and a double exactly), text by UTF-16 code units, false before true.
pub fn order(a: &Scalar<'_>, b: &Scalar<'_>) -> Option<Ordering> {
    match (a, b) {
        (Scalar::Bool(a), Scalar::Bool(b)) => Some(a.cmp(b)),
        (Scalar::Text(a), Scalar::Text(b)) => Some(order_utf16(a, b)),
        (Scalar::Int(a), Scalar::Int(b)) => Some(a.cmp(b)),
        (Scalar::Float(a), Scalar::Float(b)) => Some(order_double(*a, *b)),
        (Scalar::Unsigned(a), Scalar::Unsigned(b)) => Some(a.cmp(b)),
        (a, &Scalar::Float(b)) => Some(order_mixed(integer(a)?, b)),
        (&Scalar::Float(a), b) => Some(order_mixed(integer(b)?, a).reverse()),
        (a, b) => Some(integer(a)?.cmp(&integer(b)?)),
    }
}

/// The value of a whole number.
fn integer(value: &Scalar<'_>) -> Option<i128> {
    match *value {
        Scalar::Int(value) => Some(i128::from(value)),
        Scalar::Unsigned(value) => Some(i128::from(value)),
        _ => None,
    }
}

/// The value of a whole number that is not negative.
fn unsigned(value: &Scalar<'_>) -> Option<u64> {
    integer(value).and_then(|value| u64::try_from(value).ok())
}

fn whole(op: ArithmeticOp, a: i64, b: i64) -> Result<i64, EvalError> {
    if b == 0 && matches!(op, ArithmeticOp::Div | ArithmeticOp::Mod) {
        return Err(zero(op, &a));
    }
    let result = match op {
        ArithmeticOp::Add => a.checked_add(b),
        ArithmeticOp::Sub => a.checked_sub(b),
        ArithmeticOp::Mul => a.checked_mul(b),
        ArithmeticOp::Div => a.checked_div(b),
        // Java: the sign of the dividend; the smallest number % -1 is 0, not an overflow.
        ArithmeticOp::Mod => Some(a.checked_rem(b).unwrap_or(0)),
    };
    result.ok_or_else(|| overflow(op, &a, &b))
}

/// Whole numbers of which one is beyond `i64::MAX`: the result is an `unsigned_long` too.
fn large(op: ArithmeticOp, a: u64, b: u64) -> Result<u64, EvalError> {
    let result = match op {
        ArithmeticOp::Add => a.checked_add(b),
        ArithmeticOp::Sub => a.checked_sub(b),
        ArithmeticOp::Mul => a.checked_mul(b),
        ArithmeticOp::Div => a.checked_div(b),
        ArithmeticOp::Mod => a.checked_rem(b),
    };
    result.ok_or_else(|| if b == 0 { zero(op, &a) } else { overflow(op, &a, &b) })
}

fn zero(op: ArithmeticOp, a: &dyn Display) -> EvalError {
    EvalError::new(EvalErrorKind::DivisionByZero, format!("{a} {} 0: division by zero", sign(op)))
}

fn overflow(op: ArithmeticOp, a: &dyn Display, b: &dyn Display) -> EvalError {
    EvalError::new(EvalErrorKind::Overflow, format!("{a} {} {b} does not fit 64 bits", sign(op)))
}

fn double(op: ArithmeticOp, a: f64, b: f64) -> f64 {
    match op {
        ArithmeticOp::Add => a + b,
        ArithmeticOp::Sub => a - b,
        ArithmeticOp::Mul => a * b,
        ArithmeticOp::Div => a / b,
        ArithmeticOp::Mod => a % b,
    }
}

fn sign(op: ArithmeticOp) -> char {
    match op {
        ArithmeticOp::Add => '+',
        ArithmeticOp::Sub => '-',
        ArithmeticOp::Mul => '*',
        ArithmeticOp::Div => '/',
        ArithmeticOp::Mod => '%',
    }
}

fn number(value: &Scalar<'_>) -> Result<f64, EvalError> {
    match *value {
        Scalar::Int(value) => Ok(value as f64),
        Scalar::Unsigned(value) => Ok(value as f64),
        Scalar::Float(value) => Ok(value),
        _ => {
            let message = format!("arithmetic needs numbers, found [{}]", value.type_name());
            Err(EvalError::new(EvalErrorKind::WrongArgument, message))
        }
    }
}

/// Java's `Double.compare`, where NaN equals itself and is above all; but `-0.0` equals `0.0`, as values do.
fn order_double(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// Exact where turning the whole number into a double would round.
pub(crate) fn order_mixed(whole: i128, float: f64) -> Ordering {
    if float.is_nan() {
        return Ordering::Less;
    }
    // The cast cuts toward zero, and saturates far beyond 64 bits.
    let cut = float as i128;
    whole.cmp(&cut).then_with(|| order_double(cut as f64, float))
}

/// Java compares UTF-16 code units; that differs from code points (and UTF-8 bytes) only above U+FFFF.
fn order_utf16(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() { a.cmp(b) } else { a.encode_utf16().cmp(b.encode_utf16()) }
}
