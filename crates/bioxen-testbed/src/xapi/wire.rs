//! XML-RPC as the server of XAPI reads and writes it.

mod decode;
mod read;
mod write;

use thiserror::Error;

pub(crate) use decode::decode;
pub(crate) use read::{Call, read_call};
pub(crate) use write::{bare, failure, fragment, success};

/// A value as a caller wrote it, before the model says what it should be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Arg {
    /// Bare text or `<string>`.
    Text(String),
    Int(i64),
    Bool(bool),
    Double(f64),
    Date(String),
    Base64,
    Nil,
    Array(Vec<Arg>),
    Struct(Vec<(String, Arg)>),
}

/// Why a body is no call; the server answers it with status 500.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Malformed {
    /// The body has more bytes than the server reads.
    #[error("the body has {length} bytes, and {limit} are read")]
    TooLong {
        /// Its length.
        length: usize,
        /// The limit.
        limit: usize,
    },
    /// Elements are nested too deep.
    #[error("elements are nested deeper than {limit}")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// It is not well-formed XML of UTF-8, or has a document type.
    #[error("the body is not XML: {why}")]
    NotXml {
        /// What is wrong with it.
        why: String,
    },
    /// It is XML, but no call.
    #[error("the body is no call: {expected} expected, and {found} found")]
    NotACall {
        /// What should have been there.
        expected: String,
        /// What was there.
        found: String,
    },
}

#[cfg(test)]
mod tests;
