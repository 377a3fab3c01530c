//! When to end.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

/// The signal that was sent to this process, if any was.
///
/// A second one ends the process at once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signals {
    signal: Arc<AtomicUsize>,
}

impl Signals {
    pub(crate) fn register() -> io::Result<Self> {
        let signals = Self::default();
        let once = Arc::new(AtomicBool::new(false));
        for signal in [SIGHUP, SIGINT, SIGTERM] {
            // In this order, so that the first signal does not see what it sets itself.
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&once))?;
            flag::register(signal, Arc::clone(&once))?;
            let number = usize::try_from(signal).unwrap_or_default();
            flag::register_usize(signal, Arc::clone(&signals.signal), number)?;
        }
        Ok(signals)
    }

    /// The signal, if one came.
    pub(crate) fn came(&self) -> Option<usize> {
        Some(self.signal.load(Ordering::SeqCst)).filter(|signal| *signal != 0)
    }
}
