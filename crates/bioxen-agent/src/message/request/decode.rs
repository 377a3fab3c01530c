//! Bytes to requests.

use std::borrow::Cow;

use bioxen_core::{Goal, ProcessCode, Sampling, VmImage};
use serde::Deserialize;

use super::encode::Fields;
use super::{Grant, Request, VERBS, VmRequest};
use crate::message::{Message, MessageError, check, read};

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    verb: Cow<'a, str>,
}

impl Request {
    /// The request that bytes are.
    ///
    /// # Errors
    ///
    /// [`MessageError`] says what they lack, or which field is wrong.
    pub fn decode(message: Message) -> Result<Self, MessageError> {
        let Message { json, body } = message;
        check(&json, &body, Self::MAX_JSON)?;
        let verb = read::<Head>(&json)?.verb;
        let known = VERBS.into_iter().find(|known| *known == verb);
        let Some(verb) = known else {
            return Err(MessageError::unknown_verb(&verb, &VERBS));
        };
        let fields = read::<Fields>(&json)?;
        if !body.is_empty() && !matches!(verb, "execute" | "restore") {
            let length = body.len();
            return Err(MessageError::Body { of: verb, length });
        }
        Ok(match verb {
            "create" => Self::Create {
                spec: there(fields.spec, "spec")?,
                packages: fields.packages.unwrap_or_default(),
            },
            "list" => Self::List,
            "events" => Self::Events {
                since: there(fields.since, "since")?,
                limit: there(fields.limit, "limit")?,
            },
            "information" => Self::Information,
            "shut_down" => Self::ShutDown,
            _ => Self::Vm {
                vm: there(fields.vm.clone(), "vm")?,
                ask: VmRequest::decode(verb, fields, body)?,
            },
        })
    }
}

impl VmRequest {
    fn decode(verb: &str, fields: Fields, body: Vec<u8>) -> Result<Self, MessageError> {
        Ok(match verb {
            "start" => Self::Start,
            "pause" => Self::Pause,
            "resume" => Self::Resume,
            "stop" => Self::Stop,
            "destroy" => Self::Destroy,
            "advance" => Self::Advance(there(fields.span_us, "span_us")?),
            "run" => run(&fields)?,
            "execute" => Self::Execute {
                code: code(&there(fields.name, "name")?, &body)?,
                limits: fields.limits,
            },
            "install" => Self::Install(there(fields.package, "package")?),
            "remove" => Self::Remove(there(fields.package, "package")?),
            "packages" => Self::Packages,
            "status" => Self::Status,
            "metrics" => Self::Metrics,
            "allocate" => {
                let grant = Grant::of(fields.atp_hundredths, fields.ribosomes);
                Self::Allocate(there(grant, "atp_hundredths or ribosomes")?)
            }
            "usage" => Self::Usage,
            "available" => Self::Available,
            "save" => Self::Save,
            "restore" => Self::Restore(VmImage::from_bytes(body)),
            "essential_genes" => Self::EssentialGenes,
            "start_transcription" => Self::StartTranscription(there(fields.genes, "genes")?),
            "manage_operons" => Self::ManageOperons {
                operons: there(fields.operons, "operons")?,
                action: there(fields.action, "action")?,
            },
            "plasmid_count" => Self::PlasmidCount,
            "inspect" => Self::Inspect,
            "history" => Self::History(there(fields.limit, "limit")?),
            _ => return Err(MessageError::unknown_verb(verb, &VERBS)),
        })
    }
}

fn there<T>(field: Option<T>, name: &str) -> Result<T, MessageError> {
    field.ok_or_else(|| MessageError::missing(name))
}

fn run(fields: &Fields) -> Result<VmRequest, MessageError> {
    let until = there(fields.until_us, "until_us")?;
    let goal = match fields.generations {
        None => Goal::Until(until),
        Some(count) => Goal::Generations(count, until),
    };
    let sampling = match (fields.from_us, fields.every_us) {
        (None, None) => None,
        (from, every) => Some(Sampling {
            from: there(from, "from_us")?,
            every: there(every, "every_us")?,
        }),
    };
    Ok(VmRequest::Run { goal, sampling })
}

fn code(name: &str, body: &[u8]) -> Result<ProcessCode, MessageError> {
    let source =
        std::str::from_utf8(body).map_err(|error| MessageError::unreadable("body", error))?;
    ProcessCode::new(name, source).map_err(|error| MessageError::unreadable("name or body", error))
}
