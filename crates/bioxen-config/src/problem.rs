//! What is wrong with a configuration: all of it at once, each with place and cure.

use std::fmt;

use crate::file::Source;
use crate::origin::Origin;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The configuration cannot be used.
    Error,
    /// It can be used, and is probably not what was meant.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// A part of a line of a file, as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The line, or a part of it, without characters that a terminal obeys.
    pub text: String,
    /// Characters of the text before what the problem is about.
    pub before: usize,
    /// Characters that the problem is about, at least 1.
    pub width: usize,
}

/// One thing that is wrong, or that is good to know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// Where it is.
    pub origin: Origin,
    /// The part, such as `resource_limits.max_atp`; empty for the whole.
    pub field: String,
    /// What was found, and what is allowed.
    pub what: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The line of the file. It is left out where a secret may stand in it.
    pub excerpt: Option<Excerpt>,
}

impl Problem {
    pub(crate) fn new(severity: Severity, origin: Origin, what: impl Into<String>) -> Self {
        Self {
            severity,
            origin,
            field: String::new(),
            what: what.into(),
            hint: None,
            excerpt: None,
        }
    }

    #[must_use]
    pub(crate) fn field(mut self, field: impl fmt::Display) -> Self {
        self.field = field.to_string();
        self
    }

    #[must_use]
    pub(crate) fn advise(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Problem {
    /// One line: what is wrong, without the place.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(&self.what)
    }
}

/// Most problems that are kept; the others are counted.
const MOST: usize = 100;

/// Everything that was said about a configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    list: Vec<Problem>,
    errors: usize,
    warnings: usize,
    unlisted: usize,
}

impl Problems {
    pub(crate) fn add(&mut self, problem: Problem) {
        match problem.severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
        }
        if self.list.len() < MOST {
            self.list.push(problem);
        } else {
            self.unlisted += 1;
        }
    }

    /// Adds the line of the file to each problem that has a place in one.
    pub(crate) fn attach(&mut self, sources: &[Source]) {
        for problem in &mut self.list {
            let Origin::File {
                path,
                place: Some(place),
            } = &problem.origin
            else {
                continue;
            };
            if problem.excerpt.is_none() {
                let source = sources.iter().find(|source| source.path == *path);
                problem.excerpt = source.and_then(|source| source.excerpt(*place));
            }
        }
    }

    /// Turns warnings into errors.
    pub(crate) fn make_strict(&mut self) {
        self.errors += self.warnings;
        self.warnings = 0;
        for problem in &mut self.list {
            if problem.severity == Severity::Warning {
                problem.severity = Severity::Error;
            }
        }
    }

    /// The first 100 of them: those of single values in the order of the layers and lines, then those between values.
    pub fn list(&self) -> &[Problem] {
        &self.list
    }

    /// Number of errors.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// Number of warnings.
    pub fn warnings(&self) -> usize {
        self.warnings
    }

    /// Number of those beyond the list.
    pub fn unlisted(&self) -> usize {
        self.unlisted
    }
}

/// A configuration that cannot be used, and all that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigErrors {
    problems: Problems,
}

impl ConfigErrors {
    pub(crate) fn new(problems: Problems) -> Self {
        Self { problems }
    }

    /// All that was said, warnings too; at least one error.
    pub fn problems(&self) -> &Problems {
        &self.problems
    }

    /// The advice of the first error that has some.
    pub fn hint(&self) -> Option<String> {
        let mut errors = self.errors();
        errors.find_map(|problem| problem.hint.clone())
    }

    fn errors(&self) -> impl Iterator<Item = &Problem> {
        let list = self.problems.list.iter();
        list.filter(|problem| problem.severity == Severity::Error)
    }
}

impl fmt::Display for ConfigErrors {
    /// The first error with its place, and how many there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.errors().next() else {
            return write!(f, "the configuration has {} errors", self.problems.errors);
        };
        match &first.origin {
            Origin::Default => write!(f, "{first}")?,
            origin => write!(f, "{origin}: {first}")?,
        }
        match self.problems.errors {
            0 | 1 => Ok(()),
            n => write!(f, " (the first of {n} errors)"),
        }
    }
}
