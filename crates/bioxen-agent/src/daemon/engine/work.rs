//! What is asked of one VM.

use std::sync::Arc;
use std::time::Duration;

use bioxen_core::{
    Allocation, BiologicalVm, CancelToken, PackageName, ProcessCode, ProcessLimits, SimSpan,
    SimTime, VmError, VmEvent, VmId, VmImage, VmState,
};
use bioxen_hypervisor::BasicBiologicalVm;
use bioxen_hypervisor::package::Package;
use thiserror::Error;

use super::slot::Slot;
use super::{Client, Engine, backend, encode};
use crate::daemon::keep::Change;
use crate::frame::OpId;
use crate::message::{Answer, Grant, Message, VmRequest};

impl Engine {
    pub(super) fn ask(
        &self,
        op: OpId,
        id: &VmId,
        ask: &VmRequest,
        cancel: &CancelToken,
    ) -> Result<Message, VmError> {
        match ask {
            VmRequest::Start => self.step(Some(op), id, VmEvent::Start),
            VmRequest::Pause => self.step(Some(op), id, VmEvent::Pause),
            VmRequest::Resume => self.step(Some(op), id, VmEvent::Resume),
            VmRequest::Stop => self.step(Some(op), id, VmEvent::Stop),
            VmRequest::Destroy => self.destroy(op, id),
            VmRequest::Execute { code, limits } => self.execute(op, id, code, *limits, cancel),
            VmRequest::Advance(span) => self.change(op, id, |work| {
                let Work { slot, vm, before } = work;
                let moved = slot.during(cancel, || self.advance(vm, *span, cancel));
                // Half of an advance is none: who asks again means all of it.
                let time = moved.or_else(|error| vm.restore(before).and(Err(error)))?;
                Ok(Changed::quietly(Answer::Reached(time)))
            }),
            VmRequest::Run { goal, sampling } => self.run(op, id, *goal, *sampling, cancel),
            VmRequest::Install(name) => {
                let package = self.package(name)?;
                self.change(op, id, |Work { vm, .. }| {
                    let report = vm.install_package(&package)?;
                    let text = report.stdout.clone();
                    Ok(Changed::new("installed", text, Answer::Installed(report)))
                })
            }
            VmRequest::Remove(name) => self.change(op, id, |Work { vm, .. }| {
                let report = vm.remove_biological_package(name)?;
                let text = report.stdout.clone();
                Ok(Changed::new("removed", text, Answer::Installed(report)))
            }),
            VmRequest::Allocate(grant) => self.change(op, id, |Work { vm, .. }| {
                let allocation = allocate(vm, *grant)?;
                let quota = &allocation.quota;
                let text = format!("ATP {}, ribosomes {} units", quota.atp, quota.ribosomes);
                let answer = Answer::Allocation(Box::new(allocation));
                Ok(Changed::new("allocated", text, answer))
            }),
            VmRequest::Restore(image) => self.change(op, id, |Work { vm, .. }| {
                vm.restore(image)?;
                let time = vm.status()?.sim_time;
                let text = format!("it is at {time} again");
                Ok(Changed::new("restored", text, Answer::Done))
            }),
            VmRequest::StartTranscription(genes) => self.change(op, id, |Work { vm, .. }| {
                let changed = vm.start_transcription(genes)?;
                let text = format!("{} genes are transcribed more", genes.len());
                Ok(Changed::new(
                    "transcription",
                    text,
                    Answer::Transcription(changed),
                ))
            }),
            VmRequest::ManageOperons { operons, action } => {
                self.change(op, id, |Work { vm, .. }| {
                    vm.manage_operons(operons, *action)?;
                    let text = format!("{} operons: {action}", operons.len());
                    Ok(Changed::new("operons", text, Answer::Done))
                })
            }
            VmRequest::Packages
            | VmRequest::Status
            | VmRequest::Metrics
            | VmRequest::Usage
            | VmRequest::Available
            | VmRequest::Save
            | VmRequest::EssentialGenes
            | VmRequest::PlasmidCount
            | VmRequest::Inspect
            | VmRequest::History(_) => encode(&self.read(id, ask)?),
        }
    }

    /// Changes a cell. If the change cannot be kept, the cell is put back to where it was before.
    pub(super) fn change(
        &self,
        op: OpId,
        id: &VmId,
        act: impl FnOnce(&mut Work<'_>) -> Result<Changed, VmError>,
    ) -> Result<Message, VmError> {
        let slot = self.slot(id)?;
        let _work = slot.work.lock();
        self.check_current(id, &slot)?;
        if self.is_closing() {
            return Err(VmError::Cancelled);
        }
        let mut vm = self.vm(id)?;
        let before = vm.save()?;
        let changed = act(&mut Work {
            slot: &slot,
            vm: &mut vm,
            before: &before,
        })?;
        let kept = encode(&changed.answer).and_then(|answer| {
            let changes = vec![Change::Done(op, answer.clone())];
            self.keep_cell(&slot, id, &vm, changes)?;
            Ok(answer)
        });
        match (&kept, changed.event) {
            (Ok(_), Some((kind, text))) => self.note(Some(id), kind, &text),
            (Ok(_), None) => {}
            (Err(_), _) => {
                if let Err(error) = vm.restore(&before) {
                    let text = format!("a change was not kept and not taken back: {error}");
                    self.note(Some(id), "diverged", &text);
                }
            }
        }
        kept
    }

    /// Keeps the cell as it is now, in whatever state its VM is.
    pub(super) fn keep_cell(
        &self,
        slot: &Slot,
        id: &VmId,
        vm: &dyn BiologicalVm,
        changes: Vec<Change>,
    ) -> Result<(), VmError> {
        let _life = slot.life.lock();
        self.keep_image(slot, vm, self.kept(id)?, changes)
    }

    /// Moves a cell piece by piece, until a token is raised.
    fn advance(
        &self,
        vm: &mut BasicBiologicalVm,
        span: SimSpan,
        cancel: &CancelToken,
    ) -> Result<SimTime, VmError> {
        /// A whole number of steps; a cell is moved by it in some milliseconds.
        const PIECE: SimSpan = SimSpan::from_micros(60_000_000);
        self.heed_closing(cancel);
        let mut left = span;
        loop {
            if cancel.is_cancelled() {
                return Err(VmError::Cancelled);
            }
            let piece = left.min(PIECE);
            let time = vm.advance(piece)?;
            left = SimSpan::from_micros(left.micros().saturating_sub(piece.micros()));
            if left == SimSpan::ZERO {
                return Ok(time);
            }
        }
    }

    /// Work that begins while the daemon ends is over before it has done anything.
    pub(super) fn heed_closing(&self, cancel: &CancelToken) {
        if self.is_closing() {
            cancel.cancel();
        }
    }

    fn execute(
        &self,
        op: OpId,
        id: &VmId,
        code: &ProcessCode,
        limits: Option<ProcessLimits>,
        cancel: &CancelToken,
    ) -> Result<Message, VmError> {
        let most = self.options().host.process_limits;
        let limits = grant(limits.unwrap_or_default(), &most)
            .map_err(|error| backend("the process cannot be run", error))?;
        self.change(op, id, |Work { slot, vm, .. }| {
            let report = slot.during(cancel, || {
                self.heed_closing(cancel);
                vm.execute_within(code, &limits, cancel)
            })?;
            let text = match &report.failure {
                None => format!("{} ended at {}", code.name(), report.ended_at),
                Some(failure) => format!("{} failed: {failure}", code.name()),
            };
            let answer = Answer::Process(Box::new(report));
            Ok(Changed::new("executed", text, answer))
        })
    }

    pub(super) fn package(&self, name: &PackageName) -> Result<Package, VmError> {
        let found = self.library.find(name.as_str());
        let found = found.map_err(|error| backend("the package cannot be had", error))?;
        Ok(found.package)
    }

    /// Keeps a cell that has moved since it was kept last; one that is worked on is kept at the end of that.
    pub(crate) fn checkpoint(&self, id: &VmId) -> Result<(), VmError> {
        let slot = self.slot(id)?;
        // What changes the cell keeps it at its end.
        let Some(_work) = slot.work.try_lock() else {
            return Ok(());
        };
        self.check_current(id, &slot)?;
        let vm = self.vm(id)?;
        let kept = slot.images.lock().sim_time;
        if kept == Some(vm.status()?.sim_time) {
            return Ok(());
        }
        self.keep_cell(&slot, id, &vm, Vec::new())
    }

    /// Pauses the VMs that a client set going, and keeps their cells, since it is gone; what does not run is left alone.
    pub(crate) fn abandon(&self, client: Client) {
        let slots: Vec<(VmId, Arc<Slot>)> = {
            let table = self.table.read();
            let all = table.iter();
            all.map(|(id, slot)| (id.clone(), Arc::clone(slot)))
                .collect()
        };
        for (id, slot) in slots {
            let is_its_own = slot.set_going_by.lock().take_if(|owner| *owner == client);
            let status = self.vm(&id).and_then(|vm| vm.status());
            if is_its_own.is_none() || !status.is_ok_and(|s| s.state == VmState::Running) {
                continue;
            }
            self.note(Some(&id), "abandoned", "its client fell silent");
            if let Err(error) = self.step(None, &id, VmEvent::Pause) {
                self.note(Some(&id), "not paused", &error.to_string());
            }
        }
    }
}

/// A cell that is being changed; nobody else changes it meanwhile.
pub(super) struct Work<'a> {
    pub(super) slot: &'a Slot,
    pub(super) vm: &'a mut BasicBiologicalVm,
    /// The cell as it was.
    pub(super) before: &'a VmImage,
}

/// What a change came to.
pub(super) struct Changed {
    answer: Answer,
    /// What is noted of it once it is kept: a kind and a text.
    event: Option<(&'static str, String)>,
}

impl Changed {
    fn new(kind: &'static str, text: String, answer: Answer) -> Self {
        Self {
            answer,
            event: Some((kind, text)),
        }
    }

    pub(super) fn quietly(answer: Answer) -> Self {
        Self {
            answer,
            event: None,
        }
    }
}

/// Both grants or none.
fn allocate(vm: &mut BasicBiologicalVm, grant: Grant) -> Result<Allocation, VmError> {
    match grant {
        Grant::Atp(atp) => vm.allocate_atp(atp),
        Grant::Ribosomes(units) => vm.allocate_ribosomes(units),
        Grant::Both { atp, ribosomes } => {
            let before = vm.status()?.quota.atp;
            vm.allocate_atp(atp).map(drop)?;
            vm.allocate_ribosomes(ribosomes)
                .map_err(|refused| match vm.allocate_atp(before) {
                    Ok(_) => refused,
                    Err(error) => error,
                })
        }
    }
}

/// A process that asks for more than the daemon grants.
#[derive(Debug, Error)]
#[error("{what} of {asked} is asked for, and this daemon grants {most} at most")]
pub(crate) struct LimitTooHigh {
    what: &'static str,
    asked: String,
    most: String,
}

/// What a process gets of what was asked for. The usual limits are no wish: where the daemon grants less, that is what they are.
fn grant(asked: ProcessLimits, most: &ProcessLimits) -> Result<ProcessLimits, LimitTooHigh> {
    fn one<T: Copy + Ord>(
        what: &'static str,
        [asked, usual, most]: [T; 3],
        shown: impl Fn(T) -> String,
    ) -> Result<T, LimitTooHigh> {
        if asked > most && asked > usual {
            let (asked, most) = (shown(asked), shown(most));
            return Err(LimitTooHigh { what, asked, most });
        }
        Ok(asked.min(most))
    }
    let usual = ProcessLimits::default();
    let time = |time: Duration| format!("{time:?}");
    let bytes = |bytes: u64| format!("{bytes} bytes");
    let of = |field: fn(&ProcessLimits) -> u64| [field(&asked), field(&usual), field(most)];
    Ok(ProcessLimits {
        wall: one("wall time", [asked.wall, usual.wall, most.wall], time)?,
        steps: one("a number of steps", of(|limits| limits.steps), |n| {
            n.to_string()
        })?,
        heap_bytes: one("memory", of(|limits| limits.heap_bytes), bytes)?,
        output_bytes: one("output", of(|limits| limits.output_bytes), bytes)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_asked_for_is_what_the_daemon_grants() {
        let usual = ProcessLimits::default();
        let most = ProcessLimits {
            heap_bytes: 16 << 20,
            wall: Duration::from_secs(3600),
            ..usual
        };
        let patient = ProcessLimits {
            wall: Duration::from_secs(600),
            ..usual
        };
        let granted = grant(patient, &most).expect("only the time was asked for");
        assert_eq!(granted.wall, patient.wall);
        assert_eq!(granted.heap_bytes, most.heap_bytes);
        let greedy = ProcessLimits {
            heap_bytes: 65 << 20,
            ..usual
        };
        let refused = grant(greedy, &most).expect_err("more than is usual and is there");
        assert_eq!(
            refused.to_string(),
            "memory of 68157440 bytes is asked for, and this daemon grants 16777216 bytes at most"
        );
    }
}
