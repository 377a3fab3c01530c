//! The guest protocol: how a program drives the VMs of a daemon, over any stream of bytes.

mod frame;
mod hello;

mod connection;

mod message;

mod remote;

#[cfg(unix)]
mod local;

mod error;

#[cfg(feature = "daemon")]
pub mod daemon;

pub use connection::{
    Client, EndStatus, Excerpt, Incoming, Reply, ReplyCaps, Responder, Server, Signals, Stream,
};
pub use error::{FrameError, HelloError, ProtocolError};
pub use frame::{Frame, FrameDecoder, FrameEncoder, FrameKind, InvalidOpId, OpId};
pub use hello::{
    AgentHello, ClientHello, InvalidNonce, Lease, LeaseEnd, Noise, Nonce, ProtocolVersion,
    RequestLimits,
};
#[cfg(unix)]
pub use local::{LocalError, Place, READY, connect, connect_or_start};
pub use message::{
    Answer, Created, Event, EventNumber, Grant, Information, Inspection, InvalidPageSize, Message,
    MessageError, PageSize, Reading, Refusal, Refused, Request, UnixMillis, VmRequest,
};
pub use remote::{AnswerError, Channel, ClientChannel, RemoteHypervisor, RemoteVm};
