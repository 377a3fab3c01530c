//! Limits on time, and waiting that can be called off.

use std::fmt;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bioxen_core::CancelToken;
use thiserror::Error;

/// Time as the client sees it, and its passing.
///
/// Everything that waits asks it, so that a whole life of a guest can be played in no time.
pub trait Timer: Send + Sync + fmt::Debug {
    /// Time since an arbitrary origin; it never goes backward.
    fn now(&self) -> Duration;

    /// Time on the wall, milliseconds since the beginning of 1970 in UTC; a timer that has none says its own time.
    fn unix_millis(&self) -> u64 {
        u64::try_from(self.now().as_millis()).unwrap_or(u64::MAX)
    }

    /// Lets a span pass, or less of it if `cancel` is raised meanwhile.
    fn wait(&self, span: Duration, cancel: &CancelToken);
}

/// The time of the system.
#[derive(Clone, Copy, Debug)]
pub struct SystemTimer {
    origin: Instant,
}

impl SystemTimer {
    /// How soon a raised token is noticed.
    const NOTICE: Duration = Duration::from_millis(20);

    /// A timer whose origin is now.
    #[expect(
        clippy::disallowed_methods,
        reason = "it is the timer that the others take as an argument"
    )]
    pub fn new() -> Self {
        Self {
            origin: Instant::now(),
        }
    }
}

impl Default for SystemTimer {
    fn default() -> Self {
        Self::new()
    }
}

impl Timer for SystemTimer {
    fn now(&self) -> Duration {
        self.origin.elapsed()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "it is the timer that the others take as an argument"
    )]
    fn unix_millis(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| {
            u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
        })
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "it is the timer that the others take as an argument"
    )]
    fn wait(&self, span: Duration, cancel: &CancelToken) {
        let end = self.now().saturating_add(span);
        while !cancel.is_cancelled() {
            let left = end.saturating_sub(self.now());
            if left.is_zero() {
                return;
            }
            std::thread::sleep(left.min(Self::NOTICE));
        }
    }
}

/// When a step must be over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    step: &'static str,
    limit: Duration,
    end: Duration,
}

impl Deadline {
    /// A limit for a step that begins now.
    pub fn new(step: &'static str, limit: Duration, timer: &dyn Timer) -> Self {
        Self {
            step,
            limit,
            end: timer.now().saturating_add(limit),
        }
    }

    /// The earlier of the two: a step is part of a whole that has a limit too.
    #[must_use]
    pub fn within(self, whole: Self) -> Self {
        if whole.end < self.end { whole } else { self }
    }

    /// As [`within`](Self::within), but what is said of it stays: the whole is told of by who set it.
    #[must_use]
    pub(crate) fn within_as_itself(self, whole: Self) -> Self {
        let cut = self.end.saturating_sub(whole.end);
        Self {
            end: self.end.min(whole.end),
            limit: self.limit.saturating_sub(cut),
            ..self
        }
    }

    /// The step.
    pub fn step(&self) -> &'static str {
        self.step
    }

    /// Time that is left.
    ///
    /// # Errors
    ///
    /// [`Overdue`] if there is none.
    pub fn left(&self, timer: &dyn Timer) -> Result<Duration, Overdue> {
        let left = self.end.saturating_sub(timer.now());
        if left.is_zero() {
            return Err(self.overdue());
        }
        Ok(left)
    }

    /// What is said of the step if it takes longer.
    pub fn overdue(&self) -> Overdue {
        Overdue {
            step: self.step,
            limit: self.limit,
        }
    }
}

/// A step took too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{step} was not over after {} s", limit.as_secs_f64())]
pub struct Overdue {
    /// The step.
    pub step: &'static str,
    /// What it was given.
    pub limit: Duration,
}
