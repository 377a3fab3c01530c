//! Statistics over the protein genes of the cells watched.

use crate::cell::CellModel;
use crate::genome::{Gene, GeneKind};
use crate::validation::cycle::CellCycle;
use crate::validation::experiment::Watched;
use crate::validation::statistics::{correlation, mean};

type Cells = Watched<CellCycle>;

/// Proteins of a gene at the end over those at birth.
fn ratio(cycle: &CellCycle, gene: usize) -> f64 {
    f64::from(cycle.proteins_end[gene]) / f64::from(cycle.proteins_birth[gene].max(1))
}

/// Mean over genes of that ratio, of one cell.
pub(super) fn mean_ratio(model: &CellModel, cycle: &CellCycle) -> f64 {
    mean(
        protein_genes(model)
            .into_iter()
            .map(|gene| ratio(cycle, gene)),
    )
}

/// Mean over cells of that ratio, by gene.
pub(super) fn gene_ratios(seen: &Cells) -> Vec<f64> {
    by_gene(seen, |gene| mean(seen.cells.iter().map(|c| ratio(c, gene))))
}

/// Correlation over genes of that ratio with the published one.
pub(super) fn ratio_correlation(seen: &Cells) -> f64 {
    let published = published(seen, |gene| gene.scaled_abundance_published);
    correlation(&gene_ratios(seen), &published)
}

/// Mean transcripts over cells and cycle, by gene.
pub(super) fn transcripts(seen: &Cells) -> Vec<f64> {
    by_gene(seen, |gene| {
        mean(seen.cells.iter().map(|c| c.mrna_mean[gene]))
    })
}

/// Logarithms of the mean transcripts by gene, simulated and published.
pub(super) fn log_transcripts(seen: &Cells) -> (Vec<f64>, Vec<f64>) {
    let logs = |values: Vec<f64>| {
        values
            .into_iter()
            .map(|v| libm::log(f64::max(v, 1e-6)))
            .collect()
    };
    (
        logs(transcripts(seen)),
        logs(published(seen, |gene| gene.mean_mrna_published)),
    )
}

/// Half-lives of the transcripts, min, by gene: ln 2 · transcripts / degradations per minute, where a transcript on a
/// degradosome is gone after its length over the speed of the degradosome.
pub(super) fn half_lives(seen: &Cells) -> Vec<f64> {
    let speed = seen.model.constants.degradosome_speed;
    by_gene(seen, |gene| {
        let transcripts = mean(seen.cells.iter().map(|c| c.mrna_mean[gene]));
        let decaying = mean(seen.cells.iter().map(|c| c.decaying_mean[gene]));
        let per_s = decaying * speed / f64::from(seen.model.products[gene].length_nt().max(1));
        std::f64::consts::LN_2 * transcripts / per_s / 60.0
    })
}

fn published(seen: &Cells, figure: fn(&Gene) -> Option<f64>) -> Vec<f64> {
    let genes = seen.model.genome().genes();
    by_gene(seen, |gene| figure(&genes[gene]).unwrap_or(f64::NAN))
}

fn by_gene(seen: &Cells, figure: impl Fn(usize) -> f64) -> Vec<f64> {
    protein_genes(&seen.model).into_iter().map(figure).collect()
}

fn protein_genes(model: &CellModel) -> Vec<usize> {
    let genes = model.genome().genes();
    (0..genes.len())
        .filter(|&gene| genes[gene].kind == GeneKind::Cds)
        .collect()
}
