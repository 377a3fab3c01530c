//! From bytes to a tree.

use std::fmt;
use std::path::Path;

use crate::error::TextError;
use crate::limits::Limits;
use crate::place::{Cursor, Place};
use crate::tree::Node;
use crate::{json, yaml};

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// JSON as RFC 8259 has it.
    Json,
    /// YAML 1.2 without anchors, aliases and tags.
    Yaml,
}

impl Format {
    /// The format that the name of a file tells by its extension: `.json`, `.yaml` or `.yml`, in any case.
    ///
    /// ```
    /// use bioxen_text::Format;
    ///
    /// assert_eq!(Format::of("host.YML".as_ref()), Some(Format::Yaml));
    /// assert_eq!(Format::of("host.conf".as_ref()), None);
    /// ```
    pub fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "json" => Some(Self::Json),
            "yaml" | "yml" => Some(Self::Yaml),
            _ => None,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Json => "JSON",
            Self::Yaml => "YAML",
        })
    }
}

/// Reads a text as one tree. A byte order mark before it is passed over.
///
/// # Errors
///
/// [`TextError`] for the first thing that cannot be read.
pub fn read(bytes: &[u8], format: Format, limits: &Limits) -> Result<Node, TextError> {
    if bytes.len() > limits.bytes {
        let what = format!("it has {} bytes, allowed are {}", bytes.len(), limits.bytes);
        return Err(TextError::new(None, what));
    }
    let text = text_of(bytes)?;
    if text.trim().is_empty() {
        return Err(TextError::new(None, "it is empty"));
    }
    pieces(text, limits)?;
    match format {
        Format::Json => json::read(text, limits),
        Format::Yaml => yaml::read(text, limits),
    }
}

fn text_of(bytes: &[u8]) -> Result<&str, TextError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|refused| {
        let sound = bytes.get(..refused.valid_up_to()).unwrap_or_default();
        let text = std::str::from_utf8(sound).unwrap_or_default();
        let place = Cursor::new(text).at_offset(text.len());
        TextError::new(Some(place), "it is not text in UTF-8").advise("save the file as UTF-8")
    })
}

/// Refuses texts that may become very many values, or very deep ones, before a reader takes memory for them.
///
/// It is a coarse sieve: what passes is counted exactly later.
fn pieces(text: &str, limits: &Limits) -> Result<(), TextError> {
    let (mut pieces, mut open) = (0_usize, 0_usize);
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'[' | b'{' => {
                open += 1;
                pieces += 1;
            }
            b']' | b'}' => open = open.saturating_sub(1),
            b',' | b'\n' | b'\r' => pieces += 1,
            b'-' | b'?' if bytes.peek().is_none_or(u8::is_ascii_whitespace) => pieces += 1,
            _ => {}
        }
        if pieces > limits.nodes {
            let what = format!("there are more than {} values or lines", limits.nodes);
            return Err(TextError::new(None, what));
        }
        // Comments and texts may hold brackets that open nothing, but not so many.
        if open > 1000 {
            return Err(too_deep(None, limits));
        }
    }
    Ok(())
}

pub(crate) fn too_many(place: Place, limits: &Limits) -> TextError {
    let what = format!("there are more than {} values", limits.nodes);
    TextError::new(Some(place), what)
}

pub(crate) fn long_name(place: Place, limits: &Limits) -> TextError {
    let what = format!("a name is longer than {} characters", limits.key);
    TextError::new(Some(place), what)
}

pub(crate) fn twice(place: Place, key: &str) -> TextError {
    TextError::new(Some(place), format!("{key:?} occurs twice")).advise("keep one of them")
}

pub(crate) fn too_deep(place: Option<Place>, limits: &Limits) -> TextError {
    let what = format!(
        "maps and lists stand in each other more than {} deep",
        limits.depth
    );
    TextError::new(place, what)
}

#[cfg(test)]
mod tests;
