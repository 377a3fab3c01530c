//! The verbs that every biological VM answers.

use std::fmt::Debug;
use std::sync::Arc;

use crate::error::VmError;
use crate::id::{GeneId, OperonId, VmId};
use crate::image::VmImage;
use crate::operon::OperonAction;
use crate::organism::{Operation, Organism};
use crate::package::{InstallReport, InstalledPackage, PackageName};
use crate::process::{ProcessCode, ProcessReport};
use crate::quota::{Allocation, AvailableResources, ResourceUsage};
use crate::report::{BiologicalMetrics, TranscriptionChange, VmStatus};
use crate::time::{SimSpan, SimTime};
use crate::units::{AtpPercent, RibosomeCount};

/// One cell that runs under quotas, wherever it is computed.
///
/// Verbs that change the VM take `&mut self`, questions take `&self`.
/// Anyone may implement it. A new required method is a breaking change; a new ability arrives as a provided method that answers [`VmError::Unsupported`].
///
/// ```
/// use bioxen_core::{BiologicalVm, SimSpan, VmError};
///
/// /// Runs a cell for one simulated hour and says how well it is.
/// fn one_hour(vm: &mut dyn BiologicalVm) -> Result<String, VmError> {
///     vm.start()?;
///     vm.advance(SimSpan::from_micros(3_600_000_000))?;
///     Ok(vm.status()?.vitality.to_string())
/// }
/// ```
pub trait BiologicalVm: Send + Debug {
    /// Name of the VM.
    fn id(&self) -> &VmId;

    /// Organism of its cell.
    fn organism(&self) -> Organism;

    /// How the VM is.
    ///
    /// # Errors
    ///
    /// [`VmError::NotFound`] if it is gone, or what its backend reports.
    fn status(&self) -> Result<VmStatus, VmError>;

    /// Lets simulated time pass, for the first time or after [`stop`](Self::stop).
    ///
    /// # Errors
    ///
    /// [`VmError::IllegalTransition`] unless the VM was just created or is stopped.
    fn start(&mut self) -> Result<(), VmError>;

    /// Freezes simulated time.
    ///
    /// # Errors
    ///
    /// [`VmError::IllegalTransition`] unless the VM is running.
    fn pause(&mut self) -> Result<(), VmError>;

    /// Lets simulated time pass again after [`pause`](Self::pause).
    ///
    /// # Errors
    ///
    /// [`VmError::IllegalTransition`] unless the VM is paused.
    fn resume(&mut self) -> Result<(), VmError>;

    /// Freezes simulated time until the next [`start`](Self::start); the cell is kept.
    ///
    /// # Errors
    ///
    /// [`VmError::IllegalTransition`] unless the VM is running, paused or failed.
    fn stop(&mut self) -> Result<(), VmError>;

    /// Ends the VM and gives back what it held.
    ///
    /// It takes `&mut self`, so that it can be tried again when it fails.
    ///
    /// # Errors
    ///
    /// [`VmError::IllegalTransition`] if the VM is destroyed already.
    fn destroy(&mut self) -> Result<(), VmError>;

    /// Moves the cell by a span of simulated time at once, as fast as the host computes, and answers where it is then.
    ///
    /// # Errors
    ///
    /// [`VmError::NotRunning`] unless the VM is running.
    fn advance(&mut self, span: SimSpan) -> Result<SimTime, VmError>;

    /// Runs a program against the cell.
    ///
    /// A program that fails is an `Ok` report with `success: false`; an `Err` means that it could not be run or its outcome is not known.
    ///
    /// # Errors
    ///
    /// [`VmError::NotRunning`] unless the VM is running.
    fn execute_biological_process(&mut self, code: &ProcessCode) -> Result<ProcessReport, VmError>;

    /// How the cell is.
    ///
    /// # Errors
    ///
    /// [`VmError::NotFound`] if the VM is gone, or what its backend reports.
    fn biological_metrics(&self) -> Result<BiologicalMetrics, VmError>;

    /// Sets the share of ATP regeneration that the cell may use.
    ///
    /// # Errors
    ///
    /// [`VmError::AtpExceeded`] if the host has less; the old share stays in force.
    fn allocate_atp(&mut self, share: AtpPercent) -> Result<Allocation, VmError>;

    /// Sets the ribosome units that the cell may use; more than a full grant is clamped with a [`Notice`](crate::Notice).
    ///
    /// # Errors
    ///
    /// [`VmError::RibosomesExceeded`] if the host has fewer; the old number stays in force.
    fn allocate_ribosomes(&mut self, units: RibosomeCount) -> Result<Allocation, VmError>;

    /// How much of its quota the cell uses.
    ///
    /// # Errors
    ///
    /// [`VmError::NotFound`] if the VM is gone, or what its backend reports.
    fn resource_usage(&self) -> Result<ResourceUsage, VmError>;

    /// What the host has left for this VM.
    ///
    /// # Errors
    ///
    /// [`VmError::NotFound`] if the VM is gone, or what its backend reports.
    fn available_resources(&self) -> Result<AvailableResources, VmError>;

    /// Locus tags of the essential protein genes, in the order of the genome.
    ///
    /// # Errors
    ///
    /// What its backend reports.
    fn essential_genes(&self) -> Result<Vec<GeneId>, VmError>;

    /// A reader of the last published usage, which may outlive this handle and go to another thread.
    fn probe(&self) -> Arc<dyn Probe>;

    /// The whole cell with its random stream, as of now; the VM goes on.
    ///
    /// # Errors
    ///
    /// [`VmError::NotFound`] if the VM is gone, or what its backend reports.
    fn save(&self) -> Result<VmImage, VmError>;

    /// Puts the cell back to a saved state; from there it continues bit for bit as the saved one would have.
    ///
    /// # Errors
    ///
    /// [`VmError::Image`] if the image is damaged or belongs to another VM; the cell is then as it was.
    fn restore(&mut self, image: &VmImage) -> Result<(), VmError>;

    /// Gives the cell the genes of a package, or its programs the functions of one.
    ///
    /// # Errors
    ///
    /// [`VmError::Unsupported`] if this kind of VM does not offer it.
    fn install_biological_package(
        &mut self,
        package: &PackageName,
    ) -> Result<InstallReport, VmError> {
        let _ = package;
        Err(VmError::Unsupported {
            organism: self.organism(),
            operation: Operation::InstallPackage,
        })
    }

    /// Takes away what a package brought.
    ///
    /// # Errors
    ///
    /// [`VmError::Unsupported`] if this kind of VM does not offer it.
    fn remove_biological_package(
        &mut self,
        package: &PackageName,
    ) -> Result<InstallReport, VmError> {
        let _ = package;
        Err(VmError::Unsupported {
            organism: self.organism(),
            operation: Operation::RemovePackage,
        })
    }

    /// The packages that the VM has: those of genes in the order in which they came, then those of functions by name.
    ///
    /// # Errors
    ///
    /// What its backend reports.
    fn installed_packages(&self) -> Result<Vec<InstalledPackage>, VmError> {
        Ok(Vec::new())
    }

    /// Raises the transcription of genes from the next step on, until it is stopped.
    ///
    /// It makes nothing by itself: polymerases, nucleotides and ribosomes are taken from the other genes.
    ///
    /// # Errors
    ///
    /// [`VmError::UnknownGene`] or [`VmError::NotExpressed`] for the first gene of which that is true, and then nothing is changed. [`VmError::Unsupported`] if this kind of VM does not offer it.
    fn start_transcription(
        &mut self,
        genes: &[GeneId],
    ) -> Result<Vec<TranscriptionChange>, VmError> {
        let _ = genes;
        Err(VmError::Unsupported {
            organism: self.organism(),
            operation: Operation::StartTranscription,
        })
    }

    /// Activates, represses or releases operons.
    ///
    /// # Errors
    ///
    /// [`VmError::Unsupported`] if this kind of VM does not offer it.
    fn manage_operons(
        &mut self,
        operons: &[OperonId],
        action: OperonAction,
    ) -> Result<(), VmError> {
        let _ = (operons, action);
        Err(VmError::Unsupported {
            organism: self.organism(),
            operation: Operation::ManageOperons,
        })
    }

    /// Plasmids in the cell.
    ///
    /// # Errors
    ///
    /// [`VmError::Unsupported`] if this kind of VM does not offer it.
    fn plasmid_count(&self) -> Result<u32, VmError> {
        Err(VmError::Unsupported {
            organism: self.organism(),
            operation: Operation::PlasmidCount,
        })
    }
}

/// A reader of the last usage that a VM published.
///
/// It never touches the cell, so that watching costs the simulation nothing.
pub trait Probe: Send + Sync + Debug {
    /// Name of the VM.
    fn id(&self) -> &VmId;

    /// The last reading, `None` before the first.
    fn usage(&self) -> Option<ResourceUsage>;
}

// The trait is used boxed everywhere: this fails to compile when it stops being object-safe or movable between threads.
const _: fn(Box<dyn BiologicalVm>) -> Box<dyn Send> = |vm| Box::new(vm);

#[cfg(test)]
mod tests;
