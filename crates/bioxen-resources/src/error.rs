//! What can go wrong.

use bioxen_core::{AtpPercent, VmError, VmId};
use thiserror::Error;

/// A setting has a value that is not allowed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{setting} cannot be {found}: allowed is {allowed}")]
pub struct InvalidSetting {
    /// What was set.
    pub setting: &'static str,
    /// To what.
    pub found: String,
    /// What is allowed.
    pub allowed: &'static str,
}

/// Why a monitor did not do what it was asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MonitorError {
    /// A VM of that name is watched already.
    #[error("VM \"{vm}\" is watched already")]
    Watched {
        /// The VM.
        vm: VmId,
    },
    /// No VM of that name is watched.
    #[error("VM \"{vm}\" is not watched")]
    NotWatched {
        /// The VM.
        vm: VmId,
    },
    /// The system gave no thread.
    #[error("the thread of the monitor could not be started")]
    Thread(#[source] std::io::Error),
}

/// Why resources were not granted or restored.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ResourceError {
    /// The VM refused.
    #[error("VM \"{vm}\" refused")]
    Vm {
        /// The VM.
        vm: VmId,
        /// Why.
        source: VmError,
    },
    /// The VM took the first of two changes, refused the second, and then did not take the first one back.
    #[error("VM \"{vm}\" is left with {atp} of ATP, since it did not take the old share back")]
    HalfApplied {
        /// The VM.
        vm: VmId,
        /// Share that is in force now.
        atp: AtpPercent,
        /// Why the old share was not taken back.
        source: VmError,
    },
    /// The snapshot is not for this VM.
    #[error("the snapshot cannot be restored")]
    Snapshot(#[from] SnapshotError),
}

impl ResourceError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Vm { source, .. } | Self::HalfApplied { source, .. } => source.hint(),
            Self::Snapshot(error) => Some(error.hint().to_owned()),
        }
    }
}

/// Why a snapshot cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// It is not JSON, or not that of a snapshot.
    #[error("this is not a resource snapshot")]
    NotASnapshot(#[source] serde_json::Error),
    /// It was written by a newer version.
    #[error("the snapshot has format {found}, newer than {supported}")]
    NewerVersion {
        /// Format of the snapshot.
        found: u32,
        /// Newest format that can be read.
        supported: u32,
    },
    /// A value of it is not allowed.
    #[error("{field} of the snapshot cannot be {found}: {allowed}")]
    Value {
        /// The field.
        field: &'static str,
        /// What it holds.
        found: String,
        /// What is allowed.
        allowed: String,
    },
    /// It is of another VM.
    #[error("the snapshot is of {field} {found}, and this VM has {expected}")]
    OtherVm {
        /// What differs: the name, the organism, what it runs on, or the unit of ribosomes.
        field: &'static str,
        /// What the snapshot has.
        found: String,
        /// What the VM has.
        expected: String,
    },
    /// It is larger than will be read.
    #[error("the snapshot has {size} bytes, and at most {limit} are read")]
    TooLarge {
        /// Its size, bytes.
        size: usize,
        /// Greatest size, bytes.
        limit: usize,
    },
}

impl SnapshotError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotASnapshot(_) | Self::TooLarge { .. } => {
                "give a file that a resource snapshot was written to"
            }
            Self::NewerVersion { .. } => "use the version of BioXen that wrote it, or a newer one",
            Self::Value { .. } => "the file was changed after it was written; take another copy",
            Self::OtherVm { .. } => {
                "a snapshot goes back to the VM that it was taken of; for another VM allocate the shares that it lists"
            }
        }
    }
}
