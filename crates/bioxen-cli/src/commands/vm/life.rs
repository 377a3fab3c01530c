//! Start, pause, resume, stop and kill.

use std::process::ExitCode;
use std::time::Duration;

use bioxen::agent::{Channel, Request, VmRequest};
use bioxen::config::Interval;
use bioxen::{BiologicalVm, Clock, SystemClock, VmError, VmEvent, VmState, VmStatus};

use super::names;
use super::session::{Session, connect_within, is_late};
use super::tally::Tally;
use crate::args::vm::{ActArgs, ManyArgs, StartArgs, StopArgs};
use crate::commands::target::Target;
use crate::failure::{Failure, say};
use crate::interrupt::Interrupt;

/// Time between two looks for the first reading.
const LOOK: Duration = Duration::from_millis(50);

pub(super) fn start(target: &Target, args: &StartArgs) -> Result<ExitCode, Failure> {
    let interrupt = match args.wait {
        true => Some(Interrupt::watch(Vec::new())?),
        false => None,
    };
    let code = each(target, &args.vms, &args.act, &START, |session, vm| {
        session.hypervisor().open(&vm.id)?.start()?;
        match &interrupt {
            Some(interrupt) => first_reading(session, vm, args.patience.timeout, interrupt),
            None => Ok(()),
        }
    })?;
    Ok(match interrupt {
        Some(interrupt) if interrupt.is_raised() => interrupt.exit_code(),
        _ => code,
    })
}

pub(super) fn pause(target: &Target, args: &ManyArgs) -> Result<ExitCode, Failure> {
    each(target, &args.vms, &args.act, &PAUSE, |session, vm| {
        Ok(session.hypervisor().open(&vm.id)?.pause()?)
    })
}

pub(super) fn resume(target: &Target, args: &ManyArgs) -> Result<ExitCode, Failure> {
    each(target, &args.vms, &args.act, &RESUME, |session, vm| {
        Ok(session.hypervisor().open(&vm.id)?.resume()?)
    })
}

pub(super) fn stop(target: &Target, args: &StopArgs) -> Result<ExitCode, Failure> {
    let limit = args.patience.timeout;
    each(target, &args.vms, &args.act, &STOP, |session, vm| {
        if vm.state == VmState::Running {
            await_process(session, vm, limit)?;
        }
        Ok(session.hypervisor().open(&vm.id)?.stop()?)
    })
}

pub(super) fn kill(target: &Target, args: &ManyArgs) -> Result<ExitCode, Failure> {
    each(target, &args.vms, &args.act, &KILL, |session, vm| {
        Ok(session.hypervisor().open(&vm.id)?.stop()?)
    })
}

/// A step in the life of a VM, and words for it that read before its name.
struct Step {
    event: VmEvent,
    did: &'static str,
    would: &'static str,
}

const START: Step = Step {
    event: VmEvent::Start,
    did: "started",
    would: "would start",
};
const PAUSE: Step = Step {
    event: VmEvent::Pause,
    did: "paused",
    would: "would pause",
};
const RESUME: Step = Step {
    event: VmEvent::Resume,
    did: "resumed",
    would: "would resume",
};
const STOP: Step = Step {
    event: VmEvent::Stop,
    did: "stopped",
    would: "would stop",
};
const KILL: Step = Step {
    event: VmEvent::Stop,
    did: "killed",
    would: "would kill",
};

/// Does a step with each of the VMs that are named, and tells what became of each.
fn each(
    target: &Target,
    named: &[String],
    args: &ActArgs,
    step: &Step,
    mut act: impl FnMut(&Session, &VmStatus) -> Result<(), Failure>,
) -> Result<ExitCode, Failure> {
    let session = Session::open(target)?;
    let vms = session.hypervisor().statuses()?;
    let mut tally = Tally::new(args)?;
    let mut met = Vec::new();
    for name in named {
        let vm = match names::meant(name, &vms) {
            Ok(vm) => vm,
            Err(refused) => {
                tally.add(name, Err(refused))?;
                continue;
            }
        };
        if met.contains(&&vm.id) {
            continue;
        }
        met.push(&vm.id);
        let outcome = if args.dry_run {
            let legal = vm.state.apply(step.event);
            legal
                .map(|_| step.would)
                .map_err(|e| VmError::from(e).into())
        } else {
            act(&session, vm).map(|()| step.did)
        };
        tally.add(vm.id.as_str(), outcome)?;
    }
    tally.finish()
}

/// Waits until the cell was read once.
fn first_reading(
    session: &Session,
    vm: &VmStatus,
    limit: Interval,
    interrupt: &Interrupt,
) -> Result<(), Failure> {
    let clock = SystemClock::new();
    let vm = session.hypervisor().open(&vm.id)?;
    loop {
        if vm.inspect()?.usage.is_some() || interrupt.is_raised() {
            return Ok(());
        }
        if clock.now() >= limit.duration() {
            let what = format!("the first reading of {}", vm.id());
            return Err(Failure::TimeOut { what, limit });
        }
        interrupt.wait_for(LOOK);
    }
}

/// Waits until no process has the cell, or until the time is over.
///
/// Reading the cell waits for a process that has it, so one such reading is asked for; the VM may do what it likes meanwhile.
fn await_process(session: &Session, vm: &VmStatus, limit: Interval) -> Result<(), Failure> {
    let Some(place) = session.place() else {
        // Reading the cell of a guest waits for a process that has it; whatever it answers, stopping will tell.
        let _ = session.hypervisor().open(&vm.id)?.biological_metrics();
        return Ok(());
    };
    let mut second = connect_within(place, limit.duration())?;
    let vm = vm.id.clone();
    let reading = second.call(&Request::Vm {
        vm: vm.clone(),
        ask: VmRequest::Metrics,
    });
    // Whatever else it answers, stopping will tell.
    if let Err(error) = reading
        && is_late(&error)
    {
        say(&format!(
            "note: a process on {vm} did not end within {limit} and is cancelled"
        ));
    }
    Ok(())
}
