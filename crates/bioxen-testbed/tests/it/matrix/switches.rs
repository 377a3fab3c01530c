//! Genes and operons that are switched, and plasmids that are counted: each by the organisms that can.

use bioxen_core::{
    BiologicalVm, GeneId, Operation, OperonAction, OperonId, Organism, OrganismMetrics, VmError,
};

use super::life::seconds;

pub(super) fn check(vm: &mut dyn BiologicalVm) {
    match vm.organism() {
        Organism::Syn3a | Organism::MinimalCell => {
            check_transcription(vm);
            let refused = vm.manage_operons(&[operon("lacZYA")], OperonAction::Activate);
            check_unsupported(vm, Operation::ManageOperons, refused);
            let refused = vm.plasmid_count();
            check_unsupported(vm, Operation::PlasmidCount, refused);
        }
        Organism::Ecoli => {
            check_operons(vm);
            assert_eq!(vm.plasmid_count().expect("it answers"), 0);
            let refused = vm.start_transcription(&[gene("dnaA")]);
            check_unsupported(vm, Operation::StartTranscription, refused);
        }
    }
}

fn check_transcription(vm: &mut dyn BiologicalVm) {
    let changes = vm.start_transcription(&[gene("dnaA")]).expect("it has it");
    let [change] = changes.as_slice() else {
        panic!("{changes:?}");
    };
    assert_eq!(change.gene, gene("dnaA"));
    assert!(change.activity_after > change.activity_before, "{change:?}");
    match vm.start_transcription(&[gene("dnaN"), gene("dnaX9")]) {
        Err(VmError::UnknownGene { name, nearest }) => {
            assert_eq!(name, "dnaX9");
            assert!(nearest.contains(&"dnaX".to_owned()), "{nearest:?}");
        }
        other => panic!("{other:?}"),
    }
    vm.advance(seconds(2)).expect("it runs");
}

fn check_operons(vm: &mut dyn BiologicalVm) {
    let is_active = |vm: &dyn BiologicalVm| {
        let metrics = vm.biological_metrics().expect("it answers");
        let OrganismMetrics::Ecoli(cell) = metrics.organism else {
            panic!("{metrics:?}");
        };
        cell.operons_active["TU0-4701"]
    };
    for (action, expect) in [
        (OperonAction::Activate, true),
        (OperonAction::Repress, false),
        (OperonAction::Release, false),
    ] {
        vm.manage_operons(&[operon("lacZYA")], action)
            .expect("it has it");
        vm.advance(seconds(1)).expect("it runs");
        assert_eq!(is_active(vm), expect, "{action}");
    }
    match vm.manage_operons(&[operon("lacZXY")], OperonAction::Activate) {
        Err(VmError::UnknownOperon { name, nearest }) => {
            assert_eq!(name, "lacZXY");
            assert!(nearest.contains(&"lacZYA".to_owned()), "{nearest:?}");
        }
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn check_unsupported<T: std::fmt::Debug>(
    vm: &dyn BiologicalVm,
    expected: Operation,
    answer: Result<T, VmError>,
) {
    match answer {
        Err(VmError::Unsupported {
            organism,
            operation,
        }) => assert_eq!((organism, operation), (vm.organism(), expected)),
        other => panic!("{other:?}"),
    }
}

fn gene(name: &str) -> GeneId {
    GeneId::new(name).expect("a name")
}

fn operon(name: &str) -> OperonId {
    OperonId::new(name).expect("a name")
}
