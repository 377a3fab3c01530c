//! Shared parts of the benches.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bioxen_core::testing::ManualClock;
use bioxen_core::{
    AtpPercent, BiologicalVm, Organism, Pacing, Probe, Quota, ResourceUsage, RibosomeUnit, Seed,
    SimSpan, SimTime, VmId, VmSpec,
};
use bioxen_hypervisor::{Cell, CellModel, CellOptions, Hypervisor};
use bioxen_resources::{Monitor, MonitorConfig};

/// The full grant of a syn3A cell.
pub fn full_grant() -> Quota {
    full_grant_of(Organism::Syn3a)
}

/// The full grant of a cell of an organism.
pub fn full_grant_of(organism: Organism) -> Quota {
    Quota {
        atp: AtpPercent::FULL,
        ribosomes: organism.full_ribosome_units(),
        unit: RibosomeUnit::Share,
    }
}

/// A newborn cell of this name, seed 1.
///
/// # Panics
///
/// When `name` is not the name of a VM.
pub fn cell(model: &Arc<CellModel>, name: &str, quota: Quota) -> Cell {
    let id = VmId::new(name).expect("benches use valid names");
    Cell::newborn(
        Arc::clone(model),
        &id,
        Seed::new(1),
        quota,
        CellOptions::default(),
    )
}

/// Simulated minutes.
pub fn minutes(n: u64) -> SimTime {
    SimTime::from_micros(n * 60_000_000)
}

/// VMs that [`monitor_of_many`] watches.
pub const WATCHED: u64 = 1_000;

/// Time from one reading to the next of [`monitor_of_many`].
pub const MONITOR_INTERVAL: Duration = Duration::from_secs(1);

/// Says something new each time, so that every look makes a reading; what it says is a real VM's.
#[derive(Debug)]
struct Restless {
    id: VmId,
    probe: Arc<dyn Probe>,
    looks: AtomicU64,
}

impl Probe for Restless {
    fn id(&self) -> &VmId {
        &self.id
    }

    fn usage(&self) -> Option<ResourceUsage> {
        let look = self.looks.fetch_add(1, Ordering::Relaxed);
        let sim_time = SimTime::from_micros(look * 500_000);
        Some(ResourceUsage {
            sim_time,
            ..self.probe.usage()?
        })
    }
}

/// A started monitor of 1,000 syn3A VMs, each of which has something new to say at every look.
///
/// # Panics
///
/// When the host has VMs of the names `cell-0` to `cell-999` already, or the system gives no thread.
pub fn monitor_of_many(hypervisor: &Hypervisor, clock: ManualClock) -> Monitor {
    let config = MonitorConfig::every(MONITOR_INTERVAL).expect("above 1 ms");
    let mut monitor = Monitor::new(config, Arc::new(clock));
    for n in 0..WATCHED {
        let id = VmId::new(&format!("cell-{n}")).expect("a plain name");
        let spec = VmSpec::builder(id.clone(), Organism::Syn3a, Seed::new(1))
            .pacing(Pacing::Manual)
            .build()
            .expect("valid specification");
        let mut vm = hypervisor.create(&spec).expect("a new name");
        vm.start().expect("a new VM starts");
        vm.advance(SimSpan::from_micros(1_000_000))
            .expect("the cell runs");
        let (probe, looks) = (vm.probe(), AtomicU64::new(0));
        monitor
            .watch(Arc::new(Restless { id, probe, looks }))
            .expect("a new name");
    }
    monitor.start().expect("a thread");
    monitor.settle();
    monitor
}
