//! Rules on the text of the files: sizes, whitespace, words that do not belong here.

use crate::tidy::Problem;
use crate::tidy::tree::Tree;

/// Most non-test lines of a Rust file.
const LONGEST_SOURCE: usize = 600;

/// Most lines of pages that must stay short, by file name.
const LONGEST_PAGES: [(&str, usize); 2] = [("README.md", 80), ("ARCHITECTURE.md", 150)];

/// Folders whose results must be the same bytes on every platform.
const PORTABLE: [&str; 2] = [
    "crates/bioxen-hypervisor/src/cell",
    "crates/bioxen-hypervisor/src/stochastic",
];

/// Methods of `f64` that the platform's mathematics library computes, each platform in its own way.
/// `sqrt` is not among them: its result is exact to the last bit by standard.
const PLATFORM_METHODS: [&str; 10] = [
    ".exp(", ".exp2(", ".ln(", ".ln_1p(", ".log10(", ".powf(", ".powi(", ".cbrt(", ".sin(", ".cos(",
];

/// Problems of all files.
pub(crate) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in &tree.files {
        let is_rust = path.ends_with(".rs");
        if is_rust {
            problems.extend(source_shape(path, text));
        }
        if is_rust || path.ends_with(".md") {
            problems.extend(whitespace(path, text));
        }
        problems.extend(page_length(path, text));
        problems.extend(platform_methods(path, text));
    }
    problems
}

fn source_shape(path: &str, text: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    if file_name(path) == "mod.rs" {
        problems.push(Problem::new(
            path,
            1,
            "a module in `mod.rs`",
            "name the file after the module, beside its folder",
        ));
    }
    let lines = non_test_lines(path, text);
    if lines > LONGEST_SOURCE {
        problems.push(Problem::new(
            path,
            LONGEST_SOURCE + 1,
            format!("{lines} non-test lines, the most is {LONGEST_SOURCE}"),
            "split the file at a seam, by verb or by type",
        ));
    }
    for (number, line) in numbered(text) {
        let line = line.trim_start();
        if line.starts_with("#[ignore") || line.starts_with("#[should_panic") {
            problems.push(Problem::new(
                path,
                number,
                "a test that is ignored or that expects a panic",
                "run it always, and assert the error instead",
            ));
        }
    }
    problems
}

/// Lines before the first `#[cfg(test)]` that stands at the margin; none in files that are tests.
fn non_test_lines(path: &str, text: &str) -> usize {
    let is_test = path.split('/').any(|name| name == "tests") || file_name(path) == "tests.rs";
    if is_test {
        return 0;
    }
    text.lines()
        .take_while(|line| !line.starts_with("#[cfg(test)]"))
        .count()
}

fn whitespace(path: &str, text: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (number, line) in numbered(text) {
        if line.contains('\t') {
            let advice = "indent with spaces, write `\\t` in literals";
            problems.push(Problem::new(path, number, "tab", advice));
        }
        if line.trim_end() != line {
            problems.push(Problem::new(
                path,
                number,
                "trailing whitespace",
                "remove it",
            ));
        }
    }
    problems
}

fn page_length(path: &str, text: &str) -> Option<Problem> {
    let lines = text.lines().count();
    let (name, most) = LONGEST_PAGES
        .iter()
        .find(|(name, most)| file_name(path) == *name && lines > *most)?;
    Some(Problem::new(
        path,
        most + 1,
        format!("{name} has {lines} lines, the most is {most}"),
        "move the detail to docs/ and link to it",
    ))
}

fn platform_methods(path: &str, text: &str) -> Vec<Problem> {
    let portable = PORTABLE.iter().any(|folder| path.starts_with(folder));
    let non_test = non_test_lines(path, text);
    if !portable || !path.ends_with(".rs") {
        return Vec::new();
    }
    numbered(text)
        .take(non_test)
        .filter(|(_, line)| PLATFORM_METHODS.iter().any(|method| line.contains(method)))
        .map(|(number, _)| {
            Problem::new(
                path,
                number,
                "mathematics that differs from platform to platform",
                "call the `libm` crate, so that the same seed gives the same bytes everywhere",
            )
        })
        .collect()
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_terminator('\n')
        .enumerate()
        .map(|(index, line)| (index + 1, line))
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `expect` is one `line: what` per problem.
    #[track_caller]
    fn check_file(path: &str, text: &str, expect: &[&str]) {
        let problems = check(&Tree::fake(&[(path, text)], &[]));
        let lines: Vec<String> = problems
            .iter()
            .map(|problem| format!("{}: {}", problem.line, problem.what))
            .collect();
        assert_eq!(lines, expect, "{path}");
    }

    #[test]
    fn long_sources_are_refused_but_long_tests_are_not() {
        let at_most = "x();\n".repeat(600);
        let tests = format!("#[cfg(test)]\nmod tests {{\n{at_most}}}\n");
        check_file("a.rs", &at_most, &[]);
        check_file("a.rs", &format!("{at_most}{tests}"), &[]);
        let too_long = format!("{at_most}y();\n{tests}");
        let expect = ["601: 601 non-test lines, the most is 600"];
        check_file("a.rs", &too_long, &expect);
        check_file("src/ledger/tests.rs", &too_long, &[]);
        check_file("tests/it/main.rs", &too_long, &[]);
    }

    #[test]
    fn modules_are_beside_their_folder() {
        check_file("src/cell/mod.rs", "\n", &["1: a module in `mod.rs`"]);
        check_file("src/cell.rs", "\n", &[]);
    }

    #[test]
    fn tests_always_run() {
        let what = "a test that is ignored or that expects a panic";
        let text = "    #[ignore]\n    #[should_panic(expected = \"x\")]\n// not #[ignore]\n";
        check_file(
            "a.rs",
            text,
            &[&format!("1: {what}"), &format!("2: {what}")],
        );
    }

    #[test]
    fn whitespace_is_plain() {
        check_file("a.rs", "a \n\tb\n", &["1: trailing whitespace", "2: tab"]);
        check_file("a.md", "a\r\n", &["1: trailing whitespace"]);
        check_file("genes.tsv", "dnaA\t1 \n", &[]);
    }

    #[test]
    fn short_pages_stay_short() {
        let lines = "line\n".repeat(81);
        let expect = ["81: README.md has 81 lines, the most is 80"];
        check_file("README.md", &lines, &expect);
        check_file("ARCHITECTURE.md", &lines, &[]);
        let lines = "line\n".repeat(151);
        let expect = ["151: ARCHITECTURE.md has 151 lines, the most is 150"];
        check_file("ARCHITECTURE.md", &lines, &expect);
    }

    #[test]
    fn the_engine_uses_portable_mathematics() {
        let text = "a.exp();\na.sqrt();\nlibm::exp(a);\n#[cfg(test)]\na.powi(2);\n";
        let expect = ["1: mathematics that differs from platform to platform"];
        check_file("crates/bioxen-hypervisor/src/cell/step.rs", text, &expect);
        check_file("crates/bioxen-cli/src/output/plot.rs", text, &[]);
    }
}
