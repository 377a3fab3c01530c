//! Where something stands in a text.

use std::fmt;

/// A line and a column, both from 1; the column counts characters.
///
/// Lines end as YAML ends them: with LF, CR LF, CR, U+0085, U+2028 or U+2029.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The character of the line, from 1.
    pub column: usize,
}

impl Place {
    /// The first character of a text.
    pub const START: Self = Self { line: 1, column: 1 };
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// The lines of a text as [`Place`] counts them, without their ends.
///
/// ```
/// let lines: Vec<&str> = bioxen_text::lines("a\r\nb\rc").collect();
/// assert_eq!(lines, ["a", "b", "c"]);
/// ```
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let here = rest?;
        let Some(end) = here.find(is_break) else {
            rest = None;
            return Some(here);
        };
        let (line, after) = here.split_at(end);
        let after = after
            .strip_prefix("\r\n")
            .unwrap_or_else(|| after.get(width(after)..).unwrap_or_default());
        rest = Some(after);
        Some(line)
    })
}

fn width(text: &str) -> usize {
    text.chars().next().map_or(0, char::len_utf8)
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Goes through a text, forward only, so that finding the places of all values takes one pass.
#[derive(Debug)]
pub(crate) struct Cursor<'t> {
    text: &'t str,
    offset: usize,
    place: Place,
}

impl<'t> Cursor<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            text,
            offset: 0,
            place: Place::START,
        }
    }

    /// The text from here on.
    pub(crate) fn rest(&self) -> &'t str {
        self.text.get(self.offset..).unwrap_or_default()
    }

    /// The place of a byte that is not before the one asked for last.
    pub(crate) fn at_offset(&mut self, offset: usize) -> Place {
        while self.offset < offset && self.step() {}
        self.place
    }

    /// Goes to a place that is not before the one asked for last, or to the end.
    pub(crate) fn at_place(&mut self, place: Place) {
        while self.place < place && self.step() {}
    }

    /// Whether there was a character to pass.
    fn step(&mut self) -> bool {
        let rest = self.rest();
        let Some(c) = rest.chars().next() else {
            return false;
        };
        self.offset += c.len_utf8();
        let inside = c == '\r' && rest.starts_with("\r\n");
        if is_break(c) && !inside {
            self.place = Place {
                line: self.place.line + 1,
                column: 1,
            };
        } else {
            self.place.column += 1;
        }
        true
    }
}
