//! What was begun in a pool and is not over: a file for each operation, written ahead of the calls.
//!
//! A file is locked for as long as its operation lives, so that whoever finds one unlocked knows that its client is gone.
//! It ends with the operation: what is left in the folder is work for [`gc`](crate::XcpngPool::garbage).

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use bioxen_agent::OpId;
use bioxen_core::VmId;
use thiserror::Error;

use self::line::Line;
use crate::value::{Ref, Task, Uuid};

mod line;

/// A folder of operations.
#[derive(Debug, Clone)]
pub(crate) struct Journal {
    folder: PathBuf,
}

/// What an operation is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Intent {
    /// A VM is cloned and made a guest; until that is over, it goes by a name with the operation in it.
    Create {
        /// The biological VM that it is to be.
        vm_id: VmId,
    },
    /// A VM is destroyed with its disks and snapshots.
    Destroy {
        /// The VM in the pool.
        vm: Uuid,
    },
    /// A VM is cloned, and cells are computed in it; it goes by a name with the operation in it.
    Compute,
    /// Sessions are open, one after the other.
    Session,
    /// The server keeps a record of an operation in the background.
    Task {
        /// The record.
        task: Ref<Task>,
    },
}

/// What became of an operation so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Note {
    /// The VM that was cloned.
    Cloned(Uuid),
    /// A disk that is to go once its VM is gone.
    Disk(Uuid),
    /// The session.
    Session(Uuid),
    /// From here on, what is to be removed is no longer whole.
    Begun,
}

/// An operation that is on its way; dropping it without [`Entry::close`] leaves it to the garbage collection.
#[derive(Debug)]
pub(crate) struct Entry {
    op: OpId,
    path: PathBuf,
    file: File,
}

/// An operation whose client is gone.
#[derive(Debug)]
pub(crate) struct Left {
    /// It, locked from now on.
    pub(crate) entry: Entry,
    /// What it was about.
    pub(crate) intent: Intent,
    /// What became of it.
    pub(crate) notes: Vec<Note>,
}

impl Journal {
    /// The journal of a folder, which is made if it is not there.
    pub(crate) fn open(folder: &Path) -> Result<Self, JournalError> {
        fs::create_dir_all(folder).map_err(|source| JournalError::of("make", folder, source))?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// Writes down what will be done; when it comes back, that is on the disk.
    pub(crate) fn begin(&self, op: OpId, intent: &Intent) -> Result<Entry, JournalError> {
        // A garbage collection may find the file before it is locked, and take it away.
        for _ in 0..2 {
            match self.try_begin(op, intent) {
                Err(JournalError::Io { source, .. }) if source.kind() == NOT_FOUND => {}
                done => return done,
            }
        }
        self.try_begin(op, intent)
    }

    fn try_begin(&self, op: OpId, intent: &Intent) -> Result<Entry, JournalError> {
        // Under its own name it is locked and whole from the first moment, so that a garbage collection never takes it for one that was left.
        let path = self.folder.join(format!("{op}.{EXTENSION}"));
        let new = self.folder.join(format!("{op}.new"));
        let write = |source| JournalError::of("write", &path, source);
        let file = OpenOptions::new()
            .append(true)
            .read(true)
            .create_new(true)
            .mode(0o600)
            .open(&new)
            .map_err(write)?;
        file.lock().map_err(write)?;
        let mut entry = Entry {
            op,
            path: new,
            file,
        };
        entry.append(&Line::Begin(intent.clone()))?;
        fs::rename(&entry.path, &path)
            .and_then(|()| File::open(&self.folder)?.sync_all())
            .map_err(write)?;
        entry.path = path;
        Ok(entry)
    }

    /// Whether an operation is on its way, or was left.
    pub(crate) fn has(&self, op: OpId) -> bool {
        self.folder.join(format!("{op}.{EXTENSION}")).exists()
    }

    /// Whether another client is at the same thing just now.
    pub(crate) fn is_shared(&self, own: &Entry, intent: &Intent) -> bool {
        let first = Line::Begin(intent.clone()).write();
        let others = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        others.map(|other| other.path()).any(|path| {
            path != own.path
                && path.extension().is_some_and(|is| is == EXTENSION)
                && fs::read_to_string(&path).is_ok_and(|text| text.starts_with(&first))
                && File::open(&path).is_ok_and(|file| {
                    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
                })
        })
    }

    /// The operations whose clients are gone, in the order in which they are to be settled, and the files that cannot be read.
    pub(crate) fn left(&self) -> Result<(Vec<Left>, Vec<JournalError>), JournalError> {
        let list = |source| JournalError::of("list", &self.folder, source);
        let mut paths = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(list)? {
            let path = entry.map_err(list)?.path();
            if path.extension().is_some_and(|is| is == EXTENSION) {
                paths.push(path);
            } else if path.extension().is_some_and(|is| is == "new") {
                remove_abandoned(&path);
            }
        }
        paths.sort();
        let (mut left, mut unreadable) = (Vec::<Left>::new(), Vec::new());
        for path in paths {
            match Left::take(&path) {
                Ok(found) => left.extend(found),
                Err(error) => unreadable.push(error),
            }
        }
        // What still goes on in the background comes first: it may yet make what the others are about.
        left.sort_by_key(|left| !matches!(left.intent, Intent::Task { .. }));
        Ok((left, unreadable))
    }
}

const EXTENSION: &str = "op";

const NOT_FOUND: io::ErrorKind = io::ErrorKind::NotFound;

/// Removes the beginning of an operation that was never begun: nothing was called before it had its own name.
fn remove_abandoned(path: &Path) {
    if let Ok(file) = File::open(path)
        && file.try_lock().is_ok()
        && let Err(error) = fs::remove_file(path)
    {
        tracing::warn!(path = %path.display(), %error, "it is left in the journal");
    }
}

/// Longest journal of one operation that is read, bytes.
const LONGEST: u64 = 1024 * 1024;

impl Left {
    /// Takes over a file; `None` if its client lives, or has just ended the operation.
    fn take(path: &Path) -> Result<Option<Self>, JournalError> {
        let of = |what| move |source| JournalError::of(what, path, source);
        let mut file = match OpenOptions::new().append(true).read(true).open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == NOT_FOUND => return Ok(None),
            Err(error) => return Err(of("open")(error)),
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(of("lock")(error)),
        }
        let name = path.file_stem().and_then(|stem| stem.to_str());
        let op = name.and_then(|name| name.parse().ok());
        let op = op.ok_or_else(|| JournalError::Unreadable {
            path: path.to_owned(),
            why: "its name is not that of an operation",
        })?;
        let mut text = String::new();
        (&mut file)
            .take(LONGEST)
            .read_to_string(&mut text)
            .map_err(of("read"))?;
        let entry = Entry {
            op,
            path: path.to_owned(),
            file,
        };
        // A last line without an end was being written when its client went: the call after it was never made.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let mut lines = whole.lines().map(Line::read);
        let intent = match lines.next() {
            Some(Some(Line::Begin(intent))) => intent,
            Some(_) | None => return Err(entry.unreadable("its first line")),
        };
        let mut notes = Vec::new();
        for line in lines {
            match line {
                Some(Line::Note(note)) => notes.push(note),
                Some(Line::Begin(_)) | None => return Err(entry.unreadable("one of its lines")),
            }
        }
        Ok(Some(Self {
            entry,
            intent,
            notes,
        }))
    }
}

impl Entry {
    /// Name of the operation.
    pub(crate) fn op(&self) -> OpId {
        self.op
    }

    /// Writes down what became of it; when it comes back, that is on the disk.
    pub(crate) fn note(&mut self, note: Note) -> Result<(), JournalError> {
        self.append(&Line::Note(note))
    }

    /// The operation is over and leaves nothing to do.
    pub(crate) fn close(self) -> Result<(), JournalError> {
        match fs::remove_file(&self.path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == NOT_FOUND => Ok(()),
            Err(error) => Err(JournalError::of("remove", &self.path, error)),
        }
    }

    fn append(&mut self, line: &Line) -> Result<(), JournalError> {
        let text = line.write();
        self.file
            .write_all(text.as_bytes())
            .and_then(|()| self.file.sync_data())
            .map_err(|source| JournalError::of("write", &self.path, source))
    }

    fn unreadable(&self, what: &'static str) -> JournalError {
        JournalError::Unreadable {
            path: self.path.clone(),
            why: what,
        }
    }
}

/// Why the journal of a pool cannot be kept.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The disk refused.
    #[error("cannot {what} {}", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file is not of this journal, or damaged.
    #[error("{} is not the journal of an operation: {why} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: &'static str,
    },
}

impl JournalError {
    fn of(what: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            what,
            path: path.to_owned(),
            source,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Io { .. } => {
                "nothing is done in a pool that cannot be written down first: make the folder writable".to_owned()
            }
            Self::Unreadable { path, .. } => format!(
                "look for VMs named \"bioxen-op-…\" in the pool, then remove {}",
                path.display()
            ),
        }
    }
}

#[cfg(test)]
mod tests;
