//! A VM in the process that asks for it.

mod packages;
mod quota;
mod recording;
mod verbs;

pub use self::packages::InstallError;

use std::sync::Arc;

use bioxen_core::{
    CancelToken, Notice, ProcessCode, ProcessLimits, ProcessReport, VmError, VmImage,
};

use crate::cell::{Cell, Construct, ConstructError};
use crate::crew::{Loan, Tether};
use crate::guest::{Guest, Readings, SharedInfo};
use crate::handle::Hypervisor;
use crate::process;
use crate::scheduler::VmKey;

/// Handle of a VM whose cell is computed by a [`Hypervisor`] in this process.
///
/// Dropping it does not end the VM: [`Hypervisor::open`] gives another handle. It keeps the hypervisor alive.
///
/// Verbs that read or change the cell wait for its running slice, or for a process that runs on it, and for no other VM. A process keeps the cell while the VM is paused: they fail then with [`HypervisorError::InProcess`](crate::HypervisorError::InProcess) as the source of [`VmError::Backend`], and do not wait for somebody to resume it.
#[derive(Debug)]
pub struct BasicBiologicalVm {
    hypervisor: Hypervisor,
    pub(crate) key: VmKey,
    pub(crate) info: Arc<SharedInfo>,
    notice: Option<Notice>,
}

impl BasicBiologicalVm {
    pub(crate) fn new(
        hypervisor: Hypervisor,
        key: VmKey,
        info: Arc<SharedInfo>,
        notice: Option<Notice>,
    ) -> Self {
        Self {
            hypervisor,
            key,
            info,
            notice,
        }
    }

    /// The hypervisor that runs it.
    pub fn hypervisor(&self) -> &Hypervisor {
        &self.hypervisor
    }

    /// Something to know about how the quota of its specification was met; only the handle that made the VM has it.
    pub fn notice(&self) -> Option<Notice> {
        self.notice
    }

    /// Reads the cell, between two of its steps.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use bioxen_core::testing::ManualClock;
    /// # use bioxen_core::{BiologicalVm, Organism, Pacing, Seed, SimSpan, VmId, VmSpec};
    /// # use bioxen_hypervisor::{Hypervisor, HypervisorConfig};
    /// # let hypervisor = Hypervisor::new(HypervisorConfig::default(), Arc::new(ManualClock::new()))?;
    /// # let spec = VmSpec::builder(VmId::new("cell-1")?, Organism::Syn3a, Seed::new(7)).build()?;
    /// let vm = hypervisor.create(&spec)?;
    /// let sample = vm.inspect(|cell| cell.sample())?;
    /// assert_eq!(sample.generation, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`VmError::NotFound`] if the VM is destroyed, [`VmError::WorkerPanicked`] if its cell is lost.
    pub fn inspect<R>(&self, read: impl FnOnce(&Cell) -> R) -> Result<R, VmError> {
        self.with_guest(|guest| read(&guest.cell))
    }

    /// SHA-256 of the whole state of the cell with its random stream, in hexadecimal digits.
    ///
    /// # Errors
    ///
    /// As [`BasicBiologicalVm::inspect`].
    pub fn fingerprint(&self) -> Result<String, VmError> {
        self.inspect(Cell::fingerprint)
    }

    /// Puts the cell into a fresh medium of this name, from its next coupling step on.
    ///
    /// # Errors
    ///
    /// [`VmError::UnknownMedium`] with the media that the organism knows, or as [`BasicBiologicalVm::inspect`].
    pub fn set_medium(&self, name: &str) -> Result<(), VmError> {
        self.with_guest(|guest| guest.cell.set_medium_by_name(name))?
    }

    /// Gives the cell a construct. All or nothing.
    ///
    /// # Errors
    ///
    /// [`VmError::Backend`] with a [`ConstructError`](crate::ConstructError) as its source when it does not fit the cell, or
    /// with an [`InstallError`] when [`VmLimits`](crate::VmLimits) of the host refuse it, or as [`BasicBiologicalVm::inspect`].
    pub fn install(&self, construct: &Construct) -> Result<(), VmError> {
        let limits = &self.hypervisor.host().config.limits;
        limits
            .check_construct(construct)
            .map_err(|refused| VmError::Backend {
                context: "the package cannot be installed",
                source: Box::new(refused),
            })?;
        self.with_guest(|guest| guest.cell.install(construct))?
            .map_err(|error| misfit("the construct does not fit the cell", error))
    }

    /// Takes a construct away with all that it made; nothing happens when it is not there.
    ///
    /// # Errors
    ///
    /// [`VmError::Backend`] when another construct needs one of its proteins, or as [`BasicBiologicalVm::inspect`].
    pub fn uninstall(&self, name: &str) -> Result<(), VmError> {
        self.with_guest(|guest| guest.cell.uninstall(name))?
            .map_err(|error| misfit("the construct cannot be taken away", error))
    }

    pub(crate) fn with_guest<R>(&self, call: impl FnOnce(&mut Guest) -> R) -> Result<R, VmError> {
        let host = self.hypervisor.host();
        host.with_guest(self.key, &self.info, Loan::default(), call)
    }

    /// Runs a program as [`execute_biological_process`](bioxen_core::BiologicalVm::execute_biological_process) does, until a token is raised.
    ///
    /// Stopping or destroying the VM from another handle raises the token too. While the VM is paused, the program waits
    /// where it advances the cell; that time does not count for its wall limit.
    ///
    /// # Errors
    ///
    /// [`VmError::NotRunning`] unless the VM is running, [`VmError::WorkerPanicked`] if its cell is lost.
    pub fn execute_with(
        &mut self,
        code: &ProcessCode,
        cancel: &CancelToken,
    ) -> Result<ProcessReport, VmError> {
        let limits = self.hypervisor.config().process_limits;
        self.execute_within(code, &limits, cancel)
    }

    /// Runs a program as [`execute_with`](Self::execute_with) does, within other limits than those of the host.
    ///
    /// # Errors
    ///
    /// As [`execute_with`](Self::execute_with).
    pub fn execute_within(
        &mut self,
        code: &ProcessCode,
        limits: &ProcessLimits,
        cancel: &CancelToken,
    ) -> Result<ProcessReport, VmError> {
        let host = self.hypervisor.host();
        let loan = Loan {
            while_running: Some("run a process"),
            process: Some(cancel.clone()),
        };
        host.lend_guest(self.key, &self.info, loan, |mut guest| {
            let recorder = guest.recorder.take();
            let tether = Arc::new(Tether::new(host, self.key, &self.info, cancel, recorder));
            let clock = tether.clock();
            let (cell, report) = process::run(
                guest.cell,
                &guest.packages,
                code,
                limits,
                &clock,
                cancel,
                Some(&tether),
            );
            let mut guest = Guest { cell, ..guest };
            guest.recorder = tether.take_recorder();
            (guest, report)
        })
    }

    /// Puts a saved cell and its quota in the place of the present one, or leaves everything as it is.
    fn replace(&self, image: &VmImage) -> Result<(), VmError> {
        let model = self.hypervisor.model_for(image, self.info.organism)?;
        let (cell, saved) = Cell::restore_with(&model, image, &self.info.id, self.info.seed)?;
        let guest = Guest::new(cell, saved.unpack()?);
        let readings = Readings::of(&guest.cell);
        let host = self.hypervisor.host();
        let old = host.replace(self.key, &self.info, guest, readings)?;
        drop(old);
        Ok(())
    }

    fn gone(&self) -> VmError {
        VmError::NotFound {
            id: self.info.id.clone(),
        }
    }
}

fn misfit(context: &'static str, error: ConstructError) -> VmError {
    VmError::Backend {
        context,
        source: Box::new(error),
    }
}
