//! Bytes to frames.

use super::{Frame, FrameKind, OPTIONAL, OpId, field};
use crate::error::FrameError;

/// Reads the frames of one direction, from pieces of any size.
///
/// It holds what was fed and not yet taken, and never makes room for bytes that a header only promises.
/// After an error it gives the same error for ever: there is no way to find the next frame.
#[derive(Debug, Default)]
pub struct FrameDecoder {
    pub(super) buffer: Vec<u8>,
    /// Bytes at the start of the buffer that were taken already.
    taken: usize,
    sequence: u64,
    failed: Option<FrameError>,
}

/// The checked header of a frame.
struct Header {
    code: u8,
    op: Option<OpId>,
    length: usize,
    payload_sum: u32,
}

impl FrameDecoder {
    /// The decoder of a direction that has carried nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds bytes as they arrive.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.failed.is_some() {
            return;
        }
        self.buffer.drain(..self.taken);
        self.taken = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next frame, or `None` until more bytes are fed.
    ///
    /// Frames of optional kinds that this version does not know are checked and skipped.
    ///
    /// # Errors
    ///
    /// [`FrameError`] says what is wrong with the frame.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.advance().inspect_err(|error| {
            self.failed = Some(*error);
            self.buffer = Vec::new();
            self.taken = 0;
        })
    }

    /// Says that no more bytes will come.
    ///
    /// # Errors
    ///
    /// The bytes end in the middle of a frame, or there was an error before.
    pub fn finish(&self) -> Result<(), FrameError> {
        match (self.failed, self.buffer.len() - self.taken) {
            (Some(error), _) => Err(error),
            (None, 0) => Ok(()),
            (None, present) => Err(FrameError::Truncated { present }),
        }
    }

    fn advance(&mut self) -> Result<Option<Frame>, FrameError> {
        loop {
            let rest = &self.buffer[self.taken..];
            let Some((header, rest)) = rest.split_first_chunk() else {
                return Ok(None);
            };
            let header = read_header(header, self.sequence)?;
            let Some(payload) = rest.get(..header.length) else {
                return Ok(None);
            };
            if crc32c::crc32c(payload) != header.payload_sum {
                return Err(FrameError::PayloadDamaged {
                    sequence: self.sequence,
                });
            }
            let frame = FrameKind::from_code(header.code).map(|kind| Frame {
                kind,
                op: header.op,
                payload: payload.to_vec(),
            });
            self.taken += Frame::HEADER + header.length;
            self.sequence = self.sequence.wrapping_add(1);
            if frame.is_some() {
                return Ok(frame);
            }
        }
    }
}

/// Checks a header by itself, before anything that it says is believed.
fn read_header(bytes: &[u8; Frame::HEADER], expected: u64) -> Result<Header, FrameError> {
    if crc32c::crc32c(&bytes[..field::HEADER_SUM]) != u32_at(bytes, field::HEADER_SUM) {
        return Err(FrameError::HeaderDamaged { sequence: expected });
    }
    let length = u32_at(bytes, field::LENGTH);
    let payload = match usize::try_from(length) {
        Ok(payload) if payload <= Frame::MAX_PAYLOAD => payload,
        _ => return Err(FrameError::TooLong { length }),
    };
    if bytes[field::ZEROS..field::SEQUENCE] != [0; 3] {
        return Err(FrameError::Reserved);
    }
    let found = u64::from_le_bytes(array_at(bytes, field::SEQUENCE));
    if found != expected {
        return Err(FrameError::Sequence { expected, found });
    }
    let code = bytes[field::KIND];
    let op = OpId::new(array_at(bytes, field::OP));
    match FrameKind::from_code(code) {
        Some(kind) if kind.has_op() != op.is_some() => {
            return Err(FrameError::MisplacedOp { kind });
        }
        None if code & OPTIONAL == 0 => return Err(FrameError::UnknownKind { code }),
        _ => {}
    }
    Ok(Header {
        code,
        op,
        length: payload,
        payload_sum: u32_at(bytes, field::PAYLOAD_SUM),
    })
}

fn u32_at(bytes: &[u8; Frame::HEADER], start: usize) -> u32 {
    u32::from_le_bytes(array_at(bytes, start))
}

fn array_at<const N: usize>(bytes: &[u8; Frame::HEADER], start: usize) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(&bytes[start..start + N]);
    array
}
