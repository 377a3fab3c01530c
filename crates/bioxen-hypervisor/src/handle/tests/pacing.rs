//! How simulated time follows the clock.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use bioxen_core::testing::ManualClock;
use bioxen_core::{BiologicalVm, PaceFactor, Pacing, ProcessCode, SimSpan, SimTime};

use super::processes::{pause, wait_until, while_it_runs};
use super::{at, hypervisor, id, manual, running, seconds, spec};
use crate::{BasicBiologicalVm, Hypervisor, HypervisorConfig};

struct Wall {
    clock: ManualClock,
    hypervisor: Hypervisor,
}

impl Wall {
    fn new() -> Self {
        let clock = ManualClock::new();
        let config = HypervisorConfig {
            workers: 2,
            ..HypervisorConfig::default()
        };
        let hypervisor =
            Hypervisor::new(config, Arc::new(clock.clone())).expect("threads can be started");
        Self { clock, hypervisor }
    }

    fn pass(&self, millis: u64) {
        self.clock.advance(Duration::from_millis(millis));
        self.hypervisor.wake();
        self.hypervisor.settle();
    }

    fn real_time(&self, name: &str, factor: f64) -> BasicBiologicalVm {
        let factor = PaceFactor::new(factor).expect("a factor");
        let spec = spec(name)
            .pacing(Pacing::RealTime { factor })
            .build()
            .expect("no rule is broken");
        self.hypervisor.create(&spec).expect("there is room")
    }
}

fn time(vm: &BasicBiologicalVm) -> SimTime {
    vm.status().expect("it is there").sim_time
}

#[test]
fn real_time_follows_the_clock_in_whole_steps() {
    let wall = Wall::new();
    let mut vm = wall.real_time("cell", 2.0);
    wall.pass(10_000);
    assert_eq!(time(&vm), at(0), "it was not started");
    vm.start().expect("it was just created");
    wall.pass(249);
    assert_eq!(time(&vm), at(0));
    wall.pass(1);
    assert_eq!(time(&vm), SimTime::from_micros(500_000));
    wall.pass(60_000);
    assert_eq!(time(&vm), SimTime::from_micros(120_500_000));
}

#[test]
fn time_that_passes_while_paused_or_stopped_is_not_made_up_for() {
    let wall = Wall::new();
    let mut vm = wall.real_time("cell", 1.0);
    vm.start().expect("it was just created");
    wall.pass(5_300);
    vm.pause().expect("it runs");
    wall.pass(100_000);
    assert_eq!(time(&vm), at(5));
    vm.resume().expect("it is paused");
    wall.pass(200);
    assert_eq!(
        time(&vm),
        SimTime::from_micros(5_500_000),
        "0.3 s were left"
    );
    vm.stop().expect("it runs");
    wall.pass(100_000);
    vm.start().expect("it is stopped");
    wall.pass(1_000);
    assert_eq!(time(&vm), SimTime::from_micros(6_500_000));
}

#[test]
fn advance_runs_ahead_and_real_time_goes_on_from_there() {
    let wall = Wall::new();
    let mut vm = wall.real_time("cell", 1.0);
    vm.start().expect("it was just created");
    wall.pass(2_000);
    assert_eq!(vm.advance(seconds(30)).expect("it runs"), at(32));
    wall.pass(1_000);
    assert_eq!(time(&vm), at(33));
    let code = ProcessCode::new("p", "advance(10)").expect("a text");
    let report = vm.execute_biological_process(&code).expect("it runs");
    assert_eq!((report.started_at, report.ended_at), (at(33), at(43)));
    wall.pass(1_000);
    assert_eq!(time(&vm), at(44));
}

#[test]
fn many_vms_in_real_time_are_all_where_they_are_due() {
    let wall = Wall::new();
    let mut vms: Vec<BasicBiologicalVm> = (0_u32..40)
        .map(|n| wall.real_time(&format!("cell-{n}"), f64::from(n + 1) / 10.0))
        .collect();
    for vm in &mut vms {
        vm.start().expect("it was just created");
    }
    wall.pass(10_000);
    wall.pass(10_000);
    for (n, vm) in (1_u64..).zip(&vms) {
        // n/10 × 20 s, in whole steps of half a second.
        assert_eq!(time(vm).micros(), n * 2_000_000 / 500_000 * 500_000);
    }
}

#[test]
fn manual_time_moves_only_by_hand_and_keeps_less_than_a_step() {
    let wall = Wall::new();
    let mut vm = running(&wall.hypervisor, &manual("cell"));
    wall.pass(10_000);
    assert_eq!(time(&vm), at(0));
    let third = SimSpan::from_micros(300_000);
    assert_eq!(vm.advance(third).expect("it runs"), at(0));
    assert_eq!(
        vm.advance(third).expect("it runs"),
        SimTime::from_micros(500_000)
    );
    assert_eq!(
        vm.advance(SimSpan::ZERO).expect("it runs"),
        SimTime::from_micros(500_000)
    );
}

#[test]
fn unpaced_runs_by_itself_and_stands_still_when_paused() {
    let hypervisor = hypervisor(1);
    let spec = spec("cell")
        .pacing(Pacing::Unpaced)
        .build()
        .expect("no rule is broken");
    let mut vm = running(&hypervisor, &spec);
    let mut other = running(&hypervisor, &manual("other"));
    assert!(vm.advance(seconds(60)).expect("it runs") >= at(60));
    assert_eq!(
        other.advance(seconds(20)).expect("it gets its turns"),
        at(20)
    );
    vm.pause().expect("it runs");
    let then = time(&vm);
    hypervisor.settle();
    other.advance(seconds(60)).expect("it runs");
    assert_eq!(time(&vm), then);
    assert!(vm.fingerprint().is_ok(), "the cell is at home");
}

#[test]
fn time_that_passes_while_a_program_is_paused_is_not_made_up_for() {
    let wall = Wall::new();
    let mut vm = wall.real_time("cell", 1.0);
    vm.start().expect("it was just created");
    let report = while_it_runs(&mut vm, |other, _| {
        wall.clock.advance(Duration::from_secs(10));
        pause(other);
        wall.pass(100_000);
        let then = time(other);
        other.resume().expect("it is paused");
        wait_until(|| time(other) > then);
    });
    let end = report.ended_at;
    wall.pass(0);
    assert_eq!(time(&vm), end);
    wall.pass(1_000);
    assert_eq!(time(&vm), end.saturating_add(seconds(1)));
}

#[test]
fn settling_waits_for_a_late_cell_that_someone_has() {
    let wall = Wall::new();
    let mut vm = wall.real_time("cell", 1.0);
    vm.start().expect("it was just created");
    thread::scope(|scope| {
        let (held, is_held) = channel();
        let (release, is_released): (Sender<()>, Receiver<()>) = channel();
        let other = wall.hypervisor.open(&id("cell")).expect("it is there");
        scope.spawn(move || {
            other.inspect(|_| {
                held.send(()).expect("the test listens");
                // An error is the end of the test, which is as good.
                let _ = is_released.recv();
            })
        });
        is_held.recv().expect("the cell was at home");
        wall.clock.advance(Duration::from_secs(10));
        scope.spawn(move || drop(release));
        wall.hypervisor.settle();
    });
    assert_eq!(time(&vm), at(10));
}
