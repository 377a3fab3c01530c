//! The seam to the guests: what is told when a VM starts, pauses and stops.

use std::collections::BTreeMap;
use std::fmt;

/// Something that brings up a guest behind a VM.
///
/// It is called while the pool is locked: it should return soon.
pub trait Guests: Send + fmt::Debug {
    /// A VM starts, and gives the addresses that its agent will report.
    ///
    /// # Errors
    ///
    /// The guest cannot be brought up; the start of the VM fails with the text.
    fn started(&mut self, vm: &StartedVm) -> Result<Addresses, String>;

    /// A VM has stopped, in whatever way, or was suspended.
    fn stopped(&mut self, vm_uuid: &str);

    /// A VM is paused.
    fn paused(&mut self, vm_uuid: &str);

    /// A paused VM goes on.
    fn unpaused(&mut self, vm_uuid: &str);
}

/// A VM that starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartedVm {
    /// Its uuid.
    pub uuid: String,
    /// Its name.
    pub name: String,
    /// Uuids of its disks in the order of their devices; a guest that remembers them finds its files again.
    pub disks: Vec<String>,
    /// MAC addresses by device.
    pub macs: BTreeMap<String, String>,
    /// Whether it goes on from where it was suspended.
    pub resumed: bool,
    /// What its guest finds in its xenstore: what `xenstore_data` of XAPI has below `vm-data/`, and nothing else of it.
    pub vm_data: BTreeMap<String, String>,
    /// What else is set on it, as `other_config` of XAPI.
    pub other_config: BTreeMap<String, String>,
}

/// Addresses as an agent reports them: keys such as `0/ip` and `0/ipv4/0`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses(pub BTreeMap<String, String>);

impl Addresses {
    /// One IPv4 address on the first interface, in both spellings.
    pub fn ipv4(address: &str) -> Self {
        let keys = ["0/ip", "0/ipv4/0"];
        Self(keys.map(|key| (key.to_owned(), address.to_owned())).into())
    }
}

/// No guests behind the VMs: addresses come from a table by name of the VM, else are all the same.
#[derive(Clone, Debug)]
pub struct NoGuests {
    /// Addresses by name of the VM.
    pub by_name: BTreeMap<String, Addresses>,
    /// Addresses of all others.
    pub others: Addresses,
}

impl Default for NoGuests {
    fn default() -> Self {
        Self {
            by_name: BTreeMap::new(),
            others: Addresses::ipv4("127.0.0.1"),
        }
    }
}

impl Guests for NoGuests {
    fn started(&mut self, vm: &StartedVm) -> Result<Addresses, String> {
        let named = self.by_name.get(&vm.name);
        Ok(named.unwrap_or(&self.others).clone())
    }

    fn stopped(&mut self, _vm_uuid: &str) {}

    fn paused(&mut self, _vm_uuid: &str) {}

    fn unpaused(&mut self, _vm_uuid: &str) {}
}
