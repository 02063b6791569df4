//! `number` and `string`: text to number and back, as Java reads and spells them.

use super::{EvalError, EvalErrorKind, Kind, Param, Row, Scalar, Signature, java};
use alloc::format;

pub(super) const ROWS: &[Row] = &[
    Row {
        signature: Signature {
            name: "number",
            case_variant: false,
            params: &[Param::new("source", Kind::Text), Param::new("base", Kind::Int).optional()],
            returns: Kind::Number,
            doc: "The number that the text spells; base 10, or 16 after 0x, unless given",
        },
        code: number,
    },
    Row {
        signature: Signature {
            name: "string",
            case_variant: false,
            params: &[Param::new("source", Kind::Any)],
            returns: Kind::Text,
            doc: "The value as text",
        },
        code: |_, args| Ok(args.first().and_then(Scalar::to_text).map_or(Scalar::Null, Scalar::Text)),
    },
];

fn number<'a>(_: bool, args: &[Scalar<'a>]) -> Result<Scalar<'a>, EvalError> {
    let Some(Scalar::Text(source)) = args.first() else { return Ok(Scalar::Null) };
    let base = match args.get(1) {
        Some(&Scalar::Int(base)) => Some(base),
        _ => None,
    };
    let (digits, base) = match (source.strip_prefix("0x"), base) {
        (Some(digits), None | Some(16)) => (digits, 16),
        (_, base) => (source.as_ref(), base.unwrap_or(10)),
    };
    let Some(radix) = u32::try_from(base).ok().filter(|radix| (2..=36).contains(radix)) else {
        return Err(EvalError::new(EvalErrorKind::WrongArgument, format!("number() knows bases 2 to 36, not {base}")));
    };
    if let Ok(whole) = i64::from_str_radix(digits, radix) {
        return Ok(Scalar::Int(whole));
    }
    if radix == 10
        && let Some(double) = java::parse_double(digits)
    {
        return Ok(Scalar::Float(double));
    }
    Err(EvalError::new(EvalErrorKind::NotANumber, format!("number() cannot read '{source}' in base {base}")))
}
