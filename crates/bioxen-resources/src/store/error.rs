//! What can go wrong with files of images.

use std::io;
use std::path::{Path, PathBuf};

use bioxen_core::{ImageError, VmId};
use thiserror::Error;

/// Why an image could not be written, found or read.
///
/// The message is one line that names the file; the source carries the cause, and [`hint`](Self::hint) the advice.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The operating system refused.
    #[error("cannot {action} {path:?}")]
    Io {
        /// What was being done, in words that read after "cannot".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The file is there and cannot be used.
    #[error("{path:?} is no image that can be used")]
    Image {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: ImageError,
    },
    /// The image is larger than any that would be read again, so it was not written.
    #[error("the image of VM \"{id}\" was not written")]
    NotWritten {
        /// The VM.
        id: VmId,
        /// The cause.
        source: ImageError,
    },
    /// There is something else than a plain file at that path.
    #[error("{path:?} is not a plain file")]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The file is not named like an image of a store.
    #[error("{path:?} is not named like an image of a store")]
    Misnamed {
        /// The file.
        path: PathBuf,
    },
    /// The file is named after another VM than the one that it holds.
    #[error("{path:?} holds VM \"{holds}\"")]
    WrongVm {
        /// The file.
        path: PathBuf,
        /// The VM in it.
        holds: VmId,
    },
    /// The store has no image of that VM.
    #[error("there is no image of VM \"{id}\" in {folder:?}")]
    NoImage {
        /// The VM.
        id: VmId,
        /// The folder of the store.
        folder: PathBuf,
        /// The VM with images there whose name is nearest, if one is near.
        nearest: Option<VmId>,
    },
    /// The store has images of that VM, and none can be used.
    #[error("none of the {} images of VM \"{id}\" can be used", older.len() + 1)]
    NoneUsable {
        /// The VM.
        id: VmId,
        /// What is wrong with the newest one.
        #[source]
        newest: Box<StoreError>,
        /// What is wrong with the ones before, newer ones first.
        older: Vec<StoreError>,
    },
}

impl StoreError {
    /// What to do about it, where there is something to do.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Io { source, .. } => io_hint(source.kind()),
            Self::Image { source, .. } => match source {
                ImageError::Decode { .. } => {
                    Some("give a file that this version of BioXen wrote".to_owned())
                }
                source => source.hint(),
            },
            Self::NotWritten { source, .. } => source.hint(),
            Self::NotAFile { .. } => Some("give the path of a plain file".to_owned()),
            Self::Misnamed { .. } => Some(format!(
                "move it away, or load it by its path; images here are named \"VM@NUMBER.{}\"",
                super::name::EXTENSION
            )),
            Self::WrongVm { holds, .. } => {
                Some(format!("move it away, or load VM \"{holds}\" by its path"))
            }
            Self::NoImage { nearest, .. } => Some(match nearest {
                Some(nearest) => format!("did you mean \"{nearest}\"?"),
                None => "list the images to see which VMs have some".to_owned(),
            }),
            Self::NoneUsable { newest, .. } => newest.hint(),
        }
    }

    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }

    pub(super) fn image(path: &Path) -> impl FnOnce(ImageError) -> Self {
        let path = path.to_owned();
        move |source| Self::Image { path, source }
    }
}

fn io_hint(kind: io::ErrorKind) -> Option<String> {
    let advice = match kind {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "make room for it or choose another disk; images that were there are as they were"
        }
        io::ErrorKind::PermissionDenied => "check who owns the folder and who may write to it",
        io::ErrorKind::ReadOnlyFilesystem => "choose a folder that can be written to",
        io::ErrorKind::NotFound => "check the path",
        _ => return None,
    };
    Some(advice.to_owned())
}
