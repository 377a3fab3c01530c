//! How a verb fails.

use std::error::Error;
use std::fmt;
use std::io;
use std::process::ExitCode;

/// Why a verb did not succeed; one line in `Display`, advice in [`Failure::hint`].
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line was not understood.
    Usage {
        /// What is wrong with it.
        problem: String,
        /// The verb that was probably meant.
        nearest: Option<&'static str>,
    },
    /// A program could not be started.
    Spawn {
        /// The command line.
        command: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A step ended with an error of its own, which it has printed.
    Step {
        /// The step's name.
        step: String,
        /// The command that runs this step alone.
        command: String,
    },
    /// Tools that the verb needs are not on this machine.
    Missing {
        /// Names of the tools.
        tools: Vec<&'static str>,
        /// Commands that install them.
        remedies: Vec<String>,
    },
    /// `tidy` found problems, which it has printed.
    Untidy {
        /// How many.
        problems: usize,
    },
    /// A file or folder could not be read or made.
    File {
        /// Its path.
        path: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// `cargo metadata` answered with something else than expected.
    Metadata {
        /// The member that is missing or wrong.
        member: &'static str,
        /// The parser's complaint, if the text was not JSON at all.
        source: Option<serde_json::Error>,
    },
}

impl Failure {
    /// Wrong usage without a verb to suggest.
    pub(crate) fn usage(problem: String) -> Self {
        Self::Usage {
            problem,
            nearest: None,
        }
    }

    /// What a person can do about it.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Usage {
                nearest: Some(verb),
                ..
            } => Some(format!("did you mean `{verb}`?")),
            Self::Usage { nearest: None, .. } => {
                Some("`cargo xtask --help` lists the verbs".to_owned())
            }
            Self::Spawn { .. } => Some("`cargo xtask doctor` names missing tools".to_owned()),
            Self::Step { command, .. } => Some(format!("run this step alone with `{command}`")),
            Self::Missing { remedies, .. } => {
                Some(format!("install with `{}`", remedies.join("` and `")))
            }
            Self::Untidy { .. } => Some("each line above says what to do".to_owned()),
            Self::File { .. } | Self::Metadata { .. } => None,
        }
    }

    /// 2 for wrong usage, 1 for all else.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage { .. } => ExitCode::from(2),
            Self::Spawn { .. }
            | Self::Step { .. }
            | Self::Missing { .. }
            | Self::Untidy { .. }
            | Self::File { .. }
            | Self::Metadata { .. } => ExitCode::FAILURE,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage { problem, .. } => f.write_str(problem),
            Self::Spawn { command, .. } => write!(f, "could not start `{command}`"),
            Self::Step { step, .. } => write!(f, "step `{step}` failed"),
            Self::Missing { tools, .. } => {
                write!(f, "missing on this machine: {}", tools.join(", "))
            }
            Self::Untidy { problems: 1 } => f.write_str("tidy found 1 problem"),
            Self::Untidy { problems } => write!(f, "tidy found {problems} problems"),
            Self::File { path, .. } => write!(f, "could not use `{path}`"),
            Self::Metadata { member, .. } => {
                write!(
                    f,
                    "could not read `{member}` in the answer of `cargo metadata`"
                )
            }
        }
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Spawn { source, .. } | Self::File { source, .. } => Some(source),
            Self::Metadata { source, .. } => source.as_ref().map(|error| error as _),
            Self::Usage { .. } | Self::Step { .. } | Self::Missing { .. } | Self::Untidy { .. } => {
                None
            }
        }
    }
}
