//! The address that a call was given, from the hex of its `struct sockaddr`: `02000035C6336407...` is 198.51.100.7, port 53.
//!
//! The family is two bytes in the order of the host, the port two in network order; an IPv4 address follows at byte 4, an IPv6 address at
//! byte 8 (flow at 4), a path at byte 2.

use alloc::{
    borrow::Cow,
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::net::Ipv6Addr;

use super::{
    decode::{DecodeError, lossy},
    fields::{Fields, Text},
    record::decimal,
};

/// Replaces `saddr` by `family` and what that family has: `addr`, `port`, `flow`, `path`, or the `saddr` itself.
pub(super) fn expand(fields: &mut Fields<'_>, reference: bool) -> Result<(), DecodeError> {
    let saddr = fields.take("saddr").ok_or(DecodeError::Missing("saddr"))?.value;
    let bytes = match unhex(&saddr) {
        // The reference reads paths from upper-case digits only.
        Ok(bytes) if reference && bytes.first() == Some(&1) => match saddr.chars().find(char::is_ascii_lowercase) {
            Some(found) => return Err(DecodeError::NotHex(found)),
            None => bytes,
        },
        Ok(bytes) => bytes,
        // Only the part that it needs is decoded by the reference: what stands behind an address does not matter.
        Err((bytes, _)) if reference && matches!(bytes.first(), Some(2 | 10)) => bytes,
        Err((_, error)) => return Err(error),
    };
    let (&low, &high) = match (bytes.first(), bytes.get(1)) {
        (Some(low), Some(high)) => (low, high),
        _ => return Err(DecodeError::ShortAddress),
    };
    // A big-endian host writes the family the other way round. No family has a number beyond 255, so the order shows.
    let family = if high != 0 && low == 0 && !reference { u16::from(high) } else { u16::from_le_bytes([low, high]) };
    let mut set = |key: &'static str, value: Text<'static>| fields.set(key, value, "");
    match family {
        1 => {
            set("family", Cow::Borrowed("unix"));
            let path = bytes.get(2..).unwrap_or_default();
            if reference {
                set("path", Cow::Owned(lossy(upto_nul(path)).into_owned()));
            } else if let Some(path) = unix_path(path) {
                set("path", Cow::Owned(path));
            }
        }
        2 => {
            let (port, address) = match bytes.get(2..8) {
                Some(&[high, low, a, b, c, d]) => (u16::from_be_bytes([high, low]), [a, b, c, d]),
                _ => return Err(DecodeError::ShortAddress),
            };
            set("family", Cow::Borrowed("ipv4"));
            set("addr", Cow::Owned(dotted(address)));
            set("port", Cow::Owned(port.to_string()));
        }
        10 => {
            let address: [u8; 16] =
                bytes.get(8..24).and_then(|part| part.try_into().ok()).ok_or(DecodeError::ShortAddress)?;
            let (port, flow) = match bytes.get(2..8) {
                Some(&[high, low, a, b, c, d]) => (u16::from_be_bytes([high, low]), u32::from_be_bytes([a, b, c, d])),
                _ => return Err(DecodeError::ShortAddress),
            };
            if reference && flow > 0x7fff_ffff {
                return Err(DecodeError::FlowTooLarge(flow));
            }
            set("family", Cow::Borrowed("ipv6"));
            // A mapped address is the IPv4 address that the packets go to.
            let address = Ipv6Addr::from(address);
            set(
                "addr",
                Cow::Owned(address.to_ipv4_mapped().map_or_else(|| address.to_string(), |mapped| mapped.to_string())),
            );
            set("port", Cow::Owned(port.to_string()));
            if flow > 0 {
                set("flow", Cow::Owned(flow.to_string()));
            }
        }
        other => {
            set("family", if other == 16 { Cow::Borrowed("netlink") } else { Cow::Owned(other.to_string()) });
            set("saddr", Cow::Owned(saddr.into_owned()));
        }
    }
    Ok(())
}

/// A path in the file system, or the name of an abstract socket as `@name` (as ss and netstat write it). An unnamed socket has none.
fn unix_path(bytes: &[u8]) -> Option<String> {
    match bytes.split_first()? {
        (0, []) => None,
        (0, name) if name.iter().all(|&byte| byte == 0) => None,
        (0, name) => {
            let end = name.iter().rposition(|&byte| byte != 0).map_or(0, |last| last.saturating_add(1));
            Some(format!("@{}", lossy(name.get(..end).unwrap_or_default())))
        }
        _ => Some(lossy(upto_nul(bytes)).into_owned()),
    }
}

fn upto_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == 0).next().unwrap_or_default()
}

/// An IPv4 address as it is written.
fn dotted(address: [u8; 4]) -> String {
    let mut out = String::with_capacity(15);
    for part in address {
        if !out.is_empty() {
            out.push('.');
        }
        decimal(u32::from(part), &mut out);
    }
    out
}

/// The bytes of a hex text in either case; or those before what is no hex, and what that is.
fn unhex(text: &str) -> Result<Vec<u8>, (Vec<u8>, DecodeError)> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let mut bytes = Vec::with_capacity(pairs.len());
    for &[high, low] in pairs {
        let (Some(high), Some(low)) = (digit(high), digit(low)) else { break };
        bytes.push((high << 4) | low);
    }
    if bytes.len() == pairs.len() && rest.is_empty() {
        return Ok(bytes);
    }
    let odd = text.chars().find(|letter| !letter.is_ascii_hexdigit());
    Err((bytes, odd.map_or(DecodeError::OddHex, DecodeError::NotHex)))
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte.wrapping_sub(b'0')),
        b'a'..=b'f' | b'A'..=b'F' => Some((byte | 0x20).wrapping_sub(b'a').wrapping_add(10)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auditd::fields::Grammar;

    fn expanded(saddr: &str, reference: bool) -> Result<String, DecodeError> {
        let body = format!("saddr={saddr}");
        let mut fields = Fields::parse(&body, Grammar::Kernel, u64::MAX);
        expand(&mut fields, reference)?;
        fields.sort();
        Ok(fields.iter().map(|field| format!("{}={}", field.key, field.value)).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn each_family_has_its_parts() {
        for (saddr, expected) in [
            ("02000035C63364070000000000000000", "addr=198.51.100.7 family=ipv4 port=53"),
            ("02000035c63364070000000000000000", "addr=198.51.100.7 family=ipv4 port=53"),
            ("00020035C63364070000000000000000", "addr=198.51.100.7 family=ipv4 port=53"),
            (
                "0A001F900000000720010DB800000000000000000000000100000000",
                "addr=2001:db8::1 family=ipv6 flow=7 port=8080",
            ),
            (
                "0A001F908000000020010DB800000000000000000000000100000000",
                "addr=2001:db8::1 family=ipv6 flow=2147483648 port=8080",
            ),
            ("0A001F900000000000000000000000000000FFFFC0A8C88500000000", "addr=192.168.200.133 family=ipv6 port=8080"),
            ("01002F72756E2F6C6F6700FF", "family=unix path=/run/log"),
            ("0100002F746D702F61", "family=unix path=@/tmp/a"),
            ("0100", "family=unix"),
            ("100000000000000000000000", "family=netlink saddr=100000000000000000000000"),
            ("00000000", "family=0 saddr=00000000"),
            ("2800000001000000", "family=40 saddr=2800000001000000"),
        ] {
            assert_eq!(expanded(saddr, false).as_deref(), Ok(expected), "{saddr}");
        }
    }

    #[test]
    fn what_is_too_short_or_no_hex_is_an_error() {
        assert_eq!(expanded("02", false), Err(DecodeError::ShortAddress));
        assert_eq!(expanded("0200003501", false), Err(DecodeError::ShortAddress));
        assert_eq!(expanded("0A0000350000", false), Err(DecodeError::ShortAddress));
        assert_eq!(expanded("01002", false), Err(DecodeError::OddHex));
        assert_eq!(expanded("0100zz", false), Err(DecodeError::NotHex('z')));
    }

    #[test]
    fn the_reference_reads_less() {
        assert_eq!(expanded("00020035C6336407", true).as_deref(), Ok("family=512 saddr=00020035C6336407"));
        assert_eq!(
            expanded("0A001F908000000020010DB800000000000000000000000100000000", true),
            Err(DecodeError::FlowTooLarge(0x8000_0000))
        );
        assert_eq!(expanded("01002f72756e", true), Err(DecodeError::NotHex('f')));
        assert_eq!(expanded("01002f72756e", false).as_deref(), Ok("family=unix path=/run"));
    }
}
