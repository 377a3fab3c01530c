//! The life of a VM: what is done in the pool, and what its agent is told, in this order or the other.

use bioxen_agent::{Answer, Information, ProtocolVersion, Request, VmRequest};
use bioxen_core::{VmError, VmEvent, VmId, VmState};

use super::line::Line;
use super::plan::Plan;
use super::rest::Rested;
use super::{PoolChannel, judge, unkept};
use crate::pool::{Guest, XcpngError};
use crate::xapi::PowerState;

/// What becomes of a guest whose start failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Undo {
    /// It is off again.
    SwitchOff,
    /// It is gone again.
    Destroy,
}

impl PoolChannel {
    pub(super) fn create(&mut self, plan: &Plan) -> Result<Guest, VmError> {
        let made = self.pool()?.create(&plan.spec, &plan.packages);
        made.map_err(|error| error.into_vm_error("the guest was not made"))
    }

    pub(super) fn start(&mut self, vm: &VmId) -> Result<Answer, VmError> {
        let (guest, record) = self.guest(vm)?;
        let status = self.inspection(&guest, &record)?.status;
        judge(&status, VmEvent::Start)?;
        self.start_as(&guest, Undo::SwitchOff)
    }

    /// Boots a guest and starts its cell, which is made if the guest has none; all or nothing.
    pub(super) fn start_as(&mut self, guest: &Guest, undo: Undo) -> Result<Answer, VmError> {
        let mut was_off = false;
        match self.boot_and_start(guest, &mut was_off) {
            Ok(()) => {
                self.rested.remove(&guest.id);
                Ok(Answer::Done)
            }
            Err(failed) => {
                self.lines.remove(&guest.id);
                let pool = self.pool()?;
                let watcher = &pool.options().watcher;
                let undone = match undo {
                    // Whoever switched it on may be at work in it.
                    Undo::SwitchOff if !was_off => Ok(()),
                    Undo::SwitchOff => {
                        watcher.note("the start failed: the guest is switched off again");
                        pool.switch_off(guest)
                    }
                    Undo::Destroy => {
                        watcher.note("the start failed: the guest is removed again");
                        pool.undo_create(guest)
                    }
                };
                Err(match undone {
                    Ok(()) => failed,
                    Err(error) => XcpngError::Left {
                        left: format!("VM {}: {error}", guest.uuid),
                        source: Box::new(XcpngError::Agent(Box::new(failed))),
                    }
                    .into_vm_error("the start failed, and could not be undone"),
                })
            }
        }
    }

    /// Puts a saved state into a guest that is off, which is brought up for that and off again then.
    pub(super) fn put_into(
        &mut self,
        guest: &Guest,
        restore: &VmRequest,
    ) -> Result<Answer, VmError> {
        let mut was_off = false;
        let answer = self
            .boot_with_cell(guest, &mut was_off)
            .and_then(|_| self.ask_agent(&guest.id, restore));
        let answer = match answer {
            // A guest that is off is known by what is kept of it.
            Ok(Answer::Done) => self.keep_seen(guest).map(|()| Answer::Done),
            other => other,
        };
        if was_off {
            // It saves what it was given, and ends.
            if let Some(line) = self.lines.get_mut(&guest.id)
                && let Err(error) = line.call(&Request::ShutDown)
            {
                tracing::debug!(vm = %guest.id, %error, "the agent ends");
            }
            self.lines.remove(&guest.id);
            let off = self.pool()?.switch_off(guest);
            if answer.is_ok() {
                off.map_err(|error| error.into_vm_error("the guest was not switched off again"))?;
            }
        }
        answer
    }

    fn boot_and_start(&mut self, guest: &Guest, was_off: &mut bool) -> Result<(), VmError> {
        let step = match self.boot_with_cell(guest, was_off)? {
            // An agent whose guest went off without a word lets its cells run on by itself.
            VmState::Running => return self.keep_seen(guest),
            // And one that it had paused stays so.
            VmState::Paused => VmRequest::Resume,
            _ => VmRequest::Start,
        };
        let done = self.granted(&guest.id, &about(&guest.id, step));
        if let Err(VmError::IllegalTransition(_)) = done {
            // Another program did it in between, and works in the guest, whoever switched that on.
            *was_off = false;
        }
        done.and_then(|()| self.keep_seen(guest))
    }

    /// Keeps with the guest how its cell is now.
    fn keep_seen(&mut self, guest: &Guest) -> Result<(), VmError> {
        match self.ask_agent(&guest.id, &VmRequest::Inspect)? {
            Answer::Inspection(inspection) => self
                .pool()?
                .keep(guest, &inspection)
                .map_err(|error| error.into_vm_error("the state of the VM cannot be kept")),
            other => Err(unexpected(&other)),
        }
    }

    /// Boots a guest, makes its cell if it has none, and answers the state that the cell is in.
    fn boot_with_cell(&mut self, guest: &Guest, was_off: &mut bool) -> Result<VmState, VmError> {
        let pool = self.pool()?.clone();
        let reached = pool
            .boot_from(guest, was_off)
            .map_err(|error| error.into_vm_error("the guest did not start"))?;
        let line = Line::new(pool.clone(), guest.clone(), reached);
        self.lines.insert(guest.id.clone(), line);
        match self.ask_agent(&guest.id, &VmRequest::Status)? {
            Answer::Status(status) => Ok(status.state),
            Answer::Refused(_) => {
                let create = pool.create_request(guest).map_err(unkept)?;
                match self.make_cell(&guest.id, &create) {
                    // Another program made it in between.
                    Ok(()) | Err(VmError::AlreadyExists { .. }) => Ok(VmState::Created),
                    Err(error) => Err(error),
                }
            }
            other => Err(unexpected(&other)),
        }
    }

    /// Has the agent make the cell, and tells what came of its packages and its quota.
    fn make_cell(&mut self, vm: &VmId, create: &Request) -> Result<(), VmError> {
        let created = match self.line(vm)?.call(create)? {
            Answer::Created(created) => created,
            Answer::Refused(refusal) => return Err(refusal.into()),
            other => return Err(unexpected(&other)),
        };
        let watcher = self.pool()?.options().watcher.clone();
        if let Some(notice) = created.notice {
            watcher.note(&notice.to_string());
        }
        for report in &created.packages {
            watcher.note(&report.stdout);
        }
        Ok(())
    }

    /// Asks the agent, whose refusal is an error.
    fn granted(&mut self, vm: &VmId, request: &Request) -> Result<(), VmError> {
        match self.line(vm)?.call(request)? {
            Answer::Refused(refusal) => Err(refusal.into()),
            _ => Ok(()),
        }
    }

    /// Has the agent stop the cell and save it, then shuts the guest down.
    pub(super) fn stop(&mut self, vm: &VmId) -> Result<Answer, VmError> {
        let (guest, record) = self.guest(vm)?;
        let mut inspection = self.inspection(&guest, &record)?;
        // A stop that was broken off may have stopped the cell and not its guest.
        let is_half = record.power_state == PowerState::Running
            && inspection.status.state == VmState::Stopped;
        let stopped = match is_half {
            true => VmState::Stopped,
            false => judge(&inspection.status, VmEvent::Stop)?,
        };
        if record.power_state == PowerState::Running {
            if inspection.status.state != VmState::Error && !is_half {
                self.granted(vm, &about(vm, VmRequest::Stop))?;
                let rested = Rested::read(|ask| self.ask_agent(vm, ask))?;
                inspection = rested.inspection().clone();
                self.rested.insert(vm.clone(), rested);
                // It saves all, and ends; if the answer is lost on the way, it has saved when it answered the stop.
                if let Err(error) = self.line(vm)?.call(&Request::ShutDown) {
                    tracing::debug!(%vm, %error, "the agent ends");
                }
            }
            self.lines.remove(vm);
        }
        inspection.status.state = stopped;
        let pool = self.pool()?;
        pool.shut_down(&guest)
            .and_then(|()| pool.keep(&guest, &inspection))
            .map_err(|error| error.into_vm_error("the guest was not shut down"))?;
        Ok(Answer::Done)
    }

    pub(super) fn destroy(&mut self, vm: &VmId) -> Result<Answer, VmError> {
        let (guest, _) = self.guest(vm)?;
        self.lines.remove(vm);
        self.rested.remove(vm);
        self.events.forget(vm);
        self.pool()?
            .destroy(&guest)
            .map_err(|error| error.into_vm_error("the guest was not removed"))?;
        Ok(Answer::Done)
    }

    /// Resumes the cell, and its guest first if that was paused or suspended in the pool.
    pub(super) fn resume(&mut self, vm: &VmId) -> Result<Answer, VmError> {
        let (guest, record) = self.guest(vm)?;
        if !matches!(
            record.power_state,
            PowerState::Suspended | PowerState::Paused
        ) {
            return self.forward(vm, &VmRequest::Resume);
        }
        let pool = self.pool()?.clone();
        let reached = pool
            .boot(&guest)
            .map_err(|error| error.into_vm_error("the guest did not resume"))?;
        self.lines
            .insert(vm.clone(), Line::new(pool, guest, reached));
        match self.ask_agent(vm, &VmRequest::Status)? {
            Answer::Status(status) if status.state == VmState::Running => Ok(Answer::Done),
            _ => self.ask_agent(vm, &VmRequest::Resume),
        }
    }

    pub(super) fn information(&mut self) -> Result<Answer, VmError> {
        let guests = self.guests()?;
        let begun = self.begun;
        let pool = self.pool()?;
        Ok(Answer::Information(Information {
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            protocol: ProtocolVersion::CURRENT,
            pid: std::process::id(),
            state_folder: pool.options().state.display().to_string(),
            uptime: pool.xapi().timer().now().saturating_sub(begun),
            vms: u32::try_from(guests.len()).unwrap_or(u32::MAX),
            threads: 0,
        }))
    }
}

fn about(vm: &VmId, ask: VmRequest) -> Request {
    let vm = vm.clone();
    Request::Vm { vm, ask }
}

fn unexpected(answer: &Answer) -> VmError {
    VmError::Backend {
        context: "the agent answered something else",
        source: answer.kind().into(),
    }
}
