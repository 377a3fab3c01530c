//! Same seed, same bytes: however a run is cut, read, saved or scheduled.

use std::sync::Arc;

use bioxen_core::{Elongation, ImageError, Seed, SimSpan, SimTime};

use super::super::{COUPLING_STEP, Cell, CellModel, CellOptions};
use super::{full, minutes, model, name, newborn, quota};
use crate::stochastic::RandomStream;

/// Past the first division, which is at about 105 min.
const END: SimTime = SimTime::from_micros(120 * 60_000_000);

const LABEL: &str = "same-bytes";
const SEED: u64 = 77;

fn cell(model: &Arc<CellModel>, options: CellOptions) -> Cell {
    newborn(model, LABEL, SEED, full(), options)
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
fn whole(model: &Arc<CellModel>, options: CellOptions) -> Cell {
    let mut cell = cell(model, options);
    cell.advance_to(END);
    cell
}

#[test]
fn invariant_6_a_run_in_pieces_with_readings_is_the_same_run() {
    let model = model();
    for options in every_option() {
        let whole = whole(&model, options);
        assert_eq!(whole.generation(), 1, "the run should see a division");
        let mut pieces = cell(&model, options);
        let mut lengths = RandomStream::derive(1, "lengths");
        let mut until = SimTime::ZERO;
        while until < END {
            // Lengths from nothing to a minute, of which few are whole steps.
            until = until
                .saturating_add(SimSpan::from_micros(lengths.below(60_000_000)))
                .min(END);
            pieces.advance_to(until);
            let read = (
                pieces.sample(),
                pieces.metrics(),
                pieces.usage(),
                pieces.vitality(),
                pieces.spent_by_cause(),
            );
            assert_eq!(read.0.time, pieces.time());
            assert_eq!(pieces.fingerprint(), pieces.clone().fingerprint());
        }
        assert_eq!(pieces.fingerprint(), whole.fingerprint());
    }
}

#[test]
fn invariant_6_saving_and_restoring_changes_nothing() {
    let model = model();
    for options in every_option() {
        let whole = whole(&model, options);
        let mut cell = cell(&model, options);
        let mut lengths = RandomStream::derive(2, "lengths");
        while cell.time() < END {
            let span = SimSpan::from_micros(lengths.below(15 * 60_000_000));
            cell.advance_to(cell.time().saturating_add(span).min(END));
            let image = cell.save(&name(LABEL), Seed::new(SEED));
            let before = cell.fingerprint();
            cell = Cell::restore(&model, &image, &name(LABEL), Seed::new(SEED))
                .expect("saved by the same VM");
            assert_eq!(cell.fingerprint(), before, "at {}", cell.time());
            super::books::check_genes(&cell);
            if END
                .since(cell.time())
                .is_none_or(|left| left < COUPLING_STEP)
            {
                break;
            }
        }
        assert_eq!(cell.fingerprint(), whole.fingerprint());
    }
}

#[test]
fn invariant_6_threads_and_neighbors_change_nothing() {
    let model = model();
    let run = |label: &str, seed: u64| {
        let mut cell = newborn(&model, label, seed, full(), CellOptions::default());
        cell.advance_to(minutes(20));
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
    let model = model();
    let mut original = newborn(&model, "original", 5, full(), CellOptions::default());
    original.advance_to(minutes(10));
    let image = original.save(&name("original"), Seed::new(5));
    let fork = |label: &str, seed: u64| Cell::fork(&model, &image, &name(label), Seed::new(seed));
    let mut one = fork("fork", 6).expect("new name and new seed");
    assert_eq!(one.sample(), original.sample());
    assert_ne!(
        one.fingerprint(),
        original.fingerprint(),
        "the stream is its own"
    );
    let mut again = fork("fork", 6).expect("new name and new seed");
    original.advance_to(minutes(12));
    one.advance_to(minutes(12));
    again.advance_to(minutes(12));
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
