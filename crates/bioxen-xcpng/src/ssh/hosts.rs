//! The file of known host keys.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use thiserror::Error;

use super::key::{Fingerprint, PublicKey};

mod lines;

pub use lines::SkippedLine;

/// A file of known host keys.
///
/// It has lines as OpenSSH's `known_hosts` has, with the UUID of a VM in place of the host, so that `ssh -o HostKeyAlias=UUID` can use it too.
/// A line of that form counts only if it names the VM itself: no pattern makes a key known.
/// `@revoked` lines count for every VM that their patterns may mean.
/// Lines that cannot be read are skipped with a warning, and kept when the file is written.
///
/// The file is the old or the new one at every time, it is its owner's alone, and of several writers none loses what another one wrote.
#[derive(Clone, Debug)]
pub struct HostKeys {
    path: PathBuf,
}

/// What a file says of a VM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownKeys {
    /// Its keys.
    pub keys: Vec<PublicKey>,
    /// Keys that must not be used.
    pub revoked: Vec<PublicKey>,
    /// Lines that were skipped.
    pub skipped: Vec<SkippedLine>,
}

/// Longest file that is read.
const LONGEST: u64 = 16 << 20;

/// How long another writer is waited for.
const TURN: Duration = Duration::from_secs(5);

/// Time between two looks at the lock.
const PAUSE: Duration = Duration::from_millis(5);

impl HostKeys {
    /// The file at a path; it need not be there yet.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is known of a VM.
    ///
    /// # Errors
    ///
    /// [`HostKeysError`] if the file cannot be read or the name is none.
    pub fn lookup(&self, vm: &str) -> Result<KnownKeys, HostKeysError> {
        check_name(vm)?;
        let known = lines::read(&self.bytes()?, vm);
        for line in &known.skipped {
            tracing::warn!(file = %self.path.display(), "{line}");
        }
        Ok(known)
    }

    /// Makes a key known for a VM, beside those that are known already.
    ///
    /// # Errors
    ///
    /// [`HostKeysError`] if the file cannot be read or written, or the key is revoked.
    pub fn add(&self, vm: &str, key: &PublicKey) -> Result<(), HostKeysError> {
        self.make_known(vm, key, |bytes| bytes)
    }

    /// Makes a key known that was offered, if it has the fingerprint that somebody compared, in place of others of its type.
    ///
    /// # Errors
    ///
    /// [`HostKeysError::OtherFingerprint`] if it has not, and as [`add`](Self::add).
    pub fn accept(
        &self,
        vm: &str,
        offered: &PublicKey,
        fingerprint: &str,
    ) -> Result<(), HostKeysError> {
        let has = offered.fingerprint();
        if has.as_str() != fingerprint.trim() {
            return Err(HostKeysError::OtherFingerprint { has });
        }
        // Whoever has the old key would be taken for the guest still.
        let is_old = |key: &PublicKey| key.kind() == offered.kind() && key != offered;
        self.make_known(vm, offered, |bytes| lines::without(&bytes, vm, is_old))
    }

    /// Adds a key to what else there is to be.
    fn make_known(
        &self,
        vm: &str,
        key: &PublicKey,
        rest: impl FnOnce(Vec<u8>) -> Vec<u8>,
    ) -> Result<(), HostKeysError> {
        check_name(vm)?;
        self.change(|bytes| {
            let known = lines::read(&bytes, vm);
            if known.revoked.contains(key) {
                return Err(HostKeysError::Revoked {
                    vm: vm.to_owned(),
                    fingerprint: key.fingerprint(),
                });
            }
            let rest = rest(bytes);
            Ok(if known.keys.contains(key) {
                rest
            } else {
                lines::with_line(rest, &format!("{vm} {key}"))
            })
        })
    }

    /// Marks a key as one that must not be used by a VM again.
    ///
    /// # Errors
    ///
    /// [`HostKeysError`] if the file cannot be read or written.
    pub fn revoke(&self, vm: &str, key: &PublicKey) -> Result<(), HostKeysError> {
        check_name(vm)?;
        self.change(|bytes| {
            Ok(if lines::read(&bytes, vm).revoked.contains(key) {
                bytes
            } else {
                lines::with_line(bytes, &format!("@revoked {vm} {key}"))
            })
        })
    }

    /// Forgets the keys of a VM, as it is no more; what is revoked stays so.
    ///
    /// # Errors
    ///
    /// [`HostKeysError`] if the file cannot be read or written.
    pub fn remove(&self, vm: &str) -> Result<(), HostKeysError> {
        check_name(vm)?;
        self.change(|bytes| Ok(lines::without(&bytes, vm, |_| true)))
    }

    fn bytes(&self) -> Result<Vec<u8>, HostKeysError> {
        let unreadable = |source| HostKeysError::Read {
            path: self.path.clone(),
            source,
        };
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(unreadable(source)),
        };
        let mut bytes = Vec::new();
        let length = file.take(LONGEST + 1).read_to_end(&mut bytes);
        length.map_err(unreadable)?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length > LONGEST) {
            let path = self.path.clone();
            return Err(HostKeysError::TooLong { path });
        }
        Ok(bytes)
    }

    /// Writes what becomes of the file, while nobody else does.
    fn change(
        &self,
        change: impl FnOnce(Vec<u8>) -> Result<Vec<u8>, HostKeysError>,
    ) -> Result<(), HostKeysError> {
        let unwritable = |source| HostKeysError::Write {
            path: self.path.clone(),
            source,
        };
        // A link stays one.
        let path = match fs::canonicalize(&self.path) {
            Ok(path) => path,
            Err(_) => std::path::absolute(&self.path).map_err(unwritable)?,
        };
        let folder = path.parent().unwrap_or(Path::new("/"));
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(unwritable)?;
        // Held until the end of this function.
        let _lock = self.lock(&beside(&path, ".lock"))?;
        let before = self.bytes()?;
        let after = change(before.clone())?;
        if after == before {
            return Ok(());
        }
        let fresh = beside(&path, ".new");
        let placed = write_new(&fresh, &after).and_then(|()| fs::rename(&fresh, &path));
        if placed.is_err() {
            // The first failure is what is told; the next writer overwrites what is left.
            let _ = fs::remove_file(&fresh);
        }
        placed.map_err(unwritable)?;
        // The name is on the disk when its folder is.
        let folder = File::open(folder).and_then(|folder| folder.sync_all());
        folder.map_err(unwritable)
    }

    fn lock(&self, path: &Path) -> Result<File, HostKeysError> {
        let unwritable = |source| HostKeysError::Write {
            path: path.to_owned(),
            source,
        };
        let mut options = OpenOptions::new();
        let file = options.create(true).truncate(false).write(true).mode(0o600);
        let file = file.open(path).map_err(unwritable)?;
        let mut waited = Duration::ZERO;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if waited < TURN => {
                    thread::park_timeout(PAUSE);
                    waited += PAUSE;
                }
                Err(TryLockError::WouldBlock) => {
                    let lock = path.to_owned();
                    return Err(HostKeysError::Locked { lock });
                }
                Err(TryLockError::Error(source)) => return Err(unwritable(source)),
            }
        }
    }
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(end);
    path.with_file_name(name)
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // What a killed writer left may have another mode, or be a link that somebody put there.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    let mut file = options
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A name that is a word of a line, and no pattern.
fn check_name(vm: &str) -> Result<(), HostKeysError> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    if (1..=128).contains(&vm.len()) && vm.bytes().all(is_part) {
        return Ok(());
    }
    Err(HostKeysError::Name { vm: vm.to_owned() })
}

/// Why host keys were not read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HostKeysError {
    /// What should be the UUID of a VM has other characters.
    #[error("{vm:?} is not the UUID of a VM")]
    Name {
        /// What was given.
        vm: String,
    },
    /// The file was not read.
    #[error("the host keys in {} cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file was not written, and is as it was.
    #[error("{} was not written, and the host keys are as they were", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is too long.
    #[error("{} is longer than 16 MiB", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// Another process holds the lock.
    #[error("another process has held {} for 5 s", lock.display())]
    Locked {
        /// The lock.
        lock: PathBuf,
    },
    /// A key has another fingerprint than the one that was compared.
    #[error("the host key has the fingerprint {has}, which is not the one that was given")]
    OtherFingerprint {
        /// Fingerprint of the key.
        has: Fingerprint,
    },
    /// The key is revoked.
    #[error("the host key {fingerprint} is revoked for VM {vm}")]
    Revoked {
        /// UUID of the VM.
        vm: String,
        /// Fingerprint of the key.
        fingerprint: Fingerprint,
    },
}

impl HostKeysError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let advice = match self {
            Self::Name { .. } => "give the UUID as `xe vm-list` prints it",
            Self::Read { .. } | Self::Write { .. } => {
                "choose a file in a folder that you may write to"
            }
            Self::TooLong { .. } => "choose a file of known host keys",
            Self::Locked { .. } => "try again when the other process is done",
            Self::OtherFingerprint { .. } => {
                "nothing was accepted; compare it with that on the console of the guest: `bioxen vm trust VM` says how"
            }
            Self::Revoked { .. } => "give the guest a new host key",
        };
        Some(advice.to_owned())
    }
}

#[cfg(test)]
mod tests;
