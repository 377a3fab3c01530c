//! Why a bundle is not read.

use std::io;

use thiserror::Error;

use super::{MAX_BUNDLE_BYTES, MAX_UNPACKED, MOST_FILES, SUMS};
use crate::package::problem::ManifestErrors;
use crate::package::{MANIFEST, MAX_FILE_BYTES};

/// What is wrong with a bundle.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BundleError {
    /// It is too large.
    #[error("it has more than {MAX_BUNDLE_BYTES} bytes")]
    TooLarge,
    /// It is not compressed by Zstandard, or damaged.
    #[error("it is no Zstandard file, or a damaged one")]
    Compression {
        /// What the decoder said.
        source: io::Error,
    },
    /// Something follows its end.
    #[error("{bytes} bytes follow its end")]
    Trailing {
        /// How many.
        bytes: usize,
    },
    /// It grows too large.
    #[error("what is in it has more than {MAX_UNPACKED} bytes")]
    Inflated,
    /// It is no tar archive, or a damaged one.
    #[error("it holds no tar archive, or a damaged one")]
    Archive {
        /// What the reader said.
        source: io::Error,
    },
    /// It has too many files.
    #[error("it has more than {MOST_FILES} files")]
    TooManyFiles,
    /// Something in it is no plain file with a plain name in the folder of the package.
    #[error("{name:?} in it {what}")]
    Entry {
        /// Its name in the archive.
        name: String,
        /// What is wrong with it.
        what: String,
    },
    /// A file that every bundle has is not there.
    #[error("it has no {name}")]
    Missing {
        /// The file.
        name: &'static str,
    },
    /// The checksums cannot be read.
    #[error("line {line} of {SUMS} is no checksum and name")]
    Sums {
        /// The line, from 1.
        line: usize,
    },
    /// A file has no checksum.
    #[error("{SUMS} does not list {name}")]
    Unlisted {
        /// The file.
        name: String,
    },
    /// A checksum has no file.
    #[error("{SUMS} lists {name:?}, which is not there")]
    Gone {
        /// The file.
        name: String,
    },
    /// A file is not the one whose checksum is listed.
    #[error("{name} has SHA-256 {found}, and {SUMS} says {expected}")]
    Checksum {
        /// The file.
        name: String,
        /// The checksum that is listed.
        expected: String,
        /// The checksum that it has.
        found: String,
    },
    /// The manifest in it is not in order.
    #[error("its {MANIFEST} is not in order")]
    Manifest {
        /// All that is wrong with it.
        source: ManifestErrors,
    },
    /// The folder in it has another name than the package.
    #[error("its folder is called {folder:?}, and the package {package:?}")]
    Misnamed {
        /// The folder.
        folder: String,
        /// The package.
        package: String,
    },
}

impl BundleError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Manifest { source } => return source.hint(),
            Self::Compression { .. } | Self::Archive { .. } | Self::Trailing { .. } => {
                "get the bundle again; it is made by bioxen package pack".to_owned()
            }
            Self::Checksum { .. } => "get the bundle again: it was changed or damaged".to_owned(),
            Self::TooLarge | Self::Inflated | Self::TooManyFiles | Self::Entry { .. } => format!(
                "a bundle has plain files of at most {MAX_FILE_BYTES} bytes in one folder: make it by bioxen package pack"
            ),
            Self::Missing { .. }
            | Self::Sums { .. }
            | Self::Unlisted { .. }
            | Self::Gone { .. }
            | Self::Misnamed { .. } => "make it by bioxen package pack".to_owned(),
        })
    }
}
