//! Hosts.

use std::collections::BTreeMap;

use super::call::Bounds;
use super::session::Xapi;
use super::storage::one_of;
use super::vm::NameOrUuid;
use crate::error::XapiError;
use crate::value::{Host, HostMetrics, Ref, Uuid, Value, ValueError};

/// A host.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct HostRecord {
    /// Its lasting name.
    pub uuid: Uuid,
    /// Its name for people.
    pub name_label: String,
    /// Its name in the network, as it knows it.
    pub hostname: String,
    /// Where it is asked.
    pub address: String,
    /// Whether VMs may be started on it.
    pub enabled: bool,
    /// What it runs, such as `product_brand` and `product_version`.
    pub software_version: BTreeMap<String, String>,
    /// Version of its API.
    pub api_version: (i64, i64),
    /// What it reports.
    pub metrics: Option<Ref<HostMetrics>>,
}

impl HostRecord {
    /// Reads a record.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if a field is something else.
    pub fn read(value: &Value) -> Result<Self, ValueError> {
        let record = value.as_record()?;
        Ok(Self {
            uuid: record.required("uuid", Value::as_uuid)?,
            name_label: record.text("name_label")?,
            hostname: record.text("hostname")?,
            address: record.text("address")?,
            enabled: record.bool("enabled")?,
            software_version: record.map("software_version")?,
            api_version: (
                record.int("API_version_major")?,
                record.int("API_version_minor")?,
            ),
            metrics: record.reference("metrics")?,
        })
    }
}

/// What a host reports.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct HostMetricsRecord {
    /// Whether it is up.
    pub live: bool,
    /// Its memory, bytes.
    pub memory_total: i64,
    /// Memory that nobody has, bytes.
    pub memory_free: i64,
}

impl HostMetricsRecord {
    /// Reads a record.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if a field is something else.
    pub fn read(value: &Value) -> Result<Self, ValueError> {
        let record = value.as_record()?;
        Ok(Self {
            live: record.bool("live")?,
            memory_total: record.int("memory_total")?,
            memory_free: record.int("memory_free")?,
        })
    }
}

impl Xapi {
    /// What a host reports.
    ///
    /// # Errors
    ///
    /// [`XapiError`], a failure `HANDLE_INVALID` if there is no such report.
    pub fn host_metrics(
        &self,
        metrics: &Ref<HostMetrics>,
        bounds: Bounds<'_>,
    ) -> Result<HostMetricsRecord, XapiError> {
        self.ask(
            "host_metrics.get_record",
            vec![metrics.into()],
            bounds,
            HostMetricsRecord::read,
        )
    }

    /// All hosts of the pool.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if they cannot be read.
    pub fn hosts(&self, bounds: Bounds<'_>) -> Result<Vec<(Ref<Host>, HostRecord)>, XapiError> {
        let all = self.ask("host.get_all_records", vec![], bounds, |all| {
            all.as_map(HostRecord::read)
        })?;
        Ok(all
            .into_iter()
            .filter_map(|(reference, record)| Some((Ref::new(reference)?, record)))
            .collect())
    }

    /// The host of a name or a UUID.
    ///
    /// # Errors
    ///
    /// [`XapiError::NotFound`] if there is none, [`XapiError::Ambiguous`] if several have the name.
    pub fn find_host(
        &self,
        name: &str,
        bounds: Bounds<'_>,
    ) -> Result<(Ref<Host>, HostRecord), XapiError> {
        let all = self.hosts(bounds)?;
        one_of("host", &NameOrUuid::from(name), all, |record| {
            (&record.uuid, &record.name_label)
        })
    }

    /// Memory of a host that no VM has, bytes.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if it cannot be found.
    pub fn host_free_memory(&self, host: &Ref<Host>, bounds: Bounds<'_>) -> Result<i64, XapiError> {
        self.ask(
            "host.compute_free_memory",
            vec![host.into()],
            bounds,
            Value::as_int,
        )
    }

    /// The certificate of a host, PEM; [`CertificatePin::of_pem`](crate::CertificatePin::of_pem) makes a pin of it.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if it cannot be read.
    pub fn host_certificate(
        &self,
        host: &Ref<Host>,
        bounds: Bounds<'_>,
    ) -> Result<String, XapiError> {
        self.ask(
            "host.get_server_certificate",
            vec![host.into()],
            bounds,
            |pem| pem.as_text().map(str::to_owned),
        )
    }
}
