//! The crate from outside: the corpus of files, layers, saving, and what is generated.

#![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod corpus;
mod documented;
mod fits;
mod layers;
mod properties;
mod saving;

use std::path::PathBuf;

/// A file of the crate.
fn here(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Compares a text with the file that holds what is expected; `BIOXEN_BLESS=1` writes the file instead.
#[track_caller]
fn expect_file(path: &std::path::Path, text: &str) -> Result<(), String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test asks whether what it finds is to be kept"
    )]
    let bless = std::env::var_os("BIOXEN_BLESS").is_some();
    if bless {
        std::fs::write(path, text).unwrap();
        return Ok(());
    }
    let expect = std::fs::read_to_string(path).unwrap_or_default();
    if expect == text {
        return Ok(());
    }
    Err(format!(
        "{} is not what is said now (BIOXEN_BLESS=1 keeps it):\n{text}",
        path.display()
    ))
}
