//! `add subtract multiply divide modulo`: the operators `+ - * / %` by name.

use super::{Code, EvalError, Kind, Param, Row, Scalar, Signature, arithmetic};
use crate::eql::ast::ArithmeticOp;

pub(super) const ROWS: &[Row] = &[
    row("add", "left + right", |_, args| both(ArithmeticOp::Add, args)),
    row("subtract", "left - right", |_, args| both(ArithmeticOp::Sub, args)),
    row("multiply", "left * right", |_, args| both(ArithmeticOp::Mul, args)),
    row("divide", "left / right; whole numbers are rounded toward zero", |_, args| both(ArithmeticOp::Div, args)),
    row("modulo", "the remainder of left / right, with the sign of left", |_, args| both(ArithmeticOp::Mod, args)),
];

const fn row(name: &'static str, doc: &'static str, code: Code) -> Row {
    const PARAMS: &[Param] = &[Param::new("left", Kind::Number), Param::new("right", Kind::Number)];
    Row { signature: Signature { name, case_variant: false, params: PARAMS, returns: Kind::Number, doc }, code }
}

fn both<'a>(op: ArithmeticOp, args: &[Scalar<'a>]) -> Result<Scalar<'a>, EvalError> {
    match args {
        [left, right] => arithmetic(op, left, right),
        _ => Ok(Scalar::Null),
    }
}
