//! Passwords, and where they come from.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use bioxen_core::Secret;
use thiserror::Error;

use crate::surroundings::Surroundings;

/// Longest secret that is read, bytes.
const LONGEST: u64 = 64 * 1024;

/// Longest time that a program may take to print a secret.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where a password comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasswordSource {
    /// The configuration file itself.
    Literal(Secret),
    /// The first line of a file.
    File(PathBuf),
    /// A variable of the environment.
    Variable(String),
    /// What a program prints on its first line: the program and its arguments.
    Command(Vec<String>),
}

impl PasswordSource {
    /// The password.
    ///
    /// A program is run without a shell, without standard input, and for at most 30 s.
    ///
    /// # Errors
    ///
    /// [`SecretError`] says which source gave none; it never repeats what was read.
    pub fn resolve(&self, surroundings: &Surroundings) -> Result<Secret, SecretError> {
        let text = match self {
            Self::Literal(secret) => return Ok(secret.clone()),
            Self::File(path) => read_file(path).map_err(|source| SecretError::File {
                path: path.clone(),
                source,
            })?,
            Self::Variable(name) => {
                let value = surroundings.environment.get(name);
                value
                    .cloned()
                    .ok_or_else(|| SecretError::Variable { name: name.clone() })?
            }
            Self::Command(line) => run(line)?,
        };
        let first = text.lines().next().unwrap_or_default();
        if first.is_empty() {
            return Err(SecretError::Empty {
                source_name: self.to_string(),
            });
        }
        Ok(Secret::new(first.to_owned()))
    }
}

impl fmt::Display for PasswordSource {
    /// Where it comes from, and not what it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(_) => f.write_str("the configuration"),
            Self::File(path) => write!(f, "the file {}", path.display()),
            Self::Variable(name) => write!(f, "the variable {name}"),
            Self::Command(line) => write!(f, "the command {}", line.first().map_or("", |s| s)),
        }
    }
}

/// Why there is no password.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SecretError {
    /// The file cannot be read.
    #[error("the password cannot be read from {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The variable is not set.
    #[error("the variable {name}, which should have the password, is not set")]
    Variable {
        /// The variable.
        name: String,
    },
    /// The program cannot be run, or what it prints cannot be read.
    #[error("the command {program}, which should print the password, cannot be run")]
    Command {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// The program failed.
    #[error("the command {program}, which should print the password, ended with {status}")]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: String,
    },
    /// The program took too long.
    #[error("the command {program}, which should print the password, took more than 30 s")]
    Late {
        /// The program.
        program: String,
    },
    /// There is nothing on the first line.
    #[error("{source_name} gives an empty password")]
    Empty {
        /// Where it should have come from.
        source_name: String,
    },
}

impl SecretError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let advice = match self {
            Self::File { .. } => "give the file to yourself alone: chmod 600",
            Self::Variable { .. } => "set it before you start the command",
            Self::Command { .. } => {
                "give password_command as a list: the program and each argument"
            }
            Self::Failed { .. } | Self::Late { .. } => "run it by hand to see what it says",
            Self::Empty { .. } => "the password is the first line",
        };
        Some(advice.to_owned())
    }
}

fn read_file(path: &Path) -> io::Result<String> {
    crate::private::check(path)?;
    let mut text = String::new();
    File::open(path)?.take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}

fn run(line: &[String]) -> Result<String, SecretError> {
    let program = line.first().cloned().unwrap_or_default();
    let failed = |source| SecretError::Command {
        program: program.clone(),
        source,
    };
    let mut child = Command::new(&program)
        .args(line.iter().skip(1))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let out = child.stdout.take();
    let (sender, receiver) = mpsc::channel();
    let answer = thread::scope(|scope| {
        scope.spawn(move || {
            let mut text = String::new();
            let read = out.map_or(Ok(0), |out| out.take(LONGEST).read_to_string(&mut text));
            // Nobody listens any more if it came too late.
            let _ = sender.send(read.map(|_| text));
        });
        let answer = receiver.recv_timeout(PATIENCE);
        if answer.is_err() {
            // It ends the reader, too; a program that is gone already cannot be killed.
            let _ = child.kill();
        }
        answer
    });
    let status = child.wait().map_err(failed)?;
    let text = match answer {
        Ok(read) => read.map_err(failed)?,
        Err(_) => return Err(SecretError::Late { program }),
    };
    if !status.success() {
        let status = status.to_string();
        return Err(SecretError::Failed { program, status });
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::{PasswordSource, Secret};
    use crate::surroundings::Surroundings;

    #[track_caller]
    fn check(source: PasswordSource, expect: &str) {
        let mut surroundings = Surroundings::nowhere();
        surroundings
            .environment
            .insert("PW".to_owned(), "from env".to_owned());
        let said = match source.resolve(&surroundings) {
            Ok(secret) => secret.expose().to_owned(),
            Err(error) => error.to_string(),
        };
        assert_eq!(said, expect);
    }

    fn command(line: &[&str]) -> PasswordSource {
        PasswordSource::Command(line.iter().map(|s| (*s).to_owned()).collect())
    }

    #[test]
    fn each_source_gives_its_first_line() {
        check(PasswordSource::Literal(Secret::new("x".to_owned())), "x");
        check(PasswordSource::Variable("PW".to_owned()), "from env");
        check(command(&["printf", "two words\\nmore"]), "two words");
        check(
            PasswordSource::Variable("NO".to_owned()),
            "the variable NO, which should have the password, is not set",
        );
        check(
            command(&["true"]),
            "the command true gives an empty password",
        );
        check(
            command(&["false"]),
            "the command false, which should print the password, ended with exit status: 1",
        );
        check(
            command(&["/no/such"]),
            "the command /no/such, which should print the password, cannot be run",
        );
        // No shell: the whole is one argument.
        check(command(&["printf", "%s", "$(id); x"]), "$(id); x");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_must_be_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pw");
        std::fs::write(&path, "hunter2\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        check(PasswordSource::File(path.clone()), "hunter2");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let expect = format!("the password cannot be read from {}", path.display());
        check(PasswordSource::File(path), &expect);
    }

    #[test]
    fn nothing_shows_a_secret() {
        let source = PasswordSource::Literal(Secret::new("hunter2".to_owned()));
        assert_eq!(
            format!("{source:?} {source}"),
            "Literal(***) the configuration"
        );
    }
}
