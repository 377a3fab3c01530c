//! What can go wrong with a VM.
//!
//! Errors about single values, such as [`InvalidName`](crate::InvalidName), are beside the types that they guard.

use std::error::Error as StdError;

use thiserror::Error;

use crate::id::{GeneId, VmId};
use crate::image::ImageError;
use crate::invalid::suggest;
use crate::organism::{Operation, Organism};
use crate::state::{IllegalTransition, VmState};
use crate::units::{AtpPercent, RibosomeCount};

/// Why a VM did not do what it was asked.
///
/// The message is one line and says what failed; [`source`](StdError::source) carries the cause and [`VmError::hint`] the advice.
///
/// ```
/// use bioxen_core::{AtpPercent, VmError};
///
/// let error = VmError::AtpExceeded { asked: AtpPercent::FULL, free: AtpPercent::new(37.5)? };
/// assert_eq!(error.to_string(), "100% of ATP was asked for and 37.5% is free");
/// let hint = error.hint().expect("there is something to do");
/// assert_eq!(hint, "ask for 37.5% or less, or lower the share of another VM");
/// # Ok::<(), bioxen_core::InvalidNumber>(())
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VmError {
    /// Its state does not allow that.
    #[error(transparent)]
    IllegalTransition(#[from] IllegalTransition),
    /// There is no VM of that name.
    #[error("no VM is named \"{id}\"")]
    NotFound {
        /// The name.
        id: VmId,
    },
    /// There is a VM of that name already.
    #[error("a VM named \"{id}\" exists already")]
    AlreadyExists {
        /// The name.
        id: VmId,
    },
    /// More ATP was asked for than the host has free.
    #[error("{asked} of ATP was asked for and {free} is free")]
    AtpExceeded {
        /// Share asked for, percent.
        asked: AtpPercent,
        /// Share that is free, percent.
        free: AtpPercent,
    },
    /// More ribosomes were asked for than the host has free.
    #[error("{asked} ribosome units were asked for and {free} of {capacity} are free")]
    RibosomesExceeded {
        /// Units asked for.
        asked: RibosomeCount,
        /// Units that are free.
        free: RibosomeCount,
        /// Units that the host has for all VMs.
        capacity: RibosomeCount,
    },
    /// More ATP was asked for than the host allows any VM.
    #[error("{asked} of ATP was asked for and a VM may hold {limit}")]
    AtpAboveLimit {
        /// Share asked for, percent.
        asked: AtpPercent,
        /// The most, percent.
        limit: AtpPercent,
    },
    /// More ribosomes were asked for than the host allows any VM.
    #[error("{asked} ribosome units were asked for and a VM may hold {limit}")]
    RibosomesAboveLimit {
        /// Units asked for.
        asked: RibosomeCount,
        /// The most.
        limit: RibosomeCount,
    },
    /// Cells of this organism do not offer that.
    #[error("cells of {organism} cannot {operation}")]
    Unsupported {
        /// The organism.
        organism: Organism,
        /// What it does not offer.
        operation: Operation,
    },
    /// The cell has no gene of that name.
    #[error("the cell has no gene named {name:?}")]
    UnknownGene {
        /// The name that was given.
        name: String,
        /// Names that are near it, the nearest first.
        nearest: Vec<String>,
    },
    /// The cell has no operon of that name.
    #[error("the cell has no operon named {name:?}")]
    UnknownOperon {
        /// The name that was given.
        name: String,
        /// Names that are near it, the nearest first.
        nearest: Vec<String>,
    },
    /// No operon answers to that substance.
    #[error("no operon of the cell answers to {name:?}")]
    UnknownInducer {
        /// The name that was given.
        name: String,
        /// Substances that operons answer to.
        known: Vec<String>,
    },
    /// The cell knows no medium of that name.
    #[error("the cell knows no medium named {name:?}")]
    UnknownMedium {
        /// The name that was given.
        name: String,
        /// The media that it knows.
        known: Vec<String>,
    },
    /// The gene cannot be expressed.
    #[error("gene \"{gene}\" is not expressed: {reason}")]
    NotExpressed {
        /// The gene.
        gene: GeneId,
        /// Why, in a few words, such as "it is a pseudogene".
        reason: String,
    },
    /// It takes a running VM.
    #[error("cannot {operation} on VM \"{id}\", which is in state {state}")]
    NotRunning {
        /// The VM.
        id: VmId,
        /// The state that it is in.
        state: VmState,
        /// What was asked for, in words that read after "cannot".
        operation: &'static str,
    },
    /// The saved state cannot be used.
    #[error("the saved state cannot be used")]
    Image(#[from] ImageError),
    /// The thread that computed the cell panicked; this is a bug of ours.
    #[error("the simulation of VM \"{id}\" panicked: {}", message.lines().next().unwrap_or_default())]
    WorkerPanicked {
        /// The VM.
        id: VmId,
        /// What the panic said.
        message: String,
    },
    /// It was ended through a [`CancelToken`](crate::CancelToken).
    #[error("the operation was cancelled")]
    Cancelled,
    /// Something below the VM failed.
    #[error("{context}")]
    Backend {
        /// What was being done, in words that make a message of their own.
        context: &'static str,
        /// The cause.
        source: Box<dyn StdError + Send + Sync>,
    },
}

impl VmError {
    /// What to do about it, where there is something to do.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::IllegalTransition(refused) => refused.hint(),
            Self::Image(error) => error.hint(),
            Self::NotFound { .. } => Some("list the VMs to see their names".to_owned()),
            Self::AlreadyExists { .. } => {
                Some("choose another name, or destroy that VM first".to_owned())
            }
            Self::AtpExceeded { free, .. } => Some(format!(
                "ask for {free} or less, or lower the share of another VM"
            )),
            Self::RibosomesExceeded { free, .. } => Some(format!(
                "ask for {free} or fewer, or lower the units of another VM"
            )),
            Self::AtpAboveLimit { limit, .. } => Some(format!(
                "ask for {limit} or less, or raise resource_limits.max_atp"
            )),
            Self::RibosomesAboveLimit { limit, .. } => Some(format!(
                "ask for {limit} or fewer, or raise resource_limits.max_ribosomes"
            )),
            Self::Unsupported {
                organism,
                operation,
            } => Some(alternative(*organism, *operation)),
            Self::UnknownGene { nearest, .. } if nearest.is_empty() => {
                Some("use a gene name or a locus tag of its genome".to_owned())
            }
            Self::UnknownOperon { nearest, .. } if nearest.is_empty() => {
                Some("use the name or the identifier of an operon of its genome".to_owned())
            }
            Self::UnknownGene { nearest, .. } | Self::UnknownOperon { nearest, .. } => {
                Some(format!("did you mean {}?", nearest.join(" or ")))
            }
            Self::UnknownInducer { name, known } | Self::UnknownMedium { name, known } => {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                Some(suggest(name, &known))
            }
            Self::NotExpressed { .. } => Some("choose a gene that makes a product".to_owned()),
            Self::NotRunning { state, .. } => Some(
                match state {
                    VmState::Created | VmState::Stopped => "start it first",
                    VmState::Paused => "resume it first",
                    VmState::Error => "stop it, then start it again",
                    VmState::Destroyed => "create another VM",
                    VmState::Running => return None,
                }
                .to_owned(),
            ),
            Self::WorkerPanicked { .. } => {
                Some("please report this with the seed and the commands that led to it".to_owned())
            }
            Self::Cancelled | Self::Backend { .. } => None,
        }
    }
}

/// What an organism offers instead of an operation, or which organisms offer it.
fn alternative(organism: Organism, operation: Operation) -> String {
    if operation == Operation::StartTranscription && organism.supports(Operation::ManageOperons) {
        return "its genes are switched by operon: use manage_operons".to_owned();
    }
    if operation == Operation::ManageOperons && organism.supports(Operation::StartTranscription) {
        return "its genes are switched one by one: use start_transcription".to_owned();
    }
    if organism.supports(operation) {
        return "this kind of VM does not offer it".to_owned();
    }
    let able: Vec<String> = Organism::ALL
        .into_iter()
        .filter(|other| *other != organism && other.supports(operation))
        .map(|other| other.to_string())
        .collect();
    if able.is_empty() {
        "no organism offers this in this version".to_owned()
    } else {
        format!("only offered by {}", able.join(" and "))
    }
}

#[cfg(test)]
mod tests;
