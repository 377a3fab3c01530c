//! Networks and network cards.

use std::collections::BTreeMap;

use super::call::{Bounds, Repeat, understand};
use super::session::Xapi;
use super::vm::NameOrUuid;
use crate::error::XapiError;
use crate::value::{Network, Ref, Uuid, Value, ValueError, Vif, Vm};

use super::storage::one_of;

/// A network.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NetworkRecord {
    /// Its lasting name.
    pub uuid: Uuid,
    /// Its name for people.
    pub name_label: String,
    /// Its bridge on hosts.
    pub bridge: String,
    /// What programs keep with it.
    pub other_config: BTreeMap<String, String>,
}

impl NetworkRecord {
    fn read(value: &Value) -> Result<Self, ValueError> {
        let record = value.as_record()?;
        Ok(Self {
            uuid: record.required("uuid", Value::as_uuid)?,
            name_label: record.text("name_label")?,
            bridge: record.text("bridge")?,
            other_config: record.map("other_config")?,
        })
    }

    /// Whether it is the one that hosts have for themselves.
    fn is_internal(&self) -> bool {
        self.other_config
            .get("is_host_internal_management_network")
            .is_some_and(|word| word == "true")
    }
}

/// A network card.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct VifRecord {
    /// Its lasting name.
    pub uuid: Uuid,
    /// Its place, a number as text.
    pub device: String,
    /// The network it is on.
    pub network: Option<Ref<Network>>,
    /// The VM it is in.
    pub vm: Option<Ref<Vm>>,
    /// Its hardware address.
    pub mac: String,
    /// Whether it is plugged in.
    pub currently_attached: bool,
}

impl VifRecord {
    fn read(value: &Value) -> Result<Self, ValueError> {
        let record = value.as_record()?;
        Ok(Self {
            uuid: record.required("uuid", Value::as_uuid)?,
            device: record.text("device")?,
            network: record.reference("network")?,
            vm: record.reference("VM")?,
            mac: record.text("MAC")?,
            currently_attached: record.bool("currently_attached")?,
        })
    }
}

/// A network card to make.
#[derive(Clone, Debug, PartialEq)]
pub struct NewVif {
    /// The VM it is for.
    pub vm: Ref<Vm>,
    /// The network it is on.
    pub network: Ref<Network>,
    /// Its place, or the first that is free.
    pub device: Option<u32>,
    /// Its hardware address, or one that the server makes up.
    pub mac: Option<String>,
    /// The longest packet, bytes.
    pub mtu: u32,
}

impl NewVif {
    /// In the first free place, with an address that the server makes up, for packets of 1,500 bytes.
    pub fn new(vm: Ref<Vm>, network: Ref<Network>) -> Self {
        Self {
            vm,
            network,
            device: None,
            mac: None,
            mtu: 1_500,
        }
    }
}

impl Xapi {
    /// All networks but those that hosts have for themselves.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if they cannot be read.
    pub fn networks(
        &self,
        bounds: Bounds<'_>,
    ) -> Result<Vec<(Ref<Network>, NetworkRecord)>, XapiError> {
        let all = self.ask("network.get_all_records", vec![], bounds, |all| {
            all.as_map(NetworkRecord::read)
        })?;
        Ok(all
            .into_iter()
            .filter_map(|(reference, record)| Some((Ref::new(reference)?, record)))
            .filter(|(_, record)| !record.is_internal())
            .collect())
    }

    /// The network of a name or a UUID.
    ///
    /// # Errors
    ///
    /// [`XapiError::NotFound`] if there is none, [`XapiError::Ambiguous`] if several have the name.
    pub fn find_network(
        &self,
        name: &str,
        bounds: Bounds<'_>,
    ) -> Result<(Ref<Network>, NetworkRecord), XapiError> {
        let all = self.networks(bounds)?;
        let name = NameOrUuid::from(name);
        one_of("network", &name, all, |record| {
            (&record.uuid, &record.name_label)
        })
    }

    /// Reads a network card.
    ///
    /// # Errors
    ///
    /// [`XapiError`], a failure `HANDLE_INVALID` if there is none.
    pub fn vif_record(&self, vif: &Ref<Vif>, bounds: Bounds<'_>) -> Result<VifRecord, XapiError> {
        self.ask("VIF.get_record", vec![vif.into()], bounds, VifRecord::read)
    }

    /// Makes a network card.
    ///
    /// # Errors
    ///
    /// [`XapiError`], a failure `DEVICE_ALREADY_EXISTS` if its place is taken.
    pub fn create_vif(&self, new: &NewVif, bounds: Bounds<'_>) -> Result<Ref<Vif>, XapiError> {
        const METHOD: &str = "VIF.create";
        let device = match new.device {
            Some(device) => device.to_string(),
            None => self
                .ask(
                    "VM.get_allowed_VIF_devices",
                    vec![(&new.vm).into()],
                    bounds,
                    |set| set.as_set(|item| item.as_text().map(str::to_owned)),
                )?
                .into_iter()
                .next()
                .ok_or_else(|| XapiError::NotFound {
                    what: "free place for a network card",
                    name: format!("in {}", new.vm),
                })?,
        };
        let record = Value::record([
            ("device", device.as_str().into()),
            ("network", (&new.network).into()),
            ("VM", (&new.vm).into()),
            ("MAC", new.mac.as_deref().unwrap_or_default().into()),
            ("MTU", Value::int(i64::from(new.mtu))),
            ("other_config", Value::map([])),
            ("qos_algorithm_type", "".into()),
            ("qos_algorithm_params", Value::map([])),
        ]);
        let made = self.call(METHOD, vec![record], Repeat::Never, bounds)?;
        understand(METHOD, &made, Value::as_ref).map_err(|error| error.unknown(METHOD))
    }

    /// Removes a network card that is not plugged in; one that is gone is removed already.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if the server refuses.
    pub fn destroy_vif(&self, vif: &Ref<Vif>, bounds: Bounds<'_>) -> Result<(), XapiError> {
        super::vm::gone(self.tell("VIF.destroy", vec![vif.into()], bounds)).map(drop)
    }
}
