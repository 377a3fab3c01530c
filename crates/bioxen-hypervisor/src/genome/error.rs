//! What can be wrong with a table, and with a name looked up in one.

use std::error::Error as StdError;

use thiserror::Error;

/// A table that cannot be used, with the place where it goes wrong.
///
/// Lines are counted from 1 and include the header.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TableError {
    /// The text is not CSV, or a row has more or fewer fields than the header.
    #[error("line {line}: not a row of the table")]
    Unreadable {
        /// Line of the text at which the reader stopped.
        line: u64,
        /// What the CSV reader says.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// A column that the reader needs is not in the header.
    #[error("column `{column}` is missing")]
    MissingColumn {
        /// Name of the column.
        column: &'static str,
    },
    /// The header names a column that the reader does not know.
    #[error("column {column:?} is not known")]
    UnknownColumn {
        /// Name as written in the header.
        column: String,
        /// The known names that look most like it, best first.
        nearest: Vec<String>,
    },
    /// The header names a column twice.
    #[error("column {column:?} occurs more than once")]
    RepeatedColumn {
        /// Name as written in the header.
        column: String,
    },
    /// A field holds something that its column does not allow.
    #[error("line {line}, column `{column}`: found {found:?}, allowed is {allowed}")]
    Value {
        /// Line of the row.
        line: u64,
        /// Name of the column.
        column: &'static str,
        /// What the field holds, cut to a readable length.
        found: String,
        /// What the field may hold.
        allowed: String,
    },
    /// A key that must be unique was used before.
    #[error("line {line}, column `{column}`: {found:?} is already used on line {first_line}")]
    Duplicate {
        /// Line of the second use.
        line: u64,
        /// Name of the column.
        column: &'static str,
        /// The repeated key.
        found: String,
        /// Line of the first use.
        first_line: u64,
    },
    /// The table has a header and nothing else.
    #[error("the table has no rows")]
    Empty,
    /// The table is longer than any genome the reader is meant for.
    #[error("the table has more than {limit} rows")]
    TooLong {
        /// Largest number of rows that is read.
        limit: usize,
    },
}

impl TableError {
    /// Advice for a person, where there is any.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unreadable { .. } => Some(
                "give every row one field per column of the header, \
                 and put double quotes around a field that contains a comma"
                    .to_owned(),
            ),
            Self::MissingColumn { column } => Some(format!(
                "add `{column}` to the header; data/SOURCES.md describes every column"
            )),
            Self::UnknownColumn { nearest, .. } => {
                did_you_mean(nearest).or_else(|| Some("remove or rename the column".to_owned()))
            }
            Self::RepeatedColumn { .. } => Some("keep one of them".to_owned()),
            Self::Duplicate { column, .. } => Some(format!("`{column}` is a key: make it unique")),
            Self::Value { .. } | Self::Empty | Self::TooLong { .. } => None,
        }
    }
}

/// A name that does not lead to exactly one gene.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UnknownGene {
    /// No locus tag and no gene name reads like this.
    #[error("no gene is called {name:?}")]
    Missing {
        /// The name that was asked for.
        name: String,
        /// Names and locus tags that look most like it, best first.
        nearest: Vec<String>,
    },
    /// Several genes carry the name, as the tRNA genes do.
    #[error("{name:?} is the name of {} genes", locus_tags.len())]
    Ambiguous {
        /// The name that was asked for.
        name: String,
        /// Locus tags of all genes that carry it, in genome order.
        locus_tags: Vec<String>,
    },
}

impl UnknownGene {
    /// The name that was asked for, cut to a readable length.
    pub fn name(&self) -> &str {
        match self {
            Self::Missing { name, .. } | Self::Ambiguous { name, .. } => name,
        }
    }

    /// Advice for a person, where there is any.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Missing { nearest, .. } => did_you_mean(nearest),
            Self::Ambiguous { locus_tags, .. } => {
                Some(format!("use a locus tag: {}", locus_tags.join(", ")))
            }
        }
    }
}

/// A parameter that cannot be read as asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ParameterError {
    /// The table has no row of this name.
    #[error("no parameter is called {name:?}")]
    Missing {
        /// The name that was asked for.
        name: String,
        /// Parameter names that look most like it, best first.
        nearest: Vec<String>,
    },
    /// The row holds a rule or a list, not a finite number.
    #[error("parameter `{name}` is {value:?}, not a finite number")]
    NotANumber {
        /// Name of the parameter.
        name: String,
        /// Its value as written.
        value: String,
    },
    /// The value is a number, but none that a cell can have.
    #[error("parameter `{name}` is {value}, not {allowed}")]
    OutOfRange {
        /// Name of the parameter.
        name: String,
        /// Its value.
        value: String,
        /// What is allowed.
        allowed: &'static str,
    },
    /// A machine of the parameter is made by a gene that the gene table lacks.
    #[error("parameter `{name}` names the gene {gene:?}, which the gene table lacks")]
    MissingGene {
        /// Name of the parameter.
        name: String,
        /// The gene as written.
        gene: String,
    },
    /// The row is not a list of subunits such as `2x0645;1x0804`.
    #[error("parameter `{name}` is {value:?}, not a list of subunits")]
    NotSubunits {
        /// Name of the parameter.
        name: String,
        /// Its value as written.
        value: String,
    },
}

impl ParameterError {
    /// Advice for a person, where there is any.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Missing { nearest, .. } => did_you_mean(nearest),
            Self::NotANumber { .. } | Self::OutOfRange { .. } => None,
            Self::MissingGene { .. } => {
                Some("name genes of this gene table by locus tag".to_owned())
            }
            Self::NotSubunits { .. } => {
                Some("write it as count x locus tag, for example 2x0645;1x0804".to_owned())
            }
        }
    }
}

fn did_you_mean(nearest: &[String]) -> Option<String> {
    if nearest.is_empty() {
        None
    } else {
        Some(format!("did you mean {}?", nearest.join(", ")))
    }
}

/// Cuts text from outside to a length that fits on one line of a message.
pub(super) fn shorten(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut chars = text.chars();
    let head: String = chars.by_ref().take(LONGEST).collect();
    if chars.next().is_none() {
        head
    } else {
        format!("{head}...")
    }
}
