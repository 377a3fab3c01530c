//! `bioxen vm`: VMs that live on in the daemon of a state folder.

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

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use bioxen::agent::RemoteVm;
use bioxen::{VmId, VmStatus};

use self::session::Session;
use crate::args::vm::ActArgs;
use crate::args::{VmArgs, VmForm, VmVerb};
use crate::failure::Failure;
use crate::output::sink::{Extent, Sink};
use crate::output::vm::{write_did_json, write_would_json};

/// Does what was asked about the VMs of the daemon.
pub(crate) fn vm(args: &VmArgs) -> Result<ExitCode, Failure> {
    let state = args.state.as_deref();
    match &args.verb {
        VmVerb::Create(args) => create::create(state, args),
        VmVerb::Ls(args) => look::list(state, args),
        VmVerb::Start(args) => life::start(state, args),
        VmVerb::Pause(args) => life::pause(state, args),
        VmVerb::Resume(args) => life::resume(state, args),
        VmVerb::Stop(args) => life::stop(state, args),
        VmVerb::Kill(args) => life::kill(state, args),
        VmVerb::Rm(args) => remove::remove(state, args),
        VmVerb::Exec(args) => exec::exec(state, args),
        VmVerb::Inspect(args) => look::inspect(state, args),
        VmVerb::Metrics(args) => look::metrics(state, args),
        VmVerb::Allocate(args) => change::allocate(state, args),
        VmVerb::Install(args) => change::install(state, args),
        VmVerb::Uninstall(args) => change::uninstall(state, args),
        VmVerb::Save(args) => image::save(state, args),
        VmVerb::Restore(args) => image::restore(state, args),
        VmVerb::Fork(args) => image::fork(state, args),
        VmVerb::Logs(args) => events::logs(state, args),
        VmVerb::Events(args) => events::events(state, args),
        VmVerb::Info(args) => look::info(state, args),
        VmVerb::Shutdown(args) => look::shutdown(state, args),
    }
}

/// A connection, and the one VM that is meant by a name.
struct One {
    session: Session,
    vm: RemoteVm,
    status: VmStatus,
}

impl One {
    fn open(state: Option<&Path>, name: &str) -> Result<Self, Failure> {
        let session = Session::open(state)?;
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
