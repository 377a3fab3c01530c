//! `bioxen package`.

use crate::{bioxen, failure, json, printed, text};

#[test]
fn built_in_packages_are_listed_and_shown() {
    let list = printed("package list");
    assert!(list.contains("repressilator"), "{list}");
    assert!(list.ends_with("9 packages\n"), "{list}");
    let info = printed("package info puc19");
    assert!(info.contains("2686 bp, 51% G-C, 500 copies"), "{info}");
    assert!(info.contains("sha256 "), "{info}");
    let info = json("package info growth -o json");
    assert_eq!(info["kind"], "analysis");
    assert_eq!(info["functions"][0]["name"], "doubling_time");
}

#[test]
fn unknown_names_are_usage_errors_with_advice() {
    let (code, message) = failure("package info pUC18");
    assert_eq!(code, 2);
    assert!(
        message.contains("no package is called \"pUC18\""),
        "{message}"
    );
    assert!(message.contains("hint: did you mean puc19?"), "{message}");
    let (code, message) = failure("package chek x");
    assert_eq!(code, 2);
    assert!(message.contains("'check'"), "{message}");
    assert_eq!(failure("package check /nowhere/at/all").0, 1);
}

#[test]
fn a_manifest_is_checked_with_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("package.yaml");
    std::fs::write(&path, "name: x\nkind: plasmit\n").unwrap();
    let line = format!("package check {}", path.display());
    let output = bioxen(&line).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stdout);
    assert!(said.contains(":2: kind: found \"plasmit\""), "{said}");
    assert!(said.ends_with("6 problems\n"), "{said}");
    let output = bioxen(&format!("{line} -o json")).output().unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["valid"], false);
}
