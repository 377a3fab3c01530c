//! Changes as records of the journal.

use bioxen_core::{VmId, VmState};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Change, KeptVm};
use crate::daemon::journal::Record;
use crate::frame::OpId;
use crate::message::{Answer, Message, MessageError, Request, UnixMillis};

const VM: u8 = 1;
const GONE: u8 = 2;
const DONE: u8 = 3;
const EVENT: u8 = 4;

/// Why a record is no change.
#[derive(Debug, Error)]
pub(crate) enum RecordError {
    #[error("kind {kind} is not known")]
    Kind { kind: u8 },
    #[error("the entry of a VM cannot be read")]
    Json(#[source] serde_json::Error),
    #[error("the entry has a message that cannot be read")]
    Message(#[source] MessageError),
    #[error("the entry has {what} that is none")]
    Value { what: &'static str },
}

/// A VM, with the request that made it as it came.
#[derive(Serialize, Deserialize)]
struct WireVm {
    create: String,
    created_at_unix_ms: u64,
    state: String,
    image: String,
}

pub(super) fn encode(change: &Change) -> Record {
    let (kind, bytes) = match change {
        Change::Vm(vm) => (VM, encode_vm(vm)),
        Change::Gone(id) => (GONE, id.as_str().as_bytes().to_vec()),
        Change::Done(op, Message { json, body }) => {
            let length = u32::try_from(json.len()).expect("an answer has at most 16 MiB of JSON");
            let (op, length) = (op.bytes(), length.to_le_bytes());
            (DONE, [op.as_slice(), &length, json, body].concat())
        }
        Change::Event(event) => {
            let answer = Answer::Events(vec![event.clone()]);
            let message = answer.encode().expect("one event is short");
            (EVENT, message.json)
        }
    };
    Record { kind, bytes }
}

fn encode_vm(vm: &KeptVm) -> Vec<u8> {
    let KeptVm {
        spec,
        created_at,
        state,
        image,
    } = vm;
    let request = Request::Create {
        spec: spec.clone(),
        // They are in the image by now.
        packages: Vec::new(),
    };
    let message = request.encode().expect("it came as a request");
    let wire = WireVm {
        create: String::from_utf8(message.json).expect("JSON is text"),
        created_at_unix_ms: created_at.get(),
        state: state.to_string(),
        image: image.clone(),
    };
    serde_json::to_vec(&wire).expect("texts and numbers")
}

pub(super) fn decode(record: &Record) -> Result<Change, RecordError> {
    let bytes = record.bytes.as_slice();
    match record.kind {
        VM => decode_vm(bytes).map(Change::Vm),
        GONE => {
            let text = std::str::from_utf8(bytes).ok();
            let id = text.and_then(|text| VmId::new(text).ok());
            id.map(Change::Gone)
                .ok_or(RecordError::Value { what: "a name" })
        }
        DONE => decode_done(bytes).ok_or(RecordError::Value { what: "an answer" }),
        EVENT => {
            let message = Message {
                json: bytes.to_vec(),
                body: Vec::new(),
            };
            match Answer::decode(message).map_err(RecordError::Message)? {
                Answer::Events(mut events) if events.len() == 1 => {
                    Ok(Change::Event(events.remove(0)))
                }
                _ => Err(RecordError::Value { what: "an event" }),
            }
        }
        kind => Err(RecordError::Kind { kind }),
    }
}

fn decode_vm(bytes: &[u8]) -> Result<KeptVm, RecordError> {
    let wire: WireVm = serde_json::from_slice(bytes).map_err(RecordError::Json)?;
    let request = Request::decode(Message {
        json: wire.create.into_bytes(),
        body: Vec::new(),
    });
    let Request::Create { spec, .. } = request.map_err(RecordError::Message)? else {
        return Err(RecordError::Value { what: "a request" });
    };
    let state = VmState::ALL
        .into_iter()
        .find(|state| state.to_string() == wire.state)
        .ok_or(RecordError::Value { what: "a state" })?;
    if wire.image.contains('/') {
        return Err(RecordError::Value {
            what: "a file name",
        });
    }
    Ok(KeptVm {
        spec,
        created_at: UnixMillis::new(wire.created_at_unix_ms),
        state,
        image: wire.image,
    })
}

fn decode_done(bytes: &[u8]) -> Option<Change> {
    let (op, rest) = bytes.split_first_chunk::<16>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (json, body) = rest.split_at_checked(length)?;
    let answer = Message {
        json: json.to_vec(),
        body: body.to_vec(),
    };
    Some(Change::Done(OpId::new(*op)?, answer))
}
