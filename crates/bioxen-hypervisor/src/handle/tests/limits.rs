//! What a host allows each of its VMs, each rule with its refusal.

use std::error::Error;

use bioxen_core::{
    AtpPercent, BiologicalVm, GeneId, Organism, PackageName, RibosomeCount, RibosomeUnit, VmError,
    VmSpec,
};

use super::{hypervisor_of, id, manual, running, seconds, spec};
use crate::genome::{Essentiality, Genome};
use crate::{Hypervisor, HypervisorConfig, VmLimits};

fn host(limits: VmLimits) -> Hypervisor {
    hypervisor_of(HypervisorConfig {
        workers: 1,
        limits,
        ..HypervisorConfig::default()
    })
}

fn of(organism: Organism) -> VmSpec {
    VmSpec::builder(id("cell"), organism, bioxen_core::Seed::new(7))
        .pacing(bioxen_core::Pacing::Manual)
        .build()
        .expect("no rule is broken")
}

/// The message with its causes.
fn said(error: &VmError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

#[track_caller]
fn check<T: std::fmt::Debug>(answer: Result<T, VmError>, expect: &str) {
    assert_eq!(said(&answer.expect_err("it is refused")), expect);
}

#[test]
fn maxima_bind_creation_and_allocation() {
    let host = host(VmLimits {
        max_atp: AtpPercent::new(60.0).ok(),
        max_ribosomes: Some(RibosomeCount::new(10)),
        ..VmLimits::default()
    });
    check(
        host.create(&manual("cell")),
        "100% of ATP was asked for and a VM may hold 60%",
    );
    let most = AtpPercent::new(60.0).expect("a share");
    check(
        host.create(&spec("cell").atp(most).build().expect("no rule is broken")),
        "15 ribosome units were asked for and a VM may hold 10",
    );
    let fitting = spec("cell").atp(most).ribosomes(RibosomeCount::new(10));
    let mut vm = running(&host, &fitting.build().expect("no rule is broken"));
    check(
        vm.allocate_atp(AtpPercent::new(60.01).expect("a share")),
        "60.01% of ATP was asked for and a VM may hold 60%",
    );
    check(
        vm.allocate_ribosomes(RibosomeCount::new(11)),
        "11 ribosome units were asked for and a VM may hold 10",
    );
    assert_eq!(vm.resource_usage().expect("it is there").atp_quota, most);
    // Physical ribosomes count as the shares that they are.
    let physical = spec("physical")
        .atp(most)
        .ribosome_unit(RibosomeUnit::Physical)
        .ribosomes(RibosomeCount::new(1_000_000));
    check(
        host.create(&physical.build().expect("no rule is broken")),
        "15 ribosome units were asked for and a VM may hold 10",
    );
}

#[test]
fn state_and_history_stay_below_the_memory_limit() {
    let small = host(VmLimits {
        memory_bytes: Some(1_000),
        ..VmLimits::default()
    });
    let error = small.create(&manual("cell")).expect_err("it is larger");
    let text = said(&error);
    assert!(text.starts_with("the VM was not created: the state of the cell has "));
    assert!(text.ends_with(" bytes and the memory limit is 1000 bytes"));
    assert!(small.statuses().is_empty());

    let roomy = super::hypervisor(1);
    let bytes = running(&roomy, &manual("cell"))
        .inspect(|cell| cell.state_bytes(&id("cell"), bioxen_core::Seed::new(7)))
        .expect("it is there");
    let sample = u64::try_from(size_of::<crate::Sample>()).expect("small");
    let limit = bytes + 3 * sample;
    let host = host(VmLimits {
        memory_bytes: Some(limit),
        ..VmLimits::default()
    });
    let mut vm = running(&host, &manual("cell"));
    vm.record(seconds(1)).expect("a whole number of steps");
    vm.advance(seconds(2)).expect("running");
    let kept = vm.take_recording().expect("it fits").expect("it runs");
    assert_eq!(kept.samples.len(), 3);
    vm.advance(seconds(5)).expect("running");
    check(
        vm.take_recording(),
        &format!(
            "the recording is not whole: state and history of the cell would have {} bytes and the memory limit is {limit} bytes",
            bytes + 5 * sample
        ),
    );
    vm.advance(seconds(2)).expect("running");
    let again = vm.take_recording().expect("it fits").expect("it runs");
    assert_eq!(again.samples.len(), 2);
}

#[test]
fn rules_on_constructs_are_kept() {
    let package = |name| PackageName::new(name).expect("a plain name");
    let minimal = host(VmLimits {
        no_added_genes: true,
        ..VmLimits::default()
    });
    let mut vm = minimal.create(&of(Organism::Ecoli)).expect("there is room");
    check(
        vm.install_biological_package(&package("gfp_reporter")),
        "the package cannot be installed: package \"gfp_reporter\" adds genes, and the host keeps genomes minimal",
    );
    let bare = host(VmLimits {
        no_plasmids: true,
        ..VmLimits::default()
    });
    let mut vm = bare.create(&of(Organism::Ecoli)).expect("there is room");
    check(
        vm.install_biological_package(&package("puc19")),
        "the package cannot be installed: package \"puc19\" is a plasmid, and the host allows none",
    );
    assert_eq!(vm.plasmid_count().expect("of E. coli"), 0);
}

#[test]
fn nonessential_genes_are_silent_from_birth() {
    let host = host(VmLimits {
        essential_genes_only: true,
        ..VmLimits::default()
    });
    let vm = host.create(&manual("cell")).expect("there is room");
    let plain = super::hypervisor(1)
        .create(&manual("cell"))
        .expect("there is room");
    let genome = Genome::of(Organism::Syn3a);
    let tags: Vec<GeneId> = genome
        .genes()
        .iter()
        .filter(|gene| gene.essentiality == Essentiality::Nonessential)
        .filter_map(|gene| GeneId::new(&gene.locus_tag).ok())
        .collect();
    assert!(!tags.is_empty());
    // Restoring them one by one is what makes it the cell of a host without the rule.
    vm.with_guest(|guest| {
        let cell = &mut guest.cell;
        for tag in &tags {
            // Those that are never expressed have nothing to restore.
            let _ = cell.restore_gene(std::slice::from_ref(tag));
        }
    })
    .expect("it is there");
    assert_eq!(
        vm.fingerprint().expect("it is there"),
        plain.fingerprint().expect("it is there")
    );
}

#[test]
fn a_minimal_cell_without_a_function_is_not_started() {
    let host = host(VmLimits {
        function_validation: true,
        ..VmLimits::default()
    });
    let mut vm = host
        .create(&of(Organism::MinimalCell))
        .expect("there is room");
    let genome = Genome::of(Organism::MinimalCell);
    vm.with_guest(|guest| {
        let cell = &mut guest.cell;
        for gene in genome.genes() {
            let energy = crate::genome::BasicFunction::EnergyProduction;
            if gene.basic_function == Some(energy) {
                let tag = GeneId::new(&gene.locus_tag).expect("a locus tag");
                // Genes that are never expressed are silent already.
                let _ = cell.knock_out(&[tag]);
            }
        }
    })
    .expect("it is there");
    check(
        vm.start(),
        "the VM was not started: no gene of the basic function energy_production is expressed",
    );
    let mut whole = VmSpec::builder(
        id("whole"),
        Organism::MinimalCell,
        bioxen_core::Seed::new(7),
    );
    whole = whole.pacing(bioxen_core::Pacing::Manual);
    running(&host, &whole.build().expect("no rule is broken"));
}
