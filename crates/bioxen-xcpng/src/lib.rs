//! Biological VMs inside XCP-ng: an XAPI client, SSH with pinned host keys, and the life of a guest.

mod codec;
pub mod value;

mod wait;

pub use codec::CodecError;
pub use wait::{Deadline, Overdue, SystemTimer, Timer};
