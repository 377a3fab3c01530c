//! Virtual disks, and the block devices by which VMs have them.

use super::Pool;
use super::call::Request;
use super::job::Step;
use crate::xapi::failure::Failure;
use crate::xapi::value::{NULL, Value};

/// What a disk without own blocks takes of its storage.
const THIN: i64 = 1 << 20;

impl Pool {
    /// Block devices that a VM can have.
    const DEVICES: u32 = 255;

    pub(super) fn vbd_message(&mut self, request: &Request) -> Result<Step, Failure> {
        let vbd = request.text(0);
        match request.name.as_str() {
            "create" => {
                let vbd = self.create_vbd(request)?;
                return Ok(Step::Done(Value::from(vbd)));
            }
            "destroy" => {
                if self.store.flag("VBD", vbd, "currently_attached")? {
                    let why = format!("VBD '{vbd}' still attached to a VM");
                    return Err(Failure::not_allowed(&why));
                }
                self.store.remove("VBD", vbd)?;
            }
            "plug" | "unplug" | "unplug_force" => {
                self.plug("VBD", vbd, request.name == "plug")?;
            }
            "eject" | "insert" => {
                if self.store.text("VBD", vbd, "type")? != "CD" {
                    return Err(Failure::new("VBD_NOT_REMOVABLE_MEDIA", [vbd]));
                }
                let empty = self.store.flag("VBD", vbd, "empty")?;
                let ejects = request.name == "eject";
                if ejects == empty {
                    let code = if empty {
                        "VBD_IS_EMPTY"
                    } else {
                        "VBD_NOT_EMPTY"
                    };
                    return Err(Failure::new(code, [vbd]));
                }
                let vdi = if ejects { NULL } else { request.text(1) };
                if !ejects && !self.store.has("VDI", vdi) {
                    return Err(Failure::handle("VDI", vdi));
                }
                self.store.set("VBD", vbd, "VDI", vdi)?;
                self.store.set("VBD", vbd, "empty", ejects)?;
            }
            "set_mode" => {
                self.store.set("VBD", vbd, "mode", request.arg(1).clone())?;
            }
            _ => return Err(Self::not_simulated(request)),
        }
        Ok(Step::Done(Value::void()))
    }

    fn create_vbd(&mut self, request: &Request) -> Result<String, Failure> {
        let given = request.arg(0).to_map();
        let text = |name: &str| given.get(name).map_or("", Value::as_text);
        let (vm, vdi, wanted) = (text("VM"), text("VDI"), text("userdevice"));
        if !self.store.has("VM", vm) {
            return Err(Failure::handle("VM", vm));
        }
        let empty = given.get("empty").is_some_and(Value::as_bool);
        if !empty && !self.store.has("VDI", vdi) {
            return Err(Failure::handle("VDI", vdi));
        }
        if text("type") == "CD" && text("mode") != "RO" {
            return Err(Failure::plain("VBD_CDS_MUST_BE_READONLY"));
        }
        let free = self.allowed_vbd_devices(vm)?;
        let device = match wanted {
            "autodetect" => free.first().cloned().unwrap_or_default(),
            device => device.to_owned(),
        };
        if device.parse::<u32>().is_err() {
            return Err(Failure::new("INVALID_DEVICE", [wanted]));
        }
        if !free.contains(&device) {
            return Err(Failure::new("DEVICE_ALREADY_EXISTS", [device]));
        }
        let more = [
            ("userdevice", Value::from(device)),
            ("currently_attached", Value::Bool(false)),
            ("allowed_operations", Value::texts(["attach"])),
        ];
        let fields = given
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()));
        self.store.insert("VBD", fields.chain(more))
    }

    pub(super) fn vdi_message(&mut self, request: &Request) -> Result<Step, Failure> {
        let vdi = request.text(0);
        let value = match request.name.as_str() {
            "create" => {
                let given = request.arg(0).to_map();
                let storage = given.get("SR").map_or("", Value::as_text);
                if !self.store.has("SR", storage) {
                    return Err(Failure::handle("SR", storage));
                }
                let storage = storage.to_owned();
                self.check_disk_storage(&storage)?;
                Value::from(self.new_disk(&storage, &given)?)
            }
            "destroy" => {
                for vbd in self.store.list("VDI", vdi, "VBDs")? {
                    if self.store.flag("VBD", &vbd, "currently_attached")? {
                        return Err(Failure::new("VDI_IN_USE", [vdi, "destroy"]));
                    }
                }
                self.remove_disk(vdi)?;
                Value::void()
            }
            "clone" | "snapshot" => {
                let snapshot = request.name == "snapshot";
                Value::from(self.copy_disk(vdi, None, snapshot)?)
            }
            "copy" => {
                let storage = match request.text(1) {
                    "" | NULL => self.store.text("VDI", vdi, "SR")?,
                    other => other.to_owned(),
                };
                if !self.store.has("SR", &storage) {
                    return Err(Failure::handle("SR", &storage));
                }
                Value::from(self.copy_disk(vdi, Some(&storage), false)?)
            }
            "resize" | "resize_online" => {
                let old = self.store.int("VDI", vdi, "virtual_size")?;
                let new = request.arg(1).as_int();
                if new < old {
                    return Err(Failure::new("VDI_TOO_SMALL", [vdi, &old.to_string()]));
                }
                self.store.set("VDI", vdi, "virtual_size", new)?;
                Value::void()
            }
            "set_name_label" | "set_name_description" => {
                let field = request.name.trim_start_matches("set_");
                self.store.set("VDI", vdi, field, request.text(1))?;
                Value::void()
            }
            _ => return Err(Self::not_simulated(request)),
        };
        Ok(Step::Done(value))
    }

    /// Disks of a VM: block devices and what is behind them.
    pub(super) fn disks_of(&self, vm: &str) -> Result<Vec<(String, String)>, Failure> {
        let mut disks = Vec::new();
        for vbd in self.store.list("VM", vm, "VBDs")? {
            let is_disk = self.store.text("VBD", &vbd, "type")? == "Disk"
                && !self.store.flag("VBD", &vbd, "empty")?;
            let vdi = self.store.text("VBD", &vbd, "VDI")?;
            if is_disk && self.store.has("VDI", &vdi) {
                disks.push((vbd, vdi));
            }
        }
        Ok(disks)
    }

    /// Gives a VM the block devices of another: disks are copied, discs are shared.
    ///
    /// Without a storage, disks stay where they are and are copied in no time; with an empty one, each is copied wholly to where it is.
    pub(super) fn copy_vbds(
        &mut self,
        from: &str,
        to: &str,
        storage: Option<&str>,
        snapshot: bool,
        skip: &[String],
    ) -> Result<(), Failure> {
        for vbd in self.store.list("VM", from, "VBDs")? {
            let mut fields = self.store.record("VBD", &vbd)?.to_map();
            fields.remove("uuid");
            fields.insert("VM".to_owned(), Value::from(to));
            fields.insert("device".to_owned(), Value::from(""));
            fields.insert("currently_attached".to_owned(), Value::Bool(false));
            let vdi = fields.get("VDI").map_or("", Value::as_text).to_owned();
            let is_disk = fields
                .get("type")
                .is_some_and(|kind| kind.as_text() == "Disk");
            if is_disk && skip.contains(&vdi) {
                continue;
            }
            if is_disk && self.store.has("VDI", &vdi) {
                let own = self.store.text("VDI", &vdi, "SR")?;
                let target = storage.map(|wanted| if wanted.is_empty() { &own } else { wanted });
                let copy = self.copy_disk(&vdi, target, snapshot)?;
                fields.insert("VDI".to_owned(), Value::from(copy));
                let mut other = fields
                    .get("other_config")
                    .map(Value::to_map)
                    .unwrap_or_default();
                other.insert("owner".to_owned(), Value::from(""));
                fields.insert("other_config".to_owned(), Value::Map(other));
            }
            let fields = fields
                .iter()
                .map(|(name, value)| (name.as_str(), value.clone()));
            self.store.insert("VBD", fields)?;
        }
        Ok(())
    }

    /// Copies a disk: wholly to a storage, or as a thin copy beside it.
    pub(super) fn copy_disk(
        &mut self,
        vdi: &str,
        storage: Option<&str>,
        snapshot: bool,
    ) -> Result<String, Failure> {
        let mut fields = self.store.record("VDI", vdi)?.to_map();
        let own = fields.get("SR").map_or("", Value::as_text).to_owned();
        let size = fields.get("virtual_size").map_or(0, Value::as_int);
        let (storage, used) = match storage {
            Some(storage) => (storage.to_owned(), size),
            None => (own, THIN),
        };
        self.use_storage(&storage, used)?;
        let never = Value::Date(crate::xapi::value::NEVER.to_owned());
        let date = self.date();
        for (name, value) in [
            ("SR", Value::from(storage)),
            ("physical_utilisation", Value::Int(used)),
            ("is_a_snapshot", Value::Bool(snapshot)),
            (
                "snapshot_of",
                Value::from(if snapshot { vdi } else { NULL }),
            ),
            ("snapshot_time", if snapshot { date } else { never }),
            ("current_operations", Value::Map([].into())),
        ] {
            fields.insert(name.to_owned(), value);
        }
        fields.remove("uuid");
        self.insert_disk(
            fields
                .iter()
                .map(|(name, value)| (name.as_str(), value.clone())),
        )
    }

    /// Makes a disk of the fields that are given.
    pub(super) fn new_disk(
        &mut self,
        storage: &str,
        given: &std::collections::BTreeMap<String, Value>,
    ) -> Result<String, Failure> {
        let size = given.get("virtual_size").map_or(0, Value::as_int);
        if size <= 0 {
            return Err(Failure::value("virtual_size", size));
        }
        self.check_room(storage, size)?;
        self.use_storage(storage, THIN)?;
        let more = [
            ("physical_utilisation", Value::Int(THIN)),
            ("managed", Value::Bool(true)),
            ("SR", Value::from(storage)),
        ];
        let fields = given
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()));
        self.insert_disk(fields.chain(more))
    }

    fn insert_disk<'f>(
        &mut self,
        fields: impl IntoIterator<Item = (&'f str, Value)>,
    ) -> Result<String, Failure> {
        let vdi = self.store.insert("VDI", fields)?;
        let uuid = self.store.text("VDI", &vdi, "uuid")?;
        self.store.set("VDI", &vdi, "location", uuid)?;
        let operations = ["clone", "copy", "destroy", "resize", "snapshot", "update"];
        self.store
            .set("VDI", &vdi, "allowed_operations", Value::texts(operations))?;
        Ok(vdi)
    }

    /// Removes a disk and the block devices on it.
    pub(super) fn remove_disk(&mut self, vdi: &str) -> Result<(), Failure> {
        let storage = self.store.text("VDI", vdi, "SR")?;
        let used = self.store.int("VDI", vdi, "physical_utilisation")?;
        for vbd in self.store.list("VDI", vdi, "VBDs")? {
            self.store.remove("VBD", &vbd)?;
        }
        self.store.remove("VDI", vdi)?;
        self.use_storage(&storage, -used)
    }

    fn check_disk_storage(&self, storage: &str) -> Result<(), Failure> {
        if self.store.text("SR", storage, "content_type")? == "iso" {
            return Err(Failure::new("SR_OPERATION_NOT_SUPPORTED", [storage]));
        }
        Ok(())
    }

    fn check_room(&self, storage: &str, size: i64) -> Result<(), Failure> {
        let room = self.store.int("SR", storage, "physical_size")?
            - self.store.int("SR", storage, "physical_utilisation")?;
        if size > room {
            return Err(Failure::new(
                "SR_FULL",
                [size.to_string(), room.to_string()],
            ));
        }
        Ok(())
    }

    fn use_storage(&mut self, storage: &str, bytes: i64) -> Result<(), Failure> {
        if bytes > 0 {
            self.check_room(storage, bytes)?;
        }
        if !self.store.has("SR", storage) {
            return Ok(());
        }
        for field in ["physical_utilisation", "virtual_allocation"] {
            let used = self.store.int("SR", storage, field)?;
            self.store
                .set("SR", storage, field, (used + bytes).max(0))?;
        }
        Ok(())
    }

    /// Plugs a device into a VM that runs, or out of it.
    pub(super) fn plug(&mut self, class: &str, device: &str, plugs: bool) -> Result<(), Failure> {
        let vm = self.store.text(class, device, "VM")?;
        self.check_running(&vm)?;
        let attached = self.store.flag(class, device, "currently_attached")?;
        if plugs == attached {
            let code = if plugs {
                "DEVICE_ALREADY_ATTACHED"
            } else {
                "DEVICE_ALREADY_DETACHED"
            };
            return Err(Failure::new(code, [device]));
        }
        self.check_features(&vm)?;
        self.store.set(class, device, "currently_attached", plugs)
    }

    /// Detaches all devices of a VM that is off.
    pub(super) fn detach_disks(&mut self, vm: &str) {
        if self.domains.contains_key(vm) {
            return;
        }
        for class in ["VBD", "VIF"] {
            for device in self.store.find(class, "VM", &Value::from(vm)) {
                let _ = self.store.set(class, &device, "currently_attached", false);
            }
        }
    }

    /// Attaches all devices of a VM that starts.
    pub(super) fn attach_devices(&mut self, vm: &str) -> Result<(), Failure> {
        for class in ["VBD", "VIF"] {
            for device in self.store.find(class, "VM", &Value::from(vm)) {
                self.store.set(class, &device, "currently_attached", true)?;
            }
        }
        Ok(())
    }

    /// Devices that a VM has free for disks.
    pub(super) fn allowed_vbd_devices(&self, vm: &str) -> Result<Vec<String>, Failure> {
        let mut taken = Vec::new();
        for vbd in self.store.list("VM", vm, "VBDs")? {
            taken.push(self.store.text("VBD", &vbd, "userdevice")?);
        }
        let all = (0..Self::DEVICES).map(|number| number.to_string());
        Ok(all.filter(|device| !taken.contains(device)).collect())
    }
}
