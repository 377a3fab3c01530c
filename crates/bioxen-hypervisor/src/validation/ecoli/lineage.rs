//! Lineages of E. coli in steady growth.

use std::sync::atomic::AtomicBool;

use super::Observed;
use super::media::{MEDIA, Medium};
use crate::cell::Cell;
use crate::cell::real;
use crate::validation::ensemble::{minutes, to_division};
use crate::validation::experiment::Watch;

/// Generations in which a lineage forgets that it was born in glucose medium.
const SETTLING: u32 = 4;

/// Generations that are watched after those.
const WATCHED: u32 = 3;

/// Coupling steps from one reading to the next: 10 s.
const STEPS_PER_READING: u64 = 20;

/// One line of descent, through [`WATCHED`] generations of steady growth.
#[derive(Debug, Clone)]
pub(in crate::validation) struct Lineage {
    pub(super) medium: Medium,
    /// The mean cell of a culture of such lineages.
    pub(super) mean: Mean,
    pub(super) cycles: Vec<Cycle>,
}

/// The mean cell of a culture in exponential growth.
///
/// In a culture there are more young cells than on a line of descent: a reading at age t counts 2^(−t/Td).
#[derive(Debug, Clone, Default)]
pub(super) struct Mean {
    weight: f64,
    sums: [f64; Quantity::COUNT],
    /// Copies of the product of each gene.
    products: Vec<f64>,
}

/// From one division to the next.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cycle {
    pub(super) minutes: f64,
    /// ln of residues in protein at division over those at birth.
    pub(super) growth: f64,
    /// Volume at birth, aL.
    pub(super) volume_al: f64,
    /// From initiation to termination, and from there to division, min.
    pub(super) replication_min: (f64, f64),
}

/// What is averaged.
#[derive(Debug, Clone, Copy)]
pub(super) enum Quantity {
    /// Residues in protein.
    Residues,
    /// Nucleotides in RNA.
    Rna,
    VolumeAl,
    Rnap,
    RnapAtWork,
    Ribosomes,
    Trna,
    /// Nucleotides in finished messages, and those begun per second.
    MessageNt,
    MessageNtPerS,
    /// Residues per second of a ribosome.
    Speed,
    Origins,
    DnaBp,
    /// Operons of ribosomal RNA, and initiations at them per second.
    Rrn,
    RrnPerS,
    EnergyCharge,
    Ppgpp,
}

impl Quantity {
    const COUNT: usize = Self::Ppgpp as usize + 1;
}

/// One lineage after the other goes to the next of [`MEDIA`].
pub(super) const WATCH: Watch<Observed> = Watch {
    name: "cell",
    settings: MEDIA_COUNT,
    follow: |cell, n, stop| {
        let medium = MEDIA[n as usize % MEDIA.len()];
        watch(cell, medium, stop).map(Observed::Steady)
    },
};

/// As many as there are in [`MEDIA`].
const MEDIA_COUNT: u32 = 10;
const _: () = assert!(MEDIA.len() == MEDIA_COUNT as usize, "one for each medium");

/// Watches a cell in this medium; `None` if `stop` was raised.
pub(super) fn watch(mut cell: Cell, medium: Medium, stop: &AtomicBool) -> Option<Lineage> {
    cell.set_medium(medium.around(&cell));
    let mut lineage = Lineage {
        medium,
        mean: Mean::default(),
        cycles: Vec::new(),
    };
    for generation in 0..SETTLING + WATCHED {
        let watched = generation >= SETTLING;
        let born = cell.physiology().residues;
        let volume_al = cell.sample().volume_al;
        let mut steps = 0;
        let divided = to_division(&mut cell, stop, |cell, step| {
            steps = step;
            if watched && step.is_multiple_of(STEPS_PER_READING) {
                lineage.mean.add(cell, minutes(step) / medium.doubling_min);
            }
        })?;
        if !divided {
            // It has stopped growing: no figure is given for it.
            lineage.mean = Mean::default();
            break;
        }
        if watched {
            lineage.cycles.push(Cycle {
                minutes: minutes(steps),
                growth: libm::log(cell.physiology().residues / born),
                volume_al,
                replication_min: cell.last_round_min().unwrap_or((f64::NAN, f64::NAN)),
            });
        }
        cell.divide();
    }
    Some(lineage)
}

impl Lineage {
    /// Doubling time of protein, min.
    pub(super) fn doubling_min(&self) -> f64 {
        let minutes: f64 = self.cycles.iter().map(|cycle| cycle.minutes).sum();
        let growth: f64 = self.cycles.iter().map(|cycle| cycle.growth).sum();
        std::f64::consts::LN_2 * minutes / growth
    }
}

impl Mean {
    /// Counts a cell of this age, in doubling times.
    fn add(&mut self, cell: &Cell, age: f64) {
        let weight = libm::exp2(-age);
        self.weight += weight;
        for (sum, value) in self.sums.iter_mut().zip(readings(cell)) {
            *sum += weight * value;
        }
        let genes = cell.model().products.len();
        self.products.resize(genes, 0.0);
        for (gene, sum) in self.products.iter_mut().enumerate() {
            *sum += weight * f64::from(cell.product_count(gene));
        }
    }

    pub(super) fn of(&self, quantity: Quantity) -> f64 {
        self.sums[quantity as usize] / self.weight
    }

    /// Mean of one quantity over the mean of another, as it would be measured on a culture.
    pub(super) fn ratio(&self, of: Quantity, to: Quantity) -> f64 {
        self.of(of) / self.of(to)
    }

    /// Copies of the product of a gene.
    pub(super) fn products(&self, gene: usize) -> f64 {
        self.products
            .get(gene)
            .map_or(f64::NAN, |sum| sum / self.weight)
    }
}

/// In the order of [`Quantity`].
fn readings(cell: &Cell) -> [f64; Quantity::COUNT] {
    let (seen, sample) = (cell.physiology(), cell.sample());
    [
        seen.residues,
        seen.rna_nt,
        sample.volume_al,
        f64::from(sample.rnap_total),
        f64::from(sample.rnap_transcribing),
        f64::from(sample.ribosomes_translating + sample.ribosomes_free),
        seen.trna,
        seen.message_nt,
        seen.message_nt_begun_per_s,
        seen.residues_per_s,
        seen.origins,
        real(sample.dna_bp),
        seen.rrn,
        seen.rrn_begun_per_s,
        sample.energy_charge,
        seen.ppgpp,
    ]
}
