//! Biological VMs in a pool, driven as their users drive them.

mod bare;
pub(crate) mod bed;
mod cancelled;
mod doctor;
mod draw;
mod ensemble;
mod faults;
mod host_keys;
mod kept;
mod killed;
mod life;
mod limits;
mod lives;
mod long;
mod others;
mod readiness;
mod secrets;
mod silence;
mod trust;
mod ways;
mod world;
