//! Host keys of new guests: that of the template, or one of their own.
//!
//! A key of its own is drawn here and known here before anything of the guest is.
//! The private half goes to the guest through XAPI, whose server has shown who it is, and is taken back from the pool once the guest has shown that it has it.

use super::mark::{self, HOST_KEY};
use super::options::GuestHostKeys;
use super::{Guest, XcpngError, XcpngPool};
use crate::ssh::HostKeyPair;
use crate::xapi::{Bounds, VmRecord};

/// Where a guest finds its private key, as OpenSSH writes it but without frame and line breaks.
///
/// XAPI hands only keys that begin so to a guest.
const DATA: &str = "vm-data/bioxen-host-key";

impl XcpngPool {
    /// Whether new guests have host keys of their own.
    pub(super) fn gives_own_host_keys(&self) -> bool {
        self.options().guest_host_keys == GuestHostKeys::Own
    }

    /// Makes the host key of a new guest known, and gives it one if it shall have its own.
    pub(super) fn provide_host_key(
        &self,
        guest: &Guest,
        record: &VmRecord,
        bounds: Bounds<'_>,
    ) -> Result<(), XcpngError> {
        let (xapi, vm) = (self.xapi(), &guest.reference);
        // The template may be a guest that has not been started, whose key the clone carries.
        if record.data_keys.iter().any(|key| key == DATA) {
            xapi.remove_from_vm_data(vm, DATA, bounds)?;
        }
        if !guest.has_own_host_key {
            return self.know_named_host_keys(guest);
        }
        let pair = HostKeyPair::draw();
        self.shared
            .host_keys
            .add(guest.uuid.as_str(), &pair.public)?;
        if record.other_config.contains_key(HOST_KEY) {
            xapi.remove_from_vm_config(vm, HOST_KEY, bounds)?;
        }
        let word = mark::host_key(&guest.uuid, &pair.public.fingerprint());
        xapi.add_to_vm_config(vm, HOST_KEY, &word, bounds)?;
        Ok(xapi.add_to_vm_data(vm, DATA, &pair.private, bounds)?)
    }

    /// Makes keys known that were named for guests of the template, also since this one was made.
    ///
    /// For a guest with a key of its own they would be a way to pass for it.
    pub(super) fn know_named_host_keys(&self, guest: &Guest) -> Result<(), XcpngError> {
        if !guest.has_own_host_key {
            for key in &self.options().host_keys {
                self.shared.host_keys.add(guest.uuid.as_str(), key)?;
            }
        }
        Ok(())
    }

    /// Takes the private key of a guest back from the pool, once the guest has it: who may read the pool, and snapshots and clones to come, need not have it.
    ///
    /// A failure is told, and the next start does it again.
    pub(super) fn take_back_host_key(&self, guest: &Guest) {
        if !guest.has_own_host_key {
            return;
        }
        let limit = self.xapi().limits().call;
        let bounds = self.step("taking the host key back", limit);
        let taken = self
            .xapi()
            .remove_from_vm_data(&guest.reference, DATA, bounds);
        if let Err(error) = taken {
            tracing::warn!(uuid = %guest.uuid, %error, "the private host key is in the pool");
            self.options().watcher.note(&format!(
                "the private host key of the guest stays in the pool until the next start: {error}"
            ));
        }
    }
}
