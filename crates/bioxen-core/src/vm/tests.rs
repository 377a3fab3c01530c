use std::sync::Arc;

use super::{BiologicalVm, Probe};
use crate::{
    Allocation, AtpPercent, AvailableResources, BiologicalMetrics, GeneId, Operation, OperonAction,
    OperonId, Organism, PackageName, ProcessCode, ProcessReport, ResourceUsage, RibosomeCount,
    SimSpan, SimTime, VmError, VmEvent, VmId, VmImage, VmState, VmStatus,
};

/// A VM that has a state and no cell: only what the trait requires.
#[derive(Debug)]
struct Husk {
    id: VmId,
    organism: Organism,
    state: VmState,
}

impl Husk {
    fn boxed(organism: Organism) -> Box<dyn BiologicalVm> {
        let id = VmId::new("husk").expect("a plain name");
        Box::new(Self {
            id,
            organism,
            state: VmState::Created,
        })
    }

    fn apply(&mut self, event: VmEvent) -> Result<(), VmError> {
        self.state = self.state.apply(event)?;
        Ok(())
    }

    fn absent<T>(&self) -> Result<T, VmError> {
        Err(VmError::NotFound {
            id: self.id.clone(),
        })
    }
}

impl BiologicalVm for Husk {
    fn id(&self) -> &VmId {
        &self.id
    }
    fn organism(&self) -> Organism {
        self.organism
    }
    fn status(&self) -> Result<VmStatus, VmError> {
        self.absent()
    }
    fn start(&mut self) -> Result<(), VmError> {
        self.apply(VmEvent::Start)
    }
    fn pause(&mut self) -> Result<(), VmError> {
        self.apply(VmEvent::Pause)
    }
    fn resume(&mut self) -> Result<(), VmError> {
        self.apply(VmEvent::Resume)
    }
    fn stop(&mut self) -> Result<(), VmError> {
        self.apply(VmEvent::Stop)
    }
    fn destroy(&mut self) -> Result<(), VmError> {
        self.apply(VmEvent::Destroy)
    }
    fn advance(&mut self, span: SimSpan) -> Result<SimTime, VmError> {
        Ok(SimTime::ZERO.saturating_add(span))
    }
    fn execute_biological_process(&mut self, _: &ProcessCode) -> Result<ProcessReport, VmError> {
        self.absent()
    }
    fn biological_metrics(&self) -> Result<BiologicalMetrics, VmError> {
        self.absent()
    }
    fn allocate_atp(&mut self, _: AtpPercent) -> Result<Allocation, VmError> {
        self.absent()
    }
    fn allocate_ribosomes(&mut self, _: RibosomeCount) -> Result<Allocation, VmError> {
        self.absent()
    }
    fn resource_usage(&self) -> Result<ResourceUsage, VmError> {
        self.absent()
    }
    fn available_resources(&self) -> Result<AvailableResources, VmError> {
        self.absent()
    }
    fn essential_genes(&self) -> Result<Vec<GeneId>, VmError> {
        Ok(Vec::new())
    }
    fn probe(&self) -> Arc<dyn Probe> {
        Arc::new(Blind(self.id.clone()))
    }
    fn save(&self) -> Result<VmImage, VmError> {
        self.absent()
    }
    fn restore(&mut self, _: &VmImage) -> Result<(), VmError> {
        self.absent()
    }
}

#[derive(Debug)]
struct Blind(VmId);

impl Probe for Blind {
    fn id(&self) -> &VmId {
        &self.0
    }
    fn usage(&self) -> Option<ResourceUsage> {
        None
    }
}

#[track_caller]
fn check_unsupported<T: std::fmt::Debug>(
    answer: Result<T, VmError>,
    expect: (Organism, Operation),
) {
    match answer {
        Err(VmError::Unsupported {
            organism,
            operation,
        }) => {
            assert_eq!((organism, operation), expect);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_not_provided_is_unsupported() {
    for organism in Organism::ALL {
        let mut vm = Husk::boxed(organism);
        let gene = GeneId::new("dnaA").expect("a plain name");
        let operon = OperonId::new("lacZYA").expect("a plain name");
        let package = PackageName::new("gfp").expect("a plain name");
        check_unsupported(
            vm.install_biological_package(&package),
            (organism, Operation::InstallPackage),
        );
        check_unsupported(
            vm.remove_biological_package(&package),
            (organism, Operation::RemovePackage),
        );
        assert_eq!(vm.installed_packages().ok().map(|all| all.len()), Some(0));
        check_unsupported(
            vm.start_transcription(&[gene]),
            (organism, Operation::StartTranscription),
        );
        check_unsupported(
            vm.manage_operons(&[operon], OperonAction::Repress),
            (organism, Operation::ManageOperons),
        );
        check_unsupported(vm.plasmid_count(), (organism, Operation::PlasmidCount));
    }
}

#[test]
fn a_boxed_vm_and_its_probe_move_between_threads() {
    let mut vm = Husk::boxed(Organism::Syn3a);
    let probe = vm.probe();
    std::thread::scope(|scope| {
        scope.spawn(move || vm.start().expect("it was just created"));
        scope.spawn(move || {
            assert_eq!(probe.id().as_str(), "husk");
            assert_eq!(probe.usage(), None);
        });
    });
}
