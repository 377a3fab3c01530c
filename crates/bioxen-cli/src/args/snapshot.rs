//! Arguments of `bioxen snapshot`.

use std::path::PathBuf;

use bioxen::{Seed, VmId};
use clap::{Args, Subcommand, ValueEnum};

use super::typed;

/// Look at images of cells, compare them, fork them, and keep them.
///
/// An image is a whole cell with its random stream: `bioxen run --save FILE` writes one, and `bioxen run --resume FILE`
/// goes on from it bit for bit.
#[derive(Debug, Args)]
#[command(after_long_help = SNAPSHOT_EXAMPLES)]
pub(crate) struct SnapshotArgs {
    /// State folder, where kept images are [default: BIOXEN_STATE, then XDG_STATE_HOME/bioxen, then ~/.local/state/bioxen]
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) state: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) verb: SnapshotVerb,
}

const SNAPSHOT_EXAMPLES: &str = "\
Examples:
  bioxen run syn3a --for 10min --save cell.bioxen
  bioxen snapshot inspect cell.bioxen
  bioxen snapshot fork cell.bioxen --id twin --seed 2 --out twin.bioxen
  bioxen snapshot diff cell.bioxen twin.bioxen
  bioxen snapshot save cell.bioxen
  bioxen snapshot restore cell-0001 --out again.bioxen
  bioxen snapshot list";

#[derive(Debug, Subcommand)]
pub(crate) enum SnapshotVerb {
    /// Show what is in an image
    Inspect(InspectArgs),
    /// Show what is different between two images
    Diff(DiffArgs),
    /// Make an image of a new VM that starts as this one and goes its own way
    Fork(ForkArgs),
    /// Keep an image in the state folder: the newest two of each VM are kept
    Save(KeepArgs),
    /// Take the newest kept image of a VM that can be used
    Restore(TakeArgs),
    /// List the images that are kept
    List(KeptArgs),
}

#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// Image file
    pub(crate) image: PathBuf,
    /// Form of the answer
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = SnapshotForm::Table)]
    pub(crate) output: SnapshotForm,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// Image file
    pub(crate) before: PathBuf,
    /// Image file to compare with it
    pub(crate) after: PathBuf,
    /// Counts of each kind that a table shows, those that differ most first; 0 shows all
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) top: usize,
    /// Form of the answer; JSON has all counts
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = SnapshotForm::Table)]
    pub(crate) output: SnapshotForm,
}

#[derive(Debug, Args)]
pub(crate) struct ForkArgs {
    /// Image file
    pub(crate) image: PathBuf,
    /// Name of the new VM
    #[arg(long, value_name = "NAME", value_parser = typed::<VmId>)]
    pub(crate) id: VmId,
    /// Start of its random stream
    #[arg(long, value_name = "SEED", allow_negative_numbers = true, value_parser = typed::<Seed>)]
    pub(crate) seed: Seed,
    /// Image file to write
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct KeepArgs {
    /// Image file
    pub(crate) image: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct TakeArgs {
    /// Name of the VM
    #[arg(value_name = "NAME", value_parser = typed::<VmId>)]
    pub(crate) id: VmId,
    /// Image file to write
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct KeptArgs {
    /// Form of the answer
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = SnapshotForm::Table)]
    pub(crate) output: SnapshotForm,
}

/// Forms of what is said about images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SnapshotForm {
    /// For people
    Table,
    /// For programs
    Json,
}
