//! Which of the addresses that a guest reports is of use.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use thiserror::Error;

/// Addresses that have a prefix in common.
///
/// ```
/// use bioxen_xcpng::xapi::Cidr;
///
/// let net = "10.1.0.0/16".parse::<Cidr>()?;
/// assert!(net.contains("10.1.255.1".parse()?));
/// assert!(!net.contains("10.2.0.1".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cidr {
    base: IpAddr,
    length: u8,
}

impl Cidr {
    /// Whether an address has the prefix.
    pub fn contains(self, address: IpAddr) -> bool {
        match (self.base, address) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                let shift = 32 - u32::from(self.length);
                let differ = base.to_bits() ^ address.to_bits();
                differ.checked_shr(shift).unwrap_or(0) == 0
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => {
                let shift = 128 - u32::from(self.length);
                let differ = base.to_bits() ^ address.to_bits();
                differ.checked_shr(shift).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

impl FromStr for Cidr {
    type Err = InvalidCidr;

    fn from_str(text: &str) -> Result<Self, InvalidCidr> {
        let (base, length) = text.split_once('/').ok_or(InvalidCidr)?;
        let base: IpAddr = base.parse().map_err(|_| InvalidCidr)?;
        let length: u8 = length.parse().map_err(|_| InvalidCidr)?;
        if length > if base.is_ipv4() { 32 } else { 128 } {
            return Err(InvalidCidr);
        }
        Ok(Self { base, length })
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.length)
    }
}

/// A text is no range of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a range of addresses is an address, a slash and the length of its prefix")]
pub struct InvalidCidr;

/// Which addresses of a guest are of use.
///
/// Those that lead nowhere never are: unspecified, multicast, link-local.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressFilter {
    /// Ranges of which an address must be in one; none means all.
    pub cidrs: Vec<Cidr>,
    /// Whether loopback counts, which it does for guests that a test makes up.
    pub allow_loopback: bool,
    /// The network card that is asked first, by its device number.
    pub device: Option<u32>,
}

impl AddressFilter {
    /// The addresses of use among what a guest reports, best first: of the wanted card before others, of a lower device number before a higher one, IPv4 before IPv6, no address twice.
    pub fn choose(&self, networks: &BTreeMap<String, String>) -> Vec<IpAddr> {
        let mut found: Vec<(Rank, IpAddr)> = networks
            .iter()
            .filter_map(|(key, text)| Some((place(key)?, text)))
            .flat_map(|((device, number), text)| {
                text.split_whitespace().filter_map(move |word| {
                    let address = parse(word).filter(|address| self.is_of_use(*address))?;
                    let rank = Rank {
                        other_card: self.device.is_some_and(|wanted| wanted != device),
                        device,
                        is_v6: address.is_ipv6(),
                        number,
                    };
                    Some((rank, address))
                })
            })
            .collect();
        found.sort();
        let mut addresses = Vec::with_capacity(found.len());
        for (_, address) in found {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        addresses
    }

    fn is_of_use(&self, address: IpAddr) -> bool {
        let leads_nowhere = address.is_unspecified()
            || address.is_multicast()
            || match address {
                IpAddr::V4(address) => address.is_link_local() || address == Ipv4Addr::BROADCAST,
                IpAddr::V6(address) => address.is_unicast_link_local(),
            };
        !leads_nowhere
            && (self.allow_loopback || !address.is_loopback())
            && (self.cidrs.is_empty() || self.cidrs.iter().any(|cidr| cidr.contains(address)))
    }
}

/// What comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    other_card: bool,
    device: u32,
    is_v6: bool,
    number: u32,
}

/// Device number and place of a key: `n/ip`, `n/ipv4/m` or `n/ipv6/m`.
fn place(key: &str) -> Option<(u32, u32)> {
    let mut parts = key.split('/');
    let device = parts.next()?.parse().ok()?;
    let place = match (parts.next()?, parts.next()) {
        ("ip", None) => 0,
        ("ipv4" | "ipv6", Some(number)) => number.parse().ok()?,
        _ => return None,
    };
    parts.next().is_none().then_some((device, place))
}

/// An address, without the zone that is of no use elsewhere.
fn parse(word: &str) -> Option<IpAddr> {
    let bare = word.split_once('%').map_or(word, |(address, _)| address);
    let address: IpAddr = bare.parse().ok()?;
    match address {
        IpAddr::V6(address) => Some(mapped(address)),
        IpAddr::V4(_) => Some(address),
    }
}

/// An IPv4 address that is written as an IPv6 one is an IPv4 address.
fn mapped(address: Ipv6Addr) -> IpAddr {
    address
        .to_ipv4_mapped()
        .map_or(IpAddr::V6(address), IpAddr::V4)
}

#[cfg(test)]
mod tests;
