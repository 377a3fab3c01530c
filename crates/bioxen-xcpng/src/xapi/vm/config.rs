//! Settings of VMs.

use crate::error::XapiError;
use crate::value::{Ref, Value, Vm};
use crate::xapi::Xapi;
use crate::xapi::call::Bounds;

/// Limits of a VM's memory, bytes; each must not be above the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MemoryLimits {
    /// The least it may ever have.
    pub static_min: i64,
    /// The least it may have as it is.
    pub dynamic_min: i64,
    /// The most it may have as it is.
    pub dynamic_max: i64,
    /// The most it may ever have.
    pub static_max: i64,
}

impl Xapi {
    /// Sets the name for people.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if the server refuses.
    pub fn set_vm_name(
        &self,
        vm: &Ref<Vm>,
        name: &str,
        bounds: Bounds<'_>,
    ) -> Result<(), XapiError> {
        self.tell("VM.set_name_label", vec![vm.into(), name.into()], bounds)
    }

    /// Sets what people say of it.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if the server refuses.
    pub fn set_vm_description(
        &self,
        vm: &Ref<Vm>,
        description: &str,
        bounds: Bounds<'_>,
    ) -> Result<(), XapiError> {
        let params = vec![vm.into(), description.into()];
        self.tell("VM.set_name_description", params, bounds)
    }

    /// Keeps a word with a VM under a new key; if it is kept there already, that is fine.
    ///
    /// # Errors
    ///
    /// [`XapiError`], a failure `MAP_DUPLICATE_KEY` if another word is there.
    pub fn add_to_vm_config(
        &self,
        vm: &Ref<Vm>,
        key: &str,
        word: &str,
        bounds: Bounds<'_>,
    ) -> Result<(), XapiError> {
        self.add_once("VM", "other_config", vm.into(), key, word.into(), bounds)
    }

    /// Removes a key; an absent one is removed already.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if the server refuses.
    pub fn remove_from_vm_config(
        &self,
        vm: &Ref<Vm>,
        key: &str,
        bounds: Bounds<'_>,
    ) -> Result<(), XapiError> {
        let params = vec![vm.into(), key.into()];
        self.tell("VM.remove_from_other_config", params, bounds)
    }

    /// Gives a VM a tag; clones get it too.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if the server refuses.
    pub fn add_vm_tag(&self, vm: &Ref<Vm>, tag: &str, bounds: Bounds<'_>) -> Result<(), XapiError> {
        self.tell("VM.add_tags", vec![vm.into(), tag.into()], bounds)
    }

    /// Sets all limits of memory but the least one to the same number of bytes; the VM must be halted.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if the server refuses.
    pub fn set_vm_memory(
        &self,
        vm: &Ref<Vm>,
        bytes: i64,
        bounds: Bounds<'_>,
    ) -> Result<(), XapiError> {
        let params = vec![vm.into(), Value::int(bytes)];
        self.tell("VM.set_memory", params, bounds)
    }

    /// Sets the limits of memory; the VM must be halted.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if they are in another order, or differ where the pool allows no difference.
    pub fn set_vm_memory_limits(
        &self,
        vm: &Ref<Vm>,
        limits: MemoryLimits,
        bounds: Bounds<'_>,
    ) -> Result<(), XapiError> {
        // The call has the two static ones first.
        let params = vec![
            vm.into(),
            Value::int(limits.static_min),
            Value::int(limits.static_max),
            Value::int(limits.dynamic_min),
            Value::int(limits.dynamic_max),
        ];
        self.tell("VM.set_memory_limits", params, bounds)
    }

    /// Sets the number of virtual CPUs, at the start and at most; the VM must be halted.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if the server refuses.
    pub fn set_vm_vcpus(
        &self,
        vm: &Ref<Vm>,
        count: u32,
        bounds: Bounds<'_>,
    ) -> Result<(), XapiError> {
        let most = self.ask("VM.get_VCPUs_max", vec![vm.into()], bounds, Value::as_int)?;
        let count = i64::from(count);
        // At no moment may there be more at the start than at most.
        let steps = match count > most {
            true => ["VM.set_VCPUs_max", "VM.set_VCPUs_at_startup"],
            false => ["VM.set_VCPUs_at_startup", "VM.set_VCPUs_max"],
        };
        for step in steps {
            self.tell(step, vec![vm.into(), Value::int(count)], bounds)?;
        }
        Ok(())
    }

    /// Adds a key to a map that is kept with an object; the first of two tries may have done it.
    pub(in crate::xapi) fn add_once(
        &self,
        class: &str,
        map: &str,
        object: Value,
        key: &str,
        word: Value,
        bounds: Bounds<'_>,
    ) -> Result<(), XapiError> {
        let params = vec![object.clone(), key.into(), word.clone()];
        let added = self.tell(&format!("{class}.add_to_{map}"), params, bounds);
        match added {
            Err(error) if error.is("MAP_DUPLICATE_KEY") => {
                let method = format!("{class}.get_{map}");
                let kept = self.ask(&method, vec![object], bounds, |map| {
                    map.as_map(|item| Ok(item.as_text()? == word.as_text()?))
                })?;
                match kept.get(key) {
                    Some(true) => Ok(()),
                    _ => Err(error),
                }
            }
            added => added,
        }
    }
}
