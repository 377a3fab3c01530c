//! One guest.

use std::fs::{self, File, TryLockError};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::config::Files;
use super::error::GuestError;
use super::log::{Log, SERVER_ENDED, Start};
use super::plan::GuestPlan;
use super::process::{Processes, Word};

/// A guest that runs: an SSH server, and whatever is started through it.
///
/// A drop kills it.
#[derive(Debug)]
pub struct Guest {
    plan: GuestPlan,
    files: Files,
    host_keys: Vec<String>,
    // The log ends when the processes have.
    processes: Processes,
    log: Log,
}

/// How long a server may take until it listens.
const LISTEN: Duration = Duration::from_secs(20);

/// Time between two looks at a lock.
const PAUSE: Duration = Duration::from_millis(5);

impl Guest {
    /// Starts a guest, whose server takes connections when this returns.
    ///
    /// # Errors
    ///
    /// [`GuestError`]; a program that is missing is named with its package.
    pub fn start(plan: GuestPlan) -> Result<Self, GuestError> {
        let files = Files::of(&plan)?;
        files.prepare(&plan)?;
        let host_keys = files.public_keys(&plan)?;
        let (processes, stderr) =
            Processes::start(&files.config(), &files.state(), plan.isolation)?;
        let path = files.log();
        let log = Log::follow(stderr, &path).map_err(GuestError::file(&path, "opening"))?;
        let guest = Self {
            plan,
            files,
            host_keys,
            processes,
            log,
        };
        match guest.log.start(LISTEN) {
            Start::Listens => Ok(guest),
            Start::Ended | Start::Late => Err(GuestError::Start {
                address: guest.address(),
                said: guest.last_words(),
            }),
        }
    }

    /// Where its server listens.
    pub fn address(&self) -> SocketAddr {
        self.plan.address.into()
    }

    /// Name of the user in the guest, who is the one of this process.
    ///
    /// # Errors
    ///
    /// [`GuestError`] if the system does not know that user.
    pub fn user(&self) -> Result<String, GuestError> {
        let user = nix::unistd::User::from_uid(nix::unistd::geteuid());
        let user = user.ok().flatten().ok_or(GuestError::Run {
            program: "looking up the user",
            source: io::ErrorKind::NotFound.into(),
        })?;
        Ok(user.name)
    }

    /// Lines of its public host keys.
    pub fn host_keys(&self) -> &[String] {
        &self.host_keys
    }

    /// Home of the user in the guest.
    pub fn home(&self) -> PathBuf {
        self.files.home()
    }

    /// Folder of the VMs of its agent.
    pub fn state(&self) -> PathBuf {
        self.files.state()
    }

    /// What its server wrote so far.
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Lets all its processes stand still.
    ///
    /// # Errors
    ///
    /// [`GuestError::Ended`] if there are none.
    pub fn pause(&mut self) -> Result<(), GuestError> {
        self.say(Word::Pause)
    }

    /// Lets them go on.
    ///
    /// # Errors
    ///
    /// [`GuestError::Ended`] if there are none.
    pub fn unpause(&mut self) -> Result<(), GuestError> {
        self.say(Word::Go)
    }

    /// Asks all processes to end, as a system does that shuts down, and waits for the daemon of the agent; then the guest ends.
    ///
    /// # Errors
    ///
    /// [`GuestError::TimedOut`] if the daemon was killed in the end.
    pub fn stop(mut self, limit: Duration) -> Result<(), GuestError> {
        self.say(Word::End)?;
        let ended = wait_for_daemon(&self.files.state().join("daemon/lock"), limit);
        self.end()?;
        if ended? {
            Ok(())
        } else {
            let step = "the end of the daemon";
            Err(GuestError::TimedOut { step, limit })
        }
    }

    /// Ends it at once, as a power cut does.
    ///
    /// # Errors
    ///
    /// [`GuestError::Run`] if its processes cannot be waited for.
    pub fn kill(mut self) -> Result<(), GuestError> {
        self.end()
    }

    /// Ends it at once and removes all that was of it.
    ///
    /// # Errors
    ///
    /// [`GuestError`] if its processes cannot be waited for, or its folder cannot be removed.
    pub fn remove(mut self) -> Result<(), GuestError> {
        self.end()?;
        let folder = self.files.folder.clone();
        drop(self);
        remove_folder(&folder)
    }

    fn end(&mut self) -> Result<(), GuestError> {
        self.processes
            .kill()
            .map(drop)
            .map_err(|source| GuestError::Run {
                program: "unshare",
                source,
            })
    }

    fn say(&mut self, word: Word) -> Result<(), GuestError> {
        self.processes.say(word).map_err(|_| GuestError::Ended {
            said: self.last_words(),
        })
    }

    fn last_words(&self) -> String {
        let text = self.log.text();
        let mut lines: Vec<&str> = text
            .lines()
            .rev()
            .filter(|line| !line.trim().is_empty() && *line != SERVER_ENDED)
            .take(3)
            .collect();
        lines.reverse();
        if lines.is_empty() {
            return "it said nothing".to_owned();
        }
        lines.join("; ")
    }
}

fn remove_folder(folder: &Path) -> Result<(), GuestError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(GuestError::file(folder, "removing")(error))
        }
        _ => Ok(()),
    }
}

/// Whether nobody holds the lock of a daemon any more, within a limit.
fn wait_for_daemon(lock: &Path, limit: Duration) -> Result<bool, GuestError> {
    let file = match File::open(lock) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(GuestError::file(lock, "opening")(error)),
    };
    let mut waited = Duration::ZERO;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) if waited < limit => {
                thread::park_timeout(PAUSE);
                waited += PAUSE;
            }
            Err(TryLockError::WouldBlock) => return Ok(false),
            Err(TryLockError::Error(error)) => {
                return Err(GuestError::file(lock, "locking")(error));
            }
        }
    }
}
