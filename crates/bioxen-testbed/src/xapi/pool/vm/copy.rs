//! Clones, copies, and the end of a VM.

use std::collections::BTreeMap;

use super::{Operation, Work};
use crate::xapi::failure::Failure;
use crate::xapi::pool::Pool;
use crate::xapi::pool::call::Request;
use crate::xapi::pool::job::Step;
use crate::xapi::value::{NULL, Value};

/// Fields that a copy of a VM does not take over: they tell of the one VM, or of its present.
const OWN: &[&str] = &[
    "uuid",
    "allowed_operations",
    "current_operations",
    "power_state",
    "is_default_template",
    "suspend_VDI",
    "resident_on",
    "scheduled_to_be_resident_on",
    "domid",
    "metrics",
    "guest_metrics",
    "is_a_snapshot",
    "snapshot_of",
    "snapshot_time",
    "snapshot_info",
    "transportable_snapshot_id",
    "blocked_operations",
    "appliance",
    "order",
    "start_delay",
    "shutdown_delay",
    "parent",
    "last_booted_record",
    "requires_reboot",
];

impl Pool {
    pub(super) fn begin_copy(&mut self, request: &Request, task: &str) -> Result<Step, Failure> {
        let (vm, name) = (request.text(0).to_owned(), request.text(1).to_owned());
        let storage = match request.text(2) {
            "" | NULL => String::new(),
            storage if self.store.has("SR", storage) => storage.to_owned(),
            storage => return Err(Failure::handle("SR", storage)),
        };
        let work = Work::Clone {
            vm,
            name,
            storage: Some(storage),
        };
        self.work(Operation::Copy, task, work)
    }

    pub(super) fn clone_vm(
        &mut self,
        vm: &str,
        name: &str,
        storage: Option<&str>,
    ) -> Result<String, Failure> {
        let copy = self.copy_record(vm, name)?;
        let mut other = self.store.map("VM", &copy, "other_config")?;
        other.remove("default_template");
        let seed = self.store.random().uuid();
        other.insert("mac_seed".to_owned(), Value::from(seed));
        if self.store.flag("VM", vm, "is_a_template")? {
            let base = self.store.text("VM", vm, "name_label")?;
            other.insert("base_template_name".to_owned(), Value::from(base));
        }
        self.store.set("VM", &copy, "other_config", other)?;
        let made = self
            .copy_vifs(vm, &copy, false)
            .and_then(|()| self.copy_vbds(vm, &copy, storage, false, &[]));
        self.keep_or_remove(copy, made)
    }

    /// A half-made copy is removed with its disks.
    pub(super) fn keep_or_remove(
        &mut self,
        copy: String,
        made: Result<(), Failure>,
    ) -> Result<String, Failure> {
        if let Err(failure) = made {
            for (_, vdi) in self.disks_of(&copy)? {
                self.remove_disk(&vdi)?;
            }
            self.destroy_vm(&copy)?;
            return Err(failure);
        }
        self.refresh_vm(&copy);
        Ok(copy)
    }

    /// A VM with what carries over from another, still without devices.
    pub(super) fn copy_record(&mut self, vm: &str, name: &str) -> Result<String, Failure> {
        let metrics = self.new_vm_metrics()?;
        let mut fields: BTreeMap<String, Value> = self.store.record("VM", vm)?.to_map();
        for own in OWN {
            fields.remove(*own);
        }
        fields.insert("name_label".to_owned(), Value::from(name));
        fields.insert("domid".to_owned(), Value::Int(-1));
        fields.insert("metrics".to_owned(), Value::from(metrics));
        let guest = self.store.text("VM", vm, "guest_metrics")?;
        if self.store.has("VM_guest_metrics", &guest) {
            let mut old = self.store.record("VM_guest_metrics", &guest)?.to_map();
            old.remove("uuid");
            let old = old
                .iter()
                .map(|(name, value)| (name.as_str(), value.clone()));
            let copy = self.store.insert("VM_guest_metrics", old)?;
            fields.insert("guest_metrics".to_owned(), Value::from(copy));
        }
        let fields = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()));
        let copy = self.store.insert("VM", fields)?;
        if let Some(habits) = self.habits.get(vm).cloned() {
            self.habits.insert(copy.clone(), habits);
        }
        Ok(copy)
    }

    /// Makes a VM of a template: it is none any more, and has the disks of the recipe if there is one.
    pub(super) fn provision(&mut self, vm: &str) -> Result<(), Failure> {
        let mut other = self.store.map("VM", vm, "other_config")?;
        if let Some(recipe) = other.remove("disks") {
            for disk in recipe_disks(recipe.as_text()) {
                let storage = match disk.storage.as_str() {
                    "" => self.default_storage()?,
                    uuid => {
                        let found = self.store.find("SR", "uuid", &Value::from(uuid));
                        let missing = || Failure::new("UUID_INVALID", ["SR", uuid]);
                        found.into_iter().next().ok_or_else(missing)?
                    }
                };
                let label = self.store.text("VM", vm, "name_label")?;
                let given = [
                    ("name_label".to_owned(), Value::from(label)),
                    ("type".to_owned(), Value::from("system")),
                    ("virtual_size".to_owned(), Value::Int(disk.size)),
                ];
                let vdi = self.new_disk(&storage, &given.into())?;
                let fields = [
                    ("VM", Value::from(vm)),
                    ("VDI", Value::from(vdi)),
                    ("userdevice", Value::from(disk.device)),
                    ("bootable", Value::Bool(disk.bootable)),
                    ("mode", Value::from("RW")),
                    ("type", Value::from("Disk")),
                    ("other_config", Value::map([("owner", "")])),
                ];
                self.store.insert("VBD", fields)?;
            }
            self.store.set("VM", vm, "other_config", other)?;
        }
        self.store.set("VM", vm, "is_a_template", false)?;
        let metrics = self.store.text("VM", vm, "metrics")?;
        let date = self.date();
        self.store.set("VM_metrics", &metrics, "install_time", date)
    }

    /// Removes a VM and what belongs to it alone, but not its disks.
    pub(super) fn destroy_vm(&mut self, vm: &str) -> Result<(), Failure> {
        for vbd in self.store.list("VM", vm, "VBDs")? {
            self.store.remove("VBD", &vbd)?;
        }
        for vif in self.store.list("VM", vm, "VIFs")? {
            self.remove_vif(&vif)?;
        }
        for console in self.store.list("VM", vm, "consoles")? {
            self.store.remove("console", &console)?;
        }
        for (field, class) in [
            ("metrics", "VM_metrics"),
            ("guest_metrics", "VM_guest_metrics"),
        ] {
            let metrics = self.store.text("VM", vm, field)?;
            if self.store.has(class, &metrics) {
                self.store.remove(class, &metrics)?;
            }
        }
        self.habits.remove(vm);
        self.store.remove("VM", vm)
    }
}

/// A disk that an install recipe asks for.
struct RecipeDisk {
    device: String,
    size: i64,
    storage: String,
    bootable: bool,
}

/// Disks of a recipe such as `<provision><disk device="0" size="8589934592" sr="" bootable="true" type="system"/></provision>`.
fn recipe_disks(recipe: &str) -> Vec<RecipeDisk> {
    let attribute = |element: &str, name: &str| -> String {
        let start = format!(" {name}=\"");
        element
            .split_once(&start)
            .and_then(|(_, rest)| rest.split_once('"'))
            .map_or_else(String::new, |(value, _)| value.to_owned())
    };
    recipe
        .split("<disk")
        .skip(1)
        .filter_map(|element| {
            let element = element.split('>').next()?;
            Some(RecipeDisk {
                device: attribute(element, "device"),
                size: attribute(element, "size").parse().ok()?,
                storage: attribute(element, "sr"),
                bootable: attribute(element, "bootable") == "true",
            })
        })
        .collect()
}
