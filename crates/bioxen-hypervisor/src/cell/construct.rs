//! Genetic constructs in the terms of the engine: what a package brings into a cell.
//!
//! They are expressed by the host's polymerases, ribosomes, nucleotides and ATP through the ordinary reactions, so what
//! they cost the host is a result.

mod compile;
mod control;
mod install;
pub(crate) mod limits;
mod plasmids;

use serde::{Deserialize, Serialize};

pub use self::compile::ConstructError;
pub(crate) use self::control::UnitControls;
pub(crate) use self::plasmids::PlasmidModel;

/// Genes that a cell is given, on a plasmid or in its chromosome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Construct {
    /// Name of the package.
    pub name: String,
    /// Version of the package.
    pub version: String,
    /// What carries the genes.
    pub carrier: Carrier,
    /// What is transcribed in one piece; may be empty for a plasmid that expresses nothing.
    pub units: Vec<ConstructUnit>,
}

/// What carries a construct.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Carrier {
    /// A plasmid that replicates on its own.
    Plasmid {
        /// Length, bp.
        length_bp: u32,
        /// Share of G-C pairs, 0 to 1.
        gc_content: f64,
        /// Mean copies in a growing cell.
        copies: f64,
    },
    /// A place in the chromosome, which doubles when a fork passes.
    Chromosome {
        /// Position, bp from the start of the host's sequence.
        position_bp: u32,
    },
}

/// Genes behind one promoter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConstructUnit {
    /// Name, unique in the construct.
    pub name: String,
    /// Strength of the promoter when nothing holds it back, over the mean promoter of the host.
    pub strength: f64,
    /// Share of that strength that is left when it is fully repressed or not activated, 0 to 1.
    pub leak: f64,
    /// What regulates the promoter; the factors of several are multiplied.
    pub controls: Vec<Control>,
    /// Half-life of the message, s; that of the host's median message if not given.
    pub message_half_life_s: Option<f64>,
    /// Genes in the order of transcription, at least one.
    pub genes: Vec<ConstructGene>,
}

/// A protein that regulates a promoter, by a Hill function of its concentration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Control {
    /// Name of the gene of the regulator, in this construct or in the host.
    pub regulator: String,
    /// What it does.
    pub action: ControlAction,
    /// Concentration at which it does half of that, nM.
    pub half_nm: f64,
    /// Hill coefficient.
    pub hill: f64,
    /// Substance of the medium that takes the regulator off the promoter.
    pub inducer: Option<String>,
}

/// What a regulator does to a promoter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ControlAction {
    /// Less transcription with more regulator.
    Represses,
    /// More transcription with more regulator.
    Activates,
}

/// One gene of a construct.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConstructGene {
    /// Name, unique in the cell.
    pub name: String,
    /// Residues of the protein, tag included.
    pub residues: u32,
    /// Strength of the ribosome binding site, over the mean message of the host.
    pub translation: f64,
    /// Half-life of the protein by a degradation tag, s; diluted alone if not given.
    pub half_life_s: Option<f64>,
    /// Mean time in which the finished protein matures, s; a reporter does not shine before.
    pub maturation_s: Option<f64>,
}
