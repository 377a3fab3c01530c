//! Long output, of which the beginning and the end are kept.

use std::fmt;

/// The beginning and the end of a text of any length.
///
/// ```
/// use bioxen_agent::Excerpt;
///
/// let mut excerpt = Excerpt::default();
/// for piece in ["0123", "456789"] {
///     excerpt.push(piece.as_bytes(), 4);
/// }
/// assert_eq!(excerpt.finish(4).to_string(), "01\n[6 bytes left out]\n89");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    head: Vec<u8>,
    left_out: u64,
    tail: Vec<u8>,
}

impl Excerpt {
    /// All of it, if nothing was left out, or its beginning.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// How many bytes are missing between head and tail.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Its end, empty if nothing was left out.
    pub fn tail(&self) -> &[u8] {
        &self.tail
    }

    /// The first line of its head with anything in it, fit for a message: 200 bytes at most, without control characters.
    pub fn first_line(&self) -> String {
        const LONGEST: usize = 200;
        let text = String::from_utf8_lossy(&self.head);
        let line = text
            .lines()
            .map(str::trim)
            .find(|line| !line.is_empty())
            .unwrap_or_default();
        line[..line.floor_char_boundary(LONGEST)].replace(char::is_control, " ")
    }

    /// Adds bytes, of which `keep` bytes or somewhat more are held; it is whole after [`finish`](Self::finish).
    pub fn push(&mut self, bytes: &[u8], keep: usize) {
        let room = (keep / 2).saturating_sub(self.head.len()).min(bytes.len());
        let (head, rest) = bytes.split_at(room);
        self.head.extend_from_slice(head);
        self.tail.extend_from_slice(rest);
        // Cut seldom, so that each byte is moved about once.
        if self.tail.len() > keep.saturating_mul(2) {
            self.cut(keep);
        }
    }

    /// What is kept in the end: `keep` bytes at most, half of them from the beginning, half from the end.
    #[must_use]
    pub fn finish(mut self, keep: usize) -> Self {
        self.cut(keep);
        if self.left_out == 0 {
            self.head.append(&mut self.tail);
        }
        self
    }

    fn cut(&mut self, keep: usize) {
        let extra = self.tail.len().saturating_sub(keep - keep / 2);
        self.tail.drain(..extra);
        self.left_out += u64::try_from(extra).unwrap_or(u64::MAX);
    }
}

impl fmt::Display for Excerpt {
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
    use super::Excerpt;

    fn of(pieces: &[&str], keep: usize) -> Excerpt {
        let mut excerpt = Excerpt::default();
        for piece in pieces {
            excerpt.push(piece.as_bytes(), keep);
        }
        excerpt.finish(keep)
    }

    #[test]
    fn head_and_tail_are_kept() {
        #[track_caller]
        fn check(pieces: &[&str], expect: &str) {
            assert_eq!(of(pieces, 8).to_string(), expect);
        }
        check(&[], "");
        check(&["abc"], "abc");
        check(&["abcd", "efgh"], "abcdefgh");
        check(&["abcdefghi"], "abcd\n[1 bytes left out]\nfghi");
        let piece = "0123456789".repeat(10);
        check(&[&piece, &piece, "xyz"], "0123\n[195 bytes left out]\n9xyz");
    }

    #[test]
    fn the_first_line_is_fit_for_a_message() {
        #[track_caller]
        fn check(text: &str, expect: &str) {
            assert_eq!(of(&[text], 1 << 10).first_line(), expect);
        }
        check("", "");
        check("\n \t\n", "");
        check("\n  sh: not\tfound \nmore\n", "sh: not found");
        // A character of two bytes is not cut in half.
        check(
            &format!("x{}", "ü".repeat(200)),
            &format!("x{}", "ü".repeat(99)),
        );
    }
}
