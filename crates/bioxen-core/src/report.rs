//! What a VM says about itself and its cell.
//!
//! All fields are public and any value is fine: these are readings, not requests.
//! The structs are built by name in the crates that run cells, so a new field there is a breaking change here.

use std::collections::BTreeMap;
use std::fmt;

use crate::id::{GeneId, VmId};
use crate::organism::Organism;
use crate::pacing::Pacing;
use crate::quota::Quota;
use crate::seed::Seed;
use crate::spec::Infrastructure;
use crate::state::VmState;
use crate::time::{SimSpan, SimTime};
use crate::units::Molecules;

/// How a VM is.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct VmStatus {
    /// Its name.
    pub id: VmId,
    /// Organism of its cell.
    pub organism: Organism,
    /// What it runs on.
    pub infrastructure: Infrastructure,
    /// Where it is in its life.
    pub state: VmState,
    /// How far its cell is, simulated time.
    pub sim_time: SimTime,
    /// Divisions since the first cell; after a division the VM follows one daughter.
    pub generation: u32,
    /// How its cell is. A dead cell leaves the VM running: that is a result, not an error.
    pub vitality: Vitality,
    /// What the cell may use.
    pub quota: Quota,
    /// How simulated time follows the time on the wall.
    pub pacing: Pacing,
    /// Start of its random stream.
    pub seed: Seed,
}

/// How well a cell is, by its essential genes and its energy.
///
/// A gene is active when its production and its protein level are near those of the reference cell. The energy charge is that of [`ResourceUsage`](crate::ResourceUsage::energy_charge).
///
/// | vitality | essential genes active | energy charge |
/// |---|---|---|
/// | viable | at least 95% | at least 0.8 |
/// | stressed | at least 60% | at least 0.5 |
/// | critical | otherwise | otherwise |
/// | dead | any | below 0.1 for 30 min of simulated time |
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
pub enum Vitality {
    /// At least 95% of the essential genes are active and the energy charge is at least 0.8.
    Viable,
    /// At least 60% of the essential genes are active and the energy charge is at least 0.5.
    Stressed,
    /// Neither viable nor stressed, and not dead.
    Critical,
    /// The energy charge was below 0.1 for 30 min; nothing brings the cell back.
    Dead,
}

impl Vitality {
    /// Every vitality, the best first.
    pub const ALL: [Self; 4] = [Self::Viable, Self::Stressed, Self::Critical, Self::Dead];
}

impl fmt::Display for Vitality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Viable => "viable",
            Self::Stressed => "stressed",
            Self::Critical => "critical",
            Self::Dead => "dead",
        })
    }
}

/// How a cell is: what every organism has, and what only its own kind has.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct BiologicalMetrics {
    /// When it was read, simulated time.
    pub sim_time: SimTime,
    /// Divisions since the first cell.
    pub generation: u32,
    /// Growth rate of protein mass, d ln(mass)/dt, as a moving average over 10 min, 1/h.
    pub growth_rate_per_h: f64,
    /// Adenylate energy charge, 0 to 1.
    pub energy_charge: f64,
    /// Volume, aL (10^-18 L).
    pub volume_al: f64,
    /// Surface of the membrane, nm².
    pub surface_nm2: f64,
    /// Proteins of all genes, molecules.
    pub protein_total: Molecules,
    /// Messenger RNAs of all genes, molecules.
    pub mrna_total: Molecules,
    /// Chromosomal DNA, base pairs.
    pub dna_bp: u64,
    /// What only this organism has.
    pub organism: OrganismMetrics,
}

/// Metrics that only one organism has.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum OrganismMetrics {
    /// Those of JCVI-syn3A.
    Syn3a(Syn3aMetrics),
    /// Those of the minimal cell.
    MinimalCell(MinimalCellMetrics),
    /// Those of *E. coli*.
    Ecoli(EcoliMetrics),
}

/// Metrics of JCVI-syn3A.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Syn3aMetrics {
    /// Level of ATP, percent of the reference concentration and at most 100.
    pub atp_percent: f64,
    /// Active genes among the essential protein genes.
    pub essential_genes_count: u32,
    /// Essential protein genes: 270 in the built-in genome.
    pub essential_genes_total: u32,
    /// Active genes among the essential and quasi-essential protein genes and the tRNA and rRNA genes.
    pub essential_and_quasi_count: u32,
    /// Essential and quasi-essential protein genes, tRNA and rRNA genes: 418 in the built-in genome (270 + 113 + 35).
    pub essential_and_quasi_total: u32,
    /// How well the cell is.
    pub minimal_status: Vitality,
}

/// Metrics of the minimal cell.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct MinimalCellMetrics {
    /// Functions that work: those with an efficiency of at least 0.1.
    pub basic_functions: Vec<String>,
    /// Growth rate over that of the reference cell, 0 to 1.
    pub efficiency: f64,
    /// How well each function works, 0 to 1: the geometric mean over its genes of their proteins against half of the
    /// reference level, times the speed of what the function does against its speed in the reference cell.
    pub function_efficiency: BTreeMap<String, f64>,
    /// What the cell uses.
    pub resource_usage: ResourcesInUse,
    /// How well the cell is.
    pub minimal_status: Vitality,
}

/// What a cell uses, by kind.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ResourcesInUse {
    /// ATP-equivalents per second by what they are spent on.
    pub atp_per_s: BTreeMap<String, f64>,
    /// Ribosomes that translate.
    pub ribosomes: Molecules,
    /// RNA polymerases that transcribe.
    pub rnap: Molecules,
    /// Molecules in each pool.
    pub pools: BTreeMap<String, u64>,
}

/// Metrics of *E. coli*.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct EcoliMetrics {
    /// Growth rate of protein mass as a moving average over 10 min, 1/h.
    pub growth_rate: f64,
    /// Whether the cell grows, and what stops it if not.
    pub growth_phase: GrowthPhase,
    /// ppGpp, pmol per ug of protein.
    pub ppgpp: f64,
    /// Plasmids in the cell, all kinds together.
    pub plasmids: u32,
    /// By operon: whether it is on, and a transcript exists or was made in its last two lifetimes.
    pub operons_active: BTreeMap<String, bool>,
    /// How well the cell is.
    pub status: Vitality,
}

/// Whether a cell grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
pub enum GrowthPhase {
    /// It grows.
    Exponential,
    /// It does not grow because the medium has too little carbon.
    StationaryNutrient,
    /// It does not grow because its quota gives it too little energy.
    StationaryEnergy,
}

impl GrowthPhase {
    /// Every phase.
    pub const ALL: [Self; 3] = [
        Self::Exponential,
        Self::StationaryNutrient,
        Self::StationaryEnergy,
    ];

    /// The phase without its cause: `exponential` or `stationary`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exponential => "exponential",
            Self::StationaryNutrient | Self::StationaryEnergy => "stationary",
        }
    }
}

impl fmt::Display for GrowthPhase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Exponential => "exponential",
            Self::StationaryNutrient => "stationary (nutrient)",
            Self::StationaryEnergy => "stationary (energy)",
        })
    }
}

/// What starting the transcription of one gene changed.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct TranscriptionChange {
    /// The gene as it was asked for.
    pub gene: GeneId,
    /// Its locus tag.
    pub locus_tag: GeneId,
    /// Regulation multiplier before, no unit; 1 is the reference.
    pub activity_before: f64,
    /// Regulation multiplier from the next step on, no unit.
    pub activity_after: f64,
    /// Expected time to the first transcript.
    pub expected_first_transcript: SimSpan,
    /// Expected time to the first protein.
    pub expected_first_protein: SimSpan,
}

#[cfg(all(test, feature = "serde"))]
mod tests;
