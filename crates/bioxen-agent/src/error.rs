//! What can go wrong between the two ends of a connection.

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;

use thiserror::Error;

use crate::connection::{EndStatus, Stream};
use crate::frame::{Frame, FrameKind, OpId};
use crate::hello::{Noise, Nonce, ProtocolVersion};

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

/// Why two ends did not come together.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum HelloError {
    /// The peer went away, or never was one of ours.
    #[error("the stream ended before a hello{}", after(noise))]
    Ended {
        /// What it said instead.
        noise: Noise,
    },
    /// The agent cannot be found among what the remote side prints.
    #[error("no hello within {} bytes; the stream begins with {noise}", Noise::MAX)]
    TooMuchNoise {
        /// What was printed.
        noise: Noise,
    },
    /// A client does not begin as clients do.
    #[error("the stream does not begin with the hello of a client but with {noise}")]
    NotAHello {
        /// How it begins.
        noise: Noise,
    },
    /// Something on the way takes the stream for text.
    #[error("the stream changes bytes on the way")]
    Mangled,
    /// The hello is longer than hellos may be.
    #[error("a hello of {length} bytes, and the most is {limit}")]
    TooLong {
        /// Its length, bytes.
        length: usize,
        /// The most, bytes.
        limit: usize,
    },
    /// The hello is not JSON, or lacks something.
    #[error("the hello cannot be read")]
    Json {
        /// What the reader of JSON says.
        source: Arc<dyn StdError + Send + Sync>,
    },
    /// A value of the hello cannot be.
    #[error("field {field} of the hello is not {rule}")]
    Field {
        /// Its name.
        field: &'static str,
        /// What it should be.
        rule: &'static str,
    },
    /// The hello of the agent answers someone else.
    #[error("the hello answers nonce {found}, and {sent} was sent")]
    WrongNonce {
        /// What was sent.
        sent: Nonce,
        /// What came back.
        found: Nonce,
    },
    /// The two ends speak different protocols.
    #[error("the other side speaks protocol {theirs} and this side {ours}")]
    UnsupportedVersion {
        /// Version of this side.
        ours: ProtocolVersion,
        /// Version of the other side.
        theirs: ProtocolVersion,
    },
}

impl HelloError {
    /// What to do about it, where there is something to do.
    pub fn hint(&self) -> Option<String> {
        Some(
            match self {
                Self::Ended { .. } => {
                    "check that bioxen_hypervisor is installed on the other side and can be started"
                }
                Self::TooMuchNoise { .. } => {
                    "make the start-up files of the remote shell print nothing for programs"
                }
                Self::NotAHello { .. } => "connect with a BioXen client",
                Self::Mangled => {
                    "connect without a terminal and without conversion of line ends, such as with ssh -T"
                }
                Self::UnsupportedVersion { ours, theirs } if ours < theirs => {
                    "update BioXen on this side"
                }
                Self::UnsupportedVersion { .. } => "update BioXen on the other side",
                Self::TooLong { .. }
                | Self::Json { .. }
                | Self::Field { .. }
                | Self::WrongNonce { .. } => return None,
            }
            .to_owned(),
        )
    }
}

fn after(noise: &Noise) -> String {
    match noise.length() {
        0 => String::new(),
        _ => format!(", after {noise}"),
    }
}

/// Why a connection did not do what it was asked.
///
/// All but [`OverLimit`](Self::OverLimit) at a client, [`OverCap`](Self::OverCap) and an outcome that is [lost](Self::Lost) end the connection: every later call gives [`Broken`](Self::Broken).
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// The two ends did not come together.
    #[error(transparent)]
    Hello(#[from] HelloError),
    /// The bytes that came are not frames.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// Bytes could not be read.
    #[error("the connection cannot be read")]
    Read {
        /// What the reader says.
        source: Arc<io::Error>,
    },
    /// Bytes could not be written.
    #[error("the connection cannot be written")]
    Write {
        /// What the writer says.
        source: Arc<io::Error>,
    },
    /// The other side ended the stream.
    #[error("the other side closed the connection")]
    Closed,
    /// The other side said that it will send nothing more.
    #[error("the other side said goodbye")]
    Left,
    /// This side said so.
    #[error("this side said goodbye")]
    SaidBye,
    /// A frame has no place where it came.
    #[error("a frame of kind {kind} came where it has no place")]
    Unexpected {
        /// Its kind.
        kind: FrameKind,
    },
    /// An end frame is not JSON, or lacks something.
    #[error("an end frame cannot be read")]
    End {
        /// What the reader of JSON says.
        source: Arc<dyn StdError + Send + Sync>,
    },
    /// What arrived is not what was sent.
    #[error("{}", mismatch(*stream, *arrived, *sent))]
    Mismatch {
        /// The stream that differs.
        stream: Stream,
        /// Bytes that arrived.
        arrived: u64,
        /// Bytes that were sent.
        sent: u64,
    },
    /// A request is longer than the agent accepts.
    #[error("the {stream} is longer than the {limit} bytes that the agent accepts")]
    OverLimit {
        /// The stream that is too long.
        stream: Stream,
        /// The most, bytes.
        limit: u64,
    },
    /// An operation was asked for a second time while it ran.
    #[error("operation {op} was asked for while it ran")]
    InFlight {
        /// The operation.
        op: OpId,
    },
    /// More operations were asked for at a time than the agent accepts.
    #[error("more than {limit} operations were asked for at a time")]
    TooManyOperations {
        /// The most.
        limit: u32,
    },
    /// A reply is longer than the client takes.
    ///
    /// The operation was cancelled then, and the rest of what it sent was read and thrown away.
    #[error("the {stream} of operation {op} is longer than {cap} bytes")]
    OverCap {
        /// The operation.
        op: OpId,
        /// The stream that is too long.
        stream: Stream,
        /// The most, bytes.
        cap: u64,
        /// How the operation ended in spite of that.
        status: EndStatus,
    },
    /// The agent does not know how an operation ended.
    #[error("the agent lost track of the operation")]
    Lost,
    /// The request did not leave as a whole, so that the operation was not begun.
    #[error("operation {op} was not begun")]
    NotBegun {
        /// The operation.
        op: OpId,
        /// Why.
        source: Box<ProtocolError>,
    },
    /// The request left and no end came, so that the operation may have been done or not.
    #[error("the outcome of operation {op} is unknown")]
    OutcomeUnknown {
        /// The operation.
        op: OpId,
        /// Why.
        source: Box<ProtocolError>,
    },
    /// The connection ended with an earlier error.
    #[error("the connection is no longer usable")]
    Broken {
        /// The earlier error.
        source: Box<ProtocolError>,
    },
}

impl ProtocolError {
    /// What to do about it, where there is something to do.
    pub fn hint(&self) -> Option<String> {
        Some(
            match self {
                Self::Hello(error) => return error.hint(),
                Self::OutcomeUnknown { .. } => {
                    "connect again and ask under the same operation id: what was done is not done twice"
                }
                Self::NotBegun { .. } | Self::Broken { .. } => "connect again",
                Self::OverCap { .. } => "ask for less at a time, or raise the cap",
                Self::OverLimit { .. } => "send less at a time",
                Self::InFlight { .. } => "wait for the end of the operation",
                Self::TooManyOperations { .. } => "wait for the end of an operation",
                Self::Frame(_)
                | Self::Read { .. }
                | Self::Write { .. }
                | Self::Closed
                | Self::Left
                | Self::SaidBye
                | Self::Unexpected { .. }
                | Self::End { .. }
                | Self::Mismatch { .. }
                | Self::Lost => return None,
            }
            .to_owned(),
        )
    }
}

fn mismatch(stream: Stream, arrived: u64, sent: u64) -> String {
    if arrived == sent {
        format!("the {stream} that arrived is not what was sent")
    } else {
        format!("{arrived} bytes of {stream} arrived and {sent} were sent")
    }
}
