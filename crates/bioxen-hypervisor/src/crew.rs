//! The threads that compute, and how callers wait for them.

use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use bioxen_core::{CancelToken, Clock, VmError, VmState};
use parking_lot::{Condvar, Mutex, MutexGuard};

use crate::cell::{Cell, CellModel};
use crate::config::HypervisorConfig;
use crate::error::HypervisorError;
use crate::guest::{Guest, Readings, SharedInfo, guarded};
use crate::machine::{Course, Machine, Return, Seat};
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
    pub(crate) syn3a: OnceLock<Arc<CellModel>>,
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
                syn3a: OnceLock::new(),
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
            floor.machine.ring(self.clock.now());
            if floor.machine.is_quiet() {
                return;
            }
            self.tell(&mut floor);
            self.quiet.wait(&mut floor);
        }
    }

    /// Calls a function with the cell of a VM on this thread, after its running slice.
    ///
    /// A panic of the function is an error of the VM.
    pub(crate) fn with_guest<R>(
        &self,
        key: VmKey,
        info: &SharedInfo,
        loan: Loan,
        call: impl FnOnce(&mut Guest) -> R,
    ) -> Result<R, VmError> {
        self.lend_guest(key, info, loan, |mut guest| {
            let result = call(&mut guest);
            (guest, result)
        })
    }

    /// As [`Host::with_guest`], for a function that needs the guest for its own and gives it back.
    pub(crate) fn lend_guest<R>(
        &self,
        key: VmKey,
        info: &SharedInfo,
        loan: Loan,
        call: impl FnOnce(Guest) -> (Guest, R),
    ) -> Result<R, VmError> {
        let mut guest = self.borrow(key, info, loan)?;
        let outcome = guarded(move || {
            // What was asked since the last slice holds from the next step on.
            if let Some(quota) = info.asked.lock().take() {
                guest.cell.set_quota(quota);
            }
            let (mut guest, result) = call(guest);
            if let Some(recorder) = &mut guest.recorder {
                recorder.observe(&guest.cell);
            }
            let readings = Readings::of(&guest.cell);
            (result, guest, readings)
        });
        let (returned, result) = match outcome {
            Ok((result, guest, readings)) => (
                Return::Guest {
                    guest,
                    readings: Box::new(readings),
                    course: Course::Ahead,
                },
                Ok(result),
            ),
            Err(message) => (
                Return::Panicked {
                    message: message.clone(),
                },
                Err(VmError::WorkerPanicked {
                    id: info.id.clone(),
                    message,
                }),
            ),
        };
        let left_over = self.with_machine(|machine, now| machine.check_in(key, returned, now));
        drop(left_over);
        result
    }

    fn borrow(&self, key: VmKey, info: &SharedInfo, loan: Loan) -> Result<Guest, VmError> {
        let mut floor = self.floor.lock();
        let claimed = floor.machine.claim(key, self.clock.now());
        let borrowed = loop {
            if let Some(slot) = floor.machine.slot(key)
                && let Seat::Lost { message } = &slot.seat
            {
                break Err(panicked(info, message));
            }
            if let Some(operation) = loan.while_running {
                let state = floor.machine.state(key);
                if state != VmState::Running {
                    let id = info.id.clone();
                    break Err(VmError::NotRunning {
                        id,
                        state,
                        operation,
                    });
                }
            }
            if floor.machine.slot(key).is_none() {
                let id = info.id.clone();
                break Err(VmError::NotFound { id });
            }
            if let Some(guest) = floor.machine.lend(key, loan.process.clone()) {
                break Ok(guest);
            }
            info.news.wait(&mut floor);
        };
        if claimed {
            floor.machine.unclaim(key, self.clock.now());
            self.tell(&mut floor);
        }
        borrowed
    }

    /// Puts another cell into a VM, after its running slice; what it answers is the old one.
    pub(crate) fn replace(
        &self,
        key: VmKey,
        info: &SharedInfo,
        cell: Cell,
        readings: Readings,
    ) -> Result<Option<Guest>, VmError> {
        let guest = Guest::new(cell);
        let mut floor = self.floor.lock();
        floor.machine.claim(key, self.clock.now());
        while let Some(slot) = floor.machine.slot(key)
            && matches!(slot.seat, Seat::Out(_))
        {
            info.news.wait(&mut floor);
        }
        let now = self.clock.now();
        let machine = &mut floor.machine;
        machine.unclaim(key, now);
        let granted = machine
            .slot_and_capacity(key)
            .ok_or_else(|| VmError::NotFound {
                id: info.id.clone(),
            })
            .and_then(|(slot, capacity)| {
                let total = readings.usage.ribosomes_total;
                let held = Some(&slot.reservation);
                let grant = capacity.grant(info.organism, readings.quota, total, held)?;
                capacity.change(&mut slot.reservation, grant.claim)
            });
        let old = granted.map(|()| machine.replace(key, guest, readings, now));
        self.tell(&mut floor);
        old
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

/// For what the cell of a VM is lent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Loan {
    /// Refused with these words unless the VM is running.
    pub(crate) while_running: Option<&'static str>,
    /// Ends what the caller does with the cell.
    pub(crate) process: Option<CancelToken>,
}

/// The error of a VM whose simulation panicked.
pub(crate) fn panicked(info: &SharedInfo, message: &str) -> VmError {
    VmError::WorkerPanicked {
        id: info.id.clone(),
        message: message.to_owned(),
    }
}
