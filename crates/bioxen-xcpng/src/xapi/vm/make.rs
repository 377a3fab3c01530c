//! VMs come and go.

use crate::error::XapiError;
use crate::value::{Ref, Sr, Value, Vm};
use crate::xapi::Xapi;
use crate::xapi::call::{Bounds, understand};
use crate::xapi::task::Operation;

use super::find::gone;
use super::{BUSY, NameOrUuid};

/// A VM to make of a template.
#[derive(Clone, Debug)]
pub struct NewVm {
    /// The template.
    pub template: NameOrUuid,
    /// The name for people.
    pub name: String,
    /// Where a full copy of its disks goes; without it they are cloned, which is fast.
    pub copy_to: Option<Ref<Sr>>,
}

impl Xapi {
    /// Makes a VM of a template: finds it, clones or copies it, and makes the disks that it asks for.
    ///
    /// If it fails after the clone, the clone stays, a template of the new name.
    ///
    /// # Errors
    ///
    /// [`XapiError`], from whichever step fails.
    pub fn create_vm_from_template(
        &self,
        new: &NewVm,
        bounds: Bounds<'_>,
    ) -> Result<Ref<Vm>, XapiError> {
        let (template, _) = self.find_template(&new.template, bounds)?;
        let vm = match &new.copy_to {
            None => self.clone_vm(&template, &new.name, bounds)?,
            Some(sr) => self.copy_vm(&template, &new.name, Some(sr), bounds)?,
        };
        self.provision_vm(&vm, bounds)?;
        Ok(vm)
    }

    /// Clones a halted VM or a template, its disks as differences to the original's; the clone of a template is a template.
    ///
    /// # Errors
    ///
    /// [`XapiError`]; after [`OutcomeUnknown`](XapiError::OutcomeUnknown), the clone may be there under its name.
    pub fn clone_vm(
        &self,
        vm: &Ref<Vm>,
        name: &str,
        bounds: Bounds<'_>,
    ) -> Result<Ref<Vm>, XapiError> {
        let operation = Operation {
            call: "VM.clone",
            step: "the clone",
            limit: self.limits().clone,
        };
        self.make(operation, &[vm.into(), name.into()], bounds)
    }

    /// Copies a halted VM or a template, with all its disks, to a storage repository or to where each disk is.
    ///
    /// # Errors
    ///
    /// [`XapiError`]; after [`OutcomeUnknown`](XapiError::OutcomeUnknown), the copy may be there under its name.
    pub fn copy_vm(
        &self,
        vm: &Ref<Vm>,
        name: &str,
        to: Option<&Ref<Sr>>,
        bounds: Bounds<'_>,
    ) -> Result<Ref<Vm>, XapiError> {
        let operation = Operation {
            call: "VM.copy",
            step: "the copy",
            limit: self.limits().copy,
        };
        let to = to.map_or(Value::text(Ref::<Sr>::NULL), Value::from);
        self.make(operation, &[vm.into(), name.into(), to], bounds)
    }

    /// Makes a VM of the clone of a template, with the disks that it asks for.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if it is no template, or a disk cannot be made.
    pub fn provision_vm(&self, vm: &Ref<Vm>, bounds: Bounds<'_>) -> Result<(), XapiError> {
        let operation = Operation {
            call: "VM.provision",
            step: "the provision",
            limit: self.limits().provision,
        };
        self.run(operation, vec![vm.into()], bounds).map(drop)
    }

    /// Takes a snapshot of the disks.
    ///
    /// # Errors
    ///
    /// [`XapiError`]; after [`OutcomeUnknown`](XapiError::OutcomeUnknown), the snapshot may be there under its name.
    pub fn snapshot_vm(
        &self,
        vm: &Ref<Vm>,
        name: &str,
        bounds: Bounds<'_>,
    ) -> Result<Ref<Vm>, XapiError> {
        let operation = Operation {
            call: "VM.snapshot",
            step: "the snapshot",
            limit: self.limits().snapshot,
        };
        self.make(operation, &[vm.into(), name.into()], bounds)
    }

    /// Takes a snapshot of disks and memory of a VM that is on.
    ///
    /// # Errors
    ///
    /// As [`snapshot_vm`](Self::snapshot_vm).
    pub fn checkpoint_vm(
        &self,
        vm: &Ref<Vm>,
        name: &str,
        bounds: Bounds<'_>,
    ) -> Result<Ref<Vm>, XapiError> {
        let operation = Operation {
            call: "VM.checkpoint",
            step: "the checkpoint",
            limit: self.limits().snapshot,
        };
        self.make(operation, &[vm.into(), name.into()], bounds)
    }

    /// Brings a VM back to a snapshot of it; it is halted or suspended then, and may have other disks.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if it is no snapshot, or the return failed half way.
    pub fn revert_vm(&self, snapshot: &Ref<Vm>, bounds: Bounds<'_>) -> Result<(), XapiError> {
        let operation = Operation {
            call: "VM.revert",
            step: "the return to a snapshot",
            limit: self.limits().snapshot,
        };
        self.run(operation, vec![snapshot.into()], bounds).map(drop)
    }

    /// Removes a VM that is halted, and not its disks; one that is gone is removed already.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if it is on, or a template that came with the server.
    pub fn destroy_vm(&self, vm: &Ref<Vm>, bounds: Bounds<'_>) -> Result<(), XapiError> {
        let operation = Operation {
            call: "VM.destroy",
            step: "the removal of the VM",
            limit: self.limits().destroy,
        };
        let bounds = bounds.step(operation.step, operation.limit, &*self.shared.timer);
        let done = self.patiently(&[BUSY], bounds, |bounds| {
            self.run(operation, vec![vm.into()], bounds)
        });
        gone(done).map(drop)
    }

    fn make(
        &self,
        operation: Operation,
        params: &[Value],
        bounds: Bounds<'_>,
    ) -> Result<Ref<Vm>, XapiError> {
        let bounds = bounds.step(operation.step, operation.limit, &*self.shared.timer);
        let made = self.patiently(&[BUSY], bounds, |bounds| {
            self.run(operation, params.to_vec(), bounds)
        })?;
        understand(operation.call, &made, Value::as_ref)
            .map_err(|error| error.unknown(operation.call))
    }
}
