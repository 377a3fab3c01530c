//! `bioxen daemon`: the VMs of a state folder in the foreground.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use bioxen::agent::READY;
use bioxen::agent::daemon::{Daemon, DaemonOptions, log_to};
use bioxen::config::{Config, VmType, load};
use bioxen::{Chassis, HypervisorConfig, ProcessLimits, SystemClock, host_config, package_folders};

use super::config::{request, warn};
use super::package::folders;
use super::vm::session::place;
use crate::args::{DaemonArgs, WantedArgs};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::measure::wall_time;
use crate::output::sink::{Extent, Sink};

/// Runs the daemon until a signal, a client, or idleness ends it.
pub(crate) fn daemon(args: &DaemonArgs) -> Result<ExitCode, Failure> {
    let place = place(args.state.as_deref())?;
    let options = options(place.state(), args)?;
    log_to(args.log.as_deref()).map_err(|source| Failure::Log { source })?;
    let interrupt = Interrupt::watch_patiently()?;
    let daemon = Daemon::open(options, Arc::new(SystemClock::new()), wall_time)?;
    let stopper = daemon.stopper();
    let mut sink = Sink::open(None)?;
    writeln!(sink, "{READY}").map_err(|source| sink.failed(source))?;
    sink.finish(Extent::Whole)?;
    interrupt.during(move || stopper.stop(), || daemon.serve())??;
    Ok(ExitCode::SUCCESS)
}

fn options(state: &Path, args: &DaemonArgs) -> Result<DaemonOptions, Failure> {
    let mut options = DaemonOptions::new(state);
    if let Some(file) = &args.config {
        options.host = host(&options.host, &configuration(file)?);
    }
    options.host.package_folders.extend(folders());
    if let Some(workers) = args.workers {
        options.host.workers = workers;
    }
    options.checkpoint_every = args.checkpoint_every.duration();
    options.exit_when_idle = args.exit_when_idle.map(|idle| idle.duration());
    Ok(options)
}

fn configuration(file: &Path) -> Result<Config, Failure> {
    let wanted = WantedArgs {
        organism: None,
        vm_type: Some(VmType::Basic),
        strict: false,
        set: Vec::new(),
    };
    let loaded = load(&request(Some(file), &wanted))?;
    warn(&loaded);
    Ok(loaded.config)
}

/// The host that a configuration asks for; what it leaves open is as a daemon has it.
fn host(plain: &HypervisorConfig, config: &Config) -> HypervisorConfig {
    let asked = host_config(config);
    let heap_bytes = asked.limits.memory_bytes.unwrap_or(u64::MAX);
    HypervisorConfig {
        chassis: Chassis {
            max_vms: asked.chassis.max_vms.or(plain.chassis.max_vms),
            ..asked.chassis
        },
        process_limits: ProcessLimits {
            heap_bytes: heap_bytes.min(plain.process_limits.heap_bytes),
            ..plain.process_limits
        },
        package_folders: package_folders(config),
        ..asked
    }
}
