//! A VM that has no cell: each call takes as many milliseconds as the place of its verb says.

use std::sync::Arc;
use std::time::Duration;

use bioxen_core::testing::ManualClock;
use bioxen_core::{
    Allocation, AtpPercent, AvailableResources, BiologicalMetrics, BiologicalVm, GeneId,
    InstallReport, InstalledPackage, OperonAction, OperonId, Organism, PackageName, Probe,
    ProcessCode, ProcessReport, ResourceUsage, RibosomeCount, SimSpan, SimTime,
    TranscriptionChange, VmError, VmId, VmImage, VmStatus,
};

use crate::performance::Verb;

#[derive(Debug)]
pub(super) struct Husk {
    id: VmId,
    clock: ManualClock,
}

impl Husk {
    pub(super) fn new(clock: ManualClock) -> Self {
        let id = VmId::new("husk").expect("a plain name");
        Self { id, clock }
    }

    fn took(&self, verb: Verb) {
        let millis = u64::try_from(verb.index()).expect("few verbs");
        self.clock.advance(Duration::from_millis(millis));
    }

    fn answers<T>(&self, verb: Verb, answer: T) -> Result<T, VmError> {
        self.took(verb);
        Ok(answer)
    }

    fn fails<T>(&self, verb: Verb) -> Result<T, VmError> {
        self.took(verb);
        Err(VmError::Cancelled)
    }
}

/// Makes the call that a verb stands for, and says whether it answered; `None` if the verb is no call of a VM.
pub(super) fn call(vm: &mut dyn BiologicalVm, verb: Verb) -> Option<bool> {
    let code = ProcessCode::new("husk.star", "time()").expect("a short program");
    let package = PackageName::new("gfp").expect("a plain name");
    let image = VmImage::from_bytes(Vec::new());
    let answered = match verb {
        Verb::Create => return None,
        Verb::Start => vm.start().is_ok(),
        Verb::Pause => vm.pause().is_ok(),
        Verb::Resume => vm.resume().is_ok(),
        Verb::Stop => vm.stop().is_ok(),
        Verb::Destroy => vm.destroy().is_ok(),
        Verb::Advance => vm.advance(SimSpan::ZERO).is_ok(),
        Verb::Execute => vm.execute_biological_process(&code).is_ok(),
        Verb::Install => vm.install_biological_package(&package).is_ok(),
        Verb::Remove => vm.remove_biological_package(&package).is_ok(),
        Verb::InstalledPackages => vm.installed_packages().is_ok(),
        Verb::AllocateAtp => vm.allocate_atp(AtpPercent::FULL).is_ok(),
        Verb::AllocateRibosomes => vm.allocate_ribosomes(RibosomeCount::new(1)).is_ok(),
        Verb::Status => vm.status().is_ok(),
        Verb::Metrics => vm.biological_metrics().is_ok(),
        Verb::Usage => vm.resource_usage().is_ok(),
        Verb::Available => vm.available_resources().is_ok(),
        Verb::Save => vm.save().is_ok(),
        Verb::Restore => vm.restore(&image).is_ok(),
        Verb::EssentialGenes => vm.essential_genes().is_ok(),
        Verb::StartTranscription => vm.start_transcription(&[]).is_ok(),
        Verb::ManageOperons => vm.manage_operons(&[], OperonAction::Repress).is_ok(),
        Verb::PlasmidCount => vm.plasmid_count().is_ok(),
    };
    Some(answered)
}

impl BiologicalVm for Husk {
    fn id(&self) -> &VmId {
        &self.id
    }
    fn organism(&self) -> Organism {
        Organism::Ecoli
    }
    fn status(&self) -> Result<VmStatus, VmError> {
        self.fails(Verb::Status)
    }
    fn start(&mut self) -> Result<(), VmError> {
        self.answers(Verb::Start, ())
    }
    fn pause(&mut self) -> Result<(), VmError> {
        self.answers(Verb::Pause, ())
    }
    fn resume(&mut self) -> Result<(), VmError> {
        self.answers(Verb::Resume, ())
    }
    fn stop(&mut self) -> Result<(), VmError> {
        self.answers(Verb::Stop, ())
    }
    fn destroy(&mut self) -> Result<(), VmError> {
        self.answers(Verb::Destroy, ())
    }
    fn advance(&mut self, _: SimSpan) -> Result<SimTime, VmError> {
        self.answers(Verb::Advance, SimTime::ZERO)
    }
    fn execute_biological_process(&mut self, _: &ProcessCode) -> Result<ProcessReport, VmError> {
        self.fails(Verb::Execute)
    }
    fn biological_metrics(&self) -> Result<BiologicalMetrics, VmError> {
        self.fails(Verb::Metrics)
    }
    fn allocate_atp(&mut self, _: AtpPercent) -> Result<Allocation, VmError> {
        self.fails(Verb::AllocateAtp)
    }
    fn allocate_ribosomes(&mut self, _: RibosomeCount) -> Result<Allocation, VmError> {
        self.fails(Verb::AllocateRibosomes)
    }
    fn resource_usage(&self) -> Result<ResourceUsage, VmError> {
        self.fails(Verb::Usage)
    }
    fn available_resources(&self) -> Result<AvailableResources, VmError> {
        self.fails(Verb::Available)
    }
    fn essential_genes(&self) -> Result<Vec<GeneId>, VmError> {
        self.answers(Verb::EssentialGenes, Vec::new())
    }
    fn probe(&self) -> Arc<dyn Probe> {
        Arc::new(Blind(self.id.clone()))
    }
    fn save(&self) -> Result<VmImage, VmError> {
        self.answers(Verb::Save, VmImage::from_bytes(vec![1]))
    }
    fn restore(&mut self, _: &VmImage) -> Result<(), VmError> {
        self.answers(Verb::Restore, ())
    }
    fn install_biological_package(&mut self, _: &PackageName) -> Result<InstallReport, VmError> {
        self.fails(Verb::Install)
    }
    fn remove_biological_package(&mut self, _: &PackageName) -> Result<InstallReport, VmError> {
        self.fails(Verb::Remove)
    }
    fn installed_packages(&self) -> Result<Vec<InstalledPackage>, VmError> {
        self.answers(Verb::InstalledPackages, Vec::new())
    }
    fn start_transcription(&mut self, _: &[GeneId]) -> Result<Vec<TranscriptionChange>, VmError> {
        self.answers(Verb::StartTranscription, Vec::new())
    }
    fn manage_operons(&mut self, _: &[OperonId], _: OperonAction) -> Result<(), VmError> {
        self.answers(Verb::ManageOperons, ())
    }
    fn plasmid_count(&self) -> Result<u32, VmError> {
        self.answers(Verb::PlasmidCount, 3)
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
