//! What can be done with a VM while someone has its cell.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use bioxen_core::{AtpPercent, BiologicalVm, CancelToken, VmError, VmState};

use super::{at, hypervisor, id, manual, running, seconds};
use crate::BasicBiologicalVm;
use crate::crew::Loan;

/// Holds the cell of a VM, for as long as `meanwhile` runs with another handle of it.
fn while_held<R>(vm: &BasicBiologicalVm, meanwhile: impl FnOnce(&mut BasicBiologicalVm) -> R) -> R {
    let mut other = vm.hypervisor().open(vm.id()).expect("it is there");
    thread::scope(|scope| {
        let (held, is_held) = channel();
        let (release, is_released): (Sender<()>, Receiver<()>) = channel();
        let holder = scope.spawn(move || {
            vm.inspect(|_| {
                held.send(()).expect("the test listens");
                // An error is the end of the test, which is as good.
                let _ = is_released.recv();
            })
        });
        is_held.recv().expect("the cell was at home");
        let result = meanwhile(&mut other);
        drop(release);
        holder
            .join()
            .expect("it only waits")
            .expect("it only waits");
        result
    })
}

#[test]
fn status_usage_and_allocations_wait_for_no_cell() {
    let hypervisor = hypervisor(1);
    let mut vm = running(&hypervisor, &manual("cell"));
    let half = AtpPercent::new(50.0).expect("a share");
    while_held(&vm, |other| {
        assert_eq!(other.status().expect("it is there").state, VmState::Running);
        let allocation = other.allocate_atp(half).expect("it fits");
        assert_eq!(allocation.quota.atp, half);
        assert_eq!(other.resource_usage().expect("it is there").atp_quota, half);
    });
    let quota = vm.inspect(|cell| cell.quota()).expect("it is there");
    assert_eq!(quota.atp, half);
    vm.advance(seconds(1)).expect("it runs");
    assert_eq!(vm.status().expect("it is there").quota.atp, half);
}

#[test]
fn a_held_cell_holds_up_no_other_vm_and_is_moved_afterwards() {
    let hypervisor = hypervisor(1);
    let vm = running(&hypervisor, &manual("cell"));
    let mut neighbor = running(&hypervisor, &manual("neighbor"));
    while_held(&vm, |_| {
        assert_eq!(neighbor.advance(seconds(20)).expect("it runs"), at(20));
        hypervisor.settle();
    });
    let mut again = hypervisor.open(&id("cell")).expect("it is there");
    assert_eq!(again.advance(seconds(1)).expect("it runs"), at(1));
}

#[test]
fn a_vm_can_be_destroyed_while_its_cell_is_held() {
    let hypervisor = hypervisor(1);
    let vm = running(&hypervisor, &manual("cell"));
    while_held(&vm, |other| {
        other.destroy().expect("once");
        assert_eq!(
            hypervisor.available().vms,
            0,
            "what it held is free at once"
        );
        assert!(
            hypervisor.create(&manual("cell")).is_ok(),
            "and so is its name"
        );
    });
    assert_eq!(
        vm.status().expect("always answers").state,
        VmState::Destroyed
    );
    assert!(matches!(vm.inspect(|_| ()), Err(VmError::NotFound { .. })));
    hypervisor.settle();
}

#[test]
fn who_waits_for_a_time_is_told_when_it_does_not_come() {
    #[track_caller]
    fn check(end: impl FnOnce(&mut BasicBiologicalVm) + Send, expect: &str) {
        let hypervisor = hypervisor(1);
        let mut vm = running(&hypervisor, &manual("cell"));
        let error = thread::scope(|scope| {
            let mut other = hypervisor.open(&id("cell")).expect("it is there");
            let (started, has_started) = channel();
            scope.spawn(move || {
                has_started.recv().expect("the test sends");
                // By now the other thread waits for more than can be computed.
                while other.status().expect("it is there").sim_time == at(0) {
                    thread::yield_now();
                }
                end(&mut other);
            });
            started.send(()).expect("the thread listens");
            vm.advance(seconds(1_000_000_000))
                .expect_err("it does not come")
        });
        assert_eq!(error.to_string(), expect);
    }
    check(
        |vm| vm.pause().expect("it runs"),
        "cannot advance on VM \"cell\", which is in state paused",
    );
    check(
        |vm| vm.destroy().expect("once"),
        "cannot advance on VM \"cell\", which is in state destroyed",
    );
    check(
        |vm| {
            let image = vm.save().expect("it is there");
            vm.restore(&image).expect("its own");
        },
        "the operation was cancelled",
    );
}

#[test]
fn a_process_is_cancelled_by_stop_and_destroy_but_not_by_pause() {
    #[track_caller]
    fn check(verb: fn(&mut BasicBiologicalVm), cancelled: bool) {
        let hypervisor = hypervisor(1);
        let vm = running(&hypervisor, &manual("cell"));
        let token = CancelToken::new();
        let loan = Loan {
            while_running: Some("run a process"),
            process: Some(token.clone()),
        };
        let running = || hypervisor.host().lock().machine.state(vm.key) == VmState::Running;
        let seen = thread::scope(|scope| {
            let mut other = hypervisor.open(&id("cell")).expect("it is there");
            hypervisor.host().with_guest(vm.key, &vm.info, loan, |_| {
                scope.spawn(move || verb(&mut other));
                while running() {
                    thread::yield_now();
                }
                token.is_cancelled()
            })
        });
        assert_eq!(seen.expect("it only waits"), cancelled);
    }
    check(|vm| vm.destroy().expect("once"), true);
    check(|vm| vm.stop().expect("it runs"), true);
    check(|vm| vm.pause().expect("it runs"), false);
}
