//! What is kept of the calls of one verb.

use std::time::Duration;

use hdrhistogram::Histogram;

use super::report::{OperationMetrics, Outcome};
use super::verb::Verb;

/// Longest call whose place among the percentiles is known, nanoseconds: one day.
///
/// A longer one counts as a call of one day there; total, mean and maximum stay exact.
const LONGEST_NANOS: u64 = 86_400_000_000_000;

/// Two significant digits: a bucket is at most 1/128 as wide as the values in it, and 41 kB hold them all.
const SIGNIFICANT_DIGITS: u8 = 2;

/// The calls of one verb, at least one.
#[derive(Debug)]
pub(super) struct Timings {
    successes: u64,
    failures: u64,
    total_nanos: u64,
    min_nanos: u64,
    max_nanos: u64,
    histogram: Histogram<u64>,
}

impl Timings {
    pub(super) fn new() -> Self {
        Self {
            successes: 0,
            failures: 0,
            total_nanos: 0,
            min_nanos: u64::MAX,
            max_nanos: 0,
            histogram: Histogram::new_with_max(LONGEST_NANOS, SIGNIFICANT_DIGITS)
                .expect("two digits over one day are a valid histogram"),
        }
    }

    pub(super) fn record(&mut self, took: Duration, outcome: Outcome) {
        // 64 bits of nanoseconds are 584 years.
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        match outcome {
            Outcome::Success => self.successes += 1,
            Outcome::Failure => self.failures += 1,
        }
        self.total_nanos = self.total_nanos.saturating_add(nanos);
        self.min_nanos = self.min_nanos.min(nanos);
        self.max_nanos = self.max_nanos.max(nanos);
        self.histogram.saturating_record(nanos);
    }

    pub(super) fn report(&self, operation: Verb) -> OperationMetrics {
        let calls = self.successes + self.failures;
        // The histogram answers with the upper end of a bucket, which may lie above the longest call.
        let quantile = |q| {
            let nanos = self.histogram.value_at_quantile(q);
            Duration::from_nanos(nanos.clamp(self.min_nanos, self.max_nanos))
        };
        OperationMetrics {
            operation,
            calls,
            successes: self.successes,
            failures: self.failures,
            total: Duration::from_nanos(self.total_nanos),
            mean: Duration::from_nanos(self.total_nanos.checked_div(calls).unwrap_or_default()),
            min: Duration::from_nanos(self.min_nanos),
            max: Duration::from_nanos(self.max_nanos),
            p50: quantile(0.5),
            p90: quantile(0.9),
            p99: quantile(0.99),
        }
    }
}
