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
    /// Starts with a sample of the cell as it is.
    pub(crate) fn start(
        every: SimSpan,
        cell: &Cell,
        room: Option<Room>,
    ) -> Result<Self, HypervisorError> {
        if every == SimSpan::ZERO || !every.micros().is_multiple_of(COUPLING_STEP.micros()) {
            return Err(HypervisorError::SamplingInterval { every });
        }
        let mut recorder = Self {
            every,
            next: cell.time().saturating_add(every),
            samples: Vec::new(),
            room,
            missed: 0,
        };
        recorder.keep(cell);
        Ok(recorder)
    }

    /// Takes a sample if it is time. Times that were jumped over are left out.
    pub(crate) fn observe(&mut self, cell: &Cell) {
        let Some(late) = cell.time().since(self.next) else {
            return;
        };
        self.keep(cell);
        let periods = late.micros() / self.every.micros() + 1;
        let span = SimSpan::from_micros(periods.saturating_mul(self.every.micros()));
        self.next = self.next.saturating_add(span);
    }

    /// Goes on from a cell that was put in the place of the recorded one.
    pub(crate) fn rebase(&mut self, cell: &Cell) {
        self.keep(cell);
        self.next = cell.time().saturating_add(self.every);
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
            every: self.every,
            samples,
        })
    }
}
