//! `bioxen top`: the VMs of the daemon, live.

mod screen;
mod watch;

use std::io::{IsTerminal, Write, stdin, stdout};
use std::process::ExitCode;

use self::watch::Watch;
use super::target::Target;
use super::vm::session::Session;
use crate::args::{TopArgs, VmForm};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::sink::{Extent, Sink};
use crate::output::top::{Look, write_look, write_look_json};

/// Watches until the person leaves.
pub(crate) fn top(args: &TopArgs) -> Result<ExitCode, Failure> {
    let live = !args.once && args.output == VmForm::Table;
    if live && !(stdin().is_terminal() && stdout().is_terminal()) {
        return Err(Failure::NoTerminal);
    }
    // It starts a daemon if none runs; the looks have connections of their own.
    let session = Session::open(&Target::daemon(args.state.as_deref()))?;
    let place = session.place().ok_or(Failure::PoolLives)?;
    let mut watch = Watch::new(place);
    let interrupt = Interrupt::watch(Vec::new())?;
    if live {
        return screen::show(&mut watch, args.interval.duration(), &interrupt);
    }
    let mut sink = Sink::open(None)?;
    // The speed is what passed between two looks.
    let mut look = watch.look()?;
    loop {
        if interrupt.wait_for(args.interval.duration()) {
            return Ok(interrupt.exit_code());
        }
        look = watch.look().or_else(|failure| match args.once {
            true => Err(failure),
            false => Ok(stale(&look, &failure)),
        })?;
        let written = match args.output {
            VmForm::Table => write_look(&look, &mut sink),
            VmForm::Json => write_look_json(&look, &mut sink),
        };
        let written = written.and_then(|()| sink.flush());
        written.map_err(|source| sink.failed(source))?;
        if args.once {
            sink.finish(Extent::Whole)?;
            return Ok(ExitCode::SUCCESS);
        }
    }
}

/// What was seen before, and why it is not seen now.
fn stale(look: &Look, failure: &Failure) -> Look {
    let trouble = Some(failure.to_string());
    Look {
        trouble,
        ..look.clone()
    }
}
