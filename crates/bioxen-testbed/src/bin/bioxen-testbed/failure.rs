//! How the command fails.

use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bioxen_testbed::TestbedError;
use bioxen_testbed::guests::GuestError;
use thiserror::Error;

/// Why there is no testbed, or why something of it is left.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Testbed(#[from] TestbedError),
    #[error("this machine cannot have guests")]
    Guest(#[source] GuestError),
    #[error(transparent)]
    NoAgent(GuestError),
    #[error("the agent cannot be built")]
    Cargo(#[source] io::Error),
    #[error("the agent was not built")]
    NotBuilt { command: String },
    #[error("{} cannot be written", path.display())]
    Config { path: PathBuf, source: io::Error },
    #[error("{} is there already, and no testbed wrote it", path.display())]
    ConfigExists { path: PathBuf },
    #[error("{} is that of a testbed that runs", path.display())]
    ConfigInUse { path: PathBuf },
    #[error("signals cannot be waited for")]
    Signals(#[source] io::Error),
    #[error("no password can be drawn")]
    Password(#[source] io::Error),
    #[error("it was told to end before it was up")]
    Ended { signal: usize },
}

impl Failure {
    pub(crate) fn config(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Config { path, source }
    }

    /// What to do about it, where there is something to do.
    fn hint(&self) -> Option<String> {
        match self {
            Self::Testbed(error) => error.hint(),
            Self::Guest(error) | Self::NoAgent(error) => error.hint(),
            Self::Cargo(_) => Some("build it by hand, and name it with `--agent`".to_owned()),
            Self::NotBuilt { command } => Some(format!("see what `{command}` says")),
            Self::Config { .. } => {
                Some("name a file in a folder that you may write: `--config FILE`".to_owned())
            }
            Self::ConfigExists { .. } => Some("name another file: `--config FILE`".to_owned()),
            Self::ConfigInUse { .. } => {
                Some("use that one, or name another file: `--config FILE`".to_owned())
            }
            Self::Signals(_) | Self::Password(_) | Self::Ended { .. } => None,
        }
    }

    /// Says it on standard error.
    pub(crate) fn report(&self) -> ExitCode {
        let mut stderr = io::stderr().lock();
        // There is nobody else to tell.
        let _ = self.write(&mut stderr);
        match self {
            Self::Ended { signal } => ExitCode::from(u8::try_from(128 + signal).unwrap_or(u8::MAX)),
            _ => ExitCode::FAILURE,
        }
    }

    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        writeln!(to, "error: {self}")?;
        let mut cause = self.source();
        while let Some(error) = cause {
            writeln!(to, "  caused by: {error}")?;
            cause = error.source();
        }
        if let Some(hint) = self.hint() {
            writeln!(to, "  hint: {hint}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::Path;

    use bioxen_testbed::guests::GuestError;

    use super::Failure;

    #[track_caller]
    fn check(failure: &Failure, expected: &str) {
        let mut text = Vec::new();
        failure.write(&mut text).expect("room");
        assert_eq!(String::from_utf8_lossy(&text), expected);
    }

    #[test]
    fn a_failure_says_what_why_and_what_to_do() {
        let missing = GuestError::Missing {
            program: "/usr/sbin/sshd",
            package: "openssh-server",
        };
        check(
            &Failure::Guest(missing),
            "error: this machine cannot have guests\n  \
             caused by: /usr/sbin/sshd is not on this machine, and a guest needs it\n  \
             hint: install it: `apt install openssh-server`\n",
        );
        check(
            &Failure::config(Path::new("x.yaml"))(io::ErrorKind::ReadOnlyFilesystem.into()),
            "error: x.yaml cannot be written\n  \
             caused by: read-only filesystem or storage medium\n  \
             hint: name a file in a folder that you may write: `--config FILE`\n",
        );
    }
}
