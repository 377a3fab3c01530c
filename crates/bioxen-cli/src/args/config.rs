//! Arguments of `bioxen config`, and those of other verbs that choose a configuration.

use std::path::PathBuf;

use bioxen::Organism;
use bioxen::config::VmType;
use clap::{Args, Subcommand, ValueEnum};

use super::{Refused, typed};

/// Write, check and show configuration files.
///
/// A file is JSON or YAML. It is looked for as bioxen_config.json and bioxen_config.yaml in this folder, as config.json
/// and config.yaml in ~/.bioxen, and there in /etc/bioxen; the first that is found wins. With BIOXEN_ENV=staging the file
/// bioxen_config.staging.yaml beside it is laid over it. A variable such as BIOXEN_RESOURCE_LIMITS__MAX_ATP=60 overrides
/// both, and --set overrides all.
/// Exit code 4 if a configuration has errors.
#[derive(Debug, Args)]
#[command(after_long_help = CONFIG_EXAMPLES)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    pub(crate) verb: ConfigVerb,
}

const CONFIG_EXAMPLES: &str = "\
Examples:
  bioxen config init --organism ecoli
  bioxen config check bioxen_config.yaml --strict
  bioxen config show --origin
  bioxen config save --set resource_limits.max_atp=60 --to lab.yaml";

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigVerb {
    /// Write a file with every setting and a comment at each
    Init(InitArgs),
    /// Say everything that is wrong with a file; exit code 4 if it has errors
    Check(CheckArgs),
    /// Show the configuration that is in force
    Show(ShowArgs),
    /// Print the JSON Schema of configuration files, for editors
    Schema,
    /// Print the reference of all settings, Markdown
    Reference,
    /// List the places that are searched, and which of them is used
    Path,
    /// Write the configuration that is in force into one file
    Save(SaveArgs),
}

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Organism that the file is for
    #[arg(long, value_name = "ORGANISM", default_value = "syn3a", value_parser = typed::<Organism>)]
    pub(crate) organism: Organism,
    /// What its VMs run on: basic or xcpng
    #[arg(long, value_name = "TYPE", default_value = "basic", value_parser = typed::<VmType>)]
    pub(crate) vm_type: VmType,
    /// File to write, or - for standard output
    #[arg(long, value_name = "FILE", default_value = "bioxen_config.yaml")]
    pub(crate) out: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The file; if not given the one that is found in the usual places
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) wanted: WantedArgs,
    /// Form of the answer
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = ConfigForm::Table)]
    pub(crate) output: ConfigForm,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The file; if not given the one that is found in the usual places
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) wanted: WantedArgs,
    /// Say of each value where it comes from
    #[arg(long)]
    pub(crate) origin: bool,
    /// Form of the answer
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = ConfigForm::Table)]
    pub(crate) output: ConfigForm,
}

#[derive(Debug, Args)]
pub(crate) struct SaveArgs {
    /// The file to read; if not given the one that is found in the usual places
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) wanted: WantedArgs,
    /// The file to write: JSON if its name ends in .json, YAML otherwise
    #[arg(long, value_name = "FILE")]
    pub(crate) to: PathBuf,
}

/// What a configuration must be for.
#[derive(Debug, Args)]
pub(crate) struct WantedArgs {
    /// Organism that it must be for
    #[arg(long, value_name = "ORGANISM", value_parser = typed::<Organism>)]
    pub(crate) organism: Option<Organism>,
    /// What its VMs run on: basic or xcpng
    #[arg(long, value_name = "TYPE", value_parser = typed::<VmType>)]
    pub(crate) vm_type: Option<VmType>,
    /// Take warnings for errors
    #[arg(long)]
    pub(crate) strict: bool,
    /// Override a setting; may be repeated
    #[arg(long = "set", value_name = "SECTION.NAME=VALUE", value_parser = setting)]
    pub(crate) set: Vec<(String, String)>,
}

/// Forms of what is said about a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ConfigForm {
    /// For people
    Table,
    /// For programs
    Json,
}

/// `section.name=value`.
pub(super) fn setting(text: &str) -> Result<(String, String), Refused> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(Refused {
            message: "not a setting with its value".to_owned(),
            hint: Some("write it as resource_limits.max_atp=60".to_owned()),
        }),
    }
}
