//! The parts of crossbeam-channel, parking_lot and std that the monitor uses, over the scheduler of shuttle.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use shuttle::rand::Rng;
use shuttle::sync::{Arc, Condvar, MutexGuard};

/// A lock that a panic does not poison.
pub(crate) struct Mutex<T>(shuttle::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(shuttle::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// A thread that is joined.
pub(crate) struct JoinHandle<T> {
    handle: shuttle::thread::JoinHandle<T>,
    finished: Arc<AtomicBool>,
}

impl<T> JoinHandle<T> {
    pub(crate) fn join(self) -> std::thread::Result<T> {
        self.handle.join()
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.finished.load(Ordering::SeqCst)
    }
}

pub(crate) fn spawn(
    name: &str,
    work: impl FnOnce() + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    let finished = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&finished);
    let handle = shuttle::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            work();
            flag.store(true, Ordering::SeqCst);
        })?;
    Ok(JoinHandle { handle, finished })
}

struct Queue<T> {
    waiting: VecDeque<T>,
    senders: usize,
    receivers: usize,
}

struct Channel<T> {
    queue: shuttle::sync::Mutex<Queue<T>>,
    changed: Condvar,
    capacity: usize,
}

impl<T> Channel<T> {
    fn lock(&self) -> MutexGuard<'_, Queue<T>> {
        self.queue.lock().expect("no code panics with this lock")
    }
}

/// A channel with room for `capacity` values; with none, a sender waits until its value is taken.
pub(crate) fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let channel = Arc::new(Channel {
        queue: shuttle::sync::Mutex::new(Queue {
            waiting: VecDeque::new(),
            senders: 1,
            receivers: 1,
        }),
        changed: Condvar::new(),
        // Values are never sent through a channel without room here: its end is the message.
        capacity: capacity.max(1),
    });
    (Sender(Arc::clone(&channel)), Receiver(channel))
}

pub(crate) struct Sender<T>(Arc<Channel<T>>);

impl<T> Sender<T> {
    pub(crate) fn send(&self, value: T) -> Result<(), T> {
        let mut queue = self.0.lock();
        while queue.receivers > 0 && queue.waiting.len() >= self.0.capacity {
            queue = self.0.changed.wait(queue).expect("not poisoned");
        }
        self.put(queue, value)
    }

    pub(crate) fn try_send(&self, value: T) -> Result<(), T> {
        let queue = self.0.lock();
        if queue.waiting.len() >= self.0.capacity {
            return Err(value);
        }
        self.put(queue, value)
    }

    fn put(&self, mut queue: MutexGuard<'_, Queue<T>>, value: T) -> Result<(), T> {
        if queue.receivers == 0 {
            return Err(value);
        }
        queue.waiting.push_back(value);
        self.0.changed.notify_all();
        Ok(())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.0.lock().senders -= 1;
        self.0.changed.notify_all();
    }
}

pub(crate) struct Receiver<T>(Arc<Channel<T>>);

/// Why nothing came.
#[derive(Debug)]
pub(crate) enum RecvTimeoutError {
    Timeout,
    Disconnected,
}

impl<T> Receiver<T> {
    /// Time has no length here: whether it runs out is drawn.
    pub(crate) fn recv_timeout(&self, _: Duration) -> Result<T, RecvTimeoutError> {
        let mut queue = self.0.lock();
        loop {
            if let Some(value) = queue.waiting.pop_front() {
                self.0.changed.notify_all();
                return Ok(value);
            }
            if queue.senders == 0 {
                return Err(RecvTimeoutError::Disconnected);
            }
            if shuttle::rand::thread_rng().gen_bool(0.25) {
                return Err(RecvTimeoutError::Timeout);
            }
            queue = self.0.changed.wait(queue).expect("not poisoned");
        }
    }

    pub(crate) fn recv(&self) -> Result<T, RecvTimeoutError> {
        loop {
            match self.recv_timeout(Duration::MAX) {
                Err(RecvTimeoutError::Timeout) => shuttle::thread::yield_now(),
                other => return other,
            }
        }
    }

    #[cfg(test)]
    pub(crate) fn try_iter(&self) -> impl Iterator<Item = T> + '_ {
        std::iter::from_fn(|| self.0.lock().waiting.pop_front())
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let mut queue = self.0.lock();
        queue.receivers -= 1;
        // What nobody can take any more is dropped now, as real channels do: a waiting sender may be inside.
        let orphans = std::mem::take(&mut queue.waiting);
        drop(queue);
        drop(orphans);
        self.0.changed.notify_all();
    }
}
