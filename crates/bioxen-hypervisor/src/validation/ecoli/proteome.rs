//! Statistics over genes of E. coli.

use super::Seen;
use super::media::GLUCOSE;
use crate::cell::CellModel;
use crate::genome::Gene;
use crate::validation::statistics::{correlation, mean, median};

/// Median over protein genes of the half-life that the model gives their message, s.
pub(super) fn half_life_s(model: &CellModel) -> f64 {
    let messages = model
        .products
        .iter()
        .filter(|p| p.is_message() && p.unit != usize::MAX);
    let rates = messages.map(|product| model.units[product.unit].decay_rate());
    median(
        rates
            .filter(|rate| *rate > 0.0)
            .map(|rate| std::f64::consts::LN_2 / rate)
            .collect(),
    )
}

pub(super) fn essential_minimal(model: &CellModel) -> f64 {
    flagged(model, |gene| gene.essential_minimal_glucose)
}

pub(super) fn essential_rich(model: &CellModel) -> f64 {
    flagged(model, |gene| gene.essential_gerdes)
}

fn flagged(model: &CellModel, flag: fn(&Gene) -> Option<bool>) -> f64 {
    let genes = model.genome().genes().iter();
    let count = genes.filter(|gene| flag(gene) == Some(true)).count();
    u32::try_from(count).map_or(f64::NAN, f64::from)
}

/// Correlation over genes of the logarithms of copies in glucose medium, simulated and measured, where both are above 0.
pub(super) fn log_correlation(seen: &Seen) -> f64 {
    let (mut simulated, mut measured) = (Vec::new(), Vec::new());
    for (idx, gene) in seen.model.genome().iter() {
        let lineages: Vec<f64> = seen
            .lineages(GLUCOSE)
            .map(|l| l.mean.products(idx.index()))
            .collect();
        let copies = mean(lineages.into_iter());
        if let Some(count) = gene.protein_count_glucose.filter(|count| *count > 0)
            && copies > 0.0
        {
            simulated.push(libm::log10(copies));
            measured.push(libm::log10(f64::from(count)));
        }
    }
    correlation(&simulated, &measured)
}
