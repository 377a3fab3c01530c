//! Arguments of the verbs that look at VMs.

use clap::Args;

use super::VmForm;

/// List the VMs, whatever their state.
#[derive(Debug, Args)]
#[command(after_long_help = LS_EXAMPLES)]
pub(crate) struct LsArgs {
    /// Print only the names
    #[arg(short, long, conflicts_with = "output")]
    pub(crate) quiet: bool,
    /// Form of the list
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = VmForm::Table)]
    pub(crate) output: VmForm,
}

const LS_EXAMPLES: &str = "\
Examples:
  bioxen vm ls
  bioxen vm ls -o json
  bioxen vm pause $(bioxen vm ls -q)";

/// Show all about a VM: its status, its last reading and its packages.
#[derive(Debug, Args)]
#[command(after_long_help = INSPECT_EXAMPLES)]
pub(crate) struct InspectArgs {
    /// Name of the VM, or how it begins
    pub(crate) vm: String,
    /// Form of the answer
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = VmForm::Json)]
    pub(crate) output: VmForm,
}

const INSPECT_EXAMPLES: &str = "\
Examples:
  bioxen vm inspect cell-1
  bioxen vm inspect cell-1 -o table";

/// Show how the cell of a VM is.
#[derive(Debug, Args)]
#[command(after_long_help = METRICS_EXAMPLES)]
pub(crate) struct OneArgs {
    /// Name of the VM, or how it begins
    pub(crate) vm: String,
    /// Form of the answer
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = VmForm::Table)]
    pub(crate) output: VmForm,
}

const METRICS_EXAMPLES: &str = "\
Examples:
  bioxen vm metrics cell-1
  bioxen vm metrics cell-1 -o json";

/// Show what happened to a VM, also to one that is gone.
#[derive(Debug, Args)]
#[command(after_long_help = LOGS_EXAMPLES)]
pub(crate) struct LogsArgs {
    /// Name of the VM, or how it begins
    pub(crate) vm: String,
    #[command(flatten)]
    pub(crate) follow: FollowArgs,
}

const LOGS_EXAMPLES: &str = "\
Examples:
  bioxen vm logs cell-1
  bioxen vm logs cell-1 -f";

/// Show what happened to the VMs and the daemon, the oldest first.
#[derive(Debug, Args)]
#[command(after_long_help = EVENTS_EXAMPLES)]
pub(crate) struct EventsArgs {
    #[command(flatten)]
    pub(crate) follow: FollowArgs,
}

const EVENTS_EXAMPLES: &str = "\
Examples:
  bioxen vm events
  bioxen vm events --since 120 -f
  bioxen vm events -o json";

#[derive(Debug, Args)]
pub(crate) struct FollowArgs {
    /// Go on with what happens, until Ctrl-C
    #[arg(short, long)]
    pub(crate) follow: bool,
    /// Only events after this one, by its number
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) since: u64,
    /// Form of the events; json is one object a line
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = VmForm::Table)]
    pub(crate) output: VmForm,
}

/// Look at the host key that a guest of a pool shows, and accept it.
///
/// A guest is never told who you are before its host key is known: by xcpng_config.ssh_host_keys, or by this.
/// Without --fingerprint nothing is accepted: the key is shown, and how to compare it with the guest's own. A guest that is off is switched on for that, and stays on.
/// With it, the key that the guest shows is accepted if it has that fingerprint, in place of others of its type; exit code 6 if it has another one.
#[derive(Debug, Args)]
#[command(after_long_help = TRUST_EXAMPLES)]
pub(crate) struct TrustArgs {
    /// Name of the VM, or how it begins
    pub(crate) vm: String,
    /// Fingerprint that you compared, as ssh-keygen -l prints it: SHA256 and 43 characters
    #[arg(long, value_name = "SHA256:...")]
    pub(crate) fingerprint: Option<String>,
    /// Form of the answer
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = VmForm::Table)]
    pub(crate) output: VmForm,
}

const TRUST_EXAMPLES: &str = "\
Examples:
  bioxen vm trust cell-1 --config lab.yaml
  bioxen vm trust cell-1 --fingerprint SHA256:/KHBk/+6xs87BS9WZ/kTgT2kNzRvYBGVI31fyO8CGwY --config lab.yaml";
