//! Arguments of `bioxen package`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// Look at biological packages: plasmids, circuits and analysis functions.
///
/// Packages are built in, or lie in the folders of BIOXEN_PACKAGE_PATH, one folder with a package.yaml for each.
#[derive(Debug, Args)]
#[command(after_long_help = PACKAGE_EXAMPLES)]
pub(crate) struct PackageArgs {
    #[command(subcommand)]
    pub(crate) verb: PackageVerb,
}

const PACKAGE_EXAMPLES: &str = "\
Examples:
  bioxen package list
  bioxen package info repressilator
  bioxen package check my_plasmid/";

#[derive(Debug, Subcommand)]
pub(crate) enum PackageVerb {
    /// List the packages that are found
    List(PackageListArgs),
    /// Show what is in a package and where its numbers come from
    Info(PackageInfoArgs),
    /// Check the manifest of a package; exit code 1 if it is not in order
    Check(PackageCheckArgs),
}

#[derive(Debug, Args)]
pub(crate) struct PackageListArgs {
    /// Form of the list
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = PackageForm::Table)]
    pub(crate) output: PackageForm,
}

#[derive(Debug, Args)]
pub(crate) struct PackageInfoArgs {
    /// Name of the package
    pub(crate) name: String,
    /// Form of the answer
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = PackageForm::Table)]
    pub(crate) output: PackageForm,
}

#[derive(Debug, Args)]
pub(crate) struct PackageCheckArgs {
    /// Folder of the package, or its package.yaml
    pub(crate) path: PathBuf,
    /// Form of the answer
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = PackageForm::Table)]
    pub(crate) output: PackageForm,
}

/// Forms of what is said about packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PackageForm {
    /// For people
    Table,
    /// For programs
    Json,
}
