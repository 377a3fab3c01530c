//! How a process moves the cell that it was lent, and stands still with its VM.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bioxen_core::{CancelToken, Clock, SimTime, VmState};
use parking_lot::{Mutex, MutexGuard};

use super::Host;
use crate::cell::Cell;
use crate::guest::{Readings, SharedInfo};
use crate::scheduler::VmKey;
use crate::trajectory::Recorder;

/// Longest time for which a process that stands still does not look at its token, which wakes nobody.
const LOOK: Duration = Duration::from_millis(50);

/// Ties a process to the VM whose cell it has.
#[derive(Debug)]
pub(crate) struct Tether {
    host: Arc<Host>,
    key: VmKey,
    info: Arc<SharedInfo>,
    cancel: CancelToken,
    clock: Arc<ProcessClock>,
    recorder: Mutex<Option<Recorder>>,
}

impl Tether {
    pub(crate) fn new(
        host: &Arc<Host>,
        key: VmKey,
        info: &Arc<SharedInfo>,
        cancel: &CancelToken,
        recorder: Option<Recorder>,
    ) -> Self {
        Self {
            host: Arc::clone(host),
            key,
            info: Arc::clone(info),
            cancel: cancel.clone(),
            clock: Arc::new(ProcessClock {
                clock: Arc::clone(&host.clock),
                stood: Mutex::default(),
            }),
            recorder: Mutex::new(recorder),
        }
    }

    /// The clock for the wall limit of the process.
    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock) as Arc<dyn Clock>
    }

    /// Hands back who records the cell.
    pub(crate) fn take_recorder(&self) -> Option<Recorder> {
        self.recorder.lock().take()
    }

    /// Begins a run of coupling steps.
    pub(crate) fn passage(&self, cell: &Cell) -> Passage<'_> {
        Passage {
            tether: self,
            begin: cell.time(),
            _moving: self.info.moving.lock(),
        }
    }

    /// Waits until simulated time passes again, or until the process is to end.
    pub(crate) fn wait(&self, cell: &Cell) {
        let readings = Readings::of(cell);
        let begin = self.host.clock.now();
        let mut floor = self.host.lock();
        floor.machine.stand(self.key, readings);
        self.host.tell_callers(&mut floor);
        // Whoever stops or destroys the VM cancels the process.
        while floor.machine.state(self.key) == VmState::Paused && !self.cancel.is_cancelled() {
            self.info.news.wait_for(&mut floor, LOOK);
        }
        drop(floor);
        *self.clock.stood.lock() += self.host.clock.now().saturating_sub(begin);
    }
}

/// A run of coupling steps; who pauses the VM waits for its end.
pub(crate) struct Passage<'a> {
    tether: &'a Tether,
    begin: SimTime,
    _moving: MutexGuard<'a, ()>,
}

impl Passage<'_> {
    /// Whether the cell may make a step; it is then under the quota that was asked for last.
    pub(crate) fn admits(&self, cell: &mut Cell) -> bool {
        let info = &self.tether.info;
        if info.frozen.load(Ordering::Acquire) {
            return false;
        }
        info.settle_quota(cell);
        true
    }

    /// Records the cell after a step.
    pub(crate) fn observe(&self, cell: &Cell) {
        if let Some(recorder) = &mut *self.tether.recorder.lock() {
            recorder.observe(cell);
        }
    }

    /// Publishes how the cell is, and lets who waits for it go on.
    pub(crate) fn end(self, cell: &Cell) {
        let info = &self.tether.info;
        info.publish(Readings::glance(cell, self.begin, info));
    }
}

/// The clock of a process: it stands while the process waits for its VM to be resumed.
#[derive(Debug)]
struct ProcessClock {
    clock: Arc<dyn Clock>,
    stood: Mutex<Duration>,
}

impl Clock for ProcessClock {
    fn now(&self) -> Duration {
        self.clock.now().saturating_sub(*self.stood.lock())
    }
}
