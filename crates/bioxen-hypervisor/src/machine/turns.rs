//! Checking cells out and in.

use std::sync::Arc;
use std::time::Duration;

use bioxen_core::{SimTime, VmEvent, VmState};

use super::{Holder, Machine, Seat};
use crate::cell::COUPLING_STEP;
use crate::guest::{Guest, Readings, SharedInfo, guarded};
use crate::scheduler::VmKey;

/// Times that callers get the cell of a VM that is due before it has its turn.
pub(super) const MOST_PASSED_OVER: u32 = 4;

/// A cell that is checked out for one slice, and how far it is to be moved.
#[derive(Debug)]
pub(crate) struct Turn {
    key: VmKey,
    guest: Guest,
    info: Arc<SharedInfo>,
    until: SimTime,
    generation: Option<u32>,
    /// Whether nothing more is due after it, as far as is known.
    last: bool,
}

impl Turn {
    /// Moves the cell; no lock is held meanwhile.
    pub(crate) fn run(self) -> (VmKey, Return) {
        let Self {
            key,
            mut guest,
            info,
            until,
            generation,
            last,
        } = self;
        let returned = guarded(move || {
            let begin = guest.cell.time();
            guest.run(&info, until, generation);
            let readings = match last {
                true => Readings::of(&guest.cell),
                false => Readings::glance(&guest.cell, begin, &info),
            };
            (guest, readings)
        });
        let returned = match returned {
            Ok((guest, readings)) => Return::Guest {
                guest,
                readings: Box::new(readings),
                course: Course::Turn,
            },
            Err(message) => Return::Panicked { message },
        };
        (key, returned)
    }
}

/// What comes back of a cell that was checked out.
#[derive(Debug)]
pub(crate) enum Return {
    /// The cell, and what was read of it.
    Guest {
        guest: Guest,
        readings: Box<Readings>,
        course: Course,
    },
    /// Nothing: the simulation panicked.
    Panicked { message: String },
}

/// How a cell that comes back relates to the one that was checked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Course {
    /// It had its turn.
    Turn,
    /// Its caller may have run it ahead, which leaves it as late or as punctual as it was.
    Ahead,
    /// It is another one.
    Replaced,
}

impl Machine {
    /// Checks out the next cell that has to be moved.
    pub(crate) fn check_out(&mut self, now: Duration) -> Option<Turn> {
        self.scheduler.ring(now);
        let key = self.scheduler.take()?;
        let turn = self.turn(key, now);
        Some(turn.expect("who is queued has its cell, and who leaves the table leaves the queue"))
    }

    /// The turn of a VM that was passed over too often, for the caller who gave its cell back under the same lock.
    ///
    /// Callers come before the queue, so that none of them waits for another VM. Who comes again and again would
    /// otherwise keep the VM from ever getting its turn.
    pub(crate) fn overdue(&mut self, key: VmKey, now: Duration) -> Option<Turn> {
        let slot = self.slots.get(&key)?;
        let here = matches!(slot.seat, Seat::In(_));
        if !here || slot.passed_over < MOST_PASSED_OVER || !slot.is_due(now) {
            return None;
        }
        self.scheduler.give(key);
        self.turn(key, now)
    }

    /// Checks out a cell for a turn of which the scheduler knows.
    fn turn(&mut self, key: VmKey, now: Duration) -> Option<Turn> {
        let slot = self.slots.get_mut(&key)?;
        let guest = slot.take(Holder::Worker)?;
        self.working += 1;
        slot.passed_over = 0;
        let horizon = slot.horizon(now);
        let slice_end = slot.time.saturating_add(self.slice);
        // An alarm rings for one step, even where rounding has it that the step is not quite due.
        let one_step = slot.time.saturating_add(COUPLING_STEP);
        Some(Turn {
            key,
            guest,
            info: Arc::clone(&slot.info),
            until: horizon.min(slice_end).max(one_step),
            last: horizon <= slice_end,
            generation: slot
                .enrolment
                .as_ref()
                .and_then(|enrolment| enrolment.goal.generations()),
        })
    }

    /// Takes back what was checked out. What it answers is to be dropped without the lock.
    #[must_use = "a cell is large: drop it without the lock"]
    pub(crate) fn check_in(
        &mut self,
        key: VmKey,
        returned: Return,
        now: Duration,
    ) -> Option<Guest> {
        let Some(slot) = self.slots.get_mut(&key) else {
            // It was destroyed in the meantime.
            return match returned {
                Return::Guest { guest, .. } => Some(guest),
                Return::Panicked { .. } => None,
            };
        };
        if matches!(slot.seat, Seat::Out(Holder::Worker)) {
            self.working -= 1;
        }
        match returned {
            Return::Guest {
                mut guest,
                mut readings,
                course,
            } => {
                if let Some(quota) = slot.info.asked.lock().take() {
                    guest.cell.set_quota(quota);
                    readings.adopt(slot.info.organism, quota);
                }
                let time = guest.cell.time();
                let moved = time.since(slot.time).unwrap_or_default();
                slot.time = time;
                slot.seat = Seat::In(guest);
                match course {
                    Course::Turn => self.scheduler.charge(key, moved),
                    Course::Ahead => slot.pace.run_ahead(moved),
                    Course::Replaced => {
                        slot.pace.rebase(time, now);
                        slot.epoch += 1;
                    }
                }
                self.batches.moved(slot, &readings, moved);
                *slot.info.readings.lock() = *readings;
            }
            Return::Panicked { message } => {
                slot.seat = Seat::Lost { message };
                if let Ok(state) = slot.state.apply(VmEvent::Fail) {
                    slot.state = state;
                }
                slot.pace.freeze(now);
                slot.epoch += 1;
            }
        }
        slot.info.news.notify_all();
        self.refresh(key, now);
        None
    }

    /// Takes note of a cell that stands still with its VM, while the process that moves it waits.
    pub(crate) fn stand(&mut self, key: VmKey, readings: Readings) {
        let Some(slot) = self.slots.get_mut(&key) else {
            return;
        };
        let (VmState::Paused, Seat::Out(Holder::Caller(Some(process)))) =
            (slot.state, &mut slot.seat)
        else {
            return;
        };
        process.stands = true;
        let moved = readings.time().since(slot.time).unwrap_or_default();
        slot.time = readings.time();
        slot.pace.run_ahead(moved);
        self.batches.moved(slot, &readings, moved);
        self.batches.settle(key, slot);
        slot.info.publish(readings);
    }

    /// Puts a VM where it belongs: in the queue, on an alarm, or nowhere.
    pub(super) fn refresh(&mut self, key: VmKey, now: Duration) {
        let Some(slot) = self.slots.get_mut(&key) else {
            return;
        };
        self.batches.settle(key, slot);
        let next_step = slot.time.saturating_add(COUPLING_STEP);
        match (slot.state, &slot.seat) {
            (VmState::Running, Seat::In(_)) if slot.claims == 0 => {
                if slot.is_due(now) {
                    self.scheduler.ready(key);
                } else if let Some(at) = slot.pace.alarm(next_step) {
                    self.scheduler.alarm(key, at);
                } else {
                    self.scheduler.idle(key);
                }
            }
            (VmState::Running, Seat::In(_) | Seat::Out(_) | Seat::Lost { .. }) => {
                self.leave_queue(key);
            }
            (
                VmState::Created
                | VmState::Paused
                | VmState::Stopped
                | VmState::Error
                | VmState::Destroyed,
                seat,
            ) => {
                // What a caller moves counts from where the cell was when it was lent.
                if matches!(seat, Seat::In(_) | Seat::Out(Holder::Caller(_))) {
                    slot.pace.forgive(slot.time);
                }
                self.leave_queue(key);
            }
        }
    }

    /// Queues those whose alarm is due.
    pub(crate) fn ring(&mut self, now: Duration) {
        self.scheduler.ring(now);
    }

    /// Whether a worker could do something now.
    pub(crate) fn has_ready(&self) -> bool {
        self.scheduler.has_ready()
    }

    /// When a worker can do something next, if it is known.
    pub(crate) fn next_alarm(&self) -> Option<Duration> {
        self.scheduler.next_alarm()
    }

    /// Whether nothing is being moved, and nothing is queued.
    pub(crate) fn is_quiet(&self) -> bool {
        self.working == 0 && !self.scheduler.has_ready()
    }

    /// Whether a caller has a cell, or waits for one, that is not where it is due to be.
    pub(crate) fn is_owed(&self, now: Duration) -> bool {
        self.slots.values().any(|slot| {
            let lent = matches!(slot.seat, Seat::Out(Holder::Caller(_)));
            (lent || slot.claims > 0) && slot.is_due(now)
        })
    }

    fn leave_queue(&mut self, key: VmKey) {
        // A cell that has its turn keeps its place until it comes back, so that the turn is charged.
        let has_turn = self
            .slots
            .get(&key)
            .is_some_and(|slot| matches!(slot.seat, Seat::Out(Holder::Worker)));
        if !has_turn {
            self.scheduler.idle(key);
        }
    }
}
