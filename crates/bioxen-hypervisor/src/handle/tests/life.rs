//! Names, states and their verbs.

use std::ops::ControlFlow;

use bioxen_core::{BiologicalVm, ProcessCode, RibosomeCount, VmError, VmId, VmState};

use super::{at, hypervisor, id, manual, running, seconds, spec};
use crate::{BasicBiologicalVm, Goal, Hypervisor};

type Verb = fn(&mut BasicBiologicalVm) -> Result<(), VmError>;

const VERBS: [(&str, Verb); 5] = [
    ("start", |vm| vm.start()),
    ("pause", |vm| vm.pause()),
    ("resume", |vm| vm.resume()),
    ("stop", |vm| vm.stop()),
    ("destroy", |vm| vm.destroy()),
];

fn in_state(hypervisor: &Hypervisor, state: VmState) -> BasicBiologicalVm {
    let mut vm = hypervisor
        .create(&manual("cell"))
        .expect("the name is free");
    if state != VmState::Created {
        vm.start().expect("it was just created");
    }
    match state {
        VmState::Created | VmState::Running => Ok(()),
        VmState::Paused => vm.pause(),
        VmState::Stopped => vm.stop(),
        VmState::Destroyed => vm.destroy(),
        VmState::Error => {
            vm.with_guest(|guest| guest.fault = Some(at(0)))
                .expect("the cell is there");
            vm.advance(seconds(1)).expect_err("it panics");
            Ok(())
        }
    }
    .expect("a legal way to the state");
    assert_eq!(vm.status().expect("always answers").state, state);
    vm
}

#[test]
fn every_verb_in_every_state_does_what_the_state_allows_or_nothing() {
    let hypervisor = hypervisor(1);
    let mut table = String::new();
    for state in VmState::ALL {
        table.push_str(&state.to_string());
        for (name, verb) in VERBS {
            let mut vm = in_state(&hypervisor, state);
            let outcome = verb(&mut vm);
            let after = vm.status().expect("always answers").state;
            match outcome {
                Ok(()) => table.push_str(&format!(" {name}={after}")),
                Err(VmError::IllegalTransition(refused)) => {
                    assert_eq!((refused.from, after), (state, state));
                }
                Err(error) => table.push_str(&format!(" {name}!{error}")),
            }
            let _ = vm.destroy();
        }
        table.push('\n');
    }
    let expected = "\
created start=running destroy=destroyed
running pause=paused stop=stopped destroy=destroyed
paused resume=running stop=stopped destroy=destroyed
stopped start=running destroy=destroyed
error stop=stopped destroy=destroyed
destroyed
";
    assert_eq!(table, expected);
}

#[test]
fn questions_are_answered_in_every_state_but_the_last() {
    let hypervisor = hypervisor(1);
    for state in VmState::ALL {
        let mut vm = in_state(&hypervisor, state);
        let gone = state == VmState::Destroyed;
        assert_eq!(vm.resource_usage().is_err(), gone, "{state}");
        assert_eq!(vm.available_resources().is_err(), gone, "{state}");
        assert!(vm.probe().usage().is_some(), "{state}");
        let lost = gone || state == VmState::Error;
        assert_eq!(vm.biological_metrics().is_err(), lost, "{state}");
        assert_eq!(vm.save().is_err(), lost, "{state}");
        if state != VmState::Running && !lost {
            let code = ProcessCode::new("p", "1").expect("a text");
            for error in [
                vm.advance(seconds(1)).expect_err("not running"),
                vm.execute_biological_process(&code)
                    .expect_err("not running"),
            ] {
                match error {
                    VmError::NotRunning { state: found, .. } => assert_eq!(found, state),
                    other => panic!("{other}"),
                }
            }
        }
        let _ = vm.destroy();
    }
}

#[test]
fn names_are_taken_once_and_free_again() {
    let hypervisor = hypervisor(1);
    let mut first = hypervisor.create(&manual("b")).expect("the name is free");
    let _other = hypervisor.create(&manual("a")).expect("the name is free");
    let error = hypervisor.create(&manual("b")).expect_err("taken");
    assert_eq!(error.to_string(), "a VM named \"b\" exists already");

    let names: Vec<String> = hypervisor
        .statuses()
        .into_iter()
        .map(|status| status.id.to_string())
        .collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(hypervisor.available().vms, 2);

    let opened = hypervisor.open(&id("b")).expect("it is there");
    first.destroy().expect("once");
    assert!(matches!(
        hypervisor.open(&id("b")),
        Err(VmError::NotFound { .. })
    ));
    let second = hypervisor.create(&manual("b")).expect("free again");
    let old = opened.status().expect("always answers").state;
    assert_eq!(
        old,
        VmState::Destroyed,
        "an old handle does not see a new VM"
    );
    assert_eq!(
        second.status().expect("always answers").state,
        VmState::Created
    );
}

#[test]
fn a_vm_outlives_its_handles_and_keeps_its_hypervisor() {
    let hypervisor = hypervisor(1);
    drop(running(&hypervisor, &manual("cell")));
    let mut vm = hypervisor.open(&id("cell")).expect("it is still there");
    drop(hypervisor);
    assert_eq!(vm.advance(seconds(3)).expect("it runs"), at(3));
}

#[test]
fn a_refused_vm_leaves_nothing() {
    let hypervisor = hypervisor(1);
    let before = hypervisor.available();
    let greedy = spec("cell")
        .ribosomes(RibosomeCount::new(69))
        .build()
        .expect("no rule is broken");
    assert!(matches!(
        hypervisor.create(&greedy),
        Err(VmError::RibosomesExceeded { .. })
    ));
    assert_eq!(hypervisor.available(), before);
    assert!(hypervisor.create(&manual("cell")).is_ok());
}

#[test]
fn a_thousand_vms_live_on_one_hypervisor() {
    let hypervisor = hypervisor(2);
    let ids: Vec<VmId> = (0..1_000)
        .map(|number| {
            let name = format!("cell-{number}");
            running(&hypervisor, &manual(&name));
            id(&name)
        })
        .collect();
    assert_eq!(hypervisor.statuses().len(), 1_000);
    let goal = Goal::Until(at(1));
    let outcome = hypervisor
        .run_batch(&ids, goal, &mut |_| ControlFlow::Continue(()))
        .expect("all of them run");
    assert!(outcome.is_complete());
    for id in &ids {
        let mut vm = hypervisor.open(id).expect("it is there");
        vm.destroy().expect("once");
    }
    assert_eq!(hypervisor.available().vms, 0);
}
