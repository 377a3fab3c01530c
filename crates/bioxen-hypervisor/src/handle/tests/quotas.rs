//! Allocations and what is left.

use bioxen_core::{AtpPercent, BiologicalVm, Notice, RibosomeCount, RibosomeUnit, VmError};

use super::{hypervisor, hypervisor_of, manual, running, seconds, spec};
use crate::{HostPolicy, HypervisorConfig};

fn percent(percent: f64) -> AtpPercent {
    AtpPercent::new(percent).expect("a share")
}

#[test]
fn an_allocation_holds_from_the_next_step_on_and_is_seen_at_once() {
    let hypervisor = hypervisor(1);
    let mut vm = running(&hypervisor, &manual("cell"));
    let allocation = vm.allocate_atp(percent(40.0)).expect("it fits");
    assert_eq!(allocation.quota.atp, percent(40.0));
    assert_eq!(allocation.free.atp_percent_free, percent(60.0));
    let allocation = vm
        .allocate_ribosomes(RibosomeCount::new(5))
        .expect("it fits");
    assert_eq!(allocation.quota.atp, percent(40.0));
    assert_eq!(allocation.notice, None);

    let published = vm.resource_usage().expect("it is there");
    assert_eq!(published.ribosome_cap, allocation.ribosome_cap);
    let read = vm.inspect(|cell| cell.usage()).expect("it is there");
    assert_eq!(published, read, "the page shows what the cell says");

    vm.advance(seconds(1)).expect("it runs");
    assert_eq!(
        vm.resource_usage().expect("it is there").atp_quota,
        percent(40.0)
    );
    assert_eq!(vm.status().expect("it is there").quota, allocation.quota);
}

#[test]
fn too_much_is_refused_and_a_little_too_much_is_clamped() {
    let hypervisor = hypervisor(1);
    let generous = spec("cell")
        .ribosomes(RibosomeCount::new(20))
        .build()
        .expect("no rule is broken");
    let mut vm = hypervisor.create(&generous).expect("it is clamped");
    let clamped = Notice::RibosomesClamped {
        asked: RibosomeCount::new(20),
        granted: RibosomeCount::new(15),
    };
    assert_eq!(vm.notice(), Some(clamped));

    let allocation = vm
        .allocate_ribosomes(RibosomeCount::new(20))
        .expect("it is clamped");
    assert_eq!(allocation.notice, Some(clamped));
    assert_eq!(allocation.quota.ribosomes, RibosomeCount::new(15));
    assert_eq!(allocation.ribosome_cap, allocation.ribosomes_total);
    let error = vm
        .allocate_ribosomes(RibosomeCount::new(69))
        .expect_err("above the chassis");
    assert_eq!(
        error.to_string(),
        "69 ribosome units were asked for and 68 of 68 are free"
    );
    let quota = vm.status().expect("it is there").quota;
    assert_eq!(quota, allocation.quota, "the old number stays in force");
}

#[test]
fn on_a_shared_host_what_one_holds_another_cannot_have() {
    let hypervisor = hypervisor_of(HypervisorConfig {
        workers: 1,
        host_policy: HostPolicy::Shared,
        ..HypervisorConfig::default()
    });
    let share = |name: &str, atp| {
        spec(name)
            .atp(percent(atp))
            .build()
            .expect("no rule is broken")
    };
    let mut first = hypervisor
        .create(&share("first", 60.0))
        .expect("an empty host");
    let mut second = hypervisor.create(&share("second", 40.0)).expect("the rest");
    let error = hypervisor.create(&share("third", 0.01)).expect_err("full");
    assert_eq!(
        error.to_string(),
        "0.01% of ATP was asked for and 0% is free"
    );
    let error = second.allocate_atp(percent(41.0)).expect_err("full");
    assert!(matches!(error, VmError::AtpExceeded { free, .. } if free == percent(40.0)));

    let _ = first.allocate_atp(percent(50.0)).expect("less always fits");
    let left = second.available_resources().expect("it is there");
    assert_eq!(left.atp_percent_free, percent(10.0));
    assert_eq!(left.ribosome_units_free, RibosomeCount::new(38));
    first.destroy().expect("once");
    let _ = second
        .allocate_atp(AtpPercent::FULL)
        .expect("all of it is free");
    assert!(matches!(
        first.allocate_atp(AtpPercent::ZERO),
        Err(VmError::NotFound { .. })
    ));
}

#[test]
fn physical_ribosomes_are_a_number_of_molecules() {
    let hypervisor = hypervisor(1);
    let spec = spec("cell")
        .ribosome_unit(RibosomeUnit::Physical)
        .ribosomes(RibosomeCount::new(100))
        .build()
        .expect("no rule is broken");
    let mut vm = running(&hypervisor, &spec);
    let left = vm.available_resources().expect("it is there");
    assert!(
        left.ribosome_units_free > RibosomeCount::new(53),
        "100 are less than all"
    );
    let allocation = vm
        .allocate_ribosomes(RibosomeCount::new(90))
        .expect("it fits");
    assert_eq!(allocation.ribosome_cap.get(), 90);
    vm.advance(seconds(5)).expect("it runs");
    let _ = vm.allocate_atp(percent(50.0)).expect("the ribosomes stay");
    assert_eq!(
        vm.resource_usage().expect("it is there").ribosome_cap.get(),
        90
    );
}
