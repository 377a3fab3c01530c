//! What happened: `bioxen vm events` and `bioxen vm logs`.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use bioxen::VmId;
use bioxen::agent::{EventNumber, PageSize};

use super::names;
use super::session::Session;
use crate::args::VmForm;
use crate::args::vm::{EventsArgs, FollowArgs, LogsArgs};
use crate::commands::target::Target;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::events as output;
use crate::output::sink::{Extent, Sink};

/// Time between two looks for new events.
const LOOK: Duration = Duration::from_millis(500);

pub(super) fn events(target: &Target, args: &EventsArgs) -> Result<ExitCode, Failure> {
    let session = Session::open_to_watch(target)?;
    tell(&session, &args.follow, None)
}

pub(super) fn logs(target: &Target, args: &LogsArgs) -> Result<ExitCode, Failure> {
    let session = Session::open_to_watch(target)?;
    let vms = session.hypervisor().statuses()?;
    // One that is gone has a past all the same, and is meant before another one whose name only begins so.
    let vm = match VmId::new(&args.vm) {
        Ok(named) if names::is_there(&named, &vms) || is_mentioned(&session, &named)? => named,
        _ => names::meant(&args.vm, &vms)?.id.clone(),
    };
    tell(&session, &args.follow, Some(&vm))
}

fn is_mentioned(session: &Session, vm: &VmId) -> Result<bool, Failure> {
    let mut since = EventNumber::NONE;
    loop {
        let page = session.hypervisor().events(since, PageSize::MAX)?;
        if page.iter().any(|event| event.vm.as_ref() == Some(vm)) {
            return Ok(true);
        }
        match page.last() {
            Some(last) => since = last.number,
            None => return Ok(false),
        }
    }
}

/// Tells events, of one VM or all, and goes on with it if that is asked for.
fn tell(session: &Session, args: &FollowArgs, vm: Option<&VmId>) -> Result<ExitCode, Failure> {
    let interrupt = match args.follow {
        true => Some(Interrupt::watch(Vec::new())?),
        false => None,
    };
    let mut sink = Sink::open(None)?;
    let mut since = EventNumber::new(args.since);
    loop {
        let page = session.hypervisor().events(since, PageSize::MAX)?;
        for event in page
            .iter()
            .filter(|event| vm.is_none() || event.vm.as_ref() == vm)
        {
            let written = match args.output {
                VmForm::Table => output::write_event(event, &mut sink),
                VmForm::Json => output::write_event_json(event, &mut sink),
            };
            written.map_err(|source| sink.failed(source))?;
        }
        sink.flush().map_err(|source| sink.failed(source))?;
        if let Some(last) = page.last() {
            since = last.number;
            continue;
        }
        match &interrupt {
            None => break,
            Some(interrupt) => {
                if interrupt.wait_for(LOOK) {
                    return Ok(interrupt.exit_code());
                }
            }
        }
    }
    sink.finish(Extent::Whole)?;
    Ok(ExitCode::SUCCESS)
}
