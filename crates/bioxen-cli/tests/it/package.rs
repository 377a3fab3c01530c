//! `bioxen package`.

use std::fs;
use std::path::Path;
use std::process::Output;

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
    fs::write(&path, "name: x\nkind: plasmit\n").unwrap();
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

const SPEED: &str = "name: speed
version: 1.0.0
kind: analysis
license: CC0-1.0
description: Of a test.
sources: [{reference: none, kind: assumption}]
parts:
  functions:
    - {name: per_hour, file: speed.star, description: Growth rate.}
";
const PER_HOUR: &str = "def per_hour():\n    return get_biological_status()['growth_rate_per_h']\n";

/// A folder with the package `speed` in a folder of the same name.
fn speed() -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("a folder");
    let folder = root.path().join("speed");
    fs::create_dir(&folder).expect("a folder in it");
    fs::write(folder.join("package.yaml"), SPEED).expect("room for it");
    fs::write(folder.join("speed.star"), PER_HOUR).expect("room for it");
    root
}

/// Standard output of a command in a folder, which also holds the state.
#[track_caller]
fn done(root: &Path, line: &str) -> String {
    let mut command = bioxen(line);
    command.current_dir(root).env("BIOXEN_STATE", "state");
    let output = command.assert().success().get_output().clone();
    text(&output.stdout)
}

/// Exit code and messages of one that fails.
#[track_caller]
fn refused(root: &Path, line: &str) -> (i32, String) {
    let mut command = bioxen(line);
    command.current_dir(root).env("BIOXEN_STATE", "state");
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("the command starts");
    assert_eq!(text(&stdout), "", "{line}");
    (status.code().expect("no signal ended it"), text(&stderr))
}

#[test]
fn a_folder_is_packed_into_the_same_bytes_and_read_again() {
    let root = speed();
    let said = done(root.path(), "package pack speed/");
    assert!(
        said.starts_with("packed speed 1.0.0 as speed-1.0.0.tar.zst, "),
        "{said}"
    );
    let first = fs::read(root.path().join("speed-1.0.0.tar.zst")).unwrap();
    done(
        root.path(),
        "package pack speed/package.yaml --output other.tar.zst",
    );
    assert_eq!(fs::read(root.path().join("other.tar.zst")).unwrap(), first);
    assert_eq!(
        done(root.path(), "package check speed-1.0.0.tar.zst"),
        "speed 1.0.0, analysis: in order\n"
    );
    let mut bad = first.clone();
    bad.truncate(first.len() / 2);
    fs::write(root.path().join("bad-1.0.0.tar.zst"), bad).unwrap();
    let (code, said) = refused(root.path(), "package check bad-1.0.0.tar.zst");
    assert_eq!(code, 1);
    assert!(
        said.starts_with("error: the bundle bad-1.0.0.tar.zst is not in order\n  because: "),
        "{said}"
    );
    assert_eq!(said.matches("hint: ").count(), 1, "{said}");
    fs::write(root.path().join("speed/package.yaml"), "kind: analysis\n").unwrap();
    let (code, said) = refused(root.path(), "package pack speed/ --output broken.tar.zst");
    assert_eq!(code, 1, "{said}");
    assert!(!root.path().join("broken.tar.zst").exists());
}

#[test]
fn an_installed_package_is_found_until_it_is_removed() {
    let root = speed();
    let path = "state/packages/speed-1.0.0.tar.zst";
    assert_eq!(
        done(root.path(), "package install speed/ --dry-run"),
        format!("would install speed 1.0.0 as {path}\n")
    );
    assert!(!root.path().join("state").exists());
    assert_eq!(
        done(root.path(), "package install speed/"),
        format!("installed speed 1.0.0 as {path}\n")
    );
    assert_eq!(
        done(root.path(), "package install speed/"),
        format!("speed 1.0.0 is there already: {path}\n")
    );
    let list = done(root.path(), "package list");
    assert!(
        list.ends_with("10 packages\n") && list.contains(path),
        "{list}"
    );
    fs::write(
        root.path().join("p.star"),
        "load('speed', 'per_hour')\nadvance(30)\nper_hour() > 0\n",
    )
    .unwrap();
    let run = "run syn3a --process p.star --seed 1 -o json --package speed";
    let report: serde_json::Value = serde_json::from_str(&done(root.path(), run)).unwrap();
    assert_eq!(report["cells"][0]["process"]["result"], true);
    assert_eq!(
        report["cells"][0]["packages"],
        serde_json::json!([{"name": "speed", "version": "1.0.0", "place": "programs"}])
    );
    // Another folder for the state knows nothing of it.
    let (code, said) = refused(root.path(), &format!("{run} --state elsewhere"));
    assert_eq!(code, 2, "{said}");

    let (code, said) = refused(root.path(), "package remove speed");
    assert_eq!(code, 2, "{said}");
    assert_eq!(
        said,
        format!(
            "error: removing speed was not confirmed: {path}\n  \
             hint: give --yes to remove it without being asked\n"
        )
    );
    assert_eq!(
        done(root.path(), "package remove speed --dry-run"),
        format!("would remove speed: {path}\n")
    );
    assert_eq!(
        done(root.path(), "package remove speed --yes"),
        format!("removed speed: {path}\n")
    );
    let left: Vec<_> = fs::read_dir(root.path().join("state/packages"))
        .unwrap()
        .collect();
    assert!(left.is_empty(), "{left:?}");
    let (code, said) = refused(root.path(), "package remove speed --yes");
    assert_eq!(code, 2);
    assert!(said.contains("no package is called \"speed\""), "{said}");
}

#[test]
fn what_cannot_be_installed_or_removed_says_why() {
    let root = speed();
    #[track_caller]
    fn check(root: &Path, line: &str, expect: &str) {
        let (code, said) = refused(root, line);
        assert_eq!((code, said.as_str()), (1, expect), "{line}");
    }
    done(root.path(), "package install speed/");
    let manifest = root.path().join("speed/package.yaml");
    fs::write(&manifest, SPEED.replace("1.0.0", "1.1.0")).unwrap();
    check(
        root.path(),
        "package install speed/",
        "error: version 1.0.0 of package speed is there, and 1.1.0 was asked for\n  \
         hint: remove it first: bioxen package remove speed\n",
    );
    fs::write(&manifest, SPEED.replace("Of a test", "Changed")).unwrap();
    check(
        root.path(),
        "package install speed/",
        "error: version 1.0.0 of package speed is there, and 1.0.0 was asked for, with other content\n  \
         hint: remove it first: bioxen package remove speed\n",
    );
    fs::write(&manifest, SPEED.replace("name: speed", "name: growth")).unwrap();
    check(
        root.path(),
        "package install speed/",
        "error: version 1.0.0 of package growth is there, and 1.0.0 was asked for, with other content\n  \
         hint: give the package a name that no built-in one has\n",
    );
    check(
        root.path(),
        "package remove growth --yes",
        "error: package growth is built in and cannot be removed\n  \
         hint: it is part of the program\n",
    );
    // A folder that somebody put there goes too, and so does a bundle that cannot be read.
    let packages = root.path().join("state/packages");
    fs::create_dir(packages.join("speed")).unwrap();
    fs::write(packages.join("speed/package.yaml"), "no manifest").unwrap();
    fs::write(packages.join("speed-2.0.0.tar.zst"), "no bundle").unwrap();
    done(root.path(), "package remove speed --yes");
    assert_eq!(fs::read_dir(&packages).unwrap().count(), 0);
}

#[test]
fn every_verb_has_an_example() {
    for verb in ["", " pack", " install", " remove"] {
        let long = printed(&format!("package{verb} --help"));
        assert!(
            long.contains("Examples:\n  bioxen package "),
            "{verb}: {long}"
        );
    }
}
