//! The gene table of a cell, the constants of its model and the figures it is compared with.
//!
//! The tables of three organisms are part of the crate (`data/*.csv`, with the source of every column in
//! `data/SOURCES.md`): JCVI-syn3A, Escherichia coli K-12 MG1655 and a hypothetical minimal cell that keeps 279 genes of
//! JCVI-syn3A. Tables of another strain are read from CSV text of the same form.
//!
//! ```
//! use bioxen_hypervisor::genome::Genome;
//!
//! let genome = Genome::syn3a();
//! let idx = genome.find("dnaA")?;
//! assert_eq!(genome[idx].locus_tag, "JCVISYN3A_0001");
//! assert_eq!(genome[idx].length_aa, Some(450));
//! # Ok::<(), bioxen_hypervisor::genome::UnknownGene>(())
//! ```

mod ecoli;
mod error;
mod gene;
mod gene_table;
mod inducer;
mod minimal_cell;
mod nearest;
mod operon;
mod operon_table;
mod parameters;
mod table;
mod targets;
#[cfg(test)]
mod tests;
mod word;

use std::fmt;
use std::ops::Index;

pub use self::error::{ParameterError, TableError, UnknownGene};
pub use self::gene::{
    BasicFunction, Essentiality, Gene, GeneKind, Localization, ModelClass, Strand,
};
pub use self::inducer::Inducer;
pub use self::operon::{
    DefaultState, Operon, OperonIdx, Regulation, RegulationClass, Regulator, RegulatorEffect,
};
pub use self::parameters::{ParameterKind, ParameterRow, Parameters};
pub use self::targets::{Target, TargetKind, TargetUse, Targets};
pub use self::word::UnknownWord;

use self::error::shorten;
use self::gene_table::read_genes;
use self::nearest::nearest;
use self::operon_table::read_operons;

const SYN3A_GENES: &str = include_str!("../data/syn3a_genes.csv");
/// GenBank CP016816.2, bp.
const SYN3A_LENGTH_BP: u32 = 543_379;

/// Position of a gene in its [`Genome`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GeneIdx(u32);

impl GeneIdx {
    /// The position as an index of [`Genome::genes`].
    pub fn index(self) -> usize {
        self.0 as usize
    }

    pub(crate) fn at(index: usize) -> Self {
        Self(u32::try_from(index).expect("tables of more than 65,536 rows are refused"))
    }
}

/// The genes of one chromosome, in the order of its table.
///
/// Locus tags are unique, and lengths, spans and base counts agree with each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Genome {
    pub(crate) label: String,
    pub(crate) genome_length_bp: u32,
    pub(crate) genes: Vec<Gene>,
    operons: Vec<Operon>,
    /// By gene; empty in a genome without operons.
    operon_of: Vec<Option<OperonIdx>>,
    inducers: Vec<Inducer>,
}

impl Genome {
    /// The 496 genes of JCVI-syn3A that ship with the crate.
    ///
    /// # Panics
    ///
    /// Never: the text is part of the crate and a test reads it.
    pub fn syn3a() -> Self {
        Self::from_csv(SYN3A_GENES, "JCVI-syn3A", SYN3A_LENGTH_BP)
            .expect("the embedded table is read by a test")
    }

    /// The 4,747 genes and the operons of Escherichia coli K-12 MG1655 that ship with the crate.
    ///
    /// The locus tag of a gene is its EcoCyc identifier; [`Genome::find`] also takes its symbol and its b-number.
    ///
    /// ```
    /// use bioxen_hypervisor::genome::Genome;
    ///
    /// let genome = Genome::ecoli();
    /// let lac_z = genome.find("lacZ")?;
    /// let operon = genome.operon_of(lac_z).expect("lacZ is expressed");
    /// assert_eq!(genome[operon].name, "lacZYA");
    /// assert_eq!(genome[operon].genes.len(), 3);
    /// # Ok::<(), bioxen_hypervisor::genome::UnknownGene>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Never: the texts are part of the crate and a test reads them.
    pub fn ecoli() -> Self {
        let genome = Self {
            label: "Escherichia coli K-12 MG1655".to_owned(),
            genome_length_bp: ecoli::LENGTH_BP,
            genes: ecoli::read_genes(ecoli::GENES).expect("the embedded table is read by a test"),
            operons: Vec::new(),
            operon_of: Vec::new(),
            inducers: inducer::read_inducers(inducer::ECOLI)
                .expect("the embedded table is read by a test"),
        };
        genome
            .with_operons(ecoli::OPERONS)
            .expect("the embedded table is read by a test")
    }

    /// The genome of an organism from the tables that ship with the crate.
    pub fn of(organism: bioxen_core::Organism) -> Self {
        match organism {
            bioxen_core::Organism::Syn3a => Self::syn3a(),
            bioxen_core::Organism::Ecoli => Self::ecoli(),
            bioxen_core::Organism::MinimalCell => Self::minimal_cell(),
        }
    }

    /// A hypothetical minimal cell: 279 genes of JCVI-syn3A on a chromosome of their own.
    ///
    /// The genes keep order, strand, sequence, counts and promoters; a gene that was left out took along the spacer in
    /// front of it. That such a cell would live is not claimed.
    ///
    /// # Panics
    ///
    /// Never: the text is part of the crate and a test reads it.
    pub fn minimal_cell() -> Self {
        minimal_cell::reduce(&Self::syn3a(), minimal_cell::GENES, "minimal cell")
            .expect("the embedded table is read by a test")
    }

    /// A genome from CSV text with the columns of `data/syn3a_genes.csv`, for a circular
    /// chromosome of `genome_length_bp`.
    ///
    /// Needed columns: `locus_tag`, `start`, `end`, `strand`, `type`, `length_nt`, `length_aa`,
    /// `nA`, `nC`, `nG`, `nU`, `initial_protein_count`, `promoter_strength`. The others may be
    /// left out; columns of any other name are refused, so that a misspelled one is not lost.
    /// Several gene names are separated by semicolons, several complexes by commas.
    ///
    /// # Errors
    ///
    /// When the text is not such a table, a locus tag occurs twice, a length disagrees with the
    /// span or the base counts, a CDS has no protein length or no start count, or a number is
    /// negative or not finite. A gene that runs across position 1 is refused: shift the origin.
    pub fn from_csv(text: &str, label: &str, genome_length_bp: u32) -> Result<Self, TableError> {
        Ok(Self {
            label: label.to_owned(),
            genome_length_bp,
            genes: read_genes(text, genome_length_bp)?,
            operons: Vec::new(),
            operon_of: Vec::new(),
            inducers: Vec::new(),
        })
    }

    /// The same genome with the operons of CSV text with the columns of `data/ecoli_operons.csv`.
    ///
    /// Needed columns: `tu_id`, `name`, `gene_ids` (locus tags in the order of transcription, separated by semicolons),
    /// `left_end`, `right_end`. Genes that are not expressed are left out of their operon, and operons without an
    /// expressed gene are left out; an expressed gene that the table does not name gets an operon of its own.
    ///
    /// # Errors
    ///
    /// When the text is not such a table, or an operon has an unknown gene, genes of both strands, a gene outside its
    /// ends, or a gene of another operon.
    pub fn with_operons(mut self, text: &str) -> Result<Self, TableError> {
        self.operons = read_operons(text, &self.genes, self.genome_length_bp)?;
        self.operon_of = vec![None; self.genes.len()];
        for (index, operon) in self.operons.iter().enumerate() {
            for gene in &operon.genes {
                self.operon_of[gene.index()] = Some(OperonIdx::at(index));
            }
        }
        Ok(self)
    }

    /// A genome without anything.
    pub(crate) fn empty() -> Self {
        Self {
            label: String::new(),
            genome_length_bp: 0,
            genes: Vec::new(),
            operons: Vec::new(),
            operon_of: Vec::new(),
            inducers: Vec::new(),
        }
    }

    /// The same genome with genes that are not on its chromosome, and the operons in which they are transcribed.
    pub(crate) fn with_foreign(
        mut self,
        genes: impl IntoIterator<Item = Gene>,
        operons: impl IntoIterator<Item = Operon>,
    ) -> Self {
        self.genes.extend(genes);
        self.operon_of.resize(self.genes.len(), None);
        for operon in operons {
            let index = OperonIdx::at(self.operons.len());
            for gene in &operon.genes {
                self.operon_of[gene.index()] = Some(index);
            }
            self.operons.push(operon);
        }
        self
    }

    /// Name of the strain.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Length of the chromosome, bp.
    pub fn genome_length_bp(&self) -> u32 {
        self.genome_length_bp
    }

    /// All genes, in the order of the table.
    pub fn genes(&self) -> &[Gene] {
        &self.genes
    }

    /// All genes with their positions, in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = (GeneIdx, &Gene)> {
        self.genes
            .iter()
            .enumerate()
            .map(|(index, gene)| (GeneIdx::at(index), gene))
    }

    /// The gene of this name: a locus tag, its short form such as `0001`, or a gene name.
    ///
    /// Upper and lower case count.
    ///
    /// # Errors
    ///
    /// When no gene or more than one gene carries the name.
    pub fn find(&self, name: &str) -> Result<GeneIdx, UnknownGene> {
        if let Some((idx, _)) = self.iter().find(|(_, gene)| gene.locus_tag == name) {
            return Ok(idx);
        }
        let carriers: Vec<GeneIdx> = self
            .iter()
            .filter(|(_, gene)| gene.short_tag() == name || gene.names.iter().any(|n| n == name))
            .map(|(idx, _)| idx)
            .collect();
        match carriers.as_slice() {
            [idx] => Ok(*idx),
            [] => Err(UnknownGene::Missing {
                name: shorten(name),
                nearest: nearest(name, self.known_names()),
            }),
            several => Err(UnknownGene::Ambiguous {
                name: shorten(name),
                locus_tags: several
                    .iter()
                    .map(|&idx| self[idx].locus_tag.clone())
                    .collect(),
            }),
        }
    }

    /// The genes whose proteins are subunits of this complex, in the order of the table; empty
    /// when no complex has the name.
    pub fn members(&self, complex: &str) -> Vec<GeneIdx> {
        self.iter()
            .filter(|(_, gene)| gene.complexes.iter().any(|name| name == complex))
            .map(|(idx, _)| idx)
            .collect()
    }

    /// The operons, with every expressed gene in exactly one of them; empty when each gene is transcribed alone, as in
    /// JCVI-syn3A and the minimal cell.
    pub fn operons(&self) -> &[Operon] {
        &self.operons
    }

    /// The operon that transcribes the gene; nothing for genes that are not expressed or are transcribed alone.
    pub fn operon_of(&self, gene: GeneIdx) -> Option<OperonIdx> {
        self.operon_of.get(gene.index()).copied().flatten()
    }

    /// Substances of the medium that switch operons; empty where no operon is known to be switched.
    pub fn inducers(&self) -> &[Inducer] {
        &self.inducers
    }

    /// Names of operons that look like `name`, the nearest first.
    pub fn nearest_operons(&self, name: &str) -> Vec<String> {
        nearest(name, self.operons.iter().map(|operon| operon.name.as_str()))
    }

    /// The operon with this identifier or name.
    pub fn find_operon(&self, name: &str) -> Option<OperonIdx> {
        self.operons
            .iter()
            .position(|operon| operon.id == name || operon.name == name)
            .map(OperonIdx::at)
    }

    fn known_names(&self) -> impl Iterator<Item = &str> {
        self.genes.iter().flat_map(|gene| {
            gene.names
                .iter()
                .map(String::as_str)
                .chain([gene.locus_tag.as_str(), gene.short_tag()])
        })
    }
}

impl Index<GeneIdx> for Genome {
    type Output = Gene;

    fn index(&self, idx: GeneIdx) -> &Gene {
        &self.genes[idx.index()]
    }
}

impl Index<OperonIdx> for Genome {
    type Output = Operon;

    fn index(&self, idx: OperonIdx) -> &Operon {
        &self.operons[idx.index()]
    }
}

impl fmt::Display for Genome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} genes on {} bp",
            self.label,
            self.genes.len(),
            self.genome_length_bp
        )
    }
}
