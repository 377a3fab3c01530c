//! The folder of a store: its lock, and which files are in it.

use std::cmp::Reverse;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use bioxen_core::VmId;

use super::error::StoreError;
use super::name::{self, FileName};

#[derive(Clone, Debug)]
pub(super) struct Folder {
    pub(super) path: PathBuf,
}

/// A file with the extension of an image, by its name alone; in the order of listings.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    /// The VM; `None` if the file is misnamed.
    pub(super) id: Option<VmId>,
    /// Greater numbers are newer, and newer images come first.
    pub(super) number: Reverse<u64>,
    pub(super) path: PathBuf,
}

/// A lock on a folder, which ends when this is dropped or with the process.
#[derive(Debug)]
#[must_use]
pub(super) struct Locked {
    _file: File,
}

impl Folder {
    /// The folder at a path, made if it is not there.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        make_private(path).map_err(StoreError::io("make the folder", path))?;
        let path = path.to_owned();
        Ok(Self { path })
    }

    /// Nobody else reads or writes images while this is held.
    pub(super) fn lock(&self) -> Result<Locked, StoreError> {
        let file = self.lock_file()?;
        file.lock().map_err(StoreError::io("lock", &self.path))?;
        Ok(Locked { _file: file })
    }

    /// Nobody writes images while this is held.
    pub(super) fn lock_shared(&self) -> Result<Locked, StoreError> {
        let file = self.lock_file()?;
        let locked = file.lock_shared();
        locked.map_err(StoreError::io("lock", &self.path))?;
        Ok(Locked { _file: file })
    }

    /// [`lock`](Self::lock) if nobody has one, without waiting.
    pub(super) fn try_lock(&self) -> Result<Option<Locked>, StoreError> {
        let file = self.lock_file()?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Locked { _file: file })),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(StoreError::io("lock", &self.path)(error)),
        }
    }

    /// A new opening each time: locks of one opening do not exclude each other.
    fn lock_file(&self) -> Result<File, StoreError> {
        let path = self.path.join(name::LOCK);
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path).map_err(StoreError::io("open", &path))
    }

    pub(super) fn path_of(&self, id: &VmId, number: u64) -> PathBuf {
        self.path.join(name::image_name(id, number))
    }

    /// Where an image of this number or the next free one goes.
    ///
    /// Where names differ by case alone and the file system does not tell them apart, another VM may have the number.
    pub(super) fn free_path(&self, id: &VmId, mut number: u64) -> Result<PathBuf, StoreError> {
        loop {
            let path = self.path_of(id, number);
            let is_taken = path.try_exists();
            if !is_taken.map_err(StoreError::io("look at", &path))? {
                return Ok(path);
            }
            number += 1;
        }
    }

    /// Numbers of the images of a VM, the newest first.
    pub(super) fn numbers(&self, id: &VmId) -> Result<Vec<u64>, StoreError> {
        let mut entries = self.entries()?;
        entries.retain(|entry| entry.id.as_ref() == Some(id));
        Ok(entries.into_iter().map(|entry| entry.number.0).collect())
    }

    /// Files with the extension of an image, by VM, the newest first.
    pub(super) fn entries(&self) -> Result<Vec<Entry>, StoreError> {
        let mut entries = Vec::new();
        for (name, path) in self.names()? {
            let (id, number) = match name {
                FileName::Image { id, number } => (Some(id), number),
                FileName::Misnamed => (None, 0),
                FileName::Partial | FileName::Foreign => continue,
            };
            let number = Reverse(number);
            entries.push(Entry { id, number, path });
        }
        entries.sort();
        Ok(entries)
    }

    /// Removes what writers left that were killed; under the lock, since a file that is being written is partial too.
    pub(super) fn remove_partial_files(&self, _: &Locked) -> Result<(), StoreError> {
        for (name, path) in self.names()? {
            if name == FileName::Partial {
                remove(&path)?;
            }
        }
        Ok(())
    }

    fn names(&self) -> Result<Vec<(FileName, PathBuf)>, StoreError> {
        let named = |entry: io::Result<fs::DirEntry>| {
            let entry = entry?;
            Ok((FileName::of(&entry.file_name()), entry.path()))
        };
        fs::read_dir(&self.path)
            .and_then(|entries| entries.map(named).collect())
            .map_err(StoreError::io("read the folder", &self.path))
    }
}

/// Removes a file; one that is gone already is no error.
pub(super) fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result.map_err(StoreError::io("remove", path)),
    }
}

fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
