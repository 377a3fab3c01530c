//! Where configuration files are looked for.

use std::fs;
use std::path::{Path, PathBuf};

use bioxen_text::Format;

use crate::origin::Origin;
use crate::problem::{Problem, Severity};
use crate::surroundings::Surroundings;

/// Names of the file in the working folder, in the order of search.
pub const NAMES: [&str; 3] = [
    "bioxen_config.json",
    "bioxen_config.yaml",
    "bioxen_config.yml",
];

/// A place in which a file is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The path.
    pub path: PathBuf,
    /// Whether something is there.
    pub found: bool,
}

/// All places in the order of search; the first that is found wins.
///
/// They are `bioxen_config.json` and `.yaml` in the working folder, `config.json` and `.yaml` in `~/.bioxen`, and the same in `/etc/bioxen`.
pub fn candidates(surroundings: &Surroundings) -> Vec<Candidate> {
    let mut paths: Vec<PathBuf> = NAMES
        .iter()
        .map(|name| surroundings.working_folder.join(name))
        .collect();
    let home = surroundings.home.as_ref().map(|home| home.join(".bioxen"));
    for folder in home.iter().chain([&surroundings.system_folder]) {
        for name in ["config.json", "config.yaml", "config.yml"] {
            paths.push(folder.join(name));
        }
    }
    let candidate = |path: PathBuf| Candidate {
        found: fs::symlink_metadata(&path).is_ok(),
        path,
    };
    paths.into_iter().map(candidate).collect()
}

/// The file that is found first, if there is one.
///
/// # Errors
///
/// A file of the working folder that is a link to a place outside of it is refused: whoever wrote the folder would choose what is read. Give such a file by its path.
pub(crate) fn discover(surroundings: &Surroundings) -> Result<Option<PathBuf>, Box<Problem>> {
    let found = candidates(surroundings).into_iter().find(|one| one.found);
    let Some(Candidate { path, .. }) = found else {
        return Ok(None);
    };
    let folder = &surroundings.working_folder;
    if path.parent() == Some(folder) {
        stays(&path, folder)?;
    }
    Ok(Some(path))
}

fn stays(path: &Path, folder: &Path) -> Result<(), Box<Problem>> {
    let (Ok(target), Ok(folder)) = (path.canonicalize(), folder.canonicalize()) else {
        // What cannot be followed cannot be read, which is said when it is tried.
        return Ok(());
    };
    if target.starts_with(&folder) {
        return Ok(());
    }
    let origin = Origin::File {
        path: path.to_owned(),
        place: None,
    };
    let what = format!("it is a link out of its folder, to {}", target.display());
    let hint = format!("if you mean it, say so: --config {}", path.display());
    Err(Box::new(
        Problem::new(Severity::Error, origin, what).advise(hint),
    ))
}

/// The file that overlays another one for an environment: `bioxen_config.staging.yaml` beside `bioxen_config.json`.
///
/// # Errors
///
/// The problem that there is none, or more than one, or that the environment has no proper name.
pub(crate) fn overlay_of(file: &Path, environment: &str) -> Result<PathBuf, Box<Problem>> {
    let refuse = |what: String, hint: String| {
        let origin = Origin::Variable("BIOXEN_ENV".to_owned());
        Box::new(Problem::new(Severity::Error, origin, what).advise(hint))
    };
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if environment.is_empty() || environment.len() > 64 || !environment.bytes().all(plain) {
        let shown = bioxen_text::shortened(environment);
        return Err(refuse(
            format!("found {shown:?}, allowed are up to 64 of A-Z a-z 0-9 - _"),
            "give a name such as staging, or remove the variable".to_owned(),
        ));
    }
    let stem = match Format::of(file) {
        Some(_) => file.with_extension(""),
        None => file.to_owned(),
    };
    let mut paths = Vec::new();
    for extension in ["json", "yaml", "yml"] {
        let mut name = stem.clone().into_os_string();
        name.push(format!(".{environment}.{extension}"));
        paths.push(PathBuf::from(name));
    }
    let there: Vec<&PathBuf> = paths
        .iter()
        .filter(|path| fs::symlink_metadata(path).is_ok())
        .collect();
    match there.as_slice() {
        [one] => Ok((*one).clone()),
        [] => Err(refuse(
            format!("there is no file for the environment {environment:?}"),
            format!(
                "make {}, or remove the variable",
                paths
                    .first()
                    .map_or(String::new(), |path| path.display().to_string())
            ),
        )),
        [first, second, ..] => Err(refuse(
            format!(
                "two files are for the environment {environment:?}: {} and {}",
                first.display(),
                second.display()
            ),
            "keep one of them".to_owned(),
        )),
    }
}
