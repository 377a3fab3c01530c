//! Gene expression alone, against laws that are known exactly: machines without end, no metabolism.

use std::sync::Arc;

use bioxen_core::Elongation;

use super::super::expression::{StepBudget, StepRates};
use super::super::genes::Genes;
use super::super::machines::MachineCount;
use super::super::model::{Machine, Product, Unit, WEIGHT, ticks};
use super::super::{Cell, CellModel, CellOptions};
use super::statistics::Estimate;
use super::{full, newborn, size};
use crate::stochastic::{Chains, TICKS_PER_SECOND};

/// So many free machines that those at work do not change their number by a measurable share.
const ENDLESS: u32 = 100_000_000;

/// Promoters of a gene in such number that a polymerase on one of them does not change how many are free.
const ENDLESS_PROMOTERS: u32 = 1_000_000;

const UNLIMITED: StepBudget = StepBudget {
    residues: [1_000_000_000],
    bases: [1_000_000_000; 4],
    decay_bases: [1_000_000_000; 4],
    insertion_atp: 1_000_000_000,
    degradation_atp: 1_000_000_000,
};

/// Rates at which nothing happens.
const STILL: StepRates = StepRates {
    promoter: 0.0,
    ribosome: 0.0,
    degradosome: 0.0,
    translation_speed: 1.0,
    transcription_speed: 1.0,
    decay_speed: 1.0,
    ribosome_cap: ENDLESS,
    hibernating: 0,
};

/// A model of `genes` equal genes, each its own unit with one soluble protein, and no machine made of them.
fn equal_genes(genes: usize, change: impl Fn(&mut CellModel)) -> Arc<CellModel> {
    let mut model = CellModel::syn3a();
    let (unit, product) = (model.units[0].clone(), model.products[0].clone());
    assert!(unit.message && unit.genes == [0] && product.is_message() && !product.exported);
    model.units = (0..genes)
        .map(|gene| Unit {
            genes: vec![gene],
            strength: 1.0,
            ..unit.clone()
        })
        .collect();
    model.products = (0..genes)
        .map(|gene| Product {
            unit: gene,
            ..product.clone()
        })
        .collect();
    model.regeneration_path.clear();
    model.synthetases.clear();
    model.chromosome.order.clear();
    let machines = &mut model.machines;
    for machine in [
        &mut machines.rnap,
        &mut machines.ribosome,
        &mut machines.degradosome,
        &mut machines.translocon,
    ] {
        *machine = Machine {
            at_birth: 0,
            parts: Vec::new(),
        };
    }
    change(&mut model);
    Arc::new(model)
}

/// A cell of that model with no transcript and no protein, `promoters` of each gene, and machines without end.
fn empty(model: &Arc<CellModel>, elongation: Elongation, promoters: u32) -> Cell {
    let options = CellOptions {
        elongation,
        ..CellOptions::default()
    };
    let mut cell = newborn(model, "laws", 5, full(), options);
    let mut genes = cell.genes.state();
    for counts in [
        &mut genes.held,
        &mut genes.free,
        &mut genes.translating,
        &mut genes.decaying,
        &mut genes.products,
    ] {
        counts.fill(0);
    }
    genes.waiting.fill(0);
    genes.dose.fill(promoters);
    cell.genes = Genes::from_state(genes, model);
    cell.chains = Chains::new();
    let idle = MachineCount::idle(ENDLESS);
    (
        cell.rnap,
        cell.ribosomes,
        cell.degradosomes,
        cell.translocons,
    ) = (idle, idle, idle, idle);
    cell
}

/// Rates under which each gene of [`equal_genes`] starts `started` transcripts per second and a free transcript lasts
/// `lifetime` seconds.
fn birth_and_death(started: f64, lifetime: f64) -> StepRates {
    let machines = f64::from(ENDLESS);
    StepRates {
        promoter: started / (f64::from(ENDLESS_PROMOTERS) * WEIGHT * machines),
        degradosome: 1.0 / (lifetime * machines),
        ..STILL
    }
}

/// For each gene the mean over `samples` of `of(count, count at the sample before)`, samples being `apart` seconds
/// apart; genes are independent of each other, so their means give an honest standard error even where samples in time
/// are not.
fn by_gene(
    cell: &mut Cell,
    rates: &StepRates,
    (samples, apart): (u64, f64),
    count: impl Fn(&Cell, usize) -> u32,
    of: impl Fn(f64, f64) -> f64,
) -> Estimate {
    let genes = cell.model.products.len();
    // Ten intervals to forget that there was nothing at the start.
    cell.express(10.0 * apart, rates, &UNLIMITED);
    let mut before: Vec<f64> = (0..genes).map(|g| f64::from(count(cell, g))).collect();
    let mut sums = vec![0.0; genes];
    for _ in 0..samples {
        cell.express(apart, rates, &UNLIMITED);
        for gene in 0..genes {
            let now = f64::from(count(cell, gene));
            sums[gene] += of(now, before[gene]);
            before[gene] = now;
        }
    }
    let means: Vec<f64> = sums.iter().map(|sum| sum / samples as f64).collect();
    Estimate::of(&means)
}

/// Student's t with 39 degrees of freedom is above 5 in one of 80,000 seeds (two-sided).
const GENES: usize = 40;
const FAR_OFF: f64 = 5.0;

#[track_caller]
fn check(what: &str, estimate: Estimate, exact: f64) {
    assert!(
        estimate.off(exact) < FAR_OFF,
        "{what}: {estimate:?}, exactly {exact}"
    );
    // The test must be able to see an error of a tenth.
    assert!(
        estimate.error * FAR_OFF < 0.1 * exact,
        "{what}: {estimate:?} is too coarse"
    );
}

#[test]
fn invariant_8_transcripts_are_poisson_whatever_the_law_of_elongation() {
    let (started, lifetime) = (1.0, 10.0);
    let mean = started * lifetime;
    let rates = birth_and_death(started, lifetime);
    let free = |cell: &Cell, gene: usize| cell.genes.free[cell.model.products[gene].unit];
    for elongation in [Elongation::Queue, Elongation::Exponential] {
        let model = equal_genes(GENES, |_| {});
        let mut cell = empty(&model, elongation, ENDLESS_PROMOTERS);
        // Five lifetimes apart.
        let runs = (size(250, 2500), 5.0 * lifetime);
        check(
            "mean a/γ",
            by_gene(&mut cell, &rates, runs, free, |now, _| now),
            mean,
        );
        let spread = by_gene(&mut cell, &rates, runs, free, |now, _| {
            (now - mean) * (now - mean) / mean
        });
        check("Fano factor 1", spread, 1.0);
        // Transcripts on degradosomes are as many as are bound in the time that one takes; they are Poisson too.
        let held = mean / lifetime * model.units[0].decay_ticks as f64 / TICKS_PER_SECOND;
        let on = |cell: &Cell, gene: usize| cell.genes.decaying[cell.model.products[gene].unit];
        check(
            "mean on degradosomes",
            by_gene(&mut cell, &rates, runs, on, |now, _| now),
            held,
        );
    }
}

#[test]
fn invariant_8_transcripts_forget_within_their_lifetime() {
    let (started, lifetime) = (1.0, 10.0);
    let mean = started * lifetime;
    let rates = birth_and_death(started, lifetime);
    for elongation in [Elongation::Queue, Elongation::Exponential] {
        let mut cell = empty(&equal_genes(GENES, |_| {}), elongation, ENDLESS_PROMOTERS);
        let product = |now: f64, before: f64| (now - mean) * (before - mean) / mean;
        let free = |cell: &Cell, gene: usize| cell.genes.free[cell.model.products[gene].unit];
        let correlation = by_gene(
            &mut cell,
            &rates,
            (size(1500, 15_000), lifetime),
            free,
            product,
        );
        check(
            "autocorrelation after one lifetime",
            correlation,
            (-1.0_f64).exp(),
        );
    }
}

#[test]
fn invariant_8_proteins_come_in_bursts() {
    // Thattai & van Oudenaarden 2001, doi 10.1073/pnas.151588598: b proteins per transcript, η = lifetime of a
    // transcript over that of a protein; mean a b / γ_protein, Fano factor 1 + b/(1 + η).
    let (started, lifetime, protein_lifetime, burst) = (0.08, 10.0, 50.0, 5.0);
    let model = equal_genes(GENES, |model| {
        model.constants.protein_decay = 1.0 / protein_lifetime;
        // A transcript on a ribosome is safe from decay, which the law knows nothing of: so it is there for a tick.
        model
            .products
            .iter_mut()
            .for_each(|product| product.translation_ticks = 1);
    });
    let rates = StepRates {
        ribosome: burst / lifetime / f64::from(ENDLESS),
        ..birth_and_death(started, lifetime)
    };
    let mut cell = empty(&model, Elongation::Exponential, ENDLESS_PROMOTERS);
    cell.protein_decay = true;
    let mean = started * burst * protein_lifetime;
    let fano = 1.0 + burst / (1.0 + lifetime / protein_lifetime);
    // Four protein lifetimes apart.
    let runs = (size(220, 2200), 4.0 * protein_lifetime);
    let proteins = |cell: &Cell, gene: usize| cell.genes.products[gene];
    check(
        "mean",
        by_gene(&mut cell, &rates, runs, proteins, |now, _| now),
        mean,
    );
    let spread = by_gene(&mut cell, &rates, runs, proteins, |now, _| {
        (now - mean) * (now - mean) / mean
    });
    check("Fano factor", spread, fano);
}

#[test]
fn invariant_8_a_promoter_is_held_for_its_share_of_time() {
    // Open for 1/a on average and held for 1/k, whatever the law of the latter: held for a/(a + k) of the time.
    let per_strength = 0.02;
    let model = super::model();
    let rates = StepRates {
        promoter: per_strength / WEIGHT / f64::from(ENDLESS),
        ..STILL
    };
    for elongation in [Elongation::Queue, Elongation::Exponential] {
        let mut cell = empty(&model, elongation, 0);
        let mut shares = Vec::new();
        for (index, unit) in model.units.iter().enumerate() {
            let seconds = f64::from(unit.length_nt()) / cell.polymerase_speed(index);
            let held_s = ticks(seconds) as f64 / TICKS_PER_SECOND;
            if unit.expressed && held_s < 100.0 {
                cell.genes.dose[index] = 1;
                cell.genes.refresh_promoter(index, &model);
                let bound = unit.strength * per_strength;
                shares.push((index, bound / (bound + 1.0 / held_s)));
            }
        }
        assert!(
            shares.len() > 250,
            "{} units are short enough",
            shares.len()
        );
        // Samples six times the longest transcription apart are independent.
        let (samples, apart) = (size(60, 600), 600.0);
        cell.express(3.0 * apart, &rates, &UNLIMITED);
        let mut held = vec![0_u32; model.units.len()];
        for _ in 0..samples {
            cell.express(apart, &rates, &UNLIMITED);
            for &(unit, _) in &shares {
                held[unit] += cell.genes.held[unit];
            }
        }
        let n = samples as f64;
        let (mut sum, mut expected, mut variance, mut chi_square) = (0.0, 0.0, 0.0, 0.0);
        for &(unit, share) in &shares {
            let own = n * share * (1.0 - share);
            sum += f64::from(held[unit]);
            expected += n * share;
            variance += own;
            chi_square += (f64::from(held[unit]) - n * share).powi(2) / own;
        }
        // Normal to a good approximation: 4.5 standard deviations, one of 150,000 seeds each.
        assert!(
            (sum - expected).abs() < 4.5 * variance.sqrt(),
            "{elongation:?}: {sum}, expected {expected}"
        );
        let units = shares.len() as f64;
        assert!(
            (chi_square - units).abs() < 4.5 * (2.0 * units).sqrt(),
            "{elongation:?}: χ² {chi_square} of {units}"
        );
    }
}
