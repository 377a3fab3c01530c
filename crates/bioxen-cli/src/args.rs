//! What can be typed, and what it becomes.

mod config;
mod daemon;
mod package;
mod snapshot;
pub(crate) mod target;
mod top;
pub(crate) mod vm;
mod words;

use std::path::PathBuf;

use bioxen::config::Interval;
use bioxen::genome::{Essentiality, Gene, ModelClass, Operon, RegulationClass};
use bioxen::{AtpPercent, Organism, RibosomeCount, RibosomeUnit, Seed, SimSpan};
use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use config::{
    CheckArgs, ConfigArgs, ConfigForm, ConfigVerb, InitArgs, SaveArgs, WantedArgs,
};
pub(crate) use daemon::DaemonArgs;
pub(crate) use package::{
    PackageArgs, PackageForm, PackagePackArgs, PackageRemoveArgs, PackageVerb,
};
pub(crate) use snapshot::{DiffArgs, ForkArgs, SnapshotArgs, SnapshotForm, SnapshotVerb};
pub(crate) use target::{DoctorArgs, GcArgs, TargetArgs};
pub(crate) use top::TopArgs;
pub(crate) use vm::{VmArgs, VmForm, VmVerb};

use words::{Refused, classes, pacing, picture, regulation_classes, threads, typed, with_operons};

/// Run simulated cells under quotas of ATP and ribosomes.
///
/// A cell is simulated gene by gene from its genome. Results go to standard output, progress and notes to standard error.
/// `bioxen help exit-codes` says what the exit codes mean.
#[derive(Debug, Parser)]
#[command(name = "bioxen", version, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  bioxen run syn3a --seed 1                    one cell cycle, as a table
  bioxen run syn3a --atp 60 --ribosomes 10     the same under quotas
  bioxen run ecoli --generations 2             E. coli through two generations
  bioxen validate syn3a                        simulated against published figures
  bioxen genes syn3a --class transcription     genes of one class
  bioxen operons ecoli --class inducible       operons that a signal switches on
  bioxen vm create cell-1 syn3a --start        a VM that lives on in a daemon
  bioxen top                                   all such VMs, live

Organisms: syn3a (JCVI-syn3A), ecoli (E. coli K-12 MG1655), minimal_cell (hypothetical)";

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Run(Box<RunArgs>),
    Validate(ValidateArgs),
    Genes(GenesArgs),
    Operons(OperonsArgs),
    Package(PackageArgs),
    Config(ConfigArgs),
    Snapshot(SnapshotArgs),
    Vm(VmArgs),
    Top(TopArgs),
    Daemon(DaemonArgs),
    Gc(GcArgs),
    Doctor(DoctorArgs),
    /// Say what the exit codes mean
    #[command(after_long_help = EXIT_CODES)]
    ExitCodes,
}

/// What every exit code means.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
    0  done
    1  failed
    2  the command line cannot be understood, or it must be confirmed
    3  no VM has that name, or several begin so
    4  the configuration cannot be used
    5  it took longer than it may
    6  a certificate or a host key is not the one that is known
    7  more ATP, ribosomes or memory were asked for than there are
    8  it is not known whether it was done
    9  of several VMs, some failed
  125  the daemon, the pool or the guest cannot be started or reached
  129  the terminal that it ran in was closed
  130  Ctrl-C ended it
  143  SIGTERM ended it";

/// Run cells and report how they are.
///
/// Without --for, --generations or --process, each cell runs through one generation: about 100 simulated minutes for
/// syn3a, 90 for minimal_cell and 45 for ecoli.
/// The same organism, seed, quotas and version give the same results, whatever the number of threads.
#[derive(Debug, Args)]
#[command(after_long_help = RUN_EXAMPLES)]
pub(crate) struct RunArgs {
    /// Organism of the cells: syn3a, ecoli or minimal_cell; may be left out with --resume
    #[arg(value_parser = typed::<Organism>, required_unless_present = "resume")]
    pub(crate) organism: Option<Organism>,
    /// Simulated time to run, such as 90s, 105min or 2h
    #[arg(long = "for", value_name = "TIME", allow_hyphen_values = true, value_parser = typed::<SimSpan>, group = "goal")]
    pub(crate) span: Option<SimSpan>,
    /// Divisions to run through; a cell stops after 12 simulated hours for each in any case
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..), group = "goal")]
    pub(crate) generations: Option<u32>,
    /// Starlark program that drives each cell; - reads standard input
    #[arg(long, value_name = "FILE", group = "goal")]
    pub(crate) process: Option<PathBuf>,
    /// Cells to run, named cell-0001, cell-0002, ...
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=9999))]
    pub(crate) cells: u32,
    /// Start of all random streams; drawn and reported if not given
    #[arg(long, value_name = "SEED", allow_negative_numbers = true, value_parser = typed::<Seed>)]
    pub(crate) seed: Option<Seed>,
    /// Configuration file; if not given the one that is found, see bioxen config
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Use no configuration file and no variable of one
    #[arg(long, conflicts_with = "config")]
    pub(crate) no_config: bool,
    /// Compute in so many guests of the XCP-ng pool of the configuration, which are made for the run and removed after it; the results are those of this machine
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=999), conflicts_with_all = ["threads", "monitor", "no_config"])]
    pub(crate) guests: Option<u32>,
    /// Configuration by its name, for --guests: ~/.bioxen/hypervisors/NAME.yaml or .json
    #[arg(
        long,
        value_name = "NAME",
        requires = "guests",
        conflicts_with = "config"
    )]
    pub(crate) hypervisor: Option<String>,
    /// Share of the ATP regeneration of each cell, 0 to 100; if not given what the configuration allows, or all
    #[arg(long, value_name = "PERCENT", allow_negative_numbers = true, value_parser = typed::<AtpPercent>)]
    pub(crate) atp: Option<AtpPercent>,
    /// Ribosome units of each cell; if not given what the configuration allows, or a full grant: 15 for syn3a, 30 for ecoli, 12 for minimal_cell
    #[arg(long, value_name = "UNITS", allow_negative_numbers = true, value_parser = typed::<RibosomeCount>)]
    pub(crate) ribosomes: Option<RibosomeCount>,
    /// What a unit is: share, a part of the cell's own ribosomes, or physical, one ribosome
    #[arg(long, value_name = "UNIT", default_value = "share", value_parser = typed::<RibosomeUnit>)]
    pub(crate) ribosome_unit: RibosomeUnit,
    /// Medium of the cells; for ecoli glucose, glucose+aa, rich, succinate, acetate or glucose_anaerobic
    #[arg(long, value_name = "NAME")]
    pub(crate) medium: Option<String>,
    /// Package that each cell is given before it starts: its name, or the path of its folder or bundle; may be repeated
    #[arg(long = "package", value_name = "PACKAGE")]
    pub(crate) packages: Vec<String>,
    /// State folder, where installed packages are [default: BIOXEN_STATE, then XDG_STATE_HOME/bioxen, then ~/.local/state/bioxen]
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// Simulated time between two readings of the time course [default: 10s]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, value_parser = typed::<SimSpan>, conflicts_with = "process")]
    pub(crate) every: Option<SimSpan>,
    /// Threads that compute [default: one for each core]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = threads)]
    pub(crate) threads: Option<usize>,
    /// Form of the results
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = RunForm::Table)]
    pub(crate) output: RunForm,
    /// Tell alerts while the cells run: ATP below 20%, ribosome utilization above 90%; time on the wall between readings
    #[arg(long, value_name = "TIME", num_args = 0..=1, default_missing_value = "1s", value_parser = typed::<Interval>)]
    pub(crate) monitor: Option<Interval>,
    /// Let the grants of each cell follow the rules of its organism; decisions are told
    #[arg(long, visible_alias = "optimise", conflicts_with = "process")]
    pub(crate) optimize: bool,
    /// Image file to go on from, bit for bit; --for and --generations then count from there
    #[arg(long, value_name = "IMAGE", conflicts_with_all = ["cells", "seed", "ribosome_unit"])]
    pub(crate) resume: Option<PathBuf>,
    /// Image file for the state of the cell at the end; an interrupted run writes it too
    #[arg(long, value_name = "IMAGE", conflicts_with = "cells")]
    pub(crate) save: Option<PathBuf>,
    /// Write that image on the way too, each time so much simulated time has passed: a run that is killed goes on from the last one
    #[arg(long, value_name = "TIME", requires = "save", conflicts_with = "process", value_parser = typed::<SimSpan>)]
    pub(crate) checkpoint_every: Option<SimSpan>,
    /// File for the results instead of standard output, or - for that; FILE.partial if interrupted
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Picture of the time course, SVG
    #[arg(long, value_name = "FILE.svg", conflicts_with = "process", value_parser = picture)]
    pub(crate) plot: Option<PathBuf>,
}

const RUN_EXAMPLES: &str = "\
Examples:
  bioxen run syn3a
      one cell through one generation, with a seed that is drawn and shown
  bioxen run syn3a --for 105min --every 1s -o csv --out cell.csv
      a time course of 105 simulated minutes
  bioxen run ecoli --for 20min --ribosomes 15
      E. coli with half of its 30 ribosome units
  bioxen run minimal_cell -o json
      the metrics of a hypothetical minimal cell, for programs
  bioxen run syn3a --cells 20 --seed 7 --atp 60 --ribosomes 10 --plot cells.svg
      twenty cells under quotas, with median and 10-90 percentile band
  bioxen run ecoli --generations 2 --optimize --monitor 5s
      grants that follow the growth phase, and alerts
  bioxen run syn3a --for 10min --save cell.bioxen
  bioxen run --resume cell.bioxen --for 10min
      a cell that is put away and goes on later
  bioxen run ecoli --for 12h --save cell.bioxen --checkpoint-every 30min
      an image of every half hour, each in the place of the one before
  bioxen run ecoli --cells 96 --seed 7 --guests 8 --config lab.yaml
      cells computed in eight guests of an XCP-ng pool
  echo \"start_transcription(['dnaA']); advance(600)\" | bioxen run syn3a --process - -o json
      a program that drives the cell
  echo \"load('growth', 'measure'); measure(600)\" | bioxen run ecoli --package growth --process -
      a program that uses the functions of a package";

/// Forms of the results of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RunForm {
    /// Summary for people
    Table,
    /// Summary for programs, with a time course if --every is given
    Json,
    /// Time course, one row for each reading of each cell
    Csv,
}

/// Compare simulated cells with published figures.
///
/// Each figure is printed with its source, the simulated mean, and whether it is met.
/// Figures that constants of the model were fitted to are labeled and do not count.
/// Cells of ecoli grow in ten media each and with seven constructs, which takes minutes; the minimal cell is hypothetical, so that most of its
/// figures are for information.
/// Exit code 0 if all figures that count are met, 1 otherwise.
#[derive(Debug, Args)]
#[command(after_long_help = VALIDATE_EXAMPLES)]
pub(crate) struct ValidateArgs {
    /// Organism of the cells: syn3a, ecoli or minimal_cell
    #[arg(value_parser = typed::<Organism>)]
    pub(crate) organism: Organism,
    /// Cells to simulate, of ecoli in each medium; fewer are faster and less exact [default: 48, ecoli 4, minimal_cell 12]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(2..=9999))]
    pub(crate) cells: Option<u32>,
    /// Start of all random streams
    #[arg(long, value_name = "SEED", allow_negative_numbers = true, default_value = "1", value_parser = typed::<Seed>)]
    pub(crate) seed: Seed,
    /// Threads that compute [default: one for each core]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = threads)]
    pub(crate) threads: Option<usize>,
    /// Form of the results
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = ValidateForm::Table)]
    pub(crate) output: ValidateForm,
}

const VALIDATE_EXAMPLES: &str = "\
Examples:
  bioxen validate syn3a
  bioxen validate ecoli --cells 2
  bioxen validate syn3a --cells 96 --seed 2 -o json";

/// Forms of a validation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ValidateForm {
    /// For people
    Table,
    /// For programs
    Json,
}

/// List the genes of a cell.
#[derive(Debug, Args)]
#[command(after_long_help = GENES_EXAMPLES)]
pub(crate) struct GenesArgs {
    /// Organism of the cell: syn3a, ecoli or minimal_cell
    #[arg(value_parser = typed::<Organism>)]
    pub(crate) organism: Organism,
    /// Only genes of this class
    #[arg(long, value_name = "CLASS", value_parser = classes())]
    pub(crate) class: Option<ModelClass>,
    /// Only proteins without which no cell lives, for ecoli on minimal medium with glucose
    #[arg(long)]
    pub(crate) essential: bool,
    /// Form of the list
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = ListForm::Table)]
    pub(crate) output: ListForm,
}

/// Forms of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListForm {
    /// For people, one a line
    Table,
    /// For programs, one object for each
    Json,
    /// One row for each
    Csv,
}

const GENES_EXAMPLES: &str = "\
Examples:
  bioxen genes syn3a --essential
  bioxen genes ecoli --class transcription
  bioxen genes minimal_cell --class energy_production -o csv";

impl GenesArgs {
    /// Whether a gene was asked for.
    pub(crate) fn wants(&self, gene: &Gene) -> bool {
        self.class.is_none_or(|wanted| wanted == gene.model_class)
            && (!self.essential || gene.essentiality == Essentiality::Essential)
    }
}

/// List the operons of a cell: the genes that share a transcript, and what switches them.
///
/// Regulators have the sign of what they do, as in LacI:-. The column on/off is the order of magnitude by which the
/// operon is expressed more when it is on.
#[derive(Debug, Args)]
#[command(after_long_help = OPERONS_EXAMPLES)]
pub(crate) struct OperonsArgs {
    /// Organism of the cell: ecoli
    #[arg(value_parser = with_operons)]
    pub(crate) organism: Organism,
    /// Only operons that are regulated in this way
    #[arg(long, value_name = "CLASS", value_parser = regulation_classes())]
    pub(crate) class: Option<RegulationClass>,
    /// Only operons whose regulation is known
    #[arg(long)]
    pub(crate) regulated: bool,
    /// Form of the list
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = ListForm::Table)]
    pub(crate) output: ListForm,
}

const OPERONS_EXAMPLES: &str = "\
Examples:
  bioxen operons ecoli --class inducible
  bioxen operons ecoli --regulated -o csv";

impl OperonsArgs {
    /// Whether an operon was asked for.
    pub(crate) fn wants(&self, operon: &Operon) -> bool {
        let class = operon.regulation.class;
        self.class.is_none_or(|wanted| wanted == class)
            && (!self.regulated || class != RegulationClass::ConstitutiveOrUnknown)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::{Cli, pacing};

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn pacing_is_a_word_or_a_factor() {
        for (text, shown) in [
            ("real", "real time"),
            ("1x", "real time"),
            ("0.5x", "real time x 0.5"),
            ("60x", "real time x 60"),
            ("unpaced", "unpaced"),
            ("manual", "manual"),
        ] {
            assert_eq!(pacing(text).unwrap().to_string(), shown);
        }
        for text in ["", "x", "60", "0x", "-1x", "infx", "fast", "60X"] {
            assert!(pacing(text).is_err(), "{text:?}");
        }
    }
}
