//! What the owner of a pool sees without calls, and does to its guests.

use std::collections::BTreeMap;

use super::Pool;
use crate::xapi::value::Value;

/// A VM, as the owner of the pool sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VmView {
    /// Its uuid.
    pub uuid: String,
    /// Its name.
    pub name: String,
    /// `Halted`, `Running`, `Paused` or `Suspended`.
    pub power_state: String,
    /// Whether it is a template; snapshots are, too.
    pub is_template: bool,
    /// Whether it is a snapshot.
    pub is_snapshot: bool,
    /// What its guest reports of its addresses.
    pub addresses: BTreeMap<String, String>,
}

impl Pool {
    /// All VMs but the control domains, by name.
    pub fn vms(&self) -> Vec<VmView> {
        let mut views: Vec<VmView> = self
            .store
            .all("VM")
            .iter()
            .filter_map(|vm| self.view(vm))
            .collect();
        views.sort_by(|a, b| (&a.name, &a.uuid).cmp(&(&b.name, &b.uuid)));
        views
    }

    /// Has the guest of a VM power itself off; it gives false if no such VM runs.
    pub fn power_off_guest(&mut self, vm_uuid: &str) -> bool {
        let found = self.store.find("VM", "uuid", &Value::from(vm_uuid));
        let Some(vm) = found.into_iter().next() else {
            return false;
        };
        let Some(number) = self.domains.get(&vm).map(|domain| domain.number) else {
            return false;
        };
        self.guest_off(&vm, number);
        self.serve_event_waits();
        true
    }

    fn view(&self, vm: &str) -> Option<VmView> {
        let record = self.store.record("VM", vm).ok()?;
        let text = |field: &str| record.member(field).map_or("", Value::as_text).to_owned();
        let flag = |field: &str| record.member(field).is_some_and(Value::as_bool);
        if flag("is_control_domain") {
            return None;
        }
        let networks = self
            .store
            .map("VM_guest_metrics", &text("guest_metrics"), "networks")
            .unwrap_or_default();
        Some(VmView {
            uuid: text("uuid"),
            name: text("name_label"),
            power_state: text("power_state"),
            is_template: flag("is_a_template"),
            is_snapshot: flag("is_a_snapshot"),
            addresses: networks
                .into_iter()
                .map(|(key, value)| (key, value.as_text().to_owned()))
                .collect(),
        })
    }
}
