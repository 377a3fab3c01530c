//! Metrics of the minimal cell: how well each of its basic functions works.

use std::collections::BTreeMap;

use bioxen_core::{MinimalCellMetrics, Molecules, ResourcesInUse};

use crate::cell::Cell;
use crate::cell::ledger::Cause;
use crate::cell::pools::{Pool, Pools};
use crate::genome::BasicFunction;

/// A function works from this efficiency on.
const WORKING: f64 = 0.1;

/// Proteins are enough for a function at this share of their reference concentration.
const ENOUGH: f64 = 0.5;

/// A protein of which no copy is there at this moment counts as half of one: a mean over genes must not be nothing because
/// of one rare protein.
const NONE: f64 = 0.5;

/// Regeneration capacity over what the reference cell uses: a full grant has about 10% to spare.
const REGENERATION_RESERVE: f64 = 1.1;

impl Cell {
    pub(super) fn minimal_cell_metrics(&self) -> MinimalCellMetrics {
        let efficiency: Vec<(BasicFunction, f64)> = BasicFunction::ALL
            .iter()
            .map(|&function| (function, self.function_efficiency(function)))
            .collect();
        let reference = std::f64::consts::LN_2 / self.model.constants.doubling_s;
        MinimalCellMetrics {
            basic_functions: efficiency
                .iter()
                .filter(|(_, efficiency)| *efficiency >= WORKING)
                .map(|(function, _)| function.as_str().to_owned())
                .collect(),
            efficiency: (self.growth.rate / reference).clamp(0.0, 1.0),
            function_efficiency: efficiency
                .iter()
                .map(|(function, efficiency)| (function.as_str().to_owned(), *efficiency))
                .collect(),
            resource_usage: self.resources_in_use(),
            minimal_status: self.vitality(),
        }
    }

    /// Geometric mean over the proteins of a function of min(1, P / (0.5 P of the reference)), times the speed of what
    /// the function does over its speed in the reference cell.
    fn function_efficiency(&self, function: BasicFunction) -> f64 {
        let dilution = self.model.constants.volume_birth_al / self.geometry.volume_al;
        let (mut sum, mut genes) = (0.0, 0_u32);
        for (idx, gene) in self.model.genome().iter() {
            let product = &self.model.products[idx.index()];
            if gene.basic_function != Some(function) || product.copies_at_birth == 0 {
                continue;
            }
            let copies = f64::max(f64::from(self.genes.products[idx.index()]), NONE) * dilution;
            let level = copies / (ENOUGH * f64::from(product.copies_at_birth));
            sum += libm::log(f64::min(level, 1.0));
            genes += 1;
        }
        libm::exp(sum / f64::from(genes.max(1))) * self.function_speed(function)
    }

    /// Speed of what a function does over its speed in a newborn cell at a full grant, 0 to 1.
    fn function_speed(&self, function: BasicFunction) -> f64 {
        let born = &Pools::newborn(&self.model);
        let volume = self.model.constants.volume_birth_al;
        let relative = |now: f64, reference: f64| (now / reference).clamp(0.0, 1.0);
        match function {
            BasicFunction::DnaReplication => relative(
                self.model.fork_speed(&self.pools, self.geometry.volume_al),
                self.model.fork_speed(born, volume),
            ),
            BasicFunction::ProteinSynthesis => {
                let speed = |pools: &Pools, al| self.model.translation_speed(pools, al);
                relative(
                    speed(&self.pools, self.geometry.volume_al),
                    speed(born, volume),
                )
            }
            BasicFunction::EnergyProduction => {
                let capacity = self.mass() * self.model.constants.regeneration_vmax;
                relative(self.rates.regenerated, capacity / REGENERATION_RESERVE)
            }
            BasicFunction::Support => 1.0,
        }
    }

    fn resources_in_use(&self) -> ResourcesInUse {
        let rates: BTreeMap<String, f64> = Cause::ALL
            .iter()
            .map(|&cause| (cause.name().to_owned(), self.rates.spent[cause as usize]))
            .collect();
        let pool = |pool: Pool| u64::try_from(self.pools.get(pool)).unwrap_or(0);
        ResourcesInUse {
            atp_per_s: rates,
            ribosomes: Molecules::new(u64::from(self.ribosomes.bound)),
            rnap: Molecules::new(u64::from(self.rnap.bound)),
            pools: Pool::ALL
                .iter()
                .map(|&p| (p.name().to_owned(), pool(p)))
                .collect(),
        }
    }
}
