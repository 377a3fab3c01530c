//! Programs that run against one cell, their limits and their reports.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use thiserror::Error;

use crate::time::SimTime;

/// The text of a process: a Starlark program and the name it has in tracebacks.
///
/// Only size and characters are checked here; whether it is a program, the VM says when it runs.
///
/// ```
/// use bioxen_core::ProcessCode;
///
/// let code = ProcessCode::new("dnaA.star", "start_transcription(['dnaA'])")?;
/// assert_eq!(code.name(), "dnaA.star");
/// assert_eq!(code.source(), "start_transcription(['dnaA'])");
/// # Ok::<(), bioxen_core::InvalidProcessCode>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessCode {
    name: String,
    source: String,
}

impl ProcessCode {
    /// Longest source, in bytes: 1 MiB.
    pub const MAX_SOURCE: usize = 1 << 20;
    /// Longest name, in bytes.
    pub const MAX_NAME: usize = 255;

    /// Checks a program text.
    ///
    /// # Errors
    ///
    /// [`InvalidProcessCode`] if the source is longer than 1 MiB or has a NUL character, or if the name is empty, longer than 255 bytes or has control characters.
    pub fn new(name: &str, source: &str) -> Result<Self, InvalidProcessCode> {
        if name.is_empty() || name.len() > Self::MAX_NAME || name.chars().any(char::is_control) {
            return Err(InvalidProcessCode::Name);
        }
        if source.len() > Self::MAX_SOURCE {
            return Err(InvalidProcessCode::TooLong {
                length: source.len(),
            });
        }
        if let Some(offset) = source.find('\0') {
            return Err(InvalidProcessCode::Nul { offset });
        }
        Ok(Self {
            name: name.to_owned(),
            source: source.to_owned(),
        })
    }

    /// Name shown in tracebacks.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The program text.
    pub fn source(&self) -> &str {
        &self.source
    }
}

/// A text that cannot be a process.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidProcessCode {
    /// The name is empty, too long or has control characters.
    #[error("the process has no usable name")]
    Name,
    /// The source is longer than [`ProcessCode::MAX_SOURCE`].
    #[error(
        "process source of {length} bytes is longer than {} bytes",
        ProcessCode::MAX_SOURCE
    )]
    TooLong {
        /// Length of the source, bytes.
        length: usize,
    },
    /// The source has a NUL character.
    #[error("process source has a NUL character at byte {offset}")]
    Nul {
        /// Where the first one is, bytes from the start.
        offset: usize,
    },
}

impl InvalidProcessCode {
    /// What to change.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Name => format!(
                "name it with 1 to {} bytes and no control characters",
                ProcessCode::MAX_NAME
            ),
            Self::TooLong { .. } => "split it into several processes".to_owned(),
            Self::Nul { .. } => "the source must be text in UTF-8".to_owned(),
        })
    }
}

/// How much one run of a process may use; any value is fine.
///
/// ```
/// use std::time::Duration;
/// use bioxen_core::ProcessLimits;
///
/// let limits = ProcessLimits { wall: Duration::from_secs(5), ..ProcessLimits::default() };
/// assert_eq!(limits.heap_bytes, 64 << 20);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProcessLimits {
    /// Time on the wall.
    pub wall: Duration,
    /// Steps of the interpreter.
    pub steps: u64,
    /// Memory of the program's values, bytes.
    pub heap_bytes: u64,
    /// What it prints and answers, bytes.
    pub output_bytes: u64,
}

impl Default for ProcessLimits {
    /// 60 s, 100 million steps, 64 MiB of values, 1 MiB of output.
    fn default() -> Self {
        Self {
            wall: Duration::from_secs(60),
            steps: 100_000_000,
            heap_bytes: 64 << 20,
            output_bytes: 1 << 20,
        }
    }
}

/// A flag that ends a process early; clones share it, and it is never lowered again.
///
/// ```
/// use bioxen_core::CancelToken;
///
/// let token = CancelToken::new();
/// let held_by_the_process = token.clone();
/// token.cancel();
/// assert!(held_by_the_process.is_cancelled());
/// ```
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// A flag that is not raised.
    pub fn new() -> Self {
        Self::default()
    }

    /// Raises the flag.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether the flag is raised.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// What a process answered; any value is fine.
///
/// A process that failed is a report too: the cell is where the failing call left it, at `ended_at`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ProcessReport {
    /// Whether it came to its end without a failure.
    pub success: bool,
    /// Value of the last expression as JSON text, if the program ends with one.
    pub result_json: Option<String>,
    /// What it printed.
    pub stdout: String,
    /// Its error with traceback, empty on success.
    pub stderr: String,
    /// Why it failed, `None` on success.
    pub failure: Option<ProcessFailure>,
    /// Simulated time at its start.
    pub started_at: SimTime,
    /// Simulated time at its end.
    pub ended_at: SimTime,
    /// Steps of the interpreter.
    pub steps: u64,
}

/// Why a process failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ProcessFailure {
    /// What kind of failure it is.
    pub kind: ProcessFailureKind,
    /// What failed, in one line.
    pub message: String,
    /// Line of the source, from 1, where known.
    pub line: Option<u32>,
}

impl fmt::Display for ProcessFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{} in line {line}: {}", self.kind, self.message),
            None => write!(f, "{}: {}", self.kind, self.message),
        }
    }
}

/// Kinds of failure of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum ProcessFailureKind {
    /// The text is not a program.
    Syntax,
    /// An operation of the program failed.
    Runtime,
    /// It named a gene that the cell does not have.
    UnknownGene,
    /// It called what this organism does not offer.
    Unsupported,
    /// It loads what no package of the VM has.
    UnknownPackage,
    /// It ran longer than [`ProcessLimits::wall`].
    TimeLimit,
    /// It took more than [`ProcessLimits::steps`].
    StepLimit,
    /// It held more than [`ProcessLimits::heap_bytes`].
    HeapLimit,
    /// It gave out more than [`ProcessLimits::output_bytes`].
    OutputLimit,
    /// It was ended through a [`CancelToken`].
    Cancelled,
}

impl fmt::Display for ProcessFailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Syntax => "syntax error",
            Self::Runtime => "runtime error",
            Self::UnknownGene => "unknown gene",
            Self::Unsupported => "unsupported operation",
            Self::UnknownPackage => "unknown package",
            Self::TimeLimit => "time limit",
            Self::StepLimit => "step limit",
            Self::HeapLimit => "heap limit",
            Self::OutputLimit => "output limit",
            Self::Cancelled => "cancelled",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{
        InvalidProcessCode, ProcessCode, ProcessFailure, ProcessFailureKind, ProcessLimits,
    };

    #[test]
    fn the_longest_source_is_one_mebibyte() {
        let longest = "#".repeat(ProcessCode::MAX_SOURCE);
        assert!(ProcessCode::new("long", &longest).is_ok());
        let error = ProcessCode::new("long", &format!("{longest}#"));
        assert_eq!(
            error,
            Err(InvalidProcessCode::TooLong { length: 1_048_577 })
        );
    }

    #[test]
    fn nul_and_nameless_programs_are_refused() {
        assert_eq!(
            ProcessCode::new("p", "a\0b"),
            Err(InvalidProcessCode::Nul { offset: 1 })
        );
        let too_long = "n".repeat(256);
        for name in ["", "a\nb", "\u{7f}", too_long.as_str()] {
            assert_eq!(
                ProcessCode::new(name, "1"),
                Err(InvalidProcessCode::Name),
                "{name:?}"
            );
        }
        assert!(
            ProcessCode::new("p", "").is_ok(),
            "an empty program does nothing"
        );
    }

    #[test]
    fn default_limits_are_those_of_the_guide() {
        let limits = ProcessLimits::default();
        assert_eq!(limits.wall.as_secs(), 60);
        assert_eq!(limits.steps, 100_000_000);
        assert_eq!(limits.heap_bytes, 67_108_864);
        assert_eq!(limits.output_bytes, 1_048_576);
    }

    #[test]
    fn a_failure_is_shown_in_one_line() {
        let mut failure = ProcessFailure {
            kind: ProcessFailureKind::UnknownGene,
            message: "no gene \"dnaZ\"".to_owned(),
            line: Some(3),
        };
        assert_eq!(
            failure.to_string(),
            "unknown gene in line 3: no gene \"dnaZ\""
        );
        failure.line = None;
        assert_eq!(failure.to_string(), "unknown gene: no gene \"dnaZ\"");
    }
}
