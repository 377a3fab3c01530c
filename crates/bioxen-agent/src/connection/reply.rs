//! What comes back from an operation, within limits.

use super::end::{EndStatus, Stream, Tallies};
use super::excerpt::Excerpt;

/// What came back from an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reply {
    /// How it ended.
    pub status: EndStatus,
    /// What was answered.
    pub answer: Vec<u8>,
    /// The bulk that goes with the answer.
    pub body: Vec<u8>,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error, as much of it as is kept.
    pub stderr: Excerpt,
}

/// How much of a reply a client takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplyCaps {
    /// Most bytes of the answer; a longer one is an error.
    pub answer: u64,
    /// Most bytes of the body; a longer one is an error.
    pub body: u64,
    /// Most bytes of standard output; more is an error.
    pub stdout: u64,
    /// Most bytes of standard error that are kept; of more, the first and the last half of that.
    pub stderr: usize,
}

impl Default for ReplyCaps {
    /// 16 MiB, 256 MiB, 64 MiB and 1 MiB.
    fn default() -> Self {
        Self {
            answer: 16 << 20,
            body: 256 << 20,
            stdout: 64 << 20,
            stderr: 1 << 20,
        }
    }
}

/// A reply in the making.
#[derive(Debug)]
pub(super) struct Collector {
    caps: ReplyCaps,
    tallies: Tallies,
    answer: Vec<u8>,
    body: Vec<u8>,
    stdout: Vec<u8>,
    stderr: Excerpt,
    over: Option<OverCap>,
}

/// The first stream that was longer than its cap.
#[derive(Clone, Copy, Debug)]
pub(super) struct OverCap {
    pub(super) stream: Stream,
    pub(super) cap: u64,
}

impl Collector {
    pub(super) fn new(caps: ReplyCaps) -> Self {
        Self {
            caps,
            tallies: Tallies::default(),
            answer: Vec::new(),
            body: Vec::new(),
            stdout: Vec::new(),
            stderr: Excerpt::default(),
            over: None,
        }
    }

    /// Takes a piece, and says whether a cap was exceeded by it for the first time.
    ///
    /// From then on everything is counted and nothing is kept.
    pub(super) fn push(&mut self, stream: Stream, bytes: &[u8]) -> bool {
        let tally = self.tallies.of_mut(stream);
        tally.add(bytes);
        let length = tally.bytes;
        if self.over.is_some() {
            return false;
        }
        let (kept, cap) = match stream {
            Stream::Answer => (&mut self.answer, self.caps.answer),
            Stream::Body => (&mut self.body, self.caps.body),
            Stream::Stdout => (&mut self.stdout, self.caps.stdout),
            Stream::Stderr => {
                self.stderr.push(bytes, self.caps.stderr);
                return false;
            }
            Stream::Request => return false,
        };
        if length <= cap {
            kept.extend_from_slice(bytes);
            return false;
        }
        *self = Self {
            tallies: self.tallies,
            over: Some(OverCap { stream, cap }),
            ..Self::new(self.caps)
        };
        true
    }

    pub(super) fn tallies(&self) -> &Tallies {
        &self.tallies
    }

    pub(super) fn finish(self, status: EndStatus) -> Result<Reply, OverCap> {
        match self.over {
            Some(over) => Err(over),
            None => Ok(Reply {
                status,
                answer: self.answer,
                body: self.body,
                stdout: self.stdout,
                stderr: self.stderr.finish(self.caps.stderr),
            }),
        }
    }
}
