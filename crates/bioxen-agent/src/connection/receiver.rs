//! The reading half.

use std::fmt;
use std::io::{ErrorKind, Read};
use std::sync::Arc;

use crate::error::{HelloError, ProtocolError};
use crate::frame::{Frame, FrameDecoder, FrameKind};
use crate::hello::{MagicSearch, Noise};

/// Bytes that are asked for at once.
const PIECE: usize = 64 << 10;

/// The reading half of a connection.
pub(super) struct Receiver {
    read: Box<dyn Read + Send>,
    decoder: FrameDecoder,
    piece: Vec<u8>,
}

impl Receiver {
    pub(super) fn new(read: Box<dyn Read + Send>) -> Self {
        Self {
            read,
            decoder: FrameDecoder::new(),
            piece: vec![0; PIECE],
        }
    }

    /// Waits for the hello of the other side, and skips at most so many bytes before it.
    pub(super) fn hello(&mut self, noise: usize) -> Result<(Noise, Vec<u8>), ProtocolError> {
        let noise = self.find_magic(noise)?;
        match self.frame()? {
            Some(frame) if frame.kind == FrameKind::Hello => Ok((noise, frame.payload)),
            Some(frame) => Err(ProtocolError::Unexpected { kind: frame.kind }),
            None => Err(HelloError::Ended { noise }.into()),
        }
    }

    /// The next frame; `None` when the other side closed the stream after a whole one.
    pub(super) fn frame(&mut self) -> Result<Option<Frame>, ProtocolError> {
        loop {
            if let Some(frame) = self.decoder.next_frame()? {
                return Ok(Some(frame));
            }
            let length = self.read()?;
            if length == 0 {
                self.decoder.finish()?;
                return Ok(None);
            }
            self.decoder.feed(&self.piece[..length]);
        }
    }

    fn find_magic(&mut self, allowed: usize) -> Result<Noise, ProtocolError> {
        let mut search = MagicSearch::new(allowed);
        loop {
            let length = self.read()?;
            if length == 0 {
                let noise = search.into_noise();
                return Err(HelloError::Ended { noise }.into());
            }
            if let Some(end) = search.feed(&self.piece[..length])? {
                self.decoder.feed(&self.piece[end..length]);
                return Ok(search.into_noise());
            }
        }
    }

    fn read(&mut self) -> Result<usize, ProtocolError> {
        loop {
            match self.read.read(&mut self.piece) {
                Ok(length) => return Ok(length.min(PIECE)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(source) => {
                    let source = Arc::new(source);
                    return Err(ProtocolError::Read { source });
                }
            }
        }
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}
