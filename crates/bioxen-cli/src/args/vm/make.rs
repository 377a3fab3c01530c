//! Arguments of the verbs that begin and end the life of a VM.

use bioxen::{
    AtpPercent, Organism, Pacing, PackageName, Priority, RibosomeCount, RibosomeUnit, Seed, VmId,
};
use clap::Args;

use super::{ActArgs, PatienceArgs};
use crate::args::{pacing, typed};

/// Make a VM: one cell with a name, a seed and grants.
///
/// It stands still until it is started. Simulated time then follows the time on the wall, unless --pacing says otherwise.
#[derive(Debug, Args)]
#[command(after_long_help = CREATE_EXAMPLES)]
pub(crate) struct CreateArgs {
    /// Name of the VM: 1 to 63 of A-Z a-z 0-9 . _ -
    #[arg(value_parser = typed::<VmId>)]
    pub(crate) name: VmId,
    /// Organism of its cell: syn3a, ecoli or minimal_cell
    #[arg(value_parser = typed::<Organism>)]
    pub(crate) organism: Organism,
    /// Share of ATP regeneration, 0 to 100; if not given what the configuration allows, or all
    #[arg(long, value_name = "PERCENT", allow_negative_numbers = true, value_parser = typed::<AtpPercent>)]
    pub(crate) atp: Option<AtpPercent>,
    /// Ribosome units; if not given what the configuration allows, or a full grant
    #[arg(long, value_name = "UNITS", allow_negative_numbers = true, value_parser = typed::<RibosomeCount>)]
    pub(crate) ribosomes: Option<RibosomeCount>,
    /// What a unit is: share, a part of the cell's own ribosomes, or physical, one ribosome
    #[arg(long, value_name = "UNIT", default_value = "share", value_parser = typed::<RibosomeUnit>)]
    pub(crate) ribosome_unit: RibosomeUnit,
    /// Start of its random stream; drawn and reported if not given
    #[arg(long, value_name = "SEED", allow_negative_numbers = true, value_parser = typed::<Seed>)]
    pub(crate) seed: Option<Seed>,
    /// How simulated time follows the time on the wall: real, a factor such as 60x, unpaced, or manual
    #[arg(long, value_name = "PACING", value_parser = pacing)]
    pub(crate) pacing: Option<Pacing>,
    /// Weight in the scheduler, 1 to 100
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value = "50", value_parser = typed::<Priority>)]
    pub(crate) priority: Priority,
    /// Package that it is given, by its name; may be repeated
    #[arg(long = "package", value_name = "PACKAGE", value_parser = typed::<PackageName>)]
    pub(crate) packages: Vec<PackageName>,
    /// Start it at once
    #[arg(long)]
    pub(crate) start: bool,
    #[command(flatten)]
    pub(crate) act: ActArgs,
}

const CREATE_EXAMPLES: &str = "\
Examples:
  bioxen vm create cell-1 syn3a --start
  bioxen vm create poor ecoli --atp 40 --ribosomes 15 --seed 7
  bioxen vm create fast minimal_cell --pacing 60x --priority 80 --start
  bioxen vm create carrier ecoli --package puc19 --pacing manual
  bioxen vm create lab-1 syn3a --config lab.yaml --dry-run";

/// Let simulated time pass, for the first time or after stop.
#[derive(Debug, Args)]
#[command(after_long_help = START_EXAMPLES)]
pub(crate) struct StartArgs {
    /// Names of the VMs, or how they begin
    #[arg(value_name = "VM", required = true)]
    pub(crate) vms: Vec<String>,
    /// Wait until the first reading of the cell is there
    #[arg(long)]
    pub(crate) wait: bool,
    #[command(flatten)]
    pub(crate) patience: PatienceArgs,
    #[command(flatten)]
    pub(crate) act: ActArgs,
}

const START_EXAMPLES: &str = "\
Examples:
  bioxen vm start cell-1
  bioxen vm start cell-1 cell-2 --wait --timeout 10s";

/// Let a process that runs come to its end, then stop simulated time until the next start.
///
/// After --timeout it does as `bioxen vm kill` does: the process is cancelled and the VM stops. A process that waits because its VM
/// is paused is cancelled at once, since nobody may ever resume it. The cell is kept in any case.
#[derive(Debug, Args)]
#[command(after_long_help = STOP_EXAMPLES)]
pub(crate) struct StopArgs {
    /// Names of the VMs, or how they begin
    #[arg(value_name = "VM", required = true)]
    pub(crate) vms: Vec<String>,
    #[command(flatten)]
    pub(crate) patience: PatienceArgs,
    #[command(flatten)]
    pub(crate) act: ActArgs,
}

const STOP_EXAMPLES: &str = "\
Examples:
  bioxen vm stop cell-1
  bioxen vm stop cell-1 cell-2 --timeout 5min";

/// End VMs and remove what is kept of them.
///
/// It says what it removes and asks; without a terminal it needs --yes. A VM that runs or is paused needs --force.
/// Image files that `bioxen vm save` wrote stay.
#[derive(Debug, Args)]
#[command(after_long_help = REMOVE_EXAMPLES)]
pub(crate) struct RemoveArgs {
    /// Names of the VMs, or how they begin; whole names with --yes
    #[arg(value_name = "VM", required = true)]
    pub(crate) vms: Vec<String>,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Remove VMs that run too
    #[arg(short, long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) act: ActArgs,
}

const REMOVE_EXAMPLES: &str = "\
Examples:
  bioxen vm rm cell-1
  bioxen vm rm cell-1 cell-2 --dry-run
  bioxen vm rm cell-1 --force --yes";
