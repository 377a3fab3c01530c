//! Why a pool did not do with a guest what it was asked.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use bioxen_agent::{MessageError, ProtocolError};
use bioxen_core::{VmError, VmId};
use thiserror::Error;

use crate::error::XapiError;
use crate::https::TransportErrorKind;
use crate::journal::JournalError;
use crate::ssh::{HostKeysError, SshError, UploadError};
use crate::value::Uuid;
use crate::wait::Overdue;
use crate::xapi::{FailureClass, PowerState};

/// Why a pool did not do with a guest what it was asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum XcpngError {
    /// XAPI did not do its part.
    #[error(transparent)]
    Xapi(#[from] XapiError),
    /// The guest cannot be reached.
    #[error(transparent)]
    Ssh(#[from] SshError),
    /// The host keys cannot be kept.
    #[error(transparent)]
    HostKeys(#[from] HostKeysError),
    /// What is begun cannot be written down.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The agent cannot be brought to the guest.
    #[error("the agent cannot be brought to the guest")]
    Upload(#[from] UploadError),
    /// The agent did not say hello.
    #[error("the agent of the guest did not say hello{}", after(stderr))]
    Hello {
        /// Why.
        source: ProtocolError,
        /// What it wrote to standard error instead, in one line.
        stderr: String,
    },
    /// The agent refused.
    #[error(transparent)]
    Agent(Box<VmError>),
    /// What is kept with the VM in the pool cannot be read or written.
    #[error("what the pool keeps with VM \"{id}\" cannot be used")]
    Kept {
        /// The biological VM.
        id: VmId,
        /// Why.
        source: MessageError,
    },
    /// The state folder refuses.
    #[error("cannot use {}", path.display())]
    State {
        /// What in it.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is a guest of that name already.
    #[error("the pool has a VM named \"{id}\" already")]
    AlreadyExists {
        /// The name.
        id: VmId,
    },
    /// There is no guest of that name.
    #[error("the pool has no VM named \"{id}\" of this installation")]
    NotFound {
        /// The name.
        id: VmId,
    },
    /// The VM does not bear the mark of this installation, and is left alone.
    #[error("VM {uuid} is not one of this installation's")]
    NotOurs {
        /// It.
        uuid: Uuid,
    },
    /// The VM is in a state in which that is impossible.
    #[error("VM {uuid} is {}", state.as_str().to_lowercase())]
    Power {
        /// It.
        uuid: Uuid,
        /// What it does.
        state: PowerState,
    },
    /// A guest did not become ready.
    #[error("the guest was not ready after {} s: {}", limit.as_secs(), how_far(*reached, last.is_some()))]
    NotReady {
        /// What it was given.
        limit: Duration,
        /// How far it came.
        reached: Reached,
        /// What went wrong last.
        #[source]
        last: Option<Box<XcpngError>>,
    },
    /// The agent is of another version than this program, so that its cells would not be the same.
    #[error("the agent is of version {theirs}, and this program of {ours}")]
    OtherVersion {
        /// Of this program.
        ours: &'static str,
        /// Of the agent.
        theirs: String,
    },
    /// No guest is left that could compute a cell.
    #[error("no guest is left{}", lost_by(loss))]
    NoGuest {
        /// Why the last one was lost, in words; empty if none was.
        loss: String,
    },
    /// The system gives no thread.
    #[error("the system gives no thread")]
    Thread {
        /// Why not.
        source: io::Error,
    },
    /// A step took too long.
    #[error(transparent)]
    Overdue(#[from] Overdue),
    /// It was called off.
    #[error("it was called off")]
    Cancelled,
    /// Something failed, and what was made could not be removed.
    #[error("what was made could not be removed: {left}")]
    Left {
        /// What is left, in words.
        left: String,
        /// Why it failed in the first place.
        source: Box<XcpngError>,
    },
}

fn of_xapi(error: &XapiError) -> FailureKind {
    match error {
        XapiError::NotFound { .. } => FailureKind::NotFound,
        XapiError::Overdue(_) => FailureKind::TimeOut,
        XapiError::Trust(_) | XapiError::Redirect { .. } => FailureKind::Trust,
        XapiError::Transport { source, .. } => match source.kind() {
            TransportErrorKind::Certificate { .. } => FailureKind::Trust,
            TransportErrorKind::Overdue(_) => FailureKind::TimeOut,
            _ => FailureKind::Unreachable,
        },
        XapiError::OutcomeUnknown { source, .. } => of_xapi(source),
        XapiError::Failure { source, .. } if source.class() == FailureClass::Capacity => {
            FailureKind::Capacity
        }
        _ => FailureKind::Other,
    }
}

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// There is nothing of that name.
    NotFound,
    /// It took too long.
    TimeOut,
    /// A certificate or a host key is not one that is known.
    Trust,
    /// The pool has no room.
    Capacity,
    /// The pool or the guest cannot be reached.
    Unreachable,
    /// Something else.
    Other,
}

/// How far a start came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// The guest has reported nothing: perhaps it has no guest tools.
    NoTools,
    /// The guest tools have reported, and no address of use.
    NoAddress,
    /// An address is known.
    Address(SocketAddr),
}

fn how_far(reached: Reached, failed: bool) -> String {
    match reached {
        Reached::NoTools => "no guest tools were seen".to_owned(),
        Reached::NoAddress => "it reported no address of use".to_owned(),
        Reached::Address(address) if failed => format!("it cannot be used at {address}"),
        Reached::Address(address) => format!("its address {address} was not tried yet"),
    }
}

fn lost_by(loss: &str) -> String {
    match loss {
        "" => String::new(),
        why => format!("; the last was lost: {why}"),
    }
}

fn after(stderr: &str) -> String {
    match stderr {
        "" => String::new(),
        text => format!(": {text}"),
    }
}

impl XcpngError {
    /// What to do about it, where there is something to do.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Xapi(error) => error.hint(),
            Self::Ssh(error) => error.hint(),
            Self::HostKeys(error) => error.hint(),
            Self::Journal(error) => Some(error.hint()),
            Self::Upload(error) => error.hint(),
            Self::Hello { .. } => Some(
                "look whether bioxen_hypervisor runs in the guest, or have the client bring it: xcpng_config.agent_path"
                    .to_owned(),
            ),
            Self::Agent(error) => error.hint(),
            Self::Kept { .. } => Some("destroy the VM, and create it anew".to_owned()),
            Self::State { .. } => Some("make the state folder writable".to_owned()),
            Self::AlreadyExists { .. } => {
                Some("choose another name, or destroy that VM first".to_owned())
            }
            Self::NotFound { .. } => Some("list the VMs to see their names".to_owned()),
            Self::NotOurs { .. } => {
                Some("use the installation that made it, or XCP-ng's own tools".to_owned())
            }
            Self::Power { .. } => Some("shut it down, or wait until that is over".to_owned()),
            Self::NotReady { reached, last, .. } => match reached {
                Reached::NoTools => Some(
                    "install the guest tools in the template; without them XAPI learns no address"
                        .to_owned(),
                ),
                Reached::NoAddress => Some(
                    "look at the network of the guest: does it get an address by DHCP, and is xcpng_config.network the right one?"
                        .to_owned(),
                ),
                Reached::Address(_) => last.as_ref().and_then(|last| last.hint()),
            },
            Self::Left { .. } => Some("`bioxen gc` lists what is left, `bioxen gc --apply` removes it".to_owned()),
            Self::NoGuest { .. } => Some(
                "run it again, in guests with more memory if they were lost for want of it; `bioxen doctor --xcpng --full` looks at the pool"
                    .to_owned(),
            ),
            Self::OtherVersion { .. } => Some(
                "install the same version in the template, or have the client bring it: xcpng_config.agent_path"
                    .to_owned(),
            ),
            Self::Overdue(_) | Self::Thread { .. } | Self::Cancelled => None,
        }
    }

    /// Whether what was asked may have been done all the same.
    pub fn is_outcome_unknown(&self) -> bool {
        match self {
            Self::Xapi(error) => error.is_outcome_unknown(),
            Self::Left { source, .. } => source.is_outcome_unknown(),
            _ => false,
        }
    }

    /// Whether it is that it was called off.
    pub fn is_cancelled(&self) -> bool {
        matches!(
            self,
            Self::Cancelled
                | Self::Xapi(XapiError::Cancelled)
                | Self::Ssh(SshError::Cancelled { .. })
        )
    }

    /// What kind of failure it is, for who must decide what to do next.
    pub fn class(&self) -> FailureKind {
        match self {
            Self::NotFound { .. } => FailureKind::NotFound,
            Self::NotReady {
                last: Some(last), ..
            } if last.class() != FailureKind::Other => last.class(),
            Self::NotReady { .. } | Self::Overdue(_) => FailureKind::TimeOut,
            Self::Left { source, .. } => source.class(),
            Self::Ssh(error) => match error {
                SshError::HostKey(_) => FailureKind::Trust,
                SshError::TimedOut { .. } => FailureKind::TimeOut,
                _ => FailureKind::Unreachable,
            },
            Self::HostKeys(
                HostKeysError::OtherFingerprint { .. } | HostKeysError::Revoked { .. },
            ) => FailureKind::Trust,
            Self::Hello { .. } => FailureKind::Unreachable,
            Self::Xapi(error) => of_xapi(error),
            _ => FailureKind::Other,
        }
    }

    /// As the error of a verb.
    pub(crate) fn into_vm_error(self, context: &'static str) -> VmError {
        match self {
            Self::Agent(error) => *error,
            Self::AlreadyExists { id } => VmError::AlreadyExists { id },
            Self::NotFound { id } => VmError::NotFound { id },
            Self::Cancelled
            | Self::Xapi(XapiError::Cancelled)
            | Self::Ssh(SshError::Cancelled { .. }) => VmError::Cancelled,
            other => VmError::Backend {
                context,
                source: Box::new(other),
            },
        }
    }
}
