//! The minimal cell, which is hypothetical: no such cell was ever made, so there is nothing measured to compare it
//! with. What can be shown is that it works, and that it does what another program of the same model did.

use std::sync::atomic::AtomicBool;

use bioxen_core::{Organism, OrganismMetrics, Vitality};

use super::ensemble::to_division;
use super::experiment::{Experiment, Row, Watch, Watched};
use super::statistics::{mean, statistic};
use crate::cell::{Cell, CellModel, real};
use crate::genome::{BasicFunction, Gene, GeneKind};

pub(super) const EXPERIMENT: Experiment<Generations> = Experiment {
    organism: Organism::MinimalCell,
    model: CellModel::minimal_cell,
    watches: &[Watch {
        name: "cell",
        settings: 1,
        follow,
    }],
    protocol: "through three generations",
    rows,
};

/// Generations that a cell is followed for.
const GENERATIONS: usize = 3;

/// Coupling steps from one look at the metrics to the next, which costs more than a step: a minute.
const STEPS_PER_LOOK: u64 = 120;

/// Three generations of a cell. Figures of a cycle are those of the first, from the derived newborn on.
#[derive(Debug, Clone)]
pub(super) struct Generations {
    /// Length of those that ended in a division, min.
    minutes: Vec<f64>,
    viable: bool,
    /// Mean over genes of proteins at the end over those at birth.
    protein_ratio: f64,
    events_per_min: f64,
    mrna: f64,
    ribosomes_at_work: f64,
    atp_per_s: f64,
    /// By [`BasicFunction::ALL`].
    efficiency: [f64; 4],
}

type Figure = Row<Generations>;

/// Why a figure of the other program does not count.
const SAME_MODEL: &str =
    "an earlier program of the same model: a check of the program, not of the model";

fn rows() -> Vec<Figure> {
    let mut rows = vec![
        Figure::new("M01", |seen| {
            seen.mean_if_all(|c| {
                let later = c.minutes.get(1..GENERATIONS)?;
                Some(mean(later.iter().copied()))
            })
        })
        .note("that of syn3A, whose constants it has; second and third generation"),
        Figure::new("M02", |seen| seen.mean(|c| c.protein_ratio)).note(SAME_MODEL),
        Figure::new("M03", |seen| seen.mean(|c| c.events_per_min)).note(SAME_MODEL),
        Figure::new("M04", |seen| seen.mean(|c| c.mrna)).note(SAME_MODEL),
        Figure::new("M05", |seen| seen.mean(|c| c.atp_per_s)).note(SAME_MODEL),
        Figure::new("M06", |seen| seen.mean(|c| c.ribosomes_at_work)).note(SAME_MODEL),
        Figure::new("M08", |seen| {
            seen.mean(|c| if c.viable { 1.0 } else { 0.0 })
        }),
    ];
    for (n, letter) in ["a", "b", "c", "d"].into_iter().enumerate() {
        rows.push(Figure::new(format!("M07{letter}"), move |seen| {
            seen.mean(|c| c.efficiency[n])
        }));
    }
    let counts: [(&str, IsWanted); 5] = [
        ("M09a", |_| true),
        ("M09b", |gene| gene.kind == GeneKind::Cds),
        ("M09c", |gene| gene.kind == GeneKind::Trna),
        ("M09d", |gene| gene.kind == GeneKind::Rrna),
        ("M09e", |gene| {
            !matches!(gene.kind, GeneKind::Cds | GeneKind::Trna | GeneKind::Rrna)
        }),
    ];
    rows.extend(counts.map(|(id, wanted)| {
        Figure::new(id, move |seen| statistic(genes(seen, wanted))).note("the gene table itself")
    }));
    rows
}

type IsWanted = fn(&Gene) -> bool;

fn genes(seen: &Watched<Generations>, wanted: IsWanted) -> f64 {
    let genes = seen.model.genome().genes().iter();
    count(genes.filter(|gene| wanted(gene)).count())
}

fn follow(mut cell: Cell, _: u32, stop: &AtomicBool) -> Option<Generations> {
    let birth = proteins(&cell);
    let (mut mrna, mut at_work, mut efficiency) = (0.0, 0.0, [0.0; 4]);
    let (mut looks, mut steps) = (0.0, 0);
    let mut divided = to_division(&mut cell, stop, |cell, step| {
        steps = step;
        if step.is_multiple_of(STEPS_PER_LOOK) {
            looks += 1.0;
            let sample = cell.sample();
            let ribosomes = sample.ribosomes_translating + sample.ribosomes_free;
            mrna += f64::from(u32::try_from(sample.mrna).unwrap_or(u32::MAX));
            at_work += f64::from(sample.ribosomes_translating) / f64::from(ribosomes.max(1));
            for (sum, now) in efficiency.iter_mut().zip(function_efficiency(cell)) {
                *sum += now;
            }
        }
    })?;
    let seconds = cell.time().seconds();
    let events: u64 = cell.events().iter().map(|(_, n)| n).sum();
    let spent: u64 = cell.spent_by_cause().iter().map(|(_, n)| n).sum();
    let ratios = proteins(&cell).into_iter().zip(birth);
    let ratios: Vec<f64> = ratios.map(|(end, birth)| end / birth.max(1.0)).collect();
    let mut seen = Generations {
        minutes: Vec::new(),
        viable: false,
        protein_ratio: mean(ratios.into_iter()),
        events_per_min: real(events) * 60.0 / seconds,
        mrna: mrna / looks,
        ribosomes_at_work: at_work / looks,
        atp_per_s: real(spent) / seconds,
        efficiency: efficiency.map(|sum| sum / looks),
    };
    while divided {
        seen.minutes.push(real(steps) / 120.0);
        cell.divide();
        if seen.minutes.len() == GENERATIONS {
            break;
        }
        divided = to_division(&mut cell, stop, |_, step| steps = step)?;
    }
    seen.viable = divided && status(&cell) == Some(Vitality::Viable);
    Some(seen)
}

/// Proteins by protein gene.
fn proteins(cell: &Cell) -> Vec<f64> {
    let genes = cell.model().genome().iter();
    genes
        .filter(|(_, gene)| gene.kind == GeneKind::Cds)
        .map(|(idx, _)| f64::from(cell.product_count(idx.index())))
        .collect()
}

fn function_efficiency(cell: &Cell) -> [f64; 4] {
    let OrganismMetrics::MinimalCell(metrics) = cell.metrics().organism else {
        return [f64::NAN; 4];
    };
    BasicFunction::ALL.map(|function| {
        let found = metrics.function_efficiency.get(function.as_str());
        found.copied().unwrap_or(f64::NAN)
    })
}

fn status(cell: &Cell) -> Option<Vitality> {
    match cell.metrics().organism {
        OrganismMetrics::MinimalCell(metrics) => Some(metrics.minimal_status),
        _ => None,
    }
}

fn count(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::NAN, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::experiment::check_rows;

    #[test]
    fn every_figure_that_proves_something_is_measured() {
        check_rows(&EXPERIMENT);
    }
}
