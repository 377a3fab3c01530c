//! Recordings of the cell of a VM.

use bioxen_core::{SimSpan, VmError};

use super::BasicBiologicalVm;
use crate::trajectory::{Recorder, Trajectory};

impl BasicBiologicalVm {
    /// Records a [`Sample`](crate::Sample) of the cell now, and whenever a multiple of `every` has passed from now on.
    ///
    /// A recording that is under way is given up. Recording does not change what the cell does.
    ///
    /// # Errors
    ///
    /// [`VmError::Backend`] with [`HypervisorError::SamplingInterval`](crate::HypervisorError::SamplingInterval) if `every` is not a multiple of the coupling step, and as [`BasicBiologicalVm::inspect`].
    pub fn record(&self, every: SimSpan) -> Result<(), VmError> {
        self.with_guest(|guest| {
            let recorder = Recorder::start(every, &guest.cell)
                .map_err(|error| error.because("the recording was not started"))?;
            guest.recorder = Some(recorder);
            Ok(())
        })?
    }

    /// What was recorded since the recording began or was taken last; the recording goes on. `None` if there is none.
    ///
    /// # Errors
    ///
    /// As [`BasicBiologicalVm::inspect`].
    pub fn take_recording(&self) -> Result<Option<Trajectory>, VmError> {
        self.with_guest(|guest| guest.recorder.as_mut().map(Recorder::take))
    }

    /// Ends the recording, and hands out what was recorded since it was taken last. `None` if there is none.
    ///
    /// # Errors
    ///
    /// As [`BasicBiologicalVm::inspect`].
    pub fn stop_recording(&self) -> Result<Option<Trajectory>, VmError> {
        self.with_guest(|guest| guest.recorder.take().as_mut().map(Recorder::take))
    }
}
