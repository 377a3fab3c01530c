//! The daemon of this machine: where it is, and how a program meets it.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::connection::Client;
use crate::error::{HelloError, ProtocolError};
use crate::hello::ClientHello;

mod error;

pub use error::LocalError;

/// What a daemon writes to standard output, on a line of its own, once it can be asked.
pub const READY: &str = "ready";

/// The files of a daemon, in the folder `daemon` of a state folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    state: PathBuf,
}

impl Place {
    /// That of a state folder.
    pub fn of(state: &Path) -> Self {
        Self {
            state: state.to_owned(),
        }
    }

    /// The state folder.
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// The folder of the files.
    pub fn folder(&self) -> PathBuf {
        self.state.join("daemon")
    }

    /// Where it listens.
    pub fn socket(&self) -> PathBuf {
        self.folder().join("socket")
    }

    /// What the daemon holds while it runs; it has its process number.
    pub fn lock(&self) -> PathBuf {
        self.folder().join("lock")
    }

    /// What a daemon says that was started by [`connect_or_start`].
    pub fn log(&self) -> PathBuf {
        self.folder().join("log")
    }

    /// Makes the folder, for nobody but this user.
    ///
    /// # Errors
    ///
    /// [`LocalError::Folder`] if that is refused.
    pub fn make(&self) -> Result<(), LocalError> {
        let folder = self.folder();
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(|source| LocalError::Folder { folder, source })
    }
}

/// How long each step of a meeting may take.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// The daemon says hello, or takes what is written to it.
    hello: Duration,
    /// A daemon that takes connections and says no hello, since it is ending, has left.
    leaving: Duration,
    /// Another process that starts a daemon is done with it.
    turn: Duration,
    /// A daemon that was started is ready.
    ready: Duration,
    /// A daemon that is not going to be ready has ended.
    end: Duration,
}

const LIMITS: Limits = Limits {
    hello: Duration::from_secs(30),
    leaving: Duration::from_secs(2),
    turn: Duration::from_secs(30),
    ready: Duration::from_secs(30),
    end: Duration::from_secs(30),
};

/// Time between two looks at what changes by itself.
const PAUSE: Duration = Duration::from_millis(20);

/// Meets the daemon of a state folder.
///
/// It waits 30 s at most for what the daemon says first, and after that as long as an answer takes.
///
/// # Errors
///
/// [`LocalError::NotRunning`] if there is none, and others if it cannot be reached or does not answer.
pub fn connect(place: &Place, hello: &ClientHello) -> Result<Client, LocalError> {
    connect_within(place, hello, LIMITS)
}

fn connect_within(
    place: &Place,
    hello: &ClientHello,
    limits: Limits,
) -> Result<Client, LocalError> {
    let socket = place.socket();
    let stream = match UnixStream::connect(&socket) {
        Ok(stream) => stream,
        Err(source) => {
            let state = place.state.clone();
            return Err(match source.kind() {
                ErrorKind::NotFound | ErrorKind::ConnectionRefused => {
                    LocalError::NotRunning { state }
                }
                _ => LocalError::Connect { socket, source },
            });
        }
    };
    let limit = limits.hello;
    open(stream, hello, limit).map_err(|source| {
        if is_late(&source) {
            LocalError::Silent { socket, limit }
        } else {
            LocalError::Hello { socket, source }
        }
    })
}

/// Says hello, and waits so long for that of the daemon.
fn open(stream: UnixStream, hello: &ClientHello, limit: Duration) -> Result<Client, ProtocolError> {
    let unreadable = |source| ProtocolError::Read {
        source: Arc::new(source),
    };
    let read = stream.try_clone().map_err(unreadable)?;
    let write = stream.try_clone().map_err(unreadable)?;
    stream.set_read_timeout(Some(limit)).map_err(unreadable)?;
    // This one stays: a daemon reads at any time.
    stream.set_write_timeout(Some(limit)).map_err(unreadable)?;
    let client = Client::open(read, write, hello)?;
    stream.set_read_timeout(None).map_err(unreadable)?;
    Ok(client)
}

/// Whether nothing came, or could be sent, in time.
fn is_late(error: &ProtocolError) -> bool {
    match error {
        ProtocolError::Read { source } | ProtocolError::Write { source } => is_time_out(source),
        _ => false,
    }
}

fn is_time_out(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock)
}

/// How a daemon was met by [`connect_or_start`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// It ran.
    Running,
    /// It was started.
    Started,
}

/// Meets the daemon of a state folder, and starts it if none runs; one that is ending is waited for.
///
/// `program` is the command line of a daemon that prints [`READY`]; it goes on when this process ends, with [`Place::log`] as its standard error.
/// Of several processes that want to start one at a time, one does and the others wait for it.
/// Each wait has an end: 30 s for the other process, 30 s for a daemon to be ready, which is killed otherwise, and 30 s for its hello.
///
/// # Errors
///
/// As [`connect`], and [`LocalError::Turn`], [`LocalError::Start`], [`LocalError::Ended`] or [`LocalError::Unready`] if no daemon comes up.
pub fn connect_or_start(
    place: &Place,
    hello: &ClientHello,
    program: Command,
) -> Result<(Client, Met), LocalError> {
    connect_or_start_within(place, hello, program, LIMITS)
}

fn connect_or_start_within(
    place: &Place,
    hello: &ClientHello,
    program: Command,
    limits: Limits,
) -> Result<(Client, Met), LocalError> {
    match connect_to_running(place, hello, limits) {
        Err(LocalError::NotRunning { .. }) => {}
        other => return Ok((other?, Met::Running)),
    }
    place.make()?;
    let failed = |source| {
        let program = program.get_program().to_string_lossy().into_owned();
        LocalError::Start { program, source }
    };
    let lock = place.folder().join("start.lock");
    let starting = private(&lock).map_err(failed)?;
    let taken = look_for(limits.turn, || match starting.try_lock() {
        Ok(()) => Ok(Some(())),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    });
    if taken.map_err(failed)?.is_none() {
        let limit = limits.turn;
        return Err(LocalError::Turn { lock, limit });
    }
    match connect_to_running(place, hello, limits) {
        Err(LocalError::NotRunning { .. }) => {}
        // Somebody else has started it meanwhile.
        other => return Ok((other?, Met::Running)),
    }
    match start(place, program, limits) {
        // One came up meanwhile that was started in another way.
        Err(ended @ LocalError::Ended { .. }) => match connect_within(place, hello, limits) {
            Ok(client) => Ok((client, Met::Running)),
            Err(_) => Err(ended),
        },
        started => {
            started?;
            Ok((connect_within(place, hello, limits)?, Met::Started))
        }
    }
}

/// Meets a daemon that runs. One that is ending may still take a connection, and closes it without a word: then it is tried again.
fn connect_to_running(
    place: &Place,
    hello: &ClientHello,
    limits: Limits,
) -> Result<Client, LocalError> {
    let mut waited = Duration::ZERO;
    loop {
        match connect_within(place, hello, limits) {
            Err(LocalError::Hello { source, .. })
                if waited < limits.leaving && is_closed(&source) =>
            {
                thread::park_timeout(PAUSE);
                waited += PAUSE;
            }
            other => return other,
        }
    }
}

/// Whether a connection was closed before the daemon said hello.
fn is_closed(error: &ProtocolError) -> bool {
    matches!(
        error,
        ProtocolError::Hello(HelloError::Ended { .. })
            | ProtocolError::Read { .. }
            | ProtocolError::Write { .. }
            | ProtocolError::Closed
    )
}

/// Starts a daemon and waits until it is ready.
fn start(place: &Place, mut program: Command, limits: Limits) -> Result<(), LocalError> {
    let name = program.get_program().to_string_lossy().into_owned();
    let failed = |source| LocalError::Start {
        program: name.clone(),
        source,
    };
    let log = private(&place.log()).map_err(failed)?;
    let begin = log.metadata().map_err(failed)?.len();
    // Unlike from a pipe, reading from a socket has a limit.
    let (stdout, child_stdout) = UnixStream::pair().map_err(failed)?;
    stdout
        .set_read_timeout(Some(limits.ready))
        .map_err(failed)?;
    let mut child = program
        .stdin(Stdio::null())
        .stdout(OwnedFd::from(child_stdout))
        .stderr(log)
        // Ctrl-C in the terminal of this process is not meant for it.
        .process_group(0)
        .spawn()
        .map_err(failed)?;
    // It keeps the other end, whose closing is the end of what the child says.
    drop(program);
    match says_ready(stdout) {
        Ok(true) => return Ok(()),
        Ok(false) => {}
        Err(error) => {
            kill(&mut child);
            return Err(if is_time_out(&error) {
                let limit = limits.ready;
                LocalError::Unready { limit }
            } else {
                failed(error)
            });
        }
    }
    match look_for(limits.end, || child.try_wait()) {
        Ok(Some(status)) => {
            let last = last_line(&place.log(), begin).unwrap_or_default();
            Err(LocalError::Ended { status, last })
        }
        Ok(None) => {
            kill(&mut child);
            let limit = limits.end;
            Err(LocalError::Unready { limit })
        }
        Err(error) => {
            kill(&mut child);
            Err(failed(error))
        }
    }
}

/// Whether the first line is that of a daemon which can be asked.
fn says_ready(stdout: UnixStream) -> io::Result<bool> {
    /// Whoever says more in its first line is no daemon.
    const LONGEST: u64 = 256;
    let mut line = Vec::new();
    BufReader::new(stdout.take(LONGEST)).read_until(b'\n', &mut line)?;
    Ok(line.trim_ascii_end() == READY.as_bytes())
}

/// Ends a child without asking it: what a daemon acknowledged is on the disk.
fn kill(child: &mut Child) {
    // It may have ended by itself.
    let _ = child.kill();
    let _ = child.wait();
}

/// What is there within a limit, which is looked for again and again.
fn look_for<T>(
    limit: Duration,
    mut look: impl FnMut() -> io::Result<Option<T>>,
) -> io::Result<Option<T>> {
    let mut waited = Duration::ZERO;
    loop {
        let found = look()?;
        if found.is_some() || waited >= limit {
            return Ok(found);
        }
        thread::park_timeout(PAUSE);
        waited += PAUSE;
    }
}

/// A file that is appended to, for nobody but this user.
fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
}

/// The last line that was written to a log after a place in it.
fn last_line(log: &Path, begin: u64) -> io::Result<String> {
    /// The end of a log is in so many bytes.
    const TAIL: u64 = 4096;
    let mut file = File::open(log)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(begin.max(length.saturating_sub(TAIL))))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    Ok(last.unwrap_or_default().replace(char::is_control, " "))
}

#[cfg(test)]
mod tests;
