//! Why a program stops before its end.

use bioxen_core::{ProcessFailureKind, VmError};
use thiserror::Error;

use super::limits::{
    LONGEST_INTEGER, MAX_CALL_DEPTH, MAX_ELEMENTS, MAX_RECORDED, MAX_VALUE_NESTING,
};
use super::nesting::MAX_SOURCE_NESTING;
use super::outcome::MAX_RESULT_NESTING;
use crate::cell::COUPLING_STEP;

/// A failure that BioXen itself raises in a program; those of the language are told apart by the interpreter.
#[derive(Debug, Error)]
pub(super) enum Fault {
    #[error(transparent)]
    Cell(#[from] VmError),
    #[error("the cell has no gene, pool or machine named {name:?}")]
    UnknownSpecies { name: String, nearest: Vec<String> },
    #[error("the cell has no metric named {name:?}")]
    UnknownMetric {
        name: String,
        nearest: Option<String>,
        known: String,
    },
    #[error("{call} is not offered: {reason}")]
    NotOffered {
        call: &'static str,
        reason: &'static str,
    },
    #[error("{argument} of {call} is {found}, and must be {allowed}")]
    Argument {
        call: &'static str,
        argument: &'static str,
        found: String,
        allowed: &'static str,
    },
    #[error("record would hold {asked} values, and at most {MAX_RECORDED} are kept")]
    RecordTooLong { asked: u64 },
    #[error("{what} of {asked} elements is longer than {MAX_ELEMENTS}")]
    TooManyElements { what: &'static str, asked: u64 },
    #[error("the value nests deeper than {MAX_VALUE_NESTING} levels, or holds itself")]
    ValueNesting,
    #[error("the name {name:?} is reserved")]
    Reserved { name: String },
    #[error("integers beyond 64 bits are not multiplied")]
    IntegerTooLarge,
    #[error("an integer is longer than {LONGEST_INTEGER} digits or bits")]
    IntegerTooLong,
    #[error("package {package:?} is not installed in this VM")]
    NotInstalled {
        package: String,
        nearest: Option<String>,
    },
    #[error("package {package:?} brings genes and no functions")]
    NoFunctions { package: String },
    #[error("package {package:?} has no function {name:?}")]
    UnknownFunction {
        package: String,
        name: String,
        nearest: Option<String>,
        known: String,
    },
    #[error("the top of a file holds functions and constants, and no {what}")]
    AtTop { what: &'static str },
    #[error("the result cannot be written as JSON: {reason}")]
    Result { reason: String },
    #[error("the result nests deeper than {MAX_RESULT_NESTING} levels, or holds itself")]
    ResultNesting,
    #[error("the source nests deeper than {MAX_SOURCE_NESTING} levels in line {line}")]
    SourceNesting { line: u32 },
    #[error("calls nest deeper than {MAX_CALL_DEPTH} levels")]
    CallDepth,
    #[error("the process ran longer than {limit_s} s")]
    Time { limit_s: f64 },
    #[error("the process took more than {limit} steps")]
    Steps { limit: u64 },
    #[error("the values of the process take more than {limit} bytes")]
    Heap { limit: u64 },
    #[error("the process gave out more than {limit} bytes")]
    Output { limit: u64 },
    #[error("the process was cancelled")]
    Cancelled,
    #[error("the process panicked: {}", message.lines().next().unwrap_or_default())]
    Panicked { message: String },
    #[error("no thread could be started for the process: {message}")]
    NoThread { message: String },
}

impl Fault {
    pub(super) fn kind(&self) -> ProcessFailureKind {
        match self {
            Self::Cell(VmError::UnknownGene { .. }) | Self::UnknownSpecies { .. } => {
                ProcessFailureKind::UnknownGene
            }
            Self::Cell(VmError::Unsupported { .. }) | Self::NotOffered { .. } => {
                ProcessFailureKind::Unsupported
            }
            Self::NotInstalled { .. } | Self::NoFunctions { .. } | Self::UnknownFunction { .. } => {
                ProcessFailureKind::UnknownPackage
            }
            Self::SourceNesting { .. } | Self::Reserved { .. } | Self::AtTop { .. } => {
                ProcessFailureKind::Syntax
            }
            Self::Time { .. } => ProcessFailureKind::TimeLimit,
            Self::Steps { .. } => ProcessFailureKind::StepLimit,
            Self::Heap { .. } => ProcessFailureKind::HeapLimit,
            Self::Output { .. } | Self::ResultNesting => ProcessFailureKind::OutputLimit,
            Self::Cancelled => ProcessFailureKind::Cancelled,
            Self::Cell(_)
            | Self::Argument { .. }
            | Self::RecordTooLong { .. }
            | Self::TooManyElements { .. }
            | Self::UnknownMetric { .. }
            | Self::ValueNesting
            | Self::IntegerTooLarge
            | Self::IntegerTooLong
            | Self::Result { .. }
            | Self::CallDepth
            | Self::Panicked { .. }
            | Self::NoThread { .. } => ProcessFailureKind::Runtime,
        }
    }

    /// What to do about it, where there is something to do.
    pub(super) fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Cell(error) => return error.hint(),
            Self::UnknownSpecies { nearest, .. } if nearest.is_empty() => {
                "use a gene name, a locus tag, mRNA:gene, or a pool or machine such as ATP or ribosome".to_owned()
            }
            Self::UnknownSpecies { nearest, .. } => format!("did you mean {}?", nearest.join(" or ")),
            Self::Argument { argument: "every", .. } => {
                format!("a cell moves in steps of {} s", COUPLING_STEP.seconds())
            }
            Self::RecordTooLong { .. } => "record fewer species, or less often".to_owned(),
            Self::TooManyElements { .. } => "work in smaller pieces".to_owned(),
            Self::ValueNesting => "keep a flatter value".to_owned(),
            Self::Reserved { .. } => "use a name without underscores at its ends".to_owned(),
            Self::IntegerTooLarge => "multiply floats instead".to_owned(),
            Self::IntegerTooLong => "write a float instead".to_owned(),
            Self::NotInstalled { nearest: Some(name), .. }
            | Self::UnknownFunction { nearest: Some(name), .. }
            | Self::UnknownMetric { nearest: Some(name), .. } => format!("did you mean {name}?"),
            Self::NotInstalled { .. } => {
                "install it before the program runs: as in bioxen run --package growth".to_owned()
            }
            Self::NoFunctions { .. } => "counts, plasmids and genes read what it brought".to_owned(),
            Self::UnknownFunction { known, .. } | Self::UnknownMetric { known, .. } => {
                format!("it has {known}")
            }
            Self::AtTop { what: "load" } => "load it in the program".to_owned(),
            Self::AtTop { .. } => "write it into a function".to_owned(),
            Self::Result { .. } => {
                "end with numbers, texts, lists, dictionaries or structs of them".to_owned()
            }
            Self::ResultNesting => "end with a flatter value".to_owned(),
            Self::SourceNesting { .. } => "give parts of the expression names".to_owned(),
            Self::CallDepth => "use a loop instead of recursion".to_owned(),
            Self::Time { .. } | Self::Steps { .. } | Self::Heap { .. } | Self::Output { .. } => {
                "raise this limit, or split the process".to_owned()
            }
            Self::Panicked { .. } => "please report this with the seed and the program".to_owned(),
            Self::Argument { .. } | Self::NotOffered { .. } | Self::Cancelled | Self::NoThread { .. } => return None,
        })
    }

    /// Line of the source that the fault itself knows.
    pub(super) fn line(&self) -> Option<u32> {
        match self {
            Self::SourceNesting { line } => Some(*line),
            _ => None,
        }
    }

    /// As an error that the interpreter carries out of the program.
    pub(super) fn raise(self) -> starlark::Error {
        starlark::Error::new_native(self)
    }
}
