//! What others do in the pool, and what is called off.

use std::thread;
use std::time::Duration;

use bioxen_agent::RemoteHypervisor;
use bioxen_core::{BiologicalVm, CancelToken, Organism, VmState};
use bioxen_xcpng::{PoolChannel, XcpngPool};

use super::bed::{Bed, spec};

fn hypervisor(pool: XcpngPool) -> RemoteHypervisor {
    RemoteHypervisor::new(PoolChannel::new(pool))
}

#[test]
fn a_removal_that_was_called_off_is_not_done_later() {
    let bed = Bed::up();
    let pool = bed.connect();
    let guest = pool.create(&spec("cell-1", Organism::Syn3a), &[]);
    let guest = guest.expect("there is room");
    let options = bed.options();
    let token = options.cancel.clone();
    let other = XcpngPool::connect(options).expect("a login");
    token.cancel();
    let refused = other.destroy(&guest).expect_err("it is called off");
    assert!(refused.is_cancelled(), "{refused}");
    drop(other);
    let garbage = pool.garbage(true).expect("it is read");
    assert!(garbage.found.is_empty(), "{garbage:?}");
    pool.guest(&guest.id).expect("it is whole");
    pool.destroy(&guest).expect("it is ours");
    drop(pool);
    bed.assert_clean();
}

#[test]
fn of_two_who_start_a_guest_neither_switches_it_off_for_the_other() {
    let bed = Bed::up();
    let pool = bed.connect();
    let first = hypervisor(pool.clone());
    let (vm, _) = first
        .create(&spec("cell-1", Organism::Syn3a), &[])
        .expect("there is room");
    drop(vm);
    for _ in 0..3 {
        let starts = thread::scope(|scope| {
            let both = [0, 1].map(|_| {
                let hypervisor = hypervisor(bed.connect());
                scope.spawn(move || {
                    let id = "cell-1".parse().expect("a plain name");
                    hypervisor.open(&id).and_then(|mut vm| vm.start())
                })
            });
            both.map(|start| start.join().expect("no panic"))
        });
        assert!(starts.iter().any(Result::is_ok), "{starts:?}");
        let status = first.statuses().expect("it is read");
        assert_eq!(status[0].state, VmState::Running, "{starts:?}");
        first
            .open(&status[0].id)
            .and_then(|mut vm| vm.stop())
            .expect("it runs");
    }
    let (guest, _) = pool
        .guest(&"cell-1".parse().expect("a name"))
        .expect("it is there");
    pool.destroy(&guest).expect("it is ours");
    drop((first, pool));
    bed.assert_clean();
}

#[test]
fn disks_that_came_of_a_return_to_a_snapshot_go_with_their_vm() {
    let bed = Bed::up();
    let pool = bed.connect();
    let guest = pool.create(&spec("cell-1", Organism::Syn3a), &[]);
    let guest = guest.expect("there is room");
    let token = CancelToken::new();
    let bounds = pool
        .xapi()
        .bounds("the test", Duration::from_secs(60), &token);
    let (vm, _) = pool
        .xapi()
        .vm_by_uuid(&guest.uuid, bounds)
        .expect("it is read")
        .expect("it is there");
    let snapshot = pool.xapi().snapshot_vm(&vm, "before", bounds);
    pool.xapi()
        .revert_vm(&snapshot.expect("there is room"), bounds)
        .expect("it is a snapshot");
    pool.destroy(&guest).expect("it is ours");
    drop(pool);
    bed.assert_clean();
}

#[test]
fn a_paused_cell_whose_guest_went_off_starts_again() {
    let bed = Bed::up();
    let pool = bed.connect();
    let hypervisor = hypervisor(pool.clone());
    let (mut vm, _) = hypervisor
        .create(&spec("cell-1", Organism::Syn3a), &[])
        .expect("there is room");
    vm.start().expect("it was made");
    vm.pause().expect("it runs");
    let (guest, _) = pool.guest(vm.id()).expect("it is there");
    let uuid = guest.uuid.to_string();
    bed.testbed
        .server()
        .pool(|pool| pool.power_off_guest(&uuid));
    assert_eq!(vm.status().expect("it is read").state, VmState::Error);
    vm.stop().expect("it failed");
    vm.start().expect("it is stopped");
    assert_eq!(vm.status().expect("it is read").state, VmState::Running);
    vm.destroy().expect("it runs");
    drop((vm, hypervisor, pool));
    bed.assert_clean();
}
