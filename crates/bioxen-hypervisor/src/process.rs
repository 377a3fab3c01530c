//! Process code: Starlark programs that run against one cell.
//!
//! A program runs on a thread of its own with a large stack, and the cell is lent to that thread for the time of the
//! run; it comes back even from a panic of the interpreter. The interpreter draws nothing from the random stream of the cell, so a program
//! that advances it leaves the same cell as an advance without a program.
//!
//! # What is bounded
//!
//! Wall time and cancellation (before every 16th statement, every 1,000 steps, and every 16 coupling steps inside a
//! call), steps, memory of values, output with the result, call depth, and the nesting of source and result. What the
//! language does in one piece, which nothing could interrupt, is [trapped](trapping): its operands are measured first,
//! and it is refused if they unfold to more than 10 million elements or nest deeper than 1,000 levels, or if its result
//! would not fit the memory that is left. Integers beyond 64 bits are neither multiplied nor shifted.
//!
//! # What is not
//!
//! Keys with the same hash, chosen on purpose, make a large table slow to fill in one call. Estimates of memory are
//! of bytes allocated for values; the process takes a small multiple of them for a moment.

mod builtins;
mod fault;
mod files;
mod interpreter;
mod limits;
mod meter;
mod nesting;
mod outcome;
mod session;
mod size;
mod source_map;
#[cfg(test)]
mod tests;
mod trapping;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex};
use std::thread;

use bioxen_core::{CancelToken, Clock, ProcessCode, ProcessLimits, ProcessReport};

use self::fault::Fault;
pub(crate) use self::files::{FileProblem, functions_of};
use self::interpreter::Outcome;
use self::limits::Watch;
use self::session::Session;
use crate::cell::Cell;
use crate::crew::Tether;
use crate::package::Packages;

/// Stack of the thread that runs a program, bytes: enough for sources, calls and values nested as deep as is allowed.
const STACK_BYTES: usize = 64 << 20;

/// Runs a program against a cell and gives the cell back, as the program left it. It can load from these packages.
///
/// The cell of a VM comes with a tether, by which the program obeys the VM while it moves the cell.
///
/// # Panics
///
/// When the cell panics, as it would without a program; a panic of the interpreter is a failure in the report.
pub(crate) fn run(
    cell: Box<Cell>,
    packages: &Packages,
    code: &ProcessCode,
    limits: &ProcessLimits,
    clock: &Arc<dyn Clock>,
    cancel: &CancelToken,
    tether: Option<&Arc<Tether>>,
) -> (Box<Cell>, ProcessReport) {
    let started_at = cell.time();
    let watch = Watch::start(Arc::clone(clock), limits.wall, cancel.clone());
    // The slot is outside of the thread, so that the cell stays here if there is no thread.
    let slot = Mutex::new(Some(cell));
    let run = || run_here(&slot, packages, code, limits, watch, tether);
    let outcome = on_deep_stack(run).unwrap_or_else(Outcome::lost);
    let cell = slot
        .into_inner()
        .expect("the thread did not panic")
        .expect("the thread put the cell back");
    let report = outcome.into_report(started_at, cell.time());
    (cell, report)
}

/// Calls a function on a thread with a stack for sources and values that nest deep, and passes its panic on.
fn on_deep_stack<R: Send>(call: impl FnOnce() -> R + Send) -> Result<R, Fault> {
    thread::scope(|scope| {
        let worker = thread::Builder::new()
            .name("bioxen-process".to_owned())
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, call);
        match worker.map(thread::ScopedJoinHandle::join) {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(panic)) => resume_unwind(panic),
            Err(error) => Err(Fault::NoThread {
                message: error.to_string(),
            }),
        }
    })
}

/// Lends the cell to this thread, runs the program, and puts the cell back even after a panic of the interpreter.
fn run_here(
    slot: &Mutex<Option<Box<Cell>>>,
    packages: &Packages,
    code: &ProcessCode,
    limits: &ProcessLimits,
    watch: Watch,
    tether: Option<&Arc<Tether>>,
) -> Outcome {
    let mut slot = slot.lock().expect("nobody else holds it");
    let cell = slot
        .take()
        .expect("the cell is put here before the thread starts");
    Session::new(cell, watch.clone(), limits, tether.cloned()).install();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        interpreter::run(code, packages, limits, &watch)
    }));
    match Session::uninstall().into_cell() {
        Some(cell) => *slot = Some(cell),
        // A cell that panicked in the middle of a step cannot go on.
        None => resume_unwind(outcome.expect_err("only a panic leaves a step unfinished")),
    }
    outcome.unwrap_or_else(|panic| {
        let message = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "no message".to_owned());
        Outcome::lost(Fault::Panicked { message })
    })
}
