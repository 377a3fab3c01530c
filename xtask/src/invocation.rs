//! Command lines as values: shown to people as they would type them, then run.

use std::ffi::OsString;
use std::fmt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::failure::Failure;

/// One command line with its extra environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invocation {
    program: &'static str,
    args: Vec<String>,
    env: Vec<(&'static str, &'static str)>,
}

impl Invocation {
    /// `line` split at spaces; arguments that hold spaces are added with [`Invocation::arg`].
    pub(crate) fn new(program: &'static str, line: &str) -> Self {
        Self {
            program,
            args: line.split_whitespace().map(str::to_owned).collect(),
            env: Vec::new(),
        }
    }

    /// The cargo that runs xtask, with the words of `line` as arguments.
    pub(crate) fn cargo(line: &str) -> Self {
        Self::new("cargo", line)
    }

    /// Adds one argument as it is.
    pub(crate) fn arg(mut self, arg: impl Into<String>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Sets one environment variable for the command.
    pub(crate) fn env(mut self, name: &'static str, value: &'static str) -> Self {
        self.env.push((name, value));
        self
    }

    /// Runs it in `folder` on this terminal; true when it exits with 0.
    pub(crate) fn succeeds(&self, folder: &Path) -> Result<bool, Failure> {
        let status = self
            .command()
            .current_dir(folder)
            .status()
            .map_err(|source| self.spawn_failure(source))?;
        Ok(status.success())
    }

    /// Runs it in `folder` and returns what it wrote to standard output; `None` when it failed.
    pub(crate) fn output(&self, folder: &Path) -> Result<Option<String>, Failure> {
        let output = self
            .command()
            .current_dir(folder)
            .stderr(Stdio::inherit())
            .output()
            .map_err(|source| self.spawn_failure(source))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(output.status.success().then_some(text))
    }

    /// Starts it in `folder`; what it writes to standard output can be read, and it has no standard input.
    pub(crate) fn spawn(&self, folder: &Path) -> Result<Child, Failure> {
        self.command()
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|source| self.spawn_failure(source))
    }

    /// The first line it prints, quietly; `None` when it cannot be started or fails.
    pub(crate) fn first_line(&self) -> Option<String> {
        let output = self.command().stdin(Stdio::null()).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        output
            .status
            .success()
            .then(|| text.lines().next().unwrap_or_default().trim().to_owned())
    }

    fn command(&self) -> Command {
        let program = match self.program {
            "cargo" => cargo_program(),
            other => OsString::from(other),
        };
        let mut command = Command::new(program);
        command.args(&self.args).envs(self.env.iter().copied());
        command
    }

    fn spawn_failure(&self, source: std::io::Error) -> Failure {
        Failure::Spawn {
            command: self.to_string(),
            source,
        }
    }
}

/// Cargo names itself in the environment of what it runs; a bare `cargo` could be another toolchain's.
#[expect(
    clippy::disallowed_methods,
    reason = "the only way to learn which cargo runs xtask"
)]
fn cargo_program() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"))
}

impl fmt::Display for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.env {
            write!(f, "{name}={} ", quoted(value))?;
        }
        f.write_str(self.program)?;
        for arg in &self.args {
            write!(f, " {}", quoted(arg))?;
        }
        Ok(())
    }
}

/// `word` as a shell would need it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./,:+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_a_person_would_type_it() {
        let doc = Invocation::cargo("doc --no-deps").env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(
            doc.to_string(),
            "RUSTDOCFLAGS='-D warnings' cargo doc --no-deps"
        );
        let run = Invocation::new("bioxen", "run").arg("my cell").arg("it's");
        assert_eq!(run.to_string(), r"bioxen run 'my cell' 'it'\''s'");
    }

    #[test]
    fn an_absent_program_has_no_first_line() {
        let absent = Invocation::new("bioxen-no-such-program", "--version");
        assert_eq!(absent.first_line(), None);
        let failure = absent.succeeds(Path::new(".")).unwrap_err();
        assert_eq!(
            failure.to_string(),
            "could not start `bioxen-no-such-program --version`"
        );
    }

    #[test]
    fn cargo_answers_with_its_version() {
        let line = Invocation::cargo("--version").first_line().unwrap();
        assert!(line.starts_with("cargo "), "{line}");
    }
}
