//! What can go wrong with a hypervisor, as opposed to one of its VMs.

use std::io;

use bioxen_core::{Pacing, SimSpan, VmError, VmId};
use thiserror::Error;

use crate::cell::COUPLING_STEP;
use crate::genome::BasicFunction;

/// Why a hypervisor was not made, or what it refused.
///
/// Where a VM is concerned it comes as the source of [`VmError::Backend`].
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HypervisorError {
    /// Nobody would compute.
    #[error("a hypervisor needs at least 1 worker")]
    NoWorkers,
    /// No cell would move.
    #[error("a slice of {slice} is shorter than a coupling step of {COUPLING_STEP}")]
    SliceTooShort {
        /// The slice, simulated time.
        slice: SimSpan,
    },
    /// The host would keep more than it has.
    #[error("an overhead of {percent}% leaves less than nothing")]
    OverheadTooLarge {
        /// The overhead, percent.
        percent: u8,
    },
    /// The operating system refused a thread.
    #[error("worker thread {number} cannot be started")]
    WorkerNotStarted {
        /// Number of the thread, from 1.
        number: usize,
        /// What the operating system said.
        source: io::Error,
    },
    /// The host is full.
    #[error("the host takes {limit} VMs and has as many")]
    TooManyVms {
        /// Greatest number of VMs.
        limit: u32,
    },
    /// Samples cannot be taken at such times.
    #[error("{every} is not a multiple of the coupling step of {COUPLING_STEP}")]
    SamplingInterval {
        /// The interval asked for, simulated time.
        every: SimSpan,
    },
    /// The cell is larger than a VM may be.
    #[error("the state of the cell has {needed} bytes and the memory limit is {limit} bytes")]
    MemoryAboveLimit {
        /// Bytes of the saved state.
        needed: u64,
        /// The limit, bytes.
        limit: u64,
    },
    /// More was recorded than a VM may keep.
    #[error(
        "state and history of the cell would have {needed} bytes and the memory limit is {limit} bytes"
    )]
    HistoryAboveLimit {
        /// Bytes of the state and of all samples that were due.
        needed: u64,
        /// The limit, bytes.
        limit: u64,
    },
    /// A basic function of a minimal cell has no gene that is expressed.
    #[error("no gene of the basic function {function} is expressed")]
    FunctionNotExpressed {
        /// The function.
        function: BasicFunction,
    },
    /// A batch moves only VMs that do not move by themselves.
    #[error("VM \"{id}\" has pacing {pacing} and a batch needs manual pacing")]
    NotManual {
        /// The VM.
        id: VmId,
        /// Its pacing.
        pacing: Pacing,
    },
    /// A VM can be in one batch only, and once.
    #[error("VM \"{id}\" is in a batch already")]
    InBatch {
        /// The VM.
        id: VmId,
    },
    /// The process that runs on a cell keeps it while the VM is paused.
    #[error("VM \"{id}\" is paused in the middle of a process")]
    InProcess {
        /// The VM.
        id: VmId,
    },
}

impl HypervisorError {
    /// What to do about it, where there is something to do.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoWorkers => "use 1 worker or more".to_owned(),
            Self::SliceTooShort { .. } => format!("use {COUPLING_STEP} or more"),
            Self::OverheadTooLarge { .. } => "use 0 to 100".to_owned(),
            Self::WorkerNotStarted { .. } => "use fewer workers".to_owned(),
            Self::TooManyVms { .. } => {
                "destroy a VM, or raise the number of VMs of the chassis".to_owned()
            }
            Self::SamplingInterval { .. } => {
                format!("use {COUPLING_STEP}, or a whole number of times that")
            }
            Self::MemoryAboveLimit { .. } => "raise the memory limit".to_owned(),
            Self::HistoryAboveLimit { .. } => {
                "take the recording more often, record at longer intervals, or raise the memory limit"
                    .to_owned()
            }
            Self::FunctionNotExpressed { .. } => {
                "restore one of its genes before the start".to_owned()
            }
            Self::NotManual { .. } => "create the VM with manual pacing".to_owned(),
            Self::InBatch { .. } => "name each VM once, and wait for its batch to end".to_owned(),
            Self::InProcess { .. } => "resume the VM, or stop it to end the process".to_owned(),
        })
    }

    /// As the cause of a failed operation on a VM.
    pub(crate) fn because(self, context: &'static str) -> VmError {
        VmError::Backend {
            context,
            source: Box::new(self),
        }
    }
}
