//! VMs of every organism. Those of E. coli are slow without optimization, so they live for a few seconds.

use std::error::Error;

use bioxen_core::{
    AtpPercent, BiologicalVm, GeneId, GrowthPhase, Notice, Organism, OrganismMetrics, Pacing,
    ProcessCode, RibosomeCount, Seed, VmError, VmSpec,
};

use super::{at, hypervisor, id, running, seconds};
use crate::{BasicBiologicalVm, Hypervisor, read_header};

fn spec_of(name: &str, organism: Organism, seed: u64) -> VmSpec {
    VmSpec::builder(id(name), organism, Seed::new(seed))
        .pacing(Pacing::Manual)
        .build()
        .expect("no rule is broken")
}

/// Metrics, quotas, a program, an image and a fork.
fn check_life(hypervisor: &Hypervisor, organism: Organism) -> BasicBiologicalVm {
    let mut vm = running(hypervisor, &spec_of("cell", organism, 7));
    assert_eq!(vm.organism(), organism);
    let full = organism.full_ribosome_units();
    let usage = vm.resource_usage().expect("it is there");
    assert_eq!(usage.allocated_ribosomes, full);
    assert_eq!(usage.ribosome_cap, usage.ribosomes_total);

    assert_eq!(vm.advance(seconds(1)).expect("it runs"), at(1));
    let share = AtpPercent::new(80.0).expect("a share");
    let allocation = vm.allocate_atp(share).expect("it fits");
    assert_eq!((allocation.quota.atp, allocation.notice), (share, None));
    let asked = RibosomeCount::new(full.get() + 1);
    let allocation = vm.allocate_ribosomes(asked).expect("it is clamped");
    let granted = full;
    assert_eq!(
        allocation.notice,
        Some(Notice::RibosomesClamped { asked, granted })
    );
    let half = RibosomeCount::new(full.get() / 2);
    let allocation = vm.allocate_ribosomes(half).expect("it fits");
    let cap = allocation.ribosome_cap.get();
    let total = allocation.ribosomes_total.get();
    assert_eq!(
        cap,
        u64::from(half.get()) * total / u64::from(full.get()),
        "{organism}"
    );

    let code = ProcessCode::new("p", "advance(1)\nlen(essential_genes())").expect("a text");
    let report = vm.execute_biological_process(&code).expect("it runs");
    let essential = vm.essential_genes().expect("it is there").len();
    assert_eq!(report.result_json, Some(essential.to_string()));
    assert!(essential > 100, "{organism}: {essential}");

    let image = vm.save().expect("it is there");
    let kind = read_header(&image).expect("a header").kind;
    assert_eq!(kind, organism.to_string());
    vm.advance(seconds(1)).expect("it runs");
    let went_on = vm.fingerprint().expect("it is there");
    vm.restore(&image).expect("its own image");
    vm.advance(seconds(1)).expect("it runs");
    assert_eq!(vm.fingerprint().expect("it is there"), went_on);

    let fork = hypervisor
        .fork(&image, &spec_of("fork", organism, 8))
        .expect("name and seed are new");
    assert_eq!(fork.status().expect("always answers").sim_time, at(2));
    vm
}

#[test]
fn a_minimal_cell_lives_in_a_vm() {
    let hypervisor = hypervisor(1);
    let vm = check_life(&hypervisor, Organism::MinimalCell);
    match vm.biological_metrics().expect("it is there").organism {
        OrganismMetrics::MinimalCell(metrics) => assert_eq!(metrics.basic_functions.len(), 4),
        other => panic!("{other:?}"),
    }
    let refused = vm.plasmid_count().expect_err("it has none");
    assert_eq!(
        refused.to_string(),
        "cells of minimal_cell cannot count plasmids"
    );
    assert_eq!(refused.hint().as_deref(), Some("only offered by ecoli"));
}

#[test]
fn e_coli_lives_in_a_vm() {
    let hypervisor = hypervisor(1);
    let mut vm = check_life(&hypervisor, Organism::Ecoli);
    match vm.biological_metrics().expect("it is there").organism {
        OrganismMetrics::Ecoli(metrics) => {
            assert_eq!(metrics.growth_phase, GrowthPhase::Exponential);
            assert!(metrics.operons_active.len() > 2_000);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(vm.plasmid_count().expect("it counts them"), 0);
    let gene = GeneId::new("lacZ").expect("a plain name");
    let refused = vm.start_transcription(&[gene]).expect_err("by operon");
    assert_eq!(
        refused.to_string(),
        "cells of ecoli cannot start transcription"
    );
    assert!(refused.hint().expect("advice").contains("manage_operons"));

    // An image of it is no cell of another organism, in a VM of the same name and seed or as a fork.
    let image = vm.save().expect("it is there");
    vm.destroy().expect("once");
    let mut other = running(&hypervisor, &spec_of("cell", Organism::MinimalCell, 7));
    let before = other.fingerprint().expect("it is there");
    let fork = spec_of("other", Organism::Syn3a, 9);
    for (refused, expected) in [
        (other.restore(&image).map(drop), "minimal_cell"),
        (hypervisor.fork(&image, &fork).map(drop), "syn3a"),
    ] {
        let refused = refused.expect_err("another organism");
        assert!(matches!(refused, VmError::Image(_)), "{refused}");
        let source = refused.source().expect("it has a cause");
        assert_eq!(
            source.to_string(),
            format!("image holds a cell of ecoli, not of {expected}")
        );
    }
    assert_eq!(other.fingerprint().expect("it is there"), before);
    assert_eq!(hypervisor.statuses().len(), 2, "the cell and its fork");
}
