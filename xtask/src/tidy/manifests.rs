//! Rules on the manifests that `cargo metadata` does not tell: inherited lints, folder names.

use crate::metadata::Package;
use crate::tidy::Problem;
use crate::tidy::tree::Tree;

/// Members at the top level, whose folder is shorter than their name.
const SHORT_FOLDERS: [(&str, &str); 2] = [("bioxen-tests", "tests"), ("bioxen-benches", "benches")];

/// Problems of the members' manifests.
pub(crate) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for package in &tree.packages {
        if !inherits_lints(tree, package) {
            problems.push(Problem::new(
                &package.manifest(),
                1,
                "the workspace's lints are not inherited",
                "add `[lints]` with `workspace = true`",
            ));
        }
        let folder = package.folder.rsplit('/').next().unwrap_or_default();
        let is_short = SHORT_FOLDERS.contains(&(&package.name, &package.folder));
        if folder != package.name && !is_short {
            problems.push(Problem::new(
                &package.manifest(),
                1,
                format!("the folder `{folder}` holds the package `{}`", package.name),
                "give both one name",
            ));
        }
    }
    problems
}

fn inherits_lints(tree: &Tree, package: &Package) -> bool {
    let mut section = String::new();
    for (_, line) in tree.lines(&package.manifest()) {
        let line: String = line.chars().filter(|c| !c.is_whitespace()).collect();
        let line = line.split('#').next().unwrap_or_default();
        if line.starts_with('[') {
            section = line.to_owned();
        }
        let inherits = match section.as_str() {
            "[lints]" => line == "workspace=true",
            "" => line == "lints.workspace=true" || line == "lints={workspace=true}",
            _ => false,
        };
        if inherits {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_lints(manifest: &str, expect: bool) {
        let tree = Tree::fake(
            &[("crates/bioxen/Cargo.toml", manifest)],
            &[("bioxen", "crates/bioxen")],
        );
        assert_eq!(check(&tree).is_empty(), expect, "{manifest}");
    }

    #[test]
    fn lints_are_inherited_in_any_spelling() {
        check_lints("[package]\n\n[lints]\nworkspace = true\n", true);
        check_lints("lints.workspace = true\n[package]\n", true);
        check_lints("lints = { workspace = true }\n[package]\n", true);
        check_lints("[lints]\nworkspace = true # one table\n", true);
        check_lints("[package]\nname = \"bioxen\"\n", false);
        check_lints("[lints]\nworkspace = false\n", false);
        check_lints("[lints]\n[dependencies]\nworkspace = true\n", false);
        check_lints("", false);
    }

    #[test]
    fn a_folder_has_its_packages_name() {
        let lints = "[lints]\nworkspace = true\n";
        let tree = Tree::fake(
            &[
                ("tests/Cargo.toml", lints),
                ("xtask/Cargo.toml", lints),
                ("crates/core/Cargo.toml", lints),
            ],
            &[
                ("bioxen-tests", "tests"),
                ("xtask", "xtask"),
                ("bioxen-core", "crates/core"),
            ],
        );
        let lines: Vec<String> = check(&tree).iter().map(Problem::to_string).collect();
        assert_eq!(
            lines,
            [
                "crates/core/Cargo.toml:1: the folder `core` holds the package `bioxen-core`; \
              give both one name"
            ]
        );
    }
}
