//! The saved state of a VM, as bytes that only its own kind of VM can read.

use std::error::Error as StdError;
use std::fmt;

use thiserror::Error;

use crate::organism::Organism;

/// A whole cell with its random stream, as bytes.
///
/// Restoring it continues bit for bit. The bytes are whatever the VM wrote: nothing is checked here, and [`BiologicalVm::restore`](crate::BiologicalVm::restore) checks everything.
///
/// ```
/// use bioxen_core::VmImage;
///
/// let image = VmImage::from_bytes(vec![1, 2, 3]);
/// assert_eq!(image.as_bytes(), [1, 2, 3]);
/// assert_eq!(image.into_bytes(), vec![1, 2, 3]);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct VmImage {
    bytes: Vec<u8>,
}

impl VmImage {
    /// Takes bytes as they are.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes, given away.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl fmt::Debug for VmImage {
    /// Shows the size only: a cell has megabytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VmImage")
            .field("len", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// Why bytes are not the saved state of this VM.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ImageError {
    /// They do not begin like one.
    #[error("these bytes are not a BioXen image")]
    NotAnImage,
    /// They end too early.
    #[error("image has {found} bytes where {expected} are announced")]
    Truncated {
        /// Bytes announced.
        expected: u64,
        /// Bytes there.
        found: u64,
    },
    /// Their checksum is another one.
    #[error("image is corrupt: checksum {found:08x} where {expected:08x} is recorded")]
    Corrupt {
        /// Checksum recorded in the image.
        expected: u32,
        /// Checksum of the bytes that are there.
        found: u32,
    },
    /// They were written by a newer version.
    #[error("image has format {found}, newer than {supported}")]
    NewerVersion {
        /// Format of the image.
        found: u16,
        /// Newest format that can be read.
        supported: u16,
    },
    /// They are the cell of another organism.
    #[error("image holds a cell of {found}, not of {expected}")]
    WrongOrganism {
        /// Organism of the VM.
        expected: Organism,
        /// Organism of the image.
        found: Organism,
    },
    /// They are more than will be read.
    #[error("image of {size} bytes is larger than {limit} bytes")]
    TooLarge {
        /// Size of the image, bytes.
        size: u64,
        /// Greatest size allowed, bytes.
        limit: u64,
    },
    /// They were made with other genome tables.
    #[error("image was made with genome {found}, not with {expected}")]
    GenomeMismatch {
        /// Fingerprint of the genome of the VM.
        expected: String,
        /// Fingerprint of the genome of the image.
        found: String,
    },
    /// They are the state of a VM with another name or seed.
    #[error("image belongs to {found}, not to {expected}")]
    IdentityMismatch {
        /// Name and seed of the VM.
        expected: String,
        /// Name and seed of the image.
        found: String,
    },
    /// Their body cannot be read.
    #[error("image body cannot be read")]
    Decode {
        /// What the decoder said.
        source: Box<dyn StdError + Send + Sync>,
    },
}

impl ImageError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let advice = match self {
            Self::NotAnImage => "give a file that was written by saving a VM",
            Self::Truncated { .. } | Self::Corrupt { .. } => {
                "the file was cut or changed after it was written; take another copy"
            }
            Self::NewerVersion { .. } => "use the version of BioXen that wrote it, or a newer one",
            Self::WrongOrganism { .. } => "restore it into a VM of its own organism",
            Self::TooLarge { .. } => "make sure that it is the saved state of one VM",
            Self::GenomeMismatch { .. } => "use the genome tables that it was made with",
            Self::IdentityMismatch { .. } => {
                "restore continues a VM with the same name and seed; create the VM with those"
            }
            Self::Decode { .. } => return None,
        };
        Some(advice.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::VmImage;

    #[test]
    fn debug_shows_the_size_and_not_the_cell() {
        let image = VmImage::from_bytes(vec![7; 4_096]);
        assert_eq!(format!("{image:?}"), "VmImage { len: 4096, .. }");
    }
}
