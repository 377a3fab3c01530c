//! How a command fails: an object for programs, a message for people, and an exit code.

use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use bioxen_agent::daemon::DaemonError;
use bioxen_agent::{AnswerError, LocalError, ProtocolError, Refusal};
use bioxen_core::{InvalidProcessCode, PackageName, SpecError, VmError, VmId};
use bioxen_resources::StoreError;
use serde::Serialize;
use thiserror::Error;

use crate::hints::{chain, hint_of};
use crate::output;

/// What a command ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// It was refused, or failed.
    Failed = 1,
    /// What was typed makes no sense.
    Usage = 2,
    /// There is no VM of that name.
    NoSuchVm = 3,
    /// It took too long.
    TimeOut = 5,
    /// The host has not enough left.
    NoCapacity = 7,
    /// It may have been done or not.
    Unknown = 8,
    /// There is no daemon, and none could be started.
    NoDaemon = 125,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command did not do what was asked.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    #[error("there is no folder for the state of this user")]
    NoState,
    #[error("the state folder {} belongs to user {owner}, and this is user {user}", state.display())]
    Owner {
        state: PathBuf,
        owner: u32,
        user: u32,
    },
    #[error(transparent)]
    Daemon(#[from] LocalError),
    #[error("the daemon cannot run")]
    Serve(#[source] DaemonError),
    #[error("this program cannot find itself")]
    Executable { source: io::Error },
    #[error(transparent)]
    Vm(#[from] VmError),
    #[error(transparent)]
    Spec(#[from] SpecError),
    #[error("the daemon answered with {kind}, which is no answer to that")]
    OtherAnswer { kind: &'static str },
    #[error("no answer came within {} s", limit.as_secs())]
    TimeOut { limit: Duration },
    #[error("VM \"{id}\" has {what} {there}, and {asked} was asked for")]
    Other {
        id: VmId,
        what: &'static str,
        there: String,
        asked: String,
    },
    #[error(
        "VM \"{id}\" was made and not started: package {package} could not be installed: {why}"
    )]
    Package {
        id: VmId,
        package: PackageName,
        why: String,
    },
    #[error("could not read the program {name}")]
    ReadCode { name: String, source: io::Error },
    #[error("the program {name} is not text in UTF-8")]
    NotText { name: String },
    #[error("the program {name} cannot be run")]
    Code {
        name: String,
        source: InvalidProcessCode,
    },
    #[error(transparent)]
    Image(#[from] StoreError),
    #[error("could not make the folder {}", path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error("could not write the results")]
    Stdout { source: io::Error },
    #[error("nothing can be told")]
    Log { source: io::Error },
    #[error("could not watch for signals")]
    Signals { source: io::Error },
    #[error("the bytes of the connection could not be passed on")]
    Relay { source: io::Error },
}

impl Failure {
    /// A word for it, for programs.
    fn code(&self) -> String {
        let word = match self {
            Self::Vm(error) if is_unknown(error) => "outcome_unknown",
            Self::Vm(error) if is_unreached(error) => "no_daemon",
            Self::Vm(error) => return Refusal::new(error).code().to_owned(),
            Self::Daemon(_) | Self::Owner { .. } | Self::Executable { .. } => "no_daemon",
            Self::Serve(_) => "daemon",
            Self::TimeOut { .. } => "time_out",
            Self::OtherAnswer { .. } => "outcome_unknown",
            Self::Other { .. } => "already_exists",
            Self::Package { .. } => "package",
            Self::NoState
            | Self::Spec(_)
            | Self::ReadCode { .. }
            | Self::NotText { .. }
            | Self::Code { .. } => "usage",
            Self::Image(StoreError::Image { .. }) => "image",
            Self::Image(_)
            | Self::Folder { .. }
            | Self::Stdout { .. }
            | Self::Log { .. }
            | Self::Signals { .. }
            | Self::Relay { .. } => "io",
        };
        word.to_owned()
    }

    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Vm(error) => exit_of(error),
            Self::Daemon(_) | Self::Owner { .. } | Self::Executable { .. } => Exit::NoDaemon,
            Self::TimeOut { .. } => Exit::TimeOut,
            Self::OtherAnswer { .. } => Exit::Unknown,
            Self::NoState
            | Self::Spec(_)
            | Self::ReadCode { .. }
            | Self::NotText { .. }
            | Self::Code { .. } => Exit::Usage,
            Self::Serve(_)
            | Self::Other { .. }
            | Self::Package { .. }
            | Self::Image(_)
            | Self::Folder { .. }
            | Self::Stdout { .. }
            | Self::Log { .. }
            | Self::Signals { .. }
            | Self::Relay { .. } => Exit::Failed,
        }
    }

    /// What to do about it.
    fn hint(&self) -> Option<String> {
        let advice = match self {
            Self::Owner { .. } => {
                "have its owner start the daemon, such as with systemctl start bioxen-hypervisor"
            }
            Self::NoState => "give --state FOLDER, or set BIOXEN_STATE",
            Self::TimeOut { .. } => {
                "it may still be done; look with status, or give a longer --timeout"
            }
            Self::OtherAnswer { .. } => "compare the versions of this program and of the daemon",
            Self::Other { .. } => "leave the option out, change the VM, or destroy it first",
            Self::Package { .. } => "install the package, then start the VM again",
            Self::ReadCode { .. } => "give the path of a text file, or --code - for standard input",
            Self::NotText { .. } => "write the program in UTF-8",
            Self::Folder { .. } => "choose a file with --out",
            // They stand for the error inside, so that the chain does not reach it.
            Self::Vm(error) => return error.hint().or_else(|| hint_of(error)),
            Self::Daemon(error) => return error.hint().or_else(|| hint_of(error)),
            Self::Spec(error) => return error.hint(),
            Self::Image(error) => return error.hint().or_else(|| hint_of(error)),
            Self::Serve(_)
            | Self::Executable { .. }
            | Self::Code { .. }
            | Self::Stdout { .. }
            | Self::Log { .. }
            | Self::Signals { .. }
            | Self::Relay { .. } => return hint_of(self),
        };
        Some(advice.to_owned())
    }

    /// Tells program and person, and gives the exit code; a reader that went away is no failure.
    pub(crate) fn report(&self) -> ExitCode {
        if let Self::Stdout { source } = self
            && source.kind() == io::ErrorKind::BrokenPipe
        {
            return ExitCode::SUCCESS;
        }
        let error = self.problem();
        error.say();
        // If it cannot be written, the message is all there is.
        let _ = output::print(false, &Failed { error: &error });
        self.exit().into()
    }

    /// Tells it in one line of a log, where standard output has another use.
    pub(crate) fn log(&self) -> ExitCode {
        say(&self.problem().line());
        self.exit().into()
    }

    fn problem(&self) -> Problem {
        Problem {
            code: self.code(),
            message: self.to_string(),
            causes: chain(self).skip(1).map(ToString::to_string).collect(),
            hint: self.hint(),
        }
    }
}

/// A failure for programs.
#[derive(Serialize)]
struct Failed<'a> {
    error: &'a Problem,
}

#[derive(Serialize)]
struct Problem {
    code: String,
    message: String,
    causes: Vec<String>,
    hint: Option<String>,
}

impl Problem {
    fn line(&self) -> String {
        let mut line = format!("error: {}", self.message);
        for cause in &self.causes {
            line.push_str(": ");
            line.push_str(cause);
        }
        if let Some(hint) = &self.hint {
            line.push_str("; ");
            line.push_str(hint);
        }
        line.replace(char::is_control, " ")
    }

    fn say(&self) {
        let mut text = format!("error: {}", self.message);
        for cause in &self.causes {
            text.push_str("\n  because: ");
            text.push_str(cause);
        }
        if let Some(hint) = &self.hint {
            text.push_str("\n  hint: ");
            text.push_str(hint);
        }
        say(&text);
    }
}

fn exit_of(error: &VmError) -> Exit {
    match error {
        VmError::NotFound { .. } => Exit::NoSuchVm,
        VmError::AtpExceeded { .. }
        | VmError::RibosomesExceeded { .. }
        | VmError::AtpAboveLimit { .. }
        | VmError::RibosomesAboveLimit { .. } => Exit::NoCapacity,
        error if is_unknown(error) => Exit::Unknown,
        error if is_unreached(error) => Exit::NoDaemon,
        _ => Exit::Failed,
    }
}

/// Whether the operation may have been done or not.
pub(crate) fn is_unknown(error: &VmError) -> bool {
    match backend(error) {
        Some(source) => {
            source.is::<AnswerError>()
                || matches!(
                    source.downcast_ref(),
                    Some(ProtocolError::OutcomeUnknown { .. })
                )
        }
        None => false,
    }
}

/// Whether the request did not reach the daemon as a whole.
pub(crate) fn is_unreached(error: &VmError) -> bool {
    matches!(
        backend(error).and_then(|source| source.downcast_ref()),
        Some(ProtocolError::NotBegun { .. } | ProtocolError::Broken { .. })
    )
}

fn backend(error: &VmError) -> Option<&(dyn Error + Send + Sync + 'static)> {
    match error {
        VmError::Backend { source, .. } => Some(source.as_ref()),
        _ => None,
    }
}

/// Prints what clap answers: help and version on standard output, refusals on standard error.
pub(crate) fn refuse(refused: &clap::Error) -> ExitCode {
    // Nothing is left to tell if the terminal itself cannot be written to.
    let _ = refused.print();
    if refused.use_stderr() {
        Exit::Usage.into()
    } else {
        ExitCode::SUCCESS
    }
}

/// One message for the person at the terminal.
pub(crate) fn say(text: &str) {
    // A closed standard error is no reason to stop.
    let _ = writeln!(io::stderr().lock(), "{text}");
}
