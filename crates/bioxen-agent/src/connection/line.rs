//! The writing half, which several threads share.

use std::fmt;
use std::io::Write;
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;

use crate::error::ProtocolError;
use crate::frame::{FrameEncoder, FrameKind, OpId};
use crate::hello::MAGIC;

/// Most bytes of a frame that is cut from something longer.
///
/// Frames of other threads come between the pieces.
pub(super) const PIECE: usize = 64 << 10;

/// The writing half of a connection, and what became of the connection.
///
/// One lock is held while a frame is written, as frames may not be mixed.
/// What became of the connection is outside of it, so that a reader never waits for a writer that is stuck.
#[derive(Clone)]
pub(super) struct Line(Arc<Shared>);

struct Shared {
    out: Mutex<Outgoing>,
    broken: OnceLock<ProtocolError>,
}

struct Outgoing {
    write: Box<dyn Write + Send>,
    encoder: FrameEncoder,
    buffer: Vec<u8>,
}

impl Line {
    pub(super) fn new(write: Box<dyn Write + Send>) -> Self {
        let out = Outgoing {
            write,
            encoder: FrameEncoder::new(),
            buffer: Vec::new(),
        };
        Self(Arc::new(Shared {
            out: Mutex::new(out),
            broken: OnceLock::new(),
        }))
    }

    /// Refuses to go on after an error.
    pub(super) fn check(&self) -> Result<(), ProtocolError> {
        match self.0.broken.get() {
            None => Ok(()),
            Some(error) => Err(ProtocolError::Broken {
                source: Box::new(error.clone()),
            }),
        }
    }

    /// Ends the connection for all who use it; the first reason is the one that counts.
    pub(super) fn fail(&self, error: ProtocolError) -> ProtocolError {
        if !matches!(error, ProtocolError::Broken { .. }) {
            self.0.broken.get_or_init(|| error.clone());
        }
        error
    }

    pub(super) fn send_hello(&self, payload: &[u8]) -> Result<(), ProtocolError> {
        self.write(&MAGIC, FrameKind::Hello, None, payload)
    }

    pub(super) fn send(
        &self,
        kind: FrameKind,
        op: Option<OpId>,
        payload: &[u8],
    ) -> Result<(), ProtocolError> {
        self.write(&[], kind, op, payload)
    }

    /// Sends the last frame of this side.
    pub(super) fn send_bye(&self) -> Result<(), ProtocolError> {
        self.send(FrameKind::Bye, None, &[])?;
        self.fail(ProtocolError::SaidBye);
        Ok(())
    }

    fn write(
        &self,
        before: &[u8],
        kind: FrameKind,
        op: Option<OpId>,
        payload: &[u8],
    ) -> Result<(), ProtocolError> {
        let mut out = self.0.out.lock();
        self.check()?;
        let Outgoing {
            write,
            encoder,
            buffer,
        } = &mut *out;
        buffer.clear();
        buffer.extend_from_slice(before);
        encoder.encode(kind, op, payload, buffer)?;
        let written = write.write_all(buffer).and_then(|()| write.flush());
        written.map_err(|source| {
            self.fail(ProtocolError::Write {
                source: Arc::new(source),
            })
        })
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line")
            .field("broken", &self.0.broken.get())
            .finish_non_exhaustive()
    }
}
