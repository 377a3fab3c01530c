//! A guest is removed, with its disks and snapshots, and nothing else is.

use bioxen_agent::{OpId, draw_op};
use bioxen_core::CancelToken;

use super::mark;
use super::{Guest, XcpngError, XcpngPool};
use crate::journal::{Entry, Intent, Note};
use crate::value::{Ref, Uuid, Vdi, Vm};
use crate::xapi::{Bounds, PowerState, VbdKind, VdiRecord, VmRecord};

/// How far a VM is that goes by the name of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It is being made: nobody has used it, and all its disks were cloned with it.
    Making,
    /// Cells are computed in it: the disks that came with it are marked, and others were attached by somebody.
    Computing,
}

impl XcpngPool {
    /// Shuts a guest down and removes it, with the disks that came with it and its snapshots.
    ///
    /// Disks that others attached to it are kept.
    ///
    /// # Errors
    ///
    /// [`XcpngError`]; what is left then is listed and removed by the garbage collection.
    pub fn destroy(&self, guest: &Guest) -> Result<(), XcpngError> {
        self.destroy_within(guest, &self.options().cancel)
    }

    pub(super) fn destroy_within(
        &self,
        guest: &Guest,
        cancel: &CancelToken,
    ) -> Result<(), XcpngError> {
        let limit = self.options().limits.destroy;
        let bounds = self.bounds("removing the guest", limit, cancel);
        let intent = Intent::Destroy {
            vm: guest.uuid.clone(),
        };
        let mut entry = self.shared.journal.begin(draw_op(), &intent)?;
        let mut begun = false;
        if let Err(failed) = self.remove(&guest.uuid, &mut entry, &[], &mut begun, bounds) {
            if !begun {
                // The guest is whole, and no garbage collection shall take it later.
                entry.close()?;
                return Err(failed);
            }
            return Err(XcpngError::Left {
                left: format!("VM {} or disks of it", guest.uuid),
                source: Box::new(failed),
            });
        }
        entry.close()?;
        Ok(())
    }

    /// Removes a VM that bears the mark, and the disks that were noted or are its own; what is gone is removed already.
    pub(super) fn remove(
        &self,
        uuid: &Uuid,
        entry: &mut Entry,
        noted: &[Uuid],
        begun: &mut bool,
        bounds: Bounds<'_>,
    ) -> Result<(), XcpngError> {
        let mut disks = noted.to_vec();
        if let Some((vm, record)) = self.xapi().vm_by_uuid(uuid, bounds)? {
            let installation = self.shared.installation;
            if !mark::is_ours(&record.other_config, installation, uuid) {
                return Err(XcpngError::NotOurs { uuid: uuid.clone() });
            }
            for disk in self.came_with(&vm, bounds)? {
                if !disks.contains(&disk) {
                    entry.note(Note::Disk(disk.clone()))?;
                    disks.push(disk);
                }
            }
            entry.note(Note::Begun)?;
            *begun = true;
            self.remove_vm(&vm, &record, bounds)?;
        }
        *begun = true;
        for disk in disks {
            self.remove_disk(&disk, bounds)?;
        }
        self.shared.host_keys.remove(uuid.as_str())?;
        Ok(())
    }

    /// Disks that came with a VM of ours, under their own marks.
    ///
    /// One that the pool made of another, such as by going back to a snapshot or by moving it to another storage, carries the mark of that other one, and is marked anew.
    fn came_with(&self, vm: &Ref<Vm>, bounds: Bounds<'_>) -> Result<Vec<Uuid>, XcpngError> {
        let installation = self.shared.installation;
        let mut disks = Vec::new();
        for (vdi, disk) in self.own_disks(vm, bounds)? {
            if !mark::is_of(&disk.other_config, installation) {
                continue;
            }
            if !mark::is_ours(&disk.other_config, installation, &disk.uuid) {
                self.mark_disk(&vdi, &disk, bounds)?;
            }
            disks.push(disk.uuid);
        }
        Ok(disks)
    }

    /// Removes the VM that goes by the name that carries an operation; `false` if there is none.
    pub(super) fn remove_unfinished(
        &self,
        op: OpId,
        stage: Stage,
        bounds: Bounds<'_>,
    ) -> Result<bool, XcpngError> {
        let name = self.name_in_the_making(op);
        let mut found = false;
        for (vm, record) in self.xapi().vms_by_name(&name, bounds)? {
            found = true;
            // By their marks they are found when the VM is gone.
            let disks = match stage {
                Stage::Making => self.mark_disks(&vm, bounds)?,
                Stage::Computing => self.came_with(&vm, bounds)?,
            };
            self.remove_vm(&vm, &record, bounds)?;
            for disk in disks {
                self.remove_disk(&disk, bounds)?;
            }
            self.shared.host_keys.remove(record.uuid.as_str())?;
        }
        Ok(found)
    }

    /// Removes a VM and its snapshots, and leaves its disks.
    fn remove_vm(
        &self,
        vm: &Ref<Vm>,
        record: &VmRecord,
        bounds: Bounds<'_>,
    ) -> Result<(), XcpngError> {
        let xapi = self.xapi();
        match record.power_state {
            PowerState::Halted => {}
            // Its disks go with it: there is nothing to write to them in good order.
            _ => xapi.hard_shutdown_vm(vm, bounds)?,
        }
        for snapshot in &record.snapshots {
            // Those of disks that others attached stay, as these do.
            let disks = match self.came_with(snapshot, bounds) {
                Err(XcpngError::Xapi(error)) if error.is("HANDLE_INVALID") => continue,
                disks => disks?,
            };
            xapi.destroy_vm(snapshot, bounds)?;
            for disk in disks {
                self.remove_disk(&disk, bounds)?;
            }
        }
        Ok(xapi.destroy_vm(vm, bounds)?)
    }

    /// Removes a disk that bears the mark and that no VM has.
    pub(super) fn remove_disk(&self, uuid: &Uuid, bounds: Bounds<'_>) -> Result<(), XcpngError> {
        let installation = self.shared.installation;
        // Somebody may have attached it to another VM since.
        if let Some((vdi, record)) = self.xapi().vdi_by_uuid(uuid, bounds)?
            && mark::is_ours(&record.other_config, installation, uuid)
            && record.vbds.is_empty()
        {
            self.xapi().destroy_vdi(&vdi, bounds)?;
        }
        Ok(())
    }

    /// The disks of a VM that nobody else uses.
    pub(super) fn own_disks(
        &self,
        vm: &Ref<Vm>,
        bounds: Bounds<'_>,
    ) -> Result<Vec<(Ref<Vdi>, VdiRecord)>, XcpngError> {
        let mut disks = Vec::new();
        for (_, vbd) in self.xapi().vbds_of_vm(vm, bounds)? {
            let Some(vdi) = vbd.vdi.filter(|_| vbd.kind == VbdKind::Disk && !vbd.empty) else {
                continue;
            };
            let record = match self.xapi().vdi_record(&vdi, bounds) {
                Err(error) if error.is("HANDLE_INVALID") => continue,
                record => record?,
            };
            let is_written = !record.read_only || record.is_a_snapshot;
            if record.vbds.len() <= 1 && is_written && !record.sharable {
                disks.push((vdi, record));
            }
        }
        Ok(disks)
    }
}
