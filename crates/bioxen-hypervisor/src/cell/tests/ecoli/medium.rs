//! The medium that a lineage draws down, the carbon in it, and the phases of growth that follow.

use bioxen_core::{GrowthPhase, OrganismMetrics};

use super::super::super::constants::Constants;
use super::super::super::ledger::Cause;
use super::super::super::{Cell, Medium};
use super::super::books::check_books;
use super::super::{STEPS_PER_S, run};
use super::{born, ecoli};

/// Gives a cell a medium of its own.
fn feed(cell: &mut Cell, change: impl FnOnce(&mut Medium)) {
    let mut medium = cell.medium();
    change(&mut medium);
    cell.set_medium(medium);
}

fn phase(cell: &Cell) -> GrowthPhase {
    match cell.metrics().organism {
        OrganismMetrics::Ecoli(metrics) => metrics.growth_phase,
        other => panic!("{other:?} of E. coli"),
    }
}

/// Molecules of glucose in a medium.
fn molecules(medium: &Medium) -> f64 {
    medium.glucose_mm * Constants::molecules(1.0, medium.volume_al)
}

/// Glucose that went into amino acids and all that goes with them.
fn built(cell: &Cell) -> i64 {
    let each = cell.model.constants.glucose_per_residue_hundredths;
    cell.ledger.imported.amino_acids * each / 100
}

#[test]
fn every_carbon_is_booked() {
    let model = ecoli();
    let mut cell = born(&model, "carbon");
    let (there, kept) = (molecules(&cell.medium()), cell.reserve);
    for second in 0..60 {
        if second == 30 {
            // Too little to live on, so that the reserve is drawn on.
            feed(&mut cell, |medium| medium.glucose_mm *= 1e-4);
        }
        let (there, reserve) = (molecules(&cell.medium()), cell.reserve);
        let (before, burnt_before) = (built(&cell), cell.ledger.burnt);
        run(&mut cell, 1);
        // Each sum is rounded down by itself, and remainders are carried.
        let burnt = 100 * cell.ledger.regenerated / model.constants.yield_hundredths;
        assert!(burnt > 0 && built(&cell) > 0);
        assert_eq!(cell.ledger.burnt, burnt, "at {}", cell.time());
        let due = burnt - burnt_before + built(&cell) - before + cell.reserve - reserve;
        let gone = there - molecules(&cell.medium());
        assert!(
            (gone - due as f64).abs() < 1e-9 * there + 1.0,
            "{gone} gone from the medium, {due} due at {}",
            cell.time()
        );
    }
    assert!(molecules(&cell.medium()) < there && cell.reserve != kept);
}

#[test]
fn every_amino_acid_costs_what_growth_costs() {
    let model = ecoli();
    let cost = model.supply.as_ref().expect("it makes its own").growth_cost;
    let mut cell = born(&model, "cost");
    for _ in 0..10 * STEPS_PER_S {
        cell.step();
        let made = cell.ledger.imported.amino_acids as f64;
        let paid = cell.ledger.spent(Cause::Biosynthesis) as f64;
        // Both extents are whole, with the rest carried.
        assert!(
            (paid - cost * made).abs() <= 1.0 + cost,
            "{paid} ATP for {made} amino acids"
        );
        assert!(made > 0.0);
    }
    let all = cell.ledger.spent_in_all() as f64;
    let share = cell.ledger.spent(Cause::Biosynthesis) as f64 / all;
    assert!((0.2..0.8).contains(&share), "{share} of all ATP");
}

#[test]
fn a_lineage_draws_glucose_for_all_of_its_cells() {
    let model = ecoli();
    let born = born(&model, "lineage");
    let drawn = |generation: u32| {
        let mut cell = born.clone();
        cell.generation = generation;
        let before = cell.medium().glucose_mm;
        cell.step_undivided();
        (before - cell.medium().glucose_mm, cell.ledger.glucose)
    };
    let (one, glucose) = drawn(0);
    assert!(one > 0.0);
    for generation in [1, 3, 6] {
        let (all, taken) = drawn(generation);
        let cells = f64::from(1_u32 << generation);
        // The difference of two concentrations of 22 mM is good to 1e-9 of it.
        assert!(
            (all / (one * cells) - 1.0).abs() < 1e-6,
            "{all} mM for {cells} cells, {one} mM for one"
        );
        // One cell is simulated: what the others take is no matter of its books, but for what they leave it.
        assert!((taken as f64 / glucose as f64 - 1.0).abs() < 0.01);
    }
    let mut endless = born.clone();
    feed(&mut endless, |medium| medium.volume_al = f64::INFINITY);
    endless.step();
    assert_eq!(endless.medium().glucose_mm, born.medium().glucose_mm);
}

#[test]
fn a_cell_that_has_used_up_its_glucose_is_stationary_for_want_of_it() {
    let model = ecoli();
    let mut cell = born(&model, "used-up");
    // For about twenty seconds.
    feed(&mut cell, |medium| {
        medium.glucose_mm = 0.1;
        medium.volume_al = 1e5;
    });
    let least = 0.1 * model.constants.regeneration_k_glucose;
    assert_eq!(phase(&cell), GrowthPhase::Exponential);
    let mut last = cell.medium().glucose_mm;
    for _ in 0..40 * STEPS_PER_S {
        let starved = last < least;
        cell.step();
        check_books(&cell);
        let now = cell.medium().glucose_mm;
        assert!((0.0..=last).contains(&now), "{now} mM after {last}");
        let expected = if starved {
            GrowthPhase::StationaryNutrient
        } else {
            GrowthPhase::Exponential
        };
        assert_eq!(phase(&cell), expected, "{last} mM at {}", cell.time());
        last = now;
    }
    assert_eq!(phase(&cell), GrowthPhase::StationaryNutrient, "{last} mM");
    let asleep = cell.phase.expect("E. coli has phases").hibernating;
    assert!(asleep > 0.0, "idle ribosomes are put away");
    let made = cell.ledger.imported.amino_acids;
    cell.step();
    let slow = cell.ledger.imported.amino_acids - made;
    assert!(slow < 10_000, "{slow} amino acids without glucose");
}

#[test]
fn a_stationary_cell_does_not_divide() {
    let model = super::super::organisms::dividing(1.0);
    let mut cell = born(&model, "resting");
    cell.phase.as_mut().expect("E. coli has phases").stationary = true;
    run(&mut cell, 3);
    assert!(cell.chromosome.finished(&model).is_some());
    assert_eq!(cell.generation(), 0);
    cell.phase.as_mut().expect("E. coli has phases").stationary = false;
    run(&mut cell, 1);
    assert_eq!(cell.generation(), 1, "it was due");
}

#[test]
fn phases_change_for_a_reason_and_with_patience() {
    let model = ecoli();
    let mut cell = born(&model, "phases");
    let reference = std::f64::consts::LN_2 / model.constants.doubling_s;
    let mut after = |glucose_mm: f64, rate: f64, minutes: u32| {
        feed(&mut cell, |medium| medium.glucose_mm = glucose_mm);
        cell.growth.rate = rate * reference;
        for _ in 0..minutes {
            cell.follow_phase(60.0);
        }
        phase(&cell)
    };
    use GrowthPhase::{Exponential, StationaryEnergy, StationaryNutrient};
    assert_eq!(after(20.0, 1.0, 60), Exponential);
    assert_eq!(after(20.0, 0.11, 60), Exponential);
    assert_eq!(after(20.0, 0.09, 9), Exponential);
    assert_eq!(after(20.0, 0.11, 1), Exponential, "the count starts anew");
    assert_eq!(after(20.0, 0.09, 9), Exponential);
    assert_eq!(after(20.0, 0.09, 1), StationaryEnergy);
    assert_eq!(after(20.0, 0.29, 60), StationaryEnergy);
    assert_eq!(after(0.0, 0.0, 1), StationaryNutrient);
    assert_eq!(
        after(0.0, 1.0, 60),
        StationaryNutrient,
        "nothing to grow on"
    );
    assert_eq!(after(20.0, 0.31, 9), StationaryEnergy);
    assert_eq!(after(20.0, 0.31, 1), Exponential);
    assert_eq!(after(0.0, 1.0, 1), StationaryNutrient, "at once");
}

#[test]
fn idle_ribosomes_go_to_sleep_and_wake_up_in_ten_minutes() {
    let model = ecoli();
    let mut cell = born(&model, "asleep");
    let idle = f64::from(cell.ribosomes.free());
    let asleep = |cell: &Cell| cell.phase.expect("E. coli has phases").hibernating;
    feed(&mut cell, |medium| medium.glucose_mm = 0.0);
    cell.follow_phase(600.0);
    let first = 0.5 * idle * (1.0 - (-1.0_f64).exp());
    assert!((asleep(&cell) / first - 1.0).abs() < 1e-9);
    cell.follow_phase(1e6);
    assert!((asleep(&cell) / (0.5 * idle) - 1.0).abs() < 1e-9);
    feed(&mut cell, |medium| medium.glucose_mm = 20.0);
    cell.follow_phase(600.0);
    assert!((asleep(&cell) / (0.5 * idle) - (-1.0_f64).exp()).abs() < 1e-9);
}
