//! What can go wrong with a guest.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

/// Why a guest did not do what it was told.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GuestError {
    /// A program is not on this machine.
    #[error("{program} is not on this machine, and a guest needs it")]
    Missing {
        /// The program.
        program: &'static str,
        /// The Debian package that has it.
        package: &'static str,
    },
    /// The agent was not built.
    #[error("there is no agent for guests at {}", path.display())]
    NoAgent {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A path has characters that the configuration of a server cannot have.
    #[error("a guest cannot be in the folder {}", path.display())]
    Folder {
        /// The path.
        path: PathBuf,
    },
    /// A file or folder of the guest was not read or written.
    #[error("{} of a guest: {what} failed", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What was done.
        what: &'static str,
        /// Why.
        source: io::Error,
    },
    /// A program did not run.
    #[error("{program} of a guest did not run")]
    Run {
        /// The program.
        program: &'static str,
        /// Why.
        source: io::Error,
    },
    /// No key was made.
    #[error("no key was made: {said}")]
    Key {
        /// What `ssh-keygen` said.
        said: String,
    },
    /// The server did not begin to listen.
    #[error("no SSH server listens at {address}: {said}")]
    Start {
        /// Where it should.
        address: SocketAddr,
        /// Its log.
        said: String,
    },
    /// A step took too long.
    #[error("{step} of a guest was not over after {} s", limit.as_secs_f64())]
    TimedOut {
        /// The step.
        step: &'static str,
        /// What it was given.
        limit: Duration,
    },
    /// The guest has ended.
    #[error("the guest has ended: {said}")]
    Ended {
        /// Its log.
        said: String,
    },
    /// No address is left.
    #[error("no loopback address is left for a guest")]
    NoAddress,
}

impl GuestError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Missing { package, .. } => format!("install it: `apt install {package}`"),
            Self::NoAgent { .. } => {
                "build it: `cargo build -p bioxen-agent --features daemon --bin bioxen_hypervisor`"
                    .to_owned()
            }
            Self::Folder { .. } => {
                "choose a short path of letters, digits and `/ . _ -`".to_owned()
            }
            Self::Start { .. } => {
                "see whether `unshare --pid --mount --fork true` works on this machine, and whether the address is free".to_owned()
            }
            _ => return None,
        })
    }

    pub(super) fn file(
        path: &std::path::Path,
        what: &'static str,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, what, source }
    }
}
