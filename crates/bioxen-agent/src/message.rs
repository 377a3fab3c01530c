//! Messages: what a client asks of an agent, and what it is answered.
//!
//! A [`Message`] is a JSON object and, beside it, a body of plain bytes for what is large: a program text, an image, the output of a process.
//! Fields that a reader does not know are passed over, so that a newer side may say more to an older one; a verb or a kind of answer that it does not know is an error that names it.

mod request;

mod answer;
mod refusal;
mod values;

mod error;
mod place;
mod wire;

#[cfg(test)]
mod testing;

pub use answer::{Answer, Created, Event, Information, Inspection, Reading};
pub use error::MessageError;
pub use refusal::{Refusal, Refused};
pub use request::{Grant, Request, VmRequest};
pub use values::{EventNumber, InvalidPageSize, PageSize, UnixMillis};

/// A request or an answer as bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// A JSON object.
    pub json: Vec<u8>,
    /// What travels beside it; empty for most messages.
    pub body: Vec<u8>,
}

impl Message {
    /// Longest body, bytes: 256 MiB.
    pub const MAX_BODY: usize = 256 << 20;

    /// Checks both lengths, which everything else relies on.
    fn check(&self, max_json: usize) -> Result<(), MessageError> {
        let parts = [
            ("JSON", self.json.len(), max_json),
            ("body", self.body.len(), Self::MAX_BODY),
        ];
        match parts.into_iter().find(|(_, length, limit)| length > limit) {
            Some((part, length, limit)) => Err(MessageError::TooLong {
                part,
                length,
                limit,
            }),
            None => Ok(()),
        }
    }
}

/// Reads JSON and says at which field it fails.
fn read<'a, T: serde::Deserialize<'a>>(json: &'a [u8]) -> Result<T, MessageError> {
    serde_json::from_slice(json).map_err(|error| MessageError::of_json(json, error))
}

fn write(json: &impl serde::Serialize) -> Result<Vec<u8>, MessageError> {
    serde_json::to_vec(json).map_err(|error| MessageError::Unwritable {
        source: Box::new(error),
    })
}
