//! Ctrl-C as a flag: a run ends after whole steps and keeps what it has; a second one ends it at once.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use bioxen::{CancelToken, Clock, SystemClock};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};

use crate::failure::Failure;

/// Signals this close together are one wish: `timeout` sends two at once, one to the process and one to its group.
const ONE_WISH: Duration = Duration::from_millis(300);

/// Whether the person asked to stop, and by which signal.
#[derive(Debug)]
pub(crate) struct Interrupt {
    token: CancelToken,
    first: Arc<OnceLock<Wish>>,
    signals: Handle,
    watcher: Option<JoinHandle<()>>,
}

/// The first signal, and when it came.
#[derive(Debug)]
struct Wish {
    signal: i32,
    at: Duration,
}

impl Interrupt {
    /// Takes over SIGINT, SIGTERM and SIGHUP of this process.
    ///
    /// Another one, a moment later, removes the drafts and leaves at once, whatever the process waits for.
    pub(crate) fn watch(drafts: Vec<PathBuf>) -> Result<Self, Failure> {
        let refused = |source| Failure::Signals { source };
        let signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).map_err(refused)?;
        let handle = signals.handle();
        let token = CancelToken::new();
        let first = Arc::new(OnceLock::new());
        let (raised, shared) = (token.clone(), Arc::clone(&first));
        let work = move || attend(signals, &raised, &shared, &drafts);
        #[expect(
            clippy::disallowed_methods,
            reason = "dropping the `Interrupt` ends the thread and joins it"
        )]
        let watcher = Builder::new()
            .name("bioxen-signals".to_owned())
            .spawn(work)
            .map_err(refused)?;
        Ok(Self {
            token,
            first,
            signals: handle,
            watcher: Some(watcher),
        })
    }

    pub(crate) fn is_raised(&self) -> bool {
        self.token.is_cancelled()
    }

    /// The flag, for operations that look at it by themselves.
    pub(crate) fn token(&self) -> &CancelToken {
        &self.token
    }

    /// What a watcher of a long operation answers.
    pub(crate) fn flow(&self) -> ControlFlow<()> {
        if self.is_raised() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    /// What an interrupted command ends with: that of the first signal.
    pub(crate) fn exit_code(&self) -> ExitCode {
        // A flag that something else raised: the command was not finished either.
        self.first
            .get()
            .map_or(ExitCode::FAILURE, |wish| ExitCode::from(code(wish.signal)))
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        self.signals.close();
        if let Some(watcher) = self.watcher.take() {
            // It does nothing that could panic, and there is no better place to tell.
            let _ = watcher.join();
        }
    }
}

/// Raises the flag at the first signal and leaves at another; returns when the signals are closed.
fn attend(mut signals: Signals, raised: &CancelToken, first: &OnceLock<Wish>, drafts: &[PathBuf]) {
    let clock = SystemClock::new();
    for signal in signals.forever() {
        let at = clock.now();
        let wish = first.get_or_init(|| Wish { signal, at });
        if at.saturating_sub(wish.at) > ONE_WISH {
            leave(drafts, signal);
        }
        raised.cancel();
    }
}

/// Exit code of a process that a signal ended, as shells have it: 130 for Ctrl-C, 143 for SIGTERM.
fn code(signal: i32) -> u8 {
    u8::try_from(128 + signal).expect("the three signals have numbers below 16")
}

#[expect(
    clippy::exit,
    reason = "the main thread may be blocked, and nobody else can end the process"
)]
fn leave(drafts: &[PathBuf], signal: i32) -> ! {
    for draft in drafts {
        // One that has taken its place already is a result and has another name.
        let _ = std::fs::remove_file(draft);
    }
    std::process::exit(i32::from(code(signal)))
}
