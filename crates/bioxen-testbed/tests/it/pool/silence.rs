//! A guest whose way is silent: a start ends within its own limit, and soon when it is called off.

use std::time::Duration;

use bioxen_agent::RemoteHypervisor;
use bioxen_core::{BiologicalVm, Organism, VmError};
use bioxen_testbed::TestbedSpec;
use bioxen_testbed::guests::{Fault, Faults, agent_binary};
use bioxen_testbed::xapi::Pool;
use bioxen_xcpng::{PoolChannel, SystemTimer, Timer, XcpngPool};

use super::bed::{Bed, spec};
use super::draw::told;

/// What a machine with many tests at once may take for the guest that is switched off, beside the quarter of a second.
const MACHINE: Duration = Duration::from_secs(3);

fn bed(fault: Fault) -> Bed {
    let agent = agent_binary(None).unwrap_or_else(|error| {
        panic!("{error}; {}", error.hint().unwrap_or_default());
    });
    Bed::with(TestbedSpec {
        way: Some(Faults::all(fault)),
        ..TestbedSpec::quick(Some(agent))
    })
}

/// A start over such a way is over in time, and says where it was.
#[track_caller]
fn check(fault: Fault, expect: &str) {
    let bed = bed(fault);
    let mut options = bed.options();
    // Each step alone would take longer than the whole may.
    options.ssh.limits.key_exchange = Duration::from_secs(60);
    options.ssh.limits.auth = Duration::from_secs(60);
    options.limits.hello = Duration::from_secs(60);
    options.limits.ready = Duration::from_secs(3);
    let pool = XcpngPool::connect(options).expect("a login");
    let hypervisor = RemoteHypervisor::new(PoolChannel::new(pool));
    let made = hypervisor.create(&spec("cell-1", Organism::Syn3a), &[]);
    let (mut vm, _) = made.expect("it is made");
    let timer = SystemTimer::new();
    let failed = told(&vm.start().expect_err("nobody answers"));
    let took = timer.now();
    let most = Duration::from_millis(3_250) + MACHINE;
    assert!(took < most, "{fault:?}: {took:?}: {failed}");
    let says = failed.contains("the guest was not ready after 3 s: it cannot be used at 127.");
    assert!(says && failed.contains(expect), "{fault:?}: {failed}");
    vm.destroy().expect("it goes");
    drop((vm, hypervisor));
    bed.assert_clean();
}

#[test]
fn a_start_over_a_silent_way_ends_within_its_limit() {
    check(Fault::Silence { after: 0 }, "the SSH key exchange");
    check(Fault::Silence { after: 60 }, "the SSH key exchange");
    let each = Duration::from_secs(1);
    check(Fault::Drip { after: 0, each }, "the SSH key exchange");
}

#[test]
fn a_start_that_is_called_off_on_a_silent_way_comes_back_soon() {
    let bed = bed(Fault::Silence { after: 0 });
    let options = bed.options();
    let token = options.cancel.clone();
    let pool = XcpngPool::connect(options).expect("a login");
    let hypervisor = RemoteHypervisor::new(PoolChannel::new(pool));
    let made = hypervisor.create(&spec("cell-1", Organism::Syn3a), &[]);
    let (mut vm, _) = made.expect("it is made");
    let timer = SystemTimer::new();
    let raised = std::thread::scope(|scope| {
        let raised = scope.spawn(|| {
            let met = |pool: &mut Pool| pool.vms().iter().any(|vm| !vm.addresses.is_empty());
            assert!(
                bed.testbed
                    .server()
                    .wait_until(Duration::from_secs(60), met)
            );
            token.cancel();
            timer.now()
        });
        let called_off = vm.start().expect_err("nobody answers");
        assert!(matches!(called_off, VmError::Cancelled), "{called_off:?}");
        raised.join().expect("no panic")
    });
    let took = timer.now().saturating_sub(raised);
    assert!(took < Duration::from_secs(1) + MACHINE, "{took:?}");
    // It is off again.
    let vms = bed.testbed.server().pool(|pool| pool.vms());
    assert!(vms.iter().all(|vm| vm.power_state == "Halted"), "{vms:#?}");
}
