//! The data of a refusal: a `VmError` whose causes are words.

use bioxen_core::{
    AtpPercent, GeneId, IllegalTransition, Operation, Organism, RibosomeCount, VmError, VmEvent,
    VmId, VmState,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::image::ImageFault;
use super::{Refusal, Refused, clip};
use crate::message::wire;
use crate::message::wire::MAX_ENTRIES;

/// One variant for each of `VmError` that is known here; a newer one travels as `Backend`, with its message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", content = "data", rename_all = "snake_case")]
pub(super) enum Fault {
    IllegalTransition {
        #[serde(with = "wire")]
        from: VmState,
        #[serde(with = "wire")]
        event: VmEvent,
    },
    NotFound {
        #[serde(with = "wire")]
        id: VmId,
    },
    AlreadyExists {
        #[serde(with = "wire")]
        id: VmId,
    },
    AtpExceeded {
        #[serde(rename = "asked_hundredths", with = "wire")]
        asked: AtpPercent,
        #[serde(rename = "free_hundredths", with = "wire")]
        free: AtpPercent,
    },
    RibosomesExceeded {
        #[serde(with = "wire")]
        asked: RibosomeCount,
        #[serde(with = "wire")]
        free: RibosomeCount,
        #[serde(with = "wire")]
        capacity: RibosomeCount,
    },
    AtpAboveLimit {
        #[serde(rename = "asked_hundredths", with = "wire")]
        asked: AtpPercent,
        #[serde(rename = "limit_hundredths", with = "wire")]
        limit: AtpPercent,
    },
    RibosomesAboveLimit {
        #[serde(with = "wire")]
        asked: RibosomeCount,
        #[serde(with = "wire")]
        limit: RibosomeCount,
    },
    Unsupported {
        #[serde(with = "wire")]
        organism: Organism,
        #[serde(with = "wire")]
        operation: Operation,
    },
    UnknownGene {
        name: String,
        #[serde(with = "wire")]
        nearest: Vec<String>,
    },
    UnknownOperon {
        name: String,
        #[serde(with = "wire")]
        nearest: Vec<String>,
    },
    UnknownInducer {
        name: String,
        #[serde(with = "wire")]
        known: Vec<String>,
    },
    UnknownMedium {
        name: String,
        #[serde(with = "wire")]
        known: Vec<String>,
    },
    NotExpressed {
        #[serde(with = "wire")]
        gene: GeneId,
        reason: String,
    },
    NotRunning {
        #[serde(with = "wire")]
        id: VmId,
        #[serde(with = "wire")]
        state: VmState,
        operation: String,
    },
    Image(ImageFault),
    WorkerPanicked {
        #[serde(with = "wire")]
        id: VmId,
        message: String,
    },
    Cancelled,
    Backend,
    BadRequest,
}

/// What is asked of a running VM, in the words of [`VmError::NotRunning`], which are static.
const OPERATIONS: [&str; 3] = ["advance", "run a process", "run a batch"];
/// The words for one that only a newer agent knows.
const OTHER_OPERATION: &str = "do that";

pub(super) const CODES: [&str; 19] = [
    "illegal_transition",
    "not_found",
    "already_exists",
    "atp_exceeded",
    "ribosomes_exceeded",
    "atp_above_limit",
    "ribosomes_above_limit",
    "unsupported",
    "unknown_gene",
    "unknown_operon",
    "unknown_inducer",
    "unknown_medium",
    "not_expressed",
    "not_running",
    "image",
    "worker_panicked",
    "cancelled",
    "backend",
    "bad_request",
];

impl Fault {
    pub(super) fn of(error: &VmError) -> Self {
        match error {
            VmError::IllegalTransition(IllegalTransition { from, event }) => {
                Self::IllegalTransition {
                    from: *from,
                    event: *event,
                }
            }
            VmError::NotFound { id } => Self::NotFound { id: id.clone() },
            VmError::AlreadyExists { id } => Self::AlreadyExists { id: id.clone() },
            VmError::AtpExceeded { asked, free } => Self::AtpExceeded {
                asked: *asked,
                free: *free,
            },
            VmError::RibosomesExceeded {
                asked,
                free,
                capacity,
            } => Self::RibosomesExceeded {
                asked: *asked,
                free: *free,
                capacity: *capacity,
            },
            VmError::AtpAboveLimit { asked, limit } => Self::AtpAboveLimit {
                asked: *asked,
                limit: *limit,
            },
            VmError::RibosomesAboveLimit { asked, limit } => Self::RibosomesAboveLimit {
                asked: *asked,
                limit: *limit,
            },
            VmError::Unsupported {
                organism,
                operation,
            } => Self::Unsupported {
                organism: *organism,
                operation: *operation,
            },
            VmError::UnknownGene { name, nearest } => Self::UnknownGene {
                name: clip(name),
                nearest: clip_all(nearest),
            },
            VmError::UnknownOperon { name, nearest } => Self::UnknownOperon {
                name: clip(name),
                nearest: clip_all(nearest),
            },
            VmError::UnknownInducer { name, known } => Self::UnknownInducer {
                name: clip(name),
                known: clip_all(known),
            },
            VmError::UnknownMedium { name, known } => Self::UnknownMedium {
                name: clip(name),
                known: clip_all(known),
            },
            VmError::NotExpressed { gene, reason } => Self::NotExpressed {
                gene: gene.clone(),
                reason: clip(reason),
            },
            VmError::NotRunning {
                id,
                state,
                operation,
            } => Self::NotRunning {
                id: id.clone(),
                state: *state,
                operation: (*operation).to_owned(),
            },
            VmError::Image(error) => ImageFault::of(error).map_or(Self::Backend, Self::Image),
            VmError::WorkerPanicked { id, message } => Self::WorkerPanicked {
                id: id.clone(),
                message: clip(message),
            },
            VmError::Cancelled => Self::Cancelled,
            // `VmError` may grow, and what it grows by has no data here.
            VmError::Backend { .. } | _ => Self::Backend,
        }
    }

    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::IllegalTransition { .. } => "illegal_transition",
            Self::NotFound { .. } => "not_found",
            Self::AlreadyExists { .. } => "already_exists",
            Self::AtpExceeded { .. } => "atp_exceeded",
            Self::RibosomesExceeded { .. } => "ribosomes_exceeded",
            Self::AtpAboveLimit { .. } => "atp_above_limit",
            Self::RibosomesAboveLimit { .. } => "ribosomes_above_limit",
            Self::Unsupported { .. } => "unsupported",
            Self::UnknownGene { .. } => "unknown_gene",
            Self::UnknownOperon { .. } => "unknown_operon",
            Self::UnknownInducer { .. } => "unknown_inducer",
            Self::UnknownMedium { .. } => "unknown_medium",
            Self::NotExpressed { .. } => "not_expressed",
            Self::NotRunning { .. } => "not_running",
            Self::Image(_) => "image",
            Self::WorkerPanicked { .. } => "worker_panicked",
            Self::Cancelled => "cancelled",
            Self::Backend => "backend",
            Self::BadRequest => "bad_request",
        }
    }

    /// A code that only a newer agent knows is a `Backend`: its words are kept.
    pub(super) fn read(code: &str, data: Value) -> serde_json::Result<Self> {
        if CODES.contains(&code) {
            serde_json::from_value(json!({ "code": code, "data": data }))
        } else {
            Ok(Self::Backend)
        }
    }
}

fn clip_all(texts: &[String]) -> Vec<String> {
    texts.iter().take(MAX_ENTRIES).cloned().collect()
}

impl Refusal {
    pub(super) fn into_error(self) -> VmError {
        let below = |context| VmError::Backend {
            context,
            source: Box::new(Refused::chain(&self.message, self.hint(), &self.causes)),
        };
        match self.fault {
            Fault::IllegalTransition { from, event } => {
                VmError::IllegalTransition(IllegalTransition { from, event })
            }
            Fault::NotFound { id } => VmError::NotFound { id },
            Fault::AlreadyExists { id } => VmError::AlreadyExists { id },
            Fault::AtpExceeded { asked, free } => VmError::AtpExceeded { asked, free },
            Fault::RibosomesExceeded {
                asked,
                free,
                capacity,
            } => VmError::RibosomesExceeded {
                asked,
                free,
                capacity,
            },
            Fault::AtpAboveLimit { asked, limit } => VmError::AtpAboveLimit { asked, limit },
            Fault::RibosomesAboveLimit { asked, limit } => {
                VmError::RibosomesAboveLimit { asked, limit }
            }
            Fault::Unsupported {
                organism,
                operation,
            } => VmError::Unsupported {
                organism,
                operation,
            },
            Fault::UnknownGene { name, nearest } => VmError::UnknownGene { name, nearest },
            Fault::UnknownOperon { name, nearest } => VmError::UnknownOperon { name, nearest },
            Fault::UnknownInducer { name, known } => VmError::UnknownInducer { name, known },
            Fault::UnknownMedium { name, known } => VmError::UnknownMedium { name, known },
            Fault::NotExpressed { gene, reason } => VmError::NotExpressed { gene, reason },
            Fault::NotRunning {
                id,
                state,
                operation,
            } => VmError::NotRunning {
                id,
                state,
                operation: OPERATIONS
                    .into_iter()
                    .find(|known| *known == operation)
                    .unwrap_or(OTHER_OPERATION),
            },
            // The first cause is the image error itself.
            Fault::Image(image) => {
                VmError::Image(image.into_error(self.causes.get(1..).unwrap_or_default()))
            }
            Fault::WorkerPanicked { id, message } => VmError::WorkerPanicked { id, message },
            Fault::Cancelled => VmError::Cancelled,
            Fault::Backend => below("the agent could not do it"),
            Fault::BadRequest => below("the agent did not understand the request"),
        }
    }
}
