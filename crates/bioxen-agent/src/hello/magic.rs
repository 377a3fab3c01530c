//! The bytes that begin a stream, and the search for them among other things.

use std::fmt;

use crate::error::HelloError;

/// First bytes of each direction.
///
/// The first is no ASCII, the line ends and the end-of-file character change where something takes the stream for text.
pub(crate) const MAGIC: [u8; 12] = *b"\x8bBIOXEN\r\n\x1a\n\0";

/// Bytes of the magic after which it is no accident.
const TELLING: usize = 7;

/// What came before the hello, such as the greeting of a shell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Noise {
    start: Vec<u8>,
    length: usize,
}

impl Noise {
    /// Most bytes that are skipped.
    pub const MAX: usize = 64 << 10;
    /// Most bytes that are kept.
    pub const KEPT: usize = 1 << 10;

    /// Its first bytes.
    pub fn start(&self) -> &[u8] {
        &self.start
    }

    /// How many bytes there were.
    pub fn length(&self) -> usize {
        self.length
    }

    fn push(&mut self, byte: u8) {
        if self.start.len() < Self::KEPT {
            self.start.push(byte);
        }
        self.length += 1;
    }
}

impl fmt::Display for Noise {
    /// In quotes and fit for a terminal; it says if this is not all.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.start).trim_end())?;
        match self.length - self.start.len() {
            0 => Ok(()),
            more => write!(f, " and {more} more bytes"),
        }
    }
}

/// Finds the magic in pieces of any size.
#[derive(Debug)]
pub(crate) struct MagicSearch {
    noise: Noise,
    allowed: usize,
    /// Bytes of the magic that were seen last.
    matched: usize,
    /// The first of them, which may have lost a bit.
    first: u8,
}

impl MagicSearch {
    /// A search that skips at most so many bytes of noise.
    pub(crate) fn new(allowed: usize) -> Self {
        Self {
            noise: Noise::default(),
            allowed,
            matched: 0,
            first: 0,
        }
    }

    /// Where the magic ends in these bytes, or `None` until more are fed.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<Option<usize>, HelloError> {
        for (index, byte) in bytes.iter().enumerate() {
            if self.step(*byte)? {
                return Ok(Some(index + 1));
            }
        }
        Ok(None)
    }

    /// What was skipped; all that came, if the magic was not found.
    pub(crate) fn into_noise(mut self) -> Noise {
        if self.matched < MAGIC.len() {
            self.give_up_match();
        }
        self.noise
    }

    /// The first byte of the magic is not in its rest, so that a failed match never hides the start of another.
    fn step(&mut self, byte: u8) -> Result<bool, HelloError> {
        let fits = match self.matched {
            // The eighth bit is lost first.
            0 => byte & 0x7f == MAGIC[0] & 0x7f,
            matched => byte == MAGIC[matched],
        };
        if fits {
            if self.matched == 0 {
                self.first = byte;
            }
            self.matched += 1;
            if self.matched == TELLING && self.first != MAGIC[0] {
                return Err(HelloError::Mangled);
            }
            return Ok(self.matched == MAGIC.len());
        }
        if self.matched >= TELLING {
            return Err(HelloError::Mangled);
        }
        if self.matched > 0 {
            self.give_up_match();
            self.check_noise()?;
            return self.step(byte);
        }
        self.noise.push(byte);
        self.check_noise()?;
        Ok(false)
    }

    fn give_up_match(&mut self) {
        let matched = std::mem::take(&mut self.matched);
        for index in 0..matched {
            self.noise
                .push(if index == 0 { self.first } else { MAGIC[index] });
        }
    }

    fn check_noise(&self) -> Result<(), HelloError> {
        if self.noise.length <= self.allowed {
            return Ok(());
        }
        let noise = self.noise.clone();
        Err(match self.allowed {
            0 => HelloError::NotAHello { noise },
            _ => HelloError::TooMuchNoise { noise },
        })
    }
}
