//! The JSON form of a snapshot, version 1. Names at the top are those of the design that BioXen began as.

use bioxen_core::{
    AtpPercent, AvailableResources, Infrastructure, Molecules, Organism, PaceFactor, Pacing, Quota,
    ResourceUsage, RibosomeCount, RibosomeUnit, Seed, SimTime, VmId,
};
use serde::{Deserialize, Serialize};

use super::{Configuration, ResourceSnapshot};
use crate::error::SnapshotError;

/// What is read first: the format says whether the rest can be.
#[derive(Deserialize)]
struct Head {
    format: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    format: u32,
    vm_id: String,
    biological_type: String,
    vm_type: String,
    /// Seconds since 1970.
    timestamp: f64,
    resource_usage: UsageForm,
    available_resources: AvailableForm,
    configuration: ConfigurationForm,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UsageForm {
    sim_time_us: u64,
    atp_percent: f64,
    atp_quota_percent: f64,
    atp_regenerated_percent: f64,
    energy_charge: f64,
    ribosome_utilization: f64,
    allocated_ribosomes: u32,
    ribosome_unit: String,
    ribosome_cap: u64,
    ribosomes_total: u64,
    ribosomes_translating: u64,
    rnap_total: u64,
    rnap_transcribing: u64,
    atp_use_per_s: Vec<(String, f64)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AvailableForm {
    atp_percent_free: f64,
    ribosome_units_free: u32,
    ribosome_units_capacity: u32,
    vms: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigurationForm {
    atp_percent: f64,
    ribosomes: u32,
    ribosome_unit: String,
    /// `manual`, `unpaced` or `real_time`, with the factor beside it.
    pacing: String,
    pace_factor: Option<f64>,
    seed: u64,
}

pub(super) fn write(snapshot: &ResourceSnapshot) -> String {
    let (usage, free) = (&snapshot.usage, snapshot.available);
    let configuration = snapshot.configuration;
    let (pacing, pace_factor) = match configuration.pacing {
        Pacing::Manual => ("manual", None),
        Pacing::Unpaced => ("unpaced", None),
        Pacing::RealTime { factor } => ("real_time", Some(factor.get())),
    };
    let form = Form {
        format: ResourceSnapshot::FORMAT,
        vm_id: snapshot.vm_id.to_string(),
        biological_type: snapshot.organism.to_string(),
        vm_type: snapshot.infrastructure.to_string(),
        timestamp: snapshot.taken_at_unix_s,
        resource_usage: UsageForm {
            sim_time_us: usage.sim_time.micros(),
            atp_percent: usage.atp_percent,
            atp_quota_percent: usage.atp_quota.percent(),
            atp_regenerated_percent: usage.atp_regenerated_percent,
            energy_charge: usage.energy_charge,
            ribosome_utilization: usage.ribosome_utilization,
            allocated_ribosomes: usage.allocated_ribosomes.get(),
            ribosome_unit: usage.ribosome_unit.to_string(),
            ribosome_cap: usage.ribosome_cap.get(),
            ribosomes_total: usage.ribosomes_total.get(),
            ribosomes_translating: usage.ribosomes_translating.get(),
            rnap_total: usage.rnap_total.get(),
            rnap_transcribing: usage.rnap_transcribing.get(),
            atp_use_per_s: usage.atp_use_per_s.clone(),
        },
        available_resources: AvailableForm {
            atp_percent_free: free.atp_percent_free.percent(),
            ribosome_units_free: free.ribosome_units_free.get(),
            ribosome_units_capacity: free.ribosome_units_capacity.get(),
            vms: free.vms,
        },
        configuration: ConfigurationForm {
            atp_percent: configuration.quota.atp.percent(),
            ribosomes: configuration.quota.ribosomes.get(),
            ribosome_unit: configuration.quota.unit.to_string(),
            pacing: pacing.to_owned(),
            pace_factor,
            seed: configuration.seed.get(),
        },
    };
    let mut text = serde_json::to_string_pretty(&form)
        .expect("text and numbers are JSON, and all keys are strings");
    text.push('\n');
    text
}

pub(super) fn read(text: &str) -> Result<ResourceSnapshot, SnapshotError> {
    if text.len() > ResourceSnapshot::MAX_BYTES {
        return Err(SnapshotError::TooLarge {
            size: text.len(),
            limit: ResourceSnapshot::MAX_BYTES,
        });
    }
    let head: Head = serde_json::from_str(text).map_err(SnapshotError::NotASnapshot)?;
    if head.format > ResourceSnapshot::FORMAT {
        return Err(SnapshotError::NewerVersion {
            found: head.format,
            supported: ResourceSnapshot::FORMAT,
        });
    }
    let form: Form = serde_json::from_str(text).map_err(SnapshotError::NotASnapshot)?;
    if form.format == 0 {
        return Err(value("format", &form.format, "1"));
    }
    Ok(ResourceSnapshot {
        vm_id: VmId::new(&form.vm_id).map_err(|e| value("vm_id", &form.vm_id, e))?,
        organism: word("biological_type", &form.biological_type)?,
        infrastructure: infrastructure(&form.vm_type)?,
        taken_at_unix_s: form.timestamp,
        usage: usage(form.resource_usage)?,
        available: AvailableResources {
            atp_percent_free: percent(
                "available_resources.atp_percent_free",
                form.available_resources.atp_percent_free,
            )?,
            ribosome_units_free: RibosomeCount::new(form.available_resources.ribosome_units_free),
            ribosome_units_capacity: RibosomeCount::new(
                form.available_resources.ribosome_units_capacity,
            ),
            vms: form.available_resources.vms,
        },
        configuration: configuration(&form.configuration)?,
    })
}

fn usage(form: UsageForm) -> Result<ResourceUsage, SnapshotError> {
    Ok(ResourceUsage {
        sim_time: SimTime::from_micros(form.sim_time_us),
        atp_percent: form.atp_percent,
        atp_quota: percent("resource_usage.atp_quota_percent", form.atp_quota_percent)?,
        atp_regenerated_percent: form.atp_regenerated_percent,
        energy_charge: form.energy_charge,
        ribosome_utilization: form.ribosome_utilization,
        allocated_ribosomes: RibosomeCount::new(form.allocated_ribosomes),
        ribosome_unit: unit("resource_usage.ribosome_unit", &form.ribosome_unit)?,
        ribosome_cap: Molecules::new(form.ribosome_cap),
        ribosomes_total: Molecules::new(form.ribosomes_total),
        ribosomes_translating: Molecules::new(form.ribosomes_translating),
        rnap_total: Molecules::new(form.rnap_total),
        rnap_transcribing: Molecules::new(form.rnap_transcribing),
        atp_use_per_s: form.atp_use_per_s,
    })
}

fn configuration(form: &ConfigurationForm) -> Result<Configuration, SnapshotError> {
    let pacing = match (form.pacing.as_str(), form.pace_factor) {
        ("manual", None) => Pacing::Manual,
        ("unpaced", None) => Pacing::Unpaced,
        ("real_time", Some(factor)) => Pacing::RealTime {
            factor: PaceFactor::new(factor)
                .map_err(|e| value("configuration.pace_factor", &factor, e))?,
        },
        (other, _) => {
            let allowed = "manual, unpaced, or real_time with a pace_factor";
            return Err(value("configuration.pacing", &other, allowed));
        }
    };
    Ok(Configuration {
        quota: Quota {
            atp: percent("configuration.atp_percent", form.atp_percent)?,
            ribosomes: RibosomeCount::new(form.ribosomes),
            unit: unit("configuration.ribosome_unit", &form.ribosome_unit)?,
        },
        pacing,
        seed: Seed::new(form.seed),
    })
}

fn percent(field: &'static str, percent: f64) -> Result<AtpPercent, SnapshotError> {
    AtpPercent::new(percent).map_err(|e| value(field, &percent, e))
}

fn unit(field: &'static str, text: &str) -> Result<RibosomeUnit, SnapshotError> {
    text.parse().map_err(|e| value(field, &text, e))
}

fn word(field: &'static str, text: &str) -> Result<Organism, SnapshotError> {
    text.parse().map_err(|e| value(field, &text, e))
}

fn infrastructure(text: &str) -> Result<Infrastructure, SnapshotError> {
    match text {
        "basic" => Ok(Infrastructure::Basic),
        "xcpng" => Ok(Infrastructure::Xcpng),
        _ => Err(value("vm_type", &text, "basic and xcpng are known")),
    }
}

fn value(field: &'static str, found: &impl ToString, allowed: impl ToString) -> SnapshotError {
    SnapshotError::Value {
        field,
        found: found.to_string(),
        allowed: allowed.to_string(),
    }
}
