//! One image file at a path that the caller chooses.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use bioxen_core::{ImageError, VmImage};
use tempfile::NamedTempFile;

use super::error::StoreError;
use super::format::{self, Header, ImageLabel, LONGEST_FILE, LONGEST_HEADER};

/// How temporary files beside an image file begin and end.
const PARTIAL: (&str, &str) = (".bioxen-", ".partial");

/// An image and what its file says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SavedVm {
    /// What the file says.
    pub label: ImageLabel,
    /// The image.
    pub image: VmImage,
}

/// An image file by its header.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImageFile {
    /// Where it is.
    pub path: PathBuf,
    /// What its header says.
    pub label: ImageLabel,
    /// Size of the image, bytes.
    pub image_bytes: u64,
    /// Size of the file, bytes.
    pub file_bytes: u64,
}

/// Writes an image to a file, all or nothing: until it is complete and on the disk, the path has what it had before.
///
/// A file that is there is replaced, behind a symbolic link too.
/// Others cannot read the new one (mode 0600 on Unix).
///
/// # Errors
///
/// [`StoreError::NotAFile`] if the path is a folder, a device or anything else that is not a plain file, [`StoreError::NotWritten`] if the image is larger than [`LARGEST_IMAGE`](crate::LARGEST_IMAGE), [`StoreError::Io`] if it cannot be written; nothing is left behind then.
///
/// ```
/// use std::time::SystemTime;
/// use bioxen_core::{Organism, SimTime, VmId, VmImage};
/// use bioxen_resources::{ImageLabel, read_image_file, write_image_file};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("newborn.bioxen");
/// let label = ImageLabel {
///     id: VmId::new("cell-1")?,
///     organism: Organism::Syn3a,
///     sim_time: SimTime::ZERO,
///     saved_at: SystemTime::UNIX_EPOCH,
/// };
/// let image = VmImage::from_bytes(vec![7; 40_000]);
/// write_image_file(&path, &label, &image)?;
///
/// let saved = read_image_file(&path)?;
/// assert_eq!((saved.label, saved.image), (label, image));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_image_file(
    path: &Path,
    label: &ImageLabel,
    image: &VmImage,
) -> Result<(), StoreError> {
    let (target, folder) = replaceable(path)?;
    let bytes = encode(label, image)?;
    let file = write_partial(&folder, PARTIAL, &target, &bytes)?;
    file.persist(&target)
        .map_err(|error| StoreError::io("write", &target)(error.error))?;
    sync_folder(&folder)
}

/// Finds out whether [`write_image_file`] could write there now, for those who would compute for hours before it.
///
/// # Errors
///
/// [`StoreError::NotAFile`] or [`StoreError::Io`], as that function.
pub fn check_image_place(path: &Path) -> Result<(), StoreError> {
    let (target, folder) = replaceable(path)?;
    // It is gone again at once.
    write_partial(&folder, PARTIAL, &target, &[]).map(drop)
}

/// Reads an image file and checks everything: lengths before anything is decoded, then both checksums.
///
/// # Errors
///
/// [`StoreError::Io`] or [`StoreError::NotAFile`] if it cannot be read, [`StoreError::Image`] if it is damaged, too large, of a newer version or no image at all.
pub fn read_image_file(path: &Path) -> Result<SavedVm, StoreError> {
    let (mut file, len) = open(path)?;
    if len > LONGEST_FILE {
        return Err(StoreError::image(path)(ImageError::TooLarge {
            size: len,
            limit: LONGEST_FILE,
        }));
    }
    let mut bytes = Vec::new();
    // It may grow while it is read.
    (&mut file)
        .take(LONGEST_FILE)
        .read_to_end(&mut bytes)
        .map_err(StoreError::io("read", path))?;
    let (label, image) = format::decode(&bytes).map_err(StoreError::image(path))?;
    Ok(SavedVm { label, image })
}

/// Reads the header of an image file alone, and checks it and the length of the file.
///
/// Damage in the body is found by [`read_image_file`] only.
///
/// # Errors
///
/// As [`read_image_file`].
pub fn read_image_header(path: &Path) -> Result<ImageFile, StoreError> {
    let (mut file, file_bytes) = open(path)?;
    let mut start = Vec::new();
    (&mut file)
        .take(u64::from(LONGEST_HEADER))
        .read_to_end(&mut start)
        .map_err(StoreError::io("read", path))?;
    let checked = |start: &[u8]| -> Result<Header, ImageError> {
        let header = format::decode_header(start)?;
        format::check_len(&header, file_bytes)?;
        Ok(header)
    };
    let header = checked(&start).map_err(StoreError::image(path))?;
    Ok(ImageFile {
        path: path.to_owned(),
        label: header.label,
        image_bytes: header.image_len,
        file_bytes,
    })
}

pub(super) fn encode(label: &ImageLabel, image: &VmImage) -> Result<Vec<u8>, StoreError> {
    format::encode(label, image).map_err(|source| StoreError::NotWritten {
        id: label.id.clone(),
        source,
    })
}

/// A temporary file with these bytes on the disk, which goes away unless it is given the name of the target.
pub(super) fn write_partial(
    folder: &Path,
    (prefix, suffix): (&str, &str),
    target: &Path,
    bytes: &[u8],
) -> Result<NamedTempFile, StoreError> {
    // It has mode 0600 on Unix from the start.
    let mut file = tempfile::Builder::new()
        .prefix(prefix)
        .suffix(suffix)
        .tempfile_in(folder)
        .map_err(StoreError::io("write", target))?;
    // Not through the `NamedTempFile`, whose errors name the temporary file instead of the target.
    let open = file.as_file_mut();
    open.write_all(bytes)
        .and_then(|()| open.sync_all())
        .map_err(StoreError::io("write", target))?;
    Ok(file)
}

/// Puts names in a folder on the disk: without it a power failure may take a rename back.
pub(super) fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    if cfg!(unix) {
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(StoreError::io("write to the disk", folder))?;
    }
    Ok(())
}

/// Where to write what a path is to have, and the folder of that: behind a symbolic link, and never over something that
/// is not a file.
fn replaceable(path: &Path) -> Result<(PathBuf, PathBuf), StoreError> {
    let target = match fs::canonicalize(path) {
        Ok(target) => {
            let there = fs::metadata(&target).map_err(StoreError::io("look at", &target))?;
            if !there.is_file() {
                return Err(StoreError::NotAFile { path: target });
            }
            target
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => path.to_owned(),
        Err(error) => return Err(StoreError::io("look at", path)(error)),
    };
    let (Some(folder), Some(_)) = (target.parent(), target.file_name()) else {
        return Err(StoreError::NotAFile { path: target });
    };
    // The parent of a bare name is empty, and means here.
    let folder = if folder.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        folder.to_owned()
    };
    Ok((target, folder))
}

/// A plain file and its length; opening a pipe would wait for a writer.
fn open(path: &Path) -> Result<(File, u64), StoreError> {
    let metadata = fs::metadata(path).map_err(StoreError::io("read", path))?;
    if !metadata.is_file() {
        return Err(StoreError::NotAFile {
            path: path.to_owned(),
        });
    }
    let file = File::open(path).map_err(StoreError::io("read", path))?;
    Ok((file, metadata.len()))
}
