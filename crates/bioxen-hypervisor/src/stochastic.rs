//! Solver parts of the exact stochastic simulation. They know nothing of cells or VMs.

mod chains;
mod completion_queue;
mod fenwick;
mod rng;

pub(crate) use chains::{Chains, ChainsState, TICKS_PER_SECOND};
pub(crate) use fenwick::Fenwick;
pub(crate) use rng::{RandomStream, StreamState};
