//! The log of a server, read by a thread of its own.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::ChildStderr;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// Bytes that are kept in memory; all of it is in the file.
const KEPT: usize = 1 << 20;

/// What was written so far; it ends with the processes that write it.
#[derive(Debug)]
pub(super) struct Log {
    text: Arc<Mutex<String>>,
    listens: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

/// Whether a server began to listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    Listens,
    Ended,
    Late,
}

impl Log {
    /// Reads a log into a file, until it ends.
    #[expect(
        clippy::disallowed_methods,
        reason = "the thread ends when the processes of the guest have, and the drop waits for it"
    )]
    pub(super) fn follow(from: ChildStderr, into: &Path) -> io::Result<Self> {
        let mut file = File::options().create(true).append(true).open(into)?;
        let text = Arc::new(Mutex::new(String::new()));
        let shared = Arc::clone(&text);
        let (sender, listens) = sync_channel(1);
        let thread = Builder::new().name("guest-log".to_owned()).spawn(move || {
            read(from, &mut file, &shared, sender);
        })?;
        Ok(Self {
            text,
            listens,
            thread: Some(thread),
        })
    }

    pub(super) fn start(&self, limit: Duration) -> Start {
        match self.listens.recv_timeout(limit) {
            Ok(()) => Start::Listens,
            Err(RecvTimeoutError::Timeout) => Start::Late,
            Err(RecvTimeoutError::Disconnected) => Start::Ended,
        }
    }

    pub(super) fn text(&self) -> String {
        let text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        text.clone()
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            // A panic there has lost a log.
            let _ = thread.join();
        }
    }
}

/// What the first process of a guest writes when its server has ended.
pub(super) const SERVER_ENDED: &str = "guest: the server has ended";

fn read(from: ChildStderr, file: &mut File, text: &Mutex<String>, listens: SyncSender<()>) {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    let mut listens = Some(listens);
    loop {
        line.clear();
        if from.read_until(b'\n', &mut line).unwrap_or(0) == 0 {
            return;
        }
        // The log in memory is there still.
        let _ = file.write_all(&line);
        let line = String::from_utf8_lossy(&line);
        {
            let mut text = text.lock().unwrap_or_else(PoisonError::into_inner);
            if text.len() < KEPT {
                text.push_str(&line);
            }
        }
        if line.starts_with("Server listening on ")
            && let Some(listens) = listens.take()
        {
            let _ = listens.try_send(());
        } else if line.trim_end() == SERVER_ENDED {
            listens = None;
        }
    }
}
