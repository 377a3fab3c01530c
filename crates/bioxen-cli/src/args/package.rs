//! Arguments of `bioxen package`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// Look at biological packages, pack them, install and remove them: plasmids, circuits and analysis functions.
///
/// Packages are built in, or installed in packages/ of the state folder, or lie in the folders of BIOXEN_PACKAGE_PATH:
/// as folders with a package.yaml, or as bundles NAME-VERSION.tar.zst.
#[derive(Debug, Args)]
#[command(after_long_help = PACKAGE_EXAMPLES)]
pub(crate) struct PackageArgs {
    /// State folder [default: BIOXEN_STATE, then XDG_STATE_HOME/bioxen, then ~/.local/state/bioxen]
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) state: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) verb: PackageVerb,
}

const PACKAGE_EXAMPLES: &str = "\
Examples:
  bioxen package list
  bioxen package info repressilator
  bioxen package check my_plasmid/
  bioxen package pack my_plasmid/
  bioxen package install my_plasmid-1.0.0.tar.zst
  bioxen package remove my_plasmid";

#[derive(Debug, Subcommand)]
pub(crate) enum PackageVerb {
    /// List the packages that are found
    List(PackageListArgs),
    /// Show what is in a package and where its numbers come from
    Info(PackageInfoArgs),
    /// Check the manifest of a package; exit code 1 if it is not in order
    Check(PackageCheckArgs),
    /// Make one file of a package, the same bytes each time
    Pack(PackagePackArgs),
    /// Install a package for this user, so that it is found by its name
    Install(PackageInstallArgs),
    /// Remove a package that this user installed
    Remove(PackageRemoveArgs),
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
    /// Folder of the package, its package.yaml, or its bundle
    pub(crate) path: PathBuf,
    /// Form of the answer
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = PackageForm::Table)]
    pub(crate) output: PackageForm,
}

/// Make one file of a package, the same bytes each time.
///
/// The bundle has the manifest, the Starlark files that it names, and their checksums.
#[derive(Debug, Args)]
#[command(after_long_help = PACK_EXAMPLES)]
pub(crate) struct PackagePackArgs {
    /// Folder of the package, or its package.yaml
    pub(crate) folder: PathBuf,
    /// File to write [default: NAME-VERSION.tar.zst in this folder]
    #[arg(long, value_name = "FILE", visible_alias = "out")]
    pub(crate) output: Option<PathBuf>,
}

const PACK_EXAMPLES: &str = "\
Examples:
  bioxen package pack my_plasmid/
  bioxen package pack my_plasmid/ --output bundles/my_plasmid-1.0.0.tar.zst";

/// Install a package for this user, so that it is found by its name.
///
/// It is written into packages/ of the state folder as a bundle, whole or not at all.
/// The same version twice changes nothing; another version is refused while one is there.
#[derive(Debug, Args)]
#[command(after_long_help = INSTALL_EXAMPLES)]
pub(crate) struct PackageInstallArgs {
    /// Folder of the package, its package.yaml, or its bundle
    pub(crate) path: PathBuf,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

const INSTALL_EXAMPLES: &str = "\
Examples:
  bioxen package install my_plasmid/
  bioxen package install my_plasmid-1.0.0.tar.zst --dry-run
  bioxen package install my_plasmid/ --state /srv/lab/bioxen";

/// Remove a package that this user installed.
///
/// It says what it removes and asks; without a terminal it needs --yes.
/// Cells that have the package keep it: their images hold what they need.
#[derive(Debug, Args)]
#[command(after_long_help = REMOVE_EXAMPLES)]
pub(crate) struct PackageRemoveArgs {
    /// Name of the package
    pub(crate) name: String,
    /// Say what would be removed, and remove nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
}

const REMOVE_EXAMPLES: &str = "\
Examples:
  bioxen package remove my_plasmid
  bioxen package remove my_plasmid --dry-run
  bioxen package remove my_plasmid --yes";

/// Forms of what is said about packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PackageForm {
    /// For people
    Table,
    /// For programs
    Json,
}
