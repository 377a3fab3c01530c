//! Time courses: samples taken while a cell moves.

use bioxen_core::{SimSpan, SimTime};

use crate::cell::{COUPLING_STEP, Cell, Sample};
use crate::error::HypervisorError;

/// What was recorded of a cell.
///
/// Recording reads the cell and never changes it: the trajectory is the same with any interval, and without.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Trajectory {
    /// Time between samples, simulated.
    pub every: SimSpan,
    /// The samples, the earliest first. After a restore they go on from the restored time.
    pub samples: Vec<Sample>,
}

/// Takes samples at fixed simulated times.
#[derive(Debug)]
pub(crate) struct Recorder {
    every: SimSpan,
    next: SimTime,
    samples: Vec<Sample>,
}

impl Recorder {
    /// Starts with a sample of the cell as it is.
    pub(crate) fn start(every: SimSpan, cell: &Cell) -> Result<Self, HypervisorError> {
        if every == SimSpan::ZERO || !every.micros().is_multiple_of(COUPLING_STEP.micros()) {
            return Err(HypervisorError::SamplingInterval { every });
        }
        Ok(Self {
            every,
            next: cell.time().saturating_add(every),
            samples: vec![cell.sample()],
        })
    }

    /// Takes a sample if it is time. Times that were jumped over are left out.
    pub(crate) fn observe(&mut self, cell: &Cell) {
        let Some(late) = cell.time().since(self.next) else {
            return;
        };
        self.samples.push(cell.sample());
        let periods = late.micros() / self.every.micros() + 1;
        let span = SimSpan::from_micros(periods.saturating_mul(self.every.micros()));
        self.next = self.next.saturating_add(span);
    }

    /// Goes on from a cell that was put in the place of the recorded one.
    pub(crate) fn rebase(&mut self, cell: &Cell) {
        self.samples.push(cell.sample());
        self.next = cell.time().saturating_add(self.every);
    }

    /// Hands out what was recorded since the last time.
    pub(crate) fn take(&mut self) -> Trajectory {
        Trajectory {
            every: self.every,
            samples: std::mem::take(&mut self.samples),
        }
    }
}
