//! Many VMs on one hypervisor.

use std::ops::ControlFlow;
use std::sync::Arc;

use bioxen::{
    BiologicalVm, Goal, Hypervisor, HypervisorConfig, Organism, Pacing, Seed, SimTime, VmId,
    VmSpec, VmState, create_bio_vm_on,
};
use bioxen_core::testing::ManualClock;

fn hypervisor(workers: usize) -> Hypervisor {
    let config = HypervisorConfig {
        workers,
        ..HypervisorConfig::default()
    };
    Hypervisor::new(config, Arc::new(ManualClock::new())).expect("the settings are valid")
}

fn start(hypervisor: &Hypervisor, name: &str) -> Box<dyn BiologicalVm> {
    let id = VmId::new(name).expect("a valid name");
    let spec = VmSpec::builder(id, Organism::Syn3a, Seed::new(9))
        .pacing(Pacing::Manual)
        .build()
        .expect("a valid specification");
    let mut vm = create_bio_vm_on(hypervisor, spec).expect("a new name");
    vm.start().expect("a new VM starts");
    vm
}

fn run(hypervisor: &Hypervisor, ids: &[VmId], seconds: u64) {
    let goal = Goal::Until(SimTime::from_micros(seconds * 1_000_000));
    let outcome = hypervisor
        .run_batch(ids, goal, &mut |_| ControlFlow::Continue(()))
        .expect("the VMs run");
    assert!(outcome.is_complete());
}

#[test]
fn a_thousand_vms_live_on_one_hypervisor() {
    let hypervisor = hypervisor(2);
    let vms: Vec<_> = (0..1000)
        .map(|n| start(&hypervisor, &format!("cell-{n}")))
        .collect();
    let ids: Vec<VmId> = vms.iter().map(|vm| vm.id().clone()).collect();
    run(&hypervisor, &ids, 10);
    let statuses = hypervisor.statuses();
    assert_eq!(statuses.len(), 1000);
    assert!(
        statuses
            .iter()
            .all(|s| s.state == VmState::Running && s.sim_time.seconds() == 10.0)
    );
}

#[test]
fn a_cell_is_the_same_alone_and_among_a_hundred_others() {
    let alone = hypervisor(1);
    let vm = start(&alone, "the-cell");
    run(&alone, &[vm.id().clone()], 300);
    let crowded = hypervisor(2);
    let vms: Vec<_> = (0..100)
        .map(|n| start(&crowded, &format!("other-{n}")))
        .collect();
    let same = start(&crowded, "the-cell");
    let mut ids: Vec<VmId> = vms.iter().map(|vm| vm.id().clone()).collect();
    ids.insert(37, same.id().clone());
    run(&crowded, &ids, 300);
    let (a, b) = (vm.save().expect("running"), same.save().expect("running"));
    assert!(a.as_bytes() == b.as_bytes(), "the images differ");
}
