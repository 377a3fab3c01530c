//! Arguments of `bioxen daemon`.

use std::path::PathBuf;

use bioxen::config::Interval;
use clap::Args;

use super::{threads, typed};

/// Own the VMs of a state folder until stopped, in the foreground.
///
/// One daemon runs for each state folder. `bioxen vm` and `bioxen top` start one that ends by itself when it has had no VM and no
/// connection for 10 minutes, so that nobody needs this command, but for a service that is to run from the start of a machine.
/// It prints `ready` when it can be asked. SIGTERM and Ctrl-C end it after all VMs are saved; after a kill it goes on from its journal.
/// No configuration file is looked for: only the one that is named here sets limits of the host.
#[derive(Debug, Args)]
#[command(after_long_help = DAEMON_EXAMPLES)]
pub(crate) struct DaemonArgs {
    /// State folder [default: BIOXEN_STATE, then XDG_STATE_HOME/bioxen, then ~/.local/state/bioxen]
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// Configuration file for the host: its workers, chassis, limits and package folders
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Threads that compute cells [default: one for each core]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = threads)]
    pub(crate) workers: Option<usize>,
    /// Time on the wall between two savings of what has moved
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = typed::<Interval>)]
    pub(crate) checkpoint_every: Interval,
    /// Time on the wall without VMs and connections after which it ends by itself [default: never]
    #[arg(long, value_name = "TIME", value_parser = typed::<Interval>)]
    pub(crate) exit_when_idle: Option<Interval>,
    /// File for what it says, of bounded size [default: standard error]
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
}

const DAEMON_EXAMPLES: &str = "\
Examples:
  bioxen daemon
  bioxen daemon --state /srv/lab/bioxen --workers 8
  bioxen daemon --exit-when-idle 10min --checkpoint-every 5s";
