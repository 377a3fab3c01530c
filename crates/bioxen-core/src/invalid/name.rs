//! Why a text is not a name.

use std::fmt;

use thiserror::Error;

use super::excerpt;

/// What a refused name was meant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NameKind {
    /// A [`VmId`](crate::VmId).
    Vm,
    /// A [`GeneId`](crate::GeneId).
    Gene,
    /// An [`OperonId`](crate::OperonId).
    Operon,
    /// A [`PackageName`](crate::PackageName).
    Package,
}

impl NameKind {
    /// The rule that names of this kind obey, in one line.
    pub fn rule(self) -> &'static str {
        match self {
            Self::Vm => "use 1 to 63 of A-Z a-z 0-9 . _ -, but not . or .. alone",
            Self::Gene | Self::Operon => "use 1 to 64 printable ASCII characters without spaces",
            Self::Package => "use 1 to 64 of a-z 0-9 - _",
        }
    }
}

impl fmt::Display for NameKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Vm => "VM id",
            Self::Gene => "gene id",
            Self::Operon => "operon id",
            Self::Package => "package name",
        })
    }
}

/// What is wrong with a refused name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NameProblem {
    /// There is no character in it.
    Empty,
    /// It has more bytes than the limit.
    TooLong {
        /// Length of the name, bytes.
        length: usize,
        /// Greatest length allowed, bytes.
        limit: usize,
    },
    /// A character that such names do not have.
    Character {
        /// The first such character.
        found: char,
    },
    /// It means something else to a file system.
    Reserved,
}

impl fmt::Display for NameProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty"),
            Self::TooLong { length, limit } => {
                write!(f, "has {length} bytes, more than {limit}")
            }
            Self::Character { found } => write!(f, "contains {found:?}"),
            Self::Reserved => f.write_str("is reserved"),
        }
    }
}

/// A text that is not a name of the asked kind.
///
/// ```
/// use bioxen_core::{NameKind, VmId};
///
/// let error = VmId::new("a/b").expect_err("a slash is not allowed");
/// assert_eq!(error.to_string(), "VM id \"a/b\" contains '/'");
/// assert_eq!(error.kind(), NameKind::Vm);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{kind} {text:?} {problem}")]
pub struct InvalidName {
    kind: NameKind,
    text: String,
    problem: NameProblem,
}

impl InvalidName {
    /// What the text was meant to name.
    pub fn kind(&self) -> NameKind {
        self.kind
    }

    /// The refused text; a long one is cut short.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is wrong with it.
    pub fn problem(&self) -> NameProblem {
        self.problem
    }

    /// What to write instead.
    pub fn hint(&self) -> Option<String> {
        Some(self.kind.rule().to_owned())
    }
}

/// Checks the three rules all names share: not empty, not too long, allowed characters only.
pub(crate) fn check_name(
    kind: NameKind,
    text: &str,
    limit: usize,
    allowed: fn(char) -> bool,
) -> Result<(), InvalidName> {
    let problem = if text.is_empty() {
        NameProblem::Empty
    } else if text.len() > limit {
        NameProblem::TooLong {
            length: text.len(),
            limit,
        }
    } else if let Some(found) = text.chars().find(|c| !allowed(*c)) {
        NameProblem::Character { found }
    } else {
        return Ok(());
    };
    Err(refuse_name(kind, text, problem))
}

pub(crate) fn refuse_name(kind: NameKind, text: &str, problem: NameProblem) -> InvalidName {
    InvalidName {
        kind,
        text: excerpt(text),
        problem,
    }
}
