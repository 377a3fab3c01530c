//! The verbs of every biological VM.

use std::sync::Arc;

use bioxen_core::{
    Allocation, AtpPercent, AvailableResources, BiologicalMetrics, BiologicalVm, GeneId,
    InstallReport, InstalledPackage, OperonAction, OperonId, Organism, PackageName, Probe,
    ProcessCode, ProcessReport, ResourceUsage, RibosomeCount, SimSpan, SimTime,
    TranscriptionChange, VmError, VmEvent, VmId, VmImage, VmStatus,
};

use super::error::only;
use super::vm::RemoteVm;
use crate::message::{Answer, Grant, VmRequest};

impl BiologicalVm for RemoteVm {
    fn id(&self) -> &VmId {
        &self.link.id
    }

    fn organism(&self) -> Organism {
        self.link.organism
    }

    /// How the VM is. After [`destroy`](BiologicalVm::destroy) this is how it was when that was last told, and destroyed.
    fn status(&self) -> Result<VmStatus, VmError> {
        if self.link.is_gone() {
            return Ok(self.link.last_status());
        }
        let status = self.link.ask(VmRequest::Status, only!(Answer::Status));
        status.map(|status| *status)
    }

    fn start(&mut self) -> Result<(), VmError> {
        self.step(VmEvent::Start, VmRequest::Start)
    }

    fn pause(&mut self) -> Result<(), VmError> {
        self.step(VmEvent::Pause, VmRequest::Pause)
    }

    fn resume(&mut self) -> Result<(), VmError> {
        self.step(VmEvent::Resume, VmRequest::Resume)
    }

    fn stop(&mut self) -> Result<(), VmError> {
        self.step(VmEvent::Stop, VmRequest::Stop)
    }

    fn destroy(&mut self) -> Result<(), VmError> {
        self.step(VmEvent::Destroy, VmRequest::Destroy)?;
        self.link.leave();
        Ok(())
    }

    fn advance(&mut self, span: SimSpan) -> Result<SimTime, VmError> {
        self.refuse_if_gone("advance")?;
        self.link
            .ask(VmRequest::Advance(span), only!(Answer::Reached))
    }

    /// Runs a program against the cell, within the limits of the agent.
    fn execute_biological_process(&mut self, code: &ProcessCode) -> Result<ProcessReport, VmError> {
        self.execute_within(code, None)
    }

    fn biological_metrics(&self) -> Result<BiologicalMetrics, VmError> {
        let metrics = self.link.ask(VmRequest::Metrics, only!(Answer::Metrics));
        metrics.map(|metrics| *metrics)
    }

    fn allocate_atp(&mut self, share: AtpPercent) -> Result<Allocation, VmError> {
        self.allocate(Grant::Atp(share))
    }

    fn allocate_ribosomes(&mut self, units: RibosomeCount) -> Result<Allocation, VmError> {
        self.allocate(Grant::Ribosomes(units))
    }

    fn resource_usage(&self) -> Result<ResourceUsage, VmError> {
        let usage = self.link.ask(VmRequest::Usage, only!(Answer::Usage));
        usage.map(|usage| *usage)
    }

    fn available_resources(&self) -> Result<AvailableResources, VmError> {
        self.link
            .ask(VmRequest::Available, only!(Answer::Available))
    }

    fn essential_genes(&self) -> Result<Vec<GeneId>, VmError> {
        self.link
            .ask(VmRequest::EssentialGenes, only!(Answer::Genes))
    }

    /// A reader that asks the agent for the usage that it published last, over the channel of this handle: one round trip for each look.
    ///
    /// A look never waits for another call: while the channel is in use, and when the agent cannot be asked, it gives the usage that the last answer brought.
    fn probe(&self) -> Arc<dyn Probe> {
        Arc::clone(&self.link) as Arc<dyn Probe>
    }

    fn save(&self) -> Result<VmImage, VmError> {
        self.link.ask(VmRequest::Save, only!(Answer::Image))
    }

    fn restore(&mut self, image: &VmImage) -> Result<(), VmError> {
        self.link.done(VmRequest::Restore(image.clone()))
    }

    fn install_biological_package(
        &mut self,
        package: &PackageName,
    ) -> Result<InstallReport, VmError> {
        let ask = VmRequest::Install(package.clone());
        self.link.ask(ask, only!(Answer::Installed))
    }

    fn remove_biological_package(
        &mut self,
        package: &PackageName,
    ) -> Result<InstallReport, VmError> {
        let ask = VmRequest::Remove(package.clone());
        self.link.ask(ask, only!(Answer::Installed))
    }

    fn installed_packages(&self) -> Result<Vec<InstalledPackage>, VmError> {
        self.link.ask(VmRequest::Packages, only!(Answer::Packages))
    }

    fn start_transcription(
        &mut self,
        genes: &[GeneId],
    ) -> Result<Vec<TranscriptionChange>, VmError> {
        let ask = VmRequest::StartTranscription(genes.to_vec());
        self.link.ask(ask, only!(Answer::Transcription))
    }

    fn manage_operons(
        &mut self,
        operons: &[OperonId],
        action: OperonAction,
    ) -> Result<(), VmError> {
        let operons = operons.to_vec();
        self.link.done(VmRequest::ManageOperons { operons, action })
    }

    fn plasmid_count(&self) -> Result<u32, VmError> {
        self.link
            .ask(VmRequest::PlasmidCount, only!(Answer::Plasmids))
    }
}
