//! The times of the operating system, which the daemon is given.

use std::time::{Duration, Instant, SystemTime};

use bioxen_core::Clock;

/// Time since the program began.
#[derive(Debug)]
pub(crate) struct SystemClock {
    origin: Instant,
}

impl SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that the daemon is given"
    )]
    pub(crate) fn new() -> Self {
        Self {
            origin: Instant::now(),
        }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.origin.elapsed()
    }
}

/// The time on the wall.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the time that the daemon and the checks are given"
)]
pub(crate) fn wall() -> SystemTime {
    SystemTime::now()
}
