//! The table of VMs: who there is, in which state, and who has its cell. Plain and single-threaded.
//!
//! Threads, locks and waiting are in [`crew`](crate::crew); the time comes in as an argument.

mod batches;
mod slot;
mod turns;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bioxen_core::{
    AvailableResources, CancelToken, IllegalTransition, SimSpan, SimTime, VmError, VmEvent, VmId,
    VmState,
};

pub(crate) use self::batches::BatchKey;
pub(crate) use self::slot::{Holder, Process, Seat, Slot, status_of};
pub(crate) use self::turns::{Course, Return};

use self::batches::Batches;
use crate::capacity::{Capacity, Grant};
use crate::config::HypervisorConfig;
use crate::guest::{Guest, Readings, SharedInfo};
use crate::scheduler::{Scheduler, VmKey};

/// All VMs of a hypervisor.
#[derive(Debug)]
pub(crate) struct Machine {
    names: BTreeMap<VmId, VmKey>,
    slots: BTreeMap<VmKey, Slot>,
    next_key: u64,
    pub(crate) capacity: Capacity,
    scheduler: Scheduler,
    batches: Batches,
    slice: SimSpan,
    /// Guests that workers have.
    working: usize,
    /// Guests that nobody needs anymore. They are large: they are dropped without the lock.
    discarded: Vec<Guest>,
}

impl Machine {
    pub(crate) fn new(config: &HypervisorConfig) -> Self {
        Self {
            names: BTreeMap::new(),
            slots: BTreeMap::new(),
            next_key: 0,
            capacity: Capacity::new(config.chassis, config.host_policy).limited(config.limits),
            scheduler: Scheduler::default(),
            batches: Batches::default(),
            slice: config.slice,
            working: 0,
            discarded: Vec::new(),
        }
    }

    /// What is to be dropped as soon as the lock is given up.
    #[must_use = "cells are large: drop them without the lock"]
    pub(crate) fn take_discarded(&mut self) -> Vec<Guest> {
        std::mem::take(&mut self.discarded)
    }

    /// Refuses a name that is taken.
    pub(crate) fn check_name(&self, id: &VmId) -> Result<(), VmError> {
        if self.names.contains_key(id) {
            return Err(VmError::AlreadyExists { id: id.clone() });
        }
        Ok(())
    }

    /// Takes in a new VM, or leaves everything as it is.
    pub(crate) fn insert(
        &mut self,
        info: Arc<SharedInfo>,
        guest: Guest,
        grant: Grant,
    ) -> Result<VmKey, VmError> {
        let reservation = match self
            .check_name(&info.id)
            .and_then(|()| self.capacity.reserve(grant.claim))
        {
            Ok(reservation) => reservation,
            Err(error) => {
                self.discarded.push(guest);
                return Err(error);
            }
        };
        let key = VmKey(self.next_key);
        self.next_key += 1;
        self.names.insert(info.id.clone(), key);
        self.scheduler.admit(key, info.priority);
        self.slots.insert(key, Slot::new(info, guest, reservation));
        Ok(key)
    }

    pub(crate) fn find(&self, id: &VmId) -> Option<(VmKey, &Slot)> {
        let key = *self.names.get(id)?;
        Some((key, self.slots.get(&key)?))
    }

    /// The VM of a key; `None` once it is destroyed.
    pub(crate) fn slot(&self, key: VmKey) -> Option<&Slot> {
        self.slots.get(&key)
    }

    /// A VM with the ledger in which it holds its share.
    pub(crate) fn slot_and_capacity(&mut self, key: VmKey) -> Option<(&mut Slot, &mut Capacity)> {
        Some((self.slots.get_mut(&key)?, &mut self.capacity))
    }

    /// All VMs, in the order of their names.
    pub(crate) fn slots_by_name(&self) -> impl Iterator<Item = &Slot> {
        self.names.values().filter_map(|key| self.slots.get(key))
    }

    /// What is left for a VM, or for a new one.
    pub(crate) fn left(&self, slot: Option<&Slot>) -> AvailableResources {
        self.capacity.left(slot.map(|slot| &slot.reservation))
    }

    /// The state of a VM; one that is not there is destroyed.
    pub(crate) fn state(&self, key: VmKey) -> VmState {
        self.slots
            .get(&key)
            .map_or(VmState::Destroyed, |slot| slot.state)
    }

    /// Changes the state of a VM, and whether simulated time passes for it.
    pub(crate) fn apply(
        &mut self,
        key: VmKey,
        event: VmEvent,
        now: Duration,
    ) -> Result<VmState, IllegalTransition> {
        let Some(slot) = self.slots.get_mut(&key) else {
            let from = VmState::Destroyed;
            return Err(IllegalTransition { from, event });
        };
        let state = slot.state.apply(event)?;
        slot.state = state;
        let frozen = state != VmState::Running;
        slot.info.frozen.store(frozen, Ordering::Release);
        match state {
            VmState::Running => {
                slot.pace.thaw(now);
                if let Seat::Out(Holder::Caller(Some(process))) = &mut slot.seat {
                    process.stands = false;
                }
            }
            VmState::Created | VmState::Paused | VmState::Stopped | VmState::Error => {
                slot.pace.freeze(now);
                slot.epoch += 1;
            }
            VmState::Destroyed => {}
        }
        // A program may run for a minute more: whoever ends the VM does not want its result.
        if let (Seat::Out(Holder::Caller(Some(process))), VmEvent::Stop | VmEvent::Destroy) =
            (&slot.seat, event)
        {
            process.cancel.cancel();
        }
        slot.info.news.notify_all();
        if state == VmState::Destroyed {
            self.remove(key);
        } else {
            self.refresh(key, now);
        }
        Ok(state)
    }

    /// Simulated time that a VM reaches if it is run ahead by `span`.
    pub(crate) fn run_ahead(
        &mut self,
        key: VmKey,
        span: SimSpan,
        now: Duration,
    ) -> Option<SimTime> {
        let slot = self.slots.get_mut(&key)?;
        let target = slot.run_ahead(span, now);
        self.refresh(key, now);
        Some(target)
    }

    /// Asks that a VM get no more turns of the queue until its cell was lent to the caller.
    pub(crate) fn claim(&mut self, key: VmKey, now: Duration) -> bool {
        let Some(slot) = self.slots.get_mut(&key) else {
            return false;
        };
        slot.claims += 1;
        self.refresh(key, now);
        true
    }

    /// Takes a claim back.
    pub(crate) fn unclaim(&mut self, key: VmKey, now: Duration) {
        if let Some(slot) = self.slots.get_mut(&key) {
            slot.claims -= 1;
            self.refresh(key, now);
        }
    }

    /// Lends the cell of a VM to the caller, if nobody has it.
    pub(crate) fn lend(
        &mut self,
        key: VmKey,
        process: Option<CancelToken>,
        now: Duration,
    ) -> Option<Guest> {
        let slot = self.slots.get_mut(&key)?;
        let process = process.map(|cancel| Process {
            cancel,
            stands: false,
        });
        let guest = slot.take(Holder::Caller(process))?;
        slot.passed_over += u32::from(slot.is_due(now));
        self.scheduler.idle(key);
        Some(guest)
    }

    /// Puts another cell into a VM whose cell nobody has. What it answers is to be dropped without the lock.
    #[must_use = "a cell is large: drop it without the lock"]
    pub(crate) fn replace(
        &mut self,
        key: VmKey,
        mut guest: Guest,
        readings: Readings,
        now: Duration,
    ) -> Option<Guest> {
        let Some(slot) = self.slots.get_mut(&key) else {
            return Some(guest);
        };
        let mut old = slot.take(Holder::Caller(None));
        if let Some(mut recorder) = old.as_mut().and_then(|old| old.recorder.take()) {
            recorder.rebase(&guest.cell);
            guest.recorder = Some(recorder);
        }
        let returned = Return::Guest {
            guest,
            readings: Box::new(readings),
            course: Course::Replaced,
        };
        // A quota that was asked for the old cell is not for this one.
        slot.info.asked.lock().take();
        let _ = self.check_in(key, returned, now);
        old
    }

    fn remove(&mut self, key: VmKey) {
        if let Some(slot) = self.slots.remove(&key) {
            if matches!(slot.seat, Seat::Out(Holder::Worker)) {
                self.working -= 1;
            }
            self.names.remove(&slot.info.id);
            self.scheduler.dismiss(key);
            self.batches.leave(key, &slot);
            self.capacity.release(slot.reservation);
            if let Seat::In(guest) = slot.seat {
                self.discarded.push(guest);
            }
        }
    }
}

#[cfg(test)]
mod tests;
