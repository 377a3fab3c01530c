//! Ctrl-C as a flag: a run ends after whole steps and keeps what it has; a second one ends it at once.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

use bioxen::{CancelToken, Clock, SystemClock};

use crate::failure::{Failure, INTERRUPTED};

/// Signals this close together are one wish: `timeout` sends two at once, one to the process and one to its group.
const ONE_WISH: Duration = Duration::from_millis(300);

/// Whether the person asked to stop; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Interrupt {
    token: CancelToken,
}

impl Interrupt {
    /// Takes over SIGINT, SIGTERM and SIGHUP of this process.
    ///
    /// Another one, a moment later, removes the drafts and leaves at once, whatever the process waits for.
    pub(crate) fn watch(drafts: Vec<PathBuf>) -> Result<Self, Failure> {
        let token = CancelToken::new();
        let raised = token.clone();
        let clock = SystemClock::new();
        let mut first = None;
        ctrlc::set_handler(move || {
            let now = clock.now();
            let since = now.saturating_sub(*first.get_or_insert(now));
            if since > ONE_WISH {
                leave(&drafts);
            }
            raised.cancel();
        })
        .map_err(|source| Failure::Signals { source })?;
        Ok(Self { token })
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
}

#[expect(
    clippy::exit,
    reason = "the main thread may be blocked, and nobody else can end the process"
)]
fn leave(drafts: &[PathBuf]) -> ! {
    for draft in drafts {
        // One that has taken its place already is a result and has another name.
        let _ = std::fs::remove_file(draft);
    }
    std::process::exit(i32::from(INTERRUPTED))
}
