//! What can go wrong with a hypervisor, as opposed to one of its VMs.

use std::io;

use bioxen_core::{Pacing, SimSpan, VmError, VmId};
use thiserror::Error;

use crate::cell::COUPLING_STEP;

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
