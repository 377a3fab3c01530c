//! Every verb of a biological VM, for every organism and both kinds of VMs: one suite, the same assertions, and the same answers to the letter.

mod bytes;
mod cells;
mod differences;
mod images;
mod kinds;
mod life;
mod packages;
mod plans;
mod programs;
mod quotas;
mod recorded;
mod resources;
mod switches;

use bioxen_core::{BiologicalVm, Organism};

use self::kinds::{Hosts, Kind, spec};
use self::recorded::Recorded;

/// A part of the suite: what it asks of a VM that is new, and is gone at its end.
type Part = fn(&mut dyn BiologicalVm, Kind);

/// Runs a part for both kinds of VMs of an organism, which answer the same.
fn check(organism: Organism, part: Part) {
    let hosts = Hosts::up();
    let [basic, xcpng] = Kind::ALL.map(|kind| {
        let vm = hosts.vm(kind, spec("cell-1", organism), &[]);
        let mut vm = Recorded::new(vm);
        part(&mut vm, kind);
        vm.into_lines()
    });
    for (basic, xcpng) in basic.iter().zip(&xcpng) {
        assert_eq!(basic, xcpng, "{organism}: basic and then xcpng");
    }
    assert_eq!(basic.len(), xcpng.len(), "{organism}");
    hosts.end();
}

/// All parts that need a cell that runs, on one VM: a guest takes its time to start.
fn all_of_a_running_vm(vm: &mut dyn BiologicalVm, kind: Kind) {
    vm.start().expect("it is new");
    cells::check(vm, kind);
    quotas::check(vm);
    switches::check(vm);
    programs::check(vm);
    packages::check(vm);
    images::check(vm);
    vm.destroy().expect("it runs");
    life::check_gone(vm);
}

#[test]
fn a_running_vm_of_syn3a_answers_every_verb() {
    check(Organism::Syn3a, all_of_a_running_vm);
}

#[test]
fn a_running_vm_of_ecoli_answers_every_verb() {
    check(Organism::Ecoli, all_of_a_running_vm);
}

#[test]
fn a_running_vm_of_a_minimal_cell_answers_every_verb() {
    check(Organism::MinimalCell, all_of_a_running_vm);
}

#[test]
fn the_life_of_a_vm_of_syn3a_is_the_table_of_states() {
    check(Organism::Syn3a, life::check);
}

#[test]
fn the_life_of_a_vm_of_ecoli_is_the_table_of_states() {
    check(Organism::Ecoli, life::check);
}

#[test]
fn the_life_of_a_vm_of_a_minimal_cell_is_the_table_of_states() {
    check(Organism::MinimalCell, life::check);
}

#[test]
fn a_vm_that_never_began_can_be_destroyed() {
    for organism in Organism::ALL {
        check(organism, |vm, _| {
            vm.destroy().expect("it is new");
            life::check_gone(vm);
        });
    }
}
