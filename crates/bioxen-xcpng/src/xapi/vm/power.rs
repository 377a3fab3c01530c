//! VMs are switched on and off.

use crate::error::XapiError;
use crate::value::{Host, Ref, Value, Vm};
use crate::xapi::Xapi;
use crate::xapi::call::Bounds;
use crate::xapi::task::Operation;

use super::{BUSY, NO_AGENT};

impl Xapi {
    /// Starts a halted VM on a host of the server's choice.
    ///
    /// # Errors
    ///
    /// [`XapiError`], such as a failure of class [`Capacity`](crate::xapi::FailureClass::Capacity).
    pub fn start_vm(&self, vm: &Ref<Vm>, bounds: Bounds<'_>) -> Result<(), XapiError> {
        let params = [vm.into(), false.into(), false.into()];
        self.switch(
            self.starting("VM.start", "the start"),
            &params,
            &[BUSY],
            bounds,
        )
    }

    /// Starts a halted VM on a certain host.
    ///
    /// # Errors
    ///
    /// [`XapiError`], such as a failure of class [`Capacity`](crate::xapi::FailureClass::Capacity).
    pub fn start_vm_on(
        &self,
        vm: &Ref<Vm>,
        host: &Ref<Host>,
        bounds: Bounds<'_>,
    ) -> Result<(), XapiError> {
        let params = [vm.into(), host.into(), false.into(), false.into()];
        self.switch(
            self.starting("VM.start_on", "the start"),
            &params,
            &[BUSY],
            bounds,
        )
    }

    /// Lets a running VM stand still in memory.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if it does not run.
    pub fn pause_vm(&self, vm: &Ref<Vm>, bounds: Bounds<'_>) -> Result<(), XapiError> {
        self.switch(
            self.stopping("VM.pause", "the pause"),
            &[vm.into()],
            &[BUSY],
            bounds,
        )
    }

    /// Lets a paused VM run again.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if it is not paused.
    pub fn unpause_vm(&self, vm: &Ref<Vm>, bounds: Bounds<'_>) -> Result<(), XapiError> {
        let operation = self.starting("VM.unpause", "the end of the pause");
        self.switch(operation, &[vm.into()], &[BUSY], bounds)
    }

    /// Moves the memory of a running VM to a disk; a guest that has just been started is waited for.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if it does not run, or its guest has no agent.
    pub fn suspend_vm(&self, vm: &Ref<Vm>, bounds: Bounds<'_>) -> Result<(), XapiError> {
        let operation = self.stopping("VM.suspend", "the suspension");
        self.switch(operation, &[vm.into()], &[BUSY, NO_AGENT], bounds)
    }

    /// Lets a suspended VM run again.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if it is not suspended.
    pub fn resume_vm(&self, vm: &Ref<Vm>, bounds: Bounds<'_>) -> Result<(), XapiError> {
        let params = [vm.into(), false.into(), false.into()];
        let operation = self.starting("VM.resume", "the end of the suspension");
        self.switch(operation, &params, &[BUSY], bounds)
    }

    /// Asks the guest to shut down, and waits until it has; one that has just been started is waited for, and one that is halted is done.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if it does not, or has no agent; a hard shutdown is allowed then.
    pub fn clean_shutdown_vm(&self, vm: &Ref<Vm>, bounds: Bounds<'_>) -> Result<(), XapiError> {
        let operation = self.stopping("VM.clean_shutdown", "the shutdown");
        let codes = [BUSY, NO_AGENT];
        unless_halted(self.switch(operation, &[vm.into()], &codes, bounds))
    }

    /// Switches a VM off; one that is halted is done.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if the server cannot.
    pub fn hard_shutdown_vm(&self, vm: &Ref<Vm>, bounds: Bounds<'_>) -> Result<(), XapiError> {
        let operation = self.stopping("VM.hard_shutdown", "the hard shutdown");
        unless_halted(self.switch(operation, &[vm.into()], &[BUSY], bounds))
    }

    /// Shuts a VM down, by its guest if it does that in time, hard if not.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if neither works.
    pub fn shutdown_vm(&self, vm: &Ref<Vm>, bounds: Bounds<'_>) -> Result<(), XapiError> {
        match self.clean_shutdown_vm(vm, bounds) {
            Ok(()) => Ok(()),
            Err(error @ (XapiError::Cancelled | XapiError::Closed)) => Err(error),
            Err(error) => {
                tracing::info!(%vm, %error, "the guest does not shut down by itself");
                self.hard_shutdown_vm(vm, bounds)
            }
        }
    }

    /// Asks the guest to restart, and waits until it does.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if it does not run, or has no agent.
    pub fn clean_reboot_vm(&self, vm: &Ref<Vm>, bounds: Bounds<'_>) -> Result<(), XapiError> {
        let operation = self.stopping("VM.clean_reboot", "the restart");
        self.switch(operation, &[vm.into()], &[BUSY, NO_AGENT], bounds)
    }

    /// Switches a VM off and on.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if it is not on.
    pub fn hard_reboot_vm(&self, vm: &Ref<Vm>, bounds: Bounds<'_>) -> Result<(), XapiError> {
        let operation = self.stopping("VM.hard_reboot", "the hard restart");
        self.switch(operation, &[vm.into()], &[BUSY], bounds)
    }

    fn starting(&self, call: &'static str, step: &'static str) -> Operation {
        Operation {
            call,
            step,
            limit: self.limits().start,
        }
    }

    fn stopping(&self, call: &'static str, step: &'static str) -> Operation {
        Operation {
            call,
            step,
            limit: self.limits().stop,
        }
    }

    fn switch(
        &self,
        operation: Operation,
        params: &[Value],
        codes: &[&[&str]],
        bounds: Bounds<'_>,
    ) -> Result<(), XapiError> {
        let bounds = bounds.step(operation.step, operation.limit, &*self.shared.timer);
        self.patiently(codes, bounds, |bounds| {
            self.run(operation, params.to_vec(), bounds).map(drop)
        })
    }
}

/// A VM that is halted already is as it should be.
fn unless_halted(result: Result<(), XapiError>) -> Result<(), XapiError> {
    match result {
        Err(XapiError::Failure { source, .. })
            if source
                .actual_power_state()
                .is_some_and(|state| state.eq_ignore_ascii_case("halted")) =>
        {
            Ok(())
        }
        result => result,
    }
}
