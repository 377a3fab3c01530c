//! Pages whose examples are run as tests of this crate.
//!
//! Pages on pools are not here: their examples are run against a testbed, by the tests of the workspace.

#[doc = include_str!("../../../README.md")]
mod readme {}

#[doc = include_str!("../../../docs/api/configuration.md")]
mod configuration {}

#[doc = include_str!("../../../docs/api/errors.md")]
mod errors {}

#[doc = include_str!("../../../docs/api/making-vms.md")]
mod making_vms {}

#[doc = include_str!("../../../docs/api/monitoring.md")]
mod monitoring {}

#[doc = include_str!("../../../docs/api/optimization.md")]
mod optimization {}

#[doc = include_str!("../../../docs/api/organisms.md")]
mod organisms {}

#[doc = include_str!("../../../docs/api/performance-monitor.md")]
mod performance_monitor {}

#[doc = include_str!("../../../docs/api/processes-and-packages.md")]
mod processes_and_packages {}

#[doc = include_str!("../../../docs/api/resources.md")]
mod resources {}

#[doc = include_str!("../../../docs/api/snapshots.md")]
mod snapshots {}
