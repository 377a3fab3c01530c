//! The journal: records that are on the disk for good once they are acknowledged, and that are never there twice.
//!
//! What a record means is for its owner. The bytes of the file are described in [`format`].
//!
//! The journal assumes that it is the only one that writes to its file: its owner holds the lock of the folder.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

mod disk;
mod error;
mod format;

pub(crate) use disk::{Disk, OsDisk};
pub(crate) use error::JournalError;

use error::Part;

/// Name of the journal in its folder.
const NAME: &str = "journal";

/// Name of a journal that is being written anew.
const PARTIAL: &str = "journal.partial";

/// When a journal is written anew, records are gathered until they have this many bytes.
const PORTION: u64 = 1 << 20;

/// One entry of a journal.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Record {
    /// What it is, in the words of its owner.
    pub(crate) kind: u8,
    /// Its payload, at most [`Record::MAX_BYTES`].
    pub(crate) bytes: Vec<u8>,
}

impl Record {
    /// Most bytes of a payload: 128 MiB.
    pub(crate) const MAX_BYTES: u64 = 128 << 20;
}

impl std::fmt::Debug for Record {
    /// Shows the size only: a record may have megabytes.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Record")
            .field("kind", &self.kind)
            .field("len", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// What was found in a journal when it was opened.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(crate) struct Opened {
    /// All records, in the order in which they were appended.
    pub(crate) records: Vec<Record>,
    /// Bytes of a last batch that was written in part and never acknowledged; they were cut off.
    pub(crate) cut_bytes: u64,
}

/// An open journal.
#[derive(Debug)]
pub(crate) struct Journal<D: Disk = OsDisk> {
    disk: D,
    folder: PathBuf,
    path: PathBuf,
    written: Written<D::File>,
    /// Why the file can no longer be trusted.
    broken: Option<Arc<JournalError>>,
}

/// A file up to the end of its last batch.
#[derive(Debug)]
struct Written<F> {
    file: F,
    salt: u64,
    /// Number of the batch that comes next.
    next: u64,
    bytes: u64,
}

impl<D: Disk> Journal<D> {
    /// Most bytes of a journal: 1 GiB, which its owner stays far below by writing it anew in time.
    pub(crate) const MAX_BYTES: u64 = 1 << 30;

    /// Opens the journal of a folder, or begins one (mode 0600 on Unix) if there is none.
    ///
    /// The records that it gives are on the disk for good, those too that a killed writer could no longer acknowledge.
    ///
    /// # Errors
    ///
    /// [`JournalError::Damaged`] if a batch before the last one does not hold, [`JournalError::NotAJournal`], [`JournalError::NewerVersion`] or [`JournalError::TooLong`] if the file is no journal of this version; the file is left as it is then.
    /// [`JournalError::Io`] or [`JournalError::Broken`] if the operating system refuses something; opening it again loses nothing.
    pub(crate) fn open(folder: &Path, disk: D) -> Result<(Self, Opened), JournalError> {
        let path = folder.join(NAME);
        let partial = folder.join(PARTIAL);
        disk.remove(&partial)
            .map_err(JournalError::io("remove", &partial))?;
        let mut file = match disk.open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Self::begin(folder, disk);
            }
            Err(error) => return Err(JournalError::io("open", &path)(error)),
        };
        let length = disk
            .length(&file)
            .map_err(JournalError::io("read", &path))?;
        check_journal_length(length, Self::MAX_BYTES, &path)?;
        let bytes = disk
            .read(&mut file, length)
            .map_err(JournalError::io("read", &path))?;
        let contents = format::decode(&bytes).map_err(unreadable(&path))?;
        let whole = format::len_of(&bytes[..contents.whole]);
        drop(bytes);
        if whole < length {
            disk.cut(&mut file, whole)
                .map_err(JournalError::io("cut", &path))?;
        }
        // A writer that was killed before this may have left what was read in the memory of the system alone.
        let is_synced = disk.sync(&mut file).is_ok();
        let mut journal = Self {
            disk,
            folder: folder.to_owned(),
            path,
            written: Written {
                file,
                salt: contents.salt,
                next: contents.next,
                bytes: whole,
            },
            broken: None,
        };
        if is_synced {
            journal.sync_folder()?;
        } else {
            journal.rewrite(contents.records.iter().cloned())?;
        }
        let opened = Opened {
            records: contents.records,
            cut_bytes: length.saturating_sub(whole),
        };
        Ok((journal, opened))
    }

    /// Bytes of the file, by which the owner decides when to write it anew.
    pub(crate) fn bytes(&self) -> u64 {
        self.written.bytes
    }

    /// Appends records as one batch: when it returns, they survive a loss of power, and together.
    ///
    /// # Errors
    ///
    /// [`JournalError::Broken`] if the file can no longer be trusted, from then on and until [`rewrite`](Self::rewrite) succeeds.
    /// After [`JournalError::Io`] and [`JournalError::TooLong`] nothing was appended, and it may be tried again.
    pub(crate) fn append(&mut self, records: &[Record]) -> Result<(), JournalError> {
        if let Some(cause) = &self.broken {
            return Err(self.broken_by(Arc::clone(cause)));
        }
        if records.is_empty() {
            return Ok(());
        }
        let Written {
            file,
            salt,
            next,
            bytes,
        } = &mut self.written;
        let batch = format::encode_batch(*salt, *next, records).map_err(too_long(&self.path))?;
        let end = *bytes + format::len_of(&batch);
        check_journal_length(end, Self::MAX_BYTES, &self.path)?;
        if let Err(error) = self.disk.write(file, &batch) {
            return Err(match self.disk.cut(file, *bytes) {
                Ok(()) => JournalError::io("write to", &self.path)(error),
                Err(error) => self.break_by(JournalError::io("cut", &self.path)(error)),
            });
        }
        if let Err(error) = self.disk.sync(file) {
            // The system may have forgotten what it could not write, and would say that all is well if asked again.
            // Cut off here, the batch is not found by whoever opens the file from the memory of the same system.
            let _ = self.disk.cut(file, *bytes);
            return Err(self.break_by(JournalError::io("write to the disk", &self.path)(error)));
        }
        *bytes = end;
        *next += 1;
        Ok(())
    }

    /// Writes the journal anew with these records alone, which also cures a broken one.
    ///
    /// Whatever happens, the old journal is there or the new one, never a part of either.
    ///
    /// # Errors
    ///
    /// After [`JournalError::Io`] and [`JournalError::TooLong`] the old journal is as it was.
    /// After [`JournalError::Broken`] a loss of power decides which of the two is there, and nothing is accepted until a rewrite succeeds.
    pub(crate) fn rewrite(
        &mut self,
        records: impl IntoIterator<Item = Record>,
    ) -> Result<(), JournalError> {
        self.written = replace(&self.disk, &self.folder, records)?;
        match self.sync_folder() {
            Ok(()) => {
                self.broken = None;
                Ok(())
            }
            Err(error) => Err(self.break_by(error)),
        }
    }

    fn begin(folder: &Path, disk: D) -> Result<(Self, Opened), JournalError> {
        let written = replace(&disk, folder, [])?;
        let journal = Self {
            disk,
            folder: folder.to_owned(),
            path: folder.join(NAME),
            written,
            broken: None,
        };
        journal.sync_folder()?;
        let opened = Opened {
            records: Vec::new(),
            cut_bytes: 0,
        };
        Ok((journal, opened))
    }

    fn sync_folder(&self) -> Result<(), JournalError> {
        self.disk
            .sync_folder(&self.folder)
            .map_err(JournalError::io("write to the disk", &self.folder))
    }

    fn break_by(&mut self, error: JournalError) -> JournalError {
        let cause = Arc::new(error);
        self.broken = Some(Arc::clone(&cause));
        self.broken_by(cause)
    }

    fn broken_by(&self, source: Arc<JournalError>) -> JournalError {
        JournalError::Broken {
            path: self.path.clone(),
            source,
        }
    }
}

/// Puts a new journal in the place of the old one; the new name is not on the disk yet.
fn replace<D: Disk>(
    disk: &D,
    folder: &Path,
    records: impl IntoIterator<Item = Record>,
) -> Result<Written<D::File>, JournalError> {
    let (path, partial) = (folder.join(NAME), folder.join(PARTIAL));
    let replaced = write_partial(disk, &partial, records).and_then(|written| {
        disk.rename(&partial, &path)
            .map_err(JournalError::io("replace", &path))?;
        Ok(written)
    });
    if replaced.is_err() {
        // It takes room, and the next one to write or open a journal here removes it otherwise.
        let _ = disk.remove(&partial);
    }
    replaced
}

/// Writes a whole journal beside the old one, to the disk.
fn write_partial<D: Disk>(
    disk: &D,
    path: &Path,
    records: impl IntoIterator<Item = Record>,
) -> Result<Written<D::File>, JournalError> {
    disk.remove(path)
        .map_err(JournalError::io("remove", path))?;
    let mut written = Written {
        file: disk
            .create(path)
            .map_err(JournalError::io("create", path))?,
        salt: disk.noise(),
        next: 1,
        bytes: 0,
    };
    let write = |written: &mut Written<D::File>, bytes: &[u8]| {
        written.bytes += format::len_of(bytes);
        check_journal_length(written.bytes, Journal::<D>::MAX_BYTES, path)?;
        disk.write(&mut written.file, bytes)
            .map_err(JournalError::io("write to", path))
    };
    let header = format::encode_file_header(written.salt);
    write(&mut written, &header)?;
    let mut records = records.into_iter().peekable();
    while records.peek().is_some() {
        let mut portion = Vec::new();
        let mut gathered = 0;
        while gathered < PORTION
            && let Some(record) = records.next()
        {
            gathered += format::record_len(&record);
            portion.push(record);
        }
        let batch =
            format::encode_batch(written.salt, written.next, &portion).map_err(too_long(path))?;
        write(&mut written, &batch)?;
        written.next += 1;
    }
    disk.sync(&mut written.file)
        .map_err(JournalError::io("write to the disk", path))?;
    Ok(written)
}

fn check_journal_length(length: u64, limit: u64, path: &Path) -> Result<(), JournalError> {
    if length <= limit {
        return Ok(());
    }
    Err(too_long(path)(format::TooLong {
        what: Part::Journal,
        limit,
    }))
}

fn too_long(path: &Path) -> impl FnOnce(format::TooLong) -> JournalError {
    let path = path.to_owned();
    move |format::TooLong { what, limit }| JournalError::TooLong { what, path, limit }
}

fn unreadable(path: &Path) -> impl FnOnce(format::Unreadable) -> JournalError {
    let path = path.to_owned();
    move |why| match why {
        format::Unreadable::NotAJournal => JournalError::NotAJournal { path },
        format::Unreadable::NewerVersion { found } => JournalError::NewerVersion {
            path,
            found,
            supported: format::VERSION,
        },
        format::Unreadable::Damaged { offset, flaw } => JournalError::Damaged {
            path,
            offset: u64::try_from(offset).expect("an offset in memory fits 64 bits"),
            flaw,
        },
    }
}

#[cfg(test)]
mod tests;
