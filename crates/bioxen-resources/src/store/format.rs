//! The bytes of an image file: a header that can be read alone, then the image, compressed.
//!
//! Layout, little endian:
//!
//! | field | type |
//! |---|---|
//! | magic `BIOXENIF` | 8 bytes |
//! | format version | u16 |
//! | length of the header with its checksum, bytes | u16 |
//! | kind of content, `vm` | text |
//! | VM id | text |
//! | organism | text |
//! | simulated time, µs | u64 |
//! | time of saving, ms since 1970 | i64 |
//! | length of the image, bytes | u64 |
//! | length of the body, bytes | u64 |
//! | CRC-32 of the body | u32 |
//! | CRC-32 of the header before this field | u32 |
//! | body: one zstd frame with its own checksum | |
//!
//! A text is its length (u8) and UTF-8.

use std::time::{Duration, SystemTime};

use bioxen_core::{ImageError, Organism, SimTime, VmId, VmImage};
use thiserror::Error;

use super::body;

/// Version of the format of image files that is written; files of it and of older ones are read.
pub const IMAGE_FILE_VERSION: u16 = 1;

/// An image of more bytes than this is neither written nor read: 64 MiB.
///
/// Cells have less than one thousandth to a tenth of it, and a hostile file cannot take more memory than this.
pub const LARGEST_IMAGE: u64 = 64 << 20;

/// Longest header, bytes: three texts of 255 bytes and the numbers fit.
pub(super) const LONGEST_HEADER: u16 = 1024;

/// Longest file, bytes. Compression adds a few bytes per 128 KiB to what cannot be compressed.
pub(super) const LONGEST_FILE: u64 = LARGEST_IMAGE + (1 << 20);

const MAGIC: &[u8; 8] = b"BIOXENIF";
const KIND: &str = "vm";

/// Magic, version and length of the header.
const PREFIX: usize = 12;

/// What an image file says about its image.
///
/// ```
/// use std::time::SystemTime;
/// use bioxen_core::{Organism, SimTime, VmId};
/// use bioxen_resources::ImageLabel;
///
/// let label = ImageLabel {
///     id: VmId::new("cell-1")?,
///     organism: Organism::Syn3a,
///     sim_time: SimTime::from_seconds(6_300.0)?,
///     saved_at: SystemTime::UNIX_EPOCH,
/// };
/// assert_eq!(label.sim_time.to_string(), "105min");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageLabel {
    /// The VM.
    pub id: VmId,
    /// Organism of its cell.
    pub organism: Organism,
    /// Where the cell was in simulated time.
    pub sim_time: SimTime,
    /// When it was saved, by the wall clock of whoever saved it; kept to the millisecond.
    pub saved_at: SystemTime,
}

/// A header that holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) label: ImageLabel,
    pub(super) image_len: u64,
    pub(super) body_len: u64,
    body_crc: u32,
    /// Length of the header itself.
    len: u64,
}

impl Header {
    /// Length that the file must have.
    pub(super) fn file_len(&self) -> u64 {
        self.len.saturating_add(self.body_len)
    }
}

/// Why a header whose checksum holds makes no sense to this version.
#[derive(Debug, Error)]
enum HeaderProblem {
    #[error("the header has an impossible length of {len} bytes")]
    Length { len: u16 },
    #[error("the file holds {kind:?}, not a VM")]
    Kind { kind: String },
    #[error("a text in the header is not UTF-8")]
    NotText,
    #[error("the time of saving cannot be counted")]
    SavedAt,
    #[error("{bytes} bytes in the header have no meaning")]
    Rest { bytes: usize },
}

fn senseless(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ImageError {
    ImageError::Decode {
        source: source.into(),
    }
}

/// The whole file.
pub(super) fn encode(label: &ImageLabel, image: &VmImage) -> Result<Vec<u8>, ImageError> {
    let image_len = len_of(image.as_bytes());
    if image_len > LARGEST_IMAGE {
        return Err(ImageError::TooLarge {
            size: image_len,
            limit: LARGEST_IMAGE,
        });
    }
    let body = body::compress(image.as_bytes());
    let mut fields = Vec::new();
    for text in [KIND, label.id.as_str(), &label.organism.to_string()] {
        let len = u8::try_from(text.len()).expect("kinds, ids and organisms are short names");
        fields.push(len);
        fields.extend_from_slice(text.as_bytes());
    }
    fields.extend_from_slice(&label.sim_time.micros().to_le_bytes());
    fields.extend_from_slice(&millis_since_1970(label.saved_at).to_le_bytes());
    fields.extend_from_slice(&image_len.to_le_bytes());
    fields.extend_from_slice(&len_of(&body).to_le_bytes());
    fields.extend_from_slice(&crc32fast::hash(&body).to_le_bytes());

    let header_len = u16::try_from(PREFIX + fields.len() + 4).expect("three short names");
    let mut file = Vec::with_capacity(usize::from(header_len) + body.len());
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&IMAGE_FILE_VERSION.to_le_bytes());
    file.extend_from_slice(&header_len.to_le_bytes());
    file.extend_from_slice(&fields);
    let crc = crc32fast::hash(&file);
    file.extend_from_slice(&crc.to_le_bytes());
    file.extend_from_slice(&body);
    Ok(file)
}

/// The header at the start of these bytes, whatever follows.
pub(super) fn decode_header(start: &[u8]) -> Result<Header, ImageError> {
    let shared = start.len().min(MAGIC.len());
    if start[..shared] != MAGIC[..shared] {
        return Err(ImageError::NotAnImage);
    }
    let mut reader = Reader { bytes: start };
    reader.take(MAGIC.len())?;
    let version = u16::from_le_bytes(reader.array()?);
    // Before anything else: a newer version may have another header.
    if version > IMAGE_FILE_VERSION {
        return Err(ImageError::NewerVersion {
            found: version,
            supported: IMAGE_FILE_VERSION,
        });
    }
    let len = u16::from_le_bytes(reader.array()?);
    if version == 0 || usize::from(len) < PREFIX + 4 || len > LONGEST_HEADER {
        return Err(senseless(HeaderProblem::Length { len }));
    }
    let header = start
        .get(..usize::from(len))
        .ok_or_else(|| ImageError::Truncated {
            expected: u64::from(len),
            found: len_of(start),
        })?;
    let (covered, crc) = header.split_at(header.len() - 4);
    check_crc(
        covered,
        Reader { bytes: crc }.array().map(u32::from_le_bytes)?,
    )?;

    let mut fields = Reader {
        bytes: &covered[PREFIX..],
    };
    let kind = fields.text()?;
    if kind != KIND {
        let kind = kind.to_owned();
        return Err(senseless(HeaderProblem::Kind { kind }));
    }
    let label = ImageLabel {
        id: VmId::new(fields.text()?).map_err(senseless)?,
        organism: fields.text()?.parse::<Organism>().map_err(senseless)?,
        sim_time: SimTime::from_micros(u64::from_le_bytes(fields.array()?)),
        saved_at: time_of_millis(i64::from_le_bytes(fields.array()?))
            .ok_or_else(|| senseless(HeaderProblem::SavedAt))?,
    };
    let header = Header {
        label,
        image_len: u64::from_le_bytes(fields.array()?),
        body_len: u64::from_le_bytes(fields.array()?),
        body_crc: u32::from_le_bytes(fields.array()?),
        len: u64::from(len),
    };
    match fields.bytes.len() {
        0 => Ok(header),
        bytes => Err(senseless(HeaderProblem::Rest { bytes })),
    }
}

/// Checks that a file of this length can be that of a header.
pub(super) fn check_len(header: &Header, file_len: u64) -> Result<(), ImageError> {
    if header.image_len > LARGEST_IMAGE {
        return Err(ImageError::TooLarge {
            size: header.image_len,
            limit: LARGEST_IMAGE,
        });
    }
    if file_len != header.file_len() {
        return Err(ImageError::Truncated {
            expected: header.file_len(),
            found: file_len,
        });
    }
    Ok(())
}

/// The image of a whole file.
pub(super) fn decode(file: &[u8]) -> Result<(ImageLabel, VmImage), ImageError> {
    let header = decode_header(file)?;
    check_len(&header, len_of(file))?;
    let at = usize::try_from(header.len).expect("at most LONGEST_HEADER");
    let body = &file[at..];
    check_crc(body, header.body_crc)?;
    let image = body::decompress(body, header.image_len)?;
    Ok((header.label, VmImage::from_bytes(image)))
}

pub(super) fn len_of(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).expect("a length in memory fits 64 bits")
}

fn check_crc(bytes: &[u8], expected: u32) -> Result<(), ImageError> {
    let found = crc32fast::hash(bytes);
    if found == expected {
        Ok(())
    } else {
        Err(ImageError::Corrupt { expected, found })
    }
}

/// Negative before 1970; times that cannot be counted are the first or the last that can.
fn millis_since_1970(time: SystemTime) -> i64 {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
        Err(before) => {
            i64::try_from(before.duration().as_millis()).map_or(i64::MIN, i64::saturating_neg)
        }
    }
}

fn time_of_millis(millis: i64) -> Option<SystemTime> {
    let distance = Duration::from_millis(millis.unsigned_abs());
    if millis < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(distance)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(distance)
    }
}

/// Takes fields off the front of bytes.
struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], ImageError> {
        let (part, rest) = self
            .bytes
            .split_at_checked(n)
            .ok_or_else(|| ImageError::Truncated {
                expected: u64::try_from(n).unwrap_or(u64::MAX),
                found: len_of(self.bytes),
            })?;
        self.bytes = rest;
        Ok(part)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ImageError> {
        let bytes = self.take(N)?;
        Ok(bytes.try_into().expect("take gives what it was asked for"))
    }

    fn text(&mut self) -> Result<&'a str, ImageError> {
        let [len] = self.array()?;
        let bytes = self.take(usize::from(len))?;
        std::str::from_utf8(bytes).map_err(|_| senseless(HeaderProblem::NotText))
    }
}

#[cfg(test)]
mod tests;
