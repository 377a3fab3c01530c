//! Frames to bytes.

use super::{Frame, FrameKind, OpId, field};
use crate::error::FrameError;

/// Writes the frames of one direction, and numbers them.
///
/// ```
/// use bioxen_agent::{FrameDecoder, FrameEncoder, FrameKind};
///
/// let mut bytes = Vec::new();
/// FrameEncoder::new().encode(FrameKind::Hello, None, b"{}", &mut bytes)?;
///
/// let mut decoder = FrameDecoder::new();
/// decoder.feed(&bytes);
/// let frame = decoder.next_frame()?.expect("all of it is there");
/// assert_eq!((frame.kind, frame.payload), (FrameKind::Hello, b"{}".to_vec()));
/// # Ok::<(), bioxen_agent::FrameError>(())
/// ```
#[derive(Debug, Default)]
pub struct FrameEncoder {
    sequence: u64,
}

impl FrameEncoder {
    /// The encoder of a direction that has carried nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a frame to `out`.
    ///
    /// # Errors
    ///
    /// The payload is longer than [`Frame::MAX_PAYLOAD`], or the kind and the operation do not go together.
    /// Then nothing is appended and no number is spent.
    pub fn encode(
        &mut self,
        kind: FrameKind,
        op: Option<OpId>,
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), FrameError> {
        if kind.has_op() != op.is_some() {
            return Err(FrameError::MisplacedOp { kind });
        }
        self.encode_code(kind.code(), op, payload, out)
    }

    pub(super) fn encode_code(
        &mut self,
        code: u8,
        op: Option<OpId>,
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), FrameError> {
        let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
        if payload.len() > Frame::MAX_PAYLOAD {
            return Err(FrameError::TooLong { length });
        }
        let mut header = [0; Frame::HEADER];
        header[field::LENGTH..field::KIND].copy_from_slice(&length.to_le_bytes());
        header[field::KIND] = code;
        header[field::SEQUENCE..field::OP].copy_from_slice(&self.sequence.to_le_bytes());
        header[field::OP..field::PAYLOAD_SUM].copy_from_slice(&op.map_or([0; 16], |op| op.bytes()));
        header[field::PAYLOAD_SUM..field::HEADER_SUM]
            .copy_from_slice(&crc32c::crc32c(payload).to_le_bytes());
        let sum = crc32c::crc32c(&header[..field::HEADER_SUM]);
        header[field::HEADER_SUM..].copy_from_slice(&sum.to_le_bytes());
        self.sequence = self.sequence.wrapping_add(1);
        out.extend_from_slice(&header);
        out.extend_from_slice(payload);
        Ok(())
    }
}
