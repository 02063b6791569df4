//! IP addresses and CIDR blocks: text to 128 bits, and many blocks to one sorted list of ranges.
//!
//! ```
//! use eqlite_core::net::{Ip, IpSet};
//! let private = IpSet::parse(["10.0.0.0/8", "fe80::/10"]).unwrap();
//! assert!(private.contains(Ip::parse("10.1.2.3").unwrap()));
//! assert!(private.contains(Ip::parse("::ffff:10.1.2.3").unwrap()));
//! assert!(!private.contains(Ip::parse("11.0.0.1").unwrap()));
//! ```

use crate::sort::sort;
use alloc::vec::Vec;
use core::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// An address. IPv4 is held as the IPv6 address that it maps to, so `::ffff:1.2.3.4` and `1.2.3.4` are one (Elasticsearch stores it so).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ip(u128);

impl Ip {
    /// Reads an IPv4 or IPv6 address; no port, no zone, no blanks.
    pub fn parse(text: &str) -> Option<Ip> {
        text.parse::<IpAddr>().ok().map(Ip::from)
    }

    /// The address of 128 bits in network order.
    pub const fn from_bits(bits: u128) -> Ip {
        Ip(bits)
    }

    /// The 128 bits in network order.
    pub const fn bits(self) -> u128 {
        self.0
    }
}

impl From<IpAddr> for Ip {
    fn from(address: IpAddr) -> Ip {
        match address {
            IpAddr::V4(v4) => Ip(u128::from(v4.to_ipv6_mapped())),
            IpAddr::V6(v6) => Ip(u128::from(v6)),
        }
    }
}

impl From<Ipv4Addr> for Ip {
    fn from(address: Ipv4Addr) -> Ip {
        IpAddr::V4(address).into()
    }
}

/// The canonical text (RFC 5952); IPv4 for mapped addresses.
impl fmt::Display for Ip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let v6 = Ipv6Addr::from(self.0);
        match v6.to_ipv4_mapped() {
            Some(v4) => v4.fmt(f),
            None => v6.fmt(f),
        }
    }
}

/// A block of addresses: first and last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr {
    first: u128,
    last: u128,
}

impl Cidr {
    /// Reads `10.0.0.0/8` or `2001:db8::/32`. Bits beyond the prefix are ignored (Elasticsearch: `10.6.48.157/8` is `10.0.0.0/8`).
    pub fn parse(text: &str) -> Option<Cidr> {
        let (address, prefix) = text.split_once('/')?;
        let address: IpAddr = address.parse().ok()?;
        if prefix.is_empty() || prefix.len() > 3 || !prefix.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let prefix: u32 = prefix.parse().ok()?;
        let host_bits = match address {
            IpAddr::V4(_) => 32_u32.checked_sub(prefix)?,
            IpAddr::V6(_) => 128_u32.checked_sub(prefix)?,
        };
        // Shifting by all 128 bits is no shift in Rust: `::/0` has every bit as a host bit.
        let host_mask = u128::MAX.checked_shl(host_bits).map_or(u128::MAX, |network| !network);
        let bits = Ip::from(address).bits();
        Some(Cidr { first: bits & !host_mask, last: bits | host_mask })
    }

    /// The block of one address.
    pub const fn single(ip: Ip) -> Cidr {
        Cidr { first: ip.0, last: ip.0 }
    }

    /// Is the address in the block?
    pub const fn contains(self, ip: Ip) -> bool {
        self.first <= ip.0 && ip.0 <= self.last
    }
}

/// Many blocks and addresses as sorted ranges that don't touch: one binary search per question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct IpSet {
    ranges: Vec<Cidr>,
}

impl IpSet {
    /// The union of the blocks.
    pub fn new(blocks: impl IntoIterator<Item = Cidr>) -> IpSet {
        let mut blocks: Vec<Cidr> = blocks.into_iter().collect();
        sort(&mut blocks);
        let mut ranges: Vec<Cidr> = Vec::with_capacity(blocks.len());
        for block in blocks {
            match ranges.last_mut() {
                Some(range) if block.first <= range.last.saturating_add(1) => range.last = range.last.max(block.last),
                _ => ranges.push(block),
            }
        }
        IpSet { ranges }
    }

    /// Reads blocks and single addresses, as `ip == "..."` and `cidrMatch` take them.
    ///
    /// # Errors
    /// The index of the first text that is neither.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<IpSet, usize> {
        let blocks = texts
            .into_iter()
            .enumerate()
            .map(|(index, text)| Cidr::parse(text).or_else(|| Ip::parse(text).map(Cidr::single)).ok_or(index));
        Ok(IpSet::new(blocks.collect::<Result<Vec<_>, _>>()?))
    }

    /// Is the address in any of them?
    pub fn contains(&self, ip: Ip) -> bool {
        let after = self.ranges.partition_point(|range| range.first <= ip.0);
        after.checked_sub(1).and_then(|before| self.ranges.get(before)).is_some_and(|range| range.contains(ip))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn canonical_text() {
        for (text, canonical) in [
            ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
            ("::ffff:1.2.3.4", "1.2.3.4"),
            ("::FFFF:102:304", "1.2.3.4"),
            ("0:0:0:0:0:0:0:1", "::1"),
            ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
        ] {
            assert_eq!(Ip::parse(text).unwrap().to_string(), canonical);
        }
        for bad in ["", "1.2.3", "1.2.3.256", "01.2.3.4", " 1.2.3.4", "fe80::1%eth0", "1.2.3.4:80"] {
            assert_eq!(Ip::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn blocks() {
        let inside = |block: &str, ip: &str| Cidr::parse(block).unwrap().contains(Ip::parse(ip).unwrap());
        assert!(inside("10.6.48.157/8", "10.255.0.1"));
        assert!(!inside("10.6.48.157/8", "11.0.0.0"));
        assert!(inside("0.0.0.0/0", "255.255.255.255"));
        assert!(!inside("0.0.0.0/0", "2001:db8::1"));
        assert!(inside("::/0", "1.2.3.4"));
        assert!(inside("1.2.3.4/32", "::ffff:1.2.3.4"));
        for bad in ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "10.0.0.0/8/8", "::/129", "x/8"] {
            assert_eq!(Cidr::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_set_is_the_union_of_its_blocks() {
        let texts =
            ["10.0.0.0/8", "10.1.0.0/16", "11.0.0.0/8", "192.168.1.1", "fe80::/10", "255.255.255.255", "::/128"];
        let set = IpSet::parse(texts).unwrap();
        assert_eq!(set.ranges.len(), 5);
        for ip in [
            "9.255.255.255",
            "10.0.0.0",
            "11.255.255.255",
            "12.0.0.0",
            "192.168.1.1",
            "192.168.1.2",
            "fe80::1",
            "::",
            "::1",
        ] {
            let ip = Ip::parse(ip).unwrap();
            let plain = texts
                .iter()
                .any(|text| Cidr::parse(text).map_or_else(|| Ip::parse(text) == Some(ip), |block| block.contains(ip)));
            assert_eq!(set.contains(ip), plain, "{ip}");
        }
        assert_eq!(IpSet::parse(["::/0", "nonsense"]), Err(1));
        assert!(IpSet::parse(["::/0"]).unwrap().contains(Ip::parse("ffff::").unwrap()));
    }
}
