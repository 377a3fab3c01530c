//! What guests tell once their VM runs.

use std::collections::BTreeMap;

use super::{Due, Pool};
use crate::xapi::failure::Failure;
use crate::xapi::guests::{Addresses, StartedVm};
use crate::xapi::spec::ShutdownHabit;
use crate::xapi::value::{NEVER, NULL, Value};

/// A VM that is not off has a domain.
#[derive(Clone, Debug)]
pub(super) struct Domain {
    /// A VM that starts again gets another number.
    pub(super) number: i64,
    /// Whether the guest told that it can shut down and suspend.
    pub(super) features: bool,
    addresses: Addresses,
}

impl Pool {
    /// Gives a VM a domain, and its guest a life.
    pub(super) fn start_domain(&mut self, vm: &str, resumed: bool) -> Result<(), Failure> {
        let uuid = self.store.text("VM", vm, "uuid")?;
        let mut macs = BTreeMap::new();
        for vif in self.store.list("VM", vm, "VIFs")? {
            let device = self.store.text("VIF", &vif, "device")?;
            macs.insert(device, self.store.text("VIF", &vif, "MAC")?);
        }
        let mut disks = Vec::new();
        for (vbd, vdi) in self.disks_of(vm)? {
            let device = self.store.text("VBD", &vbd, "userdevice")?;
            disks.push((device, self.store.text("VDI", &vdi, "uuid")?));
        }
        disks.sort();
        let texts = |field| -> Result<BTreeMap<String, String>, Failure> {
            let map = self.store.map("VM", vm, field)?;
            let text = |(key, value): (String, Value)| (key, value.as_text().to_owned());
            Ok(map.into_iter().map(text).collect())
        };
        let mut vm_data = texts("xenstore_data")?;
        vm_data.retain(|key, _| key.starts_with("vm-data/"));
        let started = StartedVm {
            uuid: uuid.clone(),
            name: self.store.text("VM", vm, "name_label")?,
            disks: disks.into_iter().map(|(_, uuid)| uuid).collect(),
            macs,
            resumed,
            vm_data,
            other_config: texts("other_config")?,
        };
        let addresses = self
            .guests
            .started(&started)
            .map_err(|why| Failure::internal(format!("the guest did not start: {why}")))?;
        let number = i64::try_from(self.number()).unwrap_or(i64::MAX);
        let domain = Domain {
            number,
            features: false,
            addresses,
        };
        self.domains.insert(vm.to_owned(), domain);
        self.store.set("VM", vm, "domid", number)?;
        self.drop_guest_metrics(vm)?;
        let habits = self.habits.get(vm).cloned().unwrap_or_default();
        let to = |due: fn(String, i64) -> Due| due(vm.to_owned(), number);
        self.due_in(self.timings.empty_metrics, to(Due::GuestEmpty));
        if let Some(span) = habits.drivers_after {
            self.due_in(span, to(Due::GuestDrivers));
        }
        if let Some(span) = habits.address_after {
            self.due_in(span, to(Due::GuestAddress));
        }
        if let Some(span) = habits.off_after {
            self.due_in(span, to(Due::GuestOff));
        }
        Ok(())
    }

    /// Takes the domain of a VM away.
    pub(super) fn stop_domain(&mut self, vm: &str) -> Result<(), Failure> {
        if self.domains.remove(vm).is_some() {
            let uuid = self.store.text("VM", vm, "uuid")?;
            self.guests.stopped(&uuid);
        }
        self.store.set("VM", vm, "domid", -1_i64)?;
        self.store.set("VM", vm, "resident_on", NULL)
    }

    /// How the guest of a VM takes a request to shut down.
    pub(super) fn shutdown_habit(&self, vm: &str) -> ShutdownHabit {
        self.habits
            .get(vm)
            .map_or(ShutdownHabit::Obeys, |habits| habits.shutdown)
    }

    fn drop_guest_metrics(&mut self, vm: &str) -> Result<(), Failure> {
        let old = self.store.text("VM", vm, "guest_metrics")?;
        if self.store.has("VM_guest_metrics", &old) {
            self.store.remove("VM_guest_metrics", &old)?;
        }
        self.store.set("VM", vm, "guest_metrics", NULL)
    }

    pub(super) fn guest_empty(&mut self, vm: &str, number: i64) {
        if self.is_domain(vm, number) {
            let _ = self.guest_metrics(vm);
        }
    }

    pub(super) fn guest_drivers(&mut self, vm: &str, number: i64) {
        if !self.is_domain(vm, number) {
            return;
        }
        let fields = [
            ("PV_drivers_detected", Value::Bool(true)),
            ("PV_drivers_up_to_date", Value::Bool(true)),
            (
                "PV_drivers_version",
                Value::map([
                    ("major", "8"),
                    ("minor", "4"),
                    ("micro", "0"),
                    ("build", "1"),
                ]),
            ),
            (
                "other",
                Value::map([
                    ("feature-shutdown", "1"),
                    ("feature-reboot", "1"),
                    ("feature-suspend", "1"),
                    ("platform-feature-multiprocessor-suspend", "1"),
                ]),
            ),
        ];
        self.report(vm, fields);
        if let Some(domain) = self.domains.get_mut(vm) {
            domain.features = true;
        }
        self.refresh_vm(vm);
    }

    pub(super) fn guest_address(&mut self, vm: &str, number: i64) {
        if !self.is_domain(vm, number) {
            return;
        }
        let Some(addresses) = self.domains.get(vm).map(|domain| domain.addresses.clone()) else {
            return;
        };
        let fields = [
            ("networks", Value::map(addresses.0)),
            (
                "os_version",
                Value::map([
                    ("name", "Debian GNU/Linux 12 (bookworm)"),
                    ("distro", "debian"),
                    ("major", "12"),
                    ("uname", "6.1.0-31-amd64"),
                ]),
            ),
            ("live", Value::Bool(true)),
        ];
        self.report(vm, fields);
    }

    /// The guest powers itself off: the VM is off without any call.
    pub(super) fn guest_off(&mut self, vm: &str, number: i64) {
        if self.is_domain(vm, number) {
            let _ = self.halt(vm);
        }
    }

    /// Changes the addresses that the running guest of a VM reports, such as after a new lease.
    ///
    /// It gives false if no such VM runs.
    pub fn move_guest(&mut self, vm_uuid: &str, addresses: Addresses) -> bool {
        let found = self.store.find("VM", "uuid", &Value::from(vm_uuid));
        let Some(vm) = found.into_iter().next() else {
            return false;
        };
        let Some(domain) = self.domains.get_mut(&vm) else {
            return false;
        };
        domain.addresses = addresses;
        let number = domain.number;
        self.guest_address(&vm, number);
        self.serve_event_waits();
        true
    }

    fn report<const N: usize>(&mut self, vm: &str, fields: [(&str, Value); N]) {
        let Ok(metrics) = self.guest_metrics(vm) else {
            return;
        };
        let date = self.date();
        for (field, value) in fields.into_iter().chain([("last_updated", date)]) {
            let _ = self.store.set("VM_guest_metrics", &metrics, field, value);
        }
    }

    /// The record of what the guest of a VM tells, made if there is none.
    fn guest_metrics(&mut self, vm: &str) -> Result<String, Failure> {
        let old = self.store.text("VM", vm, "guest_metrics")?;
        if self.store.has("VM_guest_metrics", &old) {
            return Ok(old);
        }
        let fields = [
            ("last_updated", self.date()),
            ("PV_drivers_up_to_date", Value::Bool(false)),
        ];
        let metrics = self.store.insert("VM_guest_metrics", fields)?;
        self.store
            .set("VM", vm, "guest_metrics", metrics.as_str())?;
        Ok(metrics)
    }

    fn is_domain(&self, vm: &str, number: i64) -> bool {
        self.domains
            .get(vm)
            .is_some_and(|domain| domain.number == number)
    }

    /// The record of what a VM measures, before it ever ran.
    pub(super) fn new_vm_metrics(&mut self) -> Result<String, Failure> {
        let fields = [
            ("start_time", Value::Date(NEVER.to_owned())),
            ("last_updated", self.date()),
            ("install_time", self.date()),
        ];
        self.store.insert("VM_metrics", fields)
    }
}
