//! VMs and what their guests report.

use std::collections::BTreeMap;

use crate::value::{DateTime, GuestMetrics, Host, Ref, Uuid, Value, ValueError, Vbd, Vdi, Vif, Vm};

/// What a VM does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PowerState {
    /// It is off.
    Halted,
    /// It runs.
    Running,
    /// It stands still in memory.
    Paused,
    /// It stands still on a disk.
    Suspended,
}

impl PowerState {
    pub(super) fn read(value: &Value) -> Result<Self, ValueError> {
        let word = value.as_text()?;
        [
            ("Halted", Self::Halted),
            ("Running", Self::Running),
            ("Paused", Self::Paused),
            ("Suspended", Self::Suspended),
        ]
        .into_iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(word))
        .map(|(_, state)| state)
        .ok_or(ValueError {
            path: String::new(),
            wanted: "a power state",
            found: "another text",
        })
    }

    /// Its word in XAPI.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Halted => "Halted",
            Self::Running => "Running",
            Self::Paused => "Paused",
            Self::Suspended => "Suspended",
        }
    }
}

/// A VM, a template or a snapshot.
///
/// What an older server lacks is empty, 0, false or `None`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct VmRecord {
    /// Its lasting name.
    pub uuid: Uuid,
    /// Its name for people, which others may have too.
    pub name_label: String,
    /// What people say of it.
    pub name_description: String,
    /// What it does.
    pub power_state: PowerState,
    /// Whether it is a template, as snapshots are too.
    pub is_a_template: bool,
    /// Whether it is a snapshot.
    pub is_a_snapshot: bool,
    /// Whether it is the domain that controls a host.
    pub is_control_domain: bool,
    /// Whether it is a template that came with the server.
    pub is_default_template: bool,
    /// What could be asked of it just now, as a hint.
    pub allowed_operations: Vec<String>,
    /// What is done with it just now, by task.
    pub current_operations: BTreeMap<String, String>,
    /// What may not be done with it, and why.
    pub blocked_operations: BTreeMap<String, String>,
    /// Where it runs.
    pub resident_on: Option<Ref<Host>>,
    /// The number of its domain, -1 if it is off.
    pub domid: i64,
    /// Memory, bytes: the least it may ever have.
    pub memory_static_min: i64,
    /// The most it may ever have.
    pub memory_static_max: i64,
    /// The least it may have as it is.
    pub memory_dynamic_min: i64,
    /// The most it may have as it is.
    pub memory_dynamic_max: i64,
    /// The most virtual CPUs.
    pub vcpus_max: i64,
    /// Virtual CPUs after a start.
    pub vcpus_at_startup: i64,
    /// Network cards.
    pub vifs: Vec<Ref<Vif>>,
    /// Disks and CD drives.
    pub vbds: Vec<Ref<Vbd>>,
    /// Words that people gave it.
    pub tags: Vec<String>,
    /// What programs keep with it.
    pub other_config: BTreeMap<String, String>,
    /// Keys of what is handed to its guest; what is there may be secret.
    pub data_keys: Vec<String>,
    /// What its guest reports.
    pub guest_metrics: Option<Ref<GuestMetrics>>,
    /// Snapshots of it.
    pub snapshots: Vec<Ref<Vm>>,
    /// Of what it is a snapshot.
    pub snapshot_of: Option<Ref<Vm>>,
    /// Where its memory is while it is suspended.
    pub suspend_vdi: Option<Ref<Vdi>>,
}

impl VmRecord {
    /// Reads a record.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if a field is something else.
    pub fn read(value: &Value) -> Result<Self, ValueError> {
        let record = value.as_record()?;
        let other_config = record.map("other_config")?;
        let shipped = other_config
            .get("default_template")
            .is_some_and(|word| word == "true");
        Ok(Self {
            uuid: record.required("uuid", Value::as_uuid)?,
            name_label: record.text("name_label")?,
            name_description: record.text("name_description")?,
            power_state: record.required("power_state", PowerState::read)?,
            is_a_template: record.bool("is_a_template")?,
            is_a_snapshot: record.bool("is_a_snapshot")?,
            is_control_domain: record.bool("is_control_domain")?,
            is_default_template: record.bool("is_default_template")? || shipped,
            allowed_operations: record.texts("allowed_operations")?,
            current_operations: record.map("current_operations")?,
            blocked_operations: record.map("blocked_operations")?,
            resident_on: record.reference("resident_on")?,
            domid: record.int("domid")?,
            memory_static_min: record.int("memory_static_min")?,
            memory_static_max: record.int("memory_static_max")?,
            memory_dynamic_min: record.int("memory_dynamic_min")?,
            memory_dynamic_max: record.int("memory_dynamic_max")?,
            vcpus_max: record.int("VCPUs_max")?,
            vcpus_at_startup: record.int("VCPUs_at_startup")?,
            vifs: record.references("VIFs")?,
            vbds: record.references("VBDs")?,
            tags: record.texts("tags")?,
            other_config,
            data_keys: record
                .optional("xenstore_data", |data| data.as_map(|_| Ok(())))?
                .into_keys()
                .collect(),
            guest_metrics: record.reference("guest_metrics")?,
            snapshots: record.references("snapshots")?,
            snapshot_of: record.reference("snapshot_of")?,
            suspend_vdi: record.reference("suspend_VDI")?,
        })
    }

    /// Whether it is a template to make VMs of.
    pub fn is_usable_template(&self) -> bool {
        self.is_a_template && !self.is_a_snapshot
    }
}

/// What a guest reports by its agent; without one, nothing ever comes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GuestMetricsRecord {
    /// Addresses, by names such as `0/ip` and `1/ipv6/0`.
    pub networks: BTreeMap<String, String>,
    /// What system it runs.
    pub os_version: BTreeMap<String, String>,
    /// Whether the drivers of the agent were seen.
    pub pv_drivers_detected: bool,
    /// Further words, such as `feature-shutdown`.
    pub other: BTreeMap<String, String>,
    /// Whether the guest is alive.
    pub live: bool,
    /// When it reported last.
    pub last_updated: Option<DateTime>,
}

impl GuestMetricsRecord {
    /// Reads a record.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if a field is something else.
    pub fn read(value: &Value) -> Result<Self, ValueError> {
        let record = value.as_record()?;
        Ok(Self {
            networks: record.map("networks")?,
            os_version: record.map("os_version")?,
            pv_drivers_detected: record.bool("PV_drivers_detected")?,
            other: record.map("other")?,
            live: record.bool("live")?,
            last_updated: record.optional("last_updated", |date| date.as_date_time().map(Some))?,
        })
    }
}
