//! The programs of docs/reference/process.md run, and answer what the page says.

use bioxen_core::ProcessLimits;

use super::loaded::built_in;
use super::{newborn, run_with};

const PAGE: &str = include_str!("../../../../../docs/reference/process.md");

/// The fenced blocks of a language, with the line that each starts on.
fn blocks(language: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (n, line) in PAGE.lines().enumerate() {
        match &mut open {
            Some(_) if line == "```" => found.extend(open.take()),
            Some((_, block)) => {
                block.push_str(line);
                block.push('\n');
            }
            None if line == format!("```{language}") => open = Some((n + 1, String::new())),
            None => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    found
}

#[test]
fn the_examples_run() {
    let programs = blocks("python");
    assert!(programs.len() >= 5, "the page has examples");
    let packages = built_in(&["growth", "burden"]);
    for (line, program) in programs {
        let limits = ProcessLimits::default();
        let (_, report) = run_with(&packages, newborn(), &program, &limits);
        assert!(report.success, "program in line {line}:\n{}", report.stderr);
        assert!(
            report.result_json.is_some(),
            "program in line {line} has no result"
        );
    }
}

#[test]
fn every_call_is_in_the_table() {
    let names = super::super::builtins::globals()
        .names()
        .map(|name| name.as_str().to_owned());
    let of_the_language = starlark::environment::Globals::standard();
    let calls: Vec<String> = names
        .filter(|name| of_the_language.iter().all(|(known, _)| known != name))
        .filter(|name| {
            !name.starts_with("__")
                && !["json", "struct", "map", "filter", "set"].contains(&name.as_str())
        })
        .collect();
    assert!(calls.len() > 15, "{calls:?}");
    for call in calls {
        assert!(
            PAGE.contains(&format!("| `{call}(")),
            "{call} is not in the table"
        );
    }
}
