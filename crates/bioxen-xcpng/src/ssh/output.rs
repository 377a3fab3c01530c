//! What a command left behind.

use std::fmt;

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with that code; 0 is success.
    Status(i32),
    /// By a signal, named without `SIG`.
    Signal(String),
}

impl Exit {
    /// Whether it was a success.
    pub fn is_success(&self) -> bool {
        *self == Self::Status(0)
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(code) => write!(f, "exit {code}"),
            Self::Signal(name) => write!(f, "signal {name}"),
        }
    }
}

/// What a command wrote, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandOutput {
    /// Standard output, all of it.
    pub stdout: Vec<u8>,
    /// Standard error, its beginning and its end.
    pub stderr: Kept,
    /// How it ended.
    pub exit: Exit,
}

/// The beginning and the end of bytes that may be many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    head: Vec<u8>,
    left_out: u64,
    tail: Vec<u8>,
}

impl Kept {
    /// All bytes if none was left out, or the first ones.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// How many are missing between head and tail.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The last bytes, empty if none was left out.
    pub fn tail(&self) -> &[u8] {
        &self.tail
    }

    /// Adds bytes, of which head and tail keep so many.
    pub(super) fn push(&mut self, bytes: &[u8], keep: usize) {
        let room = (keep / 2).saturating_sub(self.head.len()).min(bytes.len());
        let (head, rest) = bytes.split_at(room);
        self.head.extend_from_slice(head);
        self.tail.extend_from_slice(rest);
        // Cut seldom, so that each byte is moved about once.
        if self.tail.len() > keep.saturating_mul(2) {
            self.cut(keep);
        }
    }

    fn cut(&mut self, keep: usize) {
        let extra = self.tail.len().saturating_sub(keep - keep / 2);
        self.tail.drain(..extra);
        self.left_out += u64::try_from(extra).unwrap_or(u64::MAX);
    }

    /// What is kept in the end.
    pub(super) fn finish(mut self, keep: usize) -> Self {
        self.cut(keep);
        if self.left_out == 0 {
            self.head.append(&mut self.tail);
        }
        self
    }
}

impl fmt::Display for Kept {
    /// As text, with a line in place of what was left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.head))?;
        if self.left_out > 0 {
            write!(f, "\n[{} bytes left out]\n", self.left_out)?;
        }
        f.write_str(&String::from_utf8_lossy(&self.tail))
    }
}

#[cfg(test)]
mod tests {
    use super::{Exit, Kept};

    #[track_caller]
    fn check(pieces: &[&str], expect: &str) {
        let mut kept = Kept::default();
        for piece in pieces {
            kept.push(piece.as_bytes(), 8);
        }
        assert_eq!(kept.finish(8).to_string(), expect);
    }

    #[test]
    fn head_and_tail_are_kept() {
        check(&[], "");
        check(&["abc"], "abc");
        check(&["abcd", "efgh"], "abcdefgh");
        check(&["abcdefghi"], "abcd\n[1 bytes left out]\nfghi");
        let piece = "0123456789".repeat(10);
        check(&[&piece, &piece, "xyz"], "0123\n[195 bytes left out]\n9xyz");
    }

    #[test]
    fn only_zero_is_success() {
        assert!(Exit::Status(0).is_success());
        assert!(!Exit::Status(255).is_success());
        assert!(!Exit::Signal("KILL".to_owned()).is_success());
        assert_eq!(Exit::Signal("KILL".to_owned()).to_string(), "signal KILL");
    }
}
