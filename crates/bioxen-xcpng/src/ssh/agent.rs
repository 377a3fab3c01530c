//! The stream of an agent: what `bioxen_agent::Client` reads and writes.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::sync::Arc;
use std::time::Duration;

use bioxen_agent::Excerpt;
use bioxen_core::CancelToken;
use parking_lot::{Mutex, MutexGuard};

use super::channel::{Running, Source};
use super::connect::Remote;
use super::error::SshError;
use super::link::{Failed, State, Verb};
use super::output::Exit;
use crate::wait::Deadline;

/// Bytes of standard error that are kept.
const KEPT: usize = 64 << 10;

impl Remote {
    /// Starts a command that speaks the guest protocol, such as [`AGENT_COMMAND`](super::AGENT_COMMAND).
    ///
    /// `deadline` is for the start alone.
    /// What is read and written later waits as long as it takes, or until [`Control`] or `cancel` ends it.
    ///
    /// # Errors
    ///
    /// [`SshError`] if the command was not started.
    pub fn agent(
        &self,
        command: &str,
        deadline: Deadline,
        cancel: &CancelToken,
    ) -> Result<AgentStream, SshError> {
        let running = Running::start(&self.link, command, deadline, cancel)?;
        Ok(AgentStream(Arc::new(Shared {
            running,
            cancel: cancel.clone(),
            own: Mutex::default(),
        })))
    }
}

/// A command in a guest, to be split into its two ends.
#[derive(Debug)]
pub struct AgentStream(Arc<Shared>);

impl AgentStream {
    /// The ends, for `bioxen_agent::Client`, and a handle for who watches over them.
    ///
    /// They may be used from different threads.
    pub fn split(self) -> (AgentReader, AgentWriter, Control) {
        let Self(shared) = self;
        (
            AgentReader(Arc::clone(&shared)),
            AgentWriter(Arc::clone(&shared)),
            Control(shared),
        )
    }
}

struct Shared {
    running: Running,
    cancel: CancelToken,
    own: Mutex<Own>,
}

#[derive(Default)]
struct Own {
    closed: bool,
    deadline: Option<Deadline>,
    parting: Option<Parting>,
    stderr: Excerpt,
}

/// What is done before the stream ends since it was called off.
struct Parting {
    ask: Arc<dyn Fn() + Send + Sync>,
    limit: Duration,
    /// Until when there is time; set when it is called off.
    until: Option<Deadline>,
    /// When it was asked last.
    asked: Duration,
}

/// Time between two askings.
const ASK_AGAIN: Duration = Duration::from_millis(500);

const READING: &str = "reading from the agent";
const WRITING: &str = "writing to the agent";

impl Shared {
    /// Waits until something may be different, unless it is over.
    fn wait(&self, state: &mut MutexGuard<'_, State>, step: &'static str) -> Result<(), SshError> {
        let deadline = self.check()?;
        let link = &self.running.link;
        link.sweep(state);
        match self.parting() {
            None => link.wait(state, deadline, &self.cancel, step),
            Some(until) => {
                let until = deadline.map_or(until, |deadline| until.within(deadline));
                link.wait(state, Some(until), &CancelToken::new(), step)
            }
        }
    }

    /// Until when there is time for a parting, once it was called off.
    fn parting(&self) -> Option<Deadline> {
        if !self.cancel.is_cancelled() {
            return None;
        }
        let mut own = self.own.lock();
        let Parting { limit, until, .. } = own.parting.as_mut()?;
        let begin = || Deadline::new("the cancellation", *limit, &*self.running.link.timer);
        Some(*until.get_or_insert_with(begin))
    }

    /// Asks for an end, if it was called off and it is time to ask.
    fn part(&self, state: &mut MutexGuard<'_, State>) {
        if self.parting().is_none() {
            return;
        }
        let now = self.running.link.timer.now();
        let mut own = self.own.lock();
        let ask = own.parting.as_mut().filter(|parting| parting.asked <= now);
        let ask = ask.map(|parting| {
            parting.asked = now.saturating_add(ASK_AGAIN);
            Arc::clone(&parting.ask)
        });
        drop(own);
        if let Some(ask) = ask {
            // It writes to this very stream.
            MutexGuard::unlocked(state, || ask());
        }
    }

    fn check(&self) -> Result<Option<Deadline>, SshError> {
        let own = self.own.lock();
        if own.closed {
            return Err(SshError::Closed);
        }
        Ok(own.deadline)
    }

    /// Keeps what there is of standard error.
    fn drain(&self, state: &mut State) -> Result<(), Failed> {
        let mut piece = [0; 4096];
        while let Some(length) = self.running.read(state, Source::Err, &mut piece)? {
            if length == 0 {
                break;
            }
            self.own.lock().stderr.push(&piece[..length], KEPT);
        }
        Ok(())
    }

    fn read(&self, into: &mut [u8]) -> Result<usize, SshError> {
        let mut state = self.running.link.lock();
        let read = self.read_locked(&mut state, into);
        if read.is_err() {
            let verbs = [Verb::ReadOut, Verb::ReadErr];
            self.running.give_up(&mut state, &verbs, READING);
        }
        read
    }

    fn read_locked(
        &self,
        state: &mut MutexGuard<'_, State>,
        into: &mut [u8],
    ) -> Result<usize, SshError> {
        let address = self.running.link.address;
        let at = |failed: Failed| failed.at(address, READING);
        loop {
            self.check()?;
            let read = self.running.read(state, Source::Out, into);
            if let Some(length) = read.map_err(at)? {
                return Ok(length);
            }
            self.drain(state).map_err(at)?;
            // With standard error read, it may be the end.
            let read = self.running.read(state, Source::Out, into);
            if let Some(length) = read.map_err(at)? {
                return Ok(length);
            }
            self.part(state);
            self.wait(state, READING)?;
        }
    }

    fn write(&self, bytes: &[u8]) -> Result<usize, SshError> {
        let mut state = self.running.link.lock();
        let written = self.write_locked(&mut state, bytes);
        if written.is_err() {
            // Other bytes may not take the place of these.
            self.running.give_up(&mut state, &[Verb::Write], WRITING);
        }
        written
    }

    fn write_locked(
        &self,
        state: &mut MutexGuard<'_, State>,
        bytes: &[u8],
    ) -> Result<usize, SshError> {
        let address = self.running.link.address;
        let at = |failed: Failed| failed.at(address, WRITING);
        loop {
            self.check()?;
            if let Some(length) = self.running.write(state, bytes).map_err(at)? {
                return Ok(length.min(bytes.len()));
            }
            if self.running.is_over(state).map_err(at)? {
                return Ok(0);
            }
            self.wait(state, WRITING)?;
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("running", &self.running)
            .finish_non_exhaustive()
    }
}

/// What the agent says.
///
/// An error has an [`SshError`] as its inner one.
#[derive(Debug)]
pub struct AgentReader(Arc<Shared>);

impl Read for AgentReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        self.0.read(into).map_err(as_io)
    }
}

/// What is said to the agent; dropping it says that there is no more.
///
/// An error has an [`SshError`] as its inner one.
#[derive(Debug)]
pub struct AgentWriter(Arc<Shared>);

impl Write for AgentWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        match self.0.write(bytes).map_err(as_io)? {
            0 => Err(io::Error::new(
                ErrorKind::BrokenPipe,
                "the agent has ended in the guest",
            )),
            length => Ok(length),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for AgentWriter {
    fn drop(&mut self) {
        let running = &self.0.running;
        let mut state = running.link.lock();
        // If it does not leave at once, the end of the channel says it.
        let _ = running.send_end(&mut state);
        running.give_up(&mut state, &[Verb::Write, Verb::SendEnd], WRITING);
    }
}

/// A handle that watches over the two ends, also from other threads.
///
/// While it lives, what the agent wrote to standard error and how it ended can be asked.
#[derive(Clone, Debug)]
pub struct Control(Arc<Shared>);

impl Control {
    /// Ends the stream: whoever reads or writes is told within a moment.
    pub fn close(&self) {
        self.0.own.lock().closed = true;
        self.0.running.link.tell();
    }

    /// When reading and writing must be over, such as the hello of an agent; `None` takes the limit away.
    pub fn set_deadline(&self, deadline: Option<Deadline>) {
        self.0.own.lock().deadline = deadline;
    }

    /// Has whoever reads ask for an end when it is called off, and wait for what comes of that: at most so long, before reading fails as it does else at once; `None` takes that back.
    ///
    /// `ask` may write to the stream; it is called again and again until nobody reads any more.
    pub fn set_parting(&self, parting: Option<(Arc<dyn Fn() + Send + Sync>, Duration)>) {
        self.0.own.lock().parting = parting.map(|(ask, limit)| Parting {
            ask,
            limit,
            until: None,
            asked: Duration::ZERO,
        });
    }

    /// What the command wrote to standard error so far.
    pub fn stderr(&self) -> Excerpt {
        let mut state = self.0.running.link.lock();
        // What there is no more, was read before.
        let _ = self.0.drain(&mut state);
        drop(state);
        self.0.own.lock().stderr.clone().finish(KEPT)
    }

    /// How the command ended, if it has and all it wrote was read.
    pub fn exit(&self) -> Option<Exit> {
        let mut state = self.0.running.link.lock();
        let _ = self.0.drain(&mut state);
        self.0.running.exit(&mut state).ok().flatten()
    }
}

fn as_io(error: SshError) -> io::Error {
    let kind = match &error {
        SshError::TimedOut { .. } => ErrorKind::TimedOut,
        SshError::Cut { .. } | SshError::Broken { .. } => ErrorKind::ConnectionReset,
        // Not as an interruption, after which one tries again.
        SshError::Cancelled { .. } | SshError::Closed => ErrorKind::ConnectionAborted,
        _ => ErrorKind::Other,
    };
    io::Error::new(kind, error)
}
