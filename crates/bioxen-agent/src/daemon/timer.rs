//! What is done by the clock: images of running cells, notes to the journal, and the end of a daemon that nobody needs.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use bioxen_core::VmId;
use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::Stopper;
use super::engine::Engine;
use super::serve::Connections;

/// Time from one look to the next.
const TICK: Duration = Duration::from_millis(500);

/// Looks again and again what is due, until the daemon is stopped.
pub(super) fn run(
    engine: &Engine,
    stopped: &Receiver<()>,
    stopper: &Stopper,
    connections: &Connections,
) {
    let mut table = Table::new(engine.now());
    loop {
        match stopped.recv_timeout(TICK) {
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {}
        }
        let ticked = catch_unwind(AssertUnwindSafe(|| table.tick(engine)));
        if ticked.is_err() {
            tracing::error!("a look at what is due panicked; the next one is tried");
        }
        let idle_for = table.idle_for(engine, connections.count());
        if engine
            .options()
            .exit_when_idle
            .is_some_and(|limit| idle_for >= limit)
        {
            tracing::info!("nobody needs this daemon: it ends");
            stopper.stop();
        }
    }
}

/// What is due when.
#[derive(Debug)]
struct Table {
    /// When each VM was kept last.
    kept: BTreeMap<VmId, Duration>,
    busy_at: Duration,
    /// Whether the last attempt to write failed: told once, not twice a second.
    failing: bool,
}

impl Table {
    fn new(now: Duration) -> Self {
        Self {
            kept: BTreeMap::new(),
            busy_at: now,
            failing: false,
        }
    }

    fn tick(&mut self, engine: &Engine) {
        let now = engine.now();
        let every = engine.options().checkpoint_every;
        let ids = engine.ids();
        self.kept.retain(|id, _| ids.binary_search(id).is_ok());
        let mut failed = None;
        for id in ids {
            let last = self.kept.entry(id.clone()).or_insert(now);
            if now.saturating_sub(*last) < every {
                continue;
            }
            *last = now;
            if let Err(error) = engine.checkpoint(&id) {
                failed = Some(format!("VM {id} could not be kept: {error}"));
            }
        }
        engine.gather_alerts();
        if let Err(error) = engine.flush() {
            failed = Some(format!("the journal could not be written: {error}"));
        }
        match (&failed, self.failing) {
            (Some(text), false) => {
                tracing::error!("{text}");
                engine.note(None, "not kept", text);
            }
            (None, true) => engine.note(None, "kept", "what could not be kept is kept now"),
            _ => {}
        }
        self.failing = failed.is_some();
    }

    fn idle_for(&mut self, engine: &Engine, connections: usize) -> Duration {
        let now = engine.now();
        if connections > 0 || !engine.ids().is_empty() {
            self.busy_at = now;
        }
        now.saturating_sub(self.busy_at)
    }
}
