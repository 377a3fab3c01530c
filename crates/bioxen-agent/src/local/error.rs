//! Why the daemon of this machine is not met.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use thiserror::Error;

use crate::error::ProtocolError;

/// Why there is no connection to the daemon of this machine.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LocalError {
    /// Nobody listens.
    #[error("no daemon runs for {}", state.display())]
    NotRunning {
        /// The state folder.
        state: PathBuf,
    },
    /// Somebody may listen, but cannot be reached.
    #[error("could not connect to {}", socket.display())]
    Connect {
        /// The socket.
        socket: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Somebody listens, and says nothing.
    #[error("whoever listens at {} said nothing for {limit:?}", socket.display())]
    Silent {
        /// The socket.
        socket: PathBuf,
        /// How long it was waited for.
        limit: Duration,
    },
    /// Whoever listens does not answer as a daemon does.
    #[error("no daemon answers at {}", socket.display())]
    Hello {
        /// The socket.
        socket: PathBuf,
        /// What came instead.
        source: ProtocolError,
    },
    /// The folder of the daemon cannot be made.
    #[error("could not make the folder {}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another process starts the daemon, and is not done with that.
    #[error("another process has been starting the daemon for {limit:?}: it holds {}", lock.display())]
    Turn {
        /// What whoever starts a daemon holds.
        lock: PathBuf,
        /// How long it was waited for.
        limit: Duration,
    },
    /// The daemon cannot be started.
    #[error("could not start the daemon {program:?}")]
    Start {
        /// The program.
        program: String,
        /// What the system says.
        source: io::Error,
    },
    /// The daemon was not ready in time; it was killed, which takes back nothing that was acknowledged.
    #[error("the daemon was not ready within {limit:?}, and was ended")]
    Unready {
        /// How long it was waited for.
        limit: Duration,
    },
    /// The daemon ended before it was ready.
    #[error("the daemon ended with {status} before it was ready: {last}")]
    Ended {
        /// How it ended.
        status: ExitStatus,
        /// The last line of its log.
        last: String,
    },
}

impl LocalError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let advice = match self {
            Self::NotRunning { .. } => {
                "start one with `bioxen daemon`, or with `bioxen_hypervisor daemon` where that is installed"
            }
            Self::Connect { source, .. } if source.kind() == io::ErrorKind::InvalidInput => {
                "the name of a socket has at most 107 bytes: use a state folder with a shorter name"
            }
            Self::Connect { .. } => "the daemon answers its own user only",
            Self::Silent { .. } => {
                "the daemon may be stopped or overloaded: its process number is in the file `lock` beside the socket"
            }
            Self::Hello { source, .. } => return source.hint(),
            Self::Folder { .. } => "name another state folder",
            Self::Turn { .. } => {
                "a process that is stopped or hangs holds it as long as it lives; `fuser` names who has the file open"
            }
            Self::Start { .. } => return None,
            Self::Unready { .. } => {
                "start it in a terminal, with `bioxen daemon` or `bioxen_hypervisor daemon`: there it has as long as it needs, and tells what it does"
            }
            Self::Ended { .. } => "its log is in the folder `daemon` of the state folder",
        };
        Some(advice.to_owned())
    }
}
