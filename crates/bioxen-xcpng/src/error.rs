//! What can go wrong between this side and XAPI.

use std::sync::Arc;

use thiserror::Error;

use crate::codec::CodecError;
use crate::https::{InvalidEndpoint, Reach, TransportError, TransportErrorKind, TrustError};
use crate::journal::JournalError;
use crate::value::{Uuid, ValueError};
use crate::wait::Overdue;
use crate::xapi::Failure;

/// Why XAPI did not do what it was asked.
///
/// All but [`OutcomeUnknown`](Self::OutcomeUnknown) mean that what was asked was not done.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum XapiError {
    /// No address was given.
    #[error("there is no address of an XAPI server")]
    NoEndpoint,
    /// There is nobody to trust.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The call did not reach the server, or its answer is lost and it changes nothing.
    #[error("{call} got no answer")]
    Transport {
        /// The call.
        call: String,
        /// Why.
        source: TransportError,
    },
    /// The call cannot be written.
    #[error("{call} cannot be put into words")]
    Unwritable {
        /// The call.
        call: String,
        /// Why.
        source: CodecError,
    },
    /// The answer cannot be read, and the call changes nothing.
    #[error("the answer to {call} cannot be read")]
    Unreadable {
        /// The call.
        call: String,
        /// Why.
        source: CodecError,
    },
    /// The answer is not what it should be.
    #[error("{call} gave something unexpected")]
    Value {
        /// The call.
        call: String,
        /// What.
        source: ValueError,
    },
    /// XAPI refused.
    #[error("{call} was refused")]
    Failure {
        /// The call.
        call: String,
        /// Why.
        source: Failure,
    },
    /// The call may have been done or not, or part of it.
    #[error("the outcome of {call} is unknown")]
    OutcomeUnknown {
        /// The call.
        call: String,
        /// Why.
        source: Box<XapiError>,
    },
    /// The server lost track of an operation in the background.
    #[error("the server no longer knows of the operation")]
    TaskLost,
    /// An operation in the background was asked to end and did not say how it ended.
    #[error("the operation did not end when it was asked to")]
    TaskPending,
    /// A step took too long.
    #[error(transparent)]
    Overdue(#[from] Overdue),
    /// A session cannot be written down.
    #[error(transparent)]
    Journal(Arc<JournalError>),
    /// It was called off.
    #[error("it was called off")]
    Cancelled,
    /// The session ended, and the next one at once too.
    #[error("the session ended twice in a row")]
    SessionLost,
    /// The connection was closed by this side.
    #[error("the connection to XAPI was closed")]
    Closed,
    /// A member of the pool named a master that may not be asked.
    #[error("the server says that the master of the pool is at {address}, which {reason}")]
    Redirect {
        /// Where.
        address: String,
        /// Why it may not be asked.
        reason: RedirectProblem,
    },
    /// There is none of what is needed.
    #[error("there is no {what} {name}")]
    NotFound {
        /// What is needed.
        what: &'static str,
        /// What it was called.
        name: String,
    },
    /// There are several of what is needed.
    #[error("there are {} of {what} {name}: {}", uuids.len(), listed(uuids))]
    Ambiguous {
        /// What is needed.
        what: &'static str,
        /// What it was called.
        name: String,
        /// All of them.
        uuids: Vec<Uuid>,
    },
}

fn listed(uuids: &[Uuid]) -> String {
    uuids
        .iter()
        .map(Uuid::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Why a master may not be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RedirectProblem {
    /// It is no address.
    #[error("is no address: {0}")]
    Invalid(InvalidEndpoint),
    /// Nothing vouches for it.
    #[error("is not a known member of the pool")]
    Unknown,
    /// It was asked already.
    #[error("was asked already")]
    Loop,
    /// There were too many of them.
    #[error("is one more than may be asked in a row")]
    TooMany,
}

impl XapiError {
    /// The refusal, if it is one, or the end of an operation in the background that failed.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failure { source, .. } => Some(source),
            _ => None,
        }
    }

    /// Whether it is a refusal of a certain code.
    pub fn is(&self, code: &str) -> bool {
        self.failure().is_some_and(|failure| failure.is(code))
    }

    /// Whether what was asked may have been done all the same.
    pub fn is_outcome_unknown(&self) -> bool {
        matches!(self, Self::OutcomeUnknown { .. })
    }

    /// What to do about it, where there is something to do.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoEndpoint => Some("give the address of the pool master".to_owned()),
            Self::Trust(error) => error.hint(),
            Self::Journal(error) => Some(error.hint()),
            Self::Transport { source, .. } => source.hint(),
            Self::Failure { source, .. } => source.hint().map(str::to_owned),
            Self::OutcomeUnknown { .. } => {
                Some("look whether it was done before it is asked for again".to_owned())
            }
            Self::Overdue(_) => Some("raise the limit, or look at the load of the host".to_owned()),
            Self::SessionLost => Some(
                "look whether the toolstack restarts, or whether others open many sessions"
                    .to_owned(),
            ),
            Self::Redirect { reason, .. } => match reason {
                RedirectProblem::Unknown => Some(
                    "if that is the master, name it in xcpng_config.xapi_url, or pin its certificate too: xcpng_config.tls_pins"
                        .to_owned(),
                ),
                RedirectProblem::Loop | RedirectProblem::TooMany => {
                    Some("the members of the pool do not agree on the master".to_owned())
                }
                RedirectProblem::Invalid(_) => None,
            },
            Self::Ambiguous { .. } => Some("name it by its UUID".to_owned()),
            Self::NotFound { .. } => Some("names are compared letter by letter".to_owned()),
            Self::Unwritable { .. }
            | Self::Unreadable { .. }
            | Self::Value { .. }
            | Self::TaskLost
            | Self::TaskPending
            | Self::Cancelled
            | Self::Closed => None,
        }
    }

    /// From what went wrong on the way, for a call that may be repeated or may not.
    pub(crate) fn on_the_way(call: &str, error: TransportError, harmless: bool) -> Self {
        let reach = error.reach();
        let plain = match error.kind() {
            TransportErrorKind::Cancelled => Self::Cancelled,
            _ => Self::Transport {
                call: call.to_owned(),
                source: error,
            },
        };
        if harmless || reach == Reach::NotSent {
            plain
        } else {
            plain.unknown(call)
        }
    }

    /// As the reason why an outcome is unknown.
    pub(crate) fn unknown(self, call: &str) -> Self {
        match self {
            Self::OutcomeUnknown { .. } => self,
            other => Self::OutcomeUnknown {
                call: call.to_owned(),
                source: Box::new(other),
            },
        }
    }
}
