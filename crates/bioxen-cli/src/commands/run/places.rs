//! Whether results and picture would take each other's place.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Refuses one file for both.
pub(super) fn check(results: Option<&Path>, picture: Option<&Path>) -> Result<(), Failure> {
    let (Some(results), Some(picture)) = (results, picture) else {
        return Ok(());
    };
    // A device such as /dev/null may take both.
    let is_file = std::fs::metadata(results).map_or(true, |there| there.is_file());
    if is_file && place(results) == place(picture) {
        return Err(Failure::SamePlace {
            path: results.to_owned(),
        });
    }
    Ok(())
}

/// A file by its folder and its name, links followed as far as they lead.
fn place(path: &Path) -> (PathBuf, Option<OsString>) {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    (folder, path.file_name().map(ToOwned::to_owned))
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn one_file_for_both_is_refused_however_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        let same = folder.path().join(".").join("a");
        assert!(check(Some(&a), Some(&b)).is_ok());
        assert!(check(Some(&a), None).is_ok());
        assert!(check(Some(&a), Some(&same)).is_err());
        std::fs::write(&a, "").unwrap();
        assert!(check(Some(&a), Some(&same)).is_err());
    }
}
