//! Why an agent did not do what it was asked.

use std::error::Error as StdError;

use bioxen_core::VmError;
use serde::de::{Deserializer, Error as _};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use self::fault::Fault;
use crate::message::MessageError;
use crate::message::wire;
use crate::message::wire::OnWire;

mod fault;
mod image;

/// Longest text of a refusal, bytes; more is cut.
const MAX_TEXT: usize = 64 << 10;
/// Most causes of a refusal; those further down are left out.
const MAX_CAUSES: usize = 32;

/// Why an agent did not do what it was asked, as data and in words.
///
/// It is made from a [`VmError`] and becomes one again on the other side: the same variant with the same data, hence with the same message and the same advice.
/// What failed below a VM stays [`VmError::Backend`] there, with the messages of the agent as a chain of [`Refused`].
///
/// ```
/// use bioxen_agent::Refusal;
/// use bioxen_core::{VmError, VmId};
///
/// let refusal = Refusal::new(&VmError::NotFound { id: VmId::new("cell-1")? });
/// assert_eq!(refusal.code(), "not_found");
/// assert_eq!(refusal.message(), "no VM is named \"cell-1\"");
/// assert!(matches!(VmError::from(refusal), VmError::NotFound { .. }));
/// # Ok::<(), bioxen_core::InvalidName>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    message: String,
    hint: Option<String>,
    causes: Vec<String>,
    fault: Fault,
}

impl Refusal {
    /// Of what a VM answered.
    pub fn new(error: &VmError) -> Self {
        Self::because(error, error.hint(), Fault::of(error))
    }

    /// Of a request that could not be read.
    pub fn bad_request(error: &MessageError) -> Self {
        Self::because(error, error.hint(), Fault::BadRequest)
    }

    fn because(error: &(dyn StdError + 'static), hint: Option<String>, fault: Fault) -> Self {
        let causes = std::iter::successors(error.source(), |cause| (*cause).source());
        Self {
            message: clip(&error.to_string()),
            hint: hint.as_deref().map(clip),
            causes: causes
                .take(MAX_CAUSES)
                .map(|cause| clip(&cause.to_string()))
                .collect(),
            fault,
        }
    }

    /// Adds advice if there is none: that of a cause which only the agent knows.
    #[must_use]
    pub fn or_hint(self, hint: Option<&str>) -> Self {
        let hint = self.hint.or_else(|| hint.map(clip));
        Self { hint, ..self }
    }

    /// A word for what is refused, for programs.
    pub fn code(&self) -> &'static str {
        self.fault.code()
    }

    /// What failed, in one line.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Why it failed, the nearest cause first.
    pub fn causes(&self) -> &[String] {
        &self.causes
    }
}

impl From<Refusal> for VmError {
    fn from(refusal: Refusal) -> Self {
        refusal.into_error()
    }
}

/// An error that happened at the agent, as it was told.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Refused {
    message: String,
    hint: Option<String>,
    source: Option<Box<Self>>,
}

impl Refused {
    fn chain(message: &str, hint: Option<&str>, causes: &[String]) -> Self {
        Self {
            message: one_line(message),
            hint: hint.map(one_line),
            source: Self::of_causes(causes).map(Box::new),
        }
    }

    /// `None` if there are no causes.
    fn of_causes(causes: &[String]) -> Option<Self> {
        causes.iter().rfold(None, |source, message| {
            Some(Self {
                message: one_line(message),
                hint: None,
                source: source.map(Box::new),
            })
        })
    }

    /// What the agent advises.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

fn clip(text: &str) -> String {
    text[..text.floor_char_boundary(MAX_TEXT)].to_owned()
}

/// What another program wrote, fit for a message: without line ends and without control sequences.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[derive(Serialize)]
struct RefusalOut<'a> {
    #[serde(flatten)]
    fault: &'a Fault,
    message: &'a str,
    hint: Option<&'a str>,
    causes: &'a [String],
}

#[derive(Deserialize)]
struct RefusalIn {
    code: String,
    #[serde(default)]
    data: Value,
    message: String,
    hint: Option<String>,
    #[serde(with = "wire")]
    causes: Vec<String>,
}

impl OnWire for Refusal {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            message,
            hint,
            causes,
            fault,
        } = self;
        let hint = hint.as_deref();
        RefusalOut {
            fault,
            message,
            hint,
            causes,
        }
        .serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let RefusalIn {
            code,
            data,
            message,
            hint,
            causes,
        } = RefusalIn::deserialize(deserializer)?;
        Ok(Self {
            message,
            hint,
            causes,
            fault: Fault::read(&code, data).map_err(D::Error::custom)?,
        })
    }
}

#[cfg(test)]
mod tests;
