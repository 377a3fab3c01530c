//! Requests to bytes.

use bioxen_core::{
    AtpPercent, GeneId, Goal, OperonAction, OperonId, PackageName, ProcessLimits, RibosomeCount,
    Sampling, SimSpan, SimTime, VmId, VmSpec,
};
use serde::{Deserialize, Serialize};

use super::{Grant, Request, VmRequest};
use crate::message::wire;
use crate::message::{EventNumber, Message, MessageError, PageSize, write};

/// The fields of all requests; each verb has some of them.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Fields {
    #[serde(with = "wire", skip_serializing_if = "Option::is_none")]
    pub(super) vm: Option<VmId>,
    #[serde(with = "wire", skip_serializing_if = "Option::is_none")]
    pub(super) spec: Option<VmSpec>,
    #[serde(with = "wire", skip_serializing_if = "Option::is_none")]
    pub(super) packages: Option<Vec<PackageName>>,
    #[serde(with = "wire", skip_serializing_if = "Option::is_none")]
    pub(super) span_us: Option<SimSpan>,
    #[serde(with = "wire", skip_serializing_if = "Option::is_none")]
    pub(super) until_us: Option<SimTime>,
    #[serde(with = "wire", skip_serializing_if = "Option::is_none")]
    pub(super) generations: Option<u32>,
    #[serde(with = "wire", skip_serializing_if = "Option::is_none")]
    pub(super) from_us: Option<SimTime>,
    #[serde(with = "wire", skip_serializing_if = "Option::is_none")]
    pub(super) every_us: Option<SimSpan>,
    #[serde(with = "wire", skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(with = "wire", skip_serializing_if = "Option::is_none")]
    pub(super) limits: Option<ProcessLimits>,
    #[serde(with = "wire", skip_serializing_if = "Option::is_none")]
    pub(super) package: Option<PackageName>,
    #[serde(with = "wire", skip_serializing_if = "Option::is_none")]
    pub(super) atp_hundredths: Option<AtpPercent>,
    #[serde(with = "wire", skip_serializing_if = "Option::is_none")]
    pub(super) ribosomes: Option<RibosomeCount>,
    #[serde(with = "wire", skip_serializing_if = "Option::is_none")]
    pub(super) genes: Option<Vec<GeneId>>,
    #[serde(with = "wire", skip_serializing_if = "Option::is_none")]
    pub(super) operons: Option<Vec<OperonId>>,
    #[serde(with = "wire", skip_serializing_if = "Option::is_none")]
    pub(super) action: Option<OperonAction>,
    #[serde(with = "wire", skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<EventNumber>,
    #[serde(with = "wire", skip_serializing_if = "Option::is_none")]
    pub(super) limit: Option<PageSize>,
}

#[derive(Serialize)]
struct Spoken {
    verb: &'static str,
    #[serde(flatten)]
    fields: Fields,
}

impl Request {
    /// The request as bytes; the text of a program and an image are its body.
    ///
    /// # Errors
    ///
    /// [`MessageError::TooLong`] or [`MessageError::Unwritable`] if a list or an image is longer than messages allow.
    pub fn encode(&self) -> Result<Message, MessageError> {
        let (fields, body) = match self {
            Self::Create { spec, packages } => {
                let fields = Fields {
                    spec: Some(spec.clone()),
                    packages: Some(packages.clone()),
                    ..Fields::default()
                };
                (fields, &[][..])
            }
            Self::Vm { vm, ask } => {
                let fields = Fields {
                    vm: Some(vm.clone()),
                    ..ask.fields()
                };
                (fields, ask.body())
            }
            Self::Events { since, limit } => {
                let fields = Fields {
                    since: Some(*since),
                    limit: Some(*limit),
                    ..Fields::default()
                };
                (fields, &[][..])
            }
            Self::List | Self::Information | Self::ShutDown => (Fields::default(), &[][..]),
        };
        let verb = self.verb();
        Message::new(write(&Spoken { verb, fields })?, body, Self::MAX_JSON)
    }
}

impl VmRequest {
    /// The fields, without the VM.
    fn fields(&self) -> Fields {
        let none = Fields::default();
        match self {
            Self::Start
            | Self::Pause
            | Self::Resume
            | Self::Stop
            | Self::Destroy
            | Self::Packages
            | Self::Status
            | Self::Metrics
            | Self::Usage
            | Self::Available
            | Self::Save
            | Self::EssentialGenes
            | Self::PlasmidCount
            | Self::Inspect
            | Self::Restore(_) => none,
            Self::Advance(span) => Fields {
                span_us: Some(*span),
                ..none
            },
            Self::Run { goal, sampling } => run(*goal, *sampling),
            Self::Execute { code, limits } => Fields {
                name: Some(code.name().to_owned()),
                limits: *limits,
                ..none
            },
            Self::Install(package) | Self::Remove(package) => Fields {
                package: Some(package.clone()),
                ..none
            },
            Self::Allocate(grant) => allocation(*grant),
            Self::StartTranscription(genes) => Fields {
                genes: Some(genes.clone()),
                ..none
            },
            Self::ManageOperons { operons, action } => Fields {
                operons: Some(operons.clone()),
                action: Some(*action),
                ..none
            },
            Self::History(limit) => Fields {
                limit: Some(*limit),
                ..none
            },
        }
    }

    fn body(&self) -> &[u8] {
        match self {
            Self::Execute { code, .. } => code.source().as_bytes(),
            Self::Restore(image) => image.as_bytes(),
            _ => &[],
        }
    }
}

fn run(goal: Goal, sampling: Option<Sampling>) -> Fields {
    Fields {
        until_us: Some(goal.until()),
        generations: goal.generations(),
        from_us: sampling.map(|sampling| sampling.from),
        every_us: sampling.map(|sampling| sampling.every),
        ..Fields::default()
    }
}

fn allocation(grant: Grant) -> Fields {
    Fields {
        atp_hundredths: grant.atp(),
        ribosomes: grant.ribosomes(),
        ..Fields::default()
    }
}
