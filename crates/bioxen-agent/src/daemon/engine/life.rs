//! The life of VMs.

use std::fs;
use std::sync::Arc;

use bioxen_core::{BiologicalVm, PackageName, VmError, VmEvent, VmId, VmImage, VmSpec, VmState};
use bioxen_hypervisor::BasicBiologicalVm;
use bioxen_resources::ImageLabel;

use super::slot::{Kept, Slot};
use super::{Engine, encode, unkept};
use crate::daemon::keep::{Change, KeptVm};
use crate::frame::OpId;
use crate::message::{Answer, Created, Message};

impl Engine {
    /// Makes a VM with its packages, all or nothing.
    pub(super) fn create(
        &self,
        op: OpId,
        spec: &VmSpec,
        packages: &[PackageName],
    ) -> Result<Message, VmError> {
        let id = spec.id();
        let mut vm = self.hypervisor.create(spec)?;
        let slot = Arc::new(Slot::default());
        // Whoever asks for it now waits until it is there for good, or finds that it is not.
        let _work = slot.work.lock();
        let _life = slot.life.lock();
        self.table.write().insert(id.clone(), Arc::clone(&slot));
        match self.equip(op, spec, packages, &slot, &vm) {
            Ok(answer) => {
                self.watch(&vm);
                self.note(
                    Some(id),
                    "created",
                    &format!("a cell of {}", spec.organism()),
                );
                Ok(answer)
            }
            Err(error) => {
                self.table.write().remove(id);
                vm.destroy()?;
                Err(error)
            }
        }
    }

    /// Gives a new VM its packages and keeps it.
    fn equip(
        &self,
        op: OpId,
        spec: &VmSpec,
        packages: &[PackageName],
        slot: &Slot,
        vm: &BasicBiologicalVm,
    ) -> Result<Message, VmError> {
        let mut installed = Vec::with_capacity(packages.len());
        for name in packages {
            installed.push(vm.install_package(&self.package(name)?)?);
        }
        let created = Created {
            status: vm.status()?,
            notice: vm.notice(),
            packages: installed,
        };
        let answer = encode(&Answer::Created(Box::new(created)))?;
        let kept = KeptVm {
            spec: spec.clone(),
            created_at: self.wall_now(),
            state: VmState::Created,
            image: String::new(),
        };
        self.keep_image(slot, vm, kept, vec![Change::Done(op, answer.clone())])?;
        Ok(answer)
    }

    pub(super) fn watch(&self, vm: &dyn BiologicalVm) {
        // The name is new to the monitor: one that was destroyed is not watched any more.
        if let Err(error) = self.monitor.lock().watch(vm.probe()) {
            self.note(Some(vm.id()), "unwatched", &error.to_string());
        }
    }

    /// One step of the life of a VM, which is taken back if it cannot be kept.
    pub(super) fn step(
        &self,
        op: Option<OpId>,
        id: &VmId,
        event: VmEvent,
    ) -> Result<Message, VmError> {
        let slot = self.slot(id)?;
        let _life = slot.life.lock();
        self.check_current(id, &slot)?;
        if self.is_closing() {
            return Err(VmError::Cancelled);
        }
        let mut vm = self.vm(id)?;
        let before = vm.status()?.state;
        // A cell that a process has does not move while its VM is paused.
        let cell = match before {
            VmState::Running => None,
            _ => vm.save().ok(),
        };
        apply(&mut vm, event)?;
        let state = vm.status()?.state;
        let answer = encode(&Answer::Done)?;
        let done = op.map(|op| Change::Done(op, answer.clone()));
        let changes: Vec<Change> = done.into_iter().collect();
        let kept = self.kept(id).map(|kept| KeptVm { state, ..kept });
        let result = kept.and_then(|kept| {
            // Whoever works on the cell keeps it at the end, together with what it answers; a running cell is soon elsewhere.
            match slot.work.try_lock() {
                Some(_work) if state != VmState::Running => {
                    self.keep_image(&slot, &vm, kept, changes)
                }
                _ => self.commit_with(kept, changes),
            }
        });
        if let Err(error) = result {
            put_back(&mut vm, before, cell.as_ref())?;
            return Err(error);
        }
        self.note(Some(id), word(event), &format!("it is {state}"));
        Ok(answer)
    }

    fn commit_with(&self, kept: KeptVm, mut changes: Vec<Change>) -> Result<(), VmError> {
        changes.push(Change::Vm(kept));
        self.commit(changes)
    }

    /// Ends a VM; what runs on it is cancelled first.
    pub(super) fn destroy(&self, op: OpId, id: &VmId) -> Result<Message, VmError> {
        let slot = match self.slot(id) {
            Ok(slot) => slot,
            // It is kept and could not go on: that can be forgotten.
            Err(_) if self.kept(id).is_ok() => return self.forget(op, id),
            Err(error) => return Err(error),
        };
        slot.cancel();
        let _work = slot.work.lock();
        let _life = slot.life.lock();
        let _images = slot.images.lock();
        self.check_current(id, &slot)?;
        let mut vm = self.vm(id)?;
        let answer = self.forget(op, id)?;
        vm.destroy()?;
        self.table.write().remove(id);
        // It is watched unless that was refused at its beginning, which was told then.
        drop(self.monitor.lock().unwatch(id));
        Ok(answer)
    }

    fn forget(&self, op: OpId, id: &VmId) -> Result<Message, VmError> {
        let answer = encode(&Answer::Done)?;
        self.commit(vec![
            Change::Gone(id.clone()),
            Change::Done(op, answer.clone()),
        ])?;
        self.note(Some(id), "destroyed", "its images are removed");
        if let Err(error) = self.images.remove_all(id) {
            self.note(Some(id), "left behind", &error.to_string());
        }
        Ok(answer)
    }

    pub(super) fn kept(&self, id: &VmId) -> Result<KeptVm, VmError> {
        let kept = self.keep.lock().vms().get(id).cloned();
        kept.ok_or_else(|| VmError::NotFound { id: id.clone() })
    }

    /// Takes an image of a cell and makes it the one that the VM goes on from, together with other changes.
    pub(super) fn keep_image(
        &self,
        slot: &Slot,
        vm: &dyn BiologicalVm,
        kept: KeptVm,
        mut changes: Vec<Change>,
    ) -> Result<(), VmError> {
        let mut last = slot.images.lock();
        // Read before the image is taken: it is of that moment or later.
        let sim_time = vm.status()?.sim_time;
        let packages = vm.installed_packages()?;
        let image = vm.save()?;
        let label = ImageLabel {
            id: vm.id().clone(),
            organism: vm.organism(),
            sim_time,
            saved_at: (self.wall)(),
        };
        let saved = self.images.save(&label, &image);
        let saved = saved.map_err(unkept)?;
        let name = saved.path.file_name().and_then(|name| name.to_str());
        let image = name.expect("the store makes plain names").to_owned();
        // Its state may have changed since it was read: by now nobody else writes to this entry but a step of its life, which holds that lock.
        changes.push(Change::Vm(KeptVm { image, ..kept }));
        last.sim_time = None;
        self.commit(changes).inspect_err(|_| {
            // Without its entry in the journal it is no image of the VM: what remains of it is removed at the next start.
            let _ = fs::remove_file(&saved.path);
        })?;
        *last = Kept {
            sim_time: Some(sim_time),
            packages,
        };
        Ok(())
    }
}

fn apply(vm: &mut dyn BiologicalVm, event: VmEvent) -> Result<(), VmError> {
    match event {
        VmEvent::Start => vm.start(),
        VmEvent::Pause => vm.pause(),
        VmEvent::Resume => vm.resume(),
        VmEvent::Stop => vm.stop(),
        VmEvent::Destroy => vm.destroy(),
        // Nobody asks a VM to fail; its state says what it can do.
        VmEvent::Fail => Ok(vm.status()?.state.apply(event).map(drop)?),
    }
}

/// Takes a step back: the state is as it was, and so is the cell, if that did not move then.
///
/// One that was never started cannot be so again: it is stopped, and can be started as before.
fn put_back(
    vm: &mut dyn BiologicalVm,
    before: VmState,
    cell: Option<&VmImage>,
) -> Result<(), VmError> {
    match (vm.status()?.state, before) {
        (VmState::Running, VmState::Paused) => vm.pause()?,
        (VmState::Running, VmState::Created | VmState::Stopped) => vm.stop()?,
        (VmState::Paused, VmState::Running) => vm.resume()?,
        (VmState::Stopped, VmState::Running) => vm.start()?,
        (VmState::Stopped, VmState::Paused) => {
            vm.start()?;
            vm.pause()?;
        }
        _ => {}
    }
    cell.map_or(Ok(()), |cell| vm.restore(cell))
}

fn word(event: VmEvent) -> &'static str {
    match event {
        VmEvent::Start => "started",
        VmEvent::Pause => "paused",
        VmEvent::Resume => "resumed",
        VmEvent::Stop => "stopped",
        VmEvent::Destroy => "destroyed",
        VmEvent::Fail => "failed",
    }
}
