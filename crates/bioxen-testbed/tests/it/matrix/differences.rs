//! Where the two kinds of VMs differ, all of it:
//!
//! - A status names the infrastructure, and an error says that an agent said so and where the host of the cell looks for packages; `recorded` leaves these words out.
//! - A cell of a pool is in its guest. One that was planned or only made has no cell before its first start, and what reads or changes the cell is refused until then, but that one that was made can be given a saved cell; a basic VM has its cell at once.
//! - What a host refuses of a specification is told when a basic VM is made, and when a VM of a pool is started.
//! - A guest that is off answers questions from what it said when it was stopped, and only to the program that stopped it; what changes its cell is refused until it is started. A basic VM that is stopped takes it all.
//! - Dropping the handle of a VM of a pool leaves the VM running, and another program goes on with it. A basic VM lives in its process.
//! - A guest can be switched off by somebody else, so that its VM has failed; nothing but a bug brings a basic VM there.

use bioxen_agent::RemoteHypervisor;
use bioxen_core::{
    AtpPercent, BiologicalVm, CancelToken, Operation, OperonAction, Organism, ProcessCode,
    RibosomeCount, VmError, VmId, VmState,
};
use bioxen_xcpng::{PoolChannel, XcpngPool};

use super::kinds::{Hosts, Kind, spec};
use super::life::{check_illegal, seconds};
use super::recorded::{checksum, words};

#[test]
fn a_guest_that_is_off_says_what_it_said_and_changes_nothing() {
    let hosts = Hosts::up();
    for organism in Organism::ALL {
        let name = organism.to_string().replace('_', "-");
        let growth = "growth".parse().expect("a name");
        let mut vm = hosts.vm(Kind::Xcpng, spec(&name, organism), &[growth]);
        vm.start().expect("it is new");
        vm.advance(seconds(5)).expect("it runs");
        let running = readings(&*vm);
        let image = vm.save().expect("it answers");
        vm.stop().expect("it runs");
        assert_eq!(readings(&*vm), running, "{organism}");
        assert_eq!(vm.probe().usage(), vm.resource_usage().ok());
        check_without_a_cell(&mut *vm, VmState::Stopped);
        assert!(refused_in(vm.restore(&image), VmState::Stopped));

        // Another program knows what the pool keeps: the status and the packages.
        let status = vm.status().expect("it is off");
        let pool = RemoteHypervisor::new(PoolChannel::new(hosts.pool.clone()));
        let other = pool.open(vm.id()).expect("it is there");
        assert_eq!(other.status().expect("it is off"), status);
        assert_eq!(
            other.installed_packages().expect("they are kept"),
            vm.installed_packages().expect("they are remembered")
        );
        for answer in [
            other.biological_metrics().map(drop),
            other.resource_usage().map(drop),
            other.available_resources().map(drop),
            other.essential_genes().map(drop),
            other.save().map(drop),
        ] {
            assert!(refused_in(answer, VmState::Stopped));
        }
        vm.start().expect("it is off");
        assert_eq!(readings(&*vm), running, "{organism}");
        assert_eq!(vm.save().expect("it answers"), image, "{organism}");
        vm.destroy().expect("it runs");
        assert!(matches!(other.status(), Err(VmError::NotFound { .. })));
    }
    hosts.end();
}

#[test]
fn a_handle_that_is_dropped_leaves_a_vm_that_another_one_goes_on_with() {
    let hosts = Hosts::up();
    let mut vm = hosts.vm(Kind::Xcpng, spec("cell-1", Organism::Syn3a), &[]);
    vm.start().expect("it is new");
    vm.advance(seconds(5)).expect("it runs");
    let (status, image) = (vm.status().expect("it runs"), vm.save().expect("it runs"));
    let id = vm.id().clone();
    drop(vm);
    let pool = RemoteHypervisor::new(PoolChannel::new(hosts.pool.clone()));
    let mut vm = pool.open(&id).expect("it is there");
    assert_eq!(vm.status().expect("it runs"), status);
    assert_eq!(vm.save().expect("it runs"), image);
    let code = ProcessCode::new("look", "advance(1)\ntime()").expect("short");
    let report = vm.execute_biological_process(&code).expect("it runs");
    assert_eq!(report.result_json.as_deref(), Some("6.0"));
    vm.destroy().expect("it runs");
    drop((vm, pool));
    hosts.end();
}

#[test]
fn a_guest_that_somebody_switched_off_is_a_vm_that_failed() {
    let hosts = Hosts::up();
    let mut vm = hosts.vm(Kind::Xcpng, spec("cell-1", Organism::Syn3a), &[]);
    vm.start().expect("it is new");
    vm.advance(seconds(5)).expect("it runs");
    let kept = vm.save().expect("it answers");
    for again in 0..2 {
        switch_off(&hosts.pool, vm.id());
        assert_eq!(vm.status().expect("it is off").state, VmState::Error);
        check_illegal(&mut *vm, VmState::Error);
        assert!(refused_in(vm.advance(seconds(1)).map(drop), VmState::Error));
        assert!(refused_in(
            vm.biological_metrics().map(drop),
            VmState::Error
        ));
        vm.stop().expect("it failed");
        assert_eq!(vm.status().expect("it is off").state, VmState::Stopped);
        vm.start().expect("it is stopped");
        // What was acknowledged is there.
        assert_eq!(vm.save().expect("it answers"), kept, "{again}");
    }
    switch_off(&hosts.pool, vm.id());
    vm.destroy().expect("it failed");
    drop(vm);
    hosts.end();
}

/// All that is refused by a VM whose cell is not at hand, and in which words.
pub(super) fn check_without_a_cell(vm: &mut dyn BiologicalVm, state: VmState) {
    check_illegal(vm, state);
    let package = "burden".parse().expect("a name");
    let gene = "dnaA".parse().expect("a name");
    let operon = "lacZYA".parse().expect("a name");
    let (id, organism) = (vm.id().clone(), vm.organism());
    let code = ProcessCode::new("look", "time()").expect("short");
    let cases = [
        ("advance", vm.advance(seconds(1)).map(drop)),
        (
            "run a process",
            vm.execute_biological_process(&code).map(drop),
        ),
        ("allocate", vm.allocate_atp(AtpPercent::FULL).map(drop)),
        (
            "allocate",
            vm.allocate_ribosomes(RibosomeCount::new(1)).map(drop),
        ),
        (
            "install a package",
            vm.install_biological_package(&package).map(drop),
        ),
        (
            "remove a package",
            vm.remove_biological_package(&package).map(drop),
        ),
    ];
    for (operation, answer) in cases {
        let refused = answer.expect_err("its cell is not at hand");
        assert_eq!(
            words(&refused),
            format!("cannot {operation} on VM \"{id}\", which is in state {state}")
        );
        assert_eq!(refused.hint().as_deref(), Some("start it first"));
    }
    // What the organism cannot do at all is told first.
    let switched = vm.start_transcription(&[gene]).map(drop);
    let managed = vm.manage_operons(&[operon], OperonAction::Activate);
    for (operation, answer) in [
        (Operation::StartTranscription, switched),
        (Operation::ManageOperons, managed),
    ] {
        match (organism.supports(operation), answer) {
            (true, answer) => assert!(refused_in(answer, state)),
            (false, answer) => assert!(matches!(answer, Err(VmError::Unsupported { .. }))),
        }
    }
    assert_eq!(vm.status().expect("it is as it was").state, state);
}

/// A VM that has no cell yet has nothing to read but its status.
pub(super) fn check_reads_nothing(vm: &dyn BiologicalVm, state: VmState) {
    for answer in [
        vm.biological_metrics().map(drop),
        vm.resource_usage().map(drop),
        vm.available_resources().map(drop),
        vm.essential_genes().map(drop),
        vm.save().map(drop),
    ] {
        assert!(refused_in(answer, state));
    }
    match (vm.organism(), vm.plasmid_count()) {
        (Organism::Ecoli, answer) => assert!(refused_in(answer.map(drop), state)),
        (_, answer) => assert!(matches!(answer, Err(VmError::Unsupported { .. }))),
    }
}

pub(super) fn refused_in(answer: Result<(), VmError>, expected: VmState) -> bool {
    match answer {
        Err(VmError::NotRunning { state, .. }) => state == expected,
        other => panic!("{other:?}"),
    }
}

/// All questions, with what they were answered.
fn readings(vm: &dyn BiologicalVm) -> String {
    format!(
        "{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{}",
        vm.biological_metrics(),
        vm.resource_usage(),
        vm.available_resources(),
        vm.essential_genes(),
        vm.installed_packages(),
        vm.plasmid_count().map_err(|error| words(&error)),
        checksum(&vm.save().expect("it answers")),
    )
}

/// As another client of the pool does.
fn switch_off(pool: &XcpngPool, id: &VmId) {
    let (guest, _) = pool.guest(id).expect("it is there");
    let xapi = pool.xapi();
    let token = CancelToken::new();
    let bounds = xapi.bounds("the test", xapi.limits().stop, &token);
    let (vm, _) = xapi
        .vm_by_uuid(&guest.uuid, bounds)
        .expect("it answers")
        .expect("it is there");
    xapi.hard_shutdown_vm(&vm, bounds).expect("it runs");
}
