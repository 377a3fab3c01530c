//! What is handed to the guest of a VM.

use bioxen_core::Secret;

use crate::error::XapiError;
use crate::value::{Ref, Value, Vm};
use crate::xapi::Xapi;
use crate::xapi::call::Bounds;

impl Xapi {
    /// Hands a secret word to the guest of a VM under a new key, which must begin with `vm-data/`; if it is there already, that is fine.
    ///
    /// The guest reads it in its xenstore under the same key, from its next start on.
    ///
    /// # Errors
    ///
    /// [`XapiError`], a failure `MAP_DUPLICATE_KEY` if another word is there.
    pub fn add_to_vm_data(
        &self,
        vm: &Ref<Vm>,
        key: &str,
        word: &Secret,
        bounds: Bounds<'_>,
    ) -> Result<(), XapiError> {
        let word = Value::Hidden(word.clone());
        self.add_once("VM", "xenstore_data", vm.into(), key, word, bounds)
    }

    /// Takes a key back, from the guest too if it runs; an absent one is taken back already.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if the server refuses.
    pub fn remove_from_vm_data(
        &self,
        vm: &Ref<Vm>,
        key: &str,
        bounds: Bounds<'_>,
    ) -> Result<(), XapiError> {
        let params = vec![vm.into(), key.into()];
        self.tell("VM.remove_from_xenstore_data", params, bounds)
    }
}
