//! What a daemon holds of a VM beside the VM itself.

use bioxen_core::{CancelToken, InstalledPackage, SimTime};
use parking_lot::Mutex;

use super::Client;

/// The locks of a VM.
#[derive(Debug, Default)]
pub(super) struct Slot {
    /// Held by what changes the cell: one such thing at a time.
    pub(super) work: Mutex<()>,
    /// Held by what changes the state of the VM. It is another lock, since a VM can be paused while a process runs on it.
    pub(super) life: Mutex<()>,
    /// Held from the taking of an image until it is kept, so that an older image never follows a newer one.
    pub(super) images: Mutex<Kept>,
    /// What ends the work on the cell that is under way.
    under_way: Mutex<Option<CancelToken>>,
    /// The connection that set the VM going, as long as nobody else has had a hand in its life.
    pub(super) set_going_by: Mutex<Option<Client>>,
}

/// What is known of the image that the VM goes on from.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// Of what moment it is, `None` if it was read from the disk.
    pub(super) sim_time: Option<SimTime>,
    /// The packages in it: those that the VM has, unless they are changed at this moment.
    pub(super) packages: Vec<InstalledPackage>,
}

impl Slot {
    /// While this runs, the token ends it.
    pub(super) fn during<R>(&self, cancel: &CancelToken, call: impl FnOnce() -> R) -> R {
        *self.under_way.lock() = Some(cancel.clone());
        let result = call();
        *self.under_way.lock() = None;
        result
    }

    /// Ends the work that is under way, if any is.
    pub(super) fn cancel(&self) {
        if let Some(token) = &*self.under_way.lock() {
            token.cancel();
        }
    }
}
