//! What a daemon says while it runs.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tracing::Level;

/// A log is put aside when it has so many bytes, in the place of the one that was put aside before: two of them is the most.
const LONGEST: u64 = 4 << 20;

/// Sends what this process says through `tracing`, from `info` on, to a file of bounded size, or to standard error.
///
/// Nothing that is said has program text or other content of requests: names of VMs, kinds of operations, times and errors.
///
/// # Errors
///
/// If the file cannot be opened, or this process has a subscriber already.
pub fn log_to(path: Option<&Path>) -> io::Result<()> {
    let plain = tracing_subscriber::fmt()
        .with_max_level(Level::INFO)
        .with_ansi(false)
        .with_target(false);
    let set = match path {
        Some(path) => {
            let log = Mutex::new(Log::open(path)?);
            tracing::subscriber::set_global_default(plain.with_writer(log).finish())
        }
        None => tracing::subscriber::set_global_default(plain.with_writer(io::stderr).finish()),
    };
    set.map_err(io::Error::other)
}

/// A file that is appended to and put aside in time.
#[derive(Debug)]
struct Log {
    path: PathBuf,
    file: File,
    bytes: u64,
}

impl Log {
    fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)?;
        Ok(Self {
            path: path.to_owned(),
            bytes: file.metadata()?.len(),
            file,
        })
    }

    fn put_aside(&mut self) -> io::Result<()> {
        let mut older = self.path.clone().into_os_string();
        older.push(".1");
        fs::rename(&self.path, older)?;
        *self = Self::open(&self.path)?;
        Ok(())
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes > LONGEST {
            // If that fails, the log grows, which is better than to say nothing.
            let _ = self.put_aside();
        }
        let written = self.file.write(bytes)?;
        self.bytes += u64::try_from(written).unwrap_or(u64::MAX);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_logs_are_the_most() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log");
        let mut log = Log::open(&path).expect("room for a file");
        let line = [b'x'; 64 << 10];
        for _ in 0..200 {
            log.write_all(&line).expect("room for a line");
        }
        let sizes: Vec<u64> = ["log", "log.1"]
            .iter()
            .map(|name| fs::metadata(folder.path().join(name)).expect("a log").len())
            .collect();
        let most = LONGEST + (64 << 10);
        assert!(sizes.iter().all(|size| *size <= most), "{sizes:?}");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);
        let again = Log::open(&path).expect("it is there");
        assert_eq!(again.bytes, sizes[0]);
    }
}
