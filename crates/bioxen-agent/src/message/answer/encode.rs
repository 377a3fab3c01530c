//! Answers to bytes.

use std::borrow::Cow;

use serde::Serialize;

use super::Answer;
use super::process::ReportWire;
use crate::message::wire::{OnWire, Out};
use crate::message::{Message, MessageError, write};

#[derive(Serialize)]
struct Spoken<T> {
    answer: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<T>,
}

impl Answer {
    /// The answer as bytes; an image and the texts of a process are its body.
    ///
    /// # Errors
    ///
    /// [`MessageError::TooLong`] or [`MessageError::Unwritable`] if a list or a body is longer than messages allow, or if a value is newer than the protocol.
    pub fn encode(&self) -> Result<Message, MessageError> {
        let mut body: Cow<[u8]> = Cow::default();
        let json = match self {
            Self::Done => self.bare(),
            Self::Image(image) => {
                body = Cow::Borrowed(image.as_bytes());
                self.bare()
            }
            Self::Process(report) => {
                let (mirror, texts) = ReportWire::split(report);
                body = Cow::Owned(texts);
                write(&Spoken {
                    answer: self.kind(),
                    value: Some(mirror),
                })
            }
            Self::Refused(refusal) => self.with(refusal),
            Self::Created(created) => self.with(&**created),
            Self::Status(status) => self.with(&**status),
            Self::Metrics(metrics) => self.with(&**metrics),
            Self::Reached(time) => self.with(time),
            Self::Ran(ran) => self.with(&**ran),
            Self::Allocation(allocation) => self.with(&**allocation),
            Self::Usage(usage) => self.with(&**usage),
            Self::Available(available) => self.with(available),
            Self::Installed(report) => self.with(report),
            Self::Packages(packages) => self.with(packages),
            Self::Genes(genes) => self.with(genes),
            Self::Transcription(changes) => self.with(changes),
            Self::Plasmids(count) => self.with(count),
            Self::Vms(statuses) => self.with(statuses),
            Self::Inspection(inspection) => self.with(&**inspection),
            Self::History(readings) => self.with(readings),
            Self::Events(events) => self.with(events),
            Self::Information(information) => self.with(information),
        }?;
        Message::new(json, body, Self::MAX_JSON)
    }

    fn with<T: OnWire>(&self, value: &T) -> Result<Vec<u8>, MessageError> {
        write(&Spoken {
            answer: self.kind(),
            value: Some(Out(value)),
        })
    }

    fn bare(&self) -> Result<Vec<u8>, MessageError> {
        write(&Spoken::<()> {
            answer: self.kind(),
            value: None,
        })
    }
}
