mod batches;
mod circuits;
mod determinism;
mod faults;
mod lending;
mod life;
mod limits;
mod organisms;
mod pacing;
mod packages;
mod polling;
mod processes;
mod quotas;

use std::sync::Arc;

use bioxen_core::testing::ManualClock;
use bioxen_core::{
    BiologicalVm, Organism, Pacing, Seed, SimSpan, SimTime, VmId, VmSpec, VmSpecBuilder,
};

use crate::{BasicBiologicalVm, Hypervisor, HypervisorConfig};

fn id(name: &str) -> VmId {
    VmId::new(name).expect("a short plain name")
}

fn seconds(seconds: u64) -> SimSpan {
    SimSpan::from_micros(seconds * 1_000_000)
}

fn at(seconds: u64) -> SimTime {
    SimTime::from_micros(seconds * 1_000_000)
}

/// A specification with manual pacing; the name decides the cell.
fn spec(name: &str) -> VmSpecBuilder {
    VmSpec::builder(id(name), Organism::Syn3a, Seed::new(7)).pacing(Pacing::Manual)
}

fn manual(name: &str) -> VmSpec {
    spec(name).build().expect("no rule is broken")
}

fn hypervisor_of(config: HypervisorConfig) -> Hypervisor {
    Hypervisor::new(config, Arc::new(ManualClock::new())).expect("threads can be started")
}

fn hypervisor(workers: usize) -> Hypervisor {
    hypervisor_of(HypervisorConfig {
        workers,
        ..HypervisorConfig::default()
    })
}

fn running(hypervisor: &Hypervisor, spec: &VmSpec) -> BasicBiologicalVm {
    let mut vm = hypervisor.create(spec).expect("there is room");
    vm.start().expect("it was just created");
    vm
}
