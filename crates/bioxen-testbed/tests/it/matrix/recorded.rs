//! A VM that writes down what it answers.

use std::error::Error as StdError;
use std::fmt::Debug;
use std::sync::Arc;

use bioxen_core::{
    Allocation, AtpPercent, AvailableResources, BiologicalMetrics, BiologicalVm, GeneId,
    Infrastructure, InstallReport, InstalledPackage, OperonAction, OperonId, Organism, PackageName,
    Probe, ProcessCode, ProcessReport, ResourceUsage, RibosomeCount, SimSpan, SimTime,
    TranscriptionChange, VmError, VmId, VmImage, VmStatus,
};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

/// Passes every verb on, and has the answers as text: numbers to their last digit, images by their checksum.
#[derive(Debug)]
pub(super) struct Recorded {
    vm: Box<dyn BiologicalVm>,
    lines: Mutex<Vec<String>>,
}

impl Recorded {
    pub(super) fn new(vm: Box<dyn BiologicalVm>) -> Self {
        let lines = Mutex::default();
        Self { vm, lines }
    }

    pub(super) fn into_lines(self) -> Vec<String> {
        self.lines.into_inner()
    }

    fn note<T: Debug>(&self, verb: &str, answer: Result<T, VmError>) -> Result<T, VmError> {
        self.note_as(verb, answer, |answer| format!("{answer:?}"))
    }

    fn note_as<T>(
        &self,
        verb: &str,
        answer: Result<T, VmError>,
        text: impl FnOnce(&T) -> String,
    ) -> Result<T, VmError> {
        let said = match &answer {
            Ok(answer) => text(answer),
            Err(error) => format!("{} ({:?})", words(error), error.hint()),
        };
        self.lines.lock().push(format!("{verb}: {said}"));
        answer
    }
}

/// An error and its causes, without what is about the host of the cell: that an agent said so, and where a host looks for packages.
pub(super) fn words(error: &VmError) -> String {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    let all: Vec<String> = std::iter::once(error.to_string())
        .chain(causes.map(ToString::to_string))
        .collect();
    let all = match all.as_slice() {
        [first, rest @ ..] if first == "the agent could not do it" => rest,
        all => all,
    };
    let all = all.join(": ");
    match all.split_once("; looked at ") {
        Some((what, _where)) => what.to_owned(),
        None => all,
    }
}

/// The checksum of a saved cell.
pub(super) fn checksum(image: &VmImage) -> String {
    let digest = Sha256::digest(image.as_bytes());
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{} bytes, {digits}", image.as_bytes().len())
}

impl BiologicalVm for Recorded {
    fn id(&self) -> &VmId {
        self.vm.id()
    }

    fn organism(&self) -> Organism {
        self.vm.organism()
    }

    fn status(&self) -> Result<VmStatus, VmError> {
        // The one word of a status that tells the kinds apart; the suite looks at it.
        self.note_as("status", self.vm.status(), |status| {
            let mut status = status.clone();
            status.infrastructure = Infrastructure::Basic;
            format!("{status:?}")
        })
    }

    fn start(&mut self) -> Result<(), VmError> {
        let answer = self.vm.start();
        self.note("start", answer)
    }

    fn pause(&mut self) -> Result<(), VmError> {
        let answer = self.vm.pause();
        self.note("pause", answer)
    }

    fn resume(&mut self) -> Result<(), VmError> {
        let answer = self.vm.resume();
        self.note("resume", answer)
    }

    fn stop(&mut self) -> Result<(), VmError> {
        let answer = self.vm.stop();
        self.note("stop", answer)
    }

    fn destroy(&mut self) -> Result<(), VmError> {
        let answer = self.vm.destroy();
        self.note("destroy", answer)
    }

    fn advance(&mut self, span: SimSpan) -> Result<SimTime, VmError> {
        let answer = self.vm.advance(span);
        self.note("advance", answer)
    }

    fn execute_biological_process(&mut self, code: &ProcessCode) -> Result<ProcessReport, VmError> {
        let answer = self.vm.execute_biological_process(code);
        self.note("execute", answer)
    }

    fn biological_metrics(&self) -> Result<BiologicalMetrics, VmError> {
        self.note("metrics", self.vm.biological_metrics())
    }

    fn allocate_atp(&mut self, share: AtpPercent) -> Result<Allocation, VmError> {
        let answer = self.vm.allocate_atp(share);
        self.note("allocate ATP", answer)
    }

    fn allocate_ribosomes(&mut self, units: RibosomeCount) -> Result<Allocation, VmError> {
        let answer = self.vm.allocate_ribosomes(units);
        self.note("allocate ribosomes", answer)
    }

    fn resource_usage(&self) -> Result<ResourceUsage, VmError> {
        self.note("usage", self.vm.resource_usage())
    }

    fn available_resources(&self) -> Result<AvailableResources, VmError> {
        self.note("available", self.vm.available_resources())
    }

    fn essential_genes(&self) -> Result<Vec<GeneId>, VmError> {
        self.note("essential genes", self.vm.essential_genes())
    }

    fn probe(&self) -> Arc<dyn Probe> {
        self.vm.probe()
    }

    fn save(&self) -> Result<VmImage, VmError> {
        self.note_as("save", self.vm.save(), checksum)
    }

    fn restore(&mut self, image: &VmImage) -> Result<(), VmError> {
        let answer = self.vm.restore(image);
        self.note("restore", answer)
    }

    fn install_biological_package(
        &mut self,
        package: &PackageName,
    ) -> Result<InstallReport, VmError> {
        let answer = self.vm.install_biological_package(package);
        self.note("install", answer)
    }

    fn remove_biological_package(
        &mut self,
        package: &PackageName,
    ) -> Result<InstallReport, VmError> {
        let answer = self.vm.remove_biological_package(package);
        self.note("remove", answer)
    }

    fn installed_packages(&self) -> Result<Vec<InstalledPackage>, VmError> {
        self.note("packages", self.vm.installed_packages())
    }

    fn start_transcription(
        &mut self,
        genes: &[GeneId],
    ) -> Result<Vec<TranscriptionChange>, VmError> {
        let answer = self.vm.start_transcription(genes);
        self.note("start transcription", answer)
    }

    fn manage_operons(
        &mut self,
        operons: &[OperonId],
        action: OperonAction,
    ) -> Result<(), VmError> {
        let answer = self.vm.manage_operons(operons, action);
        self.note("manage operons", answer)
    }

    fn plasmid_count(&self) -> Result<u32, VmError> {
        self.note("plasmids", self.vm.plasmid_count())
    }
}
