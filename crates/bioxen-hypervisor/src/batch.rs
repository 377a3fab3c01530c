//! Running many VMs to a goal.

use bioxen_core::{SimSpan, SimTime, VmId, VmState};

/// How far a batch is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BatchProgress {
    /// VMs of the batch.
    pub vms: usize,
    /// VMs that are done.
    pub finished: usize,
    /// Time simulated for all VMs together since the batch began.
    pub simulated: SimSpan,
    /// Time that is simulated when all VMs are done; for generations the most that it can be, which shrinks as they finish.
    pub wanted: SimSpan,
    /// Divisions that were wanted when the batch began and have happened; 0 for a goal in time.
    pub divisions: u64,
    /// Divisions that were wanted when the batch began; 0 for a goal in time.
    pub divisions_wanted: u64,
}

/// What a batch came to.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BatchOutcome {
    /// Where each VM is, in the order in which they were named.
    pub vms: Vec<BatchVm>,
    /// Whether it was ended before its goal; the cells are then at the end of a whole step.
    pub interrupted: bool,
}

impl BatchOutcome {
    /// Whether every VM reached the goal.
    pub fn is_complete(&self) -> bool {
        self.vms.iter().all(|vm| vm.end == BatchEnd::Reached)
    }
}

/// Where one VM of a batch is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BatchVm {
    /// The VM.
    pub id: VmId,
    /// How far its cell is, simulated time.
    pub sim_time: SimTime,
    /// Divisions since the first cell.
    pub generation: u32,
    /// Why it went no further.
    pub end: BatchEnd,
}

/// Why a VM of a batch went no further.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BatchEnd {
    /// It is at the goal.
    Reached,
    /// Its time was up before the last of the generations.
    TimeLimit,
    /// The batch was ended.
    Interrupted,
    /// Someone paused, stopped or destroyed it.
    LeftRunning {
        /// The state in which it was found.
        state: VmState,
    },
    /// Its simulation panicked; this is a bug of ours.
    Panicked {
        /// What the panic said.
        message: String,
    },
}
