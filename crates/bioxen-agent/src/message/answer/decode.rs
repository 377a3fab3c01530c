//! Bytes to answers.

use std::borrow::Cow;

use bioxen_core::VmImage;
use serde::Deserialize;

use super::Answer;
use super::process::ReportWire;
use crate::message::wire::{In, OnWire};
use crate::message::{Message, MessageError, check, read};

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    answer: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Valued<T> {
    value: T,
}

impl Answer {
    /// The answer that bytes are.
    ///
    /// # Errors
    ///
    /// [`MessageError`] says what they lack, or which field is wrong.
    pub fn decode(message: Message) -> Result<Self, MessageError> {
        let Message { json, body } = message;
        check(&json, &body, Self::MAX_JSON)?;
        let length = body.len();
        let answer = match &*read::<Head>(&json)?.answer {
            "process" => {
                let report: ReportWire = read::<Valued<_>>(&json)?.value;
                return Ok(Self::Process(Box::new(report.join(&body)?)));
            }
            "image" => return Ok(Self::Image(VmImage::from_bytes(body))),
            "done" => Self::Done,
            "refused" => Self::Refused(value(&json)?),
            "created" => Self::Created(Box::new(value(&json)?)),
            "status" => Self::Status(Box::new(value(&json)?)),
            "metrics" => Self::Metrics(Box::new(value(&json)?)),
            "reached" => Self::Reached(value(&json)?),
            "ran" => Self::Ran(Box::new(value(&json)?)),
            "allocation" => Self::Allocation(Box::new(value(&json)?)),
            "usage" => Self::Usage(Box::new(value(&json)?)),
            "available" => Self::Available(value(&json)?),
            "installed" => Self::Installed(value(&json)?),
            "packages" => Self::Packages(value(&json)?),
            "genes" => Self::Genes(value(&json)?),
            "transcription" => Self::Transcription(value(&json)?),
            "plasmids" => Self::Plasmids(value(&json)?),
            "vms" => Self::Vms(value(&json)?),
            "inspection" => Self::Inspection(Box::new(value(&json)?)),
            "history" => Self::History(value(&json)?),
            "events" => Self::Events(value(&json)?),
            "information" => Self::Information(value(&json)?),
            kind => return Err(MessageError::unknown_answer(kind)),
        };
        if length == 0 {
            Ok(answer)
        } else {
            let of = answer.kind();
            Err(MessageError::Body { of, length })
        }
    }
}

fn value<T: OnWire>(json: &[u8]) -> Result<T, MessageError> {
    Ok(read::<Valued<In<T>>>(json)?.value.0)
}
