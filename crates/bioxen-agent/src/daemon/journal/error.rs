//! What can go wrong with a journal.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

/// Why a journal could not be opened or written.
///
/// Only [`Broken`](Self::Broken) leaves something in doubt; after all others the journal is as it was before the call.
#[derive(Debug, Error)]
pub(crate) enum JournalError {
    /// The operating system refused.
    #[error("cannot {action} {path:?}")]
    Io {
        /// What was being done, in words that read after "cannot".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The file does not begin like a journal.
    #[error("{path:?} is not a journal of BioXen")]
    NotAJournal {
        /// The file.
        path: PathBuf,
    },
    /// The file was written by a newer version.
    #[error("{path:?} has format {found}, newer than {supported}")]
    NewerVersion {
        /// The file.
        path: PathBuf,
        /// Format of the file.
        found: u16,
        /// Newest format that can be read.
        supported: u16,
    },
    /// Something that was acknowledged is no longer what was written; the file was left as it is.
    #[error("{path:?} is damaged at byte {offset}: {flaw}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where the part begins that does not hold, bytes from the start of the file.
        offset: u64,
        /// What does not hold.
        flaw: Flaw,
    },
    /// A record, a batch or the journal would be longer than it may be, or the file is; nothing was written.
    #[error("{what} is longer than {limit} bytes: {path:?}")]
    TooLong {
        /// What is too long.
        what: Part,
        /// The file.
        path: PathBuf,
        /// The most, bytes.
        limit: u64,
    },
    /// The file can no longer be trusted; nothing is accepted until it is written anew.
    ///
    /// The call that broke it is in doubt: what it was to write may be found when the journal is opened again, as a whole or not at all.
    #[error("the journal {path:?} can no longer be trusted")]
    Broken {
        /// The file.
        path: PathBuf,
        /// What broke it.
        source: Arc<JournalError>,
    },
}

/// What does not hold in a damaged journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// The header of the file is cut off or its checksum is another one.
    FileHeader,
    /// The header of a batch is cut off or its checksum is another one.
    BatchHeader,
    /// The payload of a batch is cut off or its checksum is another one.
    Payload,
    /// A batch is missing or repeated.
    Number {
        /// Number that was due.
        expected: u64,
        /// Number that is there.
        found: u64,
    },
    /// The records of a batch do not fill its payload, though the checksum holds.
    Records,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FileHeader => f.write_str("the header of the file does not hold"),
            Self::BatchHeader => f.write_str("the header of a batch does not hold"),
            Self::Payload => f.write_str("the payload of a batch does not hold"),
            Self::Number { expected, found } => {
                write!(f, "batch {found} where batch {expected} is due")
            }
            Self::Records => f.write_str("the records of a batch do not fill it"),
        }
    }
}

/// What has a greatest length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The payload of one record.
    Record,
    /// Records that are appended together.
    Batch,
    /// The file.
    Journal,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Record => "a record",
            Self::Batch => "a batch",
            Self::Journal => "a journal",
        })
    }
}

impl JournalError {
    /// What to do about it, where there is something to do.
    pub(crate) fn hint(&self) -> Option<String> {
        let advice = match self {
            Self::Io { source, .. } => return io_hint(source.kind()),
            Self::NotAJournal { .. } => "move it away, or give another state folder",
            Self::NewerVersion { .. } => "use the version of BioXen that wrote it, or a newer one",
            Self::Damaged { .. } => {
                "nothing was changed; keep a copy of the state folder, and restore it from a backup"
            }
            Self::TooLong { .. } => return None,
            Self::Broken { source, .. } => {
                return source.hint().or_else(|| {
                    Some(
                        "check the disk; the journal accepts nothing before it is written anew"
                            .to_owned(),
                    )
                });
            }
        };
        Some(advice.to_owned())
    }

    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}

fn io_hint(kind: io::ErrorKind) -> Option<String> {
    let advice = match kind {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "make room on the disk; what was acknowledged is safe"
        }
        io::ErrorKind::PermissionDenied => "check who owns the state folder and its files",
        io::ErrorKind::ReadOnlyFilesystem => "choose a state folder that can be written to",
        io::ErrorKind::NotFound => "check the path of the state folder",
        _ => return None,
    };
    Some(advice.to_owned())
}
