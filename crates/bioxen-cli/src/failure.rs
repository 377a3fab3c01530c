//! How a command fails: a message, a hint and an exit code.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use bioxen::agent::daemon::DaemonError;
use bioxen::agent::{AnswerError, LocalError, ProtocolError};
use bioxen::config::{ConfigErrors, Interval, SaveError, render};
use bioxen::package::{BundleError, LibraryError};
use bioxen::resources::{InvalidSetting, MonitorError, StoreError};
use bioxen::xcpng::{FailureKind, XcpngError};
use bioxen::{
    COUPLING_STEP, HypervisorError, ImageError, InvalidName, InvalidProcessCode, Organism,
    PoolConfigError, RibosomeCount, SimSpan, SpecError, VmError, VmId, VmState, explain,
};
use thiserror::Error;

/// Exit code of what was not done, for no reason that has a code of its own.
const FAILED: u8 = 1;

/// Exit code of a command line that cannot be understood.
const USAGE: u8 = 2;

/// Exit code when there is no VM of a name, or several begin so.
const NOT_FOUND: u8 = 3;

/// Exit code of a configuration that cannot be used.
pub(crate) const CONFIG: u8 = 4;

/// Exit code of what took too long.
pub(crate) const TIME_OUT: u8 = 5;

/// Exit code when a certificate or a host key is not one that is known.
const TRUST: u8 = 6;

/// Exit code when more was asked for than there is.
const CAPACITY: u8 = 7;

/// Exit code when it is not known whether something was done.
const UNKNOWN: u8 = 8;

/// Exit code when something was done for some VMs and not for others.
pub(crate) const PARTIAL: u8 = 9;

/// Exit code when the daemon cannot be started, reached or understood.
const DAEMON: u8 = 125;

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
    #[error(transparent)]
    Local(#[from] LocalError),
    #[error(transparent)]
    Daemon(#[from] DaemonError),
    #[error("the log cannot be written")]
    Log { source: io::Error },
    #[error("the program does not know where it is")]
    Program { source: io::Error },
    #[error("no VM is named {name:?}, and none begins so")]
    NoVm {
        name: String,
        nearest: Option<String>,
    },
    #[error("several VMs begin with {name:?}: {}", matches.join(", "))]
    SeveralVms { name: String, matches: Vec<String> },
    #[error("VM {id} is {state}")]
    Alive { id: VmId, state: VmState },
    #[error("{what} took longer than {limit}")]
    TimeOut { what: String, limit: Interval },
    #[error("package {text} is named by its path, and the daemon takes packages by their names")]
    PackagePath { text: String },
    #[error("{}", message.trim_end())]
    PackageRefused { message: String },
    #[error("the daemon did not answer within {limit:?}")]
    Silent { limit: Duration },
    #[error("{asked} was answered with {answered}")]
    OtherAnswer {
        asked: &'static str,
        answered: &'static str,
    },
    #[error("a live view needs a terminal")]
    NoTerminal,
    #[error(transparent)]
    PoolConfig(#[from] PoolConfigError),
    #[error(transparent)]
    Pool(#[from] XcpngError),
    #[error("no XCP-ng pool is meant")]
    NoPool,
    #[error("a pool is not ended from here")]
    PoolLives,
    #[error("no hypervisor is named {name:?}: there is no {}/{name}.yaml", folder.display())]
    NoHypervisor {
        name: String,
        folder: PathBuf,
        known: Vec<String>,
    },
    #[error("the terminal cannot be used")]
    Terminal { source: io::Error },
}

impl From<ConfigErrors> for Failure {
    fn from(errors: ConfigErrors) -> Self {
        Self::Config(errors)
    }
}

impl Failure {
    /// What to do about it, if no cause says so itself.
    pub(crate) fn hint(&self) -> Option<String> {
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
            Self::Local(LocalError::NotRunning { .. }) => {
                "bioxen vm ls starts one, and so does bioxen daemon"
            }
            Self::Local(refused) => return refused.hint(),
            Self::Daemon(refused) => return refused.hint(),
            Self::NoVm {
                nearest: Some(name),
                ..
            } => return Some(format!("did you mean {name}?")),
            Self::NoVm { .. } => "bioxen vm ls lists the VMs",
            Self::SeveralVms { .. } => "give more of the name",
            Self::Alive { id, .. } => {
                return Some(format!(
                    "stop it first: bioxen vm stop {id}; or give --force"
                ));
            }
            Self::TimeOut { .. } => "give a longer --timeout",
            Self::PackagePath { text } => {
                return Some(format!("bioxen package install {text}, then give its name"));
            }
            Self::NoTerminal => "use --once for one table, or -o json",
            Self::PoolConfig(refused) => return refused.hint(),
            Self::Pool(refused) => return refused.hint(),
            Self::NoPool => "give --type xcpng with --config FILE or --hypervisor NAME",
            Self::PoolLives => "its VMs are stopped one by one: bioxen vm stop",
            Self::NoHypervisor { folder, known, .. } if known.is_empty() => {
                return Some(format!(
                    "put a configuration there, such as {}/lab.yaml",
                    folder.display()
                ));
            }
            Self::NoHypervisor { known, .. } => {
                return Some(format!("there are {}", known.join(", ")));
            }
            Self::Program { .. }
            | Self::Log { .. }
            | Self::PackageRefused { .. }
            | Self::Terminal { .. }
            | Self::Silent { .. }
            | Self::OtherAnswer { .. }
            | Self::Stdout { .. }
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
        self.tell();
        ExitCode::from(self.code())
    }

    /// Tells the person.
    pub(crate) fn tell(&self) {
        if let Self::Config(errors) = self {
            return say(render(errors.problems()).trim_end());
        }
        let mut text = format!("error: {}", explain(self));
        // What a cause advises may be said already.
        if let Some(hint) = self.hint()
            && !text.contains(&hint)
        {
            text.push_str("\n  hint: ");
            text.push_str(&hint);
        }
        say(&text);
    }

    /// The exit code.
    pub(crate) fn code(&self) -> u8 {
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
            | Self::PackagePath { .. }
            | Self::NoTerminal
            | Self::NoPool
            | Self::PoolLives
            | Self::Package(LibraryError::Unknown { .. }) => USAGE,
            Self::NoVm { .. } | Self::SeveralVms { .. } => NOT_FOUND,
            Self::Config(_)
            | Self::NoConfig { .. }
            | Self::PoolConfig(_)
            | Self::NoHypervisor { .. } => CONFIG,
            Self::Pool(refused) => code_of_pool(refused),
            Self::TimeOut { .. } => TIME_OUT,
            Self::Local(_)
            | Self::Daemon(_)
            | Self::Log { .. }
            | Self::Silent { .. }
            | Self::OtherAnswer { .. } => DAEMON,
            Self::Vm(refused) => code_of(refused),
            _ => FAILED,
        }
    }

    /// Whether it is that the person called it off.
    pub(crate) fn is_cancelled(&self) -> bool {
        match self {
            Self::Vm(refused) => matches!(refused, VmError::Cancelled),
            Self::Pool(refused) => refused.is_cancelled(),
            _ => false,
        }
    }

    fn is_broken_pipe(&self) -> bool {
        match self {
            Self::Stdout { source } => source.kind() == io::ErrorKind::BrokenPipe,
            _ => false,
        }
    }
}

/// The exit code of what a VM, or the way to it, answered.
fn code_of(refused: &VmError) -> u8 {
    match refused {
        VmError::NotFound { .. } => NOT_FOUND,
        VmError::AtpExceeded { .. }
        | VmError::RibosomesExceeded { .. }
        | VmError::AtpAboveLimit { .. }
        | VmError::RibosomesAboveLimit { .. } => CAPACITY,
        VmError::Backend { source, .. } => match source.downcast_ref::<ProtocolError>() {
            Some(ProtocolError::OutcomeUnknown { .. }) => UNKNOWN,
            Some(_) => DAEMON,
            None if source.is::<AnswerError>() || source.is::<LocalError>() => DAEMON,
            None => source
                .downcast_ref::<XcpngError>()
                .map_or(FAILED, code_of_pool),
        },
        _ => FAILED,
    }
}

/// The exit code of what a pool answered.
fn code_of_pool(refused: &XcpngError) -> u8 {
    if refused.is_outcome_unknown() {
        return UNKNOWN;
    }
    match refused.class() {
        FailureKind::NotFound => NOT_FOUND,
        FailureKind::TimeOut => TIME_OUT,
        FailureKind::Trust => TRUST,
        FailureKind::Capacity => CAPACITY,
        FailureKind::Unreachable => DAEMON,
        FailureKind::Other => FAILED,
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

#[cfg(test)]
mod tests {
    use bioxen::agent::{LocalError, OpId, ProtocolError};
    use bioxen::{AtpPercent, RibosomeCount, VmError, VmId};

    use super::Failure;

    #[track_caller]
    fn check(failure: impl Into<Failure>, code: u8) {
        let failure = failure.into();
        assert_eq!(failure.code(), code, "{failure}");
    }

    #[test]
    fn failures_have_the_codes_that_the_help_says() {
        let id = VmId::new("cell-1").unwrap();
        let op = OpId::new([7; 16]).unwrap();
        let lost = |error: ProtocolError| VmError::Backend {
            context: "it is not known whether the agent did it",
            source: Box::new(error),
        };
        let (asked, free) = (RibosomeCount::new(2), RibosomeCount::new(1));
        check(VmError::NotFound { id: id.clone() }, 3);
        check(VmError::AlreadyExists { id }, 1);
        check(
            VmError::AtpExceeded {
                asked: AtpPercent::FULL,
                free: AtpPercent::new(1.0).unwrap(),
            },
            7,
        );
        check(
            VmError::RibosomesExceeded {
                asked,
                free,
                capacity: asked,
            },
            7,
        );
        check(lost(ProtocolError::Closed), 125);
        let source = Box::new(ProtocolError::Closed);
        check(lost(ProtocolError::OutcomeUnknown { op, source }), 8);
        let state = "/nowhere".into();
        check(LocalError::NotRunning { state }, 125);
        check(Failure::NoTerminal, 2);
        let limit = "1s".parse().unwrap();
        let what = "it".to_owned();
        check(Failure::TimeOut { what, limit }, 5);
    }
}
