//! `cargo xtask demo`: one cell cycle, seen from a fresh checkout.

pub(crate) mod xcpng;

use std::path::Path;

use crate::doctor::{self, Purpose};
use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::metadata::Metadata;
use crate::step::{self, Step};

/// Builds the release CLI and lives one syn3a generation with it.
pub(crate) fn run(root: &Path, install: bool) -> Result<(), Failure> {
    doctor::ensure(root, Purpose::Build, install)?;
    let folder = Metadata::read(root)?.target_directory.join("demo");
    std::fs::create_dir_all(&folder).map_err(|source| Failure::File {
        path: folder.display().to_string(),
        source,
    })?;
    let csv = shown(root, &folder.join("syn3a.csv"));
    let svg = shown(root, &folder.join("syn3a.svg"));
    let took = step::run_all(root, &plan(&csv, &svg))?;
    println!(
        "One syn3a cell lived one cell cycle; the demo took {}.",
        step::shown(took)
    );
    println!("  time course  {csv}");
    println!("  plot         {svg}");
    Ok(())
}

/// The same seed gives the same cell, so the second run writes the numbers behind the first one's plot.
fn plan(csv: &str, svg: &str) -> [Step; 3] {
    let bioxen = || {
        Invocation::cargo(
            "run --release --quiet --package bioxen-cli --bin bioxen -- \
             run syn3a --generations 1 --seed 1",
        )
    };
    [
        Step::command(
            "build",
            Invocation::cargo("build --release --package bioxen-cli"),
        ),
        Step::command("table and plot", bioxen().arg("--plot").arg(svg)),
        Step::command(
            "time course",
            bioxen().arg("-o").arg("csv").arg("--out").arg(csv),
        ),
    ]
}

/// `path` as seen from the workspace root, where the steps run.
fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .display()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_builds_shows_and_writes() {
        let steps = plan("target/demo/syn3a.csv", "target/demo/syn3a.svg");
        let lines = steps.each_ref().map(Step::rerun);
        assert_eq!(lines[0], "cargo build --release --package bioxen-cli");
        assert!(lines[1].ends_with("--generations 1 --seed 1 --plot target/demo/syn3a.svg"));
        assert!(lines[2].ends_with("--seed 1 -o csv --out target/demo/syn3a.csv"));
    }

    #[test]
    fn paths_are_short_inside_the_workspace() {
        let root = Path::new("/w");
        assert_eq!(shown(root, Path::new("/w/target/demo")), "target/demo");
        assert_eq!(shown(root, Path::new("/tmp/demo")), "/tmp/demo");
    }
}
