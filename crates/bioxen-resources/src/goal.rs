//! The lowest grant that keeps growth.

use bioxen_core::{AtpPercent, Quota, RibosomeCount, SimSpan, SimTime};

use crate::policy::{Advice, Policy, QuotaChange, Reason, Situation};

/// What to seek, and how patiently.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GoalOptions {
    /// Growth that may be lost, as a share of the best, 0 to 1.
    pub tolerance: f64,
    /// Simulated time that the cell gets to settle after a change, before growth is measured.
    pub settling: SimSpan,
    /// Simulated time over which growth is averaged.
    pub window: SimSpan,
    /// Shares of ATP are told apart down to this, hundredths of a percent.
    pub atp_step: u16,
}

impl Default for GoalOptions {
    /// 2% of growth, an hour to settle, four hours of measurement, steps of 2.5% of ATP.
    ///
    /// Growth of one cell scatters by some percent from hour to hour: a shorter window takes noise for an answer.
    fn default() -> Self {
        Self {
            tolerance: 0.02,
            settling: SimSpan::from_micros(3_600_000_000),
            window: SimSpan::from_micros(4 * 3_600_000_000),
            atp_step: 250,
        }
    }
}

/// Seeks the lowest grant at which growth stays within a tolerance of the best, first of ATP and then of ribosomes.
///
/// Growth is measured at the grant that it begins with, which should be the full one.
/// Then each resource is halved in between: the interval from nothing to what is known to suffice is bisected until it
/// is one step wide, so that a search takes some ten measurements.
/// That works because growth does not fall when more is granted; noise beyond the tolerance can mislead it.
/// Once it has found the grants it watches, and when growth of a whole window falls behind by twice the tolerance, it
/// goes back to where it began and seeks anew.
#[derive(Debug, Clone)]
pub struct GoalPolicy {
    options: GoalOptions,
    stage: Stage,
    best_per_h: f64,
    start: Option<Quota>,
    /// Nothing is measured before.
    settled_at: Option<SimTime>,
    sum_per_h: f64,
    looks: u32,
}

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
            best_per_h: 0.0,
            start: None,
            settled_at: None,
            sum_per_h: 0.0,
            looks: 0,
        }
    }

    /// Whether the lowest grants are found and held.
    pub fn is_settled(&self) -> bool {
        self.stage == Stage::Hold
    }

    /// Growth at the grant that it began with, 1/h; 0 before it is measured.
    pub fn best_per_h(&self) -> f64 {
        self.best_per_h
    }

    /// Mean growth over a window after settling, 1/h; `None` until the window is over.
    fn measure(&mut self, situation: &Situation<'_>) -> Option<f64> {
        let now = situation.usage.sim_time;
        let settled_at = *self
            .settled_at
            .get_or_insert(now.saturating_add(self.options.settling));
        let measured = now.since(settled_at)?;
        self.sum_per_h += situation.metrics.growth_rate_per_h;
        self.looks += 1;
        (measured >= self.options.window).then(|| self.sum_per_h / f64::from(self.looks))
    }

    /// A new measurement begins.
    fn begin(&mut self) {
        self.settled_at = None;
        self.sum_per_h = 0.0;
        self.looks = 0;
    }

    /// The next grant to try or to hold, after growth at the present one was measured.
    fn next(&mut self, quota: Quota, growth_per_h: f64) -> (QuotaChange, Reason) {
        let enough = growth_per_h >= (1.0 - self.options.tolerance) * self.best_per_h;
        let trying = Reason::Trying {
            best_per_h: self.best_per_h,
        };
        let lost = Reason::GrowthLost {
            growth_per_h,
            best_per_h: self.best_per_h,
        };
        let reason = if enough { trying } else { lost };
        let (atp, units) = (u32::from(quota.atp.hundredths()), quota.ribosomes.get());
        self.stage = match self.stage {
            // A cell that does not grow has no best: it is measured again.
            Stage::Best if growth_per_h <= 0.0 || growth_per_h.is_nan() => Stage::Best,
            Stage::Best => {
                self.best_per_h = growth_per_h;
                self.start = Some(quota);
                Stage::Atp { low: 0, high: atp }
            }
            Stage::Atp { high, .. } if !enough => Stage::Atp { low: atp, high },
            Stage::Atp { low, .. } => Stage::Atp { low, high: atp },
            Stage::Ribosomes { high, .. } if !enough => Stage::Ribosomes { low: units, high },
            Stage::Ribosomes { low, .. } => Stage::Ribosomes { low, high: units },
            Stage::Hold
                if growth_per_h < (1.0 - 2.0 * self.options.tolerance) * self.best_per_h =>
            {
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
        let growth_per_h = self.measure(situation)?;
        self.begin();
        let (change, reason) = self.next(situation.quota, growth_per_h);
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
        // The cell needs more: back to the start, and down again.
        for look in 0..12 * 12 {
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
