//! Hello: how two ends find each other on a stream, and what each says about itself.

mod magic;
mod wire;

pub use magic::Noise;
pub(crate) use magic::{MAGIC, MagicSearch};
pub(crate) use wire::{read_agent, read_client, read_greeting, write_agent, write_client};

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use thiserror::Error;

use crate::error::HelloError;
use crate::frame::parse_hex;

/// Version of the guest protocol.
///
/// Ends of the same major understand each other, whatever their minors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProtocolVersion {
    /// Changes when an older end could misunderstand.
    pub major: u16,
    /// Changes when something was added that an older end may ignore.
    pub minor: u16,
}

impl ProtocolVersion {
    /// The version that this crate speaks.
    pub const CURRENT: Self = Self { major: 1, minor: 0 };

    /// Refuses a peer of another major.
    pub(crate) fn check(theirs: Self) -> Result<(), HelloError> {
        if theirs.major == Self::CURRENT.major {
            return Ok(());
        }
        Err(HelloError::UnsupportedVersion {
            ours: Self::CURRENT,
            theirs,
        })
    }
}

impl fmt::Display for ProtocolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// 16 bytes that the client draws at random for each connection, and that the agent repeats.
///
/// They show that the hello of the agent is an answer, and not something that was left in the stream.
///
/// ```
/// use bioxen_agent::Nonce;
///
/// let nonce = Nonce::new([7; 16]);
/// assert_eq!(nonce.to_string().parse::<Nonce>()?, nonce);
/// # Ok::<(), bioxen_agent::InvalidNonce>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nonce([u8; 16]);

impl Nonce {
    /// A nonce of these bytes; the caller draws them.
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl FromStr for Nonce {
    type Err = InvalidNonce;

    /// 32 hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, InvalidNonce> {
        parse_hex(text).map(Self).ok_or(InvalidNonce)
    }
}

/// A text that is not a nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a nonce is 32 hexadecimal digits")]
pub struct InvalidNonce;

/// What the agent does with the VMs of a client that it no longer hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// How long it waits for the next frame, seconds.
    pub seconds: NonZeroU32,
    /// What it does then.
    pub then: LeaseEnd,
}

/// What happens to VMs when a lease ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseEnd {
    /// They are saved and paused.
    Pause,
    /// They go on.
    GoOn,
}

/// What a client says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientHello {
    /// What it speaks.
    pub protocol: ProtocolVersion,
    /// Name of the program.
    pub program: String,
    /// Version of the program.
    pub version: String,
    /// What the agent must repeat.
    pub nonce: Nonce,
    /// What becomes of its VMs when it falls silent; the agent decides if there is none.
    pub lease: Option<Lease>,
}

impl ClientHello {
    /// The hello of a client without a lease.
    pub fn new(program: &str, version: &str, nonce: Nonce) -> Self {
        Self {
            protocol: ProtocolVersion::CURRENT,
            program: program.to_owned(),
            version: version.to_owned(),
            nonce,
            lease: None,
        }
    }
}

/// What an agent says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AgentHello {
    /// What it speaks.
    pub protocol: ProtocolVersion,
    /// Its version.
    pub agent_version: String,
    /// What it accepts.
    pub limits: RequestLimits,
}

impl AgentHello {
    /// The hello of an agent with the usual limits.
    pub fn new(agent_version: &str) -> Self {
        Self {
            protocol: ProtocolVersion::CURRENT,
            agent_version: agent_version.to_owned(),
            limits: RequestLimits::default(),
        }
    }
}

/// What an agent accepts on one connection; more is an error that ends the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestLimits {
    /// Most bytes of a request.
    pub request: u64,
    /// Most bytes of the body of a request.
    pub body: u64,
    /// Most operations at a time.
    pub operations: u32,
}

impl Default for RequestLimits {
    /// 16 MiB, 256 MiB and 64.
    fn default() -> Self {
        Self {
            request: 16 << 20,
            body: 256 << 20,
            operations: 64,
        }
    }
}

#[cfg(test)]
mod tests;
