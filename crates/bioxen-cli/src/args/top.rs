//! Arguments of `bioxen top`.

use bioxen::config::Interval;
use clap::Args;

use super::{TargetArgs, VmForm, typed};

/// Watch the VMs of the daemon, or of a pool: state, ATP, ribosomes, growth phase, speed and alerts.
///
/// ATP is the measured level, percent of the reference cell. Ribosomes are those that translate, of those that may, and the units granted.
/// Speed is simulated time over time on the wall between two looks. The growth phase is that of VMs of the daemon alone, since to ask for it touches the cell.
/// Keys: q, Esc or Ctrl-C leave, arrows scroll.
#[derive(Debug, Args)]
#[command(after_long_help = TOP_EXAMPLES)]
pub(crate) struct TopArgs {
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Print one table and end; it needs no terminal, and takes two looks for the speed
    #[arg(long)]
    pub(crate) once: bool,
    /// Time on the wall between two looks [default: 1s, of a pool 5s]
    #[arg(long, value_name = "TIME", value_parser = typed::<Interval>)]
    pub(crate) interval: Option<Interval>,
    /// Form of the view; json prints one object a line, with --once only one
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = VmForm::Table)]
    pub(crate) output: VmForm,
}

const TOP_EXAMPLES: &str = "\
Examples:
  bioxen top
  bioxen top --once
  bioxen top --interval 5s -o json
  bioxen top --config lab.yaml";
