//! The threads that compute, and how callers wait for them.

mod lending;
mod tether;

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use bioxen_core::Clock;
use parking_lot::{Condvar, Mutex, MutexGuard};

pub(crate) use self::lending::{Loan, panicked};
pub(crate) use self::tether::Tether;

use crate::config::HypervisorConfig;
use crate::error::HypervisorError;
use crate::guest::Guest;
use crate::handle::Models;
use crate::machine::{Machine, Return};
use crate::scheduler::VmKey;

/// Longest time for which a worker waits for an alarm without looking at the clock.
const WATCH: Duration = Duration::from_secs(60);

/// The workers of a hypervisor. Dropping it stops and joins them.
#[derive(Debug)]
pub(crate) struct Crew {
    pub(crate) host: Arc<Host>,
    workers: Vec<JoinHandle<()>>,
}

/// What workers and callers share.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) config: HypervisorConfig,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) models: Models,
    floor: Mutex<Floor>,
    /// Tells a worker that there may be something to do.
    work: Condvar,
    /// Tells callers that nothing is moved anymore.
    quiet: Condvar,
    /// Tells callers that a batch may be over.
    pub(crate) batch: Condvar,
}

/// What the one lock guards. It is never held while a cell is computed.
#[derive(Debug)]
pub(crate) struct Floor {
    pub(crate) machine: Machine,
    /// The workers are to end.
    closing: bool,
    /// The alarm for which some worker waits; the others wait until they are told.
    watched: Option<Duration>,
}

impl Floor {
    /// Whether a worker that has nothing to do would find something, or an alarm that nobody waits for.
    fn wants_worker(&self) -> bool {
        self.machine.has_ready() || self.unwatched_alarm().is_some()
    }

    fn unwatched_alarm(&self) -> Option<Duration> {
        let at = self.machine.next_alarm()?;
        self.watched
            .is_none_or(|watched| at < watched)
            .then_some(at)
    }
}

impl Crew {
    /// Starts the workers.
    pub(crate) fn start(
        config: HypervisorConfig,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, HypervisorError> {
        let number = config.workers;
        let mut crew = Self {
            host: Arc::new(Host {
                floor: Mutex::new(Floor {
                    machine: Machine::new(&config),
                    closing: false,
                    watched: None,
                }),
                config,
                clock,
                models: Models::default(),
                work: Condvar::new(),
                quiet: Condvar::new(),
                batch: Condvar::new(),
            }),
            workers: Vec::new(),
        };
        for number in 1..=number {
            // If this fails, dropping the crew joins those that were started.
            let worker = spawn(Arc::clone(&crew.host), number)
                .map_err(|source| HypervisorError::WorkerNotStarted { number, source })?;
            crew.workers.push(worker);
        }
        Ok(crew)
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.host.floor.lock().closing = true;
        self.host.work.notify_all();
        for worker in self.workers.drain(..) {
            // The last handle may be dropped by a worker, for instance with the payload of a panic: it ends by itself.
            if worker.thread().id() != thread::current().id() {
                // A worker answers panics of cells itself; one of its own has been printed.
                let _ = worker.join();
            }
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "owned by the crew, which stops and joins it"
)]
fn spawn(host: Arc<Host>, number: usize) -> std::io::Result<JoinHandle<()>> {
    thread::Builder::new()
        .name(format!("bioxen-worker-{number}"))
        .spawn(move || host.work())
}

impl Host {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Floor> {
        self.floor.lock()
    }

    /// Changes the table of VMs, and tells a worker if there is something to do then.
    pub(crate) fn with_machine<R>(&self, change: impl FnOnce(&mut Machine, Duration) -> R) -> R {
        let mut floor = self.floor.lock();
        let now = self.clock.now();
        let result = change(&mut floor.machine, now);
        self.tell(&mut floor);
        let discarded = floor.machine.take_discarded();
        drop(floor);
        drop(discarded);
        result
    }

    /// Tells a worker if there is something to do, and callers what they may wait for.
    fn tell(&self, floor: &mut Floor) {
        if floor.wants_worker() {
            self.work.notify_one();
        }
        self.tell_callers(floor);
    }

    fn tell_callers(&self, floor: &mut Floor) {
        if floor.machine.is_quiet() {
            self.quiet.notify_all();
        }
        if floor.machine.take_batch_news() {
            self.batch.notify_all();
        }
    }

    /// Makes workers look at the clock.
    pub(crate) fn wake(&self) {
        let mut floor = self.floor.lock();
        floor.machine.ring(self.clock.now());
        self.tell(&mut floor);
    }

    /// Waits until nothing is moved and nothing has to be.
    pub(crate) fn settle(&self) {
        let mut floor = self.floor.lock();
        loop {
            let now = self.clock.now();
            floor.machine.ring(now);
            if floor.machine.is_quiet() && !floor.machine.is_owed(now) {
                return;
            }
            // Callers who settle too are not told: they would wake each other for as long as a cell is lent.
            if floor.wants_worker() {
                self.work.notify_one();
            }
            self.quiet.wait(&mut floor);
        }
    }

    /// The life of a worker.
    fn work(&self) {
        let mut floor = self.floor.lock();
        while !floor.closing {
            // Read under the lock: a clock that is moved after this, `wake` announces after this.
            let now = self.clock.now();
            if let Some(turn) = floor.machine.check_out(now) {
                if floor.wants_worker() {
                    self.work.notify_one();
                }
                MutexGuard::unlocked(&mut floor, || {
                    let (key, returned) = turn.run();
                    drop(self.check_in(key, returned));
                });
                continue;
            }
            match floor.unwatched_alarm() {
                Some(at) => {
                    floor.watched = Some(at);
                    let wait = at.saturating_sub(now).min(WATCH);
                    self.work.wait_for(&mut floor, wait);
                    // Unless another worker waits for an earlier one by now.
                    if floor.watched == Some(at) {
                        floor.watched = None;
                    }
                }
                None => self.work.wait(&mut floor),
            }
        }
    }

    fn check_in(&self, key: VmKey, returned: Return) -> Option<Guest> {
        let mut floor = self.floor.lock();
        let left_over = floor.machine.check_in(key, returned, self.clock.now());
        self.tell_callers(&mut floor);
        left_over
    }
}
