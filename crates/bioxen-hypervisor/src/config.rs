//! How a hypervisor is set up: its threads, and the host that its cells live on.

use std::path::PathBuf;
use std::thread;

use bioxen_core::{ProcessLimits, RibosomeCount, SimSpan};

use crate::cell::COUPLING_STEP;
use crate::error::HypervisorError;
use crate::limits::VmLimits;

/// Settings of a [`Hypervisor`](crate::Hypervisor); they are checked when it is made.
///
/// The same seed gives the same bytes with any number of workers and any slice. Of all settings `limits.essential_genes_only` alone changes what a cell does.
///
/// ```
/// use bioxen_hypervisor::{HostPolicy, HypervisorConfig};
///
/// let config = HypervisorConfig { workers: 2, host_policy: HostPolicy::Shared, ..HypervisorConfig::default() };
/// assert_eq!(config.chassis.usable_units().get(), 68);
/// assert_eq!(config.slice.seconds(), 10.0);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HypervisorConfig {
    /// Threads that compute cells, at least 1; as many as the machine runs at once unless given.
    pub workers: usize,
    /// Simulated time that a cell is moved before another one gets its turn, at least one coupling step; 10 s unless given.
    pub slice: SimSpan,
    /// What the host has for its cells.
    pub chassis: Chassis,
    /// Whether what the cells hold adds up.
    pub host_policy: HostPolicy,
    /// What each VM may hold and do, beside what the chassis has.
    pub limits: VmLimits,
    /// How much one run of a process may use.
    pub process_limits: ProcessLimits,
    /// Folders with packages, besides those that are built in; each package is a folder of its own.
    pub package_folders: Vec<PathBuf>,
}

impl HypervisorConfig {
    /// # Errors
    ///
    /// [`HypervisorError`] for the first setting that cannot be used.
    pub(crate) fn check(&self) -> Result<(), HypervisorError> {
        if self.workers == 0 {
            return Err(HypervisorError::NoWorkers);
        }
        if self.slice < COUPLING_STEP {
            return Err(HypervisorError::SliceTooShort { slice: self.slice });
        }
        if self.chassis.overhead_percent > 100 {
            return Err(HypervisorError::OverheadTooLarge {
                percent: self.chassis.overhead_percent,
            });
        }
        Ok(())
    }
}

impl Default for HypervisorConfig {
    fn default() -> Self {
        Self {
            workers: thread::available_parallelism().map_or(1, usize::from),
            slice: SimSpan::from_micros(10_000_000),
            chassis: Chassis::default(),
            host_policy: HostPolicy::default(),
            limits: VmLimits::default(),
            process_limits: ProcessLimits::default(),
            package_folders: Vec::new(),
        }
    }
}

/// What a host has for its cells.
///
/// ```
/// use bioxen_core::RibosomeCount;
/// use bioxen_hypervisor::Chassis;
///
/// let chassis = Chassis { ribosome_units: RibosomeCount::new(40), ..Chassis::default() };
/// assert_eq!(chassis.usable_units(), RibosomeCount::new(34));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chassis {
    /// Ribosome units before overhead; 80 unless given.
    pub ribosome_units: RibosomeCount,
    /// Part of the units that the host keeps for itself, percent, 0 to 100; 15 unless given.
    pub overhead_percent: u8,
    /// Greatest number of VMs; no limit unless given.
    pub max_vms: Option<u32>,
}

impl Chassis {
    /// Ribosome units that cells may hold: what is left after overhead, in whole units.
    pub fn usable_units(&self) -> RibosomeCount {
        let kept = u64::from(100_u8.saturating_sub(self.overhead_percent));
        let usable = u64::from(self.ribosome_units.get()) * kept / 100;
        // It is a part of a 32-bit number, and therefore one.
        RibosomeCount::new(u32::try_from(usable).unwrap_or(u32::MAX))
    }
}

impl Default for Chassis {
    fn default() -> Self {
        Self {
            ribosome_units: RibosomeCount::new(80),
            overhead_percent: 15,
            max_vms: None,
        }
    }
}

/// Whether what the cells of a host hold adds up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HostPolicy {
    /// Each cell may hold up to all of its own ATP regeneration and up to the units of the chassis, whatever the others hold.
    #[default]
    PerCell,
    /// The ATP percents of all cells together are at most 100, and their units together at most those of the chassis.
    Shared,
}

#[cfg(test)]
mod tests {
    use bioxen_core::{RibosomeCount, SimSpan};

    use super::{Chassis, HypervisorConfig};

    #[test]
    fn settings_that_cannot_be_used_are_refused_by_name() {
        #[track_caller]
        fn check(change: impl FnOnce(&mut HypervisorConfig), expect: &str) {
            let mut config = HypervisorConfig::default();
            change(&mut config);
            let error = config.check().expect_err("cannot be used");
            assert_eq!(error.to_string(), expect);
        }
        check(|c| c.workers = 0, "a hypervisor needs at least 1 worker");
        check(
            |c| c.slice = SimSpan::from_micros(499_999),
            "a slice of 499999us is shorter than a coupling step of 500ms",
        );
        check(
            |c| c.chassis.overhead_percent = 101,
            "an overhead of 101% leaves less than nothing",
        );
        assert!(HypervisorConfig::default().check().is_ok());
    }

    #[test]
    fn overhead_is_rounded_against_the_cells() {
        let units = |ribosome_units, overhead_percent| {
            Chassis {
                ribosome_units: RibosomeCount::new(ribosome_units),
                overhead_percent,
                max_vms: None,
            }
            .usable_units()
            .get()
        };
        assert_eq!(units(80, 15), 68);
        assert_eq!(units(81, 15), 68);
        assert_eq!(units(80, 0), 80);
        assert_eq!(units(80, 100), 0);
        assert_eq!(units(u32::MAX, 0), u32::MAX);
    }
}
