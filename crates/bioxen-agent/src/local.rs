//! The daemon of this machine: where it is, and how a program meets it.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use thiserror::Error;

use crate::connection::Client;
use crate::error::ProtocolError;
use crate::hello::ClientHello;

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

/// Why there is no connection to the daemon of this machine.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LocalError {
    /// Nobody listens.
    #[error("no daemon runs for {}", state.display())]
    NotRunning {
        /// The state folder.
        state: PathBuf,
    },
    /// Somebody may listen, but cannot be reached.
    #[error("could not connect to {}", socket.display())]
    Connect {
        /// The socket.
        socket: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Whoever listens does not answer as a daemon does.
    #[error("no daemon answers at {}", socket.display())]
    Hello {
        /// The socket.
        socket: PathBuf,
        /// What came instead.
        source: ProtocolError,
    },
    /// The folder of the daemon cannot be made.
    #[error("could not make the folder {}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The daemon cannot be started.
    #[error("could not start the daemon {program:?}")]
    Start {
        /// The program.
        program: String,
        /// What the system says.
        source: io::Error,
    },
    /// The daemon ended before it was ready.
    #[error("the daemon ended with {status} before it was ready: {last}")]
    Ended {
        /// How it ended.
        status: ExitStatus,
        /// The last line of its log.
        last: String,
    },
}

impl LocalError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotRunning { .. } => Some("start one with `bioxen_hypervisor daemon`".to_owned()),
            Self::Connect { source, .. } if source.kind() == io::ErrorKind::InvalidInput => Some(
                "the name of a socket has at most 107 bytes: use a state folder with a shorter name".to_owned(),
            ),
            Self::Connect { .. } => Some("the daemon answers its own user only".to_owned()),
            Self::Hello { source, .. } => source.hint(),
            Self::Folder { .. } => Some("name another state folder".to_owned()),
            Self::Start { .. } => None,
            Self::Ended { .. } => Some("its log is in the folder `daemon` of the state folder".to_owned()),
        }
    }
}

/// Meets the daemon of a state folder.
///
/// # Errors
///
/// [`LocalError::NotRunning`] if there is none, and others if it cannot be reached.
pub fn connect(place: &Place, hello: &ClientHello) -> Result<Client, LocalError> {
    let socket = place.socket();
    let stream = UnixStream::connect(&socket).and_then(|stream| Ok((stream.try_clone()?, stream)));
    let (read, write) = match stream {
        Ok(both) => both,
        Err(source) => {
            let state = place.state.clone();
            return Err(match source.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
                    LocalError::NotRunning { state }
                }
                _ => LocalError::Connect { socket, source },
            });
        }
    };
    Client::open(read, write, hello).map_err(|source| LocalError::Hello { socket, source })
}

/// Meets the daemon of a state folder, and starts it if none runs.
///
/// `program` is the command line of a daemon that prints [`READY`]; it goes on when this process ends, with [`Place::log`] as its standard error.
/// Of several processes that want to start one at a time, one does and the others wait for it.
///
/// # Errors
///
/// As [`connect`], and [`LocalError::Start`] or [`LocalError::Ended`] if no daemon comes up.
pub fn connect_or_start(
    place: &Place,
    hello: &ClientHello,
    program: Command,
) -> Result<Client, LocalError> {
    match connect(place, hello) {
        Err(LocalError::NotRunning { .. }) => {}
        other => return other,
    }
    place.make()?;
    let failed = |source| {
        let program = program.get_program().to_string_lossy().into_owned();
        LocalError::Start { program, source }
    };
    let starting = private(&place.folder().join("start.lock")).map_err(failed)?;
    starting.lock().map_err(failed)?;
    match connect(place, hello) {
        Err(LocalError::NotRunning { .. }) => {}
        // Somebody else has started it meanwhile.
        other => return other,
    }
    start(place, program)?;
    connect(place, hello)
}

/// Starts a daemon and waits until it is ready.
fn start(place: &Place, mut program: Command) -> Result<(), LocalError> {
    let name = program.get_program().to_string_lossy().into_owned();
    let failed = |source| LocalError::Start {
        program: name.clone(),
        source,
    };
    let log = private(&place.log()).map_err(failed)?;
    let begin = log.metadata().map_err(failed)?.len();
    let mut child = program
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        // Ctrl-C in the terminal of this process is not meant for it.
        .process_group(0)
        .spawn()
        .map_err(failed)?;
    let mut line = String::new();
    if let Some(stdout) = child.stdout.take() {
        BufReader::new(stdout)
            .read_line(&mut line)
            .map_err(failed)?;
    }
    if line.trim_end() == READY {
        return Ok(());
    }
    let status = child.wait().map_err(failed)?;
    let last = last_line(&place.log(), begin).unwrap_or_default();
    Err(LocalError::Ended { status, last })
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
