//! A guest is switched off.

use bioxen_core::CancelToken;

use super::{Guest, XcpngError, XcpngPool};
use crate::xapi::PowerState;

impl XcpngPool {
    /// Shuts a guest down, by its own means if it does that in time, hard if not; one that is off is done.
    pub(crate) fn shut_down(&self, guest: &Guest) -> Result<(), XcpngError> {
        let limits = self.xapi().limits();
        let bounds = self.step("the shutdown", limits.stop * 2);
        match self.xapi().vm_status(&guest.reference, bounds)? {
            PowerState::Halted => Ok(()),
            PowerState::Running => Ok(self.xapi().shutdown_vm(&guest.reference, bounds)?),
            PowerState::Paused | PowerState::Suspended => {
                Ok(self.xapi().hard_shutdown_vm(&guest.reference, bounds)?)
            }
        }
    }

    /// Switches a guest off whose start failed, also if that was called off.
    pub(crate) fn switch_off(&self, guest: &Guest) -> Result<(), XcpngError> {
        let token = CancelToken::new();
        let bounds = self.bounds("switching the guest off", self.xapi().limits().stop, &token);
        Ok(self.xapi().hard_shutdown_vm(&guest.reference, bounds)?)
    }

    /// Removes a guest whose first start failed, also if that was called off.
    pub(crate) fn undo_create(&self, guest: &Guest) -> Result<(), XcpngError> {
        let token = CancelToken::new();
        self.destroy_within(guest, &token)
    }
}
