//! Results for programs.

pub(super) mod readings;

use std::io::{self, Write};

use bioxen::validation::{ValidationReport, Verdict};
use bioxen::{InstalledPackage, Molecules, Organism, ProcessReport, Sample, SimTime, VmId};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use self::readings::{Metrics, Resources};
use super::csv::COLUMNS;
use crate::measure::Timing;
use crate::report::{CellReport, RunGoal, RunReport};

/// Grows when a key changes its meaning or goes away; a new key is no change.
pub(crate) const SCHEMA_VERSION: u32 = 1;

/// An answer for programs, with the version of its schema.
pub(crate) fn pretty(mut answer: serde_json::Value, out: &mut dyn Write) -> io::Result<()> {
    answer["schema_version"] = serde_json::json!(SCHEMA_VERSION);
    write_json(&answer, out)
}

#[derive(Serialize)]
struct Run<'a> {
    schema_version: u32,
    version: &'static str,
    organism: Organism,
    seed: u64,
    goal: Goal<'a>,
    quota: Quota,
    pacing: &'static str,
    partial: bool,
    cells: Vec<Cell<'a>>,
    /// Cells whose simulation failed; they have no results.
    failed_cells: Vec<FailedCell<'a>>,
    threads: usize,
    timing: Timing,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Goal<'a> {
    SimulatedS(f64),
    Generations(u32),
    Process(&'a str),
}

#[derive(Serialize)]
struct Quota {
    atp_percent: f64,
    ribosome_units: u32,
    ribosome_units_full: u32,
    ribosome_unit: bioxen::RibosomeUnit,
    ribosome_cap_at_birth: Molecules,
    ribosomes_at_birth: Molecules,
}

#[derive(Serialize)]
struct FailedCell<'a> {
    id: &'a VmId,
    message: String,
}

#[derive(Serialize)]
struct Cell<'a> {
    id: &'a VmId,
    simulated_s: f64,
    generations: u32,
    goal_reached: bool,
    divisions_s: Vec<f64>,
    status: bioxen::Vitality,
    metrics: Metrics<'a>,
    resources: Resources<'a>,
    atp: Atp<'a>,
    events: Counts<'a>,
    packages: &'a [InstalledPackage],
    state_sha256: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    process: Option<Process<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_course: Option<TimeCourse<'a>>,
}

#[derive(Serialize)]
struct Atp<'a> {
    regenerated: u64,
    granted: u64,
    spent_by_cause: Counts<'a>,
}

/// Named counts as an object, in the order in which they were given.
struct Counts<'a>(&'a [(&'static str, u64)]);

impl Serialize for Counts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

#[derive(Serialize)]
struct Process<'a> {
    success: bool,
    result: Option<serde_json::Value>,
    stdout: &'a str,
    stderr: &'a str,
    failure: Option<&'a bioxen::ProcessFailure>,
    started_at_s: f64,
    ended_at_s: f64,
    steps: u64,
}

/// Readings by column.
struct TimeCourse<'a>(&'a [Sample]);

impl Serialize for TimeCourse<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(COLUMNS.len() + 1))?;
        let times: Vec<f64> = self.0.iter().map(|s| s.time.seconds()).collect();
        map.serialize_entry("time_s", &times)?;
        for column in COLUMNS {
            let readings: Vec<_> = self.0.iter().map(column.read).collect();
            map.serialize_entry(column.name, &readings)?;
        }
        map.end()
    }
}

/// Writes a run; with the time courses if they were asked for.
pub(crate) fn write_run(
    report: &RunReport,
    with_time_course: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let quota = &report.quota;
    let run = Run {
        schema_version: SCHEMA_VERSION,
        version: env!("CARGO_PKG_VERSION"),
        organism: report.organism,
        seed: report.seed.get(),
        goal: match &report.goal {
            RunGoal::Span(span) => Goal::SimulatedS(span.seconds()),
            RunGoal::Generations(n) => Goal::Generations(*n),
            RunGoal::Process { name } => Goal::Process(name),
        },
        quota: Quota {
            atp_percent: quota.quota.atp.percent(),
            ribosome_units: quota.quota.ribosomes.get(),
            ribosome_units_full: quota.full_units.get(),
            ribosome_unit: quota.quota.unit,
            ribosome_cap_at_birth: quota.cap_at_birth,
            ribosomes_at_birth: quota.ribosomes_at_birth,
        },
        pacing: "manual",
        partial: report.partial,
        cells: report
            .cells
            .iter()
            .map(|cell| shown(cell, &report.goal, with_time_course))
            .collect(),
        failed_cells: report
            .lost
            .iter()
            .map(|(id, error)| FailedCell {
                id,
                message: error.to_string(),
            })
            .collect(),
        threads: report.threads,
        timing: report.timing,
    };
    write_json(&run, out)
}

/// Writes any value, indented and with a line end.
pub(crate) fn write_json<T: Serialize>(value: &T, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    out.write_all(b"\n")
}

fn shown<'a>(cell: &'a CellReport, goal: &RunGoal, with_time_course: bool) -> Cell<'a> {
    Cell {
        id: &cell.id,
        simulated_s: cell.seconds(),
        generations: cell.metrics.generation,
        goal_reached: cell.has_reached(goal),
        divisions_s: cell
            .divisions
            .iter()
            .copied()
            .map(SimTime::seconds)
            .collect(),
        status: cell.vitality,
        metrics: Metrics::of(&cell.metrics),
        resources: Resources::of(&cell.usage),
        atp: Atp {
            regenerated: cell.regenerated,
            granted: cell.granted,
            spent_by_cause: Counts(&cell.spent),
        },
        events: Counts(&cell.events),
        packages: &cell.packages,
        state_sha256: &cell.fingerprint,
        process: cell.process.as_ref().map(answered),
        time_course: with_time_course.then_some(TimeCourse(&cell.samples)),
    }
}

fn answered(report: &ProcessReport) -> Process<'_> {
    Process {
        success: report.success,
        result: report.result_json.as_deref().map(result),
        stdout: &report.stdout,
        stderr: &report.stderr,
        failure: report.failure.as_ref(),
        started_at_s: report.started_at.seconds(),
        ended_at_s: report.ended_at.seconds(),
        steps: report.steps,
    }
}

/// Writes what a process on a VM answered.
pub(crate) fn write_process(
    vm: &VmId,
    report: &ProcessReport,
    out: &mut dyn Write,
) -> io::Result<()> {
    #[derive(Serialize)]
    struct Exec<'a> {
        schema_version: u32,
        vm: &'a VmId,
        process: Process<'a>,
    }
    let exec = Exec {
        schema_version: SCHEMA_VERSION,
        vm,
        process: answered(report),
    };
    write_json(&exec, out)
}

/// The result of a program; as its text if no reader of JSON takes it.
fn result(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

#[derive(Serialize)]
struct Validation<'a> {
    schema_version: u32,
    version: &'static str,
    organism: Organism,
    cells: u32,
    seed: u64,
    passed: bool,
    rows: Vec<ValidationEntry<'a>>,
}

#[derive(Serialize)]
struct ValidationEntry<'a> {
    id: &'a str,
    quantity: &'a str,
    unit: &'a str,
    published: &'a str,
    source: &'a str,
    simulated: f64,
    standard_error: Option<f64>,
    tolerance: &'a str,
    within: bool,
    usage: &'static str,
    verdict: &'static str,
    note: &'a str,
}

/// Writes a validation.
pub(crate) fn write_validation(report: &ValidationReport, out: &mut dyn Write) -> io::Result<()> {
    let validation = Validation {
        schema_version: SCHEMA_VERSION,
        version: env!("CARGO_PKG_VERSION"),
        organism: report.organism,
        cells: report.cells,
        seed: report.seed.get(),
        passed: report.passed(),
        rows: report
            .rows
            .iter()
            .map(|row| ValidationEntry {
                id: &row.id,
                quantity: &row.quantity,
                unit: &row.unit,
                published: &row.published,
                source: &row.source,
                simulated: row.simulated,
                standard_error: row.standard_error,
                tolerance: &row.tolerance,
                within: row.within,
                usage: row.usage.as_str(),
                verdict: match row.verdict {
                    Verdict::Pass => "pass",
                    Verdict::Fail => "fail",
                    Verdict::NotCounted => "not_counted",
                },
                note: &row.note,
            })
            .collect(),
    };
    write_json(&validation, out)
}
