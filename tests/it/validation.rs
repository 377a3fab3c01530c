//! The cell stands up to the published figures.

use std::ops::ControlFlow;

use bioxen::validation::{ValidationOptions, ValidationReport, Verdict};
use bioxen::{Organism, Seed};

fn validate(organism: Organism, seed: u64, cells: u32) -> ValidationReport {
    let options = ValidationOptions {
        cells,
        seed: Seed::new(seed),
        threads: 2,
    };
    bioxen::validation::validate(organism, &options, &mut |_| ControlFlow::Continue(()))
        .expect("nobody breaks it off")
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
    let report = validate(Organism::Syn3a, 1, 48);
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
        check_passes(&validate(Organism::Syn3a, 2, 192));
    }
}

#[test]
fn the_minimal_cell_works() {
    check_passes(&validate(Organism::MinimalCell, 1, 12));
}

/// docs/validation.md says which of them are near an edge; the doubling times must be those of the media.
#[test]
fn every_counted_figure_of_ecoli_is_met() {
    if !crate::slow::wanted("every_counted_figure_of_ecoli_is_met") {
        return;
    }
    let report = validate(Organism::Ecoli, 1, 4);
    check_passes(&report);
    for id in [
        "E901a", "E901b", "E901c", "E901d", "E901e", "E911a", "E911b", "E911c", "E911d", "E911e",
    ] {
        let row = report.rows.iter().find(|row| row.id == id).expect(id);
        assert!(row.within, "{id}: {}", row.simulated);
    }
}

#[test]
fn breaking_off_gives_no_report() {
    let options = ValidationOptions {
        cells: 4,
        seed: Seed::new(1),
        threads: 1,
    };
    for organism in Organism::ALL {
        let broken = |_: f64| ControlFlow::Break(());
        let report = bioxen::validation::validate(organism, &options, &mut { broken });
        assert!(report.is_none(), "{organism}");
    }
}
