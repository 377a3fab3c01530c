//! The gene table of a cell, the constants of its model and the figures it is compared with.
//!
//! The tables of JCVI-syn3A are part of the crate (`data/*.csv`, with the source of every column
//! in `data/SOURCES.md`); tables of another strain are read from CSV text of the same form.
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

mod error;
mod gene;
mod gene_table;
mod nearest;
mod parameters;
mod table;
mod targets;
#[cfg(test)]
mod tests;
mod word;

use std::fmt;
use std::ops::Index;

pub use self::error::{ParameterError, TableError, UnknownGene};
pub use self::gene::{Essentiality, Gene, GeneKind, Localization, ModelClass, Strand};
pub use self::parameters::{ParameterKind, ParameterRow, Parameters};
pub use self::targets::{Target, TargetKind, TargetUse, Targets};
pub use self::word::UnknownWord;

use self::error::shorten;
use self::gene_table::read_genes;
use self::nearest::nearest;

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

    fn at(index: usize) -> Self {
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
        })
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
