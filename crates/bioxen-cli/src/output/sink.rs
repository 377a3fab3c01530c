//! Where results go: standard output, or a file that appears only when it is complete.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::failure::Failure;

/// Whether results are all that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    Whole,
    /// The run was interrupted.
    Partial,
}

/// An open place for results.
#[derive(Debug)]
pub(crate) enum Sink {
    Stdout(BufWriter<StdoutLock<'static>>),
    /// A file beside the wanted one, which takes its place at the end.
    File {
        draft: BufWriter<Draft>,
        path: PathBuf,
    },
    /// A device or a pipe: nothing may take its place.
    Device {
        file: BufWriter<File>,
        path: PathBuf,
    },
}

impl Sink {
    /// Opens a file, or standard output without one or for `-`, so that a place that cannot be written to is known before the work begins.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Failure> {
        match path {
            Some(path) if path != Path::new("-") => {
                Self::open_file(path).map_err(|source| Failure::Write {
                    path: path.to_owned(),
                    source: without_draft(source),
                })
            }
            _ => Ok(Self::Stdout(BufWriter::new(io::stdout().lock()))),
        }
    }

    fn open_file(path: &Path) -> io::Result<Self> {
        let path = path.to_owned();
        match std::fs::metadata(&path) {
            Ok(there) if there.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
            Ok(there) if !there.is_file() => {
                let file = BufWriter::new(OpenOptions::new().write(true).open(&path)?);
                Ok(Self::Device { file, path })
            }
            there => {
                // Replacing a file asks only the folder for permission; ask the file too.
                if there.is_ok() {
                    OpenOptions::new().write(true).open(&path)?;
                }
                // A link stays a link: the file that it leads to is replaced.
                let path = path.canonicalize().unwrap_or(path);
                Ok(Self::File {
                    draft: BufWriter::new(Draft(draft_beside(&path)?)),
                    path,
                })
            }
        }
    }

    /// The file that is there until the results are complete.
    pub(crate) fn draft(&self) -> Option<PathBuf> {
        match self {
            Self::File { draft, .. } => Some(draft.get_ref().0.path().to_owned()),
            Self::Stdout(_) | Self::Device { .. } => None,
        }
    }

    /// Flushes everything and lets the file appear, under its own name if it is whole.
    ///
    /// What was interrupted appears beside it, with `.partial` at the end of the name: that name is returned.
    pub(crate) fn finish(mut self, extent: Extent) -> Result<Option<PathBuf>, Failure> {
        self.flush().map_err(|source| self.failed(source))?;
        match self {
            Self::Stdout(_) | Self::Device { .. } => Ok(None),
            Self::File { draft, path } => {
                let (path, partial) = match extent {
                    Extent::Whole => (path, None),
                    Extent::Partial => {
                        let path = partial_name(&path);
                        (path.clone(), Some(path))
                    }
                };
                draft
                    .into_inner()
                    .map_err(io::IntoInnerError::into_error)
                    .and_then(|draft| draft.0.persist(&path).map_err(|refused| refused.error))
                    .map(|_| partial)
                    .map_err(|source| Failure::Write {
                        path,
                        source: without_draft(source),
                    })
            }
        }
    }

    /// The failure to write here.
    pub(crate) fn failed(&self, source: io::Error) -> Failure {
        match self {
            Self::Stdout(_) => Failure::Stdout { source },
            Self::File { path, .. } | Self::Device { path, .. } => Failure::Write {
                path: path.clone(),
                source,
            },
        }
    }
}

fn partial_name(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".partial");
    name.into()
}

/// What the operating system refused, without the name of a draft that nobody knows.
fn without_draft(error: io::Error) -> io::Error {
    if error.raw_os_error().is_none() {
        error.kind().into()
    } else {
        error
    }
}

/// A draft that is written to as the plain file that it is, so that its errors are those of the operating system.
#[derive(Debug)]
pub(crate) struct Draft(NamedTempFile);

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.as_file_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.as_file_mut().flush()
    }
}

fn draft_beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    // The refusal of a folder that is missing shall not name the draft.
    std::fs::metadata(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".bioxen-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file, less what the person's umask takes away.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(out) => out.write(bytes),
            Self::File { draft, .. } => draft.write(bytes),
            Self::Device { file, .. } => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.flush(),
            Self::File { draft, .. } => draft.flush(),
            Self::Device { file, .. } => file.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::{Extent, Sink};

    #[test]
    fn a_file_appears_at_the_end_and_only_then() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cell.csv");
        std::fs::write(&path, "old").unwrap();
        let mut sink = Sink::open(Some(&path)).unwrap();
        sink.write_all(b"new").unwrap();
        sink.flush().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(sink.finish(Extent::Whole).unwrap(), None);
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_interrupted_file_leaves_the_old_one_and_says_so_in_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap().join("cell.csv");
        std::fs::write(&path, "old").unwrap();
        let mut sink = Sink::open(Some(&path)).unwrap();
        sink.write_all(b"half").unwrap();
        let partial = sink.finish(Extent::Partial).unwrap().unwrap();
        assert!(partial.ends_with("cell.csv.partial"), "{partial:?}");
        assert_eq!(std::fs::read(&partial).unwrap(), b"half");
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
    }

    #[cfg(unix)]
    #[test]
    fn a_refusal_names_no_draft() {
        use tempfile::NamedTempFile;

        let refused = NamedTempFile::new_in("/nowhere/at/all").unwrap_err();
        assert!(refused.to_string().contains("/nowhere"));
        let plain = super::without_draft(refused).to_string();
        assert_eq!(plain, "entity not found");
    }

    #[test]
    fn an_abandoned_file_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cell.csv");
        let mut sink = Sink::open(Some(&path)).unwrap();
        sink.write_all(b"half").unwrap();
        drop(sink);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn folders_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let refused = Sink::open(Some(folder.path())).unwrap_err();
        assert!(refused.to_string().starts_with("could not write "));
        let refused = Sink::open(Some(&folder.path().join("none/cell.csv"))).unwrap_err();
        assert!(refused.to_string().starts_with("could not write "));
    }
}
