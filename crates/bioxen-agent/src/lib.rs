//! The guest protocol: how a program drives the VMs of a daemon, over any stream of bytes.

mod frame;

mod error;

pub use error::FrameError;
pub use frame::{Frame, FrameDecoder, FrameEncoder, FrameKind, InvalidOpId, OpId};
mod message;
