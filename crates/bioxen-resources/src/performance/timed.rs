//! A VM whose calls are timed.

use std::sync::Arc;

use bioxen_core::{
    Allocation, AtpPercent, AvailableResources, BiologicalMetrics, BiologicalVm, GeneId,
    InstallReport, InstalledPackage, OperonAction, OperonId, Organism, PackageName, Probe,
    ProcessCode, ProcessReport, ResourceUsage, RibosomeCount, SimSpan, SimTime,
    TranscriptionChange, VmError, VmId, VmImage, VmStatus,
};

use super::PerformanceMonitor;
use super::verb::Verb;

/// A VM that does what another one does and reports the time of each call to a [`PerformanceMonitor`].
///
/// It wraps a VM of any kind, and `Box<dyn BiologicalVm>` as it is:
///
/// ```
/// use bioxen_core::BiologicalVm;
/// use bioxen_resources::{PerformanceMonitor, Timed};
///
/// fn watched(
///     vm: Box<dyn BiologicalVm>,
///     monitor: &PerformanceMonitor,
/// ) -> Box<dyn BiologicalVm> {
///     Box::new(Timed::new(vm, monitor.clone()))
/// }
/// ```
#[derive(Debug)]
pub struct Timed<V: BiologicalVm + ?Sized> {
    monitor: PerformanceMonitor,
    vm: Box<V>,
}

impl<V: BiologicalVm + ?Sized> Timed<V> {
    /// A VM whose calls are reported from now on.
    pub fn new(vm: Box<V>, monitor: PerformanceMonitor) -> Self {
        Self { monitor, vm }
    }

    /// The VM itself; what is asked of it here is not timed.
    pub fn inner(&self) -> &V {
        &self.vm
    }

    /// The VM itself, no longer timed.
    pub fn into_inner(self) -> Box<V> {
        self.vm
    }

    /// Who is reported to.
    pub fn monitor(&self) -> &PerformanceMonitor {
        &self.monitor
    }
}

/// Every method is passed on, provided ones too: their defaults would hide what the VM can do.
impl<V: BiologicalVm + ?Sized> BiologicalVm for Timed<V> {
    fn id(&self) -> &VmId {
        self.vm.id()
    }

    fn organism(&self) -> Organism {
        self.vm.organism()
    }

    fn status(&self) -> Result<VmStatus, VmError> {
        self.monitor.time(Verb::Status, || self.vm.status())
    }

    fn start(&mut self) -> Result<(), VmError> {
        self.monitor.time(Verb::Start, || self.vm.start())
    }

    fn pause(&mut self) -> Result<(), VmError> {
        self.monitor.time(Verb::Pause, || self.vm.pause())
    }

    fn resume(&mut self) -> Result<(), VmError> {
        self.monitor.time(Verb::Resume, || self.vm.resume())
    }

    fn stop(&mut self) -> Result<(), VmError> {
        self.monitor.time(Verb::Stop, || self.vm.stop())
    }

    fn destroy(&mut self) -> Result<(), VmError> {
        self.monitor.time(Verb::Destroy, || self.vm.destroy())
    }

    fn advance(&mut self, span: SimSpan) -> Result<SimTime, VmError> {
        self.monitor.time(Verb::Advance, || self.vm.advance(span))
    }

    fn execute_biological_process(&mut self, code: &ProcessCode) -> Result<ProcessReport, VmError> {
        let Self { monitor, vm } = self;
        monitor.time(Verb::Execute, || vm.execute_biological_process(code))
    }

    fn biological_metrics(&self) -> Result<BiologicalMetrics, VmError> {
        let Self { monitor, vm } = self;
        monitor.time(Verb::Metrics, || vm.biological_metrics())
    }

    fn allocate_atp(&mut self, share: AtpPercent) -> Result<Allocation, VmError> {
        let Self { monitor, vm } = self;
        monitor.time(Verb::AllocateAtp, || vm.allocate_atp(share))
    }

    fn allocate_ribosomes(&mut self, units: RibosomeCount) -> Result<Allocation, VmError> {
        let Self { monitor, vm } = self;
        monitor.time(Verb::AllocateRibosomes, || vm.allocate_ribosomes(units))
    }

    fn resource_usage(&self) -> Result<ResourceUsage, VmError> {
        self.monitor.time(Verb::Usage, || self.vm.resource_usage())
    }

    fn available_resources(&self) -> Result<AvailableResources, VmError> {
        let Self { monitor, vm } = self;
        monitor.time(Verb::Available, || vm.available_resources())
    }

    fn essential_genes(&self) -> Result<Vec<GeneId>, VmError> {
        let Self { monitor, vm } = self;
        monitor.time(Verb::EssentialGenes, || vm.essential_genes())
    }

    fn probe(&self) -> Arc<dyn Probe> {
        self.vm.probe()
    }

    fn save(&self) -> Result<VmImage, VmError> {
        self.monitor.time(Verb::Save, || self.vm.save())
    }

    fn restore(&mut self, image: &VmImage) -> Result<(), VmError> {
        self.monitor.time(Verb::Restore, || self.vm.restore(image))
    }

    fn install_biological_package(
        &mut self,
        package: &PackageName,
    ) -> Result<InstallReport, VmError> {
        let Self { monitor, vm } = self;
        monitor.time(Verb::Install, || vm.install_biological_package(package))
    }

    fn remove_biological_package(
        &mut self,
        package: &PackageName,
    ) -> Result<InstallReport, VmError> {
        let Self { monitor, vm } = self;
        monitor.time(Verb::Remove, || vm.remove_biological_package(package))
    }

    fn installed_packages(&self) -> Result<Vec<InstalledPackage>, VmError> {
        let Self { monitor, vm } = self;
        monitor.time(Verb::InstalledPackages, || vm.installed_packages())
    }

    fn start_transcription(
        &mut self,
        genes: &[GeneId],
    ) -> Result<Vec<TranscriptionChange>, VmError> {
        let Self { monitor, vm } = self;
        monitor.time(Verb::StartTranscription, || vm.start_transcription(genes))
    }

    fn manage_operons(
        &mut self,
        operons: &[OperonId],
        action: OperonAction,
    ) -> Result<(), VmError> {
        let Self { monitor, vm } = self;
        monitor.time(Verb::ManageOperons, || vm.manage_operons(operons, action))
    }

    fn plasmid_count(&self) -> Result<u32, VmError> {
        let Self { monitor, vm } = self;
        monitor.time(Verb::PlasmidCount, || vm.plasmid_count())
    }
}
