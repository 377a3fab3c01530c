//! Biological VMs inside XCP-ng: an XAPI client, SSH with pinned host keys, and the life of a guest.

mod wait;

pub use wait::{Deadline, Overdue, SystemTimer, Timer};
