//! A program in a guest is called off.

use std::thread;
use std::time::Duration;

use bioxen_agent::{RemoteHypervisor, RemoteVm};
use bioxen_core::{
    BiologicalVm, CancelToken, Organism, ProcessCode, ProcessFailureKind, ProcessReport, SimTime,
    VmError, VmId,
};
use bioxen_xcpng::{PoolChannel, SystemTimer, Timer, XcpngPool};

use super::bed::{Bed, spec};

/// A VM that runs a program which takes longer than any test, and somebody else who looks at it.
struct Case {
    bed: Bed,
    token: CancelToken,
    vm: RemoteVm,
    other: XcpngPool,
}

/// How long the guest may take to end the program.
const LIMIT: Duration = Duration::from_millis(700);

impl Case {
    fn new(limit: Duration) -> Self {
        let bed = Bed::up();
        let mut options = bed.options();
        options.limits.cancel = limit;
        let token = options.cancel.clone();
        let pool = XcpngPool::connect(options).expect("a login");
        let hypervisor = RemoteHypervisor::new(PoolChannel::new(pool));
        let made = hypervisor.create(&spec("cell-1", Organism::Syn3a), &[]);
        let (mut vm, _) = made.expect("it is made");
        vm.start().expect("it starts");
        let other = bed.connect();
        Self {
            bed,
            token,
            vm,
            other,
        }
    }

    fn looker(&self) -> RemoteHypervisor {
        RemoteHypervisor::new(PoolChannel::new(self.other.clone()))
    }

    /// Runs the program, does something once it moves the cell, and calls it off; answers how long it took to come back from then on.
    fn run(
        &mut self,
        then: impl FnOnce(&XcpngPool) + Send,
    ) -> (Result<ProcessReport, VmError>, Duration) {
        let looker = self.looker();
        let timer = SystemTimer::new();
        let (vm, token, other) = (&mut self.vm, &self.token, &self.other);
        thread::scope(|scope| {
            let called_off = scope.spawn(move || {
                while now(&looker) == SimTime::ZERO {
                    thread::yield_now();
                }
                then(other);
                token.cancel();
                timer.now()
            });
            let code = ProcessCode::new("endless", "advance(100000 * 3600)").expect("short");
            let outcome = vm.execute_biological_process(&code);
            let called_off = called_off.join().expect("no panic");
            (outcome, timer.now().saturating_sub(called_off))
        })
    }
}

fn now(looker: &RemoteHypervisor) -> SimTime {
    looker.statuses().expect("it waits for no program")[0].sim_time
}

#[test]
fn a_program_that_is_called_off_ends_in_its_guest_and_says_how_far_it_came() {
    let mut case = Case::new(Duration::from_secs(60));
    let (report, _) = case.run(|_| {});
    let report = report.expect("the agent says how it ended");
    let failure = report.failure.expect("it did not come to its end");
    assert_eq!(failure.kind, ProcessFailureKind::Cancelled);
    assert!(report.ended_at > SimTime::ZERO);
    // Nothing moves the cell any more, and it is free for others.
    let looker = case.looker();
    assert_eq!(now(&looker), report.ended_at);
    let id = VmId::new("cell-1").expect("a plain name");
    let mut same = looker.open(&id).expect("it is there");
    let code = ProcessCode::new("next", "advance(1)\ntime()").expect("short");
    let next = same.execute_biological_process(&code).expect("it answers");
    assert!(next.success, "{}", next.stderr);
    same.destroy().expect("it goes");
}

#[test]
fn a_guest_that_does_not_hear_it_is_waited_for_as_long_as_is_said() {
    let mut case = Case::new(LIMIT);
    let (failed, took) = case.run(|other| {
        let (guest, _) = other.guests().expect("they are read").remove(0);
        let token = CancelToken::new();
        let bounds = other
            .xapi()
            .bounds("the test", Duration::from_secs(60), &token);
        let found = other.xapi().vm_by_uuid(&guest.uuid, bounds);
        let (vm, _) = found.expect("it is read").expect("it is there");
        other.xapi().pause_vm(&vm, bounds).expect("it runs");
    });
    // It was noticed a moment after it was called off at the earliest, and may have begun to wait before that was told.
    assert!(took >= LIMIT / 2, "{took:?}");
    // Nobody knows what becomes of it.
    assert!(matches!(failed, Err(VmError::Backend { .. })), "{failed:?}");
    let (guest, _) = case.other.guests().expect("they are read").remove(0);
    case.other.destroy(&guest).expect("it goes");
    let Case { bed, vm, other, .. } = case;
    drop((vm, other));
    bed.assert_clean();
}
