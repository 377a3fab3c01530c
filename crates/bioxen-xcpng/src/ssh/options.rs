//! Who connects, and how long each step may take.

use std::path::PathBuf;
use std::time::Duration;

use bioxen_core::Secret;

/// How a client shows who it is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SshAuth {
    /// A private key in a file.
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What it is encrypted with, if it is.
        passphrase: Option<Secret>,
    },
    /// A private key as the text of such a file.
    KeyMemory {
        /// The text.
        private: Secret,
        /// What it is encrypted with, if it is.
        passphrase: Option<Secret>,
    },
    /// The keys that an agent holds, each in turn.
    Agent {
        /// Its socket, as `SSH_AUTH_SOCK` names it.
        socket: PathBuf,
    },
    /// A password.
    Password(Secret),
}

/// How long the steps of a connection may take, and how many commands may run over one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SshLimits {
    /// For the connection of TCP.
    pub tcp: Duration,
    /// For the exchange of keys.
    pub key_exchange: Duration,
    /// For the authentication.
    pub auth: Duration,
    /// Commands that run over one connection at a time; others wait for their turn.
    pub channels: usize,
}

impl Default for SshLimits {
    /// 5 s, 15 s and 15 s; 4 commands.
    fn default() -> Self {
        Self {
            tcp: Duration::from_secs(5),
            key_exchange: Duration::from_secs(15),
            auth: Duration::from_secs(15),
            channels: 4,
        }
    }
}

/// Options of connections to guests.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SshOptions {
    /// Name of the user in the guest.
    pub user: String,
    /// How the client shows that it is this user.
    pub auth: SshAuth,
    /// Port of the SSH server of a guest, for who makes an address of what XAPI says.
    pub port: u16,
    /// Limits.
    pub limits: SshLimits,
}

impl SshOptions {
    /// Options with port 22 and the usual limits.
    pub fn new(user: impl Into<String>, auth: SshAuth) -> Self {
        Self {
            user: user.into(),
            auth,
            port: 22,
            limits: SshLimits::default(),
        }
    }
}
