//! Guests: a real OpenSSH server for each, on a loopback address of its own.
//!
//! - [`Loopback`] gives addresses, [`GuestPlan`] says what a guest is like, and [`Guest`] is one that runs.
//! - [`ClientKey`] is a key pair for clients, [`agent_binary`] finds the agent that guests run.
//! - [`Proxy`] stands between a client and a server and does what networks do.
//!
//! All processes of a guest live in a PID namespace of their own, whose first process ends when its standard input does.
//! So they end with the guest, and also when the process that made it is killed.
//! Where the system gives no namespace, they are found by their group and their environment.

mod agent;
mod config;
mod error;
mod guest;
pub(crate) mod key;
mod log;
mod network;
mod plan;
mod process;
mod proxy;
mod xenstore;

pub use agent::agent_binary;
pub use error::GuestError;
pub use guest::Guest;
pub use key::ClientKey;
pub use network::Loopback;
pub use plan::{GuestPlan, Isolation, KeyType};
pub use proxy::{Fault, Faults, Proxy};
