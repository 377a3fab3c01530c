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

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use bioxen::VmStatus;
use bioxen::agent::RemoteVm;

use self::session::Session;
use crate::args::{VmArgs, VmVerb};
use crate::failure::Failure;
use crate::output::sink::{Extent, Sink};

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

/// Writes results to standard output.
fn print(write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<ExitCode, Failure> {
    let mut sink = Sink::open(None)?;
    write(&mut sink).map_err(|source| sink.failed(source))?;
    sink.finish(Extent::Whole)?;
    Ok(ExitCode::SUCCESS)
}
