//! What is wrong with a manifest: all of it at once, each with part and line.

use std::fmt;

use thiserror::Error;

/// One thing that is wrong with a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ManifestProblem {
    /// Line of the manifest, from 1; `None` if it cannot be told.
    pub line: Option<usize>,
    /// The part, for example `parts.units[0].leak`.
    pub part: String,
    /// What was found there and what is allowed.
    pub what: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl fmt::Display for ManifestProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}, ")?;
        }
        write!(f, "{}: {}", self.part, self.what)
    }
}

/// Everything that is wrong with a manifest, by line.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct ManifestErrors {
    problems: Vec<ManifestProblem>,
    unlisted: usize,
}

impl ManifestErrors {
    pub(super) fn new(mut problems: Vec<ManifestProblem>, unlisted: usize) -> Self {
        problems.sort_by_key(|problem| problem.line);
        Self { problems, unlisted }
    }

    /// The problems, by line; at least one.
    pub fn problems(&self) -> &[ManifestProblem] {
        &self.problems
    }

    /// Problems beyond those that are listed.
    pub fn unlisted(&self) -> usize {
        self.unlisted
    }

    /// The advice of the first problem that has some.
    pub fn hint(&self) -> Option<String> {
        self.problems
            .iter()
            .find_map(|problem| problem.hint.clone())
    }
}

impl fmt::Display for ManifestErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, problem) in self.problems.iter().enumerate() {
            let apart = if n > 0 { "; " } else { "" };
            write!(f, "{apart}{problem}")?;
        }
        match self.unlisted {
            0 => Ok(()),
            n => write!(f, "; and {n} more"),
        }
    }
}
