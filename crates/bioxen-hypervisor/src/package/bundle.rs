//! Bundles: a package as one file, `name-version.tar.zst`.
//!
//! A bundle is a tar archive, compressed by Zstandard, of one folder with the package's name: `SHA256SUMS` first, which
//! `sha256sum --check` reads too, then the files that it lists. It is read in memory, and nothing of it is written to a
//! disk. What it may hold is little, so that a hostile one can do nothing: plain files with plain names.

mod error;
mod read;

use std::io;

pub use self::error::BundleError;
pub(super) use self::read::read_bundle;
use super::contents::{Package, sha256};

/// Ending of the name of a bundle.
pub const BUNDLE_ENDING: &str = ".tar.zst";

/// Greatest size of a bundle, bytes.
pub const MAX_BUNDLE_BYTES: u64 = 16 << 20;

/// The checksums of a bundle.
const SUMS: &str = "SHA256SUMS";

/// Greatest size of what is in a bundle, bytes, and of the window in which it is decompressed.
const MAX_UNPACKED: u64 = 64 << 20;
const MAX_WINDOW: u64 = 8 << 20;

/// Most files of a bundle: those of a package, and the checksums.
const MOST_FILES: usize = 64;

impl Package {
    /// The name of its bundle, `name-version.tar.zst`.
    pub fn bundle_name(&self) -> String {
        format!("{}-{}{BUNDLE_ENDING}", self.name, self.version)
    }

    /// Packs it into a bundle; the same package gives the same bytes.
    ///
    /// # Errors
    ///
    /// [`BundleError`] if the bundle would be one that nobody reads.
    pub fn to_bundle(&self) -> Result<Vec<u8>, BundleError> {
        let mut files: Vec<(&str, &str)> = self
            .files
            .iter()
            .map(|file| (file.name.as_str(), file.text.as_str()))
            .collect();
        files.sort_unstable();
        let sums: String = files
            .iter()
            .map(|(name, text)| format!("{}  {name}\n", sha256(text)))
            .collect();
        files.insert(0, (SUMS, &sums));
        let archive = archive(self.name.as_str(), &files)
            .map_err(|source| BundleError::Archive { source })?;
        let level = ruzstd::encoding::CompressionLevel::Fastest;
        let bundle = ruzstd::encoding::compress_to_vec(archive.as_slice(), level);
        // Whatever is written can be read.
        read_bundle(&bundle)?;
        Ok(bundle)
    }

    /// Reads it from the bytes of a bundle.
    ///
    /// # Errors
    ///
    /// [`BundleError`] says what is wrong with the bundle, or with the manifest in it.
    pub fn from_bundle(bytes: &[u8]) -> Result<Self, BundleError> {
        read_bundle(bytes)
    }
}

/// Everything in a header is the same for all who pack.
fn archive(folder: &str, files: &[(&str, &str)]) -> io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, text) in files {
        let mut header = tar::Header::new_ustar();
        header.set_path(format!("{folder}/{name}"))?;
        header.set_entry_type(tar::EntryType::Regular);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_size(u64::try_from(text.len()).map_err(io::Error::other)?);
        header.set_cksum();
        archive.append(&header, text.as_bytes())?;
    }
    archive.into_inner()
}
