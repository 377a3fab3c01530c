//! The daemon as a process: told to end by signals, and telling when it is ready.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

use bioxen_agent::daemon::{Daemon, DaemonOptions, Stopper, log_to};
use bioxen_agent::{Place, READY};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::agent::own;
use crate::args::DaemonArgs;
use crate::clock::{SystemClock, wall};
use crate::failure::Failure;
use crate::state::package_folders;

/// Owns the VMs of a state folder until a signal comes.
pub(crate) fn run(place: &Place, args: DaemonArgs) -> Result<ExitCode, Failure> {
    own(place)?;
    log_to(args.log.as_deref()).map_err(|source| Failure::Log { source })?;
    // Before the VMs are there: a signal during recovery is not lost.
    let signals =
        Signals::new([SIGTERM, SIGINT, SIGHUP]).map_err(|source| Failure::Signals { source })?;
    let daemon = Daemon::open(options(place, args), Arc::new(SystemClock::new()), wall)
        .map_err(Failure::Serve)?;
    let stopper = daemon.stopper();
    let handle = signals.handle();
    thread::scope(|scope| {
        scope.spawn(move || attend(signals, &stopper));
        announce();
        let served = daemon.serve().map_err(Failure::Serve);
        handle.close();
        served
    })?;
    Ok(ExitCode::SUCCESS)
}

fn options(place: &Place, args: DaemonArgs) -> DaemonOptions {
    let mut options = DaemonOptions::new(place.state());
    options.host.package_folders = package_folders();
    if let Some(workers) = args.workers {
        options.host.workers = workers.get();
    }
    if let Some(every) = args.checkpoint_every {
        options.checkpoint_every = every;
    }
    options.exit_when_idle = args.exit_when_idle;
    options
}

/// Says that it can be asked now.
fn announce() {
    let mut out = io::stdout().lock();
    // Whoever started it may have gone; others can ask it all the same.
    let _ = writeln!(out, "{READY}").and_then(|()| out.flush());
}

/// Ends the daemon at a signal; returns when the signals are closed.
fn attend(mut signals: Signals, stopper: &Stopper) {
    for signal in signals.forever() {
        // The daemon outlives the terminal that it was started from.
        if signal != SIGHUP {
            stopper.stop();
        }
    }
}
