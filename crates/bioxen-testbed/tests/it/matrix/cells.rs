//! What a VM says of its cell: state, metrics in the words of its organism, usage.

use bioxen_core::{
    AtpPercent, BiologicalVm, GrowthPhase, Organism, OrganismMetrics, SimTime, Vitality, VmState,
};

use super::kinds::Kind;
use super::life::seconds;

pub(super) fn check(vm: &mut dyn BiologicalVm, kind: Kind) {
    let reached = vm.advance(seconds(20)).expect("it runs");
    assert_eq!(reached.seconds(), 20.0);
    check_status(vm, kind, reached);
    check_metrics(vm, reached);
    check_usage(vm, reached);
    let genes = vm.essential_genes().expect("it answers");
    let (count, first) = match vm.organism() {
        Organism::Syn3a => (270, "JCVISYN3A_0001"),
        Organism::Ecoli => (404, "EG10998"),
        Organism::MinimalCell => (241, "JCVISYN3A_0001"),
    };
    assert_eq!((genes.len(), genes[0].as_str()), (count, first));
}

fn check_status(vm: &dyn BiologicalVm, kind: Kind, reached: SimTime) {
    let status = vm.status().expect("it answers");
    assert_eq!(status.state, VmState::Running);
    assert_eq!(status.infrastructure, kind.infrastructure());
    assert_eq!(status.sim_time, reached);
    assert_eq!(status.vitality, Vitality::Viable);
}

fn check_metrics(vm: &dyn BiologicalVm, reached: SimTime) {
    let metrics = vm.biological_metrics().expect("it answers");
    assert_eq!(metrics.sim_time, reached);
    assert!(metrics.protein_total.get() > 1_000, "{metrics:?}");
    assert!(metrics.dna_bp > 100_000, "{metrics:?}");
    match (vm.organism(), &metrics.organism) {
        (Organism::Syn3a, OrganismMetrics::Syn3a(cell)) => {
            assert!((1.0..=100.0).contains(&cell.atp_percent), "{cell:?}");
            assert_eq!(cell.essential_genes_total, 270);
            assert!(cell.essential_genes_count > 200, "{cell:?}");
            assert_eq!(cell.minimal_status, Vitality::Viable);
        }
        (Organism::Ecoli, OrganismMetrics::Ecoli(cell)) => {
            assert!(cell.growth_rate.is_finite(), "{cell:?}");
            assert_eq!(cell.growth_phase, GrowthPhase::Exponential);
            assert_eq!(cell.plasmids, 0);
            assert!(cell.operons_active.contains_key("TU0-4701"), "lacZYA");
            assert_eq!(cell.status, Vitality::Viable);
        }
        (Organism::MinimalCell, OrganismMetrics::MinimalCell(cell)) => {
            assert!(!cell.basic_functions.is_empty(), "{cell:?}");
            assert!(cell.efficiency > 0.0, "{cell:?}");
            assert!(!cell.resource_usage.atp_per_s.is_empty(), "{cell:?}");
            assert!(cell.resource_usage.ribosomes.get() > 0, "{cell:?}");
            assert_eq!(cell.minimal_status, Vitality::Viable);
        }
        other => panic!("{other:?}"),
    }
}

fn check_usage(vm: &dyn BiologicalVm, reached: SimTime) {
    let usage = vm.resource_usage().expect("it answers");
    assert_eq!(usage.sim_time, reached);
    assert_eq!(usage.atp_quota, AtpPercent::FULL);
    assert_eq!(usage.allocated_ribosomes.get(), 8);
    assert!(usage.ribosome_cap < usage.ribosomes_total, "{usage:?}");
    assert!(
        usage.ribosomes_translating <= usage.ribosome_cap,
        "{usage:?}"
    );
    assert!(!usage.atp_use_per_s.is_empty(), "{usage:?}");
    let available = vm.available_resources().expect("it answers");
    assert_eq!(available.atp_percent_free, AtpPercent::ZERO);
    assert_eq!(available.ribosome_units_capacity.get(), 68);
    assert_eq!(available.ribosome_units_free.get(), 60);
    assert_eq!(available.vms, 1);
    let probe = vm.probe();
    assert_eq!(probe.id(), vm.id());
    assert_eq!(probe.usage(), Some(usage));
}
