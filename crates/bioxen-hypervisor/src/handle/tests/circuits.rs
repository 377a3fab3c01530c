//! Circuits in the chromosome of cells that have no room for a plasmid.

use bioxen_core::{BiologicalVm, Organism, PackageName, ProcessCode, SimSpan};

use super::hypervisor;
use super::packages::made;
use crate::{BasicBiologicalVm, Hypervisor};

fn with(host: &Hypervisor, organism: Organism, circuit: &str) -> BasicBiologicalVm {
    let mut vm = made(host, circuit, organism);
    vm.start().expect("created");
    let name = PackageName::new(circuit).expect("a plain name");
    vm.install_biological_package(&name).expect("it fits");
    vm
}

fn copies(vm: &BasicBiologicalVm, gene: &str) -> u32 {
    let read = |cell: &crate::Cell| {
        let gene = cell.find_gene(gene).expect("a gene of the circuit");
        cell.product_count(gene.index())
    };
    vm.inspect(read).expect("it is there")
}

fn hours(vm: &mut BasicBiologicalVm, hours: u64) {
    vm.advance(SimSpan::from_micros(hours * 3_600_000_000))
        .expect("running");
}

/// Times at which TetR is abundant after it was nearly gone; each takes a whole turn of the ring.
#[track_caller]
fn check_ring(organism: Organism) {
    let host = hypervisor(1);
    let mut vm = with(&host, organism, "repressilator_integrated");
    let mut low = true;
    let mut turns = 0;
    for _ in 0..20 * 6 {
        vm.advance(SimSpan::from_micros(600_000_000))
            .expect("running");
        match copies(&vm, "tetR_lite") {
            0..=10 => low = true,
            n if n >= 80 && low => {
                low = false;
                turns += 1;
            }
            _ => {}
        }
    }
    assert!(
        (5..=12).contains(&turns),
        "{organism}: {turns} turns in 20 h"
    );
}

#[test]
fn the_integrated_ring_turns_in_syn3a() {
    check_ring(Organism::Syn3a);
}

#[test]
fn the_integrated_ring_turns_in_the_minimal_cell() {
    check_ring(Organism::MinimalCell);
}

#[track_caller]
fn check_switch(organism: Organism) {
    let host = hypervisor(1);
    let mut vm = with(&host, organism, "toggle_switch_integrated");
    let surround = |vm: &mut BasicBiologicalVm, inducers: &str| {
        let text = format!("set_medium(inducers = {inducers})");
        let code = ProcessCode::new("inducers", &text);
        let report = vm
            .execute_biological_process(&code.expect("a short text"))
            .expect("running");
        assert!(report.success, "{}", report.stderr);
    };
    let sides = |vm: &BasicBiologicalVm| (copies(vm, "tetR_toggle"), copies(vm, "lacI_toggle"));
    for (inducer, tetr_wins) in [("['IPTG']", true), ("['aTc']", false)] {
        surround(&mut vm, inducer);
        hours(&mut vm, 10);
        surround(&mut vm, "[]");
        hours(&mut vm, 8);
        let (tetr, laci) = sides(&vm);
        let holds = if tetr_wins {
            tetr > 3 * laci
        } else {
            laci > 3 * tetr
        };
        assert!(
            holds,
            "{organism} after {inducer}: TetR {tetr}, LacI {laci}"
        );
    }
}

#[test]
fn the_integrated_switch_holds_in_syn3a() {
    check_switch(Organism::Syn3a);
}

#[test]
fn the_integrated_switch_holds_in_the_minimal_cell() {
    check_switch(Organism::MinimalCell);
}
