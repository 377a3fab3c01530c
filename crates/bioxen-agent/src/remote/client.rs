//! Messages over a connection.

use std::fmt;

use bioxen_core::VmError;

use crate::connection::{Client, EndStatus, Reply};
use crate::error::ProtocolError;
use crate::frame::OpId;
use crate::message::{Answer, Message, Request};
use crate::remote::{AnswerError, Channel, UnderWay};

/// A connection as a [`Channel`]: each request is an operation under an id of its own.
///
/// The caller draws the ids, at random.
/// An [`UnderWay`] allows another thread to cancel what is asked.
///
/// When a connection breaks after a request left, the error is [`VmError::Backend`] with [`ProtocolError::OutcomeUnknown`] as its source, which names the operation: [`ask_as`](Self::ask_as) settles it over a new connection.
///
/// ```no_run
/// use bioxen_agent::{Client, ClientChannel, OpId, RemoteHypervisor};
///
/// fn hypervisor(client: Client, draw: fn() -> OpId) -> RemoteHypervisor {
///     RemoteHypervisor::new(ClientChannel::new(client, draw))
/// }
/// ```
pub struct ClientChannel {
    client: Client,
    next_op: Box<dyn FnMut() -> OpId + Send>,
    under_way: UnderWay,
}

impl ClientChannel {
    /// A channel over an open connection.
    pub fn new(client: Client, next_op: impl FnMut() -> OpId + Send + 'static) -> Self {
        Self {
            client,
            next_op: Box::new(next_op),
            under_way: UnderWay::default(),
        }
    }

    /// Lets a handle know what is asked, as that of the channel before, whose place this one takes.
    #[must_use]
    pub fn known_to(self, under_way: &UnderWay) -> Self {
        let under_way = under_way.clone();
        Self { under_way, ..self }
    }

    /// The connection.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The connection, given back to say goodbye.
    pub fn into_client(self) -> Client {
        self.client
    }

    /// Asks under an id that was asked under before, when it is not known what became of it.
    ///
    /// An agent that did the operation answers what it answered then, and does not do it again; one that did not does it now.
    ///
    /// # Errors
    ///
    /// As [`Channel::call`].
    pub fn ask_as(&mut self, op: OpId, request: &Request) -> Result<Answer, VmError> {
        let Message { json, body } = request.encode().map_err(|error| VmError::Backend {
            context: "the request cannot be sent",
            source: Box::new(error),
        })?;
        let noted = self.under_way.begin(self.client.signals(), op);
        let reply = self.client.call(op, &json, &body);
        drop(noted);
        read(op, reply.map_err(unanswered)?)
    }
}

impl Channel for ClientChannel {
    fn call(&mut self, request: &Request) -> Result<Answer, VmError> {
        let op = (self.next_op)();
        self.ask_as(op, request)
    }
}

impl fmt::Debug for ClientChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientChannel")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

/// Whether a call failed because its connection broke, so that another connection may bring the answer: ask again [under the same id](ClientChannel::ask_as).
pub fn may_be_answered_elsewhere(error: &VmError) -> bool {
    let VmError::Backend { source, .. } = error else {
        return false;
    };
    matches!(
        source.downcast_ref(),
        Some(
            ProtocolError::OutcomeUnknown { .. }
                | ProtocolError::NotBegun { .. }
                | ProtocolError::Broken { .. }
        )
    )
}

fn unanswered(error: ProtocolError) -> VmError {
    VmError::Backend {
        context: match error {
            ProtocolError::OutcomeUnknown { .. } => "it is not known whether the agent did it",
            ProtocolError::NotBegun { .. }
            | ProtocolError::OverLimit { .. }
            | ProtocolError::Broken { .. } => "the request did not reach the agent",
            ProtocolError::OverCap { .. } => "the agent answered more than is taken",
            _ => "the agent did not answer",
        },
        source: Box::new(error),
    }
}

/// The answer of a reply. Standard streams are not part of it: the output of a process is in its report.
fn read(op: OpId, reply: Reply) -> Result<Answer, VmError> {
    let Reply {
        status,
        answer: json,
        body,
        stdout: _,
        stderr,
    } = reply;
    if !json.is_empty() {
        return Answer::decode(Message { json, body }).map_err(|source| VmError::Backend {
            context: "the agent gave an answer that cannot be read",
            source: Box::new(AnswerError::Unreadable { op, source }),
        });
    }
    if status == EndStatus::Cancelled {
        return Err(VmError::Cancelled);
    }
    let stderr = stderr.first_line();
    Err(VmError::Backend {
        context: "the agent gave no answer",
        source: Box::new(AnswerError::Absent { op, status, stderr }),
    })
}
