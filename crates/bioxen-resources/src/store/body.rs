//! Images as zstd frames.

use std::io::{self, Read};

use bioxen_core::ImageError;
use ruzstd::decoding::StreamingDecoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use thiserror::Error;

use super::format::len_of;

/// Largest window of a frame, bytes: the decoder holds one in memory, and those that we write are smaller.
const LARGEST_WINDOW: u64 = 8 << 20;

/// Why a body whose checksum holds cannot be decoded.
#[derive(Debug, Error)]
enum BodyProblem {
    #[error("the zstd frame cannot be read")]
    Frame(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("{bytes} bytes follow the zstd frame")]
    Rest { bytes: usize },
}

fn undecodable(problem: BodyProblem) -> ImageError {
    ImageError::Decode {
        source: problem.into(),
    }
}

/// One frame, with a checksum of the image.
pub(super) fn compress(image: &[u8]) -> Vec<u8> {
    let body = compress_to_vec(image, CompressionLevel::Fastest);
    // A cell that cannot be read again is lost: should the compressor ever err, the image is kept as it is.
    match decompress(&body, len_of(image)) {
        Ok(again) if again == image => body,
        _ => compress_to_vec(image, CompressionLevel::Uncompressed),
    }
}

/// The image of one frame; never more than one byte beyond the announced length is held.
pub(super) fn decompress(body: &[u8], image_len: u64) -> Result<Vec<u8>, ImageError> {
    let frame =
        |source: Box<dyn std::error::Error + Send + Sync>| undecodable(BodyProblem::Frame(source));
    let mut decoder = StreamingDecoder::new_with_max_window_size(body, LARGEST_WINDOW)
        .map_err(|error| frame(Box::new(error)))?;
    let mut image = Vec::new();
    (&mut decoder)
        .take(image_len.saturating_add(1))
        .read_to_end(&mut image)
        .map_err(|error: io::Error| frame(Box::new(error)))?;
    let found = len_of(&image);
    if found != image_len {
        return Err(ImageError::Truncated {
            expected: image_len,
            found,
        });
    }
    let (rest, decoder) = decoder.into_parts();
    if let (Some(expected), Some(found)) = (
        decoder.get_checksum_from_data(),
        decoder.get_calculated_checksum(),
    ) && expected != found
    {
        return Err(ImageError::Corrupt { expected, found });
    }
    match rest.len() {
        0 => Ok(image),
        bytes => Err(undecodable(BodyProblem::Rest { bytes })),
    }
}
