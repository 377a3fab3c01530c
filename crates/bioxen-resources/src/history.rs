//! The last readings of a VM.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::time::Duration;

use bioxen_core::ResourceUsage;

/// What a VM used at one time.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// When it was taken, on the clock of the monitor.
    pub taken_at: Duration,
    /// The usage, with the simulated time that it is of.
    pub usage: ResourceUsage,
}

/// The last readings, the oldest first; an older one goes when a new one comes.
///
/// ```
/// use std::num::NonZeroUsize;
/// use bioxen_resources::History;
///
/// let history = History::new(History::DEFAULT_CAPACITY);
/// assert_eq!(history.capacity(), NonZeroUsize::new(100).expect("100 is not 0"));
/// assert!(history.latest().is_none());
/// ```
#[derive(Debug, Clone)]
pub struct History {
    capacity: NonZeroUsize,
    readings: VecDeque<Reading>,
}

impl History {
    /// Readings that are kept if nothing else is asked for.
    pub const DEFAULT_CAPACITY: NonZeroUsize = NonZeroUsize::new(100).expect("100 is not 0");

    /// An empty history of so many readings at most.
    pub fn new(capacity: NonZeroUsize) -> Self {
        Self {
            capacity,
            readings: VecDeque::new(),
        }
    }

    /// Readings that are kept at most.
    pub fn capacity(&self) -> NonZeroUsize {
        self.capacity
    }

    /// Adds a reading and drops the oldest one if there is no room.
    pub fn push(&mut self, reading: Reading) {
        if self.readings.len() == self.capacity.get() {
            self.readings.pop_front();
        }
        self.readings.push_back(reading);
    }

    /// The readings, the oldest first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Reading> {
        self.readings.iter()
    }

    /// The last reading.
    pub fn latest(&self) -> Option<&Reading> {
        self.readings.back()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::usage;

    #[test]
    fn the_oldest_reading_goes_first_and_memory_is_flat() {
        let capacity = NonZeroUsize::new(3).expect("not 0");
        let mut history = History::new(capacity);
        for second in 0..1_000_000 {
            history.push(Reading {
                taken_at: Duration::from_secs(second),
                usage: usage(50.0, 50.0),
            });
        }
        let times: Vec<u64> = history.iter().map(|r| r.taken_at.as_secs()).collect();
        assert_eq!(times, [999_997, 999_998, 999_999]);
        assert_eq!(
            history.latest().map(|r| r.taken_at.as_secs()),
            Some(999_999)
        );
        assert!(
            history.readings.capacity() <= 8,
            "no room for more than a few"
        );
    }
}
