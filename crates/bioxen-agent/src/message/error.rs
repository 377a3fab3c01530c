//! What can be wrong with a message.

use std::error::Error as StdError;

use bioxen_core::nearest;
use thiserror::Error;

use super::place::Place;

/// Why bytes are not a message, or a message cannot become bytes.
///
/// ```
/// use bioxen_agent::{Message, Request};
///
/// let json = br#"{"verb":"paws","vm":"cell-1"}"#.to_vec();
/// let error = Request::decode(Message { json, body: Vec::new() }).expect_err("not a verb");
/// assert_eq!(error.to_string(), "unknown verb \"paws\"");
/// assert_eq!(error.hint().as_deref(), Some("did you mean pause?"));
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MessageError {
    /// There is more of it than will be read or sent.
    #[error("the {part} of the message has {length} bytes, more than {limit}")]
    TooLong {
        /// Which part of it: "JSON" or "body".
        part: &'static str,
        /// Length of the part, bytes.
        length: usize,
        /// Greatest length allowed, bytes.
        limit: usize,
    },
    /// A part of it is not what it must be.
    #[error("the message cannot be read{}", at(field))]
    Unreadable {
        /// The field, such as `genes[3]`; empty if the whole cannot be read.
        field: String,
        /// What is wrong with it.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// It lacks a field.
    #[error("the message lacks the field {field}")]
    Missing {
        /// The field.
        field: String,
    },
    /// It asks for what this version does not know.
    #[error("unknown verb {verb:?}")]
    UnknownVerb {
        /// The verb; a long one is cut short.
        verb: String,
        /// The verb that may be meant.
        nearest: Option<&'static str>,
    },
    /// It answers what this version does not know.
    #[error("unknown kind of answer {kind:?}")]
    UnknownAnswer {
        /// The kind; a long one is cut short.
        kind: String,
    },
    /// It has a body that does not go with it.
    #[error("a body of {length} bytes does not go with {of}")]
    Body {
        /// The verb, or the kind of answer.
        of: &'static str,
        /// Length of the body, bytes.
        length: usize,
    },
    /// It has a part that cannot be written.
    #[error("the message cannot be written")]
    Unwritable {
        /// What the encoder said.
        source: Box<dyn StdError + Send + Sync>,
    },
}

impl MessageError {
    pub(super) fn missing(field: &str) -> Self {
        let field = field.to_owned();
        Self::Missing { field }
    }

    pub(super) fn unreadable(
        field: &str,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self::Unreadable {
            field: field.to_owned(),
            source: source.into(),
        }
    }

    /// Of what the JSON parser said, with the field that it was at.
    pub(super) fn of_json(json: &[u8], error: serde_json::Error) -> Self {
        let place = Place::of(json, error.line(), error.column());
        let text = error.to_string();
        let lacks = text
            .strip_prefix("missing field `")
            .and_then(|rest| rest.split_once('`'));
        match lacks {
            Some((name, _)) => Self::missing(&place.beside(name).path()),
            None => Self::unreadable(&place.path(), error),
        }
    }

    pub(super) fn unknown_verb(verb: &str, known: &[&'static str]) -> Self {
        Self::UnknownVerb {
            verb: excerpt(verb),
            nearest: nearest(verb, known),
        }
    }

    pub(super) fn unknown_answer(kind: &str) -> Self {
        let kind = excerpt(kind);
        Self::UnknownAnswer { kind }
    }

    /// What to do about it, where there is something to do.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownVerb {
                nearest: Some(verb),
                ..
            } => Some(format!("did you mean {verb}?")),
            Self::UnknownVerb { nearest: None, .. } | Self::UnknownAnswer { .. } => {
                Some("one side may be older than the other: compare their versions".to_owned())
            }
            Self::TooLong { .. }
            | Self::Unreadable { .. }
            | Self::Missing { .. }
            | Self::Body { .. }
            | Self::Unwritable { .. } => None,
        }
    }
}

fn at(field: &str) -> String {
    if field.is_empty() {
        String::new()
    } else {
        format!(" at {field}")
    }
}

/// Enough of a word to recognize it.
fn excerpt(text: &str) -> String {
    const LIMIT: usize = 64;
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
