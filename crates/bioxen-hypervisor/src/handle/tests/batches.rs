//! Running many VMs to a goal.

use std::ops::ControlFlow;

use bioxen_core::{BiologicalVm, Pacing, SimTime, VmError, VmState};

use super::{at, hypervisor, hypervisor_of, id, manual, running, seconds, spec};
use crate::{BatchEnd, BatchProgress, Goal, HypervisorConfig};

fn go_on(_: &BatchProgress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

#[test]
fn every_vm_runs_to_the_last_whole_step_and_progress_adds_up() {
    let hypervisor = hypervisor(2);
    let ids = ["a", "b", "c"].map(id);
    for name in &ids {
        running(&hypervisor, &manual(name.as_str()));
    }
    let mut ahead = hypervisor.open(&ids[2]).expect("it is there");
    ahead.advance(seconds(30)).expect("it runs");

    let goal = Goal::Until(SimTime::from_micros(20_700_000));
    let mut last = BatchProgress::default();
    let outcome = hypervisor
        .run_batch(&ids, goal, &mut |progress| {
            last = *progress;
            ControlFlow::Continue(())
        })
        .expect("all of them run");
    assert!(outcome.is_complete() && !outcome.interrupted);
    let times: Vec<u64> = outcome.vms.iter().map(|vm| vm.sim_time.micros()).collect();
    assert_eq!(times, [20_500_000, 20_500_000, 30_000_000]);
    assert_eq!((last.vms, last.finished), (3, 3));
    assert_eq!(last.simulated.micros(), 41_000_000);
    assert_eq!(last.wanted, last.simulated);

    let mut vm = hypervisor.open(&ids[0]).expect("it is there");
    let time = vm.advance(seconds(1)).expect("it runs");
    assert_eq!(time.micros(), 21_500_000, "0.2 s were left of the goal");
}

#[test]
fn generations_end_with_the_step_of_the_division_whatever_the_slice() {
    let mut ends = Vec::new();
    for slice in [10, 600] {
        let hypervisor = hypervisor_of(HypervisorConfig {
            workers: 1,
            slice: seconds(slice),
            ..HypervisorConfig::default()
        });
        let vm = running(&hypervisor, &manual("cell"));
        let goal = Goal::Generations(1, at(4 * 3_600));
        let mut last = BatchProgress::default();
        let outcome = hypervisor
            .run_batch(&[id("cell")], goal, &mut |progress| {
                last = *progress;
                ControlFlow::Continue(())
            })
            .expect("it runs");
        let [end] = outcome.vms.as_slice() else {
            panic!("one for each name");
        };
        assert_eq!((end.generation, &end.end), (1, &BatchEnd::Reached));
        let divided = vm.inspect(|cell| cell.divisions().last().copied());
        assert_eq!(divided.expect("the cell is there"), Some(end.sim_time));
        assert_eq!((last.divisions, last.divisions_wanted), (1, 1));
        assert_eq!(last.simulated, last.wanted);
        ends.push((end.sim_time, vm.fingerprint().expect("the cell is there")));
    }
    assert_eq!(ends[0], ends[1]);
}

#[test]
fn generations_that_do_not_come_end_at_the_limit() {
    let hypervisor = hypervisor(1);
    running(&hypervisor, &manual("cell"));
    let goal = Goal::Generations(1, at(20));
    let outcome = hypervisor
        .run_batch(&[id("cell")], goal, &mut go_on)
        .expect("it runs");
    assert_eq!(outcome.vms[0].end, BatchEnd::TimeLimit);
    assert_eq!(outcome.vms[0].sim_time, at(20));
    let outcome = hypervisor
        .run_batch(&[id("cell")], Goal::Generations(0, at(90)), &mut go_on)
        .expect("it runs");
    assert_eq!(
        outcome.vms[0].end,
        BatchEnd::Reached,
        "nothing was asked for"
    );
    assert_eq!(outcome.vms[0].sim_time, at(20));
}

#[test]
fn break_ends_every_vm_at_a_whole_slice_and_is_told() {
    let hypervisor = hypervisor(2);
    let ids = ["a", "b", "c", "d"].map(id);
    for name in &ids {
        running(&hypervisor, &manual(name.as_str()));
    }
    let far = Goal::Until(at(1_000_000));
    let mut calls = 0;
    let outcome = hypervisor
        .run_batch(&ids, far, &mut |_| {
            calls += 1;
            ControlFlow::Break(())
        })
        .expect("all of them run");
    assert_eq!(calls, 1, "who said break is not asked again");
    assert!(outcome.interrupted && !outcome.is_complete());
    for vm in &outcome.vms {
        assert_eq!(vm.end, BatchEnd::Interrupted);
        assert_eq!(vm.sim_time.micros() % 10_000_000, 0);
    }
    hypervisor.settle();
    let mut first = hypervisor.open(&ids[0]).expect("it is there");
    let time = first.advance(seconds(1)).expect("it is still running");
    assert_eq!(Some(time), outcome.vms[0].sim_time.checked_add(seconds(1)));
}

#[test]
fn a_vm_that_is_paused_on_the_way_leaves_the_batch() {
    let hypervisor = hypervisor(1);
    let ids = ["a", "b"].map(id);
    for name in &ids {
        running(&hypervisor, &manual(name.as_str()));
    }
    let outcome = hypervisor
        .run_batch(&ids, Goal::Until(at(3_600)), &mut |progress| {
            let mut vm = hypervisor.open(&id("a")).expect("it is there");
            // The last call comes when it is paused already.
            let _ = vm.pause();
            assert!(progress.vms == 2);
            ControlFlow::Continue(())
        })
        .expect("both of them run");
    let [a, b] = outcome.vms.as_slice() else {
        panic!("one for each name");
    };
    assert_eq!(b.end, BatchEnd::Reached);
    let state = VmState::Paused;
    assert!(a.end == BatchEnd::LeftRunning { state } || a.sim_time == at(3_600));
}

#[test]
fn a_batch_that_cannot_begin_moves_nobody() {
    let hypervisor = hypervisor(1);
    running(&hypervisor, &manual("a"));
    hypervisor
        .create(&manual("created"))
        .expect("there is room");
    let unpaced = spec("unpaced").pacing(Pacing::Unpaced).build();
    let mut unpaced = running(&hypervisor, &unpaced.expect("no rule is broken"));

    let refuse = |names: &[&str]| {
        let ids: Vec<_> = names.iter().map(|name| id(name)).collect();
        hypervisor
            .run_batch(&ids, Goal::Until(at(60)), &mut go_on)
            .expect_err("it cannot begin")
    };
    assert!(matches!(refuse(&["a", "nobody"]), VmError::NotFound { .. }));
    assert!(matches!(
        refuse(&["a", "created"]),
        VmError::NotRunning { .. }
    ));
    assert!(matches!(refuse(&["a", "unpaced"]), VmError::Backend { .. }));
    assert!(matches!(refuse(&["a", "a"]), VmError::Backend { .. }));
    unpaced.destroy().expect("once");
    hypervisor.settle();
    let vm = hypervisor.open(&id("a")).expect("it is there");
    assert_eq!(vm.status().expect("it is there").sim_time, at(0));

    let nobody = hypervisor
        .run_batch(&[], Goal::Until(at(60)), &mut go_on)
        .expect("nothing to do");
    assert!(nobody.vms.is_empty());
}
