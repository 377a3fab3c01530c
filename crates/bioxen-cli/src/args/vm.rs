//! Arguments of `bioxen vm`.

mod change;
mod look;
mod make;

use bioxen::config::Interval;
use clap::{Args, Subcommand, ValueEnum};

use super::target::TargetArgs;
use super::typed;

pub(crate) use change::{AllocateArgs, ExecArgs, ForkArgs, PackArgs, RestoreArgs, SaveArgs};
pub(crate) use look::{EventsArgs, FollowArgs, InspectArgs, LogsArgs, LsArgs, OneArgs, TrustArgs};
pub(crate) use make::{CreateArgs, RemoveArgs, StartArgs, StopArgs};

/// Make VMs that live on when this command ends, drive them, look at them and remove them.
///
/// A daemon owns the VMs of a state folder, so that what one shell makes another one sees; it is started when it is needed.
/// It saves them as they run, and has them again after a kill, a crash or a new start of the machine.
/// A VM is named by its name or by the beginning of it, as long as only one VM begins so.
/// With --type xcpng, the VMs are guests of an XCP-ng pool, which the configuration names; the verbs are the same.
#[derive(Debug, Args)]
#[command(after_long_help = VM_EXAMPLES)]
pub(crate) struct VmArgs {
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    #[command(subcommand)]
    pub(crate) verb: VmVerb,
}

const VM_EXAMPLES: &str = "\
Examples:
  bioxen vm create cell-1 syn3a --seed 7 --start
  bioxen vm ls
  bioxen vm exec cell-1 --code \"advance(600); counts(['dnaA'])\"
  bioxen vm allocate cell-1 --atp 60 --ribosomes 10
  bioxen vm stop cell-1
  bioxen vm rm cell-1 --yes
  bioxen vm create cell-2 syn3a --type xcpng --config lab.yaml --start
  bioxen help exit-codes

`bioxen top` watches all of them, `bioxen daemon` runs the daemon by hand.";

#[derive(Debug, Subcommand)]
pub(crate) enum VmVerb {
    Create(Box<CreateArgs>),
    #[command(visible_alias = "list", visible_alias = "ps")]
    Ls(LsArgs),
    Start(StartArgs),
    /// Freeze simulated time
    ///
    /// A process under way waits where it moves its cell, until the VM is resumed; that time does not count for its time limit.
    Pause(ManyArgs),
    /// Let simulated time pass again
    Resume(ManyArgs),
    Stop(StopArgs),
    /// Stop simulated time at once and cancel a process that runs
    ///
    /// `bioxen vm stop` lets the process come to its end first; beyond that both leave the VM alike, and its cell is kept.
    Kill(ManyArgs),
    #[command(visible_alias = "remove")]
    Rm(RemoveArgs),
    Exec(ExecArgs),
    #[command(visible_alias = "show")]
    Inspect(InspectArgs),
    Metrics(OneArgs),
    Allocate(AllocateArgs),
    /// Give a VM a package
    Install(PackArgs),
    /// Take away what a package brought
    Uninstall(PackArgs),
    Save(SaveArgs),
    Restore(RestoreArgs),
    Fork(ForkArgs),
    Logs(LogsArgs),
    Events(EventsArgs),
    /// Show what the daemon is
    Info(FormArgs),
    Trust(TrustArgs),
    /// Save all VMs and end the daemon
    ///
    /// Processes that run are cancelled. The VMs are there again, in the state that they had, when the next command starts a daemon.
    Shutdown(ShutdownArgs),
}

/// Forms of what is said about VMs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum VmForm {
    /// For people
    Table,
    /// For programs
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct ActArgs {
    /// Say what would be done, and do nothing; names and states are looked at, not what is free
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print only the names of the VMs
    #[arg(short, long, conflicts_with = "output")]
    pub(crate) quiet: bool,
    /// Form of the answer
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = VmForm::Table)]
    pub(crate) output: VmForm,
}

#[derive(Debug, Args)]
#[command(after_long_help = MANY_EXAMPLES)]
pub(crate) struct ManyArgs {
    /// Names of the VMs, or how they begin
    #[arg(value_name = "VM", required = true)]
    pub(crate) vms: Vec<String>,
    #[command(flatten)]
    pub(crate) act: ActArgs,
}

const MANY_EXAMPLES: &str = "\
Examples:
  bioxen vm pause cell-1
  bioxen vm resume cell-1 cell-2
  bioxen vm kill cell-1 --dry-run

Each VM is told apart. When some fail and some do not, the exit code is 9; when all fail, the greatest of their codes.";

#[derive(Debug, Args)]
pub(crate) struct FormArgs {
    /// Form of the answer
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = VmForm::Table)]
    pub(crate) output: VmForm,
}

#[derive(Debug, Args)]
pub(crate) struct ShutdownArgs {
    /// Say what would be done, and do nothing; names and states are looked at, not what is free
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PatienceArgs {
    /// Longest time on the wall to wait
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = typed::<Interval>)]
    pub(crate) timeout: Interval,
}
