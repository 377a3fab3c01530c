//! `bioxen vm rm`.

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use bioxen::{BiologicalVm, VmState, VmStatus};

use super::names;
use super::session::Session;
use super::tally::Tally;
use crate::args::vm::RemoveArgs;
use crate::commands::target::Target;
use crate::failure::{Failure, say};

pub(super) fn remove(target: &Target, args: &RemoveArgs) -> Result<ExitCode, Failure> {
    let session = Session::open(target)?;
    let vms = session.hypervisor().statuses()?;
    let mut tally = Tally::new(&args.act)?;
    let mut doomed: Vec<&VmStatus> = Vec::new();
    for name in &args.vms {
        let meant = match args.yes {
            true => names::exact(name, &vms),
            false => names::meant(name, &vms),
        };
        match meant.and_then(|vm| removable(vm, args.force)) {
            Ok(vm) if doomed.contains(&vm) => {}
            Ok(vm) => doomed.push(vm),
            Err(refused) => tally.add(name, Err(refused))?,
        }
    }
    if !doomed.is_empty() && !args.act.dry_run && !args.yes && !confirmed(&doomed)? {
        say("nothing was removed");
        tally.finish()?;
        return Ok(ExitCode::FAILURE);
    }
    for vm in doomed {
        let outcome = if args.act.dry_run {
            Ok("would remove")
        } else {
            let removed = session.hypervisor().open(&vm.id);
            let removed = removed.and_then(|mut vm| vm.destroy());
            removed.map(|()| "removed").map_err(Failure::from)
        };
        tally.add(vm.id.as_str(), outcome)?;
    }
    tally.finish()
}

fn removable(vm: &VmStatus, force: bool) -> Result<&VmStatus, Failure> {
    match vm.state {
        VmState::Running | VmState::Paused if !force => Err(Failure::Alive {
            id: vm.id.clone(),
            state: vm.state,
        }),
        _ => Ok(vm),
    }
}

/// Asks the person at the terminal; without one nobody is asked and nothing is removed.
fn confirmed(doomed: &[&VmStatus]) -> Result<bool, Failure> {
    let lines: Vec<String> = doomed.iter().map(|vm| described(vm)).collect();
    if !io::stdin().is_terminal() {
        return Err(Failure::Unconfirmed {
            name: match doomed {
                [only] => only.id.to_string(),
                several => format!("{} VMs", several.len()),
            },
            what: lines.join("; "),
        });
    }
    say("this ends and removes, with all checkpoints:");
    for line in &lines {
        say(&format!("  {line}"));
    }
    say("remove? [y/N]");
    let mut answer = String::new();
    let read = io::stdin().read_line(&mut answer);
    read.map_err(|source| Failure::Answer { source })?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn described(vm: &VmStatus) -> String {
    let VmStatus {
        id,
        organism,
        state,
        sim_time,
        ..
    } = vm;
    format!("{id}, a cell of {organism}, {state}, at {sim_time}")
}
