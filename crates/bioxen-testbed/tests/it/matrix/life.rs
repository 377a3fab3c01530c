//! The life of a VM: every pair of a state that a handle reaches and an event that it can ask for.

use bioxen_core::{
    AtpPercent, BiologicalVm, OrganismMetrics, ProcessCode, SimSpan, Vitality, VmError, VmEvent,
    VmState,
};

use super::kinds::{Kind, spec};
use super::recorded::words;

pub(super) fn check(vm: &mut dyn BiologicalVm, kind: Kind) {
    check_new(vm, kind);
    check_illegal(vm, VmState::Created);
    // Each way to a state, and from each state all that does not lead out of it.
    for (event, state) in [
        (VmEvent::Start, VmState::Running),
        (VmEvent::Pause, VmState::Paused),
        (VmEvent::Resume, VmState::Running),
        (VmEvent::Stop, VmState::Stopped),
        (VmEvent::Start, VmState::Running),
        (VmEvent::Pause, VmState::Paused),
        (VmEvent::Stop, VmState::Stopped),
    ] {
        step(vm, event).expect("it is legal");
        let status = vm.status().expect("it answers");
        assert_eq!(status.state, state, "{event}");
        assert_eq!(status.infrastructure, kind.infrastructure(), "{event}");
        check_illegal(vm, state);
        match state {
            VmState::Running => check_moves(vm),
            _ => check_stands(vm, state),
        }
    }
    vm.destroy().expect("it is stopped");
    check_gone(vm);
}

/// How a VM is that was never started: nothing has happened to its cell, if it has one.
fn check_new(vm: &mut dyn BiologicalVm, kind: Kind) {
    let status = vm.status().expect("it answers");
    let spec = spec("cell-1", vm.organism());
    assert_eq!(vm.id(), spec.id());
    assert_eq!(status.id, *spec.id());
    assert_eq!(status.organism, vm.organism());
    assert_eq!(status.infrastructure, kind.infrastructure());
    assert_eq!(status.state, VmState::Created);
    assert_eq!((status.sim_time.seconds(), status.generation), (0.0, 0));
    assert_eq!(status.vitality, Vitality::Viable);
    assert_eq!(status.quota.atp, AtpPercent::FULL);
    assert_eq!(status.quota.ribosomes, spec.ribosomes());
    assert_eq!(status.quota.unit, spec.ribosome_unit());
    assert_eq!((status.pacing, status.seed), (spec.pacing(), spec.seed()));
    check_not_running(vm, VmState::Created);
}

/// Asks for everything that the state does not allow, and finds it as it was.
pub(super) fn check_illegal(vm: &mut dyn BiologicalVm, state: VmState) {
    for event in VmEvent::ALL {
        let Err(expected) = state.apply(event) else {
            continue;
        };
        match step(vm, event) {
            Err(VmError::IllegalTransition(refused)) => assert_eq!(refused, expected),
            other => panic!("{state}, {event}: {other:?}"),
        }
        if state != VmState::Destroyed {
            assert_eq!(vm.status().expect("it answers").state, state, "{event}");
        }
    }
}

fn check_moves(vm: &mut dyn BiologicalVm) {
    let before = vm.status().expect("it answers").sim_time;
    let reached = vm.advance(seconds(2)).expect("it runs");
    assert_eq!(reached.seconds() - before.seconds(), 2.0);
    assert_eq!(vm.status().expect("it answers").sim_time, reached);
    let code = ProcessCode::new("step", "advance(1)\ntime()").expect("short");
    let report = vm.execute_biological_process(&code).expect("it runs");
    assert!(report.success, "{}", report.stderr);
    assert_eq!(report.started_at, reached);
    assert_eq!(report.ended_at.seconds() - reached.seconds(), 1.0);
}

/// Time stands still, and whoever reads the cell reads the same each time.
fn check_stands(vm: &mut dyn BiologicalVm, state: VmState) {
    check_not_running(vm, state);
    let status = vm.status().expect("it answers");
    let metrics = vm.biological_metrics().expect("it answers");
    assert_eq!(metrics.sim_time, status.sim_time);
    let vitality = match &metrics.organism {
        OrganismMetrics::Syn3a(metrics) => metrics.minimal_status,
        OrganismMetrics::MinimalCell(metrics) => metrics.minimal_status,
        OrganismMetrics::Ecoli(metrics) => metrics.status,
        other => panic!("{other:?}"),
    };
    assert_eq!(status.vitality, vitality);
    let usage = vm.resource_usage().expect("it answers");
    assert_eq!(usage.sim_time, status.sim_time);
    assert_eq!(usage.allocated_ribosomes, status.quota.ribosomes);
    let available = vm.available_resources().expect("it answers");
    assert_eq!(available.vms, 1);
    assert!(!vm.essential_genes().expect("it answers").is_empty());
    assert_eq!(vm.installed_packages().expect("it answers"), []);
    let first = vm.save().expect("it answers");
    assert_eq!(vm.save().expect("it answers"), first);
    assert_eq!(vm.status().expect("it answers"), status);
}

fn check_not_running(vm: &mut dyn BiologicalVm, state: VmState) {
    let code = ProcessCode::new("look", "time()").expect("short");
    for (operation, refused) in [
        ("advance", vm.advance(seconds(1)).map(drop)),
        (
            "run a process",
            vm.execute_biological_process(&code).map(drop),
        ),
    ] {
        let refused = refused.expect_err("its time stands still");
        assert_eq!(
            words(&refused),
            format!("cannot {operation} on VM \"cell-1\", which is in state {state}")
        );
    }
}

/// A handle of a VM that is gone: it says so, and nothing else.
pub(super) fn check_gone(vm: &mut dyn BiologicalVm) {
    assert_eq!(vm.status().expect("what is left").state, VmState::Destroyed);
    check_illegal(vm, VmState::Destroyed);
    check_not_running(vm, VmState::Destroyed);
    let allocated = vm.allocate_atp(AtpPercent::FULL).map(drop);
    let package = "growth".parse().expect("a name");
    for answer in [
        vm.biological_metrics().map(drop),
        vm.resource_usage().map(drop),
        vm.available_resources().map(drop),
        vm.essential_genes().map(drop),
        vm.installed_packages().map(drop),
        vm.install_biological_package(&package).map(drop),
        vm.remove_biological_package(&package).map(drop),
        vm.save().map(drop),
        allocated,
    ] {
        match answer {
            Err(VmError::NotFound { id }) => assert_eq!(id, *vm.id()),
            other => panic!("{other:?}"),
        }
    }
}

fn step(vm: &mut dyn BiologicalVm, event: VmEvent) -> Result<(), VmError> {
    match event {
        VmEvent::Start => vm.start(),
        VmEvent::Pause => vm.pause(),
        VmEvent::Resume => vm.resume(),
        VmEvent::Stop => vm.stop(),
        VmEvent::Destroy => vm.destroy(),
        // Nobody asks a VM to fail; the table says when it may.
        VmEvent::Fail => {
            let state = vm
                .status()
                .map_or(VmState::Destroyed, |status| status.state);
            state.apply(event).map(drop).map_err(VmError::from)
        }
    }
}

pub(super) fn seconds(seconds: u64) -> SimSpan {
    SimSpan::from_micros(seconds * 1_000_000)
}
