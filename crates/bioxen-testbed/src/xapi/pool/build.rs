//! A pool as it is before anybody calls.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use super::census::Initial;
use super::{Node, Pool};
use crate::xapi::failure::Failure;
use crate::xapi::fault::Plan;
use crate::xapi::guests::NoGuests;
use crate::xapi::model::{DataModel, ModelError};
use crate::xapi::spec::{HostSpec, NetworkSpec, PoolSpec, StorageSpec};
use crate::xapi::store::Store;
use crate::xapi::value::Value;

mod template;

/// A pool that cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BuildError {
    /// The data model cannot be read.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The specification cannot be met, such as disks larger than their storage.
    #[error("the pool cannot be built: {0}")]
    Spec(String),
}

impl From<Failure> for BuildError {
    fn from(failure: Failure) -> Self {
        Self::Spec(format!("{} {}", failure.code, failure.params.join(" ")))
    }
}

impl Pool {
    /// Builds a pool.
    ///
    /// # Errors
    ///
    /// There is no host or no storage for disks, or the disks do not fit.
    pub fn new(spec: &PoolSpec) -> Result<Self, BuildError> {
        Self::with_model(spec, &DataModel::new()?)
    }

    /// Builds a pool with a data model that was read before, which saves most of the time.
    ///
    /// # Errors
    ///
    /// There is no host or no storage for disks, or the disks do not fit.
    pub fn with_model(spec: &PoolSpec, model: &DataModel) -> Result<Self, BuildError> {
        let store = Store::new(Arc::clone(&model.0), spec.seed);
        let mut pool = Self {
            store,
            now: Duration::ZERO,
            epoch: spec.epoch,
            timings: spec.timings.clone(),
            user: spec.user.clone(),
            password: spec.password.clone(),
            ballooning: spec.ballooning,
            hosts: Vec::new(),
            master: 0,
            sessions: BTreeMap::new(),
            jobs: BTreeMap::new(),
            dues: BTreeMap::new(),
            numbers: 0,
            answers: BTreeMap::new(),
            event_waits: BTreeMap::new(),
            domains: BTreeMap::new(),
            habits: BTreeMap::new(),
            guests: Box::new(NoGuests::default()),
            plan: Plan::none(),
            initial: Initial::default(),
            finished_tasks: Vec::new(),
            doomed_tasks: BTreeSet::new(),
        };
        for host in &spec.hosts {
            pool.add_host(host)?;
        }
        let first_host = match pool.hosts.first() {
            Some(node) => node.reference.clone(),
            None => return Err(BuildError::Spec("there is no host".to_owned())),
        };
        let mut disks = None;
        for storage in &spec.storages {
            let reference = pool.add_storage(storage)?;
            if storage.content != "iso" && disks.is_none() {
                disks = Some(reference);
            }
        }
        let disks =
            disks.ok_or_else(|| BuildError::Spec("there is no storage for disks".to_owned()))?;
        let mut network = String::new();
        for spec in &spec.networks {
            let reference = pool.add_network(spec)?;
            if network.is_empty() {
                network = reference;
            }
        }
        pool.add_internal_network()?;
        pool.store.insert(
            "pool",
            [
                ("name_label", Value::from(spec.name.as_str())),
                ("master", Value::from(first_host)),
                ("default_SR", Value::from(disks.as_str())),
                ("suspend_image_SR", Value::from(disks.as_str())),
                ("crash_dump_SR", Value::from(disks.as_str())),
            ],
        )?;
        pool.add_shipped_template()?;
        for template in &spec.templates {
            pool.add_template(template, &disks, &network)?;
        }
        pool.refresh_hosts();
        pool.initial = pool.take_initial();
        Ok(pool)
    }

    fn add_host(&mut self, spec: &HostSpec) -> Result<(), Failure> {
        let (total, control) = (bytes(spec.memory), bytes(spec.control_memory));
        let metrics = self.store.insert(
            "host_metrics",
            [
                ("memory_total", Value::Int(total)),
                ("live", Value::Bool(true)),
                ("last_updated", self.date()),
            ],
        )?;
        let versions = [
            ("product_brand", "XCP-ng"),
            ("product_version", "8.3.0"),
            ("product_version_text", "8.3"),
            ("xapi", "26.1"),
            ("xen", "4.17.5"),
            ("build_number", "cloud"),
        ];
        let host = self.store.insert(
            "host",
            [
                ("name_label", Value::from(spec.name.as_str())),
                ("hostname", Value::from(spec.name.as_str())),
                ("address", Value::from(spec.address.as_str())),
                ("enabled", Value::Bool(true)),
                ("metrics", Value::from(metrics)),
                ("memory_overhead", Value::Int(64 << 20)),
                ("software_version", Value::map(versions)),
                ("API_version_major", Value::Int(2)),
                ("API_version_minor", Value::Int(23)),
                ("API_version_vendor", Value::from("XenSource")),
                ("edition", Value::from("xcp-ng")),
                (
                    "cpu_info",
                    Value::map([("cpu_count", "16"), ("vendor", "GenuineIntel")]),
                ),
                (
                    "capabilities",
                    Value::texts(["xen-3.0-x86_64", "hvm-3.0-x86_64"]),
                ),
            ],
        )?;
        let vm_metrics = self.new_vm_metrics()?;
        let name = format!("Control domain on host: {}", spec.name);
        let control = self.store.insert(
            "VM",
            [
                ("name_label", Value::from(name)),
                (
                    "name_description",
                    Value::from(
                        "The domain which manages physical devices and manages other domains",
                    ),
                ),
                ("power_state", Value::from("Running")),
                ("is_control_domain", Value::Bool(true)),
                ("resident_on", Value::from(host.as_str())),
                ("affinity", Value::from(host.as_str())),
                ("domid", Value::Int(0)),
                ("metrics", Value::from(vm_metrics)),
                ("memory_static_min", Value::Int(control)),
                ("memory_static_max", Value::Int(control)),
                ("memory_dynamic_min", Value::Int(control)),
                ("memory_dynamic_max", Value::Int(control)),
                ("VCPUs_max", Value::Int(4)),
                ("VCPUs_at_startup", Value::Int(4)),
                ("actions_after_shutdown", Value::from("destroy")),
                ("actions_after_reboot", Value::from("destroy")),
                ("actions_after_crash", Value::from("destroy")),
                ("domain_type", Value::from("pv")),
            ],
        )?;
        self.store
            .set("host", &host, "control_domain", control.as_str())?;
        self.refresh_vm(&control);
        self.hosts.push(Node {
            reference: host,
            address: spec.address.clone(),
            refuses: None,
            certificate: String::new(),
        });
        Ok(())
    }

    fn add_storage(&mut self, spec: &StorageSpec) -> Result<String, Failure> {
        let storage = self.store.insert(
            "SR",
            [
                ("name_label", Value::from(spec.name.as_str())),
                ("type", Value::from(spec.driver.as_str())),
                ("content_type", Value::from(spec.content.as_str())),
                ("shared", Value::Bool(spec.shared)),
                ("physical_size", Value::Int(bytes(spec.size))),
            ],
        )?;
        let hosts = self.hosts.iter().map(|node| node.reference.clone());
        let hosts: Vec<String> = if spec.shared {
            hosts.collect()
        } else {
            hosts.take(1).collect()
        };
        for host in hosts {
            self.store.insert(
                "PBD",
                [
                    ("host", Value::from(host)),
                    ("SR", Value::from(storage.as_str())),
                    ("currently_attached", Value::Bool(true)),
                ],
            )?;
        }
        if spec.content == "iso" {
            let given = [
                ("name_label", Value::from("guest-tools.iso")),
                ("SR", Value::from(storage.as_str())),
                ("type", Value::from("user")),
                ("virtual_size", Value::Int(60 << 20)),
                ("physical_utilisation", Value::Int(60 << 20)),
                ("read_only", Value::Bool(true)),
                ("is_tools_iso", Value::Bool(true)),
                ("managed", Value::Bool(true)),
            ];
            self.store.insert("VDI", given)?;
        }
        Ok(storage)
    }

    fn add_network(&mut self, spec: &NetworkSpec) -> Result<String, Failure> {
        let network = self.store.insert(
            "network",
            [
                ("name_label", Value::from(spec.name.as_str())),
                ("bridge", Value::from(spec.bridge.as_str())),
            ],
        )?;
        for node in &self.hosts {
            let host = node.reference.clone();
            let address = node.address.clone();
            let device = spec.bridge.replace("xenbr", "eth");
            self.store.insert(
                "PIF",
                [
                    ("network", Value::from(network.as_str())),
                    ("host", Value::from(host)),
                    ("device", Value::from(device)),
                    ("IP", Value::from(address)),
                    ("management", Value::Bool(true)),
                    ("currently_attached", Value::Bool(true)),
                    ("physical", Value::Bool(true)),
                    ("MTU", Value::Int(1_500)),
                ],
            )?;
        }
        Ok(network)
    }

    fn add_internal_network(&mut self) -> Result<(), Failure> {
        let marks = [
            ("is_guest_installer_network", "true"),
            ("is_host_internal_management_network", "true"),
            ("ip_begin", "169.254.0.1"),
            ("ip_end", "169.254.255.254"),
            ("netmask", "255.255.0.0"),
        ];
        self.store.insert(
            "network",
            [
                (
                    "name_label",
                    Value::from("Host internal management network"),
                ),
                ("bridge", Value::from("xenapi")),
                ("other_config", Value::map(marks)),
            ],
        )?;
        Ok(())
    }
}

/// A number of bytes as XAPI counts them.
fn bytes(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
