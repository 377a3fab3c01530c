//! Questions about VMs and about their daemon.

use std::fs::{File, TryLockError};
use std::process::ExitCode;
use std::time::Duration;

use bioxen::agent::{LocalError, Place};
use bioxen::{BiologicalVm, Clock, SystemClock};

use super::session::Session;
use super::{One, print};
use crate::args::VmForm;
use crate::args::vm::{FormArgs, InspectArgs, LsArgs, OneArgs, ShutdownArgs};
use crate::commands::target::Target;
use crate::failure::{Failure, say};
use crate::interrupt::Interrupt;
use crate::output::vm as output;

/// Time between two looks whether the daemon has ended.
const LOOK: Duration = Duration::from_millis(20);

/// A daemon saves its VMs in a shorter time.
const LONGEST_END: Duration = Duration::from_secs(120);

pub(super) fn list(target: &Target, args: &LsArgs) -> Result<ExitCode, Failure> {
    let session = Session::open(target)?;
    let vms = session.hypervisor().statuses()?;
    print(|out| match args.output {
        VmForm::Json => output::write_list_json(&vms, out),
        VmForm::Table if args.quiet => vms.iter().try_for_each(|vm| writeln!(out, "{}", vm.id)),
        VmForm::Table => output::write_list(&vms, out),
    })
}

pub(super) fn inspect(target: &Target, args: &InspectArgs) -> Result<ExitCode, Failure> {
    let One { vm, .. } = One::open(target, &args.vm)?;
    let inspection = vm.inspect()?;
    print(|out| match args.output {
        VmForm::Table => output::write_inspection(&inspection, out),
        VmForm::Json => output::write_inspection_json(&inspection, out),
    })
}

pub(super) fn metrics(target: &Target, args: &OneArgs) -> Result<ExitCode, Failure> {
    let One { vm, .. } = One::open(target, &args.vm)?;
    let metrics = vm.biological_metrics()?;
    print(|out| match args.output {
        VmForm::Table => output::write_metrics(vm.id(), &metrics, out),
        VmForm::Json => output::write_metrics_json(vm.id(), &metrics, out),
    })
}

/// What the daemon is; it is not started for that.
pub(super) fn info(target: &Target, args: &FormArgs) -> Result<ExitCode, Failure> {
    let session = Session::running(target)?;
    let information = session.hypervisor().information()?;
    print(|out| match args.output {
        VmForm::Table => output::write_information(&information, out),
        VmForm::Json => output::write_information_json(&information, out),
    })
}

/// Ends the daemon; that none runs is as good.
pub(super) fn shutdown(target: &Target, args: &ShutdownArgs) -> Result<ExitCode, Failure> {
    let session = match Session::running(target) {
        Err(Failure::Local(error @ LocalError::NotRunning { .. })) => {
            say(&format!("note: {error}"));
            return Ok(ExitCode::SUCCESS);
        }
        other => other?,
    };
    let information = session.hypervisor().information()?;
    let place = session.place().ok_or(Failure::PoolLives)?;
    let (pid, folder) = (information.pid, place.state().display());
    if args.dry_run {
        return print(|out| writeln!(out, "would end the daemon of {folder}, process {pid}"));
    }
    session.hypervisor().shut_down()?;
    let interrupt = await_end(place)?;
    if interrupt.is_raised() {
        say("interrupted: the daemon was told to end, and has not yet");
        return Ok(interrupt.exit_code());
    }
    print(|out| writeln!(out, "ended the daemon of {folder}, process {pid}"))
}

/// Waits until the daemon has let go of its state folder, so that whoever comes next finds it free.
fn await_end(place: &Place) -> Result<Interrupt, Failure> {
    let path = place.lock();
    let interrupt = Interrupt::watch(Vec::new())?;
    let clock = SystemClock::new();
    let is_held = || {
        let held = File::open(&path).map(|lock| lock.try_lock_shared());
        matches!(held, Ok(Err(TryLockError::WouldBlock)))
    };
    while is_held() && !interrupt.wait_for(LOOK) {
        if clock.now() >= LONGEST_END {
            return Err(Failure::Silent { limit: LONGEST_END });
        }
    }
    Ok(interrupt)
}
