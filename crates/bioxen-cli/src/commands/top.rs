//! `bioxen top`: the VMs of the daemon or of a pool, live.

mod screen;
mod watch;

use std::io::{IsTerminal, Write, stdin, stdout};
use std::process::ExitCode;
use std::time::Duration;

use self::watch::{Owner, Watch};
use super::target::Target;
use super::vm::session::Session;
use crate::args::{TopArgs, VmForm};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::sink::{Extent, Sink};
use crate::output::top::{Look, write_look, write_look_json};

/// Time between two looks at a daemon, and at a pool, which answers others too.
const INTERVALS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(5)];

/// Watches until the person leaves.
pub(crate) fn top(args: &TopArgs) -> Result<ExitCode, Failure> {
    let live = !args.once && args.output == VmForm::Table;
    if live && !(stdin().is_terminal() && stdout().is_terminal()) {
        return Err(Failure::NoTerminal);
    }
    let target = Target::of(&args.target, None)?;
    let place = match target.pool() {
        Some(_) => None,
        // It starts a daemon if none runs; the looks have connections of their own.
        None => Session::open(&target)?.place().cloned(),
    };
    let pool = target.pool().cloned();
    // The signals are those of the view from now on.
    drop(target);
    let interrupt = Interrupt::watch(Vec::new())?;
    let [of_daemon, of_pool] = INTERVALS;
    let (owner, usual) = match (place, pool) {
        (Some(place), _) => (Owner::Daemon(place), of_daemon),
        (None, Some(options)) => (Owner::pool(options, interrupt.token())?, of_pool),
        (None, None) => return Err(Failure::NoPool),
    };
    let interval = args.interval.map_or(usual, |interval| interval.duration());
    let mut watch = Watch::new(owner);
    if live {
        return screen::show(&mut watch, interval, &interrupt);
    }
    let mut sink = Sink::open(None)?;
    // The speed is what passed between two looks.
    let mut look = watch.look()?;
    loop {
        if interrupt.wait_for(interval) {
            return Ok(interrupt.exit_code());
        }
        look = match watch.look() {
            Err(_) if interrupt.is_raised() => return Ok(interrupt.exit_code()),
            Err(failure) if !args.once => stale(&look, &failure),
            looked => looked?,
        };
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
