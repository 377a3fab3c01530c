//! Biological VMs in a pool, driven as their users drive them.

mod bed;
mod draw;
mod life;
mod lives;
mod world;
