//! Finding VMs and templates, and reading them.

use std::net::IpAddr;
use std::str::FromStr;

use crate::error::XapiError;
use crate::value::{Class, GuestMetrics, Host, Ref, Uuid, Value, Vm};
use crate::xapi::call::Bounds;
use crate::xapi::records::{GuestMetricsRecord, PowerState, VmRecord};
use crate::xapi::{AddressFilter, Xapi};

/// Which template.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum NameOrUuid {
    /// The one of this name; there must be no second.
    Name(String),
    /// The one of this UUID.
    Uuid(Uuid),
}

impl From<&str> for NameOrUuid {
    /// What looks like a UUID is one.
    fn from(text: &str) -> Self {
        Uuid::from_str(text).map_or_else(|_| Self::Name(text.to_owned()), Self::Uuid)
    }
}

impl Xapi {
    /// Finds a template; snapshots and VMs do not count.
    ///
    /// # Errors
    ///
    /// [`XapiError::NotFound`] if there is none, [`XapiError::Ambiguous`] with all UUIDs if several have the name.
    pub fn find_template(
        &self,
        name: &NameOrUuid,
        bounds: Bounds<'_>,
    ) -> Result<(Ref<Vm>, VmRecord), XapiError> {
        let (shown, candidates) = match name {
            NameOrUuid::Uuid(uuid) => (
                uuid.to_string(),
                self.vm_by_uuid(uuid, bounds)?.into_iter().collect(),
            ),
            NameOrUuid::Name(name) => {
                let found = self.vms_by_name(name, bounds)?;
                (format!("{name:?}"), found)
            }
        };
        let mut templates: Vec<_> = candidates
            .into_iter()
            .filter(|(_, record)| record.is_usable_template())
            .collect();
        match (templates.pop(), templates.is_empty()) {
            (Some(template), true) => Ok(template),
            (Some(last), false) => Err(XapiError::Ambiguous {
                what: "template",
                name: shown,
                uuids: templates
                    .into_iter()
                    .chain([last])
                    .map(|(_, record)| record.uuid)
                    .collect(),
            }),
            (None, _) => Err(XapiError::NotFound {
                what: "template",
                name: shown,
            }),
        }
    }

    /// All VMs, templates and snapshots of a name.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if they cannot be read.
    pub fn vms_by_name(
        &self,
        name: &str,
        bounds: Bounds<'_>,
    ) -> Result<Vec<(Ref<Vm>, VmRecord)>, XapiError> {
        let references: Vec<Ref<Vm>> =
            self.ask("VM.get_by_name_label", vec![name.into()], bounds, |set| {
                set.as_set(Value::as_ref)
            })?;
        let mut found = Vec::with_capacity(references.len());
        for reference in references {
            // It may be gone by now.
            if let Some(record) = gone(self.vm_record(&reference, bounds))? {
                found.push((reference, record));
            }
        }
        Ok(found)
    }

    /// The VM, template or snapshot of a UUID.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if it cannot be read.
    pub fn vm_by_uuid(
        &self,
        uuid: &Uuid,
        bounds: Bounds<'_>,
    ) -> Result<Option<(Ref<Vm>, VmRecord)>, XapiError> {
        let Some(reference) = self.by_uuid("VM.get_by_uuid", uuid, bounds)? else {
            return Ok(None);
        };
        let record = gone(self.vm_record(&reference, bounds))?;
        Ok(record.map(|record| (reference, record)))
    }

    /// What a call finds under a UUID.
    pub(in crate::xapi) fn by_uuid<C: Class>(
        &self,
        call: &'static str,
        uuid: &Uuid,
        bounds: Bounds<'_>,
    ) -> Result<Option<Ref<C>>, XapiError> {
        gone(self.ask(call, vec![uuid.as_str().into()], bounds, Value::as_ref))
    }

    /// Reads a VM.
    ///
    /// # Errors
    ///
    /// [`XapiError`], a failure `HANDLE_INVALID` if there is no such VM.
    pub fn vm_record(&self, vm: &Ref<Vm>, bounds: Bounds<'_>) -> Result<VmRecord, XapiError> {
        self.ask("VM.get_record", vec![vm.into()], bounds, VmRecord::read)
    }

    /// All VMs, templates and snapshots that a filter lets through.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if they cannot be read.
    pub fn vm_records(
        &self,
        bounds: Bounds<'_>,
        mut wanted: impl FnMut(&VmRecord) -> bool,
    ) -> Result<Vec<(Ref<Vm>, VmRecord)>, XapiError> {
        let all = self.ask("VM.get_all_records", vec![], bounds, |all| {
            all.as_map(VmRecord::read)
        })?;
        Ok(all
            .into_iter()
            .filter_map(|(reference, record)| Some((Ref::new(reference)?, record)))
            .filter(|(_, record)| wanted(record))
            .collect())
    }

    /// What a VM does.
    ///
    /// # Errors
    ///
    /// [`XapiError`], a failure `HANDLE_INVALID` if there is no such VM.
    pub fn vm_status(&self, vm: &Ref<Vm>, bounds: Bounds<'_>) -> Result<PowerState, XapiError> {
        self.ask(
            "VM.get_power_state",
            vec![vm.into()],
            bounds,
            PowerState::read,
        )
    }

    /// What a guest reports, and under which name: none before its first start, for a moment after each, and without an agent for ever.
    ///
    /// The name changes with each start, so that a stale record of the template can be told from a fresh one.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if it cannot be read.
    pub fn guest_metrics(
        &self,
        vm: &Ref<Vm>,
        bounds: Bounds<'_>,
    ) -> Result<Option<(Ref<GuestMetrics>, GuestMetricsRecord)>, XapiError> {
        let reference = self.ask(
            "VM.get_guest_metrics",
            vec![vm.into()],
            bounds,
            Value::as_optional_ref,
        )?;
        let Some(reference) = reference else {
            return Ok(None);
        };
        let record = gone(self.ask(
            "VM_guest_metrics.get_record",
            vec![(&reference).into()],
            bounds,
            GuestMetricsRecord::read,
        ))?;
        Ok(record.map(|record| (reference, record)))
    }

    /// Addresses of a guest, best first.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if they cannot be read.
    pub fn guest_addresses(
        &self,
        vm: &Ref<Vm>,
        filter: &AddressFilter,
        bounds: Bounds<'_>,
    ) -> Result<Vec<IpAddr>, XapiError> {
        let metrics = self.guest_metrics(vm, bounds)?;
        Ok(metrics
            .map(|(_, record)| filter.choose(&record.networks))
            .unwrap_or_default())
    }

    /// The best address of a guest, if it has reported one.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if it cannot be read.
    pub fn vm_ip(
        &self,
        vm: &Ref<Vm>,
        filter: &AddressFilter,
        bounds: Bounds<'_>,
    ) -> Result<Option<IpAddr>, XapiError> {
        Ok(self.guest_addresses(vm, filter, bounds)?.into_iter().next())
    }

    /// Hosts on which a VM could run.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if they cannot be found.
    pub fn possible_hosts(
        &self,
        vm: &Ref<Vm>,
        bounds: Bounds<'_>,
    ) -> Result<Vec<Ref<Host>>, XapiError> {
        self.ask("VM.get_possible_hosts", vec![vm.into()], bounds, |set| {
            set.as_set(Value::as_ref)
        })
    }

    /// Asks whether a VM could be started on a host.
    ///
    /// # Errors
    ///
    /// [`XapiError`], a failure that says why not.
    pub fn check_boot_on(
        &self,
        vm: &Ref<Vm>,
        host: &Ref<Host>,
        bounds: Bounds<'_>,
    ) -> Result<(), XapiError> {
        self.tell(
            "VM.assert_can_boot_here",
            vec![vm.into(), host.into()],
            bounds,
        )
    }
}

/// `None` if what was asked for does not exist.
pub(in crate::xapi) fn gone<T>(result: Result<T, XapiError>) -> Result<Option<T>, XapiError> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is("HANDLE_INVALID") || error.is("UUID_INVALID") => Ok(None),
        Err(error) => Err(error),
    }
}
