//! Watching and steering what cells use.

mod performance;

pub use performance::{
    OperationMetrics, Outcome, PerformanceMonitor, PerformanceSummary, Timed, Verb, open_metrics,
};
