//! A program that only advances a cell leaves the cell that an advance without a program leaves.

use bioxen_core::{ProcessLimits, SimTime};

use super::{newborn, run_on};

#[track_caller]
fn check(source: &str, until_s: f64) {
    let mut direct = newborn();
    direct.advance_to(SimTime::from_seconds(until_s).expect("a time"));
    let (cell, report) = run_on(newborn(), source, &ProcessLimits::default());
    assert!(report.success, "{}", report.stderr);
    assert_eq!(cell.time(), direct.time());
    assert_eq!(cell.fingerprint(), direct.fingerprint(), "{source}");
}

#[test]
fn an_advance_is_the_same_with_and_without_a_program() {
    check("advance(600)", 600.0);
}

#[test]
fn pieces_make_the_same_run() {
    check("for n in range(10):\n    advance(60)\n", 600.0);
    // Pieces shorter than a coupling step add up.
    check("for n in range(700):\n    advance(0.1)\n", 70.0);
    check("for n in range(10):\n    advance(0.3)\n", 3.0);
}

#[test]
fn reading_leaves_no_trace() {
    check(
        "record(every = 10, species = ['ATP', 'dnaA'], duration = 60)\n\
         get_biological_status()\ncounts(['ATP'])\nbudget()\n\
         advance_until(lambda: time() >= 100, 1000)\nessential_genes()",
        100.0,
    );
}

#[test]
fn the_same_program_leaves_the_same_cell_and_report() {
    let source = "start_transcription(['dnaA'])\nadvance(120)\nknock_out(['ftsZ'])\nadvance(60)\ncounts(['dnaA', 'ftsZ'])";
    let (first, report) = run_on(newborn(), source, &ProcessLimits::default());
    let (second, again) = run_on(newborn(), source, &ProcessLimits::default());
    assert!(report.success, "{}", report.stderr);
    assert_eq!(report, again);
    assert_eq!(first.fingerprint(), second.fingerprint());
}

#[test]
fn a_cell_goes_from_one_program_to_the_next() {
    let limits = ProcessLimits::default();
    let (cell, first) = run_on(newborn(), "advance(10)", &limits);
    let (cell, second) = run_on(cell, "advance(10)", &limits);
    assert_eq!(second.started_at, first.ended_at);
    assert_eq!(second.result_json.as_deref(), Some("20.0"));
    assert_eq!(cell.time().seconds(), 20.0);
}
