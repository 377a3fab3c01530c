//! Images of VMs in files.

use std::path::{Path, PathBuf};

use bioxen_core::{VmId, VmImage, nearest};

mod body;
mod error;
mod file;
mod folder;
mod format;
mod name;

pub use error::StoreError;
pub use file::{
    ImageFile, SavedVm, check_image_place, read_image_file, read_image_header, write_image_file,
};
pub use format::{IMAGE_FILE_VERSION, ImageLabel, LARGEST_IMAGE};

use folder::{Entry, Folder};

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
    folder: Folder,
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

    /// The store in a folder, which is made if it is not there (mode 0700 on Unix); removes what writers left there that were killed.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] if the folder cannot be made, read or written to.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let folder = Folder::open(folder)?;
        // When somebody saves right now, it is left for another time.
        if let Some(locked) = folder.try_lock()? {
            folder.remove_partial_files(&locked)?;
        }
        Ok(Self { folder })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder.path
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
        let _locked = self.folder.lock()?;
        let older = self.folder.numbers(&label.id)?;
        let number = older.first().map_or(1, |newest| newest + 1);
        let path = self.folder.free_path(&label.id, number)?;
        file::write_partial(self.folder(), name::PARTIAL, &path, &bytes)?
            .persist(&path)
            .map_err(|error| StoreError::io("write", &path)(error.error))?;
        file::sync_folder(self.folder())?;
        let superseded = older.iter().skip(Self::KEPT - 1);
        let not_removed = superseded
            .filter_map(|number| folder::remove(&self.folder.path_of(&label.id, *number)).err())
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
        let _locked = self.folder.lock_shared()?;
        let mut listing = Listing {
            images: Vec::new(),
            damaged: Vec::new(),
        };
        for Entry { id, path, .. } in self.folder.entries()? {
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
    /// [`read_image_file`] loads any other by its path.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoImage`] if there is none, [`StoreError::NoneUsable`] if all are damaged, [`StoreError::Io`] if the folder cannot be read.
    pub fn load_newest(&self, id: &VmId) -> Result<Newest, StoreError> {
        let _locked = self.folder.lock_shared()?;
        let mut passed_over = Vec::new();
        for number in self.folder.numbers(id)? {
            let path = self.folder.path_of(id, number);
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
                folder: self.folder().to_owned(),
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
        let _locked = self.folder.lock()?;
        let numbers = self.folder.numbers(id)?;
        // The oldest first: cut off in between, the newest is still there.
        for number in numbers.iter().rev() {
            folder::remove(&self.folder.path_of(id, *number))?;
        }
        file::sync_folder(self.folder())?;
        Ok(numbers.len())
    }

    /// The VM with images whose name is nearest to another name, if it is near.
    fn nearest(&self, id: &VmId) -> Result<Option<VmId>, StoreError> {
        let entries = self.folder.entries()?;
        let known: Vec<&VmId> = entries.iter().filter_map(|e| e.id.as_ref()).collect();
        let names: Vec<&str> = known.iter().map(|id| id.as_str()).collect();
        let near = nearest(id.as_str(), &names);
        let found = known.into_iter().find(|id| Some(id.as_str()) == near);
        Ok(found.cloned())
    }
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

#[cfg(test)]
mod tests;
