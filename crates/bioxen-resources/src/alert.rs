//! When to call a person.

use std::fmt;
use std::time::Duration;

use bioxen_core::{SimTime, VmId};

use crate::error::InvalidSetting;
use crate::history::Reading;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum AlertKind {
    /// The level of ATP is low.
    LowAtp,
    /// Nearly all granted ribosomes translate.
    HighRibosomeUtilization,
}

impl AlertKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::LowAtp, Self::HighRibosomeUtilization];
}

impl fmt::Display for AlertKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::LowAtp => "low ATP",
            Self::HighRibosomeUtilization => "high ribosome utilization",
        })
    }
}

/// Whether it began or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlertChange {
    /// The reading went beyond the threshold.
    Raised,
    /// The reading came back by more than the hysteresis.
    Cleared,
}

/// Something that an operator wants to know at once: sent when it begins and when it ends, not in between.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "an alert is for somebody"]
pub struct Alert {
    /// The VM.
    pub vm: VmId,
    /// What is wrong.
    pub kind: AlertKind,
    /// Whether it began or ended.
    pub change: AlertChange,
    /// The reading, percent.
    pub value: f64,
    /// The threshold that it passed, percent.
    pub threshold: f64,
    /// Simulated time of the reading.
    pub sim_time: SimTime,
    /// When the reading was taken, on the clock of the monitor.
    pub taken_at: Duration,
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, value, threshold) = (self.kind, self.value, self.threshold);
        let (vm, at) = (&self.vm, self.sim_time);
        match self.change {
            AlertChange::Raised => write!(
                f,
                "{kind} in VM \"{vm}\" at {at}: {value:.1}%, threshold {threshold}%"
            ),
            AlertChange::Cleared => write!(
                f,
                "{kind} in VM \"{vm}\" has ended at {at}: {value:.1}%, back beyond {threshold}%"
            ),
        }
    }
}

/// A level that raises an alert, and one that clears it.
///
/// ```
/// use bioxen_resources::Threshold;
///
/// // Raised below 20%, cleared from 25% on.
/// let low = Threshold::below(20.0, 25.0)?;
/// assert_eq!((low.raise(), low.clear()), (20.0, 25.0));
/// assert!(Threshold::below(20.0, 15.0).is_err());
/// # Ok::<(), bioxen_resources::InvalidSetting>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    raise: f64,
    clear: f64,
    side: Side,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Below,
    Above,
}

impl Threshold {
    /// Raised below one level, cleared at the other or above, percent.
    ///
    /// # Errors
    ///
    /// [`InvalidSetting`] unless 0 ≤ `raise` ≤ `clear` ≤ 100.
    pub fn below(raise: f64, clear: f64) -> Result<Self, InvalidSetting> {
        Self::new(
            raise,
            clear,
            Side::Below,
            0.0 <= raise && raise <= clear && clear <= 100.0,
        )
    }

    /// Raised above one level, cleared at the other or below, percent.
    ///
    /// # Errors
    ///
    /// [`InvalidSetting`] unless 0 ≤ `clear` ≤ `raise` ≤ 100.
    pub fn above(raise: f64, clear: f64) -> Result<Self, InvalidSetting> {
        Self::new(
            raise,
            clear,
            Side::Above,
            0.0 <= clear && clear <= raise && raise <= 100.0,
        )
    }

    fn new(raise: f64, clear: f64, side: Side, in_order: bool) -> Result<Self, InvalidSetting> {
        if in_order {
            Ok(Self { raise, clear, side })
        } else {
            let allowed = match side {
                Side::Below => "0 <= raise <= clear <= 100",
                Side::Above => "0 <= clear <= raise <= 100",
            };
            Err(InvalidSetting {
                setting: "alert threshold",
                found: format!("raised at {raise}%, cleared at {clear}%"),
                allowed,
            })
        }
    }

    /// Level that raises the alert, percent.
    pub fn raise(self) -> f64 {
        self.raise
    }

    /// Level that clears it, percent.
    pub fn clear(self) -> f64 {
        self.clear
    }

    /// What a value does to an alert that is raised or not; `None` if it does nothing.
    fn change(self, raised: bool, value: f64) -> Option<(AlertChange, f64)> {
        let (beyond, back) = match self.side {
            Side::Below => (value < self.raise, value >= self.clear),
            Side::Above => (value > self.raise, value <= self.clear),
        };
        match raised {
            false if beyond => Some((AlertChange::Raised, self.raise)),
            true if back => Some((AlertChange::Cleared, self.clear)),
            _ => None,
        }
    }
}

/// Thresholds of all kinds of alerts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlertPolicy {
    /// Level of ATP, percent of the reference concentration.
    pub atp: Threshold,
    /// Translating ribosomes, percent of those that may translate.
    pub ribosomes: Threshold,
}

impl Default for AlertPolicy {
    /// ATP below 20%, until 25%; ribosome utilization above 90%, until 85%.
    fn default() -> Self {
        let known = "the levels are in order";
        Self {
            atp: Threshold::below(20.0, 25.0).expect(known),
            ribosomes: Threshold::above(90.0, 85.0).expect(known),
        }
    }
}

/// Follows the readings of one VM and says when an alert begins or ends.
#[derive(Debug, Clone)]
pub struct Watchdog {
    vm: VmId,
    policy: AlertPolicy,
    raised: [bool; AlertKind::ALL.len()],
}

impl Watchdog {
    /// A watchdog that has raised nothing yet.
    pub fn new(vm: VmId, policy: AlertPolicy) -> Self {
        Self {
            vm,
            policy,
            raised: [false; AlertKind::ALL.len()],
        }
    }

    /// Alerts that this reading begins or ends. A reading that is no number changes nothing.
    pub fn observe(&mut self, reading: &Reading) -> Vec<Alert> {
        let usage = &reading.usage;
        let mut alerts = Vec::new();
        for (kind, raised) in AlertKind::ALL.into_iter().zip(&mut self.raised) {
            let (threshold, value) = match kind {
                AlertKind::LowAtp => (self.policy.atp, usage.atp_percent),
                AlertKind::HighRibosomeUtilization => {
                    (self.policy.ribosomes, usage.ribosome_utilization)
                }
            };
            if let Some((change, threshold)) = threshold.change(*raised, value) {
                *raised = change == AlertChange::Raised;
                alerts.push(Alert {
                    vm: self.vm.clone(),
                    kind,
                    change,
                    value,
                    threshold,
                    sim_time: usage.sim_time,
                    taken_at: reading.taken_at,
                });
            }
        }
        alerts
    }

    /// Whether an alert of this kind is raised now.
    pub fn is_raised(&self, kind: AlertKind) -> bool {
        let index = AlertKind::ALL.iter().position(|k| *k == kind);
        index.is_some_and(|index| self.raised[index])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::{id, usage};

    /// Alerts of a row of (ATP, ribosomes), in words.
    #[track_caller]
    fn check(readings: &[(f64, f64)], expect: &[&str]) {
        let mut watchdog = Watchdog::new(id("cell"), AlertPolicy::default());
        let mut seen = Vec::new();
        for &(atp, ribosomes) in readings {
            let reading = Reading {
                taken_at: Duration::ZERO,
                usage: usage(atp, ribosomes),
            };
            seen.extend(watchdog.observe(&reading).iter().map(ToString::to_string));
        }
        assert_eq!(seen, expect);
    }

    #[test]
    fn an_alert_is_raised_once_and_cleared_beyond_its_hysteresis() {
        check(
            &[
                (20.0, 50.0),
                (19.9, 50.0),
                (5.0, 50.0),
                (24.9, 50.0),
                (25.0, 50.0),
            ],
            &[
                "low ATP in VM \"cell\" at 0s: 19.9%, threshold 20%",
                "low ATP in VM \"cell\" has ended at 0s: 25.0%, back beyond 25%",
            ],
        );
        check(
            &[
                (80.0, 90.0),
                (80.0, 90.1),
                (80.0, 86.0),
                (80.0, 99.0),
                (80.0, 85.0),
            ],
            &[
                "high ribosome utilization in VM \"cell\" at 0s: 90.1%, threshold 90%",
                "high ribosome utilization in VM \"cell\" has ended at 0s: 85.0%, back beyond 85%",
            ],
        );
    }

    #[test]
    fn what_is_no_number_changes_nothing() {
        check(&[(f64::NAN, f64::NAN), (f64::NAN, f64::NAN)], &[]);
        let mut watchdog = Watchdog::new(id("cell"), AlertPolicy::default());
        for atp in [1.0, f64::NAN] {
            let reading = Reading {
                taken_at: Duration::ZERO,
                usage: usage(atp, 50.0),
            };
            drop(watchdog.observe(&reading));
            assert!(watchdog.is_raised(AlertKind::LowAtp));
        }
    }

    #[test]
    fn thresholds_that_would_never_clear_are_refused() {
        for (raise, clear) in [(20.0, 19.0), (-1.0, 5.0), (50.0, 101.0), (f64::NAN, 5.0)] {
            assert!(Threshold::below(raise, clear).is_err(), "{raise} {clear}");
        }
        for (raise, clear) in [(20.0, 21.0), (101.0, 5.0), (50.0, -1.0), (5.0, f64::NAN)] {
            assert!(Threshold::above(raise, clear).is_err(), "{raise} {clear}");
        }
        let error = Threshold::above(20.0, 30.0).expect_err("the wrong way round");
        assert_eq!(
            error.to_string(),
            "alert threshold cannot be raised at 20%, cleared at 30%: allowed is 0 <= clear <= raise <= 100"
        );
    }
}
