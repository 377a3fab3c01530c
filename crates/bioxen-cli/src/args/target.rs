//! Whose VMs are meant, and the commands that look after a pool.

use std::path::PathBuf;

use bioxen::config::VmType;
use clap::Args;

use super::VmForm;
use super::typed;

/// Whose VMs are meant.
#[derive(Clone, Debug, Args)]
pub(crate) struct TargetArgs {
    /// State folder [default: BIOXEN_STATE, then XDG_STATE_HOME/bioxen, then ~/.local/state/bioxen]
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) state: Option<PathBuf>,
    /// What the VMs run on: basic, the daemon of the state folder, or xcpng, a pool [default: what the configuration says, or basic]
    #[arg(long = "type", value_name = "TYPE", global = true, value_parser = typed::<VmType>)]
    pub(crate) vm_type: Option<VmType>,
    /// Configuration file with the pool, and with grants, pacing and packages of new VMs; for --type xcpng the one that is found if not given
    #[arg(
        long,
        value_name = "FILE",
        global = true,
        conflicts_with = "hypervisor"
    )]
    pub(crate) config: Option<PathBuf>,
    /// Configuration by its name: ~/.bioxen/hypervisors/NAME.yaml or .json
    #[arg(long, value_name = "NAME", global = true)]
    pub(crate) hypervisor: Option<String>,
}

/// List what programs that were ended left in an XCP-ng pool, and remove it if told to.
///
/// Whatever is made in a pool is written down first. What bears no mark of this installation is never touched, and programs that run are not disturbed.
#[derive(Debug, Args)]
#[command(after_long_help = GC_EXAMPLES)]
pub(crate) struct GcArgs {
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Remove what is listed
    #[arg(long)]
    pub(crate) apply: bool,
    /// Form of the answer
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = VmForm::Table)]
    pub(crate) output: VmForm,
}

const GC_EXAMPLES: &str = "\
Examples:
  bioxen gc --config lab.yaml
  bioxen gc --config lab.yaml --apply";

/// Look at what VMs need, one thing after the other, with the cure of what is wrong.
#[derive(Debug, Args)]
#[command(after_long_help = DOCTOR_EXAMPLES)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Look at an XCP-ng pool: the SSH key, reach, certificate, login, template, storage, network, host, memory, host keys, agent
    #[arg(long)]
    pub(crate) xcpng: bool,
    /// Also make a guest, bring it up, meet its agent and remove it
    #[arg(long, requires = "xcpng")]
    pub(crate) full: bool,
    /// Form of the answer
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = VmForm::Table)]
    pub(crate) output: VmForm,
}

const DOCTOR_EXAMPLES: &str = "\
Examples:
  bioxen doctor
  bioxen doctor --xcpng --config lab.yaml
  bioxen doctor --xcpng --full --config lab.yaml";
