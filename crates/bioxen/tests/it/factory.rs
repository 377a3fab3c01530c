//! Making VMs, alone and on a host.

use std::sync::Arc;

use bioxen::{
    Hypervisor, HypervisorConfig, Organism, OrganismMetrics, Pacing, Seed, SimSpan, SystemClock,
    VmId, VmSpec, create_bio_vm, create_bio_vm_on, explain,
};

fn spec(id: &str, organism: Organism) -> VmSpec {
    VmSpec::builder(VmId::new(id).expect("a good name"), organism, Seed::new(3))
        .pacing(Pacing::Manual)
        .build()
        .expect("a good specification")
}

#[test]
fn vms_on_one_host_know_each_other_and_others_do_not() {
    let host = Hypervisor::new(HypervisorConfig::default(), Arc::new(SystemClock::new())).unwrap();
    let kept = create_bio_vm_on(&host, spec("a", Organism::Syn3a)).unwrap();
    let refused = create_bio_vm_on(&host, spec("a", Organism::Syn3a)).unwrap_err();
    assert_eq!(
        explain(&refused).to_string(),
        "a VM named \"a\" exists already\n  \
         hint: choose another name, or destroy that VM first",
    );
    create_bio_vm(spec("a", Organism::Syn3a)).unwrap();
    assert_eq!(kept.available_resources().unwrap().vms, 1);
}

#[test]
fn every_organism_is_made_and_answers_for_its_kind() {
    for organism in Organism::ALL {
        let mut vm = create_bio_vm(spec("a", organism)).unwrap();
        vm.start().unwrap();
        vm.advance("1s".parse::<SimSpan>().unwrap()).unwrap();
        let metrics = vm.biological_metrics().unwrap();
        let found = match metrics.organism {
            OrganismMetrics::Syn3a(_) => Organism::Syn3a,
            OrganismMetrics::Ecoli(_) => Organism::Ecoli,
            OrganismMetrics::MinimalCell(_) => Organism::MinimalCell,
            _ => panic!("no other organism is known"),
        };
        assert_eq!((found, vm.organism()), (organism, organism));
    }
}

#[test]
fn the_host_lives_as_long_as_its_vm_and_the_seed_decides() {
    let run = || {
        let mut vm = create_bio_vm(spec("a", Organism::Syn3a)).unwrap();
        vm.start().unwrap();
        vm.advance("30s".parse::<SimSpan>().unwrap()).unwrap();
        vm.biological_metrics().unwrap()
    };
    assert_eq!(run(), run());
}
