//! What calls off the request that a channel waits for.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::connection::Signals;
use crate::frame::OpId;

/// Calls off the request that a [`ClientChannel`](crate::ClientChannel) waits for, from another thread or from within what it reads from; clones are for the same requests.
///
/// ```no_run
/// use bioxen_agent::{Client, ClientChannel, RemoteHypervisor, UnderWay, draw_op};
///
/// fn hypervisor(client: Client) -> (RemoteHypervisor, UnderWay) {
///     let under_way = UnderWay::default();
///     let channel = ClientChannel::new(client, draw_op).known_to(&under_way);
///     (RemoteHypervisor::new(channel), under_way)
/// }
/// ```
#[derive(Clone, Debug, Default)]
pub struct UnderWay(Arc<Mutex<Option<(Signals, OpId)>>>);

impl UnderWay {
    /// Says to the agent that the answer is no longer wanted; the call still waits for the answer, which says how it ended.
    ///
    /// Without a request under way it does nothing.
    /// That the agent has not begun yet is possible: say it until it has ended.
    pub fn cancel(&self) {
        let under_way = self.0.lock().clone();
        if let Some((signals, op)) = under_way {
            // Who waits for the answer learns that the connection is broken.
            let _ = signals.cancel(op);
        }
    }

    /// Takes note of a request, until what is given back is dropped.
    pub(super) fn begin(&self, signals: Signals, op: OpId) -> Noted<'_> {
        *self.0.lock() = Some((signals, op));
        Noted(self)
    }
}

/// A request that is under way.
#[must_use]
pub(super) struct Noted<'a>(&'a UnderWay);

impl Drop for Noted<'_> {
    fn drop(&mut self) {
        *self.0.0.lock() = None;
    }
}
