//! Time courses: samples taken while a cell moves.

use bioxen_core::{Sample, Sampling, SimSpan};

use crate::cell::{COUPLING_STEP, Cell};
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
    /// The times that are still to come.
    due: Sampling,
    samples: Vec<Sample>,
    room: Option<Room>,
    /// Samples for which there was no room since the last time.
    missed: u64,
}

/// Memory that a VM may take, bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    pub(crate) limit: u64,
    /// Of the cell itself.
    pub(crate) state: u64,
}

impl Room {
    /// What so many samples and the state take.
    fn taken(self, samples: u64) -> u64 {
        let each = u64::try_from(size_of::<Sample>()).unwrap_or(u64::MAX);
        self.state.saturating_add(samples.saturating_mul(each))
    }
}

impl Recorder {
    /// Starts, with a sample of the cell as it is if one is due already.
    pub(crate) fn start(
        due: Sampling,
        cell: &Cell,
        room: Option<Room>,
    ) -> Result<Self, HypervisorError> {
        let every = due.every;
        if every == SimSpan::ZERO || !every.micros().is_multiple_of(COUPLING_STEP.micros()) {
            return Err(HypervisorError::SamplingInterval { every });
        }
        let mut recorder = Self {
            due,
            samples: Vec::new(),
            room,
            missed: 0,
        };
        recorder.observe(cell);
        Ok(recorder)
    }

    /// Takes a sample if it is time. Times that were jumped over are left out.
    pub(crate) fn observe(&mut self, cell: &Cell) {
        if cell.time() >= self.due.from {
            self.keep(cell);
            self.due = self.due.after(cell.time());
        }
    }

    /// Goes on from a cell that was put in the place of the recorded one.
    pub(crate) fn rebase(&mut self, cell: &Cell) {
        self.keep(cell);
        self.due.from = cell.time().saturating_add(self.due.every);
    }

    /// Keeps a sample if there is room for it, and counts it if not.
    fn keep(&mut self, cell: &Cell) {
        let samples = u64::try_from(self.samples.len()).unwrap_or(u64::MAX);
        let fits = self
            .room
            .is_none_or(|room| room.taken(samples.saturating_add(1)) <= room.limit);
        if fits {
            self.samples.push(cell.sample());
        } else {
            self.missed += 1;
        }
    }

    /// Hands out what was recorded since the last time, if all of it was kept.
    pub(crate) fn take(&mut self) -> Result<Trajectory, HypervisorError> {
        let samples = std::mem::take(&mut self.samples);
        let missed = std::mem::take(&mut self.missed);
        if let Some(room) = self.room.filter(|_| missed > 0) {
            let kept = u64::try_from(samples.len()).unwrap_or(u64::MAX);
            return Err(HypervisorError::HistoryAboveLimit {
                needed: room.taken(kept.saturating_add(missed)),
                limit: room.limit,
            });
        }
        Ok(Trajectory {
            every: self.due.every,
            samples,
        })
    }
}
