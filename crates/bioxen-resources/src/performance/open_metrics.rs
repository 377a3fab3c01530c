//! Counts as text that Prometheus reads, by OpenMetrics 1.0.
//!
//! Specification: <https://prometheus.io/docs/specs/om/open_metrics_spec/>.

use std::fmt::{self, Write};
use std::time::Duration;

use bioxen_core::VmId;

use super::PerformanceMonitor;
use super::report::OperationMetrics;

/// The calls of several VMs in one text, each sample with a label `vm`; each id may be there only once.
///
/// Texts of several monitors cannot simply be put after each other: a family of metrics may stand only once, and `# EOF` ends the text.
///
/// Two families are written, of the operations that were called:
/// the counter `bioxen_operations_total` with the labels `operation` and `outcome` (`success` or `failure`), and the summary `bioxen_operation_duration_seconds` with the label `operation`, whose quantiles 0 and 1 are the shortest and the longest call.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use bioxen_core::VmId;
/// use bioxen_core::testing::ManualClock;
/// use bioxen_resources::{Outcome, PerformanceMonitor, Verb, open_metrics};
///
/// let cell = VmId::new("cell-1")?;
/// let monitor = PerformanceMonitor::new(Arc::new(ManualClock::new()));
/// monitor.record(Verb::Start, Duration::from_micros(3), Outcome::Success);
///
/// let text = open_metrics(&[(&cell, &monitor)]);
/// let sample = "bioxen_operations_total{vm=\"cell-1\",operation=\"start\",outcome=\"success\"} 1\n";
/// assert!(text.contains(sample));
/// assert!(text.ends_with("# EOF\n"));
/// # Ok::<(), bioxen_core::InvalidName>(())
/// ```
pub fn open_metrics(monitors: &[(&VmId, &PerformanceMonitor)]) -> String {
    let readings: Vec<_> = monitors
        .iter()
        .map(|(id, monitor)| (Some(*id), monitor.metrics()))
        .collect();
    render(&readings)
}

/// The rows of each VM; those of a monitor for all VMs have no id.
pub(super) fn render(readings: &[(Option<&VmId>, Vec<OperationMetrics>)]) -> String {
    let mut text = String::new();
    write_all(&mut text, readings).expect("writing to a string cannot fail");
    text
}

fn write_all(
    text: &mut String,
    readings: &[(Option<&VmId>, Vec<OperationMetrics>)],
) -> fmt::Result {
    let rows = || {
        readings
            .iter()
            .flat_map(|(id, rows)| rows.iter().map(|row| (Labels { id: *id, row }, row)))
    };
    text.write_str(
        "# TYPE bioxen_operations counter\n\
         # HELP bioxen_operations Calls of biological VMs that ended.\n",
    )?;
    for (labels, row) in rows() {
        for (outcome, count) in [("success", row.successes), ("failure", row.failures)] {
            writeln!(
                text,
                "bioxen_operations_total{{{labels},outcome=\"{outcome}\"}} {count}"
            )?;
        }
    }
    text.write_str(
        "# TYPE bioxen_operation_duration_seconds summary\n\
         # UNIT bioxen_operation_duration_seconds seconds\n\
         # HELP bioxen_operation_duration_seconds Time that calls of biological VMs took.\n",
    )?;
    for (labels, row) in rows() {
        let name = "bioxen_operation_duration_seconds";
        // Quantiles are written as the specification writes floats that are compared as text.
        let quantiles = [
            ("0.0", row.min),
            ("0.5", row.p50),
            ("0.9", row.p90),
            ("0.99", row.p99),
            ("1.0", row.max),
        ];
        for (quantile, time) in quantiles {
            let time = Seconds(time);
            writeln!(text, "{name}{{{labels},quantile=\"{quantile}\"}} {time}")?;
        }
        writeln!(text, "{name}_count{{{labels}}} {}", row.calls)?;
        writeln!(text, "{name}_sum{{{labels}}} {}", Seconds(row.total))?;
    }
    text.write_str("# EOF\n")
}

/// The labels that all samples of a row have.
///
/// Nothing needs to be escaped: verbs are words of ours, and the alphabet of VM ids has no quote, backslash or line break.
#[derive(Clone, Copy)]
struct Labels<'a> {
    id: Option<&'a VmId>,
    row: &'a OperationMetrics,
}

impl fmt::Display for Labels<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(id) = self.id {
            write!(f, "vm=\"{id}\",")?;
        }
        write!(f, "operation=\"{}\"", self.row.operation)
    }
}

/// A time in seconds, to the nanosecond, without an exponent.
struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = format!("{:09}", self.0.subsec_nanos());
        let fraction = nanos.trim_end_matches('0');
        let fraction = if fraction.is_empty() { "0" } else { fraction };
        write!(f, "{}.{fraction}", self.0.as_secs())
    }
}
