//! One thread that watches many VMs.

mod watch;

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use bioxen_core::{Clock, Probe, VmId};

use self::watch::Watch;
use crate::alert::{Alert, AlertPolicy};
use crate::error::{InvalidSetting, MonitorError};
use crate::history::{History, Reading};
use crate::sync::{JoinHandle, Mutex, Receiver, RecvTimeoutError, Sender, bounded, spawn};

/// How to watch.
#[derive(Debug, Clone, PartialEq)]
pub struct MonitorConfig {
    interval: Duration,
    /// Readings that are kept of each VM.
    pub history: NonZeroUsize,
    /// When alerts begin and end.
    pub alerts: AlertPolicy,
    /// Alerts that wait to be received; when there are more, new ones are dropped and counted.
    pub waiting_alerts: NonZeroUsize,
}

impl MonitorConfig {
    /// Shortest time from one reading to the next.
    pub const SHORTEST_INTERVAL: Duration = Duration::from_millis(1);

    /// Readings at this interval, and all else as by default.
    ///
    /// # Errors
    ///
    /// [`InvalidSetting`] if the interval is below 1 ms.
    pub fn every(interval: Duration) -> Result<Self, InvalidSetting> {
        if interval < Self::SHORTEST_INTERVAL {
            return Err(InvalidSetting {
                setting: "monitoring interval",
                found: format!("{interval:?}"),
                allowed: "1 ms or more",
            });
        }
        Ok(Self {
            interval,
            ..Self::default()
        })
    }

    /// Time from one reading to the next.
    pub fn interval(&self) -> Duration {
        self.interval
    }
}

impl Default for MonitorConfig {
    /// Every 30 s, 100 readings, alerts as in [`AlertPolicy::default`], 1,024 waiting alerts.
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(30),
            history: History::DEFAULT_CAPACITY,
            alerts: AlertPolicy::default(),
            waiting_alerts: NonZeroUsize::new(1024).expect("1,024 is not 0"),
        }
    }
}

/// What a monitor did so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Times that all VMs were looked at.
    pub rounds: u64,
    /// Readings taken.
    pub readings: u64,
    /// Looks at VMs that had published nothing, or nothing since the last look at them.
    pub silent: u64,
    /// Probes and callbacks that panicked.
    pub panics: u64,
    /// Alerts that nobody received in time.
    pub dropped_alerts: u64,
}

/// A function that is called with every alert.
type OnAlert = Box<dyn FnMut(&Alert) + Send>;

/// Watches any number of VMs with one thread, through their [`Probe`]s, which never touch a cell.
///
/// Alerts come out of [`Monitor::alerts`], and go to `tracing` as warnings.
/// Dropping the monitor ends its thread and waits for it.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use bioxen_core::testing::ManualClock;
/// use bioxen_resources::{Monitor, MonitorConfig};
///
/// let clock = ManualClock::new();
/// let mut monitor = Monitor::new(MonitorConfig::every(Duration::from_secs(5))?, Arc::new(clock));
/// monitor.start()?;
/// // monitor.watch(vm.probe())?;
/// assert!(monitor.alerts().is_empty());
/// monitor.stop();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "dropping a monitor ends it"]
pub struct Monitor {
    shared: Arc<Shared>,
    alerts: Receiver<Alert>,
    // Declared before the thread: it is dropped first, and that ends the thread.
    control: Option<Sender<Event>>,
    thread: Option<JoinHandle<()>>,
}

/// Why the thread wakes up, other than for its next reading.
enum Event {
    /// Look whether readings are due, and drop the sender when that is done.
    Look(Sender<()>),
    Stop,
}

struct Shared {
    clock: Arc<dyn Clock>,
    watch: Mutex<Watch>,
    on_alert: Mutex<Option<OnAlert>>,
    sender: Sender<Alert>,
}

impl Monitor {
    /// A monitor that watches nothing yet and is not started.
    pub fn new(config: MonitorConfig, clock: Arc<dyn Clock>) -> Self {
        let (sender, alerts) = bounded(config.waiting_alerts.get());
        let watch = Watch::new(config, clock.now());
        Self {
            shared: Arc::new(Shared {
                clock,
                watch: Mutex::new(watch),
                on_alert: Mutex::new(None),
                sender,
            }),
            alerts,
            control: None,
            thread: None,
        }
    }

    /// Calls a function with every alert, on the thread of the monitor, in place of the one that was there.
    ///
    /// It should be quick: readings wait for it, and so does [`stop`](Self::stop). It must not use this monitor. If it panics, that is counted and it is called again next time.
    pub fn on_alert(&mut self, call: impl FnMut(&Alert) + Send + 'static) {
        *self.shared.on_alert.lock() = Some(Box::new(call));
    }

    /// Begins to read; nothing happens if it does so already. The first readings are taken at once.
    ///
    /// # Errors
    ///
    /// [`MonitorError::Thread`] if the system gives no thread.
    pub fn start(&mut self) -> Result<(), MonitorError> {
        if self.is_running() {
            return Ok(());
        }
        // A thread that has ended by a panic is counted and makes room.
        self.stop();
        let (control, events) = bounded(16);
        let shared = Arc::clone(&self.shared);
        shared.watch.lock().begin(shared.clock.now());
        let thread =
            spawn("bioxen-monitor", move || shared.run(&events)).map_err(MonitorError::Thread)?;
        self.control = Some(control);
        self.thread = Some(thread);
        Ok(())
    }

    /// Ends reading and waits for the thread; nothing happens if it was not started. Histories are kept, and it can be
    /// started again.
    pub fn stop(&mut self) {
        if let Some(control) = self.control.take() {
            // A full queue is emptied by the thread, which then sees that nobody holds the other end.
            drop(control.try_send(Event::Stop));
        }
        let thread = self.thread.take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            self.shared.watch.lock().counters.panics += 1;
        }
    }

    /// Whether it reads.
    pub fn is_running(&self) -> bool {
        self.thread
            .as_ref()
            .is_some_and(|thread| !thread.is_finished())
    }

    /// Watches a VM from the next round on.
    ///
    /// # Errors
    ///
    /// [`MonitorError::Watched`] if a VM of that name is watched already.
    pub fn watch(&self, probe: Arc<dyn Probe>) -> Result<(), MonitorError> {
        self.shared.watch.lock().add(probe)
    }

    /// Watches a VM no longer and gives back what was read.
    ///
    /// # Errors
    ///
    /// [`MonitorError::NotWatched`] if there is no VM of that name.
    pub fn unwatch(&self, vm: &VmId) -> Result<Vec<Reading>, MonitorError> {
        self.shared.watch.lock().remove(vm)
    }

    /// VMs that are watched, by name.
    pub fn watched(&self) -> Vec<VmId> {
        self.shared.watch.lock().names()
    }

    /// The last readings of a VM, the oldest first.
    ///
    /// # Errors
    ///
    /// [`MonitorError::NotWatched`] if there is no VM of that name.
    pub fn history(&self, vm: &VmId) -> Result<Vec<Reading>, MonitorError> {
        self.shared.watch.lock().history(vm)
    }

    /// Where alerts come out. They wait there, and [`Counters::dropped_alerts`] counts those for which there was no room.
    #[cfg_attr(
        shuttle,
        expect(private_interfaces, reason = "only the real one is public")
    )]
    pub fn alerts(&self) -> &Receiver<Alert> {
        &self.alerts
    }

    /// What it did so far.
    pub fn counters(&self) -> Counters {
        self.shared.watch.lock().counters
    }

    /// Waits until readings that are due by the clock are taken, for those who move a clock by hand.
    ///
    /// Nothing happens when it is not running.
    pub fn settle(&self) {
        let Some(control) = &self.control else { return };
        let (done, wait) = bounded(0);
        if control.send(Event::Look(done)).is_ok() {
            // Nothing is ever sent: an error, that the thread has dropped the other end, is the answer.
            let _ = wait.recv();
        }
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        self.stop();
    }
}

impl fmt::Debug for Monitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Monitor")
            .field("running", &self.is_running())
            .field("counters", &self.counters())
            .finish_non_exhaustive()
    }
}

impl Shared {
    fn run(&self, events: &Receiver<Event>) {
        loop {
            self.look();
            let wait = self.watch.lock().wait(self.clock.now());
            match events.recv_timeout(wait) {
                Ok(Event::Look(done)) => {
                    self.look();
                    drop(done);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Ok(Event::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Takes readings if they are due. Alerts are sent and told without a lock, so that whoever hears of one may ask.
    fn look(&self) {
        let alerts = self.watch.lock().look(self.clock.now());
        for alert in alerts {
            tracing::warn!(vm = %alert.vm, kind = %alert.kind, change = ?alert.change, value = alert.value, "{alert}");
            let called = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                if let Some(call) = self.on_alert.lock().as_mut() {
                    call(&alert);
                }
            }));
            let dropped = self.sender.try_send(alert).is_err();
            let counters = &mut self.watch.lock().counters;
            counters.panics += u64::from(called.is_err());
            counters.dropped_alerts += u64::from(dropped);
        }
    }
}

#[cfg(all(test, shuttle))]
mod models;
#[cfg(all(test, not(shuttle)))]
mod tests;
