//! Allocations: granted, clamped with a notice, and refused with what is free.

use bioxen_core::{AtpPercent, BiologicalVm, Notice, RibosomeCount, VmError};

use super::life::seconds;

pub(super) fn check(vm: &mut dyn BiologicalVm) {
    let half = AtpPercent::new(50.0).expect("from 0 to 100");
    let granted = vm.allocate_atp(half).expect("it is free");
    assert_eq!(granted.quota.atp, half);
    assert_eq!(granted.free.atp_percent_free, half);
    assert_eq!(granted.notice, None);
    check_in_force(vm, half, 8);

    let granted = vm.allocate_ribosomes(units(6)).expect("they are free");
    assert_eq!(granted.quota.ribosomes, units(6));
    assert_eq!(granted.free.ribosome_units_free.get(), 62);
    assert_eq!(granted.notice, None);
    assert!(granted.ribosome_cap < granted.ribosomes_total);
    check_in_force(vm, half, 6);

    // A full grant is all that a cell can have.
    let full = vm.organism().full_ribosome_units();
    let asked = units(full.get() + 1);
    let granted = vm.allocate_ribosomes(asked).expect("it is clamped");
    assert_eq!(granted.quota.ribosomes, full);
    assert_eq!(
        granted.notice,
        Some(Notice::RibosomesClamped {
            asked,
            granted: full
        })
    );
    check_in_force(vm, half, full.get());

    // More than the host has is an error that says how much is free.
    let refused = vm.allocate_ribosomes(units(69)).map(drop);
    match refused {
        Err(VmError::RibosomesExceeded {
            asked,
            free,
            capacity,
        }) => assert_eq!((asked.get(), free.get(), capacity.get()), (69, 68, 68)),
        other => panic!("{other:?}"),
    }
    check_in_force(vm, half, full.get());

    // What was granted also holds for a cell that moves.
    vm.advance(seconds(2)).expect("it runs");
    check_in_force(vm, half, full.get());
    vm.pause().expect("it runs");
    let granted = vm.allocate_ribosomes(units(8)).expect("they are free");
    assert_eq!(granted.quota.ribosomes, units(8));
    vm.resume().expect("it is paused");
    check_in_force(vm, half, 8);
}

fn check_in_force(vm: &dyn BiologicalVm, atp: AtpPercent, ribosomes: u32) {
    let quota = vm.status().expect("it answers").quota;
    assert_eq!((quota.atp, quota.ribosomes), (atp, units(ribosomes)));
    let usage = vm.resource_usage().expect("it answers");
    assert_eq!(usage.atp_quota, atp);
    assert_eq!(usage.allocated_ribosomes, units(ribosomes));
}

fn units(units: u32) -> RibosomeCount {
    RibosomeCount::new(units)
}
