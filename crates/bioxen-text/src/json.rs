//! JSON: its reader refuses what is no JSON; a walk through what is left finds the values with their places.

use std::collections::BTreeSet;

use serde::de::IgnoredAny;

use crate::error::TextError;
use crate::limits::Limits;
use crate::place::{Cursor, Place};
use crate::read::{long_name, too_deep, too_many, twice};
use crate::tree::{Entry, Node, Value};

pub(crate) fn read(text: &str, limits: &Limits) -> Result<Node, TextError> {
    serde_json::from_str::<IgnoredAny>(text).map_err(|refused| refusal(text, &refused))?;
    let mut walk = Walk {
        text,
        offset: 0,
        cursor: Cursor::new(text),
        nodes: 0,
        limits,
    };
    walk.value(0)
}

fn refusal(text: &str, refused: &serde_json::Error) -> TextError {
    let mut what = refused.to_string();
    // The place is said apart.
    if let Some(end) = what.rfind(" at line ") {
        what.truncate(end);
    }
    let (line, column) = (refused.line(), refused.column());
    // The reader counts lines by LF and columns by bytes.
    let start: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let mut offset = (start + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let place = (line > 0).then(|| Cursor::new(text).at_offset(offset));
    let refused = TextError::new(place, what);
    match advice(text.get(offset..).unwrap_or_default()) {
        Some(advice) => refused.advise(advice),
        None => refused,
    }
}

/// What to do about that which JSON does not have, and others do.
fn advice(rest: &str) -> Option<&'static str> {
    let first = rest.chars().next()?;
    match first {
        '/' | '#' => Some("JSON has no comments; YAML does"),
        '\'' => Some("JSON has double quotes alone"),
        '}' | ']' => Some("remove the comma before it"),
        'T' if rest.starts_with("True") => Some("write true"),
        'F' if rest.starts_with("False") => Some("write false"),
        'N' if rest.starts_with("None") => Some("write null"),
        c if c.is_alphabetic() => Some("put names and texts in double quotes"),
        _ => None,
    }
}

/// A walk through a text that is known to be JSON.
struct Walk<'a> {
    text: &'a str,
    offset: usize,
    cursor: Cursor<'a>,
    nodes: usize,
    limits: &'a Limits,
}

impl Walk<'_> {
    fn value(&mut self, depth: usize) -> Result<Node, TextError> {
        let place = self.here();
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            return Err(too_many(place, self.limits));
        }
        let value = match self.peek() {
            b'{' | b'[' if depth >= self.limits.depth => {
                return Err(too_deep(Some(place), self.limits));
            }
            b'{' => self.map(depth)?,
            b'[' => self.list(depth)?,
            b'"' => Value::Text(self.text(place)?),
            _ => self.word(place)?,
        };
        Ok(Node { value, place })
    }

    fn map(&mut self, depth: usize) -> Result<Value, TextError> {
        let mut entries = Vec::new();
        let mut seen = BTreeSet::new();
        self.offset += 1;
        loop {
            let place = self.here();
            match self.peek() {
                b'"' => {}
                b',' => {
                    self.offset += 1;
                    continue;
                }
                _ => break,
            }
            let key = self.text(place)?;
            if key.chars().count() > self.limits.key {
                return Err(long_name(place, self.limits));
            }
            if !seen.insert(key.clone()) {
                return Err(twice(place, &key));
            }
            self.here();
            // The colon.
            self.offset += 1;
            let value = self.value(depth + 1)?;
            entries.push(Entry { key, place, value });
        }
        self.offset += 1;
        Ok(Value::Map(entries))
    }

    fn list(&mut self, depth: usize) -> Result<Value, TextError> {
        let mut items = Vec::new();
        self.offset += 1;
        loop {
            self.here();
            match self.peek() {
                b']' | 0 => break,
                b',' => self.offset += 1,
                _ => items.push(self.value(depth + 1)?),
            }
        }
        self.offset += 1;
        Ok(Value::List(items))
    }

    /// Text in quotes, which begins here.
    fn text(&mut self, place: Place) -> Result<String, TextError> {
        let start = self.offset;
        self.offset += 1;
        loop {
            match self.peek() {
                b'\\' => self.offset += 2,
                b'"' | 0 => break,
                _ => self.offset += 1,
            }
        }
        self.offset += 1;
        let quoted = self.text.get(start..self.offset).unwrap_or_default();
        serde_json::from_str(quoted)
            .map_err(|refused| TextError::new(Some(place), refusal(quoted, &refused).what()))
    }

    fn word(&mut self, place: Place) -> Result<Value, TextError> {
        let start = self.offset;
        while self.peek().is_ascii_alphanumeric() || matches!(self.peek(), b'+' | b'-' | b'.') {
            self.offset += 1;
        }
        let word = self.text.get(start..self.offset).unwrap_or_default();
        Ok(match word {
            "null" => Value::Nothing,
            "true" => Value::Truth(true),
            "false" => Value::Truth(false),
            _ => match word.parse() {
                Ok(whole) => Value::Whole(whole),
                // The reader of JSON may be off by the last digit of a double.
                Err(_) => match word.parse::<f64>() {
                    Ok(real) if real.is_finite() => Value::Real(real),
                    _ => return Err(TextError::new(Some(place), "the number is out of range")),
                },
            },
        })
    }

    /// Passes white space and tells where the next thing stands.
    fn here(&mut self) -> Place {
        while matches!(self.peek(), b' ' | b'\t' | b'\n' | b'\r') {
            self.offset += 1;
        }
        self.cursor.at_offset(self.offset)
    }

    /// The byte that is next, or 0 at the end, which stands nowhere in a text that is JSON.
    fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.offset).copied().unwrap_or(0)
    }
}
