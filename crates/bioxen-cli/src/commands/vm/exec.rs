//! `bioxen vm exec`.

use std::process::ExitCode;

use bioxen::{
    ProcessCode, ProcessFailureKind, ProcessLimits, ProcessReport, VmError, VmState, VmStatus,
};

use super::{One, print};
use crate::args::VmForm;
use crate::args::vm::ExecArgs;
use crate::commands::run::process::{Program, write_output};
use crate::commands::target::Target;
use crate::failure::{Failure, TIME_OUT, say};
use crate::interrupt::Interrupt;
use crate::output::json;
use crate::output::sink::{Extent, Sink};

pub(super) fn exec(target: &Target, args: &ExecArgs) -> Result<ExitCode, Failure> {
    let code = program(args)?;
    let One {
        session,
        mut vm,
        status,
    } = One::open(target, &args.vm)?;
    if args.dry_run {
        return would(&status, &code);
    }
    let mut sink = Sink::open(None)?;
    let interrupt = Interrupt::watch(Vec::new())?;
    let limits = args.timeout.map(|wall| ProcessLimits {
        wall: wall.duration(),
        ..ProcessLimits::default()
    });
    let cancel = session.canceller();
    let answer = interrupt.during(cancel, || vm.execute_within(&code, limits))?;
    let report = match answer {
        Err(VmError::Cancelled) if interrupt.is_raised() => {
            say(&format!(
                "interrupted: the process on {} was cancelled",
                status.id
            ));
            return Ok(interrupt.exit_code());
        }
        Err(_) if interrupt.is_raised() && session.place().is_none() => {
            let vm = &status.id;
            say(&format!(
                "interrupted: the process on {vm} goes on in its guest, until its own limit"
            ));
            return Ok(interrupt.exit_code());
        }
        answer => answer?,
    };
    let written = match args.output {
        VmForm::Table => write_output(&report, &mut sink),
        VmForm::Json => json::write_process(&status.id, &report, &mut sink),
    };
    written.map_err(|source| sink.failed(source))?;
    sink.finish(Extent::Whole)?;
    Ok(conclude(&status, &report, &interrupt))
}

fn program(args: &ExecArgs) -> Result<ProcessCode, Failure> {
    match (&args.code, &args.file) {
        (Some(code), _) => {
            let name = "<code>";
            ProcessCode::new(name, code).map_err(|source| Failure::Process {
                name: name.to_owned(),
                source,
            })
        }
        (None, Some(file)) => Ok(Program::read(file)?.into_code()),
        (None, None) => unreachable!("the command line asks for one of them"),
    }
}

fn would(status: &VmStatus, code: &ProcessCode) -> Result<ExitCode, Failure> {
    if status.state != VmState::Running {
        return Err(VmError::NotRunning {
            id: status.id.clone(),
            state: status.state,
            operation: "run a process",
        }
        .into());
    }
    let (name, bytes, vm) = (code.name(), code.source().len(), &status.id);
    print(|out| writeln!(out, "would run {name}, {bytes} bytes, on {vm}"))
}

/// The last words and the exit code.
fn conclude(status: &VmStatus, report: &ProcessReport, interrupt: &Interrupt) -> ExitCode {
    let Some(failure) = &report.failure else {
        return ExitCode::SUCCESS;
    };
    let (vm, at) = (&status.id, report.ended_at);
    if failure.kind == ProcessFailureKind::Cancelled && interrupt.is_raised() {
        say(&format!(
            "interrupted: the process on {vm} was cancelled at {at} of simulated time"
        ));
        return interrupt.exit_code();
    }
    say(&format!(
        "error: the process failed on {vm} at {at} of simulated time\n{}",
        report.stderr.trim_end()
    ));
    match failure.kind {
        ProcessFailureKind::TimeLimit => ExitCode::from(TIME_OUT),
        _ => ExitCode::FAILURE,
    }
}
