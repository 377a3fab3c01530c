//! Biological VMs in a pool, driven as their users drive them.

pub(crate) mod bed;
mod life;
