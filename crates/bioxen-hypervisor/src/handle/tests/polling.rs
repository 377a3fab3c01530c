//! Callers who ask for the cell of a VM again and again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use bioxen_core::{BiologicalVm, Pacing};

use super::{at, hypervisor, id, manual, running, seconds, spec};

#[test]
fn a_polling_loop_does_not_starve_a_vm() {
    let hypervisor = hypervisor(1);
    let unpaced = spec("cell")
        .pacing(Pacing::Unpaced)
        .build()
        .expect("no rule is broken");
    let vm = running(&hypervisor, &unpaced);
    for _ in 0..40 {
        vm.inspect(|_| ()).expect("it is there");
    }
    // Every fourth call has moved it a slice of 10 s, unless the worker did.
    let time = vm.status().expect("it is there").sim_time;
    assert!(time >= at(80), "{time}");
}

#[test]
fn many_who_poll_hold_up_neither_an_advance_nor_another_vm() {
    let hypervisor = hypervisor(1);
    let mut vm = running(&hypervisor, &manual("cell"));
    let mut neighbor = running(&hypervisor, &manual("neighbor"));
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            let other = hypervisor.open(&id("cell")).expect("it is there");
            let done = &done;
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    other.inspect(|_| ()).expect("it is there");
                }
            });
        }
        let moved = (vm.advance(seconds(60)), neighbor.advance(seconds(20)));
        done.store(true, Ordering::Relaxed);
        assert_eq!(moved.0.expect("it runs"), at(60));
        assert_eq!(moved.1.expect("it runs"), at(20));
    });
}
