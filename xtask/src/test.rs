//! `cargo xtask test`: everything CI runs.

use std::path::Path;

use crate::doctor::{self, Purpose};
use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::metadata::{Metadata, Package};
use crate::step::{self, Step, Work};

/// Which optional tools are on the machine.
#[derive(Debug, Clone, Copy)]
struct Tools {
    nextest: bool,
    deny: bool,
}

/// Runs all steps; the first that fails ends the run.
pub(crate) fn run(root: &Path, install: bool) -> Result<(), Failure> {
    doctor::ensure(root, Purpose::Test, install)?;
    let tools = Tools {
        nextest: doctor::has("cargo-nextest"),
        deny: doctor::has("cargo-deny"),
    };
    let steps = plan(&Metadata::read(root)?.packages, tools);
    let took = step::run_all(root, &steps)?;
    for note in notes(tools) {
        println!("note: {note}");
    }
    println!(
        "cargo xtask test: all {} steps succeeded in {}",
        steps.len(),
        step::shown(took)
    );
    Ok(())
}

/// All steps, the quick ones first.
fn plan(packages: &[Package], tools: Tools) -> Vec<Step> {
    let cargo = |name: &str, line: &str| Step::command(name, Invocation::cargo(line));
    let mut steps = vec![
        cargo("format", "fmt --all -- --check"),
        Step {
            name: "tidy".to_owned(),
            work: Work::Tidy,
        },
        cargo("clippy", "clippy --workspace --all-targets -- -D warnings"),
        cargo("doc tests", "test --workspace --no-fail-fast --doc"),
        if tools.nextest {
            cargo("tests", "nextest run --workspace --no-fail-fast")
        } else {
            cargo(
                "tests",
                "test --workspace --no-fail-fast --lib --bins --examples --tests",
            )
        },
        Step::command(
            "orders of events",
            Invocation::cargo("test -p bioxen-resources --lib models")
                .env("RUSTFLAGS", "--cfg shuttle"),
        ),
        Step::command(
            "docs",
            Invocation::cargo("doc --workspace --no-deps").env("RUSTDOCFLAGS", "-D warnings"),
        ),
    ];
    steps.extend(packages.iter().flat_map(feature_steps));
    if tools.deny {
        steps.push(cargo("licenses", "deny check bans licenses sources"));
    }
    steps
}

/// Builds a crate with none of its features, with each alone, and with all.
fn feature_steps(package: &Package) -> Vec<Step> {
    let name = &package.name;
    let check = |which: &str, options: &str| {
        Step::command(
            format!("features of {name}: {which}"),
            Invocation::cargo(&format!("check -p {name} {options}")),
        )
    };
    if package.features.is_empty() {
        return Vec::new();
    }
    let mut steps = vec![check("none", "--no-default-features")];
    for feature in &package.features {
        let options = format!("--no-default-features --features {feature}");
        steps.push(check(feature, &options));
    }
    if package.features.len() > 1 {
        steps.push(check("all", "--all-features"));
    }
    steps
}

/// What was done otherwise or left out for lack of a tool.
fn notes(tools: Tools) -> Vec<&'static str> {
    let mut notes = Vec::new();
    if !tools.nextest {
        notes.push("cargo-nextest is not installed: the tests ran under `cargo test`");
    }
    if !tools.deny {
        notes.push("cargo-deny is not installed: the step `licenses` was skipped");
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL_TOOLS: Tools = Tools {
        nextest: true,
        deny: true,
    };
    const NO_TOOLS: Tools = Tools {
        nextest: false,
        deny: false,
    };

    fn package(name: &str, features: &[&str]) -> Package {
        Package {
            name: name.to_owned(),
            folder: format!("crates/{name}"),
            features: features.iter().map(|&feature| feature.to_owned()).collect(),
            dependencies: Vec::new(),
        }
    }

    fn render(steps: &[Step]) -> String {
        steps
            .iter()
            .map(|step| format!("{}: {}\n", step.name, step.rerun()))
            .collect()
    }

    #[test]
    fn the_plan_with_every_tool() {
        let packages = [package("plain", &[]), package("rich", &["daemon", "serde"])];
        assert_eq!(
            render(&plan(&packages, ALL_TOOLS)),
            "\
format: cargo fmt --all -- --check
tidy: cargo xtask tidy
clippy: cargo clippy --workspace --all-targets -- -D warnings
doc tests: cargo test --workspace --no-fail-fast --doc
tests: cargo nextest run --workspace --no-fail-fast
orders of events: RUSTFLAGS='--cfg shuttle' cargo test -p bioxen-resources --lib models
docs: RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps
features of rich: none: cargo check -p rich --no-default-features
features of rich: daemon: cargo check -p rich --no-default-features --features daemon
features of rich: serde: cargo check -p rich --no-default-features --features serde
features of rich: all: cargo check -p rich --all-features
licenses: cargo deny check bans licenses sources
"
        );
        assert!(notes(ALL_TOOLS).is_empty());
    }

    #[test]
    fn a_new_machine_does_without_optional_tools_and_is_told() {
        let text = render(&plan(&[], NO_TOOLS));
        assert!(text.contains("tests: cargo test --workspace --no-fail-fast --lib"));
        assert!(!text.contains("licenses"));
        assert_eq!(notes(NO_TOOLS).len(), 2);
    }

    #[test]
    fn one_feature_needs_no_run_with_all() {
        let steps = feature_steps(&package("slim", &["serde"]));
        assert_eq!(steps.len(), 2);
        assert!(feature_steps(&package("plain", &[])).is_empty());
    }
}
