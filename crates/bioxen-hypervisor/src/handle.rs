//! The handle of a hypervisor.

mod models;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use bioxen_core::{
    AvailableResources, Clock, Goal, ImageError, Organism, Quota, VmError, VmEvent, VmId, VmImage,
    VmSpec, VmState, VmStatus,
};

use crate::batch::{BatchOutcome, BatchProgress};
use crate::cell::{Cell, CellModel, CellOptions};
use crate::config::HypervisorConfig;
use crate::crew::{Crew, Host};
use crate::error::HypervisorError;
use crate::guest::{Guest, Readings, SharedInfo};
use crate::machine::BatchKey;
use crate::package::Packages;
use crate::vm::BasicBiologicalVm;

pub(crate) use self::models::Models;

/// Time between two looks of a batch's caller at its progress.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// Runs cells as virtual machines, on threads of its own.
///
/// Clones are handles of the same hypervisor, and so is every VM that it made. When the last of them is dropped, the threads are stopped and joined, and the VMs are gone.
///
/// ```
/// use std::sync::Arc;
/// use bioxen_core::testing::ManualClock;
/// use bioxen_core::{BiologicalVm, Organism, Pacing, Seed, SimSpan, VmId, VmSpec};
/// use bioxen_hypervisor::{Hypervisor, HypervisorConfig};
///
/// let hypervisor = Hypervisor::new(HypervisorConfig::default(), Arc::new(ManualClock::new()))?;
/// let spec = VmSpec::builder(VmId::new("cell-1")?, Organism::Syn3a, Seed::new(7))
///     .pacing(Pacing::Manual)
///     .build()?;
/// let mut vm = hypervisor.create(&spec)?;
/// vm.start()?;
/// let time = vm.advance(SimSpan::from_seconds(10.0)?)?;
/// assert_eq!(time.seconds(), 10.0);
/// assert_eq!(hypervisor.statuses().len(), 1);
/// vm.destroy()?;
/// assert!(hypervisor.statuses().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Hypervisor {
    crew: Arc<Crew>,
}

impl Hypervisor {
    /// Starts the threads of a hypervisor that has no VMs yet.
    ///
    /// # Errors
    ///
    /// [`HypervisorError`] for a setting that cannot be used, or if the operating system refuses a thread.
    pub fn new(config: HypervisorConfig, clock: Arc<dyn Clock>) -> Result<Self, HypervisorError> {
        config.check()?;
        let crew = Arc::new(Crew::start(config, clock)?);
        Ok(Self { crew })
    }

    /// The settings that it was made with.
    pub fn config(&self) -> &HypervisorConfig {
        &self.host().config
    }

    /// Makes a VM with a newborn cell.
    ///
    /// # Errors
    ///
    /// [`VmError::AlreadyExists`], [`VmError::AtpExceeded`], [`VmError::RibosomesExceeded`], the two of [`VmLimits`](crate::VmLimits), or [`VmError::Backend`] with a [`HypervisorError`] if the host is full or the cell too large. Nothing is left behind then.
    pub fn create(&self, spec: &VmSpec) -> Result<BasicBiologicalVm, VmError> {
        self.host().lock().machine.check_name(spec.id())?;
        let model = self.host().models.of(spec.organism());
        let options = CellOptions {
            elongation: spec.elongation(),
            ..CellOptions::default()
        };
        let mut cell = Cell::newborn(model, spec.id(), spec.seed(), quota_of(spec), options);
        if self.config().limits.essential_genes_only {
            cell.silence_nonessential();
        }
        let guest = Guest::new(cell, Packages::new());
        self.admit(spec, quota_of(spec), guest, VmState::Created)
    }

    /// Makes a VM whose cell starts as a saved one and goes its own way.
    ///
    /// Name, seed, quota, pacing and priority are those of `spec`; how chains elongate is in the image.
    ///
    /// # Errors
    ///
    /// As [`Hypervisor::create`], and [`VmError::Image`] if the image cannot be used or name and seed are not new.
    pub fn fork(&self, image: &VmImage, spec: &VmSpec) -> Result<BasicBiologicalVm, VmError> {
        self.host().lock().machine.check_name(spec.id())?;
        let model = self.model_for(image, spec.organism())?;
        let (cell, saved) = Cell::fork_with(&model, image, spec.id(), spec.seed())?;
        let guest = Guest::new(cell, saved.unpack()?);
        self.admit(spec, quota_of(spec), guest, VmState::Created)
    }

    /// Makes a VM that goes on from an image of its own, bit for bit and in a state that it had, as when its host was ended and starts again.
    ///
    /// Pacing and priority are those of `spec`; its name and seed must be those of the image, which has quota and packages.
    /// One that was paused or stopped does not move; one that had failed or was destroyed is stopped.
    ///
    /// # Errors
    ///
    /// As [`Hypervisor::create`], and [`VmError::Image`] if the image cannot be used or is of another VM.
    pub fn revive(
        &self,
        image: &VmImage,
        spec: &VmSpec,
        state: VmState,
    ) -> Result<BasicBiologicalVm, VmError> {
        self.host().lock().machine.check_name(spec.id())?;
        let model = self.model_for(image, spec.organism())?;
        let (cell, saved) = Cell::restore_with(&model, image, spec.id(), spec.seed())?;
        let quota = cell.quota();
        self.admit(spec, quota, Guest::new(cell, saved.unpack()?), state)
    }

    /// Another handle of a VM.
    ///
    /// # Errors
    ///
    /// [`VmError::NotFound`] if no VM has that name.
    pub fn open(&self, id: &VmId) -> Result<BasicBiologicalVm, VmError> {
        let floor = self.host().lock();
        let (key, slot) = floor
            .machine
            .find(id)
            .ok_or_else(|| VmError::NotFound { id: id.clone() })?;
        let info = Arc::clone(&slot.info);
        Ok(BasicBiologicalVm::new(self.clone(), key, info, None))
    }

    /// How all VMs are, in the order of their names. It waits for no cell.
    pub fn statuses(&self) -> Vec<VmStatus> {
        let floor = self.host().lock();
        floor
            .machine
            .slots_by_name()
            .map(|slot| slot.status())
            .collect()
    }

    /// What is left for a new VM.
    pub fn available(&self) -> AvailableResources {
        self.host().lock().machine.left(None)
    }

    /// Runs VMs to a goal at full speed, and waits for them.
    ///
    /// Each stops at the end of the coupling step in which it reaches the goal, whatever the number of workers and the slice. They must be running, with manual pacing.
    ///
    /// `watch` is called about ten times a second, and once at the end. If it answers `Break`, every VM stops after its running slice, and the outcome says so.
    ///
    /// # Errors
    ///
    /// [`VmError::NotFound`], [`VmError::NotRunning`], or [`VmError::Backend`] with a [`HypervisorError`] for the first VM that cannot take part; then none is moved. What happens to a VM on the way is in the outcome.
    pub fn run_batch(
        &self,
        ids: &[VmId],
        goal: Goal,
        watch: &mut dyn FnMut(&BatchProgress) -> ControlFlow<()>,
    ) -> Result<BatchOutcome, VmError> {
        let host = self.host();
        let batch = host.with_machine(|machine, now| {
            let find = |id: &VmId| {
                let found = machine.find(id).map(|(key, _)| key);
                found.ok_or_else(|| VmError::NotFound { id: id.clone() })
            };
            let keys = ids.iter().map(find).collect::<Result<Vec<_>, _>>()?;
            machine.begin_batch(&keys, goal, now)
        })?;
        let batch = RunningBatch { host, batch };
        let mut watching = true;
        loop {
            let (progress, over) = batch.wait();
            if watching && watch(&progress).is_break() {
                batch.interrupt();
                watching = false;
            }
            if over {
                return Ok(batch.close());
            }
        }
    }

    /// Makes the workers look at the clock: for a clock that was moved by hand.
    pub fn wake(&self) {
        self.host().wake();
    }

    /// Waits until every VM is where it is due to be by the clock.
    ///
    /// It waits for callers and processes that have the cell of a VM that is late, and for the turns after that, so do
    /// not call it from what reads a cell. It does not return while a running VM is unpaced, since such a VM is never
    /// where it is due to be.
    pub fn settle(&self) {
        self.host().settle();
    }

    pub(crate) fn host(&self) -> &Arc<Host> {
        &self.crew.host
    }

    /// The model of an organism, if an image is not that of another one.
    pub(crate) fn model_for(
        &self,
        image: &VmImage,
        organism: Organism,
    ) -> Result<Arc<CellModel>, ImageError> {
        models::check_organism(image, organism)?;
        Ok(self.host().models.of(organism))
    }

    /// Takes a guest in under the quota of its specification.
    fn admit(
        &self,
        spec: &VmSpec,
        quota: Quota,
        mut guest: Guest,
        state: VmState,
    ) -> Result<BasicBiologicalVm, VmError> {
        let total = guest.cell.usage().ribosomes_total;
        let grant = {
            let floor = self.host().lock();
            let capacity = &floor.machine.capacity;
            capacity.grant(spec.organism(), quota, total, None)?
        };
        guest.cell.set_quota(grant.quota);
        if let Some(limit) = self.config().limits.memory_bytes {
            let needed = guest.cell.state_bytes(spec.id(), spec.seed());
            if needed > limit {
                let error = HypervisorError::MemoryAboveLimit { needed, limit };
                return Err(error.because("the VM was not created"));
            }
        }
        let info = Arc::new(SharedInfo::new(spec, Readings::of(&guest.cell)));
        let key = self.host().with_machine(|machine, now| {
            let key = machine.insert(Arc::clone(&info), guest, grant)?;
            // No worker comes in between, so a VM that does not run does not move on its way there.
            for event in way_to(state) {
                machine.apply(key, *event, now)?;
            }
            Ok::<_, VmError>(key)
        })?;
        Ok(BasicBiologicalVm::new(
            self.clone(),
            key,
            info,
            grant.notice,
        ))
    }
}

/// What happens to a new VM on its way into a state.
fn way_to(state: VmState) -> &'static [VmEvent] {
    match state {
        VmState::Created => &[],
        VmState::Running => &[VmEvent::Start],
        VmState::Paused => &[VmEvent::Start, VmEvent::Pause],
        VmState::Stopped | VmState::Error | VmState::Destroyed => &[VmEvent::Start, VmEvent::Stop],
    }
}

fn quota_of(spec: &VmSpec) -> Quota {
    Quota {
        atp: spec.atp(),
        ribosomes: spec.ribosomes(),
        unit: spec.ribosome_unit(),
    }
}

/// A batch under way; dropping it ends it, as when its caller panics.
struct RunningBatch<'a> {
    host: &'a Host,
    batch: BatchKey,
}

impl RunningBatch<'_> {
    /// Waits for a moment, or until it is over.
    fn wait(&self) -> (BatchProgress, bool) {
        let mut floor = self.host.lock();
        if !floor.machine.batch_progress(self.batch).1 {
            self.host.batch.wait_for(&mut floor, PROGRESS_EVERY);
        }
        floor.machine.batch_progress(self.batch)
    }

    fn interrupt(&self) {
        self.host
            .with_machine(|machine, now| machine.interrupt_batch(self.batch, now));
    }

    fn close(self) -> BatchOutcome {
        self.host
            .with_machine(|machine, _| machine.close_batch(self.batch))
            .expect("a batch is closed once")
    }
}

impl Drop for RunningBatch<'_> {
    fn drop(&mut self) {
        self.host.with_machine(|machine, now| {
            machine.interrupt_batch(self.batch, now);
            machine.close_batch(self.batch);
        });
    }
}

#[cfg(test)]
mod tests;
