//! The header of a saved VM: readable alone, checked before the body is decoded.
//!
//! Layout, little endian: magic `BIOXENVM`, format version (u16), length of the kind (u16), kind, length of the body
//! (u64), CRC-32 of everything before it and of the body (u32), body.

use bioxen_core::{ImageError, VmImage};
use serde::{Deserialize, Serialize};

const MAGIC: &[u8; 8] = b"BIOXENVM";

/// Format version written; images of it and of older ones are read.
pub const IMAGE_VERSION: u16 = 2;

/// A body larger than this is refused before it is decoded, bytes. A syn3A cell has about 100 kB.
const LARGEST_BODY: u64 = 256 << 20;

/// Packages of functions as they are saved with a cell: of each, its files by name, the manifest first.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct SavedPackages(pub(crate) Vec<Vec<(String, String)>>);

impl SavedPackages {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What a header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageHeader {
    /// Format version.
    pub version: u16,
    /// What is saved: the organism's name.
    pub kind: String,
    /// Length of the body, bytes.
    pub body_len: u64,
}

/// Puts a header before a body.
pub(crate) fn seal(kind: &str, body: &[u8]) -> VmImage {
    sealed_as(IMAGE_VERSION, kind, body)
}

fn sealed_as(version: u16, kind: &str, body: &[u8]) -> VmImage {
    let mut bytes = Vec::with_capacity(body.len() + kind.len() + 24);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&version.to_le_bytes());
    let kind_len = u16::try_from(kind.len()).expect("kinds are short names of this crate");
    bytes.extend_from_slice(&kind_len.to_le_bytes());
    bytes.extend_from_slice(kind.as_bytes());
    let body_len = u64::try_from(body.len()).expect("a length in memory fits 64 bits");
    bytes.extend_from_slice(&body_len.to_le_bytes());
    let checksum = checksum(&bytes, body);
    bytes.extend_from_slice(&checksum.to_le_bytes());
    bytes.extend_from_slice(body);
    VmImage::from_bytes(bytes)
}

/// Reads the header alone; the body may be missing.
///
/// # Errors
///
/// When the bytes do not begin like an image, end inside the header, or are of a newer version.
pub fn read_header(image: &VmImage) -> Result<ImageHeader, ImageError> {
    Reader::new(image.as_bytes()).header()
}

/// Header and body of an image whose checksum holds.
pub(crate) fn open(image: &VmImage) -> Result<(ImageHeader, &[u8]), ImageError> {
    let bytes = image.as_bytes();
    let mut reader = Reader::new(bytes);
    let header = reader.header()?;
    let head_len = reader.at;
    if header.body_len > LARGEST_BODY {
        return Err(ImageError::TooLarge {
            size: header.body_len,
            limit: LARGEST_BODY,
        });
    }
    let expected = u32::from_le_bytes(reader.array()?);
    let body = &bytes[reader.at..];
    let found_len = u64::try_from(body.len()).expect("a length in memory fits 64 bits");
    if found_len != header.body_len {
        return Err(ImageError::Truncated {
            expected: header.body_len,
            found: found_len,
        });
    }
    let found = checksum(&bytes[..head_len], body);
    if found != expected {
        return Err(ImageError::Corrupt { expected, found });
    }
    Ok((header, body))
}

fn checksum(head: &[u8], body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(head);
    hasher.update(body);
    hasher.finalize()
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn header(&mut self) -> Result<ImageHeader, ImageError> {
        if self.take(MAGIC.len()).ok() != Some(MAGIC) {
            return Err(ImageError::NotAnImage);
        }
        let version = u16::from_le_bytes(self.array()?);
        if version > IMAGE_VERSION {
            return Err(ImageError::NewerVersion {
                found: version,
                supported: IMAGE_VERSION,
            });
        }
        let kind_len = u16::from_le_bytes(self.array()?);
        let kind = String::from_utf8_lossy(self.take(usize::from(kind_len))?).into_owned();
        let body_len = u64::from_le_bytes(self.array()?);
        Ok(ImageHeader {
            version,
            kind,
            body_len,
        })
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ImageError> {
        let bytes = self.take(N)?;
        Ok(bytes.try_into().expect("take gives what it was asked for"))
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8], ImageError> {
        let end = self.at.saturating_add(n);
        let part = self
            .bytes
            .get(self.at..end)
            .ok_or_else(|| ImageError::Truncated {
                expected: u64::try_from(end).unwrap_or(u64::MAX),
                found: u64::try_from(self.bytes.len()).unwrap_or(u64::MAX),
            })?;
        self.at = end;
        Ok(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens() {
        let image = seal("syn3a", b"the body");
        let (header, body) = open(&image).expect("sealed above");
        assert_eq!(
            (header.kind.as_str(), body),
            ("syn3a", b"the body".as_slice())
        );
        assert_eq!(read_header(&image).expect("sealed above"), header);
    }

    #[test]
    fn an_image_of_the_first_version_opens() {
        let image = sealed_as(1, "syn3a", b"the body");
        let (header, body) = open(&image).expect("sealed above");
        assert_eq!((header.version, body), (1, b"the body".as_slice()));
    }

    #[test]
    fn every_flipped_byte_and_every_truncation_is_refused() {
        let good = seal("syn3a", b"the body").into_bytes();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            assert!(open(&VmImage::from_bytes(bad)).is_err(), "byte {at}");
            assert!(
                open(&VmImage::from_bytes(good[..at].to_vec())).is_err(),
                "cut at {at}"
            );
        }
    }

    #[test]
    fn a_newer_version_is_refused_by_name() {
        let mut bytes = seal("syn3a", b"").into_bytes();
        bytes[8] = 9;
        let error = open(&VmImage::from_bytes(bytes)).expect_err("version 9 is newer");
        assert_eq!(error.to_string(), "image has format 9, newer than 2");
    }
}
