//! End frames: how an operation ended, and what must have arrived of it.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::ProtocolError;
use crate::frame::FrameKind;

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndStatus {
    /// It ended by itself with that code, 0 for success.
    Exit(i32),
    /// A signal of that number ended it.
    Signal(i32),
    /// It was cancelled.
    Cancelled,
}

impl fmt::Display for EndStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exit(code) => write!(f, "exit {code}"),
            Self::Signal(number) => write!(f, "signal {number}"),
            Self::Cancelled => f.pad("cancelled"),
        }
    }
}

/// One of the streams of bytes of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// What is asked for.
    Request,
    /// The bulk that goes with a request or an answer.
    Body,
    /// What is answered.
    Answer,
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl Stream {
    pub(super) const ALL: [Self; 5] = [
        Self::Request,
        Self::Body,
        Self::Answer,
        Self::Stdout,
        Self::Stderr,
    ];

    /// The kind of frames that carry it.
    pub const fn kind(self) -> FrameKind {
        match self {
            Self::Request => FrameKind::Request,
            Self::Body => FrameKind::Body,
            Self::Answer => FrameKind::Answer,
            Self::Stdout => FrameKind::Stdout,
            Self::Stderr => FrameKind::Stderr,
        }
    }

    pub(super) fn of(kind: FrameKind) -> Option<Self> {
        Self::ALL.into_iter().find(|stream| stream.kind() == kind)
    }
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.kind().name())
    }
}

/// Length and checksum of what went through a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tally {
    pub(super) bytes: u64,
    pub(super) crc32c: u32,
}

impl Tally {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.bytes = self.bytes.saturating_add(length);
        self.crc32c = crc32c::crc32c_append(self.crc32c, bytes);
    }

    fn is_empty(&self) -> bool {
        self.bytes == 0
    }
}

/// The tallies of all streams of an operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Tallies {
    #[serde(skip_serializing_if = "Tally::is_empty")]
    request: Tally,
    #[serde(skip_serializing_if = "Tally::is_empty")]
    body: Tally,
    #[serde(skip_serializing_if = "Tally::is_empty")]
    answer: Tally,
    #[serde(skip_serializing_if = "Tally::is_empty")]
    stdout: Tally,
    #[serde(skip_serializing_if = "Tally::is_empty")]
    stderr: Tally,
}

impl Tallies {
    pub(super) fn of(&self, stream: Stream) -> &Tally {
        match stream {
            Stream::Request => &self.request,
            Stream::Body => &self.body,
            Stream::Answer => &self.answer,
            Stream::Stdout => &self.stdout,
            Stream::Stderr => &self.stderr,
        }
    }

    pub(super) fn of_mut(&mut self, stream: Stream) -> &mut Tally {
        match stream {
            Stream::Request => &mut self.request,
            Stream::Body => &mut self.body,
            Stream::Answer => &mut self.answer,
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        }
    }

    /// Compares what arrived with what the sender says that it sent.
    pub(super) fn check(&self, sent: &Self) -> Result<(), ProtocolError> {
        for stream in Stream::ALL {
            let (arrived, sent) = (self.of(stream), sent.of(stream));
            if arrived != sent {
                return Err(ProtocolError::Mismatch {
                    stream,
                    arrived: arrived.bytes,
                    sent: sent.bytes,
                });
            }
        }
        Ok(())
    }
}

/// How an operation ended, in the words of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum WireStatus {
    Exit(i32),
    Signal(i32),
    Cancelled,
    /// The agent itself lost track of the operation.
    Unknown,
}

impl From<EndStatus> for WireStatus {
    fn from(status: EndStatus) -> Self {
        match status {
            EndStatus::Exit(code) => Self::Exit(code),
            EndStatus::Signal(number) => Self::Signal(number),
            EndStatus::Cancelled => Self::Cancelled,
        }
    }
}

impl WireStatus {
    pub(super) fn known(self) -> Option<EndStatus> {
        match self {
            Self::Exit(code) => Some(EndStatus::Exit(code)),
            Self::Signal(number) => Some(EndStatus::Signal(number)),
            Self::Cancelled => Some(EndStatus::Cancelled),
            Self::Unknown => None,
        }
    }
}

/// The end of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RequestEnd {
    #[serde(default)]
    pub(super) streams: Tallies,
}

/// The end of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OperationEnd {
    pub(super) status: WireStatus,
    #[serde(default)]
    pub(super) streams: Tallies,
}

pub(super) fn read_end<'a, T: Deserialize<'a>>(payload: &'a [u8]) -> Result<T, ProtocolError> {
    serde_json::from_slice(payload).map_err(unreadable)
}

pub(super) fn write_end(end: &impl Serialize) -> Result<Vec<u8>, ProtocolError> {
    serde_json::to_vec(end).map_err(unreadable)
}

fn unreadable(error: serde_json::Error) -> ProtocolError {
    ProtocolError::End {
        source: Arc::new(error),
    }
}
