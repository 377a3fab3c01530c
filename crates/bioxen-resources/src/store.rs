//! Images of VMs in files.

use std::cmp::Reverse;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use bioxen_core::{VmId, VmImage, edit_distance};

mod body;
mod error;
mod file;
mod format;
mod name;

pub use error::StoreError;
pub use file::{ImageFile, SavedVm, read_image_file, read_image_header, write_image_file};
pub use format::{IMAGE_FILE_VERSION, ImageLabel, LARGEST_IMAGE};

use name::FileName;

/// A folder with the newest two images of each VM.
///
/// An image is written whole or not at all, whatever ends the writer: a kill, a full disk, a power failure.
/// After it is on the disk, all but the newest two of that VM are removed.
/// If the newest one is damaged later, the one before is there.
///
/// Several threads and processes may use one folder: who saves waits for who saves or loads.
///
/// ```
/// use std::time::SystemTime;
/// use bioxen_core::{Organism, SimTime, VmId, VmImage};
/// use bioxen_resources::{ImageLabel, ImageStore};
///
/// let folder = tempfile::tempdir()?;
/// let store = ImageStore::open(&folder.path().join("images"))?;
/// let mut label = ImageLabel {
///     id: VmId::new("cell-1")?,
///     organism: Organism::Syn3a,
///     sim_time: SimTime::ZERO,
///     saved_at: SystemTime::UNIX_EPOCH,
/// };
/// for seconds in [60.0, 120.0, 180.0] {
///     label.sim_time = SimTime::from_seconds(seconds)?;
///     store.save(&label, &VmImage::from_bytes(vec![7; 40_000]))?;
/// }
/// assert_eq!(store.list()?.images.len(), 2);
///
/// let newest = store.load_newest(&label.id)?;
/// assert_eq!(newest.saved.label, label);
/// assert!(newest.passed_over.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ImageStore {
    folder: PathBuf,
}

/// An image that was saved.
#[derive(Debug)]
#[non_exhaustive]
pub struct Saved {
    /// The file.
    pub path: PathBuf,
    /// Size of the file, bytes.
    pub file_bytes: u64,
    /// Why older images could not be removed; the new one is safe all the same.
    pub not_removed: Vec<StoreError>,
}

/// The images of a store.
#[derive(Debug)]
#[non_exhaustive]
pub struct Listing {
    /// By VM, the newest first.
    pub images: Vec<ImageFile>,
    /// Files that cannot be used, by name; each error names its file.
    pub damaged: Vec<StoreError>,
}

/// The newest image of a VM that can be used.
#[derive(Debug)]
#[non_exhaustive]
pub struct Newest {
    /// The file.
    pub path: PathBuf,
    /// The image.
    pub saved: SavedVm,
    /// Why newer files cannot be used, the newest first; empty if this is the newest.
    pub passed_over: Vec<StoreError>,
}

impl ImageStore {
    /// How many images of a VM are kept.
    pub const KEPT: usize = 2;

    /// The store in a folder, which is made if it is not there (mode 0700 on Unix), and removes what writers left there that were killed.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] if the folder cannot be made, read or written to.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        make_private(folder).map_err(StoreError::io("make the folder", folder))?;
        let store = Self {
            folder: folder.to_owned(),
        };
        let lock = store.lock_file()?;
        match lock.try_lock() {
            Ok(()) => store.remove_partial_files()?,
            // Somebody saves right now, and removes nothing but what is theirs: another time.
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => {
                return Err(StoreError::io("lock", &store.folder)(error));
            }
        }
        Ok(store)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Saves an image as the newest one of its VM.
    ///
    /// When it answers, the image is on the disk; when it fails, the images that were there are as they were.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotWritten`] if the image is larger than [`LARGEST_IMAGE`], [`StoreError::Io`] if it cannot be written.
    pub fn save(&self, label: &ImageLabel, image: &VmImage) -> Result<Saved, StoreError> {
        let bytes = file::encode(label, image)?;
        let lock = self.lock_file()?;
        lock.lock().map_err(StoreError::io("lock", &self.folder))?;
        let older = self.numbers(&label.id)?;
        let number = older.first().map_or(1, |newest| newest + 1);
        let path = self.path(&label.id, number);
        let partial = file::write_partial(&self.folder, name::PARTIAL, &path, &bytes)?;
        partial
            .persist_noclobber(&path)
            .map_err(|error| StoreError::io("write", &path)(error.error))?;
        file::sync_folder(&self.folder)?;
        let not_removed = older
            .iter()
            .skip(Self::KEPT - 1)
            .filter_map(|number| remove(&self.path(&label.id, *number)).err())
            .collect();
        Ok(Saved {
            path,
            file_bytes: format::len_of(&bytes),
            not_removed,
        })
    }

    /// What is there, by reading headers alone.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] if the folder cannot be read; files that cannot be used are in the answer.
    pub fn list(&self) -> Result<Listing, StoreError> {
        let _lock = self.lock_shared()?;
        let mut files = self.files()?;
        files.sort();
        let mut listing = Listing {
            images: Vec::new(),
            damaged: Vec::new(),
        };
        for (id, _, path) in files {
            let image = match &id {
                Some(id) => read_image_header(&path).and_then(|image| {
                    check_vm(id, &image.label, &path)?;
                    Ok(image)
                }),
                None => Err(StoreError::Misnamed { path }),
            };
            match image {
                Ok(image) => listing.images.push(image),
                Err(error) => listing.damaged.push(error),
            }
        }
        Ok(listing)
    }

    /// The newest image of a VM whose file is whole, and what is wrong with newer ones.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoImage`] if there is none, [`StoreError::NoneUsable`] if all are damaged, [`StoreError::Io`] if the folder cannot be read.
    pub fn load_newest(&self, id: &VmId) -> Result<Newest, StoreError> {
        let _lock = self.lock_shared()?;
        let mut passed_over = Vec::new();
        for number in self.numbers(id)? {
            let path = self.path(id, number);
            let saved = read_image_file(&path).and_then(|saved| {
                check_vm(id, &saved.label, &path)?;
                Ok(saved)
            });
            match saved {
                Ok(saved) => {
                    return Ok(Newest {
                        path,
                        saved,
                        passed_over,
                    });
                }
                Err(error) => passed_over.push(error),
            }
        }
        let mut passed_over = passed_over.into_iter();
        Err(match passed_over.next() {
            Some(newest) => StoreError::NoneUsable {
                id: id.clone(),
                newest: Box::new(newest),
                older: passed_over.collect(),
            },
            None => StoreError::NoImage {
                id: id.clone(),
                folder: self.folder.clone(),
                nearest: self.nearest(id)?,
            },
        })
    }

    /// Removes all images of a VM, damaged ones too, and says how many there were.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] for the first file that cannot be removed.
    pub fn remove_all(&self, id: &VmId) -> Result<usize, StoreError> {
        let lock = self.lock_file()?;
        lock.lock().map_err(StoreError::io("lock", &self.folder))?;
        let numbers = self.numbers(id)?;
        // The oldest first: cut off in between, the newest is still there.
        for number in numbers.iter().rev() {
            remove(&self.path(id, *number))?;
        }
        file::sync_folder(&self.folder)?;
        Ok(numbers.len())
    }

    fn path(&self, id: &VmId, number: u64) -> PathBuf {
        self.folder.join(name::image_name(id, number))
    }

    /// Numbers of the images of a VM, the newest first.
    fn numbers(&self, id: &VmId) -> Result<Vec<u64>, StoreError> {
        let files = self.files()?.into_iter();
        let mut numbers: Vec<u64> = files
            .filter(|(of, _, _)| of.as_ref() == Some(id))
            .map(|(_, Reverse(number), _)| number)
            .collect();
        numbers.sort_unstable_by_key(|number| Reverse(*number));
        Ok(numbers)
    }

    /// The VM with images whose name is nearest to another name, if it is near.
    fn nearest(&self, id: &VmId) -> Result<Option<VmId>, StoreError> {
        let near = self.files()?.into_iter().filter_map(|(of, _, _)| {
            let of = of?;
            let distance = edit_distance(id.as_str(), of.as_str());
            let longer = id.as_str().len().max(of.as_str().len());
            (distance <= longer.div_ceil(3)).then_some((distance, of))
        });
        Ok(near.min().map(|(_, of)| of))
    }

    /// Images by their names; one that is misnamed is of no VM.
    fn files(&self) -> Result<Vec<(Option<VmId>, Reverse<u64>, PathBuf)>, StoreError> {
        let read = StoreError::io("read the folder", &self.folder);
        let names = file_names(&self.folder).map_err(read)?;
        let files = names.into_iter().filter_map(|(name, path)| match name {
            FileName::Image { id, number } => Some((Some(id), Reverse(number), path)),
            FileName::Misnamed => Some((None, Reverse(0), path)),
            FileName::Partial | FileName::Foreign => None,
        });
        Ok(files.collect())
    }

    /// Only under the lock: a file that is being written is partial too.
    fn remove_partial_files(&self) -> Result<(), StoreError> {
        let read = StoreError::io("read the folder", &self.folder);
        for (name, path) in file_names(&self.folder).map_err(read)? {
            if name == FileName::Partial {
                remove(&path)?;
            }
        }
        Ok(())
    }

    /// The file to lock; a lock ends with the process at the latest.
    fn lock_file(&self) -> Result<File, StoreError> {
        let path = self.folder.join(name::LOCK);
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path).map_err(StoreError::io("open", &path))
    }

    /// Nobody saves while this is held.
    fn lock_shared(&self) -> Result<File, StoreError> {
        let lock = self.lock_file()?;
        lock.lock_shared()
            .map_err(StoreError::io("lock", &self.folder))?;
        Ok(lock)
    }
}

fn file_names(folder: &Path) -> io::Result<Vec<(FileName, PathBuf)>> {
    fs::read_dir(folder)?
        .map(|entry| {
            let entry = entry?;
            Ok((FileName::of(&entry.file_name()), entry.path()))
        })
        .collect()
}

fn check_vm(named: &VmId, label: &ImageLabel, path: &Path) -> Result<(), StoreError> {
    if label.id == *named {
        Ok(())
    } else {
        Err(StoreError::WrongVm {
            path: path.to_owned(),
            holds: label.id.clone(),
        })
    }
}

/// Removes a file; one that is gone already is no error.
fn remove(path: &Path) -> Result<(), StoreError> {
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

#[cfg(test)]
mod tests;
