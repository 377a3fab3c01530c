//! How far a cell is run.

use crate::SimTime;

/// How far a cell is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Goal {
    /// To a simulated time: the last coupling step that ends at or before it.
    Until(SimTime),
    /// To the end of the coupling step in which the cell has divided so many times since its first cell was born, or to a simulated time if it does not get there.
    Generations(u32, SimTime),
}

impl Goal {
    /// Where the cell stops in any case.
    pub const fn until(self) -> SimTime {
        match self {
            Self::Until(time) | Self::Generations(_, time) => time,
        }
    }

    /// The divisions that are wanted, if some are.
    pub const fn generations(self) -> Option<u32> {
        match self {
            Self::Until(_) => None,
            Self::Generations(count, _) => Some(count),
        }
    }
}
