//! The verbs of every biological VM.

use std::sync::Arc;

use bioxen_core::{
    Allocation, AtpPercent, AvailableResources, BiologicalMetrics, BiologicalVm, CancelToken,
    GeneId, InstallReport, InstalledPackage, Operation, OperonAction, OperonId, Organism,
    OrganismMetrics, PackageName, Probe, ProcessCode, ProcessReport, ResourceUsage, RibosomeCount,
    SimSpan, SimTime, TranscriptionChange, VmError, VmEvent, VmId, VmImage, VmState, VmStatus,
};

use super::BasicBiologicalVm;
use super::packages::installed;
use crate::cell::Cell;
use crate::crew::panicked;
use crate::error::HypervisorError;
use crate::image::SavedPackages;
use crate::machine::{Seat, status_of};

impl BiologicalVm for BasicBiologicalVm {
    fn id(&self) -> &VmId {
        &self.info.id
    }

    fn organism(&self) -> Organism {
        self.info.organism
    }

    /// How the VM is. It waits for no cell, and answers after [`destroy`](BiologicalVm::destroy) too.
    ///
    /// While the cell is moved over many slices, its vitality is that of the last whole simulated minute.
    fn status(&self) -> Result<VmStatus, VmError> {
        let state = self.hypervisor.host().lock().machine.state(self.key);
        Ok(status_of(&self.info, state))
    }

    /// Lets simulated time pass.
    ///
    /// A VM whose simulation panicked has no cell anymore: it needs [`restore`](BiologicalVm::restore) first, and this is [`VmError::WorkerPanicked`] until then.
    /// Where the host validates functions, a minimal cell is refused with [`VmError::Backend`] if one of its basic functions has no expressed gene.
    fn start(&mut self) -> Result<(), VmError> {
        let validates = self.hypervisor.host().config.limits.function_validation;
        if validates
            && self.info.organism == Organism::MinimalCell
            && let Some(function) = self.inspect(Cell::silent_function)?
        {
            let error = HypervisorError::FunctionNotExpressed { function };
            return Err(error.because("the VM was not started"));
        }
        self.apply(VmEvent::Start)
    }

    /// Freezes simulated time, after the running slice.
    ///
    /// A process that runs on the cell keeps it, and waits as soon as it advances the cell again, until the VM is resumed; [`stop`](BiologicalVm::stop) and [`destroy`](BiologicalVm::destroy) end it.
    ///
    /// Steps that were due and not made are not made up for later; an [`advance`](BiologicalVm::advance) that waits for them elsewhere fails.
    fn pause(&mut self) -> Result<(), VmError> {
        self.apply(VmEvent::Pause)?;
        self.wait_for_cell();
        Ok(())
    }

    fn resume(&mut self) -> Result<(), VmError> {
        self.apply(VmEvent::Resume)
    }

    /// Freezes simulated time as [`pause`](BiologicalVm::pause) does, and cancels a process that runs on the cell.
    fn stop(&mut self) -> Result<(), VmError> {
        self.apply(VmEvent::Stop)?;
        self.wait_for_cell();
        Ok(())
    }

    /// Ends the VM and gives back what it held at once, without waiting for a slice or a process; a process that runs on the cell is cancelled.
    fn destroy(&mut self) -> Result<(), VmError> {
        self.apply(VmEvent::Destroy)
    }

    /// Moves the cell by a span at full speed, whatever its pacing, and answers where it is then.
    ///
    /// The cell moves in whole coupling steps: what is left of the span below one counts for the next call. A VM in real time goes on from there with the time on the wall.
    fn advance(&mut self, span: SimSpan) -> Result<SimTime, VmError> {
        let host = self.hypervisor.host();
        let (target, epoch) = host.with_machine(|machine, now| {
            let state = machine.state(self.key);
            if state != VmState::Running {
                return Err(self.not_running(state));
            }
            let target = machine.run_ahead(self.key, span, now);
            let epoch = machine.slot(self.key).map(|slot| slot.epoch);
            target.zip(epoch).ok_or_else(|| self.gone())
        })?;
        let mut floor = host.lock();
        loop {
            let Some(slot) = floor.machine.slot(self.key) else {
                return Err(self.not_running(VmState::Destroyed));
            };
            if let Seat::Lost { message } = &slot.seat {
                return Err(panicked(&self.info, message));
            }
            if slot.epoch == epoch && slot.is_at(target) {
                return Ok(slot.time);
            }
            match slot.state {
                VmState::Running if slot.epoch == epoch => self.info.news.wait(&mut floor),
                VmState::Running => return Err(VmError::Cancelled),
                state => return Err(self.not_running(state)),
            }
        }
    }

    /// Runs a program on the calling thread, as soon as the running slice of the cell is over.
    ///
    /// Allocations hold from its next coupling step on, its steps are recorded as those of an advance are, and status and probe follow it, 8 simulated seconds behind at most.
    fn execute_biological_process(&mut self, code: &ProcessCode) -> Result<ProcessReport, VmError> {
        self.execute_with(code, &CancelToken::new())
    }

    fn biological_metrics(&self) -> Result<BiologicalMetrics, VmError> {
        self.inspect(|cell| cell.metrics())
    }

    /// Sets the share of ATP; it waits for no cell, and holds from the next coupling step on.
    fn allocate_atp(&mut self, share: AtpPercent) -> Result<Allocation, VmError> {
        self.allocate_share(share)
    }

    /// Sets the ribosome units; it waits for no cell, and holds from the next coupling step on.
    fn allocate_ribosomes(&mut self, units: RibosomeCount) -> Result<Allocation, VmError> {
        self.allocate_units(units)
    }

    /// How much of its quota the cell uses, as of its last slice.
    fn resource_usage(&self) -> Result<ResourceUsage, VmError> {
        let floor = self.hypervisor.host().lock();
        let slot = floor.machine.slot(self.key).ok_or_else(|| self.gone())?;
        let usage = slot.info.readings.lock().usage.clone();
        Ok(usage)
    }

    fn available_resources(&self) -> Result<AvailableResources, VmError> {
        let floor = self.hypervisor.host().lock();
        let slot = floor.machine.slot(self.key).ok_or_else(|| self.gone())?;
        Ok(floor.machine.left(Some(slot)))
    }

    fn essential_genes(&self) -> Result<Vec<GeneId>, VmError> {
        self.inspect(|cell| cell.essential_genes())
    }

    fn probe(&self) -> Arc<dyn Probe> {
        Arc::clone(&self.info) as Arc<dyn Probe>
    }

    fn save(&self) -> Result<VmImage, VmError> {
        self.with_guest(|guest| {
            let packages = SavedPackages::of(&guest.packages);
            guest
                .cell
                .save_with(&self.info.id, self.info.seed, packages)
        })
    }

    /// Puts the cell back to a saved state, with the quota that it had then.
    ///
    /// The state of the VM stays; what was due before is not due anymore. A VM whose simulation panicked has a cell again.
    ///
    /// # Errors
    ///
    /// [`VmError::Image`], or [`VmError::AtpExceeded`] and [`VmError::RibosomesExceeded`] if the host has no room for the saved quota; the cell is then as it was.
    fn restore(&mut self, image: &VmImage) -> Result<(), VmError> {
        self.replace(image)
    }

    fn install_biological_package(
        &mut self,
        package: &PackageName,
    ) -> Result<InstallReport, VmError> {
        self.install_by_name(package)
    }

    /// Takes genes away with all that they made, or functions from the reach of programs.
    fn remove_biological_package(
        &mut self,
        package: &PackageName,
    ) -> Result<InstallReport, VmError> {
        self.remove_package(package)
    }

    fn installed_packages(&self) -> Result<Vec<InstalledPackage>, VmError> {
        self.with_guest(|guest| installed(guest))
    }

    fn start_transcription(
        &mut self,
        genes: &[GeneId],
    ) -> Result<Vec<TranscriptionChange>, VmError> {
        self.organism().require(Operation::StartTranscription)?;
        self.with_guest(|guest| guest.cell.start_transcription(genes))?
    }

    fn manage_operons(
        &mut self,
        operons: &[OperonId],
        action: OperonAction,
    ) -> Result<(), VmError> {
        self.organism().require(Operation::ManageOperons)?;
        self.with_guest(|guest| guest.cell.manage_operons(operons, action))?
            .map(|_| ())
    }

    /// Plasmids in the cell, of all packages together.
    fn plasmid_count(&self) -> Result<u32, VmError> {
        self.organism().require(Operation::PlasmidCount)?;
        self.inspect(|cell| match cell.metrics().organism {
            OrganismMetrics::Ecoli(metrics) => metrics.plasmids,
            _ => 0,
        })
    }
}

impl BasicBiologicalVm {
    fn apply(&self, event: VmEvent) -> Result<(), VmError> {
        self.hypervisor.host().with_machine(|machine, now| {
            if event == VmEvent::Start
                && let Some(slot) = machine.slot(self.key)
                && slot.state.apply(event).is_ok()
                && let Seat::Lost { message } = &slot.seat
            {
                return Err(panicked(&self.info, message));
            }
            machine.apply(self.key, event, now)?;
            Ok(())
        })
    }

    /// Waits until nobody moves the cell, and publishes how it is then.
    fn wait_for_cell(&self) {
        // Whoever destroyed it in the meantime, or lost it, has told the others.
        let _ = self.with_guest(|_| ());
        // A process that keeps the cell is at most in the middle of a step.
        drop(self.info.moving.lock());
    }

    fn not_running(&self, state: VmState) -> VmError {
        VmError::NotRunning {
            id: self.info.id.clone(),
            state,
            operation: "advance",
        }
    }
}
