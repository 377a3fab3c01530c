//! The guest protocol: how a program drives the VMs of an agent, over any stream of bytes that goes both ways.
//!
//! - [`Client`] and [`Server`] are the ends of a connection: hello, frames with checksums, operations with names, ends that say whether everything arrived. They know nothing of VMs.
//! - [`Request`] and [`Answer`] are what goes through it, as JSON and a body; [`Refusal`] is a [`VmError`](bioxen_core::VmError) that travels.
//! - [`RemoteHypervisor`] and [`RemoteVm`] drive VMs as if they were in this process, through a [`Channel`] such as [`ClientChannel`].
//! - `connect` and `connect_or_start` meet the daemon of this machine (on Unix).
//! - `daemon`, behind the feature of that name, owns the VMs of a state folder; the command `bioxen_hypervisor` is made of it.
//!
//! Without an end that agrees with what arrived, the outcome of an operation is unknown, and never a guess: whoever asks again under the same [`OpId`] is answered what was answered then.
//!
//! It opens no connection over a network and starts no shell: a stream comes from the caller, such as from SSH.
//! It draws no random numbers and reads no clock by itself: names of operations and nonces come from the caller, who may draw them by [`draw_op`] and [`draw_nonce`].
//! It retries nothing by itself, and what comes in is never trusted: lengths have limits before there is room for them, and whatever is wrong is an error and not a panic.
//!
//! ```
//! use std::os::unix::net::UnixStream;
//! use std::thread;
//!
//! use bioxen_agent::{
//!     AgentHello, Answer, Client, ClientChannel, ClientHello, EndStatus, Incoming, Message, Nonce,
//!     OpId, RemoteHypervisor, Request, Server,
//! };
//!
//! let (near, far) = UnixStream::pair()?;
//! // An agent without VMs, for one question.
//! let agent = thread::spawn(move || -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//!     let mut server = Server::accept(far.try_clone()?, far, &AgentHello::new("1.0.0"))?;
//!     if let Incoming::Request { request, body, responder } = server.receive()? {
//!         let asked = Request::decode(Message { json: request, body })?;
//!         assert_eq!(asked, Request::List);
//!         responder.answer(&Answer::Vms(Vec::new()).encode()?.json)?;
//!         responder.end(EndStatus::Exit(0))?;
//!     }
//!     Ok(())
//! });
//!
//! let hello = ClientHello::new("example", "1.0.0", Nonce::new([1; 16]));
//! let client = Client::open(near.try_clone()?, near, &hello)?;
//! // A program draws these at random.
//! let mut names = (1_u128..).filter_map(|number| OpId::new(number.to_be_bytes()));
//! let draw = move || names.next().expect("there are 2^128");
//! let hypervisor = RemoteHypervisor::new(ClientChannel::new(client, draw));
//! assert!(hypervisor.statuses()?.is_empty());
//! agent.join().expect("no panic").expect("a conversation");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Features:
//!
//! - `daemon` brings the daemon and the command `bioxen_hypervisor`, and with them the cell engine. Without it, this crate is small and knows no engine.

mod frame;
mod hello;

mod connection;

mod message;

mod remote;

mod draw;

#[cfg(unix)]
mod local;

mod error;

#[cfg(feature = "daemon")]
pub mod daemon;

pub use connection::{
    Client, EndStatus, Excerpt, Incoming, Reply, ReplyCaps, Responder, Server, Signals, Stream,
};
pub use draw::{draw_nonce, draw_op, draw_seed};
pub use error::{FrameError, HelloError, ProtocolError};
pub use frame::{Frame, FrameDecoder, FrameEncoder, FrameKind, InvalidOpId, OpId};
pub use hello::{
    AgentHello, ClientHello, InvalidNonce, Lease, LeaseEnd, Noise, Nonce, ProtocolVersion,
    RequestLimits,
};
#[cfg(unix)]
pub use local::{LocalError, Met, Place, READY, connect, connect_or_start};
pub use message::{
    Answer, Created, Event, EventNumber, Grant, Information, Inspection, InvalidPageSize, Message,
    MessageError, PageSize, Ran, Reading, Refusal, Refused, Request, UnixMillis, VmRequest,
};
pub use remote::{
    AnswerError, Channel, ClientChannel, RemoteHypervisor, RemoteVm, UnderWay,
    may_be_answered_elsewhere,
};
