//! What a kind of cell is: the gene table and the constants, compiled once and shared by all its cells.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use bioxen_core::Organism;
use sha2::{Digest, Sha256};

use super::constants::Constants;
use super::construct::{Construct, PlasmidModel, UnitControls};
use super::mechanism::{Loading, Mechanisms};
use super::numbers::{count, real, whole};
use super::organism;
use super::pools::Base;
use super::regulation::RegulationModel;
use super::reserve::ReserveModel;
use super::{Medium, NamedMedium};
use crate::genome::{GeneKind, Genome, ParameterError, Parameters};
use crate::stochastic::TICKS_PER_SECOND;

/// Fixed-point scale of integer propensity weights: one unit of promoter strength, or one event per second.
pub(crate) const WEIGHT: f64 = 1_048_576.0;

/// As [`WEIGHT`], for messages that differ in how well ribosomes bind them.
pub(crate) const MESSAGE_WEIGHT: f64 = 65_536.0;

/// A kind of cell: everything about it that does not change while it lives.
#[derive(Debug, Clone)]
pub struct CellModel {
    organism: Organism,
    pub(super) genome: Genome,
    parameters: Parameters,
    pub(crate) constants: Constants,
    pub(crate) mechanisms: Mechanisms,
    /// How the cell regulates itself, if the model says so.
    pub(crate) regulation: Option<RegulationModel>,
    /// How the cell keeps a reserve of carbon, if it does.
    pub(crate) reserve: Option<ReserveModel>,
    /// Media that users know by name; the first is that of a newborn cell.
    media: Vec<NamedMedium>,
    /// How the cell makes its own building blocks, if it does.
    pub(crate) supply: Option<SupplyModel>,
    /// What is transcribed in one piece.
    pub(crate) units: Vec<Unit>,
    /// What is made, at the index of its gene in the genome.
    pub(crate) products: Vec<Product>,
    pub(crate) machines: Machines,
    /// Genes of the path that regenerates ATP, with their reference copies.
    pub(crate) regeneration_path: Vec<(usize, f64)>,
    /// Aminoacyl-tRNA synthetases; a synthetase of two genes counts as its scarcer one.
    pub(crate) synthetases: Vec<Vec<usize>>,
    pub(crate) chromosome: ChromosomeModel,
    /// Protein residues of a newborn cell: the enzyme mass f = 1.
    pub(crate) residues_at_birth: f64,
    /// Mean share of each base (A C G U) in a transcript, weighted by synthesis.
    pub(crate) base_shares: [f64; 4],
    /// ATP of the most costly insertion.
    pub(crate) longest_insertion: i64,
    /// Residues of the longest protein.
    pub(crate) longest_protein: i64,
    /// Kinds of tRNA that a ribosome may have to wait for, at least 1.
    pub(crate) trna_kinds: f64,
    /// Rounds of replication that are under way in a newborn cell, the oldest first.
    pub(crate) rounds_at_birth: Vec<RoundAtBirth>,
    /// Units of each operon of the genome; empty where genes are transcribed alone.
    pub(crate) operon_units: Vec<Vec<usize>>,
    /// What surrounds a newborn cell.
    pub(crate) medium: Medium,
    /// Surface that one membrane protein takes, nm²: what they cover at birth over their number then (Fu et al. 2025).
    pub(crate) membrane_protein_nm2: f64,
    /// Origin of replication, bp from the start of the sequence.
    pub(crate) origin_bp: u32,
    /// Strength of the mean promoter of a message, and half-life of its message, s.
    pub(crate) mean_strength: f64,
    pub(crate) message_half_life_s: f64,
    /// Nucleotides that one ribosome covers.
    pub(crate) ribosome_footprint_nt: f64,
    /// What the cell was given beside its genome, and the model without it.
    pub(crate) constructs: Vec<Construct>,
    pub(crate) base: Option<Arc<CellModel>>,
    pub(crate) plasmids: Vec<PlasmidModel>,
    /// Promoters of constructs that proteins regulate.
    pub(crate) controls: Vec<UnitControls>,
    pub(crate) fingerprint: String,
}

/// What an organism brings to the engine; [`CellModel::compile`] adds what follows from it.
pub(super) struct Blueprint {
    pub(super) organism: Organism,
    pub(super) constants: Constants,
    pub(super) mechanisms: Mechanisms,
    pub(super) regulation: Option<RegulationModel>,
    pub(super) supply: Option<SupplyModel>,
    pub(super) reserve: Option<ReserveModel>,
    pub(super) media: Vec<NamedMedium>,
    pub(super) units: Vec<Unit>,
    pub(super) products: Vec<Product>,
    pub(super) machines: Machines,
    pub(super) rounds_at_birth: Vec<RoundAtBirth>,
    /// Units of each operon; empty where genes are transcribed alone.
    pub(super) operon_units: Vec<Vec<usize>>,
    pub(super) trna_kinds: f64,
    pub(super) origin_bp: u32,
    pub(super) message_half_life_s: f64,
    pub(super) ribosome_footprint_nt: f64,
    pub(super) regeneration_path: Vec<(usize, f64)>,
    pub(super) synthetases: Vec<Vec<usize>>,
}

/// A round of replication that was under way when the cell was born.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RoundAtBirth {
    pub(crate) copied_bp: u32,
    /// Seconds since its forks met, if they have.
    pub(crate) terminated_ago_s: f64,
}

/// How a cell makes its own building blocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SupplyModel {
    /// Amino acids in the pool that halve supply by feedback, mM, and the power of that.
    pub(crate) feedback_half_mm: f64,
    pub(crate) feedback_power: f64,
    /// ATP per amino acid for what growth costs beside what is posted where it is spent.
    pub(crate) growth_cost: f64,
    /// Charging per free tRNA at saturation, 1/s, and the amino acids that half saturate it, mM.
    pub(crate) charging: f64,
    pub(crate) charging_half_mm: f64,
}

/// Genes that are transcribed together from one promoter.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    /// Genes in the order of transcription; none of them belongs to another unit.
    pub(crate) genes: Vec<usize>,
    /// The plasmid that carries it; otherwise it lies on the chromosome.
    pub(crate) plasmid: Option<usize>,
    /// Whether it is transcribed at all.
    pub(crate) expressed: bool,
    /// Whether what is left of the transcript after processing is translated.
    pub(crate) message: bool,
    pub(crate) strength: f64,
    /// Bases of the whole transcript, and of the message in it; the rest is stable RNA.
    pub(crate) bases: [u32; 4],
    pub(crate) message_bases: [u32; 4],
    /// Messages in a newborn cell, mean.
    pub(crate) transcripts_at_birth: f64,
    /// Bases from the origin at which a fork has copied the whole unit.
    pub(crate) fork_distance: u32,
    /// Weight of decay of one message, in 1/[`WEIGHT`] per second; 0 where degradosomes do it.
    pub(crate) decay_weight: u64,
    /// Ticks of decay at full speed.
    pub(crate) decay_ticks: u64,
}

/// A gene as the engine sees it, at the index it has in the genome.
#[derive(Debug, Clone)]
pub(crate) struct Product {
    pub(crate) kind: GeneKind,
    /// Where it is transcribed; `usize::MAX` for a gene that is in no unit.
    pub(crate) unit: usize,
    /// Bases of the gene itself.
    pub(crate) bases: [u32; 4],
    pub(crate) residues: u32,
    /// Must be moved into or across the membrane once it is made.
    pub(crate) exported: bool,
    /// Sits in the membrane and takes surface.
    pub(crate) in_membrane: bool,
    /// Copies in a newborn cell: protein, or stable RNA.
    pub(crate) copies_at_birth: u32,
    /// Weight of one message for a ribosome, and how many of them it holds at most.
    pub(crate) translation_weight: u64,
    pub(crate) ribosomes_per_message: u32,
    /// Ticks of translation at full speed.
    pub(crate) translation_ticks: u64,
    /// Weights of degradation by a tag and of maturation per copy, in 1/[`WEIGHT`] per second; 0 for most proteins.
    pub(crate) degradation_weight: u64,
    pub(crate) maturation_weight: u64,
    /// Weight of one insertion per waiting copy, in 1/[`WEIGHT`] per second.
    pub(crate) insertion_weight: u64,
    /// ATP of one insertion.
    pub(crate) insertion_cost: i64,
}

impl Product {
    pub(crate) fn is_message(&self) -> bool {
        self.kind == GeneKind::Cds
    }

    pub(crate) fn length_nt(&self) -> u32 {
        self.bases.iter().sum()
    }
}

impl Unit {
    pub(crate) fn length_nt(&self) -> u32 {
        self.bases.iter().sum()
    }

    /// Messages that decay of each that is there, 1/s; 0 where degradosomes do it.
    pub(crate) fn decay_rate(&self) -> f64 {
        real(self.decay_weight) / WEIGHT
    }

    /// Integer propensity weight of one free promoter at activity `a`.
    pub(crate) fn promoter_weight(&self, activity: f64) -> u64 {
        if self.expressed {
            whole(self.strength * activity * WEIGHT)
        } else {
            0
        }
    }
}

/// A machine made of gene products: for each part, copies needed and the genes that make it (any of them will do).
/// Without parts none is ever made.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    pub(crate) at_birth: u32,
    pub(crate) parts: Vec<(u32, Vec<usize>)>,
}

#[derive(Debug, Clone)]
pub(crate) struct Machines {
    pub(crate) rnap: Machine,
    pub(crate) ribosome: Machine,
    pub(crate) degradosome: Machine,
    pub(crate) translocon: Machine,
}

#[derive(Debug, Clone)]
pub(crate) struct ChromosomeModel {
    pub(crate) length_bp: u32,
    /// Base pairs of the A-T kind on the whole chromosome.
    pub(crate) at_bp: u32,
    /// Units by the distance from the origin at which they are copied.
    pub(crate) order: Vec<(u32, usize)>,
}

impl CellModel {
    /// The model of JCVI-syn3A from the tables that ship with the crate.
    ///
    /// # Panics
    ///
    /// Never: the tables are part of the crate and a test builds the model.
    pub fn syn3a() -> Self {
        Self::new(Organism::Syn3a, Genome::syn3a(), Parameters::syn3a())
            .expect("the embedded tables are read by a test")
    }

    /// The model of the minimal cell from the tables that ship with the crate.
    ///
    /// # Panics
    ///
    /// Never: the tables are part of the crate and a test builds the model.
    pub fn minimal_cell() -> Self {
        Self::new(
            Organism::MinimalCell,
            Genome::minimal_cell(),
            Parameters::minimal_cell(),
        )
        .expect("the embedded tables are read by a test")
    }

    /// The model of *E. coli* K-12 MG1655 from the tables that ship with the crate.
    ///
    /// Constants of processes that its own table lacks, such as those of kinases, are those of JCVI-syn3A.
    ///
    /// # Panics
    ///
    /// Never: the tables are part of the crate and a test builds the model.
    pub fn ecoli() -> Self {
        let parameters = Parameters::syn3a().overlaid(Parameters::ecoli());
        Self::new(Organism::Ecoli, Genome::ecoli(), parameters)
            .expect("the embedded tables are read by a test")
    }

    /// The model of an organism from the tables that ship with the crate.
    pub fn of(organism: Organism) -> Self {
        match organism {
            Organism::Syn3a => Self::syn3a(),
            Organism::Ecoli => Self::ecoli(),
            Organism::MinimalCell => Self::minimal_cell(),
        }
    }

    /// A model from a gene table and constants of the same form as those of `organism`.
    ///
    /// # Errors
    ///
    /// When a constant is missing or not a number, or a machine names a gene that the table lacks.
    pub fn new(
        organism: Organism,
        genome: Genome,
        parameters: Parameters,
    ) -> Result<Self, ParameterError> {
        let blueprint = organism::blueprint(organism, &genome, &parameters)?;
        Ok(Self::compile(genome, parameters, blueprint))
    }

    fn compile(genome: Genome, parameters: Parameters, blueprint: Blueprint) -> Self {
        let Blueprint {
            organism,
            constants,
            mechanisms,
            regulation,
            supply,
            reserve,
            media,
            units,
            products,
            machines,
            rounds_at_birth,
            operon_units,
            trna_kinds,
            origin_bp,
            message_half_life_s,
            ribosome_footprint_nt,
            regeneration_path,
            synthetases,
        } = blueprint;
        let residues_at_birth = products
            .iter()
            .map(|p| f64::from(p.copies_at_birth) * f64::from(p.residues))
            .sum();
        let chromosome = chromosome(genome.genome_length_bp(), &units);
        let tags: Vec<_> = genome
            .genes()
            .iter()
            .map(|g| (&g.locus_tag, g.essentiality))
            .collect();
        let compiled = format!(
            "{organism:?}{constants:?}{mechanisms:?}{regulation:?}{supply:?}{reserve:?}{media:?}{units:?}{products:?}{machines:?}{synthetases:?}{chromosome:?}\
             {regeneration_path:?}{rounds_at_birth:?}{trna_kinds}{tags:?}\
             {operon_units:?}{origin_bp}{message_half_life_s}{ribosome_footprint_nt}{:?}{:?}",
            genome.operons(),
            genome.inducers(),
        );
        Self {
            fingerprint: super::image::hex(&Sha256::digest(compiled.as_bytes())),
            mean_strength: mean_strength(&units),
            origin_bp,
            message_half_life_s,
            ribosome_footprint_nt,
            constructs: Vec::new(),
            base: None,
            plasmids: Vec::new(),
            controls: Vec::new(),
            organism,
            synthetases,
            chromosome,
            base_shares: base_shares(&units),
            trna_kinds,
            rounds_at_birth,
            operon_units,
            membrane_protein_nm2: membrane_protein_nm2(&products, &constants),
            longest_protein: products
                .iter()
                .map(|p| i64::from(p.residues))
                .max()
                .unwrap_or(0),
            longest_insertion: products.iter().map(|p| p.insertion_cost).max().unwrap_or(0),
            genome,
            parameters,
            constants,
            mechanisms,
            regulation,
            supply,
            reserve,
            medium: media[0].medium,
            media,
            units,
            products,
            machines,
            regeneration_path,
            residues_at_birth,
        }
    }

    /// The model of the cell without the constructs that it was given.
    pub(crate) fn host(&self) -> &Self {
        self.base.as_deref().unwrap_or(self)
    }

    /// Which organism it is a model of.
    pub fn organism(&self) -> Organism {
        self.organism
    }

    /// Media that users know by name; the first is that of a newborn cell.
    pub fn media(&self) -> &[NamedMedium] {
        &self.media
    }

    /// The gene table.
    pub fn genome(&self) -> &Genome {
        &self.genome
    }

    /// SHA-256 (hex) of everything that the engine takes from gene table and constants.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The constants.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    pub(crate) fn amounts_transcript(&self, unit: u32) -> [u32; 4] {
        self.units[unit as usize].bases
    }

    pub(crate) fn amounts_message(&self, unit: u32) -> [u32; 4] {
        self.units[unit as usize].message_bases
    }

    pub(crate) fn amounts_protein(&self, gene: u32) -> [u32; 1] {
        [self.products[gene as usize].residues]
    }

    /// Weight of a message for a ribosome that is as good as the mean one.
    pub(crate) fn message_weight(&self) -> f64 {
        match self.mechanisms.loading {
            Loading::One => 1.0,
            Loading::Polysome => MESSAGE_WEIGHT,
        }
    }
}

fn chromosome(length_bp: u32, units: &[Unit]) -> ChromosomeModel {
    // A and U of a transcript stand for A-T pairs; the share over all units is taken for the whole chromosome.
    let (mut at, mut all) = (0.0, 0.0);
    for unit in units {
        at += f64::from(unit.bases[Base::Adenine as usize] + unit.bases[Base::Uracil as usize]);
        all += f64::from(unit.length_nt());
    }
    let mut order: Vec<(u32, usize)> = units
        .iter()
        .enumerate()
        .map(|(i, u)| (u.fork_distance, i))
        .collect();
    order.sort_unstable();
    ChromosomeModel {
        length_bp,
        at_bp: count(f64::from(length_bp) * at / f64::max(all, 1.0)),
        order,
    }
}

fn mean_strength(units: &[Unit]) -> f64 {
    let messages = units.iter().filter(|unit| unit.message && unit.expressed);
    let (sum, n) = messages.fold((0.0, 0), |(sum, n), unit| (sum + unit.strength, n + 1));
    sum / size(n.max(1))
}

fn base_shares(units: &[Unit]) -> [f64; 4] {
    let mut sums = [0.0; 4];
    for unit in units {
        for (sum, n) in sums.iter_mut().zip(unit.bases) {
            *sum += unit.strength * f64::from(n);
        }
    }
    let all: f64 = f64::max(sums.iter().sum(), 1.0);
    sums.map(|s| s / all)
}

fn membrane_protein_nm2(products: &[Product], constants: &Constants) -> f64 {
    let born: u32 = products
        .iter()
        .filter(|p| p.in_membrane)
        .map(|p| p.copies_at_birth)
        .sum();
    (1.0 - constants.lipid_fraction) * constants.surface_birth_nm2 / f64::from(born.max(1))
}

/// Bases of several genes together.
pub(super) fn sum_bases(genes: impl Iterator<Item = [u32; 4]>) -> [u32; 4] {
    genes.fold([0; 4], |sum, bases| {
        std::array::from_fn(|base| sum[base] + bases[base])
    })
}

/// Clock ticks of `seconds` at full speed, at least one.
pub(super) fn ticks(seconds: f64) -> u64 {
    whole((seconds * TICKS_PER_SECOND).max(1.0))
}

pub(super) fn size(n: usize) -> f64 {
    real(u64::try_from(n).expect("a size in memory fits 64 bits"))
}
