//! From the bytes of a bundle, which anybody may have written, to a package.

use std::collections::BTreeMap;
use std::io::{self, Read};

use bioxen_core::PackageName;
use bioxen_text::shortened;
use ruzstd::decoding::StreamingDecoder;

use super::error::BundleError;
use super::{MAX_BUNDLE_BYTES, MAX_UNPACKED, MAX_WINDOW, MOST_FILES, SUMS};
use crate::package::contents::{Package, sha256};
use crate::package::{MANIFEST, MAX_FILE_BYTES};

/// The package of a bundle.
pub(in crate::package) fn read_bundle(bytes: &[u8]) -> Result<Package, BundleError> {
    if !fits(bytes.len(), MAX_BUNDLE_BYTES) {
        return Err(BundleError::TooLarge);
    }
    let (folder, files) = unarchived(&decompressed(bytes)?)?;
    check_sums(&files)?;
    let manifest = files
        .get(MANIFEST)
        .ok_or(BundleError::Missing { name: MANIFEST })?;
    let mut text = |name: &str| {
        let text = files.get(name).cloned();
        text.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    };
    let package =
        Package::read(manifest, &mut text).map_err(|source| BundleError::Manifest { source })?;
    if package.name.as_str() != folder {
        return Err(BundleError::Misnamed {
            folder,
            package: package.name.to_string(),
        });
    }
    Ok(package)
}

fn fits(bytes: usize, most: u64) -> bool {
    u64::try_from(bytes).is_ok_and(|bytes| bytes <= most)
}

fn decompressed(bytes: &[u8]) -> Result<Vec<u8>, BundleError> {
    let damaged = |source| BundleError::Compression { source };
    let mut decoder = StreamingDecoder::new_with_max_window_size(bytes, MAX_WINDOW)
        .map_err(|error| damaged(io::Error::other(error.to_string())))?;
    let mut content = Vec::new();
    (&mut decoder)
        .take(MAX_UNPACKED + 1)
        .read_to_end(&mut content)
        .map_err(damaged)?;
    if !fits(content.len(), MAX_UNPACKED) {
        return Err(BundleError::Inflated);
    }
    let (rest, frame) = decoder.into_parts();
    if frame.get_checksum_from_data() != frame.get_calculated_checksum()
        && frame.get_checksum_from_data().is_some()
    {
        return Err(damaged(io::Error::other("its checksum does not hold")));
    }
    match rest.len() {
        0 => Ok(content),
        bytes => Err(BundleError::Trailing { bytes }),
    }
}

/// The one folder of an archive, and its files by name.
fn unarchived(archive: &[u8]) -> Result<(String, BTreeMap<String, String>), BundleError> {
    let damaged = |source| BundleError::Archive { source };
    let mut archive = tar::Archive::new(archive);
    let mut folder: Option<String> = None;
    let mut files = BTreeMap::new();
    // Raw: what says that the next entry is called otherwise is an entry here, and refused.
    for entry in archive.entries().map_err(damaged)?.raw(true) {
        let mut entry = entry.map_err(damaged)?;
        if files.len() == MOST_FILES {
            return Err(BundleError::TooManyFiles);
        }
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let refused = |what: String| BundleError::Entry {
            name: shortened(&path),
            what,
        };
        let kind = entry.header().entry_type();
        if !kind.is_file() {
            return Err(refused(format!("is {}", kind_of(kind))));
        }
        let (of, name) = plain(&path).map_err(refused)?;
        match &folder {
            Some(known) if known != of => {
                return Err(refused(format!("is not in the folder {known:?}")));
            }
            _ => folder = Some(of.to_owned()),
        }
        if entry.size() > MAX_FILE_BYTES {
            return Err(refused(format!(
                "has {} bytes, allowed are {MAX_FILE_BYTES}",
                entry.size()
            )));
        }
        let mut content = Vec::new();
        entry.read_to_end(&mut content).map_err(damaged)?;
        if !u64::try_from(content.len()).is_ok_and(|bytes| bytes == entry.size()) {
            return Err(damaged(io::ErrorKind::UnexpectedEof.into()));
        }
        let text =
            String::from_utf8(content).map_err(|_| refused("is no UTF-8 text".to_owned()))?;
        if files.insert(name.to_owned(), text).is_some() {
            return Err(refused("is there twice".to_owned()));
        }
    }
    let folder = folder.ok_or(BundleError::Missing { name: MANIFEST })?;
    Ok((folder, files))
}

fn kind_of(kind: tar::EntryType) -> &'static str {
    match kind {
        tar::EntryType::Symlink | tar::EntryType::Link => "a link",
        tar::EntryType::Directory => "a folder",
        tar::EntryType::Char | tar::EntryType::Block => "a device",
        tar::EntryType::Fifo => "a pipe",
        _ => "no plain file",
    }
}

/// Folder and name of `folder/name`, the only form of a path that a bundle has.
fn plain(path: &str) -> Result<(&str, &str), String> {
    if path.starts_with('/') || path.split('/').any(|part| matches!(part, ".." | ".")) {
        return Err("leads out of its folder".to_owned());
    }
    match path.split_once('/') {
        Some((folder, name)) if PackageName::new(folder).is_ok() && is_known(name) => {
            Ok((folder, name))
        }
        _ => Err(format!(
            "is not {MANIFEST}, {SUMS} or a .star file in the folder of a package"
        )),
    }
}

fn is_known(name: &str) -> bool {
    let stem = name.strip_suffix(".star").unwrap_or_default();
    name == MANIFEST || name == SUMS || PackageName::new(stem).is_ok()
}

/// Every file has its checksum, and every checksum its file.
fn check_sums(files: &BTreeMap<String, String>) -> Result<(), BundleError> {
    let sums = files.get(SUMS).ok_or(BundleError::Missing { name: SUMS })?;
    let mut listed: BTreeMap<&str, &str> = BTreeMap::new();
    for (n, line) in sums.lines().enumerate() {
        let entry = line.split_once("  ").filter(|(sum, name)| {
            sum.len() == 64 && sum.bytes().all(|b| b.is_ascii_hexdigit()) && !name.is_empty()
        });
        let Some((sum, name)) = entry else {
            return Err(BundleError::Sums { line: n + 1 });
        };
        if listed.insert(name, sum).is_some() {
            return Err(BundleError::Sums { line: n + 1 });
        }
    }
    for (name, text) in files.iter().filter(|(name, _)| *name != SUMS) {
        let expected = listed
            .remove(name.as_str())
            .ok_or_else(|| BundleError::Unlisted { name: name.clone() })?
            .to_ascii_lowercase();
        let found = sha256(text);
        if found != expected {
            return Err(BundleError::Checksum {
                name: name.clone(),
                expected,
                found,
            });
        }
    }
    match listed.into_keys().next() {
        None => Ok(()),
        Some(name) => Err(BundleError::Gone {
            name: shortened(name),
        }),
    }
}
