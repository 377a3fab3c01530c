//! Metrics of E. coli.

use std::collections::BTreeMap;

use bioxen_core::{EcoliMetrics, GrowthPhase};

use crate::cell::Cell;
use crate::genome::{DefaultState, Operon};

/// An operon is on when its promoter has at least this share of its on value.
const ON: f64 = 0.5;

/// A message that is gone still counts for so many of its lifetimes.
const LIFETIMES: f64 = 2.0;

impl Cell {
    pub(super) fn ecoli_metrics(&self) -> EcoliMetrics {
        let operons = self.model.genome().operons();
        EcoliMetrics {
            growth_rate: self.growth.rate * 3600.0,
            growth_phase: self
                .phase
                .map_or(GrowthPhase::Exponential, |phase| phase.name()),
            ppgpp: self.regulation.as_ref().map_or(0.0, |state| state.ppgpp),
            plasmids: self.plasmids.iter().sum(),
            operons_active: operons
                .iter()
                .enumerate()
                .map(|(index, operon)| {
                    let units = &self.model.operon_units[index];
                    let active = units.iter().any(|&unit| self.is_transcribed(unit, operon));
                    (operon.id.clone(), active)
                })
                .collect::<BTreeMap<String, bool>>(),
            status: self.vitality(),
        }
    }

    /// Whether the promoter is on, and a transcript is there or was made a short while ago.
    fn is_transcribed(&self, unit: usize, operon: &Operon) -> bool {
        let fold = operon.regulation.fold_range.unwrap_or(1.0);
        let on = match operon.regulation.default_state {
            DefaultState::On => 1.0,
            DefaultState::Off => fold,
            DefaultState::Basal => libm::sqrt(fold),
        };
        let model = &self.model.units[unit];
        let lifetime_s = 1.0 / f64::max(model.decay_rate(), 1e-9);
        let since_s = self.seconds() - self.genes.transcribed_at[unit];
        let there = self.genes.free[unit] > 0
            || (!model.message && self.genes.dose[unit] > 0)
            || since_s <= LIFETIMES * lifetime_s;
        self.genes.activity[unit] >= ON * on && there
    }
}
