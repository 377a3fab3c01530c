//! Operons: genes that share a transcript, and what switches them.

use super::GeneIdx;
use super::gene::Strand;
use super::word::words;

/// Position of an operon in its [`Genome`](super::Genome).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperonIdx(u32);

impl OperonIdx {
    /// The position as an index of [`Genome::operons`](super::Genome::operons).
    pub fn index(self) -> usize {
        self.0 as usize
    }

    pub(crate) fn at(index: usize) -> Self {
        Self(u32::try_from(index).expect("a genome has at most one operon per gene"))
    }
}

/// Genes that are transcribed together.
///
/// Transcription units that share genes are one operon, from the first start to the last end of any of them.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Operon {
    /// Unique identifier: the longest transcription unit, or the locus tag of a gene that stands alone.
    pub id: String,
    /// Name, for example `thrLABC`.
    pub name: String,
    /// The expressed genes, in the order of transcription; never empty.
    pub genes: Vec<GeneIdx>,
    /// Strand that is read.
    pub strand: Strand,
    /// First position, 1-based, whatever the strand, bp.
    pub left_end: u32,
    /// Last position, inclusive, bp.
    pub right_end: u32,
    /// What switches the operon.
    pub regulation: Regulation,
}

impl Operon {
    /// Length of the transcript, nt.
    pub fn length_nt(&self) -> u32 {
        self.right_end - self.left_end + 1
    }

    /// Position of the first nucleotide that is transcribed, bp.
    pub fn promoter(&self) -> u32 {
        match self.strand {
            Strand::Plus => self.left_end,
            Strand::Minus => self.right_end,
        }
    }
}

/// What switches an operon.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Regulation {
    /// The way it is regulated.
    pub class: RegulationClass,
    /// The regulators, with the direction in which each acts.
    pub regulators: Vec<Regulator>,
    /// The signal that the regulators answer, in words.
    pub effector: Option<String>,
    /// State in minimal medium with glucose.
    pub default_state: DefaultState,
    /// Expression switched on over expression switched off, by order of magnitude.
    pub fold_range: Option<f64>,
}

impl Regulation {
    /// The regulation of a gene of which none is known.
    pub(crate) fn none_known() -> Self {
        Self {
            class: RegulationClass::ConstitutiveOrUnknown,
            regulators: Vec::new(),
            effector: None,
            default_state: DefaultState::On,
            fold_range: None,
        }
    }
}

/// A regulator of an operon.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Regulator {
    /// Name, for example `LacI` or `CRP-cAMP`.
    pub name: String,
    /// Direction in which it acts; nothing when it is not recorded.
    pub effect: Option<RegulatorEffect>,
}

/// Direction in which a regulator acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RegulatorEffect {
    /// More transcription.
    Activates,
    /// Less transcription.
    Represses,
    /// Either, by promoter or condition.
    Both,
}

words!(RegulatorEffect, "regulator effect", {
    Activates => "+",
    Represses => "-",
    Both => "+/-",
});

/// The way in which an operon is regulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RegulationClass {
    /// A signal switches it on.
    Inducible,
    /// A signal, usually the end product, switches it off.
    Repressible,
    /// Its own products hold it back.
    Autoregulated,
    /// It follows the growth rate, as the rRNA operons do.
    GrowthRate,
    /// Regulators are known from expression data alone; their signs are those of the measured change.
    Data,
    /// No regulator is known.
    ConstitutiveOrUnknown,
}

words!(RegulationClass, "regulation class", {
    Inducible => "inducible",
    Repressible => "repressible",
    Autoregulated => "autoregulated",
    GrowthRate => "growth-rate",
    Data => "data",
    ConstitutiveOrUnknown => "constitutive_or_unknown",
});

/// State of an operon when nothing is done to the cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DefaultState {
    /// Expressed as far as it can be.
    On,
    /// Switched off.
    Off,
    /// In between, as measured.
    Basal,
}

words!(DefaultState, "operon state", { On => "on", Off => "off", Basal => "basal" });
