//! Where results go: standard output, or a file that appears only when it is complete.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::failure::Failure;

/// An open place for results.
#[derive(Debug)]
pub(crate) enum Sink {
    Stdout(BufWriter<StdoutLock<'static>>),
    /// A file beside the wanted one, which takes its place at the end.
    File {
        draft: BufWriter<NamedTempFile>,
        path: PathBuf,
    },
    /// A device or a pipe: nothing may take its place.
    Device {
        file: BufWriter<File>,
        path: PathBuf,
    },
}

impl Sink {
    /// Opens a file, or standard output without one, so that a place that cannot be written to is known before the work begins.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Failure> {
        match path {
            None => Ok(Self::Stdout(BufWriter::new(io::stdout().lock()))),
            Some(path) => Self::open_file(path).map_err(|source| Failure::Write {
                path: path.to_owned(),
                source,
            }),
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
                    draft: BufWriter::new(draft_beside(&path)?),
                    path,
                })
            }
        }
    }

    /// Flushes everything and lets the file appear.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        self.flush().map_err(|source| self.failed(source))?;
        match self {
            Self::Stdout(_) | Self::Device { .. } => Ok(()),
            Self::File { draft, path } => draft
                .into_inner()
                .map_err(io::IntoInnerError::into_error)
                .and_then(|draft| draft.persist(&path).map_err(|refused| refused.error))
                .map(drop)
                .map_err(|source| Failure::Write { path, source }),
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

    use super::Sink;

    #[test]
    fn a_file_appears_at_the_end_and_only_then() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cell.csv");
        std::fs::write(&path, "old").unwrap();
        let mut sink = Sink::open(Some(&path)).unwrap();
        sink.write_all(b"new").unwrap();
        sink.flush().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        sink.finish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
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
