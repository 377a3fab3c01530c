//! Biological VMs in a pool, driven as their users drive them.

mod bed;
mod life;
