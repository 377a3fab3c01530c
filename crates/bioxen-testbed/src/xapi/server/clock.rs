//! Real time for the pool, and the thread that lets it pass.

use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use super::{ServerError, Shared};

/// Time since the server started, as the pool sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Time {
    origin: Instant,
    speed: u32,
}

impl Time {
    #[expect(
        clippy::disallowed_methods,
        reason = "the server plays the pool in real time"
    )]
    pub(super) fn new(speed: u32) -> Self {
        Self {
            origin: Instant::now(),
            speed: speed.max(1),
        }
    }

    pub(super) fn real(&self) -> Duration {
        self.origin.elapsed()
    }

    /// Now, in the time of the pool.
    pub(super) fn now(&self) -> Duration {
        self.real().saturating_mul(self.speed)
    }

    /// Real time until a time of the pool.
    pub(super) fn until(&self, at: Duration) -> Duration {
        at.saturating_sub(self.now()) / self.speed
    }
}

/// The thread that lets happen what nobody asks for.
#[derive(Debug)]
pub(super) struct Clock {
    thread: Option<JoinHandle<()>>,
}

impl Clock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the thread is joined when the server is dropped"
    )]
    pub(super) fn start(shared: Arc<Shared>) -> Result<Self, ServerError> {
        let thread = Builder::new()
            .name("xapi-clock".to_owned())
            .spawn(move || run(&shared))
            .map_err(ServerError::Thread)?;
        Ok(Self {
            thread: Some(thread),
        })
    }

    /// Joins the thread, once the server stops.
    pub(super) fn stop(&mut self) {
        if let Some(thread) = self.thread.take() {
            // A panic was told by the thread itself.
            let _ = thread.join();
        }
    }
}

fn run(shared: &Shared) {
    let mut pool = shared.pool.lock();
    while !shared.stops() {
        let due = pool.wake();
        if due.is_some_and(|at| at <= shared.time.now()) {
            pool.advance(shared.time.now());
            shared.changed.notify_all();
            continue;
        }
        match due {
            // A little later rather than a little too early, again and again.
            Some(at) => {
                let span = shared.time.until(at) + Duration::from_micros(50);
                shared.changed.wait_for(&mut pool, span);
            }
            None => shared.changed.wait(&mut pool),
        }
    }
}
