//! What is reported of a cell.

mod ecoli;
mod minimal_cell;
mod syn3a;

use bioxen_core::{
    BiologicalMetrics, Molecules, Organism, OrganismMetrics, ResourceUsage, Vitality,
};

use super::Cell;
use super::genes::{production_window, reference_production};
use super::ledger::Cause;
use super::machines::MachineCount;
use super::mechanism::Loading;
use super::pools::Pool;
use crate::genome::{Essentiality, GeneKind};

/// Below this energy charge for [`DEAD_AFTER_S`] a cell is dead.
pub(crate) const DEAD_ENERGY_CHARGE: f64 = 0.1;
const DEAD_AFTER_S: f64 = 1800.0;

/// A gene is active if its averaged production is at least this share of what doubles a newborn's copies in one
/// reference doubling time, and its concentration at least that share of the newborn's.
const ACTIVE_PRODUCTION: f64 = 0.2;
const ACTIVE_CONCENTRATION: f64 = 0.25;

impl Cell {
    /// The metrics of the organism, with their definitions in docs/model.md.
    pub fn metrics(&self) -> BiologicalMetrics {
        BiologicalMetrics {
            sim_time: self.time(),
            generation: self.generation,
            growth_rate_per_h: self.growth.rate * 3600.0,
            energy_charge: self.pools.energy_charge(),
            volume_al: self.geometry.volume_al,
            surface_nm2: self.geometry.surface_nm2,
            protein_total: Molecules::new(self.proteins()),
            mrna_total: Molecules::new(self.mrna()),
            dna_bp: self.chromosome.dna_bp(&self.model),
            organism: match self.model.organism() {
                Organism::Syn3a => OrganismMetrics::Syn3a(self.syn3a_metrics()),
                Organism::MinimalCell => OrganismMetrics::MinimalCell(self.minimal_cell_metrics()),
                Organism::Ecoli => OrganismMetrics::Ecoli(self.ecoli_metrics()),
            },
        }
    }

    /// Resources in use, by quota and by cause.
    pub fn usage(&self) -> ResourceUsage {
        let cap = self.ribosome_cap();
        ResourceUsage {
            sim_time: self.time(),
            atp_percent: self.atp_percent(),
            atp_quota: self.quota.atp,
            atp_regenerated_percent: percent(self.rates.regenerated, self.rates.granted),
            energy_charge: self.pools.energy_charge(),
            ribosome_utilization: percent(f64::from(self.ribosomes.bound), f64::from(cap)),
            allocated_ribosomes: self.quota.ribosomes,
            ribosome_unit: self.quota.unit,
            ribosome_cap: Molecules::new(u64::from(cap)),
            ribosomes_total: molecules(self.ribosomes).0,
            ribosomes_translating: molecules(self.ribosomes).1,
            rnap_total: molecules(self.rnap).0,
            rnap_transcribing: molecules(self.rnap).1,
            atp_use_per_s: Cause::ALL
                .iter()
                .map(|&cause| (cause.name().to_owned(), self.rates.spent[cause as usize]))
                .collect(),
        }
    }

    /// 100 min(1, [ATP]/[ATP] of the reference).
    pub(crate) fn atp_percent(&self) -> f64 {
        let reference = self.model.constants.conc_mm[Pool::Atp as usize];
        100.0 * f64::min(1.0, self.millimolar(Pool::Atp) / reference)
    }

    /// Proteins in the cell, wherever they are.
    pub(crate) fn proteins(&self) -> u64 {
        self.count_genes(|gene| {
            if self.model.products[gene].is_message() {
                self.genes.products[gene]
            } else {
                0
            }
        })
    }

    /// Messages, free or on ribosomes.
    pub(crate) fn mrna(&self) -> u64 {
        let free: u64 = self.genes.free.iter().map(|m| u64::from(*m)).sum();
        match self.model.mechanisms.loading {
            Loading::One => free + u64::from(self.ribosomes.bound),
            Loading::Polysome => free,
        }
    }

    fn count_genes(&self, of: impl Fn(usize) -> u32) -> u64 {
        (0..self.model.products.len())
            .map(|gene| u64::from(of(gene)))
            .sum()
    }

    /// Active genes among the essential protein genes, and how many there are.
    fn essential_active(&self) -> (u32, u32) {
        let essential = self.model.genome().iter().filter(|(_, gene)| {
            gene.kind == GeneKind::Cds && gene.essentiality == Essentiality::Essential
        });
        essential.fold((0, 0), |(active, all), (idx, _)| {
            (active + u32::from(self.is_active(idx.index())), all + 1)
        })
    }

    /// Whether the cell lives, by its essential protein genes and its energy.
    pub fn vitality(&self) -> Vitality {
        let (active, all) = self.essential_active();
        self.vitality_of(active, all)
    }

    /// Death is for good: a dead cell regenerates no ATP, whatever it is granted.
    pub(crate) fn is_dead(&self) -> bool {
        self.starved_s >= DEAD_AFTER_S
    }

    fn vitality_of(&self, active: u32, all: u32) -> Vitality {
        let energy = self.pools.energy_charge();
        let share = f64::from(active) / f64::from(all.max(1));
        if self.is_dead() {
            Vitality::Dead
        } else if share >= 0.95 && energy >= 0.8 {
            Vitality::Viable
        } else if share >= 0.6 && energy >= 0.5 {
            Vitality::Stressed
        } else {
            Vitality::Critical
        }
    }

    pub(crate) fn is_active(&self, gene: usize) -> bool {
        let product = &self.model.products[gene];
        let made = self.genes.production_at(
            gene,
            self.seconds(),
            production_window(product, &self.model),
        );
        let dilution = self.model.constants.volume_birth_al / self.geometry.volume_al;
        let concentration = f64::from(self.genes.products[gene]) * dilution;
        made >= ACTIVE_PRODUCTION * reference_production(product, &self.model)
            && concentration >= ACTIVE_CONCENTRATION * f64::from(product.copies_at_birth)
    }
}

fn molecules(count: MachineCount) -> (Molecules, Molecules) {
    (
        Molecules::new(u64::from(count.total)),
        Molecules::new(u64::from(count.bound)),
    )
}

fn percent(part: f64, all: f64) -> f64 {
    if all > 0.0 { 100.0 * part / all } else { 0.0 }
}
