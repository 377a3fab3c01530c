//! Values of a file, each parsed once into a type.

mod interval;
mod scaled;
mod size;
mod url;
mod value;

pub use interval::Interval;
pub use size::Size;
pub use url::Url;
pub use value::Given;

pub(crate) use value::{Refused, allowed, node_of_text, parse, text_of};

use thiserror::Error;

/// Why a text is no value of a type.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("found {found}, allowed is {allowed}")]
pub struct InvalidValue {
    found: String,
    allowed: &'static str,
    hint: Option<String>,
}

impl InvalidValue {
    pub(crate) fn new(text: &str, allowed: &'static str, hint: Option<String>) -> Self {
        Self {
            found: format!("{:?}", bioxen_text::shortened(text)),
            allowed,
            hint,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        self.hint.clone()
    }
}
