//! Writing a configuration so that a reader finds the old file or the new one, and nothing between.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Writes text to a file, whole or not at all.
///
/// The text goes to `.NAME.new` beside the file and then takes its place, so that a power cut, a kill or a full disk leaves the old file.
/// A link is followed and stays one; the mode of the file is kept, and a new file is for its owner alone (0600); folders that are missing are made, for the owner alone.
/// While it is written the lock `.NAME.lock` is held; the empty file stays.
///
/// # Errors
///
/// [`SaveError`] says at which step it failed; the file is then as it was.
pub fn save(path: &Path, text: &str) -> Result<(), SaveError> {
    let fail = |step| {
        move |source: io::Error| SaveError {
            path: path.to_owned(),
            step,
            source,
        }
    };
    let target = target_of(path).map_err(fail(Step::Follow))?;
    let folder = match target.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    make_folder(&folder).map_err(fail(Step::Folder))?;
    let Some(name) = target.file_name() else {
        let source = io::Error::new(io::ErrorKind::InvalidInput, "it has no name");
        return Err(fail(Step::Follow)(source));
    };
    let beside = |end: &str| {
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(end);
        folder.join(hidden)
    };
    // Held until the end of this function.
    let _lock = lock(&beside(".lock")).map_err(fail(Step::Lock))?;
    let fresh = beside(".new");
    let written = write_new(&fresh, &target, text).map_err(fail(Step::Write));
    let placed = written.and_then(|()| fs::rename(&fresh, &target).map_err(fail(Step::Place)));
    if placed.is_err() {
        // The first failure is what is told; what is left is overwritten by the next save.
        let _ = fs::remove_file(&fresh);
        return placed;
    }
    // The name is on the disk when its folder is.
    File::open(&folder)
        .and_then(|folder| folder.sync_all())
        .map_err(fail(Step::Place))
}

/// The file that a path leads to, through links, also if it is not there yet.
fn target_of(path: &Path) -> io::Result<PathBuf> {
    let mut target = path.to_owned();
    for _ in 0..40 {
        match fs::read_link(&target) {
            Ok(next) => {
                let folder = target.parent().unwrap_or(Path::new(""));
                target = folder.join(next);
            }
            // What is no link, or is not there, is the end of the way.
            Err(_) => {
                if target.is_dir() {
                    return Err(io::Error::new(
                        io::ErrorKind::IsADirectory,
                        "it is a folder",
                    ));
                }
                return Ok(target);
            }
        }
    }
    let what = "links lead in a circle";
    Err(io::Error::new(io::ErrorKind::InvalidInput, what))
}

fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)
}

fn owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

fn lock(path: &Path) -> io::Result<File> {
    let file =
        owner_only(OpenOptions::new().create(true).truncate(false).write(true)).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let what = "another process is saving it";
            Err(io::Error::new(io::ErrorKind::WouldBlock, what))
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn write_new(fresh: &Path, target: &Path, text: &str) -> io::Result<()> {
    // What a killed save left may have another mode, or be a link that somebody put there.
    match fs::remove_file(fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = owner_only(OpenOptions::new().create_new(true).write(true)).open(fresh)?;
    match fs::metadata(target) {
        Ok(about) => file.set_permissions(about.permissions())?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// At which step a save failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Following links to the file.
    Follow,
    /// Making its folder.
    Folder,
    /// Taking the lock.
    Lock,
    /// Writing the new text.
    Write,
    /// Putting it in the place of the old one.
    Place,
}

/// Why a file was not saved.
#[derive(Debug, Error)]
#[error("{} was not saved and is as it was", path.display())]
pub struct SaveError {
    path: PathBuf,
    step: Step,
    source: io::Error,
}

impl SaveError {
    /// At which step it failed.
    pub fn step(&self) -> Step {
        self.step
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let advice = match self.step {
            Step::Follow => "give the path of a file",
            Step::Folder => "make its folder, or choose another one",
            Step::Lock => "try again when the other process is done",
            Step::Write | Step::Place => {
                "make room on the disk, or choose a folder that you may write to"
            }
        };
        Some(advice.to_owned())
    }
}
