//! `bioxen vm`: VMs that live on, in the daemon of a state folder or in a pool.

mod change;
mod create;
mod events;
mod exec;
mod image;
mod life;
mod look;
mod names;
mod remove;
pub(super) mod session;
mod tally;
mod trust;

use std::io::{self, Write};
use std::process::ExitCode;

use bioxen::agent::RemoteVm;
use bioxen::{VmId, VmStatus};

use self::session::Session;
use super::target::Target;
use crate::args::vm::ActArgs;
use crate::args::{VmArgs, VmForm, VmVerb};
use crate::failure::Failure;
use crate::output::sink::{Extent, Sink};
use crate::output::vm::{write_did_json, write_would_json};

/// Does what was asked about the VMs of the daemon.
pub(crate) fn vm(args: &VmArgs) -> Result<ExitCode, Failure> {
    let organism = match &args.verb {
        VmVerb::Create(args) => Some(args.organism),
        _ => None,
    };
    let target = Target::of(&args.target, organism)?;
    target.conclude(dispatch(&target, &args.verb))
}

fn dispatch(target: &Target, verb: &VmVerb) -> Result<ExitCode, Failure> {
    match verb {
        VmVerb::Create(args) => create::create(target, args),
        VmVerb::Ls(args) => look::list(target, args),
        VmVerb::Start(args) => life::start(target, args),
        VmVerb::Pause(args) => life::pause(target, args),
        VmVerb::Resume(args) => life::resume(target, args),
        VmVerb::Stop(args) => life::stop(target, args),
        VmVerb::Kill(args) => life::kill(target, args),
        VmVerb::Rm(args) => remove::remove(target, args),
        VmVerb::Exec(args) => exec::exec(target, args),
        VmVerb::Inspect(args) => look::inspect(target, args),
        VmVerb::Metrics(args) => look::metrics(target, args),
        VmVerb::Allocate(args) => change::allocate(target, args),
        VmVerb::Install(args) => change::install(target, args),
        VmVerb::Uninstall(args) => change::uninstall(target, args),
        VmVerb::Save(args) => image::save(target, args),
        VmVerb::Restore(args) => image::restore(target, args),
        VmVerb::Fork(args) => image::fork(target, args),
        VmVerb::Logs(args) => events::logs(target, args),
        VmVerb::Events(args) => events::events(target, args),
        VmVerb::Info(args) => look::info(target, args),
        VmVerb::Trust(args) => trust::trust(target, args),
        VmVerb::Shutdown(args) => look::shutdown(target, args),
    }
}

/// A connection, and the one VM that is meant by a name.
struct One {
    session: Session,
    vm: RemoteVm,
    status: VmStatus,
}

impl One {
    fn open(target: &Target, name: &str) -> Result<Self, Failure> {
        let session = Session::open(target)?;
        let vms = session.hypervisor().statuses()?;
        let status = names::meant(name, &vms)?.clone();
        let vm = session.hypervisor().open(&status.id)?;
        Ok(Self {
            session,
            vm,
            status,
        })
    }
}

/// Tells what was done with one VM: as JSON, by its name alone, or in words.
fn tell(
    args: &ActArgs,
    vm: &VmId,
    json: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    words: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<ExitCode, Failure> {
    print(|out| match args.output {
        VmForm::Json => json(out),
        VmForm::Table if args.quiet => writeln!(out, "{vm}"),
        VmForm::Table => words(out),
    })
}

/// Tells in one line what was done, or would be, where that is all that there is to tell.
fn told(args: &ActArgs, verb: &str, vm: &VmId, line: &str) -> Result<ExitCode, Failure> {
    let json = |out: &mut dyn Write| match args.dry_run {
        true => write_would_json(verb, vm, out),
        false => write_did_json(verb, vm, out),
    };
    tell(args, vm, json, |out| writeln!(out, "{line}"))
}

/// Writes results to standard output.
fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<ExitCode, Failure> {
    let mut sink = Sink::open(None)?;
    write(&mut sink).map_err(|source| sink.failed(source))?;
    sink.finish(Extent::Whole)?;
    Ok(ExitCode::SUCCESS)
}
