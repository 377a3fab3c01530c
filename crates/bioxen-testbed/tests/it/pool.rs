//! Biological VMs in a pool, driven as their users drive them.

mod bare;
mod bed;
mod draw;
mod faults;
mod killed;
mod life;
mod lives;
mod world;
