//! Help for tests of code that asks for the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::pacing::Clock;

/// A clock that stands still until a test moves it; clones show the same time.
///
/// ```
/// use std::time::Duration;
/// use bioxen_core::Clock;
/// use bioxen_core::testing::ManualClock;
///
/// let clock = ManualClock::new();
/// let seen_by_the_code_under_test = clock.clone();
/// clock.advance(Duration::from_secs(30));
/// assert_eq!(seen_by_the_code_under_test.now(), Duration::from_secs(30));
/// ```
#[derive(Clone, Debug, Default)]
pub struct ManualClock {
    nanos: Arc<AtomicU64>,
}

impl ManualClock {
    /// A clock at its origin.
    pub fn new() -> Self {
        Self::default()
    }

    /// Moves the clock forward; it stops at the end of its range, after 584 years.
    pub fn advance(&self, by: Duration) {
        let by = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        let mut now = self.nanos.load(Ordering::Acquire);
        // Another thread may have moved the clock in between: then from where it is now.
        while let Err(moved) = self.nanos.compare_exchange_weak(
            now,
            now.saturating_add(by),
            Ordering::AcqRel,
            Ordering::Acquire,
        ) {
            now = moved;
        }
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Duration {
        Duration::from_nanos(self.nanos.load(Ordering::Acquire))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::ManualClock;
    use crate::pacing::Clock;

    #[test]
    fn time_passes_only_when_moved_and_never_backward() {
        let clock = ManualClock::new();
        assert_eq!(clock.now(), Duration::ZERO);
        clock.advance(Duration::from_millis(1_500));
        clock.advance(Duration::ZERO);
        assert_eq!(clock.now(), Duration::from_millis(1_500));
        clock.advance(Duration::MAX);
        clock.advance(Duration::from_secs(1));
        assert_eq!(clock.now(), Duration::from_nanos(u64::MAX));
    }
}
