//! Messages: what a client asks of an agent, and what it is answered.
//!
//! A [`Message`] is a JSON object and, beside it, a body of plain bytes for what is large: a program text, an image, the output of a process.
//! Fields that a reader does not know are passed over, so that a newer side may say more to an older one; a verb or a kind of answer that it does not know is an error that names it.

use std::borrow::Cow;

mod request;

mod answer;
mod refusal;
mod values;

mod error;
mod place;
mod wire;

#[cfg(test)]
mod testing;

pub use answer::{Answer, Created, Event, Information, Inspection, Ran, Reading};
pub use error::MessageError;
pub use refusal::{Refusal, Refused};
pub use request::{Grant, Request, VmRequest};
pub use values::{EventNumber, InvalidPageSize, PageSize, UnixMillis};

/// A request or an answer as bytes.
///
/// A request is a flat object, `{"verb":"advance","vm":"cell-1","span_us":500000}`; an answer has its value apart, `{"answer":"reached","value":500000}`.
/// The body is the program text of `execute`, the image of `restore` and of the answer `image`, and in the answer `process` standard output, standard error and the result, one after the other.
///
/// - Simulated times, and limits of time, are whole microseconds (`…_us`); times on the wall are whole milliseconds since 1970 (`…_ms`).
/// - Granted shares of ATP are hundredths of a percent (`…_hundredths`). Measured levels are percent.
/// - Counts are whole numbers below 2^64. Seeds are decimal text, because readers that keep numbers as doubles lose what is above 2^53.
/// - Measured values come back bit for bit, and are `"NaN"`, `"inf"` or `"-inf"` where they are not finite.
/// - Lists and tables have 10,000 entries at most.
/// - What may be absent is `null` or left out.
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

    /// A message of these parts, of which neither is too long.
    fn new<'a>(
        json: Vec<u8>,
        body: impl Into<Cow<'a, [u8]>>,
        max_json: usize,
    ) -> Result<Self, MessageError> {
        let body = body.into();
        check(&json, &body, max_json)?;
        let body = body.into_owned();
        Ok(Self { json, body })
    }
}

fn check(json: &[u8], body: &[u8], max_json: usize) -> Result<(), MessageError> {
    let parts = [
        ("JSON", json.len(), max_json),
        ("body", body.len(), Message::MAX_BODY),
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

/// Reads JSON and says at which field it fails.
fn read<'a, T: serde::Deserialize<'a>>(json: &'a [u8]) -> Result<T, MessageError> {
    serde_json::from_slice(json).map_err(|error| MessageError::of_json(json, error))
}

fn write(json: &impl serde::Serialize) -> Result<Vec<u8>, MessageError> {
    serde_json::to_vec(json).map_err(|error| MessageError::Unwritable {
        source: Box::new(error),
    })
}
