//! Switching operons by hand and by the medium, media by name, and what a cell lives on without carbon.

use std::sync::Arc;

use bioxen_core::{GrowthPhase, OperonAction, OperonId, VmError};

use super::super::{Cell, CellModel, CellOptions};
use super::{full_of, newborn};

fn ecoli() -> Cell {
    let model = Arc::new(CellModel::ecoli());
    let full = full_of(model.organism());
    newborn(&model, "switched", 3, full, CellOptions::default())
}

fn operon(name: &str) -> OperonId {
    OperonId::new(name).expect("a plain name")
}

fn activity(cell: &Cell, operon: &str) -> f64 {
    let index = cell
        .model
        .genome()
        .find_operon(operon)
        .expect("an operon of E. coli");
    cell.genes.activity[cell.model.operon_units[index.index()][0]]
}

#[test]
fn operons_are_held_on_and_off_and_given_back() {
    let mut cell = ecoli();
    let (lac, trp, spy) = (operon("lacZYA"), operon("trpLEDCBA"), operon("spy"));
    let all = [lac.clone(), trp.clone(), spy.clone()];
    let changes = cell
        .manage_operons(&all, OperonAction::Activate)
        .expect("all of them are there");
    assert_eq!(changes.len(), 3);
    assert_eq!(changes[0].name, "lacZYA");
    assert_eq!(
        (changes[0].activity_before, changes[0].activity_after),
        (1.0, 1000.0)
    );
    // trp is on in glucose; of spy no range is known.
    assert_eq!(
        (activity(&cell, "trpLEDCBA"), activity(&cell, "spy")),
        (1.0, 4.0)
    );
    cell.manage_operons(&all, OperonAction::Repress)
        .expect("all of them are there");
    assert_eq!(activity(&cell, "lacZYA"), 1.0, "off is what was measured");
    assert_eq!(activity(&cell, "trpLEDCBA"), 1.0 / 700.0);
    cell.manage_operons(&all, OperonAction::Release)
        .expect("all of them are there");
    assert_eq!(activity(&cell, "trpLEDCBA"), 1.0);
    let before = cell.fingerprint();
    let error = cell
        .manage_operons(&[lac, operon("lacZY")], OperonAction::Activate)
        .expect_err("there is no such operon");
    assert!(
        matches!(&error, VmError::UnknownOperon { name, nearest } if name == "lacZY" && nearest.contains(&"lacZYA".to_owned())),
        "{error:?}"
    );
    assert_eq!(cell.fingerprint(), before, "all or nothing");
}

#[test]
fn substances_of_the_medium_switch_what_answers_to_them() {
    let mut cell = ecoli();
    let put = |cell: &mut Cell, names: &[&str]| {
        cell.set_inducers(&names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>())
    };
    put(&mut cell, &["IPTG", "tryptophan"]).expect("both are known");
    assert_eq!(activity(&cell, "lacZYA"), 1000.0);
    assert_eq!(activity(&cell, "trpLEDCBA"), 1.0 / 700.0);
    put(&mut cell, &["arabinose"]).expect("it is known");
    assert_eq!(activity(&cell, "araBAD"), 400.0);
    assert_eq!(activity(&cell, "lacZYA"), 1.0);
    let error = put(&mut cell, &["itpg"]).expect_err("a typo");
    assert_eq!(
        error.to_string(),
        "no operon of the cell answers to \"itpg\""
    );
    assert!(error.hint().is_some_and(|hint| hint.contains("IPTG")));
    // What is held by hand stays held.
    cell.manage_operons(&[operon("lacZYA")], OperonAction::Repress)
        .expect("it is there");
    put(&mut cell, &["IPTG"]).expect("it is known");
    assert_eq!(activity(&cell, "lacZYA"), 1.0);
}

#[test]
fn every_inducer_switches_an_operon() {
    let model = CellModel::ecoli();
    for inducer in model.genome().inducers() {
        let answers = model.genome().operons().iter().any(|operon| {
            let effector = operon.regulation.effector.as_deref();
            effector.is_some_and(|effector| effector.contains(&inducer.effector))
        });
        assert!(answers, "{}", inducer.name);
    }
}

#[test]
fn media_are_known_by_name() {
    let mut cell = ecoli();
    let names: Vec<&str> = cell.model().media().iter().map(|m| m.name).collect();
    assert_eq!(
        names,
        [
            "glucose",
            "glucose+aa",
            "rich",
            "succinate",
            "acetate",
            "glucose_anaerobic"
        ]
    );
    let poor = cell.medium().nutrition;
    cell.set_medium_by_name("rich").expect("it is known");
    assert!(cell.medium().nutrition > 2.0 * poor);
    assert!(cell.medium().energy > 1.0);
    let error = cell.set_medium_by_name("broth").expect_err("it is not");
    assert_eq!(
        error.to_string(),
        "the cell knows no medium named \"broth\""
    );
}

#[test]
fn a_cell_without_carbon_is_stationary_and_lives_on_its_reserve() {
    let mut cell = ecoli();
    let full = cell.reserve;
    assert!(full > 1_000_000);
    let mut medium = cell.medium();
    medium.glucose_mm = 0.0;
    cell.set_medium(medium);
    for _ in 0..40 {
        cell.step();
        assert_eq!(cell.content(), cell.ledger.matter_due());
    }
    assert_eq!(
        cell.phase.map(|phase| phase.name()),
        Some(GrowthPhase::StationaryNutrient)
    );
    assert!(cell.reserve < full && cell.reserve > full / 2);
    assert!(cell.ledger.regenerated > 0);
}

#[test]
fn operons_of_sigma_s_are_on_in_a_stationary_cell_unless_they_are_held() {
    let mut cell = ecoli();
    cell.manage_operons(&[operon("osmY")], OperonAction::Repress)
        .expect("it is there");
    assert_eq!(activity(&cell, "bolA"), 1.0);
    let repressed = activity(&cell, "osmY");
    let mut medium = cell.medium();
    medium.glucose_mm = 0.0;
    cell.set_medium(medium);
    cell.step();
    assert_eq!(activity(&cell, "bolA"), 10.0);
    assert_eq!(activity(&cell, "gadBC"), 50.0);
    assert_eq!(activity(&cell, "osmY"), repressed);
    assert_eq!(activity(&cell, "lacZYA"), 1.0);
}
