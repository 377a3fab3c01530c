//! What reaches a program while it runs: allocations, recordings, pauses and the end of its VM.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use bioxen_core::testing::ManualClock;
use bioxen_core::{
    AtpPercent, BiologicalVm, CancelToken, ProcessCode, ProcessFailureKind, ProcessReport, SimTime,
    VmError, VmState,
};

use super::{at, hypervisor, id, manual, running, seconds};
use crate::machine::{Holder, Seat};
use crate::{BasicBiologicalVm, BatchEnd, Goal, Hypervisor, HypervisorConfig};

/// Ends a program even when the test fails, since it would never end by itself.
struct End<'a>(&'a CancelToken);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

fn program(source: &str) -> ProcessCode {
    ProcessCode::new("p", source).expect("a text")
}

/// Runs a program without end, and `meanwhile` with another handle as soon as the cell has moved; then ends it.
pub(super) fn while_it_runs(
    vm: &mut BasicBiologicalVm,
    meanwhile: impl FnOnce(&mut BasicBiologicalVm, &CancelToken),
) -> ProcessReport {
    let mut other = vm.hypervisor().open(vm.id()).expect("it is there");
    let token = CancelToken::new();
    let begin = time(&other);
    thread::scope(|scope| {
        let runner = scope.spawn(|| vm.execute_with(&program("advance(1e9)"), &token));
        let end = End(&token);
        wait_until(|| time(&other) > begin);
        meanwhile(&mut other, &token);
        drop(end);
        let report = runner.join().expect("nothing panics");
        report.expect("it was running when the program began")
    })
}

pub(super) fn wait_until(condition: impl Fn() -> bool) {
    while !condition() {
        thread::yield_now();
    }
}

/// Pauses, and waits until the program has noticed.
pub(super) fn pause(vm: &mut BasicBiologicalVm) {
    vm.pause().expect("it runs");
    wait_until(|| {
        let floor = vm.hypervisor().host().lock();
        let slot = floor.machine.slot(vm.key).expect("it is there");
        matches!(&slot.seat, Seat::Out(Holder::Caller(Some(process))) if process.stands)
    });
}

fn time(vm: &BasicBiologicalVm) -> SimTime {
    vm.status().expect("always answers").sim_time
}

#[track_caller]
fn was_cancelled(report: &ProcessReport) {
    let failure = report.failure.as_ref().expect("it has no end");
    assert_eq!(failure.kind, ProcessFailureKind::Cancelled);
    assert_eq!(failure.message, "the process was cancelled");
}

#[test]
fn an_allocation_during_a_program_is_one_between_two_programs() {
    let share = AtpPercent::new(40.0).expect("a share");
    let first_hypervisor = hypervisor(1);
    let mut vm = running(&first_hypervisor, &manual("cell"));
    let mut changed_at = at(0);
    let report = while_it_runs(&mut vm, |other, _| {
        pause(other);
        changed_at = time(other);
        let _ = other.allocate_atp(share).expect("it fits");
        other.resume().expect("it is paused");
        wait_until(|| time(other) >= changed_at.saturating_add(seconds(5)));
        assert_eq!(other.status().expect("it is there").quota.atp, share);
        assert_eq!(
            other.resource_usage().expect("it is there").atp_quota,
            share
        );
    });
    was_cancelled(&report);

    let other_hypervisor = hypervisor(1);
    let mut again = running(&other_hypervisor, &manual("cell"));
    let left = report.ended_at.since(changed_at).expect("it went on");
    for (span, share) in [(changed_at.seconds(), Some(share)), (left.seconds(), None)] {
        let code = program(&format!("advance({span})"));
        let report = again.execute_biological_process(&code).expect("it runs");
        assert!(report.success, "{}", report.stderr);
        if let Some(share) = share {
            let _ = again.allocate_atp(share).expect("it fits");
        }
    }
    assert_eq!(time(&again), report.ended_at);
    assert_eq!(again.fingerprint().ok(), vm.fingerprint().ok());
}

#[test]
fn allocations_in_a_row_add_up_while_a_program_runs() {
    let hypervisor = hypervisor(1);
    let mut vm = running(&hypervisor, &manual("cell"));
    while_it_runs(&mut vm, |other, _| {
        for percent in [90.0, 80.0, 70.0, 60.0, 50.0] {
            let share = AtpPercent::new(percent).expect("a share");
            let _ = other.allocate_atp(share).expect("it fits");
            let units = bioxen_core::RibosomeCount::new(9);
            let allocation = other.allocate_ribosomes(units).expect("it fits");
            assert_eq!(allocation.quota.atp, share, "the last one is not lost");
            let quota = other.status().expect("it is there").quota;
            assert_eq!(quota, allocation.quota, "shown at once");
        }
    });
    let quota = vm.inspect(|cell| cell.quota()).expect("it is there");
    assert_eq!(quota.atp, AtpPercent::new(50.0).expect("a share"));
    assert_eq!(quota.ribosomes.get(), 9);
}

#[test]
fn a_paused_program_stands_still_and_its_time_limit_with_it() {
    let clock = ManualClock::new();
    let config = HypervisorConfig {
        workers: 1,
        ..HypervisorConfig::default()
    };
    let hypervisor =
        Hypervisor::new(config, Arc::new(clock.clone())).expect("threads can be started");
    let mut neighbor = running(&hypervisor, &manual("neighbor"));
    let mut vm = running(&hypervisor, &manual("cell"));
    let image = vm.save().expect("it is there");
    let report = while_it_runs(&mut vm, |other, _| {
        pause(other);
        let then = time(other);
        clock.advance(Duration::from_secs(3_600));
        assert_eq!(neighbor.advance(seconds(20)).expect("it runs"), at(20));
        hypervisor.settle();
        assert_eq!(time(other), then);
        assert_eq!(other.status().expect("it is there").state, VmState::Paused);
        for error in [
            other.save().expect_err("the process has the cell"),
            other.restore(&image).expect_err("the process has the cell"),
        ] {
            assert_eq!(error.to_string(), "the cell cannot be reached");
            let source = std::error::Error::source(&error).expect("it has a cause");
            assert_eq!(
                source.to_string(),
                "VM \"cell\" is paused in the middle of a process"
            );
        }
        other.resume().expect("it is paused");
        wait_until(|| time(other) > then);
        // Twice in a row, to see that it starts from there again.
        pause(other);
        other.resume().expect("it is paused");
    });
    was_cancelled(&report);

    let mut direct = running(&super::hypervisor(1), &manual("cell"));
    let whole = report.ended_at.since(at(0)).expect("it began at 0");
    direct.advance(whole).expect("it runs");
    assert_eq!(direct.fingerprint().ok(), vm.fingerprint().ok());
}

#[test]
fn a_paused_program_is_ended_by_its_token_and_by_stop_and_destroy() {
    #[track_caller]
    fn check(end: fn(&mut BasicBiologicalVm, &CancelToken), state: VmState) {
        let hypervisor = hypervisor(1);
        let mut vm = running(&hypervisor, &manual("cell"));
        let mut then = at(0);
        let report = while_it_runs(&mut vm, |other, token| {
            pause(other);
            then = time(other);
            end(other, token);
        });
        was_cancelled(&report);
        assert_eq!(report.ended_at, then);
        assert_eq!(vm.status().expect("always answers").state, state);
        assert_eq!(vm.fingerprint().is_ok(), state != VmState::Destroyed);
    }
    check(|_, token| token.cancel(), VmState::Paused);
    check(|vm, _| vm.stop().expect("it is paused"), VmState::Stopped);
    check(
        |vm, _| {
            vm.stop().expect("it is paused");
            vm.start().expect("it is stopped");
        },
        VmState::Running,
    );
    check(|vm, _| vm.destroy().expect("once"), VmState::Destroyed);
}

#[test]
fn a_program_that_does_not_move_the_cell_does_not_hold_up_a_pause() {
    let hypervisor = hypervisor(1);
    let mut vm = running(&hypervisor, &manual("cell"));
    let token = CancelToken::new();
    let mut other = hypervisor.open(&id("cell")).expect("it is there");
    let source = "advance(10)\n[i for n in range(1000000) for i in range(1000000)]\n";
    let report = thread::scope(|scope| {
        let runner = scope.spawn(|| vm.execute_with(&program(source), &token));
        let end = End(&token);
        wait_until(|| time(&other) == at(10));
        other.pause().expect("it runs");
        assert_eq!(time(&other), at(10));
        assert!(matches!(
            other.inspect(|_| ()),
            Err(VmError::Backend { .. })
        ));
        drop(end);
        runner.join().expect("nothing panics").expect("it ran")
    });
    assert_eq!(report.ended_at, at(10));
}

#[test]
fn the_steps_of_a_program_are_recorded_one_by_one() {
    let hypervisor = hypervisor(1);
    let mut vm = running(&hypervisor, &manual("cell"));
    let step = bioxen_core::SimSpan::from_micros(1_500_000);
    vm.record(step).expect("whole steps");
    let report = vm
        .execute_biological_process(&program("advance(4)\nadvance(3)"))
        .expect("it runs");
    assert!(report.success, "{}", report.stderr);
    let recorded = vm.stop_recording().expect("the cell is there");
    let samples = recorded.expect("it is recorded").samples;
    let times: Vec<f64> = samples.iter().map(|sample| sample.time.seconds()).collect();
    assert_eq!(times, [0.0, 1.5, 3.0, 4.5, 6.0]);
}

#[test]
fn a_batch_does_not_wait_for_a_program_that_stands_still() {
    let hypervisor = hypervisor(1);
    let mut vm = running(&hypervisor, &manual("cell"));
    while_it_runs(&mut vm, |other, _| {
        let outcome = thread::scope(|scope| {
            let (looked, looks) = channel();
            let hypervisor = &hypervisor;
            let batch = scope.spawn(move || {
                let goal = Goal::Until(at(1_000_000_000));
                hypervisor.run_batch(&[id("cell")], goal, &mut |_| {
                    // The test listens to the first one only.
                    let _ = looked.send(());
                    ControlFlow::Continue(())
                })
            });
            looks.recv().expect("the batch begins");
            pause(other);
            let outcome = batch.join().expect("nothing panics");
            outcome.expect("the VM can take part")
        });
        let state = VmState::Paused;
        assert_eq!(outcome.vms[0].end, BatchEnd::LeftRunning { state });
        assert_eq!(outcome.vms[0].sim_time, time(other));
    });
}
