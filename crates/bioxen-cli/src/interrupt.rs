//! Ctrl-C as a flag: a run ends after whole steps and keeps what it has; a second one ends it at once.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::thread::{Builder, JoinHandle, scope};
use std::time::Duration;

use bioxen::{CancelToken, Clock, SystemClock};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};

use crate::failure::Failure;

/// Signals this close together are one wish: `timeout` sends two at once, one to the process and one to its group.
const ONE_WISH: Duration = Duration::from_millis(300);

/// Time between two looks at the flag while something else is waited for.
const LOOK: Duration = Duration::from_millis(100);

/// Whether the person asked to stop, and by which signal.
#[derive(Debug)]
pub(crate) struct Interrupt {
    token: CancelToken,
    first: Arc<OnceLock<Wish>>,
    bell: Arc<Bell>,
    signals: Handle,
    watcher: Option<JoinHandle<()>>,
}

/// The first signal, and when it came.
#[derive(Debug)]
struct Wish {
    signal: i32,
    at: Duration,
}

/// Wakes who waits for the flag.
#[derive(Debug, Default)]
struct Bell {
    rung: Mutex<bool>,
    news: Condvar,
}

/// What another signal does, a moment after the first.
#[derive(Debug)]
enum Insisted {
    /// It removes the drafts and ends the process at once, whatever that waits for.
    Leaves(Vec<PathBuf>),
    /// Nothing: what the first one began must come to its end.
    Waits,
}

impl Interrupt {
    /// Takes over SIGINT, SIGTERM and SIGHUP of this process.
    ///
    /// Another one, a moment later, removes the drafts and leaves at once, whatever the process waits for.
    pub(crate) fn watch(drafts: Vec<PathBuf>) -> Result<Self, Failure> {
        Self::take_over(Insisted::Leaves(drafts))
    }

    /// As [`watch`](Self::watch), for a process that has something to save: others only ask for it again.
    pub(crate) fn watch_patiently() -> Result<Self, Failure> {
        Self::take_over(Insisted::Waits)
    }

    fn take_over(insisted: Insisted) -> Result<Self, Failure> {
        let refused = |source| Failure::Signals { source };
        let signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).map_err(refused)?;
        let handle = signals.handle();
        let token = CancelToken::new();
        let first = Arc::new(OnceLock::new());
        let bell = Arc::new(Bell::default());
        let (raised, shared, ring) = (token.clone(), Arc::clone(&first), Arc::clone(&bell));
        let work = move || attend(signals, &raised, &shared, &ring, &insisted);
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
            bell,
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

    /// Waits so long at most, and answers whether the flag is raised.
    pub(crate) fn wait_for(&self, limit: Duration) -> bool {
        let rung = self
            .bell
            .rung
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let waited = (self.bell.news).wait_timeout_while(rung, limit, |rung| !*rung);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
        self.is_raised()
    }

    /// Does something long, and while the flag is raised in the middle of it calls `raised` again and again.
    pub(crate) fn during<R>(
        &self,
        raised: impl Fn() + Send,
        work: impl FnOnce() -> R,
    ) -> Result<R, Failure> {
        let (working, over) = channel::<()>();
        scope(|scope| {
            let watch = move || {
                while over.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                    if self.is_raised() {
                        raised();
                    }
                }
            };
            Builder::new()
                .name("bioxen-cancel".to_owned())
                .spawn_scoped(scope, watch)
                .map_err(|source| Failure::Signals { source })?;
            let done = work();
            drop(working);
            Ok(done)
        })
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
fn attend(
    mut signals: Signals,
    raised: &CancelToken,
    first: &OnceLock<Wish>,
    bell: &Bell,
    insisted: &Insisted,
) {
    let clock = SystemClock::new();
    for signal in signals.forever() {
        let at = clock.now();
        let wish = first.get_or_init(|| Wish { signal, at });
        if at.saturating_sub(wish.at) > ONE_WISH
            && let Insisted::Leaves(drafts) = insisted
        {
            leave(drafts, signal);
        }
        raised.cancel();
        *bell.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        bell.news.notify_all();
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
