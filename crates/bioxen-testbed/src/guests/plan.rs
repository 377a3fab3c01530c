//! What a guest is like.

use std::collections::BTreeMap;
use std::net::SocketAddrV4;
use std::path::PathBuf;

/// Type of a host key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyType {
    /// Ed25519.
    Ed25519,
    /// RSA, of 2048 bits.
    Rsa,
    /// ECDSA, over P-256.
    Ecdsa,
}

impl KeyType {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
            Self::Rsa => "rsa",
            Self::Ecdsa => "ecdsa",
        }
    }
}

/// How the processes of a guest are kept together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Isolation {
    /// In a PID namespace of their own, or as [`Plain`](Self::Plain) where the system does not give one.
    #[default]
    Best,
    /// By their group and their environment: a process that leaves both outlives its guest.
    Plain,
}

/// What a guest is like.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GuestPlan {
    /// Folder with all that is of the guest: keys, home, state and log.
    ///
    /// A guest that is started in the folder of an earlier one has its keys and its VMs.
    pub folder: PathBuf,
    /// Where its server listens.
    pub address: SocketAddrV4,
    /// Lines of public keys whose owners may log in.
    pub authorized: Vec<String>,
    /// The agent that it has from the beginning; none if `None`.
    pub agent: Option<PathBuf>,
    /// What it finds in its xenstore, by key.
    pub vm_data: BTreeMap<String, String>,
    /// Types of its host keys.
    pub host_keys: Vec<KeyType>,
    /// Sessions over one connection.
    pub max_sessions: u32,
    /// How much its server writes to the log, in the words of `sshd_config`.
    pub log_level: &'static str,
    /// How its processes are kept together.
    pub isolation: Isolation,
}

impl GuestPlan {
    /// A guest with an Ed25519 host key, 10 sessions over a connection, and no agent.
    pub fn new(
        folder: impl Into<PathBuf>,
        address: SocketAddrV4,
        authorized: impl Into<String>,
    ) -> Self {
        Self {
            folder: folder.into(),
            address,
            authorized: vec![authorized.into()],
            agent: None,
            vm_data: BTreeMap::new(),
            host_keys: vec![KeyType::Ed25519],
            max_sessions: 10,
            log_level: "VERBOSE",
            isolation: Isolation::Best,
        }
    }

    /// As before, with an agent.
    #[must_use]
    pub fn with_agent(self, agent: impl Into<PathBuf>) -> Self {
        Self {
            agent: Some(agent.into()),
            ..self
        }
    }
}
