//! Snapshots, checkpoints, and the way back.

use super::{Operation, Work};
use crate::xapi::failure::Failure;
use crate::xapi::pool::Pool;
use crate::xapi::pool::job::Step;
use crate::xapi::value::{NULL, Value};

/// Fields that a revert brings back.
const REVERTED: &[&str] = &[
    "name_description",
    "memory_static_max",
    "memory_static_min",
    "memory_dynamic_max",
    "memory_dynamic_min",
    "memory_overhead",
    "VCPUs_max",
    "VCPUs_at_startup",
    "VCPUs_params",
    "platform",
    "HVM_boot_params",
    "HVM_boot_policy",
    "other_config",
    "xenstore_data",
];

impl Pool {
    pub(super) fn snapshot(
        &mut self,
        vm: &str,
        name: &str,
        checkpoint: bool,
        skip: &[String],
    ) -> Result<String, Failure> {
        let snapshot = self.copy_record(vm, name)?;
        let state = if checkpoint { "Suspended" } else { "Halted" };
        let date = self.date();
        for (field, value) in [
            ("is_a_template", Value::Bool(true)),
            ("is_a_snapshot", Value::Bool(true)),
            ("snapshot_of", Value::from(vm)),
            ("snapshot_time", date),
            ("power_state", Value::from(state)),
            (
                "snapshot_info",
                Value::map([
                    (
                        "power-state-at-snapshot",
                        self.store.text("VM", vm, "power_state")?,
                    ),
                    ("disk-snapshot-type", "crash_consistent".to_owned()),
                ]),
            ),
        ] {
            self.store.set("VM", &snapshot, field, value)?;
        }
        let made = self
            .copy_vifs(vm, &snapshot, true)
            .and_then(|()| self.copy_vbds(vm, &snapshot, None, true, skip))
            .and_then(|()| {
                if checkpoint {
                    let image = self.suspend_image(vm)?;
                    self.store.set("VM", &snapshot, "suspend_VDI", image)?;
                }
                Ok(())
            });
        let snapshot = self.keep_or_remove(snapshot, made)?;
        self.store.set("VM", vm, "parent", snapshot.as_str())?;
        Ok(snapshot)
    }

    pub(super) fn begin_revert(&mut self, snapshot: &str, task: &str) -> Result<Step, Failure> {
        self.check_operation(snapshot, Operation::Revert)?;
        let vm = self.store.text("VM", snapshot, "snapshot_of")?;
        let mut others = Vec::new();
        if self.store.has("VM", &vm) {
            self.check_operation(&vm, Operation::Reverting)
                .or_else(|failure| match failure.code.as_str() {
                    // Only what else goes on keeps a VM from going back.
                    "OTHER_OPERATION_IN_PROGRESS" | "OPERATION_BLOCKED" => Err(failure),
                    _ => Ok(()),
                })?;
            self.lock(&vm, task, Operation::Reverting.name())?;
            others.push(vm.clone());
        }
        let work = Work::Revert {
            snapshot: snapshot.to_owned(),
            vm,
        };
        match self.work(Operation::Revert, task, work)? {
            Step::Work {
                takes,
                work,
                mut locked,
            } => {
                locked.extend(others);
                Ok(Step::Work {
                    takes,
                    work,
                    locked,
                })
            }
            step => Ok(step),
        }
    }

    pub(super) fn revert(&mut self, snapshot: &str, vm: &str, _task: &str) -> Result<(), Failure> {
        let vm = if self.store.has("VM", vm) {
            if self.store.text("VM", vm, "power_state")? != "Halted" {
                self.halt(vm)?;
                self.detach_disks(vm);
            }
            for (_, vdi) in self.disks_of(vm)? {
                self.remove_disk(&vdi)?;
            }
            for vbd in self.store.list("VM", vm, "VBDs")? {
                self.store.remove("VBD", &vbd)?;
            }
            for vif in self.store.list("VM", vm, "VIFs")? {
                self.remove_vif(&vif)?;
            }
            vm.to_owned()
        } else {
            // The VM is gone: it is made anew.
            let name = self.store.text("VM", snapshot, "name_label")?;
            let made = self.copy_record(snapshot, &name)?;
            self.store.set("VM", &made, "is_a_template", false)?;
            self.store
                .set("VM", snapshot, "snapshot_of", made.as_str())?;
            made
        };
        for field in REVERTED {
            let value = self.store.get("VM", snapshot, field)?;
            self.store.set("VM", &vm, field, value)?;
        }
        self.copy_vifs(snapshot, &vm, true)?;
        self.copy_vbds(snapshot, &vm, None, false, &[])?;
        self.store.set("VM", &vm, "parent", snapshot)?;
        let image = self.store.text("VM", snapshot, "suspend_VDI")?;
        if image != NULL && self.store.has("VDI", &image) {
            let copy = self.copy_disk(&image, None, false)?;
            self.store.set("VM", &vm, "suspend_VDI", copy)?;
            self.store.set("VM", &vm, "power_state", "Suspended")?;
        }
        self.refresh_vm(&vm);
        Ok(())
    }
}
