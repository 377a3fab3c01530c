//! The pool.

use std::time::Duration;

use super::call::Bounds;
use super::session::Xapi;
use crate::error::XapiError;
use crate::https::Endpoint;
use crate::value::{Host, Pool, Ref, Sr, Uuid, Value, ValueError};

/// A pool.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PoolRecord {
    /// Its lasting name.
    pub uuid: Uuid,
    /// Its name for people, often empty.
    pub name_label: String,
    /// The host that is asked.
    pub master: Ref<Host>,
    /// Where disks go by default; it may be gone.
    pub default_sr: Option<Ref<Sr>>,
    /// Words that people gave it.
    pub tags: Vec<String>,
}

impl PoolRecord {
    fn read(value: &Value) -> Result<Self, ValueError> {
        let record = value.as_record()?;
        Ok(Self {
            uuid: record.required("uuid", Value::as_uuid)?,
            name_label: record.text("name_label")?,
            master: record.required("master", Value::as_ref)?,
            default_sr: record.reference("default_SR")?,
            tags: record.texts("tags")?,
        })
    }
}

/// What a test of a connection found.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TestReport {
    /// Who was asked.
    pub endpoint: Endpoint,
    /// Name of the pool, or of its master if it has none.
    pub pool: String,
    /// Product and version of the master, such as "XCP-ng 8.3.0".
    pub product: String,
    /// Version of the API of the master.
    pub api_version: (i64, i64),
    /// How many hosts the pool has.
    pub hosts: usize,
    /// How long the questions took.
    pub took: Duration,
}

impl Xapi {
    /// The pool.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if it cannot be read.
    pub fn pool(&self, bounds: Bounds<'_>) -> Result<(Ref<Pool>, PoolRecord), XapiError> {
        let all: Vec<Ref<Pool>> = self.ask("pool.get_all", vec![], bounds, |set| {
            set.as_set(Value::as_ref)
        })?;
        let pool = all.into_iter().next().ok_or(XapiError::NotFound {
            what: "pool",
            name: "of this host".to_owned(),
        })?;
        let record = self.ask(
            "pool.get_record",
            vec![(&pool).into()],
            bounds,
            PoolRecord::read,
        )?;
        Ok((pool, record))
    }

    /// Asks a few things, to see whether the connection is of use.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if it is not.
    pub fn test_connection(&self, bounds: Bounds<'_>) -> Result<TestReport, XapiError> {
        let begin = self.shared.timer.now();
        let (_, pool) = self.pool(bounds)?;
        let hosts = self.hosts(bounds)?;
        let took = self.shared.timer.now().saturating_sub(begin);
        let master = hosts
            .iter()
            .find(|(reference, _)| *reference == pool.master)
            .map(|(_, record)| record)
            .ok_or_else(|| XapiError::NotFound {
                what: "master",
                name: "of the pool".to_owned(),
            })?;
        let version = |key: &str| master.software_version.get(key).map_or("", String::as_str);
        Ok(TestReport {
            endpoint: self.endpoint(),
            pool: match pool.name_label.is_empty() {
                true => master.name_label.clone(),
                false => pool.name_label,
            },
            product: format!(
                "{} {}",
                version("product_brand"),
                version("product_version")
            )
            .trim()
            .to_owned(),
            api_version: master.api_version,
            hosts: hosts.len(),
            took,
        })
    }
}
