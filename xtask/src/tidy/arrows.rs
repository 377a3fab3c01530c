//! Which crate may depend on which.
//!
//! Arrows go down only, and siblings meet in the facade. A new arrow is a change of the
//! architecture: it is drawn in `ARCHITECTURE.md` first, then here.

use crate::metadata::{Dependency, Kind, Package};
use crate::tidy::Problem;
use crate::tidy::tree::Tree;

/// What one crate may depend on.
#[derive(Debug, Clone, Copy)]
struct Allowance {
    package: &'static str,
    always: &'static [&'static str],
    /// Only as an optional dependency, behind a feature.
    optional: &'static [&'static str],
}

/// A simulator of the remote side: everyone may test against it, nobody may ship it.
const TESTBED: &str = "bioxen-testbed";

/// Packages whose dependencies burden nobody.
const MAY_USE_ALL: [&str; 2] = ["bioxen-tests", "bioxen-benches"];

const MAP: [Allowance; 10] = [
    Allowance {
        package: "bioxen-cli",
        always: &["bioxen", "bioxen-core"],
        optional: &[],
    },
    Allowance {
        package: TESTBED,
        always: &[
            "bioxen",
            "bioxen-hypervisor",
            "bioxen-xcpng",
            "bioxen-agent",
            "bioxen-resources",
            "bioxen-config",
            "bioxen-core",
        ],
        optional: &[],
    },
    Allowance {
        package: "bioxen",
        always: &[
            "bioxen-hypervisor",
            "bioxen-agent",
            "bioxen-xcpng",
            "bioxen-resources",
            "bioxen-config",
            "bioxen-core",
        ],
        optional: &[],
    },
    Allowance {
        package: "bioxen-xcpng",
        always: &["bioxen-agent", "bioxen-core"],
        optional: &[],
    },
    Allowance {
        package: "bioxen-agent",
        always: &["bioxen-core"],
        optional: &["bioxen-hypervisor", "bioxen-resources"],
    },
    Allowance {
        package: "bioxen-hypervisor",
        always: &["bioxen-core", "bioxen-text"],
        optional: &[],
    },
    Allowance {
        package: "bioxen-resources",
        always: &["bioxen-core"],
        optional: &[],
    },
    Allowance {
        package: "bioxen-config",
        always: &["bioxen-core", "bioxen-text"],
        optional: &[],
    },
    Allowance {
        package: "bioxen-core",
        always: &[],
        optional: &[],
    },
    Allowance {
        package: "bioxen-text",
        always: &[],
        optional: &[],
    },
];

/// Every dependency between members that is not drawn.
pub(crate) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for package in &tree.packages {
        let name = package.name.as_str();
        let allowance = MAP.iter().find(|allowance| allowance.package == name);
        let is_known = allowance.is_some() || MAY_USE_ALL.contains(&name) || name == "xtask";
        if !is_known {
            problems.push(Problem::new(
                &package.manifest(),
                1,
                format!("the crate `{name}` is not on the map"),
                "draw it in ARCHITECTURE.md and in xtask/src/tidy/arrows.rs",
            ));
            continue;
        }
        for dependency in &package.dependencies {
            if !tree
                .packages
                .iter()
                .any(|other| other.name == dependency.name)
            {
                continue;
            }
            if let Some(problem) = judge(tree, package, allowance, dependency) {
                problems.push(problem);
            }
        }
    }
    problems
}

fn judge(
    tree: &Tree,
    package: &Package,
    allowance: Option<&Allowance>,
    dependency: &Dependency,
) -> Option<Problem> {
    let target = dependency.name.as_str();
    if MAY_USE_ALL.contains(&package.name.as_str()) || target == package.name {
        return None;
    }
    if dependency.kind == Kind::Dev && target == TESTBED {
        return None;
    }
    let (always, optional) = allowance.map_or((&[][..], &[][..]), |allowance| {
        (allowance.always, allowance.optional)
    });
    if always.contains(&target) {
        return None;
    }
    let advice = if !optional.contains(&target) {
        "remove the dependency, or move the code to where both may see it"
    } else if dependency.optional {
        return None;
    } else {
        "make the dependency optional, behind a feature"
    };
    let arrow = format!("the arrow `{}` -> `{target}` is not drawn", package.name);
    let line = line_of(tree, package, dependency);
    Some(Problem::new(&package.manifest(), line, arrow, advice))
}

/// The line of the manifest that names the dependency, or 1.
fn line_of(tree: &Tree, package: &Package, dependency: &Dependency) -> usize {
    let key = dependency.rename.as_ref().unwrap_or(&dependency.name);
    tree.lines(&package.manifest())
        .find(|(_, line)| {
            let line = line.trim_start();
            match line.strip_prefix('[') {
                Some(header) => header
                    .trim_end()
                    .trim_end_matches(']')
                    .ends_with(&format!("dependencies.{key}")),
                None => line
                    .trim_start_matches('"')
                    .strip_prefix(key.as_str())
                    .is_some_and(|rest| rest.starts_with([' ', '=', '.', '"'])),
            }
        })
        .map_or(1, |(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `from` depends on `to`, with nothing else in the workspace.
    fn tree(from: &str, to: &str, kind: Kind, optional: bool) -> Tree {
        let manifest = format!(
            "[package]\nname = \"{from}\"\n\n[dependencies]\n{to}-extra = \"1\"\n{to}.workspace = true\n"
        );
        let path = format!("crates/{from}/Cargo.toml");
        let folder = format!("crates/{from}");
        let mut tree = Tree::fake(&[(&path, &manifest)], &[(from, &folder), (to, "elsewhere")]);
        tree.packages[0].dependencies.push(Dependency {
            name: to.to_owned(),
            rename: None,
            kind,
            optional,
        });
        tree
    }

    #[track_caller]
    fn check_allowed(from: &str, to: &str, kind: Kind) {
        assert_eq!(check(&tree(from, to, kind, false)), []);
    }

    #[track_caller]
    fn check_refused(from: &str, to: &str, kind: Kind) {
        let problems = check(&tree(from, to, kind, false));
        assert_eq!(problems.len(), 1, "{problems:?}");
        let line = problems[0].to_string();
        let expect =
            format!("crates/{from}/Cargo.toml:6: the arrow `{from}` -> `{to}` is not drawn; ");
        assert!(line.starts_with(&expect), "{line}");
    }

    #[test]
    fn drawn_arrows_are_allowed() {
        check_allowed("bioxen-cli", "bioxen", Kind::Normal);
        check_allowed("bioxen", "bioxen-hypervisor", Kind::Normal);
        check_allowed("bioxen", "bioxen-agent", Kind::Normal);
        check_allowed("bioxen-xcpng", "bioxen-agent", Kind::Normal);
        check_allowed("bioxen-hypervisor", "bioxen-core", Kind::Dev);
        check_allowed("bioxen-testbed", "bioxen-xcpng", Kind::Normal);
        check_allowed("bioxen-tests", "bioxen-cli", Kind::Normal);
        check_allowed("bioxen-benches", "bioxen-hypervisor", Kind::Normal);
    }

    #[test]
    fn sideways_and_upward_arrows_are_refused() {
        check_refused("bioxen-hypervisor", "bioxen-resources", Kind::Normal);
        check_refused("bioxen-config", "bioxen-hypervisor", Kind::Dev);
        check_refused("bioxen-core", "bioxen", Kind::Build);
        check_refused("bioxen-text", "bioxen-core", Kind::Normal);
        check_refused("bioxen-cli", "bioxen-hypervisor", Kind::Normal);
        check_refused("bioxen-xcpng", "bioxen-hypervisor", Kind::Normal);
        check_refused("bioxen-testbed", "bioxen-cli", Kind::Normal);
        check_refused("xtask", "bioxen-core", Kind::Normal);
    }

    #[test]
    fn the_testbed_is_for_tests_only() {
        check_allowed("bioxen-xcpng", "bioxen-testbed", Kind::Dev);
        check_refused("bioxen-xcpng", "bioxen-testbed", Kind::Normal);
    }

    #[test]
    fn the_agent_sees_the_hypervisor_and_resources_behind_a_feature_only() {
        for to in ["bioxen-hypervisor", "bioxen-resources"] {
            let from = "bioxen-agent";
            assert_eq!(check(&tree(from, to, Kind::Normal, true)), []);
            let problems = check(&tree(from, to, Kind::Normal, false));
            assert_eq!(
                problems[0].advice,
                "make the dependency optional, behind a feature"
            );
        }
    }

    #[test]
    fn a_crate_off_the_map_is_named() {
        let tree = Tree::fake(&[], &[("bioxen-soup", "crates/bioxen-soup")]);
        assert_eq!(
            check(&tree)[0].to_string(),
            "crates/bioxen-soup/Cargo.toml:1: the crate `bioxen-soup` is not on the map; \
             draw it in ARCHITECTURE.md and in xtask/src/tidy/arrows.rs"
        );
    }

    #[test]
    fn a_dependency_table_of_its_own_is_found() {
        let mut tree = tree("bioxen-core", "bioxen", Kind::Normal, false);
        let manifest = "[package]\n\n[dependencies.bioxen]\nworkspace = true\n";
        tree.files.insert(
            "crates/bioxen-core/Cargo.toml".to_owned(),
            manifest.to_owned(),
        );
        assert_eq!(check(&tree)[0].line, 3);
    }
}
