//! What a folder of packages holds: folders with a manifest, and bundles.

use std::io;
use std::path::{Path, PathBuf};

use super::MANIFEST;
use super::bundle::BUNDLE_ENDING;
use super::library::LibraryError;
use super::version::{compare, is_version};

/// A package in a folder of packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    /// The name that the package should have.
    pub(super) name: String,
    /// The version that it should have, if it is a bundle.
    pub(super) version: Option<String>,
}

/// What a folder holds, by name; of each name the folder first, then the newest bundle. Nothing if it does not exist.
pub(super) fn places(folder: &Path) -> Result<Vec<Place>, LibraryError> {
    let refused = |source| LibraryError::Unreadable {
        path: folder.to_owned(),
        source,
    };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(refused(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        found.extend(place(entry.map_err(refused)?.path()));
    }
    found.sort_by(|left, right| {
        let versions = match (&left.version, &right.version) {
            (Some(left), Some(right)) => compare(right, left),
            (left, right) => left.is_some().cmp(&right.is_some()),
        };
        left.name
            .cmp(&right.name)
            .then(versions)
            .then_with(|| left.path.cmp(&right.path))
    });
    Ok(found)
}

fn place(path: PathBuf) -> Option<Place> {
    let file = path.file_name()?.to_str()?.to_owned();
    if path.join(MANIFEST).is_file() {
        return Some(Place {
            path,
            name: file,
            version: None,
        });
    }
    // A name and a version may both have hyphens: a version begins with three numbers.
    let stem = file.strip_suffix(BUNDLE_ENDING)?;
    let mut hyphens = stem.match_indices('-').map(|(at, _)| at);
    let at = hyphens.find(|at| is_version(&stem[at + 1..]))?;
    Some(Place {
        path,
        name: stem[..at].to_owned(),
        version: Some(stem[at + 1..].to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::{Place, place};

    #[test]
    fn the_name_of_a_bundle_ends_before_its_version() {
        #[track_caller]
        fn check(file: &str, expect: Option<(&str, &str)>) {
            let found = place(file.into());
            let found =
                found.map(|Place { name, version, .. }| (name, version.unwrap_or_default()));
            let expect = expect.map(|(name, version)| (name.to_owned(), version.to_owned()));
            assert_eq!(found, expect, "{file}");
        }
        check("growth-1.0.0.tar.zst", Some(("growth", "1.0.0")));
        check("my-own-2.1.0-rc.1.tar.zst", Some(("my-own", "2.1.0-rc.1")));
        check("a-1-1.0.0.tar.zst", Some(("a-1", "1.0.0")));
        check("growth.tar.zst", None);
        check("growth-1.0.0.tar.gz", None);
        check("growth-1.0.tar.zst", None);
    }
}
