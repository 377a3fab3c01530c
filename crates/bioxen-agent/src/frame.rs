//! Frames: the pieces that a connection is cut into, each with its place and its checksums.
//!
//! Everything here is a function of bytes; who reads and writes them is for the connection.

mod decode;
mod encode;
mod op;

pub use decode::FrameDecoder;
pub use encode::FrameEncoder;
pub(crate) use op::parse_hex;
pub use op::{InvalidOpId, OpId};

/// One frame: what it is, which operation it belongs to, and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What it is.
    pub kind: FrameKind,
    /// The operation that it belongs to; there is one exactly for the kinds that [`FrameKind::has_op`] names.
    pub op: Option<OpId>,
    /// Its bytes, at most [`Frame::MAX_PAYLOAD`].
    pub payload: Vec<u8>,
}

impl Frame {
    /// Most bytes of a payload.
    pub const MAX_PAYLOAD: usize = 1 << 20;
    /// Bytes of the header before each payload.
    pub const HEADER: usize = 40;
}

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FrameKind {
    /// First frame of each side: who it is and what it speaks.
    Hello,
    /// A piece of what is asked for.
    Request,
    /// A piece of the bulk that goes with a request or an answer, such as a program or an image.
    Body,
    /// A piece of what is answered.
    Answer,
    /// A piece of the standard output of an operation.
    Stdout,
    /// A piece of the standard error of an operation.
    Stderr,
    /// The request, or the operation, is complete.
    End,
    /// The operation is no longer wanted.
    Cancel,
    /// The sender is alive.
    Beat,
    /// The sender will send nothing more.
    Bye,
}

impl FrameKind {
    /// All kinds, in the order of their codes.
    pub const ALL: [Self; 10] = [
        Self::Hello,
        Self::Request,
        Self::Body,
        Self::Answer,
        Self::Stdout,
        Self::Stderr,
        Self::End,
        Self::Cancel,
        Self::Beat,
        Self::Bye,
    ];

    /// Its number on the wire.
    pub const fn code(self) -> u8 {
        match self {
            Self::Hello => 1,
            Self::Request => 2,
            Self::Body => 3,
            Self::Answer => 4,
            Self::Stdout => 5,
            Self::Stderr => 6,
            Self::End => 7,
            Self::Cancel => 8,
            Self::Beat => 9,
            Self::Bye => 10,
        }
    }

    /// The kind of that number, if this version has one.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Whether frames of this kind belong to an operation, rather than to the connection.
    pub const fn has_op(self) -> bool {
        match self {
            Self::Request
            | Self::Body
            | Self::Answer
            | Self::Stdout
            | Self::Stderr
            | Self::End
            | Self::Cancel => true,
            Self::Hello | Self::Beat | Self::Bye => false,
        }
    }

    /// Its name in messages and in the documentation.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hello => "hello",
            Self::Request => "request",
            Self::Body => "body",
            Self::Answer => "answer",
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
            Self::End => "end",
            Self::Cancel => "cancel",
            Self::Beat => "beat",
            Self::Bye => "bye",
        }
    }
}

impl std::fmt::Display for FrameKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// A kind with this bit may be skipped by a reader that does not know it.
const OPTIONAL: u8 = 0x80;

/// Where the fields of a header begin; all numbers are little endian.
mod field {
    /// Bytes of the payload, u32.
    pub(super) const LENGTH: usize = 0;
    /// Code of the kind, u8.
    pub(super) const KIND: usize = 4;
    /// Three zeros.
    pub(super) const ZEROS: usize = 5;
    /// Number of the frame in its direction, from 0, u64.
    pub(super) const SEQUENCE: usize = 8;
    /// The operation, 16 bytes, zeros for none.
    pub(super) const OP: usize = 16;
    /// CRC32C of the payload, u32.
    pub(super) const PAYLOAD_SUM: usize = 32;
    /// CRC32C of the header before this field, u32.
    pub(super) const HEADER_SUM: usize = 36;
}

#[cfg(test)]
mod tests;
