use bioxen_core::{AtpPercent, Organism, RibosomeCount, RibosomeUnit};

use super::*;
use crate::fake::FakeVm;

fn percent(percent: f64) -> AtpPercent {
    AtpPercent::new(percent).expect("from 0 to 100")
}

fn limited() -> BioResourceManager<FakeVm> {
    let mut vm = FakeVm::new("cell", Organism::Syn3a);
    vm.max_atp = percent(55.0);
    vm.max_ribosomes = RibosomeCount::new(9);
    BioResourceManager::new(Box::new(vm))
}

#[test]
fn limits_of_the_vm_bind_what_a_person_asks_for() {
    let mut manager = limited();
    let before = manager.vm().quota;
    let error = manager.allocate_atp(percent(70.0)).expect_err("above it");
    let source = std::error::Error::source(&error).expect("what the VM says");
    assert!(source.to_string().contains("55%"), "{source}");
    assert!(error.hint().is_some());
    assert_eq!(manager.vm().quota, before);
}

#[test]
fn initial_grants_are_those_of_the_organism_within_the_limits() {
    for (organism, atp, units) in [
        (Organism::Syn3a, 60.0, 10),
        (Organism::Ecoli, 80.0, 25),
        (Organism::MinimalCell, 50.0, 8),
    ] {
        let mut manager = BioResourceManager::new(Box::new(FakeVm::new("cell", organism)));
        let quota = manager.optimize_initially().expect("it refuses nothing");
        assert_eq!((quota.atp, quota.ribosomes.get()), (percent(atp), units));
        assert_eq!(manager.vm().quota, quota);
    }
    // Advice beyond a limit is followed as far as the limit.
    let quota = limited().optimize_initially().expect("within the limits");
    assert_eq!((quota.atp, quota.ribosomes.get()), (percent(55.0), 9));
}

#[test]
fn numbers_of_shares_are_not_granted_as_single_ribosomes() {
    let mut manager = BioResourceManager::new(Box::new(FakeVm::new("cell", Organism::Ecoli)));
    manager.vm_mut().quota.unit = RibosomeUnit::Physical;
    manager.vm_mut().quota.ribosomes = RibosomeCount::new(9_000);
    manager.vm_mut().max_ribosomes = RibosomeCount::new(100_000);
    let quota = manager.optimize_initially().expect("it refuses nothing");
    assert_eq!((quota.atp, quota.ribosomes.get()), (percent(80.0), 9_000));
}

#[test]
fn a_refused_half_takes_the_other_back() {
    let mut manager = BioResourceManager::new(Box::new(FakeVm::new("cell", Organism::Ecoli)));
    let before = manager.vm().quota;
    manager.vm_mut().refuses_ribosomes = 1;
    let error = manager.optimize_initially().expect_err("it refuses");
    assert_eq!(error.to_string(), "VM \"cell\" refused");
    assert_eq!(manager.vm().quota, before);
}

#[test]
fn a_boxed_vm_of_any_kind_can_be_managed() {
    let vm: Box<dyn BiologicalVm> = Box::new(FakeVm::new("cell", Organism::Syn3a));
    let mut manager: BioResourceManager = BioResourceManager::new(vm);
    assert!(manager.recommendations().expect("it answers").is_empty());
    assert!(manager.allocate_atp(percent(5.0)).is_ok());
    assert_eq!(manager.into_vm().id().as_str(), "cell");
}
