//! The minimal cell: the genes of another genome that a table keeps, on a shorter chromosome.

use super::Genome;
use super::error::TableError;
use super::gene::{Essentiality, Gene, GeneKind};
use super::table::{Columns, Row, UniqueKeys, read_rows};

pub(super) const GENES: &str = include_str!("../../data/minimal_cell_genes.csv");

const COLUMNS: Columns = Columns {
    required: &["locus_tag", "basic_function", "rule"],
    optional: &[],
};

/// The genome that is left of `source` when only the genes of the table stay.
///
/// A gene that goes takes along the spacer in front of it, so genes keep their order, strand and the distance from a
/// neighbor that stays too. A gene that overlapped with one that is gone follows without a spacer.
pub(super) fn reduce(source: &Genome, text: &str, label: &str) -> Result<Genome, TableError> {
    let mut locus_tags = UniqueKeys::new("locus_tag");
    let mut chromosome = Chromosome::default();
    let genes = read_rows(text, &COLUMNS, |row| {
        let tag = locus_tags.take(row)?;
        let found = source.genes[chromosome.passed..]
            .iter()
            .position(|gene| gene.locus_tag == tag);
        let Some(skipped) = found else {
            let allowed = format!("genes of {} in genome order", source.label);
            return Err(row.refuse("locus_tag", &allowed));
        };
        let gene = chromosome.keep(&source.genes, chromosome.passed + skipped);
        check_rule(row, &gene)?;
        Ok(Gene {
            basic_function: Some(row.word("basic_function")?),
            ..gene
        })
    })?;
    let trailing = source
        .genes
        .last()
        .map_or(0, |last| source.genome_length_bp.saturating_sub(last.end));
    Ok(Genome {
        label: label.to_owned(),
        genome_length_bp: chromosome.length_bp + trailing,
        genes,
        operons: Vec::new(),
        operon_of: Vec::new(),
        inducers: Vec::new(),
    })
}

/// The chromosome as far as it is built.
#[derive(Default)]
struct Chromosome {
    /// Genes of the source that were kept or left out.
    passed: usize,
    /// End of the genes that were kept, bp.
    length_bp: u32,
    /// Base pairs of the source that are gone.
    removed_bp: u32,
}

impl Chromosome {
    /// The gene at `index` of the source at its new place.
    fn keep(&mut self, source: &[Gene], index: usize) -> Gene {
        let gene = &source[index];
        if index > self.passed {
            // The spacer in front of the gene stays, up to the gene that went before it.
            let gone_to = source[index - 1].end.min(gene.start - 1);
            let removed_bp = gone_to.saturating_sub(self.length_bp);
            self.removed_bp = self.removed_bp.max(removed_bp);
        }
        let end = gene.end - self.removed_bp;
        self.passed = index + 1;
        self.length_bp = self.length_bp.max(end);
        Gene {
            start: gene.start - self.removed_bp,
            end,
            ..gene.clone()
        }
    }
}

/// Why the gene is kept: `R1` for an essential protein of known function, `R2` for RNA.
fn check_rule(row: &Row<'_>, gene: &Gene) -> Result<(), TableError> {
    let kept = match row.text("rule") {
        "R1" => gene.kind == GeneKind::Cds && gene.essentiality == Essentiality::Essential,
        "R2" => !matches!(
            gene.kind,
            GeneKind::Cds | GeneKind::Pseudo | GeneKind::Phantom
        ),
        _ => return Err(row.refuse("rule", "R1, R2")),
    };
    match kept {
        true => Ok(()),
        false => Err(row.refuse("rule", "R1 for an essential CDS, R2 for an RNA gene")),
    }
}
