//! The daemon, which owns the VMs of one state folder and answers whoever connects to its socket.
//!
//! - What it acknowledged is on the disk: the answer to a change leaves after the image of the cell and an entry of the journal are there, so that neither a kill nor a loss of power takes it back.
//! - Nothing is done twice: an operation that is asked for again, under the same [`OpId`](crate::OpId), answers what it answered then.
//! - What cannot be kept is taken back, and refused.
//!
//! Between changes a running cell is kept at an interval, and that is how much simulated time a kill can cost.

mod engine;
mod error;
mod journal;
mod keep;
mod log;
mod ops;
mod serve;
mod timer;

pub use self::error::DaemonError;
pub use self::log::log_to;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use bioxen_core::{Clock, ProcessLimits};
use bioxen_hypervisor::{Chassis, HypervisorConfig};
use crossbeam_channel::{Receiver, Sender};

use self::engine::Engine;
use crate::local::Place;

/// How a daemon works.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DaemonOptions {
    /// The folder with everything that it keeps.
    pub state: PathBuf,
    /// The host of its VMs. Its process limits are the most that a client may ask for.
    pub host: HypervisorConfig,
    /// Time on the wall from one image of a running cell to the next.
    pub checkpoint_every: Duration,
    /// Time on the wall from one reading of the monitor to the next.
    pub monitor_every: Duration,
    /// It ends by itself when it has had neither a VM nor a client for so long.
    pub exit_when_idle: Option<Duration>,
}

impl DaemonOptions {
    /// Images and readings every 30 s, 1,000 VMs at most, and processes of a day and 64 MiB of output at most; it does not end by itself.
    pub fn new(state: &Path) -> Self {
        let host = HypervisorConfig::default();
        let process_limits = ProcessLimits {
            wall: Duration::from_secs(24 * 3600),
            steps: u64::MAX,
            heap_bytes: 1 << 30,
            output_bytes: 64 << 20,
        };
        let chassis = Chassis {
            max_vms: Some(1_000),
            ..host.chassis
        };
        Self {
            state: state.to_owned(),
            host: HypervisorConfig {
                process_limits,
                chassis,
                ..host
            },
            checkpoint_every: Duration::from_secs(30),
            monitor_every: Duration::from_secs(30),
            exit_when_idle: None,
        }
    }
}

/// A daemon that can be asked as soon as it serves.
///
/// ```no_run
/// use std::path::Path;
/// use std::sync::Arc;
/// use std::time::SystemTime;
///
/// use bioxen_agent::daemon::{Daemon, DaemonError, DaemonOptions};
/// use bioxen_core::Clock;
///
/// fn run(clock: Arc<dyn Clock>, wall: fn() -> SystemTime) -> Result<(), DaemonError> {
///     let options = DaemonOptions::new(Path::new("/var/lib/bioxen"));
///     let daemon = Daemon::open(options, clock, wall)?;
///     daemon.serve()
/// }
/// ```
#[derive(Debug)]
#[must_use = "it answers nobody until it serves"]
pub struct Daemon {
    engine: Engine,
    listener: Arc<UnixListener>,
    stopper: Stopper,
    stopped: Receiver<()>,
    /// Held as long as it lives.
    _lock: File,
}

impl Daemon {
    /// Takes the state folder, sets the VMs going that are kept there, and opens the socket.
    ///
    /// # Errors
    ///
    /// [`DaemonError::Taken`] if another daemon has the folder, and others if something that is kept cannot be used; nothing is changed then.
    pub fn open(
        options: DaemonOptions,
        clock: Arc<dyn Clock>,
        wall: fn() -> SystemTime,
    ) -> Result<Self, DaemonError> {
        let place = Place::of(&options.state);
        place.make().map_err(DaemonError::Place)?;
        let lock = take(&place)?;
        let socket = place.socket();
        let engine = engine::open(options, place, clock, wall)?;
        let listener = serve::listen(&socket)
            .map(Arc::new)
            .map_err(|source| DaemonError::Socket { socket, source })?;
        let (bell, stopped) = crossbeam_channel::bounded(1);
        Ok(Self {
            engine,
            stopper: Stopper {
                stopped: Arc::default(),
                bell,
                listener: Arc::clone(&listener),
            },
            listener,
            stopped,
            _lock: lock,
        })
    }

    /// What ends it from another thread.
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Where its files are.
    pub fn place(&self) -> &Place {
        self.engine.place()
    }

    /// Answers until it is stopped; then it cuts short what runs, answers that, and keeps every cell.
    ///
    /// # Errors
    ///
    /// [`DaemonError::Flush`] if something could not be kept at the end; what was acknowledged is kept all the same.
    pub fn serve(self) -> Result<(), DaemonError> {
        let Self {
            engine,
            listener,
            stopper,
            stopped,
            ..
        } = &self;
        let connections = serve::Connections::default();
        thread::scope(|scope| {
            let timer = || timer::run(engine, stopped, stopper, &connections);
            thread::Builder::new()
                .name("bioxen-timer".to_owned())
                .spawn_scoped(scope, timer)
                .map_err(DaemonError::Thread)?;
            serve::serve(engine, listener, stopper, &connections);
            Ok(())
        })?;
        // From here on whoever connects is told that nobody listens.
        if let Err(error) = fs::remove_file(self.place().socket()) {
            tracing::warn!("the socket is left behind: {error}");
        }
        engine.close().map_err(DaemonError::Flush)
    }
}

/// Ends a daemon; clones end the same one.
#[derive(Clone, Debug)]
pub struct Stopper {
    stopped: Arc<AtomicBool>,
    bell: Sender<()>,
    listener: Arc<UnixListener>,
}

impl Stopper {
    /// Ends it; nothing happens if it is ending already.
    pub fn stop(&self) {
        if !self.stopped.swap(true, Ordering::AcqRel) {
            // There is room for one, and one is enough.
            let _ = self.bell.try_send(());
            serve::wake(&self.listener);
        }
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }
}

/// Takes the lock of a state folder and writes the number of this process into it.
///
/// Of a daemon that ends, or that was killed, nobody is reached any more while the system still holds its lock: that is waited for.
fn take(place: &Place) -> Result<File, DaemonError> {
    /// Time between two looks, and how many there are at most: 10 s together.
    const LOOK: Duration = Duration::from_millis(50);
    const LOOKS: u32 = 200;
    let path = place.lock();
    let failed = |source| DaemonError::Lock {
        path: path.clone(),
        source,
    };
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(failed)?;
    let mut looks = 0;
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::Error(source)) => return Err(failed(source)),
            Err(TryLockError::WouldBlock) if looks == LOOKS || serve::is_heard(&place.socket()) => {
                let mut holder = String::new();
                // Whoever has the lock may not have written its number yet.
                let _ = file.read_to_string(&mut holder);
                return Err(DaemonError::Taken {
                    state: place.state().to_owned(),
                    pid: holder.trim().parse().ok(),
                });
            }
            Err(TryLockError::WouldBlock) => {
                looks += 1;
                thread::park_timeout(LOOK);
            }
        }
    }
    let written = file
        .set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| write!(file, "{}", std::process::id()));
    if let Err(error) = written {
        // It is only read by people and by a second daemon that is refused; the lock holds without it.
        tracing::warn!(
            "the number of this process is not in {}: {error}",
            path.display()
        );
    }
    Ok(file)
}

#[cfg(test)]
mod tests;
