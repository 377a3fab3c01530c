//! Hosts and their memory, the pool, storages and networks.

use super::Pool;
use super::call::Request;
use super::job::Step;
use crate::xapi::failure::Failure;
use crate::xapi::model::Kind;
use crate::xapi::value::{NULL, Value};

impl Pool {
    pub(super) fn host_message(&mut self, request: &Request) -> Result<Step, Failure> {
        let host = request.text(0);
        let value = match request.name.as_str() {
            "compute_free_memory" => Value::Int(self.free_memory(host)?),
            "compute_memory_overhead" => {
                Value::Int(self.store.int("host", host, "memory_overhead")?)
            }
            "get_servertime" | "get_server_localtime" => self.date(),
            "list_methods" => Value::texts(self.store.model.list_methods()),
            "get_server_certificate" => {
                let node = self.hosts.iter().find(|node| node.reference == host);
                Value::from(node.map_or("", |node| node.certificate.as_str()))
            }
            "enable" => {
                self.store.set("host", host, "enabled", true)?;
                Value::void()
            }
            "disable" => {
                self.store.set("host", host, "enabled", false)?;
                Value::void()
            }
            _ => return Err(Self::not_simulated(request)),
        };
        Ok(Step::Done(value))
    }

    pub(super) fn pool_message(&mut self, request: &Request) -> Result<Step, Failure> {
        match request.name.as_str() {
            "is_slave" => {
                let host = request.text(0);
                let master = self.hosts.get(self.master).map(|node| &node.reference);
                Ok(Step::Done(Value::Bool(
                    master.is_none_or(|master| master != host),
                )))
            }
            _ => Err(Self::not_simulated(request)),
        }
    }

    pub(super) fn sr_message(&mut self, request: &Request) -> Result<Step, Failure> {
        let storage = request.text(0);
        let value = match request.name.as_str() {
            "scan" | "update" => Value::void(),
            "set_name_label" => {
                self.store
                    .set("SR", storage, "name_label", request.text(1))?;
                Value::void()
            }
            "set_name_description" => {
                self.store
                    .set("SR", storage, "name_description", request.text(1))?;
                Value::void()
            }
            "get_supported_types" => Value::texts(["ext", "iso", "lvm", "nfs"]),
            _ => return Err(Self::not_simulated(request)),
        };
        Ok(Step::Done(value))
    }

    pub(super) fn network_message(&mut self, request: &Request) -> Result<Step, Failure> {
        if request.kind == Kind::Create {
            let given = request.arg(0).to_map();
            let fields = given
                .iter()
                .map(|(name, value)| (name.as_str(), value.clone()));
            let network = self.store.insert("network", fields)?;
            return Ok(Step::Done(Value::from(network)));
        }
        let network = request.text(0);
        let vifs = self.store.list("network", network, "VIFs")?;
        let mut attached = Vec::new();
        for vif in vifs {
            if self.store.flag("VIF", &vif, "currently_attached")? {
                attached.push(vif);
            }
        }
        if !attached.is_empty() {
            return Err(Failure::new("NETWORK_CONTAINS_VIF", attached));
        }
        self.store.remove("network", network)?;
        Ok(Step::Done(Value::void()))
    }

    /// Memory of a host that no VM has or was promised.
    pub(super) fn free_memory(&self, host: &str) -> Result<i64, Failure> {
        let metrics = self.store.text("host", host, "metrics")?;
        let mut free = self.store.int("host_metrics", &metrics, "memory_total")?
            - self.store.int("host", host, "memory_overhead")?;
        for vm in self.store.all("VM") {
            let is_here = self.store.text("VM", &vm, "resident_on")? == host
                || self.store.text("VM", &vm, "scheduled_to_be_resident_on")? == host;
            if is_here {
                free -= self.memory_of(&vm)?;
            }
        }
        Ok(free)
    }

    /// Memory that a VM needs to start.
    pub(super) fn memory_of(&self, vm: &str) -> Result<i64, Failure> {
        let least = self.store.int("VM", vm, "memory_dynamic_min")?;
        Ok(least.saturating_add(self.store.int("VM", vm, "memory_overhead")?))
    }

    /// Brings the free memory that hosts tell up to date.
    pub(super) fn refresh_hosts(&mut self) {
        for host in self.store.all("host") {
            if let Ok(free) = self.free_memory(&host)
                && let Ok(metrics) = self.store.text("host", &host, "metrics")
            {
                let _ = self
                    .store
                    .set("host_metrics", &metrics, "memory_free", free.max(0));
            }
        }
    }

    /// Whether a VM can start on a host now.
    pub(super) fn check_host_for(&self, vm: &str, host: &str) -> Result<(), Failure> {
        if !self.store.has("host", host) {
            return Err(Failure::handle("host", host));
        }
        if !self.store.flag("host", host, "enabled")? {
            return Err(Failure::new("HOST_DISABLED", [host]));
        }
        for (_, vdi) in self.disks_of(vm)? {
            let storage = self.store.text("VDI", &vdi, "SR")?;
            let shared = self.store.flag("SR", &storage, "shared").unwrap_or(false);
            let plugs = self.store.list("SR", &storage, "PBDs").unwrap_or_default();
            let mut here = shared;
            for plug in plugs {
                here |= self.store.text("PBD", &plug, "host")? == host;
            }
            if !here {
                return Err(Failure::new("VM_REQUIRES_SR", [vm, storage.as_str()]));
            }
        }
        for vif in self.store.list("VM", vm, "VIFs")? {
            let network = self.store.text("VIF", &vif, "network")?;
            if !self.store.has("network", &network) {
                return Err(Failure::new("VM_REQUIRES_NETWORK", [vm, network.as_str()]));
            }
        }
        let (needed, free) = (self.memory_of(vm)?, self.free_memory(host)?);
        if needed > free {
            return Err(Failure::new(
                "HOST_NOT_ENOUGH_FREE_MEMORY",
                [needed.to_string(), free.max(0).to_string()],
            ));
        }
        Ok(())
    }

    /// Hosts on which a VM can start now, the one with the most free memory first.
    pub(super) fn possible_hosts(&self, vm: &str) -> Result<Vec<String>, Failure> {
        let mut hosts = Vec::new();
        for host in self.store.all("host") {
            if self.check_host_for(vm, &host).is_ok() {
                hosts.push((-self.free_memory(&host)?, host));
            }
        }
        hosts.sort();
        Ok(hosts.into_iter().map(|(_, host)| host).collect())
    }

    /// The host on which a VM starts if nobody says where.
    pub(super) fn choose_host(&self, vm: &str) -> Result<String, Failure> {
        let all = self.store.all("host");
        if let [only] = all.as_slice() {
            self.check_host_for(vm, only)?;
            return Ok(only.clone());
        }
        let affinity = self.store.text("VM", vm, "affinity")?;
        if affinity != NULL && self.check_host_for(vm, &affinity).is_ok() {
            return Ok(affinity);
        }
        self.possible_hosts(vm)?
            .into_iter()
            .next()
            .ok_or_else(|| Failure::plain("NO_HOSTS_AVAILABLE"))
    }
}
