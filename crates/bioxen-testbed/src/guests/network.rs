//! Addresses of guests.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

use super::error::GuestError;

/// A network of loopback addresses, with one port for all guests.
#[derive(Debug)]
pub struct Loopback {
    port: u16,
    second: u8,
    next: AtomicU16,
}

impl Loopback {
    /// A network with a port that nobody uses now.
    ///
    /// # Errors
    ///
    /// [`GuestError`] if the system has none.
    pub fn new() -> Result<Self, GuestError> {
        let port = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0))
            .and_then(|listener| listener.local_addr())
            .map_err(|_| GuestError::NoAddress)?
            .port();
        Ok(Self::with_port(port))
    }

    /// A network with a port of choice.
    pub fn with_port(port: u16) -> Self {
        // Several testbeds at a time should not meet.
        let [second, ..] = RandomState::new()
            .hash_one(std::process::id())
            .to_le_bytes();
        Self {
            port,
            second: second.clamp(1, 254),
            next: AtomicU16::new(0),
        }
    }

    /// The port of all guests.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// An address that this network has not given yet.
    ///
    /// # Errors
    ///
    /// [`GuestError::NoAddress`] after 64,516 of them.
    pub fn address(&self) -> Result<SocketAddrV4, GuestError> {
        let number = self
            .next
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |number| {
                (number < 254 * 254).then_some(number + 1)
            })
            .map_err(|_| GuestError::NoAddress)?;
        let part = |number: u16| u8::try_from(number % 254 + 1).unwrap_or(1);
        let address = Ipv4Addr::new(127, self.second, part(number / 254), part(number));
        Ok(SocketAddrV4::new(address, self.port))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Loopback;

    #[test]
    fn addresses_are_distinct_and_have_an_end() {
        let network = Loopback::with_port(22);
        let mut seen = BTreeSet::new();
        while let Ok(address) = network.address() {
            assert!(address.ip().is_loopback());
            assert_eq!(address.port(), 22);
            assert!(seen.insert(address));
        }
        assert_eq!(seen.len(), 254 * 254);
    }
}
