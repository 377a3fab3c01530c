//! Batches under way: which VMs run to a goal, and how far they are together.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bioxen_core::{Goal, Pacing, SimSpan, VmError, VmState};

use super::{Holder, Machine, Seat, Slot};
use crate::batch::{BatchEnd, BatchOutcome, BatchProgress, BatchVm};
use crate::cell::COUPLING_STEP;
use crate::error::HypervisorError;
use crate::guest::Readings;
use crate::scheduler::VmKey;

const NOT_STARTED: &str = "the batch was not started";

/// Number of a batch in its hypervisor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BatchKey(u64);

/// A VM's part in a batch.
#[derive(Debug)]
pub(super) struct Enrolment {
    batch: BatchKey,
    pub(super) goal: Goal,
    /// Whether it stops as soon as its cell comes back.
    interrupted: bool,
    /// Divisions when it was last seen.
    generation: u32,
}

#[derive(Debug, Default)]
pub(super) struct Batches {
    under_way: BTreeMap<BatchKey, Batch>,
    next_key: u64,
    /// Whether a batch got over since someone asked.
    news: bool,
}

#[derive(Debug)]
struct Batch {
    order: Vec<VmKey>,
    ended: BTreeMap<VmKey, BatchVm>,
    progress: BatchProgress,
    interrupted: bool,
}

impl Batches {
    /// Counts what a VM was moved.
    pub(super) fn moved(&mut self, slot: &mut Slot, readings: &Readings, moved: SimSpan) {
        let Some(enrolment) = &mut slot.enrolment else {
            return;
        };
        let before = enrolment.generation;
        enrolment.generation = readings.generation;
        if let Some(batch) = self.under_way.get_mut(&enrolment.batch) {
            let progress = &mut batch.progress;
            progress.simulated = sum(progress.simulated, moved);
            let wanted = enrolment.goal.generations().unwrap_or_default();
            let divisions = readings.generation.min(wanted).saturating_sub(before);
            progress.divisions += u64::from(divisions);
        }
    }

    /// Ends a VM's part if there is nothing more to do for it.
    pub(super) fn settle(&mut self, key: VmKey, slot: &mut Slot) {
        let Some(enrolment) = &slot.enrolment else {
            return;
        };
        let end = match (&slot.seat, slot.state) {
            (Seat::Out(Holder::Caller(Some(process))), VmState::Paused) if process.stands => {
                BatchEnd::LeftRunning { state: slot.state }
            }
            (Seat::Out(_), _) => return,
            (Seat::Lost { message }, _) => BatchEnd::Panicked {
                message: message.clone(),
            },
            (Seat::In(_), VmState::Running) => {
                let wanted = enrolment.goal.generations();
                let divided = wanted.is_some_and(|wanted| enrolment.generation >= wanted);
                if divided {
                    BatchEnd::Reached
                } else if slot.is_at(enrolment.goal.until()) {
                    match wanted {
                        None => BatchEnd::Reached,
                        Some(_) => BatchEnd::TimeLimit,
                    }
                } else if enrolment.interrupted {
                    BatchEnd::Interrupted
                } else {
                    return;
                }
            }
            (
                Seat::In(_),
                state @ (VmState::Created
                | VmState::Paused
                | VmState::Stopped
                | VmState::Error
                | VmState::Destroyed),
            ) => BatchEnd::LeftRunning { state },
        };
        self.end(key, slot, end);
    }

    /// Ends the part of a VM that is destroyed.
    pub(super) fn leave(&mut self, key: VmKey, slot: &Slot) {
        if let Some(enrolment) = &slot.enrolment
            && let Some(batch) = self.under_way.get_mut(&enrolment.batch)
        {
            let state = VmState::Destroyed;
            batch.end(key, slot, enrolment, BatchEnd::LeftRunning { state });
            self.news |= batch.is_over();
        }
    }

    fn end(&mut self, key: VmKey, slot: &mut Slot, end: BatchEnd) {
        let Some(enrolment) = slot.enrolment.take() else {
            return;
        };
        slot.pace.reach(slot.time);
        if let (BatchEnd::Reached, Goal::Until(time)) = (&end, enrolment.goal) {
            slot.pace.reach(time);
        }
        if let Some(batch) = self.under_way.get_mut(&enrolment.batch) {
            batch.end(key, slot, &enrolment, end);
            self.news |= batch.is_over();
        }
    }
}

impl Batch {
    fn end(&mut self, key: VmKey, slot: &Slot, enrolment: &Enrolment, end: BatchEnd) {
        let unneeded = whole_steps_ahead(slot, enrolment.goal);
        let progress = &mut self.progress;
        progress.wanted = progress.wanted.checked_sub(unneeded).unwrap_or_default();
        progress.finished += 1;
        let vm = BatchVm {
            id: slot.info.id.clone(),
            sim_time: slot.time,
            generation: enrolment.generation,
            end,
        };
        self.ended.insert(key, vm);
    }

    fn is_over(&self) -> bool {
        self.ended.len() == self.order.len()
    }
}

impl Machine {
    /// Sends VMs on their way to a goal, or leaves all of them where they are.
    pub(crate) fn begin_batch(
        &mut self,
        keys: &[VmKey],
        goal: Goal,
        now: Duration,
    ) -> Result<BatchKey, VmError> {
        let mut progress = BatchProgress {
            vms: keys.len(),
            ..BatchProgress::default()
        };
        let mut seen = BTreeSet::new();
        for key in keys {
            let slot = self
                .slots
                .get(key)
                .expect("keys are looked up under the same lock");
            check_enrolment(slot)?;
            if !seen.insert(*key) {
                let id = slot.info.id.clone();
                return Err(HypervisorError::InBatch { id }.because(NOT_STARTED));
            }
            progress.wanted = sum(progress.wanted, whole_steps_ahead(slot, goal));
            let divisions = goal.generations().unwrap_or_default();
            let generation = slot.info.readings.lock().generation;
            progress.divisions_wanted += u64::from(divisions.saturating_sub(generation));
        }
        let batch = BatchKey(self.batches.next_key);
        self.batches.next_key += 1;
        let under_way = Batch {
            order: keys.to_vec(),
            ended: BTreeMap::new(),
            progress,
            interrupted: false,
        };
        self.batches.under_way.insert(batch, under_way);
        for key in keys {
            if let Some(slot) = self.slots.get_mut(key) {
                let generation = slot.info.readings.lock().generation;
                slot.enrolment = Some(Enrolment {
                    batch,
                    goal,
                    interrupted: false,
                    generation,
                });
            }
            self.refresh(*key, now);
        }
        Ok(batch)
    }

    /// How far a batch is, and whether it is over.
    pub(crate) fn batch_progress(&self, batch: BatchKey) -> (BatchProgress, bool) {
        self.batches
            .under_way
            .get(&batch)
            .map_or((BatchProgress::default(), true), |batch| {
                (batch.progress, batch.is_over())
            })
    }

    /// Whether a batch got over since the last call.
    pub(crate) fn take_batch_news(&mut self) -> bool {
        std::mem::take(&mut self.batches.news)
    }

    /// Ends a batch: each of its VMs stops when its cell is back.
    pub(crate) fn interrupt_batch(&mut self, batch: BatchKey, now: Duration) {
        let Some(under_way) = self.batches.under_way.get_mut(&batch) else {
            return;
        };
        if under_way.is_over() {
            return;
        }
        under_way.interrupted = true;
        for key in under_way.order.clone() {
            if let Some(slot) = self.slots.get_mut(&key)
                && let Some(enrolment) = &mut slot.enrolment
                && enrolment.batch == batch
            {
                enrolment.interrupted = true;
                self.refresh(key, now);
            }
        }
    }

    /// What a batch came to; it is forgotten.
    pub(crate) fn close_batch(&mut self, batch: BatchKey) -> Option<BatchOutcome> {
        let mut batch = self.batches.under_way.remove(&batch)?;
        let vms = batch
            .order
            .iter()
            .filter_map(|key| batch.ended.remove(key))
            .collect();
        Some(BatchOutcome {
            vms,
            interrupted: batch.interrupted,
        })
    }
}

fn check_enrolment(slot: &Slot) -> Result<(), VmError> {
    let id = slot.info.id.clone();
    if slot.state != VmState::Running {
        return Err(VmError::NotRunning {
            id,
            state: slot.state,
            operation: "run a batch",
        });
    }
    let pacing = slot.info.pacing;
    if pacing != Pacing::Manual {
        return Err(HypervisorError::NotManual { id, pacing }.because(NOT_STARTED));
    }
    if slot.enrolment.is_some() {
        return Err(HypervisorError::InBatch { id }.because(NOT_STARTED));
    }
    Ok(())
}

/// Time that a VM could still be moved.
fn whole_steps_ahead(slot: &Slot, goal: Goal) -> SimSpan {
    let ahead = goal.until().since(slot.time).unwrap_or_default();
    SimSpan::from_micros(ahead.micros() / COUPLING_STEP.micros() * COUPLING_STEP.micros())
}

fn sum(a: SimSpan, b: SimSpan) -> SimSpan {
    a.checked_add(b).unwrap_or(SimSpan::from_micros(u64::MAX))
}
