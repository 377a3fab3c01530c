//! How long the calls of VMs take.

use std::sync::Arc;
use std::time::Duration;

use bioxen_core::Clock;
use parking_lot::Mutex;

mod open_metrics;
mod report;
mod timed;
mod timings;
mod verb;

pub use open_metrics::open_metrics;
pub use report::{OperationMetrics, Outcome, PerformanceSummary};
pub use timed::Timed;
pub use verb::Verb;

use timings::Timings;

/// Counts and times calls, for any number of VMs and threads.
///
/// Clones write into the same counts, so one monitor may be given to many VMs; [`Timed`] is the VM that reports to one.
/// No call is lost or counted twice, whichever threads make them, and each row of [`metrics`](Self::metrics) is one consistent reading.
/// There is no global monitor: who wants one makes it and passes it on.
///
/// A verb that was called holds 41 kB for its percentiles; one that never was holds nothing.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use bioxen_core::testing::ManualClock;
/// use bioxen_resources::{PerformanceMonitor, Verb};
///
/// let clock = ManualClock::new();
/// let monitor = PerformanceMonitor::new(Arc::new(clock.clone()));
/// monitor.time(Verb::Create, || {
///     clock.advance(Duration::from_millis(20));
///     Ok::<(), std::fmt::Error>(())
/// })?;
///
/// let rows = monitor.metrics();
/// assert_eq!(rows[0].operation, Verb::Create);
/// assert_eq!((rows[0].calls, rows[0].mean), (1, Duration::from_millis(20)));
/// assert_eq!(monitor.summary().success_rate, Some(1.0));
/// # Ok::<(), std::fmt::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct PerformanceMonitor {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    clock: Arc<dyn Clock>,
    /// By [`Verb::index`]; `None` before the first call. One lock each, so that different verbs never wait for each other.
    rows: [Mutex<Option<Box<Timings>>>; Verb::ALL.len()],
}

impl PerformanceMonitor {
    /// A monitor without calls that takes time from a clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            shared: Arc::new(Shared {
                clock,
                rows: std::array::from_fn(|_| Mutex::new(None)),
            }),
        }
    }

    /// Makes a call and records how long it took and whether it answered; a panic counts as a failure.
    ///
    /// # Errors
    ///
    /// Whatever the call answers.
    pub fn time<T, E>(&self, operation: Verb, call: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let mut running = Running {
            shared: &self.shared,
            operation,
            began: self.shared.clock.now(),
            outcome: Outcome::Failure,
        };
        let answer = call();
        if answer.is_ok() {
            running.outcome = Outcome::Success;
        }
        answer
    }

    /// Records a call that was timed elsewhere, such as one that a guest reports.
    pub fn record(&self, operation: Verb, took: Duration, outcome: Outcome) {
        self.shared.record(operation, took, outcome);
    }

    /// The operations that were called, in the order of [`Verb::ALL`].
    pub fn metrics(&self) -> Vec<OperationMetrics> {
        let rows = self.shared.rows.iter().zip(Verb::ALL);
        rows.filter_map(|(row, operation)| {
            let row = row.lock();
            row.as_ref().map(|timings| timings.report(operation))
        })
        .collect()
    }

    /// All operations together, and the slowest of them.
    pub fn summary(&self) -> PerformanceSummary {
        PerformanceSummary::of(self.metrics())
    }

    /// Forgets all calls that have ended; one that still runs is counted when it ends.
    pub fn reset(&self) {
        for row in &self.shared.rows {
            *row.lock() = None;
        }
    }

    /// The counts as text for Prometheus and what else reads [OpenMetrics 1.0]; [`open_metrics`] does it for several VMs.
    ///
    /// [OpenMetrics 1.0]: https://prometheus.io/docs/specs/om/open_metrics_spec/
    pub fn to_open_metrics(&self) -> String {
        open_metrics::render(&[(None, self.metrics())])
    }
}

impl Shared {
    fn record(&self, operation: Verb, took: Duration, outcome: Outcome) {
        self.rows[operation.index()]
            .lock()
            .get_or_insert_with(|| Box::new(Timings::new()))
            .record(took, outcome);
    }
}

/// A call that has begun; it is recorded when this is dropped, so also when the call panics.
struct Running<'a> {
    shared: &'a Shared,
    operation: Verb,
    began: Duration,
    outcome: Outcome,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let took = self.shared.clock.now().saturating_sub(self.began);
        self.shared.record(self.operation, took, self.outcome);
    }
}

#[cfg(test)]
mod tests;
