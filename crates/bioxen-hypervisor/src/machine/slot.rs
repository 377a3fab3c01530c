//! One VM in the table.

use std::sync::Arc;
use std::time::Duration;

use bioxen_core::{CancelToken, Pacing, SimSpan, SimTime, VmState, VmStatus};

use super::batches::Enrolment;
use crate::capacity::Reservation;
use crate::cell::COUPLING_STEP;
use crate::guest::{Guest, SharedInfo};
use crate::pace::Pace;

/// A VM and where its cell is.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) info: Arc<SharedInfo>,
    pub(crate) state: VmState,
    pub(crate) seat: Seat,
    pub(crate) reservation: Reservation,
    pub(super) pace: Pace,
    /// How far the cell was when it was last seen.
    pub(crate) time: SimTime,
    /// Callers who wait for the cell.
    pub(super) claims: u32,
    /// Times that its cell was lent since it should have had a turn.
    pub(super) passed_over: u32,
    /// Counts the breaks in the course of simulated time: who waits for a time across one waits for nothing.
    pub(crate) epoch: u64,
    pub(super) enrolment: Option<Enrolment>,
}

/// Where the cell of a VM is.
#[derive(Debug)]
pub(crate) enum Seat {
    /// Here.
    In(Guest),
    /// With someone who computes it.
    Out(Holder),
    /// Nowhere: its simulation panicked.
    Lost {
        /// What the panic said.
        message: String,
    },
}

/// Who has a cell that is out.
#[derive(Debug)]
pub(crate) enum Holder {
    /// A worker thread, for a slice.
    Worker,
    /// A caller, who may be running a process.
    Caller(Option<Process>),
}

/// A process that runs on a cell.
#[derive(Debug)]
pub(crate) struct Process {
    pub(super) cancel: CancelToken,
    /// Whether it waits for its VM to be resumed, and the table knows how far the cell is.
    pub(crate) stands: bool,
}

impl Slot {
    pub(super) fn new(info: Arc<SharedInfo>, guest: Guest, reservation: Reservation) -> Self {
        let time = guest.cell.time();
        Self {
            state: VmState::Created,
            seat: Seat::In(guest),
            reservation,
            pace: Pace::frozen_at(info.pacing, time),
            time,
            claims: 0,
            passed_over: 0,
            epoch: 0,
            enrolment: None,
            info,
        }
    }

    /// What the VM says about itself; it does not wait for the cell.
    pub(crate) fn status(&self) -> VmStatus {
        status_of(&self.info, self.state)
    }

    /// Whether the cell needs no step to be at a time.
    pub(crate) fn is_at(&self, time: SimTime) -> bool {
        self.time.saturating_add(COUPLING_STEP) > time
    }

    /// Whether a process keeps the cell until the VM is resumed or the process is ended.
    pub(crate) fn is_kept(&self) -> bool {
        self.state == VmState::Paused && matches!(self.seat, Seat::Out(Holder::Caller(Some(_))))
    }

    /// Whether the VM is late by a step or more.
    pub(super) fn is_due(&self, now: Duration) -> bool {
        self.state == VmState::Running
            && self.time.saturating_add(COUPLING_STEP) <= self.horizon(now)
    }

    /// How far the VM is to be moved now.
    pub(super) fn horizon(&self, now: Duration) -> SimTime {
        match &self.enrolment {
            Some(enrolment) => enrolment.goal.until(),
            None => self.pace.due(now),
        }
    }

    /// Takes the cell, if it is here.
    pub(super) fn take(&mut self, holder: Holder) -> Option<Guest> {
        match std::mem::replace(&mut self.seat, Seat::Out(holder)) {
            Seat::In(guest) => Some(guest),
            elsewhere @ (Seat::Out(_) | Seat::Lost { .. }) => {
                self.seat = elsewhere;
                None
            }
        }
    }

    pub(super) fn run_ahead(&mut self, span: SimSpan, now: Duration) -> SimTime {
        match self.pace.pacing() {
            Pacing::Unpaced => self.time.saturating_add(span),
            Pacing::Manual | Pacing::RealTime { .. } => {
                self.pace.run_ahead(span);
                self.pace.due(now)
            }
        }
    }
}

/// What a VM says about itself in a state.
pub(crate) fn status_of(info: &SharedInfo, state: VmState) -> VmStatus {
    let readings = info.readings.lock();
    VmStatus {
        id: info.id.clone(),
        organism: info.organism,
        infrastructure: info.infrastructure,
        state,
        sim_time: readings.time(),
        generation: readings.generation,
        vitality: readings.vitality,
        quota: readings.quota,
        pacing: info.pacing,
        seed: info.seed,
    }
}
