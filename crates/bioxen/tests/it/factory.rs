//! Making VMs, alone and on a host.

use std::sync::Arc;

use bioxen::{
    Hypervisor, HypervisorConfig, Organism, Pacing, Seed, SimSpan, SystemClock, VmId, VmSpec,
    create_bio_vm, create_bio_vm_on, explain,
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
fn an_organism_that_is_not_there_is_refused_by_name() {
    let refused = create_bio_vm(spec("a", Organism::Ecoli)).unwrap_err();
    assert_eq!(
        explain(&refused).to_string(),
        "the VM was not created\n  \
         because: there are no cells of ecoli in this version\n  \
         hint: use syn3a",
    );
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
