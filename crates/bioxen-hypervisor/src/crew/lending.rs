//! Lending the cell of a VM to a caller.

use bioxen_core::{CancelToken, VmError, VmState};

use super::Host;
use crate::error::HypervisorError;
use crate::guest::{Guest, Readings, SharedInfo, guarded};
use crate::machine::{Course, Return, Seat, Slot};
use crate::scheduler::VmKey;

/// For what the cell of a VM is lent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Loan {
    /// Refused with these words unless the VM is running.
    pub(crate) while_running: Option<&'static str>,
    /// Ends what the caller does with the cell.
    pub(crate) process: Option<CancelToken>,
}

impl Host {
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
            info.settle_quota(&mut guest.cell);
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
        let (left_over, turn) = self.with_machine(|machine, now| {
            let left_over = machine.check_in(key, returned, now);
            (left_over, machine.overdue(key, now))
        });
        drop(left_over);
        if let Some(turn) = turn {
            let (key, returned) = turn.run();
            drop(self.with_machine(|machine, now| machine.check_in(key, returned, now)));
        }
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
            let now = self.clock.now();
            if let Some(guest) = floor.machine.lend(key, loan.process.clone(), now) {
                break Ok(guest);
            }
            if floor.machine.slot(key).is_some_and(Slot::is_kept) {
                break Err(kept(info));
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
        guest: Guest,
        readings: Readings,
    ) -> Result<Option<Guest>, VmError> {
        let mut floor = self.floor.lock();
        floor.machine.claim(key, self.clock.now());
        while let Some(slot) = floor.machine.slot(key)
            && matches!(slot.seat, Seat::Out(_))
            && !slot.is_kept()
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
                if slot.is_kept() {
                    return Err(kept(info));
                }
                let total = readings.usage.ribosomes_total;
                let held = Some(&slot.reservation);
                let grant = capacity.grant(info.organism, readings.quota, total, held)?;
                capacity.change(&mut slot.reservation, grant.claim)
            });
        // Not in a closure: a cell that is refused is dropped after the lock.
        let old = match granted {
            Ok(()) => Ok(machine.replace(key, guest, readings, now)),
            Err(error) => Err(error),
        };
        self.tell(&mut floor);
        old
    }
}

/// The error of a VM whose simulation panicked.
pub(crate) fn panicked(info: &SharedInfo, message: &str) -> VmError {
    VmError::WorkerPanicked {
        id: info.id.clone(),
        message: message.to_owned(),
    }
}

/// The error of a caller who would wait for a cell until somebody resumes its VM.
fn kept(info: &SharedInfo) -> VmError {
    let id = info.id.clone();
    HypervisorError::InProcess { id }.because("the cell cannot be reached")
}
