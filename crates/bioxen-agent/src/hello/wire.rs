//! The hellos as JSON.

use std::num::NonZeroU32;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{AgentHello, ClientHello, Lease, LeaseEnd, Nonce, ProtocolVersion, RequestLimits};
use crate::error::HelloError;

/// Most bytes of the JSON of a hello.
const LONGEST: usize = 64 << 10;

/// Most bytes of a name or a version in a hello.
const LONGEST_NAME: usize = 256;

/// The part of a hello that is the same in all versions of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Greeting {
    pub(crate) protocol: ProtocolVersion,
    pub(crate) nonce: Nonce,
}

#[derive(Serialize, Deserialize)]
struct WireVersion {
    major: u16,
    minor: u16,
}

#[derive(Deserialize)]
struct WireGreeting {
    protocol: WireVersion,
    nonce: String,
}

#[derive(Serialize, Deserialize)]
struct WireClient {
    protocol: WireVersion,
    program: String,
    version: String,
    nonce: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lease: Option<WireLease>,
}

#[derive(Serialize, Deserialize)]
struct WireLease {
    seconds: NonZeroU32,
    then: WireLeaseEnd,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireLeaseEnd {
    Pause,
    GoOn,
}

#[derive(Serialize, Deserialize)]
struct WireAgent {
    protocol: WireVersion,
    agent_version: String,
    nonce: String,
    limits: WireLimits,
}

#[derive(Serialize, Deserialize)]
struct WireLimits {
    request: u64,
    body: u64,
    operations: u32,
}

/// What can be read whatever the version.
pub(crate) fn read_greeting(payload: &[u8]) -> Result<Greeting, HelloError> {
    let WireGreeting { protocol, nonce } = parse(payload)?;
    Ok(Greeting {
        protocol: protocol.into(),
        nonce: read_nonce(&nonce)?,
    })
}

pub(crate) fn read_client(payload: &[u8]) -> Result<ClientHello, HelloError> {
    let WireClient {
        protocol,
        program,
        version,
        nonce,
        lease,
    } = parse(payload)?;
    Ok(ClientHello {
        protocol: protocol.into(),
        program: check_name("program", program)?,
        version: check_name("version", version)?,
        nonce: read_nonce(&nonce)?,
        lease: lease.map(|WireLease { seconds, then }| Lease {
            seconds,
            then: match then {
                WireLeaseEnd::Pause => LeaseEnd::Pause,
                WireLeaseEnd::GoOn => LeaseEnd::GoOn,
            },
        }),
    })
}

pub(crate) fn write_client(hello: &ClientHello) -> Result<Vec<u8>, HelloError> {
    let ClientHello {
        protocol,
        program,
        version,
        nonce,
        lease,
    } = hello.clone();
    write(&WireClient {
        protocol: protocol.into(),
        program: check_name("program", program)?,
        version: check_name("version", version)?,
        nonce: nonce.to_string(),
        lease: lease.map(|Lease { seconds, then }| WireLease {
            seconds,
            then: match then {
                LeaseEnd::Pause => WireLeaseEnd::Pause,
                LeaseEnd::GoOn => WireLeaseEnd::GoOn,
            },
        }),
    })
}

pub(crate) fn read_agent(payload: &[u8]) -> Result<AgentHello, HelloError> {
    let WireAgent {
        protocol,
        agent_version,
        nonce: _,
        limits,
    } = parse(payload)?;
    let WireLimits {
        request,
        body,
        operations,
    } = limits;
    Ok(AgentHello {
        protocol: protocol.into(),
        agent_version: check_name("agent_version", agent_version)?,
        limits: RequestLimits {
            request,
            body,
            operations,
        },
    })
}

pub(crate) fn write_agent(hello: &AgentHello, nonce: Nonce) -> Result<Vec<u8>, HelloError> {
    let AgentHello {
        protocol,
        agent_version,
        limits,
    } = hello.clone();
    let RequestLimits {
        request,
        body,
        operations,
    } = limits;
    write(&WireAgent {
        protocol: protocol.into(),
        agent_version: check_name("agent_version", agent_version)?,
        nonce: nonce.to_string(),
        limits: WireLimits {
            request,
            body,
            operations,
        },
    })
}

impl From<WireVersion> for ProtocolVersion {
    fn from(WireVersion { major, minor }: WireVersion) -> Self {
        Self { major, minor }
    }
}

impl From<ProtocolVersion> for WireVersion {
    fn from(ProtocolVersion { major, minor }: ProtocolVersion) -> Self {
        Self { major, minor }
    }
}

fn parse<'a, T: Deserialize<'a>>(payload: &'a [u8]) -> Result<T, HelloError> {
    if payload.len() > LONGEST {
        return Err(HelloError::TooLong {
            length: payload.len(),
            limit: LONGEST,
        });
    }
    serde_json::from_slice(payload).map_err(unreadable)
}

fn write(hello: &impl Serialize) -> Result<Vec<u8>, HelloError> {
    serde_json::to_vec(hello).map_err(unreadable)
}

fn unreadable(error: serde_json::Error) -> HelloError {
    HelloError::Json {
        source: Arc::new(error),
    }
}

fn read_nonce(text: &str) -> Result<Nonce, HelloError> {
    text.parse().map_err(|_| HelloError::Field {
        field: "nonce",
        rule: "32 hexadecimal digits",
    })
}

/// Names are written to logs and terminals, hence neither long nor with control characters.
fn check_name(field: &'static str, text: String) -> Result<String, HelloError> {
    if text.is_empty() || text.len() > LONGEST_NAME || text.chars().any(char::is_control) {
        return Err(HelloError::Field {
            field,
            rule: "1 to 256 bytes without control characters",
        });
    }
    Ok(text)
}
