//! The configuration for `bioxen`, as a file that goes with the testbed.

use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use bioxen_testbed::Testbed;

use crate::failure::Failure;

/// How a file of a testbed begins.
const HEADER: &str = "# Written by bioxen-testbed, and removed when it ends.\n";

/// A file that is this testbed's for as long as it runs.
#[derive(Debug)]
pub(crate) struct ConfigFile {
    path: PathBuf,
    // The lock on it says that the testbed runs.
    file: File,
    written: String,
    is_left: bool,
}

impl ConfigFile {
    /// Makes the file, or takes over that of a testbed that was killed.
    pub(crate) fn claim(path: &Path) -> Result<Self, Failure> {
        let failed = || Failure::config(path);
        let mut options = OpenOptions::new();
        options.read(true).write(true).mode(0o600);
        let (mut file, is_new) = match options.clone().create_new(true).open(path) {
            Ok(file) => (file, true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                (options.open(path).map_err(failed())?, false)
            }
            Err(error) => return Err(failed()(error)),
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let path = path.to_owned();
                return Err(Failure::ConfigInUse { path });
            }
            Err(TryLockError::Error(error)) => return Err(failed()(error)),
        }
        if !is_new {
            let mut text = Vec::new();
            let longest = u64::try_from(HEADER.len()).unwrap_or(u64::MAX);
            (&file)
                .take(longest)
                .read_to_end(&mut text)
                .map_err(failed())?;
            if text != HEADER.as_bytes() {
                let path = path.to_owned();
                return Err(Failure::ConfigExists { path });
            }
            let private = Permissions::from_mode(0o600);
            file.set_permissions(private).map_err(failed())?;
        }
        replace(&mut file, HEADER).map_err(failed())?;
        Ok(Self {
            path: path.to_owned(),
            file,
            written: HEADER.to_owned(),
            is_left: false,
        })
    }

    /// Writes what a client needs to know of a testbed, and answers it.
    pub(crate) fn write(
        &mut self,
        testbed: &Testbed,
        password: &Path,
        agent: Option<&Path>,
    ) -> Result<&str, Failure> {
        let text = format!("{HEADER}{}", testbed.client_config(password, agent));
        replace(&mut self.file, &text).map_err(Failure::config(&self.path))?;
        self.written = text;
        Ok(&self.written)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes it, unless somebody changed it; the answer says whether it is gone.
    pub(crate) fn remove(mut self) -> Result<bool, Failure> {
        self.is_left = true;
        self.remove_unchanged().map_err(Failure::config(&self.path))
    }

    fn remove_unchanged(&self) -> io::Result<bool> {
        match fs::read(&self.path) {
            Ok(text) if text == self.written.as_bytes() => fs::remove_file(&self.path)?,
            Ok(_) => return Ok(false),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        Ok(true)
    }
}

impl Drop for ConfigFile {
    fn drop(&mut self) {
        if !self.is_left {
            // Something else went wrong, which is told.
            let _ = self.remove_unchanged();
        }
    }
}

fn replace(file: &mut File, text: &str) -> io::Result<()> {
    file.rewind()?;
    file.set_len(0)?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::{ConfigFile, HEADER};
    use crate::failure::Failure;

    #[test]
    fn a_file_is_claimed_once_and_goes_with_who_claimed_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bed.yaml");
        let first = ConfigFile::claim(&path).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let second = ConfigFile::claim(&path);
        assert!(matches!(second, Err(Failure::ConfigInUse { .. })));
        assert!(path.exists(), "who fails removes nothing");
        drop(first);
        assert!(!path.exists());
    }

    #[test]
    fn what_a_testbed_did_not_write_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bed.yaml");
        fs::write(&path, "precious: true\n").unwrap();
        let refused = ConfigFile::claim(&path);
        assert!(matches!(refused, Err(Failure::ConfigExists { .. })));
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious: true\n");
        fs::write(&path, "").unwrap();
        let refused = ConfigFile::claim(&path);
        assert!(matches!(refused, Err(Failure::ConfigExists { .. })));
    }

    #[test]
    fn the_file_of_a_killed_testbed_is_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bed.yaml");
        fs::write(&path, format!("{HEADER}vm_type: xcpng\n")).unwrap();
        let file = ConfigFile::claim(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), HEADER);
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(file.remove().unwrap());
        assert!(!path.exists());
    }

    #[test]
    fn a_file_that_was_changed_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bed.yaml");
        let file = ConfigFile::claim(&path).unwrap();
        fs::write(&path, "mine: true\n").unwrap();
        assert!(!file.remove().unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine: true\n");
    }
}
