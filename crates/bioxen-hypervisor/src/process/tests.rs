//! Programs that are run, and what they answer.

mod bounds;
mod determinism;
mod documented;
mod ends;
mod hostile;
mod loaded;
mod looked_up;
mod organisms;
mod perturbed;
mod plain;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bioxen_core::testing::ManualClock;
use bioxen_core::{
    AtpPercent, CancelToken, Clock, ProcessCode, ProcessFailureKind, ProcessLimits, ProcessReport,
    Quota, RibosomeCount, RibosomeUnit, Seed, VmId,
};

use starlark::environment::GlobalsBuilder;
use starlark::starlark_module;
use starlark::values::none::NoneType;

use super::session::with_session;
use crate::cell::{Cell, CellModel, CellOptions};
use crate::package::Packages;

/// A clock that moves one millisecond whenever it is read.
#[derive(Debug, Default)]
struct Ticking(AtomicU64);

impl Clock for Ticking {
    fn now(&self) -> Duration {
        Duration::from_millis(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

#[starlark_module]
pub(super) fn injected(globals: &mut GlobalsBuilder) {
    /// Panics, as a bug of the interpreter or in the middle of a step of the cell.
    fn __panic__(in_step: bool) -> starlark::Result<NoneType> {
        with_session(|session| {
            session.in_step = in_step;
            panic!("injected\nmore")
        })
    }
}

fn newborn() -> Box<Cell> {
    static MODEL: OnceLock<Arc<CellModel>> = OnceLock::new();
    let model = MODEL.get_or_init(|| Arc::new(CellModel::syn3a()));
    let id = VmId::new("cell-1").expect("a plain name");
    let quota = Quota {
        atp: AtpPercent::FULL,
        ribosomes: RibosomeCount::new(15),
        unit: RibosomeUnit::Share,
    };
    Box::new(Cell::newborn(
        Arc::clone(model),
        &id,
        Seed::new(7),
        quota,
        CellOptions::default(),
    ))
}

/// Runs a program against a cell, under a clock that stands still.
fn run_on(cell: Box<Cell>, source: &str, limits: &ProcessLimits) -> (Box<Cell>, ProcessReport) {
    run_with(&Packages::new(), cell, source, limits)
}

/// As [`run_on`], in a VM that has these packages.
fn run_with(
    packages: &Packages,
    cell: Box<Cell>,
    source: &str,
    limits: &ProcessLimits,
) -> (Box<Cell>, ProcessReport) {
    let code =
        ProcessCode::new("probe.star", source).expect("tests write programs that may be run");
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::new());
    let cancel = CancelToken::new();
    super::run(cell, packages, &code, limits, &clock, &cancel, None)
}

fn run(source: &str) -> ProcessReport {
    run_on(newborn(), source, &ProcessLimits::default()).1
}

/// The JSON of a program that must succeed.
#[track_caller]
fn value(source: &str) -> serde_json::Value {
    let report = run(source);
    assert!(report.success, "{source}\n{}", report.stderr);
    let json = report.result_json.unwrap_or_else(|| "null".to_owned());
    serde_json::from_str(&json).expect("a result is JSON")
}

#[track_caller]
fn check(source: &str, json: &str) {
    let report = run(source);
    assert!(report.success, "{source}\n{}", report.stderr);
    assert_eq!(report.result_json.as_deref(), Some(json), "{source}");
}

/// A program must fail so, under these limits.
#[track_caller]
fn fails_under(
    limits: &ProcessLimits,
    source: &str,
    kind: ProcessFailureKind,
    message: &str,
) -> ProcessReport {
    let (_, report) = run_on(newborn(), source, limits);
    let shown: String = source.chars().take(80).collect();
    let failure = report
        .failure
        .as_ref()
        .unwrap_or_else(|| panic!("{shown} succeeded"));
    assert_eq!(
        (failure.kind, failure.message.as_str()),
        (kind, message),
        "{shown}\n{}",
        report.stderr
    );
    assert!(!report.success && report.result_json.is_none());
    report
}

#[track_caller]
fn fails(source: &str, kind: ProcessFailureKind, message: &str) -> ProcessReport {
    fails_under(&ProcessLimits::default(), source, kind, message)
}

/// Limits that are soon reached.
fn limits() -> ProcessLimits {
    ProcessLimits {
        steps: 100_000,
        heap_bytes: 16 << 20,
        output_bytes: 10_000,
        ..ProcessLimits::default()
    }
}
