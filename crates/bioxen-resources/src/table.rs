//! Fixed rules for each organism.

use bioxen_core::{
    AtpPercent, GrowthPhase, Organism, OrganismMetrics, RibosomeCount, SimSpan, SimTime,
};

use crate::policy::{Advice, Policy, QuotaChange, Reason, Situation};

/// How long a rule must hold before it is followed the first time, simulated time.
const PATIENCE: SimSpan = SimSpan::from_micros(60_000_000);

/// Longest time that a rule must hold after it was reversed again and again, simulated time.
const GREATEST_PATIENCE: SimSpan = SimSpan::from_micros(3_600_000_000);

/// What a new VM is granted: 60% of ATP and 10 units of ribosomes for syn3a, 80% and 25 for ecoli, 50% and 8 for
/// minimal_cell.
pub fn initial_quota(organism: Organism) -> QuotaChange {
    match organism {
        Organism::Syn3a => change(60, Some(10)),
        Organism::Ecoli => change(80, Some(25)),
        Organism::MinimalCell => change(50, Some(8)),
    }
}

/// The rules of the design:
///
/// | organism | when | ATP | ribosome units |
/// | --- | --- | --- | --- |
/// | syn3a | level of ATP below 50% | 65% | |
/// | syn3a | level of ATP above 80% | 55% | |
/// | ecoli | exponential phase | 85% | 28 |
/// | ecoli | stationary phase | 70% | 20 |
/// | minimal_cell | efficiency below 0.6 | 55% | 10 |
///
/// Units are shares; where a unit is one ribosome, only the share of ATP is changed.
/// A rule is followed when it has held for a minute of simulated time without a break.
/// Where following one rule soon makes another one hold, grants would flap; so each return to a grant that was just left
/// doubles the minute, up to an hour.
#[derive(Debug, Clone, Default)]
pub struct TablePolicy {
    /// The rule that holds, and since when.
    holding: Option<(Rule, SimTime)>,
    /// The rules that were followed last, the newest first.
    followed: [Option<Rule>; 2],
    /// Times that a grant was returned to.
    returns: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Syn3aLow,
    Syn3aHigh,
    Growing,
    Stationary,
    Inefficient,
}

impl Rule {
    fn change(self) -> QuotaChange {
        match self {
            Self::Syn3aLow => change(65, None),
            Self::Syn3aHigh => change(55, None),
            Self::Growing => change(85, Some(28)),
            Self::Stationary => change(70, Some(20)),
            Self::Inefficient => change(55, Some(10)),
        }
    }
}

impl Policy for TablePolicy {
    fn advise(&mut self, situation: &Situation<'_>) -> Option<Advice> {
        let now = situation.usage.sim_time;
        let Some((rule, reason)) = rule(situation) else {
            self.holding = None;
            return None;
        };
        let since = match self.holding {
            Some((held, since)) if held == rule => since,
            _ => now,
        };
        self.holding = Some((rule, since));
        let change = rule.change().for_unit(situation.quota.unit);
        let change = change.from(situation.quota)?;
        if now.since(since)? < self.patience() {
            return None;
        }
        if self.followed[1] == Some(rule) && self.followed[0] != Some(rule) {
            self.returns = self.returns.saturating_add(1);
        }
        if self.followed[0] != Some(rule) {
            self.followed = [Some(rule), self.followed[0]];
        }
        Some(Advice {
            change,
            reason,
            sim_time: now,
        })
    }
}

impl TablePolicy {
    fn patience(&self) -> SimSpan {
        let doubled = 1_u64.checked_shl(self.returns).unwrap_or(u64::MAX);
        let micros = PATIENCE.micros().saturating_mul(doubled);
        SimSpan::from_micros(micros).min(GREATEST_PATIENCE)
    }
}

/// The rule that holds, with its reading.
fn rule(situation: &Situation<'_>) -> Option<(Rule, Reason)> {
    let level = situation.usage.atp_percent;
    match &situation.metrics.organism {
        OrganismMetrics::Syn3a(_) if level < 50.0 => {
            Some((Rule::Syn3aLow, Reason::AtpBelow { level, bound: 50.0 }))
        }
        OrganismMetrics::Syn3a(_) if level > 80.0 => {
            Some((Rule::Syn3aHigh, Reason::AtpAbove { level, bound: 80.0 }))
        }
        OrganismMetrics::Ecoli(ecoli) => {
            let rule = match ecoli.growth_phase {
                GrowthPhase::Exponential => Rule::Growing,
                GrowthPhase::StationaryNutrient | GrowthPhase::StationaryEnergy => Rule::Stationary,
            };
            Some((rule, Reason::Phase(ecoli.growth_phase)))
        }
        OrganismMetrics::MinimalCell(cell) if cell.efficiency < 0.6 => {
            let (efficiency, bound) = (cell.efficiency, 0.6);
            let reason = Reason::EfficiencyBelow { efficiency, bound };
            Some((Rule::Inefficient, reason))
        }
        _ => None,
    }
}

fn change(percent: u16, units: Option<u32>) -> QuotaChange {
    let atp = AtpPercent::from_hundredths(percent * 100);
    QuotaChange {
        atp: Some(atp.expect("the table has percents up to 100")),
        ribosomes: units.map(RibosomeCount::new),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::FakeVm;
    use crate::manager::BioResourceManager;
    use bioxen_core::{BiologicalVm, SimSpan};

    /// Looks every ten seconds, sets the VM before each look, and tells the times and grants of decisions.
    #[track_caller]
    fn check(organism: Organism, looks: u64, set: impl Fn(u64, &mut FakeVm), expect: &[&str]) {
        let vm = FakeVm::new("cell", organism);
        let mut manager = BioResourceManager::new(Box::new(vm));
        let mut policy = TablePolicy::default();
        let mut seen = Vec::new();
        for look in 0..looks {
            set(look, manager.vm_mut());
            let decision = manager.optimize(&mut policy).expect("it refuses nothing");
            seen.extend(decision.map(|d| d.to_string()));
            let ten = SimSpan::from_micros(10_000_000);
            manager.vm_mut().advance(ten).expect("running");
        }
        assert_eq!(seen, expect);
    }

    #[test]
    fn the_rules_are_those_of_the_design() {
        check(
            Organism::Syn3a,
            20,
            |_, vm| vm.level = 49.0,
            &["at 1min: ATP 100% -> 65%, since ATP is at 49.0%, below 50%"],
        );
        check(
            Organism::Syn3a,
            20,
            |_, vm| vm.level = 80.1,
            &["at 1min: ATP 100% -> 55%, since ATP is at 80.1%, above 80%"],
        );
        check(Organism::Syn3a, 20, |_, vm| vm.level = 80.0, &[]);
        check(
            Organism::Ecoli,
            40,
            |look, vm| {
                vm.phase = if look < 20 {
                    GrowthPhase::Exponential
                } else {
                    GrowthPhase::StationaryNutrient
                };
            },
            &[
                "at 1min: ATP 100% -> 85%, ribosomes 30 -> 28, since growth is exponential",
                "at 260s: ATP 85% -> 70%, ribosomes 28 -> 20, since growth is stationary (nutrient)",
            ],
        );
        check(
            Organism::MinimalCell,
            20,
            |_, vm| vm.efficiency = 0.59,
            &["at 1min: ATP 100% -> 55%, ribosomes 12 -> 10, since efficiency is 0.59, below 0.6"],
        );
        check(Organism::MinimalCell, 20, |_, vm| vm.efficiency = 0.6, &[]);
    }

    #[test]
    fn a_rule_that_is_broken_off_begins_anew() {
        // It holds for 50 s at a time.
        let set = |look: u64, vm: &mut FakeVm| vm.level = if look % 6 == 5 { 60.0 } else { 40.0 };
        check(Organism::Syn3a, 100, set, &[]);
    }

    #[test]
    fn grants_that_make_each_other_wrong_change_ever_more_seldom() {
        let vm = FakeVm::new("cell", Organism::Syn3a);
        let mut manager = BioResourceManager::new(Box::new(vm));
        let mut policy = TablePolicy::default();
        let mut times = Vec::new();
        for _ in 0..24 * 360 {
            // More ATP is granted: too much. Less is: too little.
            let vm = manager.vm_mut();
            vm.level = if vm.quota.atp.percent() > 60.0 {
                90.0
            } else {
                40.0
            };
            if let Some(decision) = manager.optimize(&mut policy).expect("it refuses nothing") {
                times.push(decision.advice.sim_time);
            }
            let ten = SimSpan::from_micros(10_000_000);
            manager.vm_mut().advance(ten).expect("running");
        }
        let gaps: Vec<f64> = times
            .windows(2)
            .map(|pair| pair[1].seconds() - pair[0].seconds())
            .collect();
        assert!(gaps.is_sorted(), "{gaps:?}");
        assert!(gaps.last().is_some_and(|gap| *gap >= 3600.0), "{gaps:?}");
        assert!(times.len() < 32, "{} changes in a day", times.len());
    }
}
