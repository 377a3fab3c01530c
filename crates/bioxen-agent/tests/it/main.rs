//! The `bioxen_hypervisor` command, as a person, a shell and SSH see it.

mod daemon;
mod doctor;
mod fake;
mod guide;
mod hostile;
mod machine;
mod organisms;
mod refused;
mod serve;
mod slow;
mod version;
