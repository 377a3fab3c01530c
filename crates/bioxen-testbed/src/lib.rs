//! A stand-in for an XCP-ng pool on loopback, for tests and demonstrations.
//!
//! - [`xapi`] is a pool of XAPI behind HTTP or HTTPS, strict to the data model, with tasks that take time and faults on demand.
//! - [`guests`] are real OpenSSH servers on loopback addresses, which run the real agent.
//! - [`Testbed`] is both: a VM that starts in the pool brings up a guest, and one that stops ends it.
//!
//! It refuses to be more: nothing is isolated, no disk has contents, and only what runs on loopback can reach it.
//! Nothing of it survives its end, also when its process is killed.

pub mod guests;
pub mod xapi;

mod testbed;

pub use testbed::{TEMPLATE, Testbed, TestbedError, TestbedSpec};
