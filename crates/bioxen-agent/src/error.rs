//! What can go wrong between the two ends of a connection.

use thiserror::Error;

use crate::frame::{Frame, FrameKind};

/// Why bytes are not the next frame, or why a frame cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The header is not what was sent, or no header at all.
    #[error("the header of frame {sequence} is damaged")]
    HeaderDamaged {
        /// Number of the frame.
        sequence: u64,
    },
    /// The payload is not what was sent.
    #[error("the payload of frame {sequence} is damaged")]
    PayloadDamaged {
        /// Number of the frame.
        sequence: u64,
    },
    /// A payload is longer than frames allow.
    #[error("a frame of {length} bytes, and the most is {}", Frame::MAX_PAYLOAD)]
    TooLong {
        /// Its length, bytes.
        length: u32,
    },
    /// The bytes that must be zero are not.
    #[error("the reserved bytes of a frame are not zero")]
    Reserved,
    /// A frame is missing, or came twice.
    #[error("frame {expected} was due and frame {found} came")]
    Sequence {
        /// Number that was due.
        expected: u64,
        /// Number that came.
        found: u64,
    },
    /// This version has no such kind, and it may not be skipped.
    #[error("frames of kind {code} are not known")]
    UnknownKind {
        /// Code of the kind.
        code: u8,
    },
    /// A frame names an operation and should not, or the other way round.
    #[error("a frame of kind {kind} {}", if kind.has_op() { "names no operation" } else { "names an operation" })]
    MisplacedOp {
        /// Its kind.
        kind: FrameKind,
    },
    /// The bytes end in the middle of a frame.
    #[error("the last frame is cut off after {present} bytes")]
    Truncated {
        /// Bytes of it that are there.
        present: usize,
    },
}
