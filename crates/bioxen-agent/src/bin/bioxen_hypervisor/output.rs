//! What programs read: one JSON object for each command.

mod readings;

use std::io::{self, Write};

use bioxen_agent::Inspection;
use bioxen_core::{
    Allocation, AtpPercent, AvailableResources, Elongation, InstallReport, InstalledPackage,
    Molecules, Organism, Pacing, Priority, ProcessFailure, ProcessReport, Quota, RibosomeCount,
    RibosomeUnit, VmId, VmState, VmStatus,
};
use serde::Serialize;

pub(crate) use self::readings::Metrics;

use self::readings::Resources;
use crate::failure::Failure;

/// An answer, with whether it is what was asked for.
#[derive(Serialize)]
struct Envelope<'a, T> {
    success: bool,
    #[serde(flatten)]
    answer: &'a T,
}

/// Writes an answer to standard output.
pub(crate) fn print<T: Serialize>(success: bool, answer: &T) -> Result<(), Failure> {
    let write = || {
        let mut out = io::BufWriter::new(io::stdout().lock());
        serde_json::to_writer_pretty(&mut out, &Envelope { success, answer })?;
        out.write_all(b"\n")?;
        out.flush()
    };
    write().map_err(|source| Failure::Stdout { source })
}

/// A step of the life of a VM.
#[derive(Serialize)]
pub(crate) struct Step<'a> {
    pub(crate) vm_id: &'a VmId,
    pub(crate) state: VmState,
}

/// How a VM is.
#[derive(Serialize)]
pub(crate) struct Status<'a> {
    vm_id: &'a VmId,
    organism: Organism,
    infrastructure: bioxen_core::Infrastructure,
    state: VmState,
    sim_time_s: f64,
    generation: u32,
    vitality: bioxen_core::Vitality,
    quota: Granted,
    pacing: &'static str,
    pace_factor: Option<f64>,
    seed: u64,
}

impl<'a> Status<'a> {
    pub(crate) fn of(status: &'a VmStatus) -> Self {
        let VmStatus {
            id,
            organism,
            infrastructure,
            state,
            sim_time,
            generation,
            vitality,
            quota,
            pacing,
            seed,
        } = status;
        let (pacing, pace_factor) = match pacing {
            Pacing::RealTime { factor } => ("real_time", Some(factor.get())),
            Pacing::Unpaced => ("unpaced", None),
            Pacing::Manual => ("manual", None),
        };
        Self {
            vm_id: id,
            organism: *organism,
            infrastructure: *infrastructure,
            state: *state,
            sim_time_s: sim_time.seconds(),
            generation: *generation,
            vitality: *vitality,
            quota: Granted::of(*quota),
            pacing,
            pace_factor,
            seed: seed.get(),
        }
    }
}

/// What a cell may use.
#[derive(Serialize)]
struct Granted {
    atp_percent: AtpPercent,
    ribosomes: RibosomeCount,
    ribosome_unit: RibosomeUnit,
}

impl Granted {
    fn of(quota: Quota) -> Self {
        let Quota {
            atp,
            ribosomes,
            unit,
        } = quota;
        Self {
            atp_percent: atp,
            ribosomes,
            ribosome_unit: unit,
        }
    }
}

/// A VM that was started.
#[derive(Serialize)]
pub(crate) struct Started<'a> {
    /// Whether it was made too.
    pub(crate) created: bool,
    #[serde(flatten)]
    pub(crate) status: Status<'a>,
    pub(crate) notice: Option<String>,
    pub(crate) packages: &'a [InstalledPackage],
}

/// All VMs.
#[derive(Serialize)]
pub(crate) struct List<'a> {
    pub(crate) vms: Vec<Status<'a>>,
}

/// All about one VM.
#[derive(Serialize)]
pub(crate) struct About<'a> {
    #[serde(flatten)]
    status: Status<'a>,
    priority: Priority,
    elongation: Elongation,
    created_at_ms: u64,
    resources: Option<Resources<'a>>,
    packages: &'a [InstalledPackage],
}

impl<'a> About<'a> {
    pub(crate) fn of(inspection: &'a Inspection) -> Self {
        let Inspection {
            status,
            priority,
            elongation,
            created_at,
            usage,
            packages,
        } = inspection;
        Self {
            status: Status::of(status),
            priority: *priority,
            elongation: *elongation,
            created_at_ms: created_at.get(),
            resources: usage.as_ref().map(Resources::of),
            packages,
        }
    }
}

/// What a program answered.
#[derive(Serialize)]
pub(crate) struct Process<'a> {
    vm_id: &'a VmId,
    result: Option<serde_json::Value>,
    stdout: &'a str,
    stderr: &'a str,
    failure: Option<&'a ProcessFailure>,
    started_at_s: f64,
    ended_at_s: f64,
    steps: u64,
}

impl<'a> Process<'a> {
    pub(crate) fn of(id: &'a VmId, report: &'a ProcessReport) -> Self {
        let ProcessReport {
            success: _,
            result_json,
            stdout,
            stderr,
            failure,
            started_at,
            ended_at,
            steps,
        } = report;
        Self {
            vm_id: id,
            result: result_json.as_deref().map(result),
            stdout,
            stderr,
            failure: failure.as_ref(),
            started_at_s: started_at.seconds(),
            ended_at_s: ended_at.seconds(),
            steps: *steps,
        }
    }
}

/// The result of a program; as its text if no reader of JSON takes it.
fn result(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

/// What a cell may use from now on.
#[derive(Serialize)]
pub(crate) struct Allocated<'a> {
    vm_id: &'a VmId,
    quota: Granted,
    free: Free,
    ribosome_cap: Molecules,
    ribosomes_total: Molecules,
    notice: Option<String>,
}

#[derive(Serialize)]
struct Free {
    atp_percent: AtpPercent,
    ribosomes: RibosomeCount,
    ribosomes_of_host: RibosomeCount,
    vms: u32,
}

impl<'a> Allocated<'a> {
    pub(crate) fn of(id: &'a VmId, allocation: &Allocation) -> Self {
        let Allocation {
            quota,
            free,
            ribosome_cap,
            ribosomes_total,
            notice,
        } = allocation;
        let AvailableResources {
            atp_percent_free,
            ribosome_units_free,
            ribosome_units_capacity,
            vms,
        } = free;
        Self {
            vm_id: id,
            quota: Granted::of(*quota),
            free: Free {
                atp_percent: *atp_percent_free,
                ribosomes: *ribosome_units_free,
                ribosomes_of_host: *ribosome_units_capacity,
                vms: *vms,
            },
            ribosome_cap: *ribosome_cap,
            ribosomes_total: *ribosomes_total,
            notice: notice.map(|notice| notice.to_string()),
        }
    }
}

/// What an installation answered.
#[derive(Serialize)]
pub(crate) struct Installed<'a> {
    vm_id: &'a VmId,
    package: &'a bioxen_core::PackageName,
    stdout: &'a str,
    stderr: &'a str,
}

impl<'a> Installed<'a> {
    pub(crate) fn of(id: &'a VmId, report: &'a InstallReport) -> Self {
        let InstallReport {
            package,
            success: _,
            stdout,
            stderr,
        } = report;
        Self {
            vm_id: id,
            package,
            stdout,
            stderr,
        }
    }
}

/// A cell in a file.
#[derive(Serialize)]
pub(crate) struct Saved<'a> {
    pub(crate) vm_id: &'a VmId,
    pub(crate) file: String,
    pub(crate) organism: Organism,
    pub(crate) sim_time_s: f64,
    pub(crate) image_bytes: usize,
}

/// Versions of what outlives a program.
#[derive(Serialize)]
pub(crate) struct Versions {
    pub(crate) version: &'static str,
    pub(crate) protocol: String,
    pub(crate) image_format: u16,
}
