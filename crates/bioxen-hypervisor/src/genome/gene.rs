//! One gene and the words that describe it.

use super::word::words;

/// A gene, as a row of the gene table gives it.
///
/// `data/SOURCES.md` names the public source of every column.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Gene {
    /// Locus tag, unique in the genome, for example `JCVISYN3A_0001`.
    pub locus_tag: String,
    /// Gene names, the usual one first; empty for a gene without a name.
    pub names: Vec<String>,
    /// Product in words.
    pub product: String,
    /// First position, 1-based, bp; 0 for a gene without a place on the chromosome.
    pub start: u32,
    /// Last position, inclusive, bp; 0 for a gene without a place on the chromosome.
    pub end: u32,
    /// Strand that is read.
    pub strand: Strand,
    /// What the gene is.
    pub kind: GeneKind,
    /// Length of the transcript (the gene body), nt; 0 for a gene without a place on the chromosome.
    pub length_nt: u32,
    /// Length of the protein without the stop codon, residues; always there for a [`GeneKind::Cds`].
    pub length_aa: Option<u32>,
    /// Adenines, cytosines, guanines and uracils of the transcript; they add up to `length_nt`.
    ///
    /// Counted for JCVI-syn3A; for E. coli split from the length by the GC content of the chromosome.
    pub bases: [u32; 4],
    /// Whether the cell can do without the gene; for E. coli, on minimal medium with glucose.
    pub essentiality: Essentiality,
    /// Primary function, for example `Genetic Information Processing`.
    pub functional_class: String,
    /// Finer function, for example `DNA replication`; may be empty.
    pub functional_category: String,
    /// The function group of the model.
    pub model_class: ModelClass,
    /// The basic function that the gene serves; only genes of the minimal cell have one.
    pub basic_function: Option<BasicFunction>,
    /// Where the protein works.
    pub localization: Localization,
    /// Measured copies per cell; 0 means looked for and counted as none.
    pub protein_count_exp: Option<u32>,
    /// Copies in a newborn cell, raised to the count of the complex for complex subunits.
    pub initial_protein_count: Option<u32>,
    /// Copies in a newborn cell as the 2022 model starts, before complexes were counted.
    pub initial_protein_count_2022: Option<u32>,
    /// Complexes that the protein is a subunit of.
    pub complexes: Vec<String>,
    /// Promoter strength, 1 = the promoter of a protein of 180 copies; 0 for E. coli, whose operons are transcribed.
    pub promoter_strength: f64,
    /// Published mean number of transcripts per cell (2025 model), copies.
    ///
    /// A newborn cell starts with transcripts drawn around it, which turn over within minutes; nothing else reads it.
    pub mean_mrna_published: Option<f64>,
    /// Published mean number of transcripts per cell (2022 model), copies; never an input.
    pub mean_mrna_2022: Option<f64>,
    /// Published protein count at the end over the start of the cycle (2025 model); never an input.
    pub scaled_abundance_published: Option<f64>,
    /// Predicted operon, for example `PO001`; a prediction from the gaps between genes.
    pub operon_pred: String,
    /// Half-life of the transcript, s.
    pub mrna_half_life_s: Option<f64>,
    /// Transcripts per million transcripts in minimal medium with glucose, 1e-6; none for RNA genes, which the
    /// measurement left out.
    pub tpm_m9_glucose: Option<f64>,
    /// Transcripts per million transcripts in the same medium with amino acids, 1e-6.
    pub tpm_m9_glucose_aa: Option<f64>,
    /// Proteins made per transcript, relative to a typical gene; use 1 where it was not measured.
    pub translation_efficiency: Option<f64>,
    /// Half-life of the protein, s.
    pub protein_half_life_s: Option<f64>,
    /// Measured copies per cell in minimal medium with glucose.
    pub protein_count_glucose: Option<u32>,
    /// Measured copies per cell in rich medium (LB).
    pub protein_count_lb: Option<u32>,
    /// Measured copies per cell after one day in stationary phase.
    pub protein_count_stationary: Option<u32>,
    /// Whether cells without the gene fail to grow on minimal medium with glucose.
    pub essential_minimal_glucose: Option<bool>,
    /// Whether the gene is essential in rich medium by transposon footprints.
    pub essential_gerdes: Option<bool>,
}

impl Gene {
    /// A protein gene of a construct: without a place on the chromosome.
    pub(crate) fn foreign(name: &str, product: String, length_aa: u32, bases: [u32; 4]) -> Self {
        Self {
            locus_tag: name.to_owned(),
            product,
            length_nt: bases.iter().sum(),
            length_aa: Some(length_aa),
            bases,
            essentiality: Essentiality::Nonessential,
            localization: Localization::Cytoplasm,
            ..Self::unknown()
        }
    }

    /// A gene of which nothing is known: what a source does not say stays like this.
    pub(super) fn unknown() -> Self {
        Self {
            locus_tag: String::new(),
            names: Vec::new(),
            product: String::new(),
            start: 0,
            end: 0,
            strand: Strand::Plus,
            kind: GeneKind::Cds,
            length_nt: 0,
            length_aa: None,
            bases: [0; 4],
            essentiality: Essentiality::Unknown,
            functional_class: String::new(),
            functional_category: String::new(),
            model_class: ModelClass::Unclear,
            basic_function: None,
            localization: Localization::Unidentified,
            protein_count_exp: None,
            initial_protein_count: None,
            initial_protein_count_2022: None,
            complexes: Vec::new(),
            promoter_strength: 0.0,
            mean_mrna_published: None,
            mean_mrna_2022: None,
            scaled_abundance_published: None,
            operon_pred: String::new(),
            mrna_half_life_s: None,
            tpm_m9_glucose: None,
            tpm_m9_glucose_aa: None,
            translation_efficiency: None,
            protein_half_life_s: None,
            protein_count_glucose: None,
            protein_count_lb: None,
            protein_count_stationary: None,
            essential_minimal_glucose: None,
            essential_gerdes: None,
        }
    }

    /// The usual name, or the locus tag of a gene without a name.
    pub fn name(&self) -> &str {
        self.names.first().unwrap_or(&self.locus_tag)
    }

    /// The part of the locus tag after the last underscore, for example `0001`.
    pub fn short_tag(&self) -> &str {
        match self.locus_tag.rsplit_once('_') {
            Some((_, short)) => short,
            None => &self.locus_tag,
        }
    }

    /// Whether the position of the gene on the chromosome is known; no other gene is expressed.
    pub fn is_placed(&self) -> bool {
        self.start > 0
    }

    /// Whether the model transcribes the gene.
    pub fn is_expressed(&self) -> bool {
        self.kind.is_expressed()
    }
}

/// Strand of the chromosome that a gene is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strand {
    /// The strand of the reference sequence.
    Plus,
    /// The opposite strand.
    Minus,
}

words!(Strand, "strand", { Plus => "+", Minus => "-" });

/// What a gene is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GeneKind {
    /// Codes for a protein.
    Cds,
    /// Transfer RNA.
    Trna,
    /// Ribosomal RNA.
    Rrna,
    /// Another RNA that is not translated.
    Ncrna,
    /// Transfer-messenger RNA.
    Tmrna,
    /// A broken gene.
    Pseudo,
    /// A gene that was once annotated and is no longer believed to be one.
    Phantom,
}

words!(GeneKind, "gene type", {
    Cds => "CDS",
    Trna => "tRNA",
    Rrna => "rRNA",
    Ncrna => "ncRNA",
    Tmrna => "tmRNA",
    Pseudo => "pseudo",
    Phantom => "phantom",
});

impl GeneKind {
    /// Whether the model transcribes genes of this kind: proteins, tRNA and rRNA.
    ///
    /// The published models that the constants come from leave the few other RNA genes silent.
    pub fn is_expressed(self) -> bool {
        match self {
            Self::Cds | Self::Trna | Self::Rrna => true,
            Self::Ncrna | Self::Tmrna | Self::Pseudo | Self::Phantom => false,
        }
    }
}

/// Whether a cell lives without the gene: by transposon mutagenesis in JCVI-syn3A, by deletion in E. coli.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Essentiality {
    /// No viable cell without it.
    Essential,
    /// Cells without it grow, but badly.
    QuasiEssential,
    /// Cells without it grow.
    Nonessential,
    /// Not scored: RNA genes and pseudogenes.
    Unknown,
}

words!(Essentiality, "essentiality", {
    Essential => "essential",
    QuasiEssential => "quasi-essential",
    Nonessential => "nonessential",
    Unknown => "unknown",
});

/// Function group by which the model reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ModelClass {
    /// Copying, repairing and segregating the chromosome.
    DnaReplication,
    /// Making RNA.
    Transcription,
    /// Ribosomes, tRNA, charging and translation factors.
    ProteinSynthesis,
    /// Cutting, modifying and degrading RNA.
    RnaProcessing,
    /// Folding, export and proteolysis.
    ProteinFate,
    /// Glycolysis, fermentation and ATP synthase.
    EnergyProduction,
    /// Transport across the membrane.
    MembraneTransport,
    /// Lipid salvage and synthesis.
    Lipid,
    /// Nucleotide salvage.
    Nucleotide,
    /// Cofactors: uptake and salvage.
    CofactorMetabolism,
    /// Cell division.
    CellDivision,
    /// No known function.
    Unclear,
}

words!(ModelClass, "model class", {
    DnaReplication => "dna_replication",
    Transcription => "transcription",
    ProteinSynthesis => "protein_synthesis",
    RnaProcessing => "rna_processing",
    ProteinFate => "protein_fate",
    EnergyProduction => "energy_production",
    MembraneTransport => "membrane_transport",
    Lipid => "lipid",
    Nucleotide => "nucleotide",
    CofactorMetabolism => "cofactor_metabolism",
    CellDivision => "cell_division",
    Unclear => "unclear",
});

/// The four functions that a minimal cell keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BasicFunction {
    /// Copying and segregating the chromosome, and dividing.
    DnaReplication,
    /// Making RNA and protein.
    ProteinSynthesis,
    /// Making ATP.
    EnergyProduction,
    /// Membrane, transport, lipids, nucleotides, cofactors, folding and secretion.
    Support,
}

words!(BasicFunction, "basic function", {
    DnaReplication => "dna_replication",
    ProteinSynthesis => "protein_synthesis",
    EnergyProduction => "energy_production",
    Support => "support",
});

/// Where a protein works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Localization {
    /// Inside the cell.
    Cytoplasm,
    /// Through the membrane.
    TransMembrane,
    /// On the inner face of the membrane.
    PeripheralMembrane,
    /// Anchored to the outer face of the membrane by a lipid.
    Lipoprotein,
    /// Secreted.
    Extracellular,
    /// A protein of unknown place.
    Unidentified,
    /// The gene makes no protein.
    NotAProtein,
}

words!(Localization, "localization", {
    Cytoplasm => "cytoplasm",
    TransMembrane => "trans-membrane",
    PeripheralMembrane => "peripheral membrane",
    Lipoprotein => "lipoprotein",
    Extracellular => "extracellular",
    Unidentified => "unidentified",
    NotAProtein => "not a protein",
});
