//! Whole cells in numbers: what must not depend on the law of elongation, on the coupling step, or on size.

use std::sync::Arc;

use bioxen_core::Elongation;

use super::super::pools::Pool;
use super::super::{COUPLING_STEP, Cell, CellModel, CellOptions};
use super::statistics::Estimate;
use super::{STEPS_PER_MIN, full, model, newborn, size};

/// What is compared, each a mean over the run of one cell but for the first, which is a count.
const QUANTITIES: [&str; 6] = [
    "proteins made",
    "mRNA",
    "translating",
    "ATP mM",
    "energy charge",
    "protein mass",
];

/// The quantities of each cell of an ensemble, over `min` simulated minutes by `step`.
fn ensemble(
    cells: u64,
    min: u64,
    start: impl Fn(u64) -> Cell,
    step: fn(&mut Cell),
) -> [Estimate; 6] {
    let mut values = vec![Vec::new(); QUANTITIES.len()];
    for seed in 0..cells {
        let mut cell = start(seed);
        let mut sums = [0.0; 6];
        let steps = min * STEPS_PER_MIN;
        for _ in 0..steps {
            step(&mut cell);
            sums[1] += cell.mrna() as f64;
            sums[2] += f64::from(cell.ribosomes.bound);
            sums[3] += cell.millimolar(Pool::Atp);
            sums[4] += cell.energy_charge();
            sums[5] += cell.mass();
        }
        values[0].push(cell.events.translation_finished as f64);
        for (values, sum) in values.iter_mut().zip(sums).skip(1) {
            values.push(sum / steps as f64);
        }
    }
    std::array::from_fn(|n| Estimate::of(&values[n]))
}

#[test]
fn invariant_9_queue_and_exponential_elongation_have_the_same_means() {
    let model = model();
    let run = |elongation| {
        let options = CellOptions {
            elongation,
            ..CellOptions::default()
        };
        let start = |seed| newborn(&model, &format!("{elongation:?}"), seed, full(), options);
        ensemble(size(16, 64), size(30, 100), start, Cell::step)
    };
    let (queue, exponential) = (run(Elongation::Queue), run(Elongation::Exponential));
    for n in 0..3 {
        let error = queue[n].error_beside(exponential[n]);
        // Three standard errors with 30 degrees of freedom: one of 190 seeds for each of the three.
        let off = (queue[n].mean - exponential[n].mean) / error;
        assert!(
            off.abs() < 3.0,
            "{}: {off} standard errors, {:?} and {:?}",
            QUANTITIES[n],
            queue[n],
            exponential[n]
        );
        assert!(
            error < 0.03 * queue[n].mean,
            "{}: {error} is too coarse",
            QUANTITIES[n]
        );
    }
}

/// One coupling step as two of half the length.
fn half_steps(cell: &mut Cell) {
    let half = 0.5 * COUPLING_STEP.seconds();
    cell.step_by(half);
    cell.step_by(half);
    cell.steps += 1;
}

#[test]
fn invariant_13_half_the_coupling_step_moves_means_by_less_than_two_percent() {
    let model = model();
    // The same seeds: both ensembles start from the same newborns.
    let start = |seed| newborn(&model, "step-length", seed, full(), CellOptions::default());
    let (cells, min) = (size(96, 384), size(30, 60));
    let whole = ensemble(cells, min, start, Cell::step_undivided);
    let half = ensemble(cells, min, start, half_steps);
    for n in 0..QUANTITIES.len() {
        let error = whole[n].error_beside(half[n]) / whole[n].mean;
        let moved = (half[n].mean / whole[n].mean - 1.0).abs();
        // The moves are near 1% and their standard errors below 0.5%: measured above 2% by two standard errors means
        // a false alarm in one of 30,000 seeds.
        assert!(
            moved < 0.02 + 2.0 * error,
            "{}: {:?} to {:?}",
            QUANTITIES[n],
            whole[n],
            half[n]
        );
        assert!(error < 0.005, "{}: {error} is too coarse", QUANTITIES[n]);
        // The long variant is sharp enough to show that the move itself is below 2%.
        assert!(
            size(0, 1) == 0 || moved + 3.0 * error < 0.02,
            "{}: moved by {moved} ± {error}",
            QUANTITIES[n]
        );
    }
}

/// syn3A twice as large: volume, surface, machines, molecules and promoters doubled, concentrations and rate constants
/// per concentration kept.
fn doubled() -> CellModel {
    let mut model = CellModel::syn3a();
    let c = &mut model.constants;
    for extensive in [
        &mut c.volume_birth_al,
        &mut c.volume_cap_al,
        &mut c.surface_birth_nm2,
        &mut c.regeneration_vmax,
        &mut c.maintenance,
        &mut c.aa_import,
        &mut c.lipid_flux,
    ] {
        *extensive *= 2.0;
    }
    // Rates per molecule at birth volume.
    c.synthetase[..3].iter_mut().for_each(|rate| *rate *= 0.5);
    for unit in &mut model.units {
        unit.transcripts_at_birth *= 2.0;
    }
    for product in &mut model.products {
        product.copies_at_birth *= 2;
    }
    let m = &mut model.machines;
    for machine in [
        &mut m.rnap,
        &mut m.ribosome,
        &mut m.degradosome,
        &mut m.translocon,
    ] {
        machine.at_birth *= 2;
    }
    model.residues_at_birth *= 2.0;
    model
        .regeneration_path
        .iter_mut()
        .for_each(|(_, copies)| *copies *= 2.0);
    model
}

/// A newborn with `promoters` of each unit, and an origin that does not fire while it is watched.
fn with_promoters(model: &Arc<CellModel>, label: &str, seed: u64, promoters: u32) -> Cell {
    let mut cell = newborn(model, label, seed, full(), CellOptions::default());
    cell.chromosome.fires_at = f64::INFINITY;
    for unit in 0..model.units.len() {
        cell.genes.dose[unit] *= promoters;
        cell.genes.refresh_promoter(unit, model);
    }
    cell
}

#[test]
fn invariant_14_a_cell_twice_as_large_has_the_same_concentrations() {
    let (single, double) = (model(), Arc::new(doubled()));
    let (cells, min) = (size(24, 96), size(30, 60));
    let one = ensemble(
        cells,
        min,
        |seed| with_promoters(&single, "single", seed, 1),
        Cell::step_undivided,
    );
    let two = ensemble(
        cells,
        min,
        |seed| with_promoters(&double, "double", seed, 2),
        Cell::step_undivided,
    );
    for n in 0..QUANTITIES.len() {
        // The first three are counts; concentrations and protein mass relative to birth are as they are.
        let scale = if n < 3 { 0.5 } else { 1.0 };
        let two = Estimate {
            mean: scale * two[n].mean,
            error: scale * two[n].error,
        };
        let error = two.error_beside(one[n]);
        // Four standard errors with 46 degrees of freedom: one of 4,000 seeds for each of the six.
        let off = (two.mean - one[n].mean) / error;
        assert!(
            off.abs() < 4.0,
            "{}: {off} standard errors, {:?} and {two:?}",
            QUANTITIES[n],
            one[n]
        );
        assert!(
            error < 0.02 * one[n].mean,
            "{}: {error} is too coarse",
            QUANTITIES[n]
        );
    }
}
