//! Why a text is no tree.

use std::fmt;

use thiserror::Error;

use crate::place::Place;

/// Why a text is no tree, and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct TextError {
    place: Option<Place>,
    what: String,
    hint: Option<String>,
}

impl TextError {
    pub(crate) fn new(place: Option<Place>, what: impl Into<String>) -> Self {
        Self {
            place,
            what: what.into(),
            hint: None,
        }
    }

    #[must_use]
    pub(crate) fn advise(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Where; `None` if it is about the whole.
    pub fn place(&self) -> Option<Place> {
        self.place
    }

    /// What was found, and what is allowed.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        self.hint.clone()
    }
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = self.place {
            write!(f, "line {}, column {}: ", place.line, place.column)?;
        }
        f.write_str(&self.what)
    }
}
