//! The lowest grant that keeps growth.

use bioxen_core::{AtpPercent, Quota, RibosomeCount, SimSpan};

use self::measurement::{Estimate, Measurement};
use crate::policy::{Advice, Policy, QuotaChange, Reason, Situation};

mod measurement;

/// What to seek, and how patiently.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GoalOptions {
    /// Growth that may be lost, as a share of the best, 0 to 1.
    pub tolerance: f64,
    /// Simulated time that the cell gets to settle after a change, before growth is measured.
    pub settling: SimSpan,
    /// Simulated time over which growth is averaged before it is looked at: one block. A measurement has four or more.
    pub window: SimSpan,
    /// Most simulated time that one measurement takes, after settling.
    pub patience: SimSpan,
    /// Shares of ATP are told apart down to this, hundredths of a percent.
    pub atp_step: u16,
}

impl Default for GoalOptions {
    /// 2% of growth, four hours to settle, blocks of two hours, four days at most for a measurement, steps of 2.5% of ATP.
    ///
    /// Mean growth of one syn3A cell over a day scatters by 2.5%, over two days by 1.7% (`cargo bench -p bioxen-benches --bench grants` shows what that does to a search).
    fn default() -> Self {
        let hours = |hours: u64| SimSpan::from_micros(hours * 3_600_000_000);
        Self {
            tolerance: 0.02,
            settling: hours(4),
            window: hours(2),
            patience: hours(96),
            atp_step: 250,
        }
    }
}

/// Seeks the lowest grant at which growth stays within a tolerance of the best, first of ATP and then of ribosomes.
///
/// Growth is measured at the grant that it begins with, which should be the full one.
/// Then each resource is halved in between: the interval from nothing to what is known to suffice is bisected until it
/// is one step wide, so that a search takes some ten measurements.
/// That works because growth does not fall when more is granted.
///
/// A measurement ends as soon as growth is clearly within the tolerance or clearly not, by three standard errors, and else when patience is over; then the mean decides.
/// Grants far from the border are thus told apart within hours and those near it within days, as the scatter of the cell demands.
///
/// Once it has found the grants it watches, and when growth clearly falls behind by twice the tolerance, it goes back to where it began and seeks anew.
#[derive(Debug, Clone)]
pub struct GoalPolicy {
    options: GoalOptions,
    stage: Stage,
    best: Estimate,
    start: Option<Quota>,
    measurement: Measurement,
}

/// Standard errors by which growth is clearly above a border or clearly below it.
const CLEAR: f64 = 3.0;

/// Standard errors up to this share of the tolerance leave nothing to wait for.
const KNOWN: f64 = 0.25;

/// Bounds are hundredths of a percent, or units: the lower one does not suffice, the upper one does.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    Best,
    Atp { low: u32, high: u32 },
    Ribosomes { low: u32, high: u32 },
    Hold,
}

impl GoalPolicy {
    /// A search that has not begun.
    pub fn new(options: GoalOptions) -> Self {
        Self {
            options,
            stage: Stage::Best,
            best: Estimate {
                mean: 0.0,
                error: 0.0,
            },
            start: None,
            measurement: Measurement::default(),
        }
    }

    /// Whether the lowest grants are found and held.
    pub fn is_settled(&self) -> bool {
        self.stage == Stage::Hold
    }

    /// Growth at the grant that it began with, 1/h; 0 before it is measured.
    pub fn best_per_h(&self) -> f64 {
        self.best.mean
    }

    /// What was measured under the present grant and whether it suffices, once that can be told; the next measurement begins then.
    fn measure(&mut self, situation: &Situation<'_>) -> Option<(Estimate, bool)> {
        let ended = self.measurement.look(
            situation.usage.sim_time,
            situation.metrics.growth_rate_per_h,
            self.options.settling,
            self.options.window,
        );
        let growth = ended.then(|| self.measurement.estimate())??;
        let enough = self.judge(growth)?;
        self.measurement = Measurement::default();
        Some((growth, enough))
    }

    /// Whether growth suffices; `None` while that is open and there is patience.
    fn judge(&self, growth: Estimate) -> Option<bool> {
        let tolerance = self.options.tolerance;
        let loss = match self.stage {
            Stage::Best => 0.0,
            Stage::Atp { .. } | Stage::Ribosomes { .. } => tolerance,
            Stage::Hold => 2.0 * tolerance,
        };
        let border = (1.0 - loss) * self.best.mean;
        let above = growth.mean - border;
        let error = growth.error.hypot((1.0 - loss) * self.best.error);
        let is_clear = above.abs() >= CLEAR * error;
        let is_out_of_patience = self.measurement.blocks() >= self.most_blocks();
        let is_known = error <= KNOWN * tolerance * growth.mean;
        match self.stage {
            Stage::Best => (is_known || is_out_of_patience).then_some(true),
            Stage::Atp { .. } | Stage::Ribosomes { .. } => {
                (is_clear || is_known || is_out_of_patience).then_some(above >= 0.0)
            }
            Stage::Hold => (is_clear || is_out_of_patience).then_some(above >= 0.0 || !is_clear),
        }
    }

    fn most_blocks(&self) -> usize {
        let blocks = self.options.patience.micros() / self.options.window.micros().max(1);
        usize::try_from(blocks).unwrap_or(usize::MAX)
    }

    /// The next grant to try or to hold, after growth at the present one was measured.
    fn next(&mut self, quota: Quota, growth: Estimate, enough: bool) -> (QuotaChange, Reason) {
        let growth_per_h = growth.mean;
        let trying = Reason::Trying {
            best_per_h: self.best.mean,
        };
        let lost = Reason::GrowthLost {
            growth_per_h,
            best_per_h: self.best.mean,
        };
        let reason = if enough { trying } else { lost };
        let (atp, units) = (u32::from(quota.atp.hundredths()), quota.ribosomes.get());
        self.stage = match self.stage {
            // A cell that does not grow has no best: it is measured again.
            Stage::Best if growth_per_h <= 0.0 || growth_per_h.is_nan() => Stage::Best,
            Stage::Best => {
                self.best = growth;
                self.start = Some(quota);
                Stage::Atp { low: 0, high: atp }
            }
            Stage::Atp { high, .. } if !enough => Stage::Atp { low: atp, high },
            Stage::Atp { low, .. } => Stage::Atp { low, high: atp },
            Stage::Ribosomes { high, .. } if !enough => Stage::Ribosomes { low: units, high },
            Stage::Ribosomes { low, .. } => Stage::Ribosomes { low, high: units },
            Stage::Hold if !enough => {
                self.stage = Stage::Best;
                let start = self.start.unwrap_or(quota);
                return (
                    grant(
                        Some(u32::from(start.atp.hundredths())),
                        Some(start.ribosomes.get()),
                    ),
                    lost,
                );
            }
            Stage::Hold => Stage::Hold,
        };
        let step = u32::from(self.options.atp_step.max(1));
        if let Stage::Atp { low, high } = self.stage {
            if high.saturating_sub(low) > step {
                return (grant(Some(middle(low, high)), None), reason);
            }
            // The share that suffices is held from here on, and ribosomes are next.
            self.stage = Stage::Ribosomes {
                low: 0,
                high: units,
            };
            if units > 1 {
                return (grant(Some(high), Some(middle(0, units))), reason);
            }
        }
        if let Stage::Ribosomes { low, high } = self.stage {
            if high.saturating_sub(low) > 1 {
                return (grant(None, Some(middle(low, high))), reason);
            }
            self.stage = Stage::Hold;
            return (grant(None, Some(high)), reason);
        }
        (QuotaChange::default(), reason)
    }
}

impl Policy for GoalPolicy {
    fn advise(&mut self, situation: &Situation<'_>) -> Option<Advice> {
        let (growth, enough) = self.measure(situation)?;
        let (change, reason) = self.next(situation.quota, growth, enough);
        Some(Advice {
            change: change.from(situation.quota)?,
            reason,
            sim_time: situation.usage.sim_time,
        })
    }
}

fn middle(low: u32, high: u32) -> u32 {
    low + high.saturating_sub(low) / 2
}

/// Hundredths of a percent of ATP, and units of ribosomes.
fn grant(atp: Option<u32>, units: Option<u32>) -> QuotaChange {
    let share = |hundredths: u32| {
        let hundredths = u16::try_from(hundredths).unwrap_or(u16::MAX);
        AtpPercent::from_hundredths(hundredths).unwrap_or(AtpPercent::FULL)
    };
    QuotaChange {
        atp: atp.map(share),
        ribosomes: units.map(RibosomeCount::new),
    }
}

#[cfg(test)]
mod tests {
    use bioxen_core::{BiologicalVm, Organism};

    use super::*;
    use crate::fake::FakeVm;
    use crate::manager::BioResourceManager;

    /// Grows as fast as the scarcer of the two grants allows, up to 1/h, and scatters a little.
    fn grow(vm: &mut FakeVm, needs_atp: f64, needs_units: f64, look: u32) {
        let atp = vm.quota.atp.percent() / needs_atp;
        let units = f64::from(vm.quota.ribosomes.get()) / needs_units;
        let noise = 0.01 * (f64::from(look % 7) - 3.0);
        vm.growth_per_h = atp.min(units).min(1.0) + noise;
    }

    #[track_caller]
    fn settle(
        manager: &mut BioResourceManager<FakeVm>,
        policy: &mut GoalPolicy,
        needs: (f64, f64),
    ) -> usize {
        let mut decisions = 0;
        for look in 0..12 * 24 * 30 {
            grow(manager.vm_mut(), needs.0, needs.1, look);
            let decided = manager.optimize(policy).expect("it refuses nothing");
            decisions += usize::from(decided.is_some());
            let five = SimSpan::from_micros(300_000_000);
            manager.vm_mut().advance(five).expect("running");
            if policy.is_settled() {
                return decisions;
            }
        }
        panic!("it has not settled in a month");
    }

    #[test]
    fn the_lowest_grants_that_suffice_are_found_and_sought_anew_when_they_no_longer_do() {
        let mut manager = BioResourceManager::new(Box::new(FakeVm::new("cell", Organism::Syn3a)));
        let mut policy = GoalPolicy::new(GoalOptions::default());
        let decisions = settle(&mut manager, &mut policy, (41.0, 6.0));
        assert!(decisions <= 12, "{decisions} decisions");
        let quota = manager.vm().quota;
        // 2% less than what full growth needs is tolerated, and steps are 2.5%.
        assert!((40.0..=43.5).contains(&quota.atp.percent()), "{quota:?}");
        assert_eq!(quota.ribosomes.get(), 6);
        let held = quota;
        for look in 0..12 * 48 {
            grow(manager.vm_mut(), 41.0, 6.0, look);
            let decided = manager.optimize(&mut policy).expect("it refuses nothing");
            assert_eq!(decided, None, "it holds");
            let five = SimSpan::from_micros(300_000_000);
            manager.vm_mut().advance(five).expect("running");
        }
        assert_eq!(manager.vm().quota, held);
        // The cell needs more: back to the start within a day, and down again.
        for look in 0..12 * 24 {
            if !policy.is_settled() {
                break;
            }
            grow(manager.vm_mut(), 60.0, 9.0, look);
            manager.optimize(&mut policy).expect("it refuses nothing");
            let five = SimSpan::from_micros(300_000_000);
            manager.vm_mut().advance(five).expect("running");
        }
        assert!(!policy.is_settled());
        settle(&mut manager, &mut policy, (60.0, 9.0));
        let quota = manager.vm().quota;
        assert!((58.5..=62.5).contains(&quota.atp.percent()), "{quota:?}");
        assert_eq!(quota.ribosomes.get(), 9);
    }

    #[test]
    fn the_same_readings_give_the_same_decisions() {
        let run = || {
            let mut manager =
                BioResourceManager::new(Box::new(FakeVm::new("cell", Organism::Ecoli)));
            let mut policy = GoalPolicy::new(GoalOptions::default());
            settle(&mut manager, &mut policy, (70.0, 20.0));
            let all: Vec<String> = manager
                .decisions()
                .iter()
                .map(ToString::to_string)
                .collect();
            all
        };
        assert_eq!(run(), run());
        assert!(!run().is_empty());
    }
}
