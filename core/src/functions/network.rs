//! `cidrMatch`: is an address in any of these blocks?

use super::{EvalError, EvalErrorKind, Kind, Param, Row, Scalar, Signature};
use crate::net::{Cidr, Ip};
use alloc::{format, vec::Vec};

pub(super) const ROWS: &[Row] = &[Row {
    signature: Signature {
        name: "cidrMatch",
        case_variant: false,
        params: &[Param::new("ip", Kind::Ip), Param::new("cidr", Kind::Text).constant().variadic()],
        returns: Kind::Bool,
        doc: "Is the address in one of the CIDR blocks?",
    },
    code: cidr_match,
}];

/// The plain form; a plan compiles the constant blocks to an [`IpSet`](crate::net::IpSet) instead.
fn cidr_match<'a>(_: bool, args: &[Scalar<'a>]) -> Result<Scalar<'a>, EvalError> {
    let mut blocks = Vec::with_capacity(args.len());
    let mut unknown = false;
    for arg in args.iter().skip(1) {
        match arg {
            Scalar::Text(text) => blocks.push(
                Cidr::parse(text)
                    .ok_or_else(|| EvalError::new(EvalErrorKind::BadCidr, format!("'{text}' is not a CIDR block")))?,
            ),
            _ => unknown = true,
        }
    }
    let Some(Scalar::Text(text)) = args.first() else { return Ok(Scalar::Null) };
    if unknown {
        return Ok(Scalar::Null);
    }
    let ip = Ip::parse(text)
        .ok_or_else(|| EvalError::new(EvalErrorKind::BadIp, format!("'{text}' is not an IP address")))?;
    Ok(Scalar::Bool(blocks.iter().any(|block| block.contains(ip))))
}
