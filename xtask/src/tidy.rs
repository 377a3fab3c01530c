//! `cargo xtask tidy`: the rules of the house that the compiler cannot check.
//!
//! [`tree`] reads the workspace into memory; the other modules are pure functions over it.

mod arrows;
mod manifests;
mod text;
mod tree;

use std::fmt;
use std::path::Path;

use crate::failure::Failure;
use crate::tidy::tree::Tree;

/// One broken rule: where, what, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Problem {
    path: String,
    line: usize,
    what: String,
    advice: &'static str,
}

impl Problem {
    fn new(path: &str, line: usize, what: impl Into<String>, advice: &'static str) -> Self {
        Self {
            path: path.to_owned(),
            line,
            what: what.into(),
            advice,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            line,
            what,
            advice,
        } = self;
        write!(f, "{path}:{line}: {what}; {advice}")
    }
}

/// Prints every problem of the workspace at `root`.
pub(crate) fn run(root: &Path) -> Result<(), Failure> {
    let tree = Tree::read(root)?;
    let problems = check(&tree);
    for problem in &problems {
        println!("{problem}");
    }
    if problems.is_empty() {
        println!("tidy: {} files are in order", tree.files.len());
        Ok(())
    } else {
        Err(Failure::Untidy {
            problems: problems.len(),
        })
    }
}

/// All problems, by path and line.
fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = arrows::check(tree);
    problems.extend(manifests::check(tree));
    problems.extend(text::check(tree));
    problems.sort();
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_workspace_is_tidy() {
        let tree = Tree::read(&crate::workspace_root()).unwrap();
        let problems: Vec<String> = check(&tree).iter().map(Problem::to_string).collect();
        assert!(problems.is_empty(), "\n{}", problems.join("\n"));
    }

    #[test]
    fn all_problems_are_told_in_one_run() {
        let tree = Tree::fake(
            &[
                (
                    "crates/bioxen-core/Cargo.toml",
                    "[package]\nname = \"bioxen-core\"\n",
                ),
                ("crates/bioxen-core/src/vm/mod.rs", "let\tx = 1;\n"),
                ("README.md", "Cells. \n"),
            ],
            &[("bioxen-core", "crates/bioxen-core")],
        );
        let lines: Vec<String> = check(&tree).iter().map(Problem::to_string).collect();
        assert_eq!(
            lines,
            [
                "README.md:1: trailing whitespace; remove it",
                "crates/bioxen-core/Cargo.toml:1: the workspace's lints are not inherited; \
                 add `[lints]` with `workspace = true`",
                "crates/bioxen-core/src/vm/mod.rs:1: a module in `mod.rs`; \
                 name the file after the module, beside its folder",
                "crates/bioxen-core/src/vm/mod.rs:1: tab; \
                 indent with spaces, write `\\t` in literals",
            ]
        );
    }
}
