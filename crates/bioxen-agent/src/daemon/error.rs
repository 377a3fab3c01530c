//! Why a daemon does not come up, or ends badly.

use std::io;
use std::path::PathBuf;

use bioxen_core::VmError;
use bioxen_hypervisor::HypervisorError;
use bioxen_resources::{InvalidSetting, MonitorError, StoreError};
use thiserror::Error;

use super::keep::KeepError;
use crate::local::LocalError;

/// Why a daemon does not come up, or ends badly.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DaemonError {
    /// Another daemon has the state folder.
    #[error(
        "another daemon{} has the state folder {}",
        pid.map_or(String::new(), |pid| format!(" (process {pid})")),
        state.display()
    )]
    Taken {
        /// The state folder.
        state: PathBuf,
        /// Its process, if that can be read.
        pid: Option<u32>,
    },
    /// The lock cannot be taken.
    #[error("could not lock {}", path.display())]
    Lock {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The folder of the daemon cannot be made.
    #[error("the state folder cannot be used")]
    Place(#[source] LocalError),
    /// The socket cannot be opened.
    #[error("could not listen at {}", socket.display())]
    Socket {
        /// The socket.
        socket: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// What was kept cannot be read.
    #[error("what was kept cannot be read")]
    Kept(#[source] Kept),
    /// The folder with images cannot be used.
    #[error("the images of the VMs cannot be used")]
    Images(#[source] StoreError),
    /// There are images and no journal that says whose they are.
    #[error("the journal is gone, and {} has {count} images", folder.display())]
    NoJournal {
        /// The folder with the images.
        folder: PathBuf,
        /// How many files there are.
        count: usize,
    },
    /// A setting cannot be used.
    #[error("a setting of the daemon cannot be used")]
    Setting(#[source] InvalidSetting),
    /// The host of the VMs does not come up.
    #[error("the hypervisor does not come up")]
    Hypervisor(#[source] HypervisorError),
    /// The monitor does not come up.
    #[error("the monitor does not come up")]
    Monitor(#[source] MonitorError),
    /// The system gives no thread.
    #[error("the system gives no thread")]
    Thread(#[source] io::Error),
    /// Something could not be kept.
    #[error("not everything could be brought to the disk")]
    Flush(#[source] VmError),
}

/// What is wrong with what was kept.
#[derive(Debug, Error)]
#[error(transparent)]
pub struct Kept(KeepError);

impl DaemonError {
    pub(crate) fn keep(error: KeepError) -> Self {
        Self::Kept(Kept(error))
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Taken { .. } => Some("one daemon for each state folder: ask that one, or name another folder".to_owned()),
            Self::NoJournal { folder, .. } => Some(format!(
                "put the journal back, or move {} away: `bioxen snapshot inspect` reads the images, and `restore` puts one into a VM of the same name and seed",
                folder.display()
            )),
            Self::Kept(kept) => kept.0.hint(),
            Self::Place(error) => error.hint(),
            Self::Images(error) => error.hint(),
            Self::Hypervisor(error) => error.hint(),
            Self::Socket { source, .. } if source.kind() == io::ErrorKind::InvalidInput => Some(
                "the name of a socket has at most 107 bytes: use a state folder with a shorter name".to_owned(),
            ),
            Self::Lock { .. } | Self::Socket { .. } => {
                Some("the state folder must be writable, on a disk of this machine".to_owned())
            }
            Self::Flush(_) => Some(
                "what was acknowledged is kept; make room on the disk before the next start".to_owned(),
            ),
            Self::Setting(_) | Self::Monitor(_) | Self::Thread(_) => None,
        }
    }
}
