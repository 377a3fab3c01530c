//! What a panic of a simulation does, and to whom.

use std::ops::ControlFlow;
use std::sync::{Arc, Weak};

use bioxen_core::{BiologicalVm, VmError, VmState};

use super::{at, hypervisor, id, manual, running, seconds};
use crate::crew::Host;
use crate::{BasicBiologicalVm, BatchEnd, Goal, Hypervisor};

fn with_fault(hypervisor: &Hypervisor, name: &str, second: u64) -> BasicBiologicalVm {
    let vm = running(hypervisor, &manual(name));
    vm.with_guest(|guest| guest.fault = Some(at(second)))
        .expect("the cell is there");
    vm
}

#[test]
fn a_panic_is_the_error_of_its_vm_and_of_no_other() {
    let hypervisor = hypervisor(1);
    let mut healthy = running(&hypervisor, &manual("healthy"));
    let mut faulty = with_fault(&hypervisor, "faulty", 5);
    let image = faulty.save().expect("it is still there");
    let fingerprint = faulty.fingerprint().expect("it is still there");

    let error = faulty.advance(seconds(10)).expect_err("it panics");
    assert!(matches!(error, VmError::WorkerPanicked { .. }));
    assert!(error.to_string().contains("injected fault"), "{error}");
    assert_eq!(
        faulty.status().expect("always answers").state,
        VmState::Error
    );
    assert_eq!(healthy.advance(seconds(10)).expect("it runs"), at(10));

    faulty.stop().expect("a failed VM can be stopped");
    let error = faulty.start().expect_err("there is no cell");
    assert!(matches!(error, VmError::WorkerPanicked { .. }));
    faulty.restore(&image).expect("the image is its own");
    assert_eq!(faulty.fingerprint().expect("a cell again"), fingerprint);
    faulty.start().expect("a cell again");
    assert_eq!(faulty.advance(seconds(10)).expect("it runs"), at(10));
    assert_eq!(hypervisor.available().vms, 2);
}

#[test]
fn a_panic_on_the_calling_thread_is_answered_in_the_same_way() {
    let hypervisor = hypervisor(1);
    let vm = running(&hypervisor, &manual("cell"));
    let error = vm
        .inspect(|_| panic!("while reading {}", 1))
        .expect_err("it panics");
    assert!(error.to_string().contains("while reading 1"), "{error}");
    assert_eq!(vm.status().expect("always answers").state, VmState::Error);
}

#[test]
fn a_batch_goes_on_without_the_one_that_panicked() {
    let hypervisor = hypervisor(2);
    let _faulty = with_fault(&hypervisor, "b", 15);
    let names = ["a", "b", "c"].map(id);
    for name in [&names[0], &names[2]] {
        running(&hypervisor, &manual(name.as_str()));
    }
    let outcome = hypervisor
        .run_batch(&names, Goal::Until(at(30)), &mut |_| {
            ControlFlow::Continue(())
        })
        .expect("all of them run");
    assert!(!outcome.interrupted);
    assert!(!outcome.is_complete());
    let [a, b, c] = outcome.vms.as_slice() else {
        panic!("one for each name");
    };
    assert_eq!((a.sim_time, &a.end), (at(30), &BatchEnd::Reached));
    assert_eq!((c.sim_time, &c.end), (at(30), &BatchEnd::Reached));
    assert_eq!(b.sim_time, at(10), "the last whole slice");
    assert!(matches!(&b.end, BatchEnd::Panicked { message } if message.contains("injected")));
}

/// The host is shared by its handles and its workers only, so that it is gone when all of them are.
fn host_of(hypervisor: &Hypervisor) -> Weak<Host> {
    Arc::downgrade(&hypervisor.crew.host)
}

#[test]
fn dropping_the_last_handle_ends_the_workers() {
    let hypervisor = hypervisor(2);
    let host = host_of(&hypervisor);
    let mut vm = running(&hypervisor, &manual("cell"));
    let probe = vm.probe();
    drop(hypervisor.clone());
    vm.advance(seconds(1)).expect("it runs");
    drop(hypervisor);
    assert!(host.strong_count() > 0, "the VM keeps it");
    drop(vm);
    assert_eq!(host.strong_count(), 0, "every worker is joined");
    assert_eq!(probe.usage().expect("the page stays").sim_time, at(1));
}

#[test]
fn workers_are_ended_in_the_middle_of_their_work() {
    let hypervisor = hypervisor(2);
    let host = host_of(&hypervisor);
    for number in 0..4 {
        let spec = super::spec(&format!("cell-{number}"))
            .pacing(bioxen_core::Pacing::Unpaced)
            .build()
            .expect("no rule is broken");
        let mut vm = running(&hypervisor, &spec);
        vm.advance(seconds(1)).expect("it runs");
    }
    drop(hypervisor);
    assert_eq!(host.strong_count(), 0, "every worker is joined");
}
