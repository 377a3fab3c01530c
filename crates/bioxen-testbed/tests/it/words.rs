//! The messages that the page for troubleshooting quotes are those of the sources.

use std::path::Path;

const PAGE: &str = include_str!("../../../../docs/guides/troubleshooting.md");

/// Crates whose messages are quoted.
const CRATES: [&str; 5] = [
    "bioxen",
    "bioxen-agent",
    "bioxen-cli",
    "bioxen-testbed",
    "bioxen-xcpng",
];

fn sources() -> String {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut text = String::new();
    for name in CRATES {
        add(&crates.join(name).join("src"), &mut text);
    }
    text
}

fn add(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            add(&path, text);
        } else {
            text.push_str(&std::fs::read_to_string(&path).expect("a source"));
        }
    }
}

/// What does not differ in a message: the pieces between the marks.
fn pieces(message: &str) -> impl Iterator<Item = &str> {
    let pieces = message.split('…').map(str::trim);
    pieces.filter(|piece| piece.chars().any(char::is_alphanumeric))
}

/// Whether the pieces follow each other in one line of the sources.
fn has_in_order(sources: &str, pieces: &[&str]) -> bool {
    sources.lines().any(|line| {
        let mut rest = line;
        pieces.iter().all(|piece| match rest.split_once(piece) {
            Some((_, after)) => {
                rest = after;
                true
            }
            None => false,
        })
    })
}

#[test]
fn each_message_that_is_quoted_is_one() {
    let sources = sources();
    let quoted = PAGE.lines().filter_map(|line| line.strip_prefix("### `"));
    let quoted: Vec<&str> = quoted.filter_map(|line| line.strip_suffix('`')).collect();
    assert!(quoted.len() > 40, "{}", quoted.len());
    let headings = PAGE.lines().filter(|line| line.starts_with("### "));
    assert_eq!(headings.count(), quoted.len(), "each is one message");
    for message in quoted {
        // The code of a refusal is data in the sources.
        let whole: Vec<&str> = match message.strip_prefix("XAPI answered ") {
            Some(code) => vec![code],
            None => pieces(message).collect(),
        };
        assert!(!whole.is_empty(), "{message}");
        assert!(has_in_order(&sources, &whole), "{message}");
    }
}

#[test]
fn each_refusal_that_is_quoted_has_a_hint() {
    let failure = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bioxen-xcpng/src/xapi/failure.rs");
    let failure = std::fs::read_to_string(failure).expect("a source");
    let hints = failure.split_once("pub fn hint").expect("hints").1;
    let codes = PAGE.lines().filter_map(|line| {
        let code = line.strip_prefix("### `XAPI answered ")?;
        code.strip_suffix('`')
    });
    let missing: Vec<&str> = codes
        .filter(|code| !hints.contains(&format!("\"{code}\"")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
