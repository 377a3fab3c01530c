//! What can go wrong on the way to a guest and there.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

use super::expect::HostKeyRefused;
use super::hosts::HostKeysError;
use crate::wait::Overdue;

/// Why a guest was not reached over SSH, or a command did not end there.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SshError {
    /// Nobody takes the connection.
    #[error("{address} takes no connection")]
    Refused {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The connection was cut.
    #[error("the SSH connection to {address} was cut at: {step}")]
    Cut {
        /// The address.
        address: SocketAddr,
        /// What was being done.
        step: &'static str,
        /// What the SSH library says.
        source: LibraryError,
    },
    /// A step took too long.
    #[error("{address}: {step} was not over after {} s", limit.as_secs_f64())]
    TimedOut {
        /// The address.
        address: SocketAddr,
        /// The step.
        step: &'static str,
        /// What it was given.
        limit: Duration,
    },
    /// It was called off.
    #[error("{step} was called off")]
    Cancelled {
        /// What was being done.
        step: &'static str,
    },
    /// The guest does not show the host key that is known; nothing was sent that it could use.
    #[error(transparent)]
    HostKey(#[from] Box<HostKeyRefused>),
    /// What is known of host keys could not be read.
    #[error("the host key cannot be checked")]
    HostKeys(#[from] HostKeysError),
    /// The guest does not take the user.
    #[error("{address} does not take the user {user:?} with {with}")]
    Auth {
        /// The address.
        address: SocketAddr,
        /// The user.
        user: String,
        /// The way it was tried.
        with: &'static str,
        /// What the SSH library says.
        source: LibraryError,
    },
    /// The private key of the client cannot be used.
    #[error("the private key {} cannot be used: it is none, or its passphrase is another one", from.display())]
    Key {
        /// The file, or a word for where it is.
        from: PathBuf,
        /// What the SSH library says.
        source: LibraryError,
    },
    /// The agent with the keys of the client does not answer as it should.
    #[error("the agent at {} gives no key", socket.display())]
    KeyAgent {
        /// Its socket.
        socket: PathBuf,
        /// What the SSH library says.
        source: LibraryError,
    },
    /// The guest has as many sessions as it allows.
    #[error("{address} takes no more sessions")]
    Busy {
        /// The address.
        address: SocketAddr,
        /// What the SSH library says.
        source: LibraryError,
    },
    /// A command wrote more than it may.
    #[error("the command wrote more than {cap} bytes to standard output and was given up")]
    TooMuch {
        /// The cap.
        cap: usize,
    },
    /// A command line has a character that none can have.
    #[error("a command line has no NUL character")]
    Nul,
    /// What the command should read could not be read here.
    #[error("what the command should read cannot be read")]
    Input {
        /// Why.
        source: io::Error,
    },
    /// The connection cannot be used any more, since something before failed.
    #[error("the SSH connection to {address} is no longer of use: {why}")]
    Broken {
        /// The address.
        address: SocketAddr,
        /// What failed.
        why: String,
    },
    /// This end was closed.
    #[error("the stream was closed on this side")]
    Closed,
    /// The other side does not speak SSH, or not so that it can be understood.
    #[error("{address} cannot be understood at: {step}")]
    Protocol {
        /// The address.
        address: SocketAddr,
        /// What was being done.
        step: &'static str,
        /// What the SSH library says.
        source: LibraryError,
    },
}

impl SshError {
    /// Whether the same may succeed a little later: the guest is starting, or busy.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Refused { .. } | Self::Cut { .. } | Self::Busy { .. }
        )
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let advice = match self {
            Self::Refused { .. } => "see whether the guest runs an SSH server, and on which port",
            Self::Cut { .. } | Self::Broken { .. } => "connect again",
            Self::TimedOut { .. } => "see whether the guest runs, or raise the limit",
            Self::HostKey(refused) => return Some(refused.hint()),
            Self::HostKeys(error) => return error.hint(),
            Self::Auth { .. } => "put the public key into the authorized keys of that user",
            Self::Key { .. } => {
                "give the private key file that `ssh-keygen` made, and its passphrase"
            }
            Self::KeyAgent { .. } => "see what `ssh-add -l` says",
            Self::Busy { .. } => "raise MaxSessions of the SSH server, or run less at a time",
            Self::TooMuch { .. } => "let the command write to a file, or raise the cap",
            Self::Protocol { .. } => "see whether the port is that of an SSH server",
            Self::Cancelled { .. } | Self::Nul | Self::Input { .. } | Self::Closed => return None,
        };
        Some(advice.to_owned())
    }

    pub(super) fn overdue(address: SocketAddr, overdue: Overdue) -> Self {
        let Overdue { step, limit } = overdue;
        Self::TimedOut {
            address,
            step,
            limit,
        }
    }
}

/// What the SSH library says of a failure.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message} ({code})")]
pub struct LibraryError {
    code: i32,
    message: String,
}

impl LibraryError {
    /// Would block.
    const AGAIN: i32 = -37;
    /// Connection and socket failures of libssh2.
    const CUT: [i32; 7] = [-1, -2, -3, -7, -13, -43, -45];

    /// What we say ourselves.
    pub(super) fn other(message: &str) -> Self {
        Self {
            code: 0,
            message: message.to_owned(),
        }
    }

    pub(super) fn of(error: &ssh2::Error) -> Self {
        let code = match error.code() {
            ssh2::ErrorCode::Session(code) | ssh2::ErrorCode::SFTP(code) => code,
        };
        Self {
            code,
            // It may repeat what a hostile guest said.
            message: error.message().replace(char::is_control, " "),
        }
    }

    /// That of a stream, which has no code of its own.
    pub(super) fn of_stream(error: &io::Error, session: &ssh2::Session) -> Self {
        if error.kind() == io::ErrorKind::WouldBlock {
            return Self {
                code: Self::AGAIN,
                message: String::new(),
            };
        }
        ssh2::Error::last_session_error(session).map_or_else(
            || Self {
                code: 0,
                message: error.to_string(),
            },
            |last| Self::of(&last),
        )
    }

    pub(super) fn would_block(&self) -> bool {
        self.code == Self::AGAIN
    }

    pub(super) fn is_cut(&self) -> bool {
        Self::CUT.contains(&self.code)
    }

    /// The guest refuses to open a channel.
    pub(super) fn is_refused_channel(&self) -> bool {
        self.code == -21
    }

    /// A private key is unreadable.
    pub(super) fn is_key(&self) -> bool {
        self.code == -16
    }

    /// The guest refuses a user.
    pub(super) fn is_refused_user(&self) -> bool {
        [-18, -19].contains(&self.code)
    }
}
