//! The workspace in memory: its manifests as cargo reads them, and its text files.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::metadata::{Metadata, Package};

/// Larger files are data, not text that people wrote.
const LARGEST_TEXT: u64 = 4 * 1024 * 1024;

/// What `tidy` looks at.
#[derive(Debug)]
pub(crate) struct Tree {
    /// Members of the workspace, by name.
    pub(crate) packages: Vec<Package>,
    /// Text of each file, by its path below the root with `/` between names.
    pub(crate) files: BTreeMap<String, String>,
}

impl Tree {
    /// Reads the workspace at `root`: the files that git tracks or would track, or, outside a
    /// git checkout, all files but build products.
    pub(crate) fn read(root: &Path) -> Result<Self, Failure> {
        let packages = Metadata::read(root)?.packages;
        let mut paths = git_files(root);
        if paths.is_empty() {
            walk(root, "", &mut paths)?;
        }
        let mut files = BTreeMap::new();
        for path in paths {
            if let Some(text) = read_text(root, &path)? {
                files.insert(path, text);
            }
        }
        Ok(Self { packages, files })
    }

    /// The lines of one file with their numbers from 1; none when there is no such file.
    pub(crate) fn lines(&self, path: &str) -> impl Iterator<Item = (usize, &str)> {
        let text = self.files.get(path).map_or("", String::as_str);
        text.lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }

    /// A small tree for tests: files, and packages by name and folder.
    #[cfg(test)]
    pub(crate) fn fake(files: &[(&str, &str)], packages: &[(&str, &str)]) -> Self {
        let packages = packages.iter().map(|&(name, folder)| Package {
            name: name.to_owned(),
            folder: folder.to_owned(),
            features: Vec::new(),
            dependencies: Vec::new(),
        });
        let files = files
            .iter()
            .map(|&(path, text)| (path.to_owned(), text.to_owned()));
        Self {
            packages: packages.collect(),
            files: files.collect(),
        }
    }
}

/// Empty where git is absent or the folder is not its checkout.
fn git_files(root: &Path) -> Vec<String> {
    if !root.join(".git").exists() {
        return Vec::new();
    }
    let list = Invocation::new("git", "ls-files -z --cached --others --exclude-standard");
    let text = list.output(root).ok().flatten().unwrap_or_default();
    text.split('\0')
        .filter(|path| !path.is_empty())
        .map(str::to_owned)
        .collect()
}

fn walk(root: &Path, folder: &str, paths: &mut Vec<String>) -> Result<(), Failure> {
    let failed = |source| Failure::File {
        path: folder.to_owned(),
        source,
    };
    for entry in std::fs::read_dir(root.join(folder)).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() {
            name.clone()
        } else {
            format!("{folder}/{name}")
        };
        let kind = entry.file_type().map_err(failed)?;
        let is_product = name == ".git" || entry.path().join("CACHEDIR.TAG").exists();
        if kind.is_dir() && !is_product {
            walk(root, &path, paths)?;
        } else if kind.is_file() {
            paths.push(path);
        }
    }
    Ok(())
}

/// `None` for what is not text, is too large, or was deleted but is still in git's index.
fn read_text(root: &Path, path: &str) -> Result<Option<String>, Failure> {
    let failed = |source| Failure::File {
        path: path.to_owned(),
        source,
    };
    let full = root.join(path);
    let bytes = match std::fs::symlink_metadata(&full) {
        Ok(facts) if !facts.is_file() || facts.len() > LARGEST_TEXT => return Ok(None),
        Ok(_) => std::fs::read(&full).map_err(failed)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    Ok(String::from_utf8(bytes).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_is_read_with_its_members_and_files() {
        let root = crate::workspace_root();
        let tree = Tree::read(&root).unwrap();
        assert!(tree.packages.iter().any(|package| package.name == "xtask"));
        assert!(tree.files.contains_key("xtask/src/tidy/tree.rs"));
        let (number, line) = tree.lines("xtask/src/tidy/tree.rs").next().unwrap();
        assert_eq!(number, 1);
        assert!(line.starts_with("//! The workspace in memory"), "{line}");
    }

    #[test]
    fn a_walk_finds_the_same_sources_as_git() {
        let root = crate::workspace_root();
        let mut walked = Vec::new();
        walk(&root, "", &mut walked).unwrap();
        assert!(walked.iter().any(|path| path == "xtask/src/main.rs"));
        assert!(!walked.iter().any(|path| path.starts_with(".git/")));
    }
}
