//! A program gives the same report and leaves the same cell, whether the cell is in this process or in a guest of a pool.

use bioxen_core::{BiologicalVm, Organism, ProcessCode};

use super::kinds::{Hosts, Kind, spec};

/// Lines of which programs are made; each stands by itself.
const LINES: [&str; 16] = [
    "advance(1)",
    "advance(2.5)",
    "print(time(), generation())",
    "print('α\\tβ')",
    "counts(['ATP', 'dnaA'])",
    "concentrations(['ATP'])",
    "get_biological_status()",
    "record(1, ['ATP'], 3)",
    "budget()",
    "knock_down('dnaA', 0.5)",
    "start_transcription(['dnaA'])",
    "manage_operons(['lacZYA'], 'activate')",
    "set_medium('glucose')",
    "len(essential_genes())",
    "[gene for gene in genes()][:3]",
    "fail('on purpose')",
];

/// The n-th program: up to six lines, drawn by a generator that has no state but n.
fn program(n: u64) -> String {
    let mut draw = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        draw ^= draw << 13;
        draw ^= draw >> 7;
        draw ^= draw << 17;
        draw
    };
    let lines = 1 + next() % 6;
    (0..lines)
        .map(|_| LINES[usize::try_from(next() % 16).expect("below 16")])
        .collect::<Vec<_>>()
        .join("\n")
}

/// How many programs each cell is given.
#[expect(
    clippy::disallowed_methods,
    reason = "the one switch of the slow tests"
)]
fn programs() -> u64 {
    match std::env::var_os("BIOXEN_SLOW_TESTS") {
        Some(_) => 200,
        None => 20,
    }
}

fn check(organism: Organism) {
    let hosts = Hosts::up();
    let [mut here, mut there] = Kind::ALL.map(|kind| hosts.vm(kind, spec("cell-1", organism), &[]));
    here.start().expect("it is new");
    there.start().expect("it is new");
    let all = programs();
    let mut failures = 0;
    for n in 0..all {
        let source = program(n);
        let code = ProcessCode::new("program.star", &source).expect("short");
        let expected = here.execute_biological_process(&code).expect("it is run");
        let report = there.execute_biological_process(&code).expect("it is run");
        assert_eq!(report, expected, "{organism}:\n{source}");
        failures += u64::from(!report.success);
        // A stop in between takes the cell to the disk of its guest and back.
        if n == all / 2 {
            for vm in [&mut here, &mut there] {
                vm.stop().expect("it runs");
                vm.start().expect("it is stopped");
            }
        }
        assert_eq!(image(&*there), image(&*here), "{organism}:\n{source}");
    }
    assert_eq!(
        format!("{:?}", there.biological_metrics().expect("it answers")),
        format!("{:?}", here.biological_metrics().expect("it answers")),
        "{organism}"
    );
    // Some went well and some did not.
    assert!((1..all).contains(&failures), "{failures} of {all} failed");
    for mut vm in [here, there] {
        vm.destroy().expect("it runs");
    }
    hosts.end();
}

fn image(vm: &dyn BiologicalVm) -> Vec<u8> {
    vm.save().expect("it answers").into_bytes()
}

#[test]
fn programs_give_the_same_bytes_for_syn3a() {
    check(Organism::Syn3a);
}

#[test]
fn programs_give_the_same_bytes_for_ecoli() {
    check(Organism::Ecoli);
}

#[test]
fn programs_give_the_same_bytes_for_a_minimal_cell() {
    check(Organism::MinimalCell);
}
