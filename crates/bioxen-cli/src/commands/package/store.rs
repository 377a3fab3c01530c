//! Packages that a person installed: bundles in `packages` of the state folder.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use bioxen::package::{LibraryError, Package, PackageLibrary, packages_folder};

use super::packed;
use crate::args::PackageRemoveArgs;
use crate::commands::state::state_folder;
use crate::failure::{Failure, say};

/// The installed packages of one state folder.
#[derive(Debug)]
pub(super) struct Store {
    folder: PathBuf,
    library: PackageLibrary,
}

impl Store {
    pub(super) fn of(state: Option<&Path>) -> Result<Self, Failure> {
        let state = state_folder(state).ok_or(Failure::NoState)?;
        Ok(Self {
            library: PackageLibrary::new(Some(&state), &[]),
            folder: packages_folder(&state),
        })
    }

    /// Installs a package unless one of its name is there, and says what was done.
    pub(super) fn install(&self, package: &Package, dry_run: bool) -> Result<String, Failure> {
        let (name, version) = (&package.name, &package.version);
        match self.library.find(name.as_str()) {
            Ok(there) if there.package.files == package.files => {
                return Ok(format!(
                    "{name} {version} is there already: {}",
                    there.origin
                ));
            }
            Ok(there) => {
                return Err(Failure::PackageThere {
                    name: name.to_string(),
                    there: there.package.version,
                    wanted: version.clone(),
                    built_in: PackageLibrary::built_in().find(name.as_str()).is_ok(),
                });
            }
            Err(LibraryError::Unknown { .. }) => {}
            Err(broken) => return Err(broken.into()),
        }
        let bundle = packed(package)?;
        let path = self.folder.join(package.bundle_name());
        if dry_run {
            return Ok(format!(
                "would install {name} {version} as {}",
                path.display()
            ));
        }
        self.put(&path, &bundle).map_err(|source| Failure::Write {
            path: path.clone(),
            source,
        })?;
        Ok(format!("installed {name} {version} as {}", path.display()))
    }

    /// Writes a file that is there whole or not at all, and takes the place of none.
    fn put(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let mut draft = self.draft().tempfile_in(&self.folder)?;
        draft.write_all(content)?;
        draft.as_file().sync_all()?;
        draft.persist_noclobber(path).map_err(|error| error.error)?;
        Ok(())
    }

    fn draft(&self) -> tempfile::Builder<'_, '_> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".bioxen-").suffix(".tmp");
        builder
    }

    /// Removes what is there of a package, once it is confirmed, and says what was done.
    pub(super) fn remove(&self, args: &PackageRemoveArgs) -> Result<String, Failure> {
        let name = args.name.as_str();
        let paths = self.library.paths(name);
        if paths.is_empty() {
            // It says where was looked, and which name is nearest.
            self.library.find(name)?;
            return Err(Failure::BuiltIn {
                name: name.to_owned(),
            });
        }
        let listed: Vec<String> = paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        let listed = listed.join(", ");
        if args.dry_run {
            return Ok(format!("would remove {name}: {listed}"));
        }
        if !args.yes && !confirmed(name, &listed)? {
            return Ok(format!("kept {name}"));
        }
        for path in &paths {
            self.take(path).map_err(|source| Failure::Remove {
                path: path.clone(),
                source,
            })?;
        }
        Ok(format!("removed {name}: {listed}"))
    }

    /// Takes away a file, a link, or a folder with all that is in it, whole or not at all.
    fn take(&self, path: &Path) -> io::Result<()> {
        if !fs::symlink_metadata(path)?.is_dir() {
            return fs::remove_file(path);
        }
        // Once it has another name it is no package any more, and then it goes file by file.
        let bin = self.draft().tempdir_in(&self.folder)?;
        fs::rename(path, bin.path().join("removed"))?;
        bin.close()
    }
}

/// Asks the person at the terminal; without one nobody is asked and nothing is removed.
fn confirmed(name: &str, listed: &str) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::Unconfirmed {
            name: name.to_owned(),
            what: listed.to_owned(),
        });
    }
    say(&format!("this removes {name}: {listed}"));
    say("remove it? [y/N]");
    let mut answer = String::new();
    let read = io::stdin().read_line(&mut answer);
    read.map_err(|source| Failure::Answer { source })?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
