//! Arguments of `bioxen top`.

use std::path::PathBuf;

use bioxen::config::Interval;
use clap::Args;

use super::{VmForm, typed};

/// Watch the VMs of the daemon: state, ATP, ribosomes, growth phase, speed and alerts.
///
/// ATP is the measured level, percent of the reference cell. Ribosomes are those that translate, of those that may, and the units granted.
/// Speed is simulated time over time on the wall between two looks.
/// Keys: q, Esc or Ctrl-C leave, arrows scroll.
#[derive(Debug, Args)]
#[command(after_long_help = TOP_EXAMPLES)]
pub(crate) struct TopArgs {
    /// State folder [default: BIOXEN_STATE, then XDG_STATE_HOME/bioxen, then ~/.local/state/bioxen]
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// Print one table and end; it needs no terminal, and takes two looks for the speed
    #[arg(long)]
    pub(crate) once: bool,
    /// Time on the wall between two looks
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = typed::<Interval>)]
    pub(crate) interval: Interval,
    /// Form of the view; json prints one object a line, with --once only one
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = VmForm::Table)]
    pub(crate) output: VmForm,
}

const TOP_EXAMPLES: &str = "\
Examples:
  bioxen top
  bioxen top --once
  bioxen top --interval 5s -o json";
