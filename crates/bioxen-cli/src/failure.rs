//! How a command fails: a message, a hint and an exit code.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use bioxen::config::{ConfigErrors, SaveError, render};
use bioxen::package::{BundleError, LibraryError};
use bioxen::resources::{InvalidSetting, MonitorError, StoreError};
use bioxen::{
    COUPLING_STEP, HypervisorError, ImageError, InvalidName, InvalidProcessCode, Organism,
    RibosomeCount, SimSpan, SpecError, VmError, explain,
};
use thiserror::Error;

/// Exit code of a command line that cannot be understood.
const USAGE: u8 = 2;

/// Exit code of a configuration that cannot be used.
pub(crate) const CONFIG: u8 = 4;

/// Why a command did not do what was asked.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    #[error("could not write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("could not write the results")]
    Stdout { source: io::Error },
    #[error("could not read the process {name}")]
    ReadProcess { name: String, source: io::Error },
    #[error("the process {name} cannot be run")]
    Process {
        name: String,
        source: InvalidProcessCode,
    },
    #[error("could not watch for signals")]
    Signals { source: io::Error },
    #[error("the cells cannot be run")]
    Host(#[from] HypervisorError),
    #[error(transparent)]
    Vm(#[from] VmError),
    #[error(transparent)]
    Spec(#[from] SpecError),
    #[error(transparent)]
    Name(#[from] InvalidName),
    #[error(transparent)]
    Package(#[from] LibraryError),
    #[error(transparent)]
    Monitor(#[from] MonitorError),
    #[error(transparent)]
    Monitoring(#[from] InvalidSetting),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the cell in {} cannot be used", path.display())]
    Image { path: PathBuf, source: ImageError },
    #[error("{} holds a cell of {found}, not of {asked}", path.display())]
    OtherOrganism {
        path: PathBuf,
        found: Organism,
        asked: Organism,
    },
    #[error("package {name} cannot be packed")]
    Pack { name: String, source: BundleError },
    #[error("there is no folder for the state of this user")]
    NoState,
    #[error("version {there} of package {name} is there, and {wanted} was asked for{}", if there == wanted { ", with other content" } else { "" })]
    PackageThere {
        name: String,
        there: String,
        wanted: String,
        built_in: bool,
    },
    #[error("package {name} is built in and cannot be removed")]
    BuiltIn { name: String },
    #[error("removing {name} was not confirmed: {what}")]
    Unconfirmed { name: String, what: String },
    #[error("could not read the answer")]
    Answer { source: io::Error },
    #[error("could not remove {}", path.display())]
    Remove { path: PathBuf, source: io::Error },
    #[error("the configuration cannot be used")]
    Config(ConfigErrors),
    #[error(transparent)]
    Save(#[from] SaveError),
    #[error("there is no configuration file")]
    NoConfig { places: Vec<PathBuf> },
    #[error("{} is there already", path.display())]
    There { path: PathBuf },
    #[error("a reading every {every} falls between the steps of {COUPLING_STEP}")]
    Interval { every: SimSpan },
    #[error("an image every {every} falls between the steps of {COUPLING_STEP}")]
    CheckpointInterval { every: SimSpan },
    #[error("a run with --process has no time course")]
    ProcessAsCsv,
    #[error("--out and --plot are both {}", path.display())]
    SamePlace { path: PathBuf },
    #[error("{asked} ribosome units are more than the {most} of the chassis")]
    TooManyRibosomes {
        asked: RibosomeCount,
        most: RibosomeCount,
        organism: Organism,
    },
    #[error("a thread that drives cells cannot be started")]
    Thread { source: io::Error },
}

impl From<ConfigErrors> for Failure {
    fn from(errors: ConfigErrors) -> Self {
        Self::Config(errors)
    }
}

impl Failure {
    /// What to do about it, if no cause says so itself.
    fn hint(&self) -> Option<String> {
        let advice = match self {
            // They stand for the error inside, so that the chain does not reach it.
            Self::Vm(refused) => return refused.hint(),
            Self::Spec(refused) => return refused.hint(),
            Self::Name(refused) => return refused.hint(),
            // What is wrong with a bundle is its cause, and has the advice.
            Self::Package(LibraryError::Bundle { .. }) => return None,
            Self::Package(refused) => return refused.hint(),
            Self::Store(refused) => return refused.hint(),
            Self::Monitor(_) | Self::Monitoring(_) => return None,
            Self::OtherOrganism { .. } => "leave the organism out: the image says it",
            Self::Pack { .. } | Self::Answer { .. } | Self::Image { .. } => return None,
            Self::NoState => "give --state DIR, or set BIOXEN_STATE",
            Self::PackageThere { built_in: true, .. } => {
                "give the package a name that no built-in one has"
            }
            Self::PackageThere { name, .. } => {
                return Some(format!("remove it first: bioxen package remove {name}"));
            }
            Self::BuiltIn { .. } => "it is part of the program",
            Self::Unconfirmed { .. } => "give --yes to remove it without being asked",
            Self::Remove { .. } => "look at who may write to the folder",
            Self::Save(refused) => return refused.hint(),
            Self::NoConfig { places } => {
                let places: Vec<String> = places
                    .iter()
                    .map(|place| place.display().to_string())
                    .collect();
                return Some(format!(
                    "bioxen config init writes one; looked for are {}",
                    places.join(", ")
                ));
            }
            Self::There { .. } => "use --force to replace it, or --out for another file",
            Self::Write { .. } => "choose a file in a folder that you may write to",
            Self::ReadProcess { .. } => "give the path of a text file, or - for standard input",
            Self::ProcessAsCsv => {
                "use -o json, and record(every, species, duration) inside the process"
            }
            Self::Interval { .. } => "give --every a multiple of 500ms, such as 1s or 10s",
            Self::CheckpointInterval { .. } => {
                "give --checkpoint-every a multiple of 500ms, such as 10min"
            }
            Self::SamePlace { .. } => "give each of them a file of its own",
            Self::TooManyRibosomes { most, organism, .. } => {
                let full = organism.full_ribosome_units();
                return Some(format!(
                    "give --ribosomes at most {most}; {full} shares are all ribosomes of a cell of {organism}, and more are no more"
                ));
            }
            Self::Thread { .. } => "give fewer --threads",
            Self::Stdout { .. }
            | Self::Process { .. }
            | Self::Signals { .. }
            | Self::Config(_)
            | Self::Host(_) => {
                return None;
            }
        };
        Some(advice.to_owned())
    }

    /// Tells the person and gives the exit code; a reader that went away is no failure.
    pub(crate) fn report(&self) -> ExitCode {
        if self.is_broken_pipe() {
            return ExitCode::SUCCESS;
        }
        if let Self::Config(errors) = self {
            say(render(errors.problems()).trim_end());
            return ExitCode::from(CONFIG);
        }
        let mut text = format!("error: {}", explain(self));
        if let Some(hint) = self.hint() {
            text.push_str("\n  hint: ");
            text.push_str(&hint);
        }
        say(&text);
        match self {
            Self::Interval { .. }
            | Self::CheckpointInterval { .. }
            | Self::ProcessAsCsv
            | Self::SamePlace { .. }
            | Self::OtherOrganism { .. }
            | Self::TooManyRibosomes { .. }
            | Self::There { .. }
            | Self::Spec(_)
            | Self::NoState
            | Self::Unconfirmed { .. }
            | Self::Package(LibraryError::Unknown { .. }) => ExitCode::from(USAGE),
            Self::NoConfig { .. } => ExitCode::from(CONFIG),
            _ => ExitCode::FAILURE,
        }
    }

    fn is_broken_pipe(&self) -> bool {
        match self {
            Self::Stdout { source } => source.kind() == io::ErrorKind::BrokenPipe,
            _ => false,
        }
    }
}

/// Prints what clap answers: help and version on standard output, refusals on standard error.
pub(crate) fn refuse(refused: &clap::Error) -> ExitCode {
    // Nothing is left to tell if the terminal itself cannot be written to.
    let _ = refused.print();
    if refused.use_stderr() {
        ExitCode::from(USAGE)
    } else {
        ExitCode::SUCCESS
    }
}

/// One message for the person at the terminal.
pub(crate) fn say(text: &str) {
    // A closed standard error is no reason to stop.
    let _ = writeln!(io::stderr().lock(), "{text}");
}
