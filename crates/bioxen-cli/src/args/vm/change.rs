//! Arguments of the verbs that change a VM.

use std::path::PathBuf;

use bioxen::config::Interval;
use bioxen::{AtpPercent, PackageName, RibosomeCount, Seed, VmId};
use clap::Args;

use super::{ActArgs, VmForm};
use crate::args::typed;

/// Run a program against the cell of a running VM.
///
/// What the program prints and its result go to standard output, its failure to standard error.
/// Exit code 0 if it came to its end, 1 if it failed, 5 if it ran longer than --timeout. Ctrl-C cancels it where it runs, in the daemon or in the guest of a pool.
#[derive(Debug, Args)]
#[command(after_long_help = EXEC_EXAMPLES)]
pub(crate) struct ExecArgs {
    /// Name of the VM, or how it begins
    pub(crate) vm: String,
    /// Starlark program; - reads standard input
    #[arg(required_unless_present = "code", conflicts_with = "code")]
    pub(crate) file: Option<PathBuf>,
    /// The program itself
    #[arg(long, value_name = "CODE", allow_hyphen_values = true)]
    pub(crate) code: Option<String>,
    /// Longest time on the wall that it may run [default: 60s, or as the daemon is configured]
    #[arg(long, value_name = "TIME", value_parser = typed::<Interval>)]
    pub(crate) timeout: Option<Interval>,
    /// Say what would be done, and do nothing; names and states are looked at, not what is free
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Form of the answer
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = VmForm::Table)]
    pub(crate) output: VmForm,
}

const EXEC_EXAMPLES: &str = "\
Examples:
  bioxen vm exec cell-1 --code \"start_transcription(['dnaA']); advance(600); counts(['dnaA'])\"
  bioxen vm exec cell-1 drive.star --timeout 10min -o json
  echo \"print(time())\" | bioxen vm exec cell-1 -";

/// Change what a VM may use: all that is asked for, or nothing.
#[derive(Debug, Args)]
#[command(after_long_help = ALLOCATE_EXAMPLES)]
pub(crate) struct AllocateArgs {
    /// Name of the VM, or how it begins
    pub(crate) vm: String,
    /// Share of ATP regeneration, 0 to 100
    #[arg(long, value_name = "PERCENT", allow_negative_numbers = true, required_unless_present = "ribosomes", value_parser = typed::<AtpPercent>)]
    pub(crate) atp: Option<AtpPercent>,
    /// Ribosomes, in the unit of the VM
    #[arg(long, value_name = "UNITS", allow_negative_numbers = true, value_parser = typed::<RibosomeCount>)]
    pub(crate) ribosomes: Option<RibosomeCount>,
    #[command(flatten)]
    pub(crate) act: ActArgs,
}

const ALLOCATE_EXAMPLES: &str = "\
Examples:
  bioxen vm allocate cell-1 --atp 60
  bioxen vm allocate cell-1 --atp 60 --ribosomes 10";

#[derive(Debug, Args)]
#[command(after_long_help = PACKAGE_EXAMPLES)]
pub(crate) struct PackArgs {
    /// Name of the VM, or how it begins
    pub(crate) vm: String,
    /// Name of the package; `bioxen package list` shows those there are
    #[arg(value_parser = typed::<PackageName>)]
    pub(crate) package: PackageName,
    #[command(flatten)]
    pub(crate) act: ActArgs,
}

const PACKAGE_EXAMPLES: &str = "\
Examples:
  bioxen vm install cell-1 growth
  bioxen vm uninstall cell-1 growth

A package of your own is found by its name after `bioxen package install FOLDER`.";

/// Write the cell of a VM to an image file; the VM goes on.
#[derive(Debug, Args)]
#[command(after_long_help = SAVE_EXAMPLES)]
pub(crate) struct SaveArgs {
    /// Name of the VM, or how it begins
    pub(crate) vm: String,
    /// Image file to write
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) act: ActArgs,
}

const SAVE_EXAMPLES: &str = "\
Examples:
  bioxen vm save cell-1 cell.bioxen
  bioxen snapshot inspect cell.bioxen
  bioxen run --resume cell.bioxen --for 10min";

/// Put a VM back to an image of it; what its cell is now is lost.
///
/// From there it continues bit for bit as the saved cell would have. The image is one of this VM; `bioxen vm fork` makes another VM of it.
#[derive(Debug, Args)]
#[command(after_long_help = RESTORE_EXAMPLES)]
pub(crate) struct RestoreArgs {
    /// Name of the VM, or how it begins
    pub(crate) vm: String,
    /// Image file
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) act: ActArgs,
}

const RESTORE_EXAMPLES: &str = "\
Examples:
  bioxen vm restore cell-1 cell.bioxen
  bioxen vm restore cell-1 cell.bioxen --dry-run";

/// Make a new VM that starts as this one is and goes its own way, with the same grants, packages and pacing.
#[derive(Debug, Args)]
#[command(after_long_help = FORK_EXAMPLES)]
pub(crate) struct ForkArgs {
    /// Name of the VM, or how it begins
    pub(crate) vm: String,
    /// Name of the new VM
    #[arg(value_parser = typed::<VmId>)]
    pub(crate) name: VmId,
    /// Start of its random stream; drawn and reported if not given
    #[arg(long, value_name = "SEED", allow_negative_numbers = true, value_parser = typed::<Seed>)]
    pub(crate) seed: Option<Seed>,
    /// Start it at once
    #[arg(long)]
    pub(crate) start: bool,
    #[command(flatten)]
    pub(crate) act: ActArgs,
}

const FORK_EXAMPLES: &str = "\
Examples:
  bioxen vm fork cell-1 twin --seed 2
  bioxen vm fork cell-1 twin --start";
