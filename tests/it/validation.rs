//! The cell stands up to the published figures.

use std::ops::ControlFlow;

use bioxen::Seed;
use bioxen::validation::{ValidationOptions, ValidationReport, Verdict, validate_syn3a};

fn validate(seed: u64, cells: u32) -> ValidationReport {
    let options = ValidationOptions {
        cells,
        seed: Seed::new(seed),
        threads: 2,
    };
    validate_syn3a(&options, &mut |_| ControlFlow::Continue(())).expect("nobody breaks it off")
}

#[track_caller]
fn check_passes(report: &ValidationReport) {
    let failed: Vec<String> = report
        .rows
        .iter()
        .filter(|row| row.verdict == Verdict::Fail)
        .map(|row| format!("{} {}: {}", row.id, row.quantity, row.simulated))
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn every_counted_figure_of_syn3a_is_met_by_48_cells() {
    let report = validate(1, 48);
    check_passes(&report);
    let counted = report
        .rows
        .iter()
        .filter(|row| row.verdict == Verdict::Pass)
        .count();
    assert_eq!(counted, 20);
    // Fitted, but promised: a generation within 5% of 105 min.
    for id in ["S01", "S01b"] {
        let row = report
            .rows
            .iter()
            .find(|row| row.id == id)
            .expect("a row of the report");
        assert!(row.within, "{id}: {}", row.simulated);
    }
}

/// Four times as many cells halve the standard errors: S05 and S11 lie two to three of them of 48 cells within their
/// bands, so that one seed in some tens may miss one with 48 cells.
#[test]
fn a_larger_ensemble_meets_the_figures_too() {
    if crate::slow::wanted("a_larger_ensemble_meets_the_figures_too") {
        check_passes(&validate(2, 192));
    }
}

#[test]
fn breaking_off_gives_no_report() {
    let options = ValidationOptions {
        cells: 4,
        seed: Seed::new(1),
        threads: 1,
    };
    assert!(validate_syn3a(&options, &mut |_| ControlFlow::Break(())).is_none());
}
