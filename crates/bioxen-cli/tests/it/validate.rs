//! `bioxen validate`: its form; whether the cell meets the figures is the concern of the validation itself.

use crate::{bioxen, text};

#[test]
fn the_exit_code_is_the_verdict_and_fitted_rows_do_not_count() {
    let output = bioxen("validate syn3a --cells 2 --seed 1 -o json")
        .output()
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let passed = report["passed"].as_bool().unwrap();
    assert_eq!(output.status.code(), Some(i32::from(!passed)));
    let rows = report["rows"].as_array().unwrap();
    assert!(!rows.is_empty());
    for row in rows {
        assert!(!row["source"].as_str().unwrap().is_empty());
        assert_eq!(
            row["verdict"] == "not_counted",
            row["usage"] != "counted",
            "{row}"
        );
    }
    for row in rows {
        let within = row["within"].as_bool().unwrap();
        match row["verdict"].as_str().unwrap() {
            "pass" => assert!(within, "{row}"),
            "fail" => assert!(!within, "{row}"),
            _ => {}
        }
    }
    let failed = rows.iter().any(|row| row["verdict"] == "fail");
    assert_eq!(passed, !failed);
}

#[test]
fn the_table_names_figure_source_and_verdict() {
    let output = bioxen("validate syn3a --cells 2 --seed 1")
        .output()
        .unwrap();
    let table = text(&output.stdout);
    for part in [
        "published",
        "simulated",
        "tolerance",
        "verdict",
        "source",
        "S01",
        "figures that count are met",
    ] {
        assert!(table.contains(part), "{part:?} is missing in\n{table}");
    }
}

#[test]
fn the_minimal_cell_is_validated_too() {
    let output = bioxen("validate minimal_cell --cells 2 -o json")
        .output()
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["organism"], "minimal_cell");
    assert_eq!(output.status.code(), Some(0), "{report}");
    let table = bioxen("validate minimal_cell --cells 2").output().unwrap();
    assert!(text(&table.stdout).contains("2 cells through three generations"));
}
