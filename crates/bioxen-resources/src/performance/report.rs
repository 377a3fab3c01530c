//! What a monitor answers.

use std::time::Duration;

use serde::{Serialize, Serializer};

use super::verb::Verb;

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It answered.
    ///
    /// A program that ran and failed is an answer too: its report says so.
    Success,
    /// It ended with an error or a panic.
    Failure,
}

/// The calls of one operation.
///
/// Counts, total, mean, minimum and maximum are exact.
/// A percentile is the time within which that part of the calls ended; it is at most 1/128 (0.8%) above the exact one, never below it and never above the maximum.
///
/// As JSON, times are seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OperationMetrics {
    /// Which operation.
    #[serde(serialize_with = "name")]
    pub operation: Verb,
    /// Calls that ended.
    pub calls: u64,
    /// Calls that answered.
    pub successes: u64,
    /// Calls that ended with an error or a panic.
    pub failures: u64,
    /// Time of all calls.
    #[serde(rename = "total_seconds", serialize_with = "seconds")]
    pub total: Duration,
    /// Total over calls, whole nanoseconds.
    #[serde(rename = "mean_seconds", serialize_with = "seconds")]
    pub mean: Duration,
    /// The shortest call.
    #[serde(rename = "min_seconds", serialize_with = "seconds")]
    pub min: Duration,
    /// The longest call.
    #[serde(rename = "max_seconds", serialize_with = "seconds")]
    pub max: Duration,
    /// Half of the calls took no longer.
    #[serde(rename = "p50_seconds", serialize_with = "seconds")]
    pub p50: Duration,
    /// 90% of the calls took no longer.
    #[serde(rename = "p90_seconds", serialize_with = "seconds")]
    pub p90: Duration,
    /// 99% of the calls took no longer.
    #[serde(rename = "p99_seconds", serialize_with = "seconds")]
    pub p99: Duration,
}

/// All operations together.
///
/// As JSON, times are seconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PerformanceSummary {
    /// Calls that ended.
    pub calls: u64,
    /// Time of all calls; calls at the same time on several threads add up.
    #[serde(rename = "total_seconds", serialize_with = "seconds")]
    pub total: Duration,
    /// Part of the calls that answered, 0 to 1; `None` without calls.
    pub success_rate: Option<f64>,
    /// The operations with the longest mean, at most [`SLOWEST`](Self::SLOWEST), the slowest first.
    pub slowest: Vec<OperationMetrics>,
}

impl PerformanceSummary {
    /// How many operations count as the slowest.
    pub const SLOWEST: usize = 5;

    pub(super) fn of(mut rows: Vec<OperationMetrics>) -> Self {
        let calls = rows.iter().map(|row| row.calls).sum();
        let successes = rows.iter().map(|row| row.successes).sum();
        let total = rows.iter().map(|row| row.total);
        let total = total.fold(Duration::ZERO, Duration::saturating_add);
        // The sort is stable: operations of the same mean stay in the order of `Verb::ALL`.
        rows.sort_by_key(|row| std::cmp::Reverse(row.mean));
        rows.truncate(Self::SLOWEST);
        Self {
            calls,
            total,
            success_rate: rate(successes, calls),
            slowest: rows,
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a rate of more than 2^53 calls is still right to 15 digits"
)]
fn rate(successes: u64, calls: u64) -> Option<f64> {
    (calls > 0).then(|| successes as f64 / calls as f64)
}

fn name<S: Serializer>(verb: &Verb, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(verb.name())
}

fn seconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_secs_f64())
}
