//! Same seed, same bytes: however a run is cut, read, saved or scheduled.

use std::sync::Arc;

use bioxen_core::{Elongation, ImageError, Organism, Seed, SimSpan, SimTime};

use super::super::{COUPLING_STEP, Cell, CellModel, CellOptions};
use super::{full, full_of, minutes, model, name, newborn, organisms, quota, seconds, size};
use crate::stochastic::RandomStream;

const LABEL: &str = "same-bytes";
const SEED: u64 = 77;

fn cell(model: &Arc<CellModel>, options: CellOptions) -> Cell {
    newborn(model, LABEL, SEED, full_of(model.organism()), options)
}

/// A model, and when to look at its cell for the last time.
type Life = (Arc<CellModel>, SimTime);

/// Lives in which every kind of cell divides once, but for the minimal cell, whose first division is at about 105 min
/// as that of syn3A.
fn lives() -> [Life; 3] {
    let minimal = Arc::new(CellModel::minimal_cell());
    [
        (model(), minutes(120)),
        (minimal, minutes(size(15, 120))),
        (organisms::dividing(20.0), seconds(size(40, 300))),
    ]
}

fn every_option() -> [CellOptions; 2] {
    let other = CellOptions {
        elongation: Elongation::Exponential,
        protein_decay: true,
        degradosomes_follow_surface: false,
    };
    [CellOptions::default(), other]
}

/// The run in one piece.
fn whole((model, end): &Life, options: CellOptions) -> Cell {
    let mut cell = cell(model, options);
    cell.advance_to(*end);
    assert_eq!(
        cell.generation(),
        u32::from(model.organism() != Organism::MinimalCell || *end > minutes(110)),
        "the run should see a division"
    );
    cell
}

#[test]
fn invariant_6_a_run_in_pieces_with_readings_is_the_same_run() {
    for life in lives() {
        for options in every_option() {
            check_pieces(&life, options);
        }
    }
}

#[track_caller]
fn check_pieces(life: &Life, options: CellOptions) {
    let (model, end) = life;
    let mut pieces = cell(model, options);
    let mut lengths = RandomStream::derive(1, "lengths");
    let mut until = SimTime::ZERO;
    while until < *end {
        // Lengths from nothing to a hundredth or so of the run, of which few are whole steps.
        until = until
            .saturating_add(SimSpan::from_micros(lengths.below(end.micros() / 100)))
            .min(*end);
        pieces.advance_to(until);
        let read = (
            pieces.sample(),
            pieces.metrics(),
            pieces.usage(),
            pieces.vitality(),
            pieces.spent_by_cause(),
        );
        assert_eq!(read.0.time, pieces.time());
    }
    assert_eq!(pieces.fingerprint(), pieces.clone().fingerprint());
    assert_eq!(pieces.fingerprint(), whole(life, options).fingerprint());
}

#[test]
fn invariant_6_saving_and_restoring_changes_nothing() {
    for life in lives() {
        for options in every_option() {
            check_saving(&life, options);
        }
    }
}

#[track_caller]
fn check_saving(life: &Life, options: CellOptions) {
    let (model, end) = life;
    let mut cell = cell(model, options);
    let mut lengths = RandomStream::derive(2, "lengths");
    while cell.time() < *end {
        let span = SimSpan::from_micros(lengths.below(end.micros() / 8));
        cell.advance_to(cell.time().saturating_add(span).min(*end));
        let image = cell.save(&name(LABEL), Seed::new(SEED));
        let before = cell.fingerprint();
        cell = match Cell::restore(model, &image, &name(LABEL), Seed::new(SEED)) {
            Ok(cell) => cell,
            Err(error) => panic!("{} at {}: {error:?}", model.organism(), cell.time()),
        };
        assert_eq!(cell.fingerprint(), before, "at {}", cell.time());
        super::books::check_genes(&cell);
        if end
            .since(cell.time())
            .is_none_or(|left| left < COUPLING_STEP)
        {
            break;
        }
    }
    assert_eq!(cell.fingerprint(), whole(life, options).fingerprint());
}

#[test]
fn invariant_6_threads_and_neighbors_change_nothing() {
    for (model, end) in lives() {
        check_threads(&model, SimTime::from_micros(end.micros() / 6));
    }
}

#[track_caller]
fn check_threads(model: &Arc<CellModel>, end: SimTime) {
    let full = full_of(model.organism());
    let run = |label: &str, seed: u64| {
        let mut cell = newborn(model, label, seed, full, CellOptions::default());
        cell.advance_to(end);
        cell.fingerprint()
    };
    let alone = run("a", 1);
    let (same, beside) = std::thread::scope(|scope| {
        let same = scope.spawn(|| run("a", 1));
        let beside = scope.spawn(|| run("b", 1));
        (
            same.join().expect("the cell runs"),
            beside.join().expect("the cell runs"),
        )
    });
    assert_eq!(same, alone);
    assert_ne!(beside, alone, "another name, another life");
    assert_ne!(run("a", 2), alone, "another seed, another life");
}

#[test]
fn invariant_7_output_interval_does_not_change_the_trajectory() {
    let model = model();
    let run = |interval_s: u64| {
        let mut cell = newborn(&model, "interval", 3, full(), CellOptions::default());
        let mut output = Vec::new();
        while cell.time() < minutes(20) {
            cell.advance_to(
                cell.time()
                    .saturating_add(SimSpan::from_micros(interval_s * 1_000_000)),
            );
            output.push(cell.sample());
        }
        (cell.fingerprint(), output)
    };
    let (often, every_second) = run(1);
    let (seldom, every_minute) = run(60);
    assert_eq!(often, seldom);
    let thinned: Vec<_> = every_second.into_iter().skip(59).step_by(60).collect();
    assert_eq!(thinned, every_minute);
}

#[test]
fn a_quota_change_at_the_same_time_is_the_same_change() {
    let model = model();
    let run = |early: SimTime| {
        let mut cell = newborn(&model, "quota-change", 4, full(), CellOptions::default());
        cell.advance_to(early);
        cell.advance_to(minutes(5));
        cell.set_quota(quota(40.0, 6));
        cell.advance_to(minutes(15));
        cell.fingerprint()
    };
    assert_eq!(run(minutes(2)), run(minutes(4)));
    let mut unchanged = newborn(&model, "quota-change", 4, full(), CellOptions::default());
    unchanged.advance_to(minutes(15));
    assert_ne!(run(minutes(2)), unchanged.fingerprint());
}

#[test]
fn a_fork_starts_equal_and_goes_its_own_way() {
    for (model, end) in lives() {
        check_fork(&model, SimTime::from_micros(end.micros() / 8));
    }
}

#[track_caller]
fn check_fork(model: &Arc<CellModel>, at: SimTime) {
    let full = full_of(model.organism());
    let mut original = newborn(model, "original", 5, full, CellOptions::default());
    original.advance_to(at);
    let image = original.save(&name("original"), Seed::new(5));
    let fork = |label: &str, seed: u64| Cell::fork(model, &image, &name(label), Seed::new(seed));
    let mut one = fork("fork", 6).expect("new name and new seed");
    assert_eq!(one.sample(), original.sample());
    assert_ne!(
        one.fingerprint(),
        original.fingerprint(),
        "the stream is its own"
    );
    let mut again = fork("fork", 6).expect("new name and new seed");
    let until = SimTime::from_micros(at.micros() + at.micros() / 4 + 1_000_000);
    for cell in [&mut original, &mut one, &mut again] {
        cell.advance_to(until);
    }
    assert_ne!(one.sample(), original.sample());
    assert_eq!(
        one.fingerprint(),
        again.fingerprint(),
        "a fork is reproducible"
    );
    super::books::check_books(&one);
    for (label, seed) in [("original", 6), ("fork", 5), ("original", 5)] {
        let error = fork(label, seed).expect_err("a fork needs a name and a seed of its own");
        assert!(
            matches!(error, ImageError::IdentityMismatch { .. }),
            "{error:?}"
        );
    }
}
