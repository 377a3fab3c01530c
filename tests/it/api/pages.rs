//! Each page has examples, each example is run, and each link leads somewhere.

use std::fs;
use std::path::{Path, PathBuf};

/// What doc tests of the facade run.
const DOC_TESTS: &str = include_str!("../../../crates/bioxen/src/documented.rs");

/// Pages whose examples are programs of the facade, which the tests of pools run.
const PROGRAMS: [(&str, &str); 3] = [
    (
        "xapi-and-ssh.md",
        include_str!("../../../crates/bioxen/examples/xapi_and_ssh.rs"),
    ),
    (
        "xcp-ng-pools.md",
        include_str!("../../../crates/bioxen/examples/xcpng_pool.rs"),
    ),
    (
        "xcp-ng.md",
        include_str!("../../../crates/bioxen/examples/xcpng_vm.rs"),
    ),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/api")
}

/// Names and texts of all pages but the index.
fn pages() -> Vec<(String, String)> {
    let entries = fs::read_dir(folder()).expect("a folder of pages");
    let mut pages: Vec<_> = entries
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy();
            let text = fs::read_to_string(&path).expect("a page");
            (name.into_owned(), text)
        })
        .filter(|(name, _)| name != "README.md")
        .collect();
    pages.sort();
    pages
}

/// What stands after the opening fence, and the block.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    let fenced = page.split("\n```").skip(1).step_by(2);
    fenced
        .map(|block| block.split_once('\n').expect("a block has lines"))
        .collect()
}

#[test]
fn each_page_is_run_by_a_test() {
    let pages = pages();
    assert!(pages.len() >= 13, "{}", pages.len());
    for (name, text) in &pages {
        let rust: Vec<_> = blocks(text)
            .into_iter()
            .filter(|(fence, _)| fence.starts_with("rust"))
            .collect();
        assert!(!rust.is_empty(), "{name} has an example");
        for (fence, block) in &rust {
            assert_eq!(*fence, "rust", "{name}: nothing is left out of the run");
            assert!(block.contains("fn main()"), "{name}: {block}");
        }
        let program = PROGRAMS.iter().find(|(page, _)| page == name);
        let Some((_, program)) = program else {
            let line = format!("#[doc = include_str!(\"../../../docs/api/{name}\")]\n");
            assert!(DOC_TESTS.contains(&line), "{name} is no doc test");
            assert!(text.contains("assert"), "{name}: something can fail");
            continue;
        };
        let shown: Vec<&str> = rust.into_iter().map(|(_, block)| block.trim()).collect();
        assert_eq!(
            shown,
            [pasted(program)],
            "{name} shows the program as it is"
        );
    }
}

/// A program as a page shows it: without the line that says what it is, and what only tests need.
fn pasted(program: &str) -> String {
    let (_, program) = program.split_once("\n\n").expect("a line on top");
    program.replace("pub(crate) ", "").trim().to_owned()
}

#[test]
fn each_page_is_in_the_index_and_each_link_leads_somewhere() {
    let index = fs::read_to_string(folder().join("README.md")).expect("an index");
    let mut all = pages();
    for (name, _) in &all {
        assert!(index.contains(&format!("]({name})")), "{name}");
    }
    all.push(("README.md".to_owned(), index));
    for (name, text) in &all {
        for target in text.split("](").skip(1) {
            let (target, _) = target.split_once(')').expect("an end");
            if target.starts_with("https://") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let linked = match file {
                "" => text.clone(),
                _ => fs::read_to_string(folder().join(file))
                    .unwrap_or_else(|error| panic!("{name}: {target}: {error}")),
            };
            assert!(
                heading.is_empty() || linked.lines().any(|line| anchor(line) == heading),
                "{name}: {target}"
            );
        }
    }
}

/// How a heading is linked to; empty for other lines.
fn anchor(line: &str) -> String {
    let heading = line.strip_prefix('#').unwrap_or_default();
    let heading = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = heading.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
        _ => None,
    });
    kept.collect()
}
