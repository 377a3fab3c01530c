//! A channel: what runs one command in a guest.

use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;

use bioxen_core::CancelToken;
use parking_lot::MutexGuard;

use super::error::{LibraryError, SshError};
use super::link::{Failed, Link, State, Ticket, Verb};
use super::output::Exit;
use crate::wait::Deadline;

/// A command that runs in a guest; dropping it lets go of it.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) link: Arc<Link>,
    pub(super) id: u64,
}

/// One of the streams that a command writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Out,
    Err,
}

impl Running {
    /// Starts a command when it is its turn.
    pub(super) fn start(
        link: &Arc<Link>,
        command: &str,
        deadline: Deadline,
        cancel: &CancelToken,
    ) -> Result<Self, SshError> {
        if command.contains('\0') {
            return Err(SshError::Nul);
        }
        let mut state = link.lock();
        let wait = |state: &mut MutexGuard<'_, State>| {
            link.wait(state, Some(deadline), cancel, deadline.step())
        };
        loop {
            link.sweep(&mut state);
            if state.taken < link.most && !state.opening {
                break;
            }
            wait(&mut state)?;
        }
        state.taken += 1;
        state.opening = true;
        let opened = open(link, &mut state, wait, deadline);
        state.opening = false;
        let id = match opened {
            Ok(id) => id,
            Err(error) => {
                state.taken -= 1;
                link.give_up(
                    &mut state,
                    |half| half.verb == Verb::Open,
                    "the opening of a channel",
                );
                link.tell();
                return Err(error);
            }
        };
        let running = Self {
            link: Arc::clone(link),
            id,
        };
        loop {
            let made = running.attempt(&mut state, Verb::Start, |channel| channel.exec(command));
            match made {
                Ok(Some(())) => break,
                Ok(None) => {}
                Err(failed) => {
                    drop(state);
                    return Err(failed.at(link.address, "the start of a command"));
                }
            }
            if let Err(error) = wait(&mut state) {
                // Its drop takes the lock.
                drop(state);
                return Err(error);
            }
        }
        drop(state);
        Ok(running)
    }

    fn attempt<T>(
        &self,
        state: &mut State,
        verb: Verb,
        call: impl FnOnce(&mut ssh2::Channel) -> Result<T, ssh2::Error>,
    ) -> Result<Option<T>, Failed> {
        let ticket = Ticket {
            channel: self.id,
            verb,
        };
        self.link.attempt(state, ticket, |_, channel| {
            call(channel).map_err(|error| LibraryError::of(&error))
        })
    }

    /// Reads what there is; 0 for the end.
    pub(super) fn read(
        &self,
        state: &mut State,
        source: Source,
        into: &mut [u8],
    ) -> Result<Option<usize>, Failed> {
        let (verb, number) = match source {
            Source::Out => (Verb::ReadOut, 0),
            Source::Err => (Verb::ReadErr, 1),
        };
        let ticket = Ticket {
            channel: self.id,
            verb,
        };
        let read = self.link.attempt(state, ticket, |session, channel| {
            let read = channel.stream(number).read(into);
            let length = read.map_err(|error| LibraryError::of_stream(&error, session))?;
            Ok((length, length == 0 && channel.eof()))
        })?;
        // Nothing for now, unless it is the end.
        Ok(read.and_then(|(length, is_end)| (length > 0 || is_end).then_some(length)))
    }

    /// Writes a part; the same bytes have to be given again if nothing was taken.
    pub(super) fn write(&self, state: &mut State, bytes: &[u8]) -> Result<Option<usize>, Failed> {
        let ticket = Ticket {
            channel: self.id,
            verb: Verb::Write,
        };
        let written = self.link.attempt(state, ticket, |session, channel| {
            let written = channel.write(bytes);
            written.map_err(|error| LibraryError::of_stream(&error, session))
        })?;
        Ok(written.filter(|length| *length > 0))
    }

    /// Whether the command has ended, also if not all was read.
    pub(super) fn is_over(&self, state: &mut State) -> Result<bool, Failed> {
        let over = self.attempt(state, Verb::Ended, |channel| {
            channel.wait_eof()?;
            channel.wait_close()
        })?;
        Ok(over.is_some())
    }

    /// Gives up calls of some kinds that were to be made again.
    pub(super) fn give_up(&self, state: &mut State, verbs: &[Verb], step: &str) {
        let is_own = |half: Ticket| half.channel == self.id && verbs.contains(&half.verb);
        self.link.give_up(state, is_own, step);
    }

    pub(super) fn send_end(&self, state: &mut State) -> Result<Option<()>, Failed> {
        self.attempt(state, Verb::SendEnd, ssh2::Channel::send_eof)
    }

    /// How the command ended, if it has and all was read.
    pub(super) fn exit(&self, state: &mut State) -> Result<Option<Exit>, Failed> {
        let ended = self.attempt(state, Verb::Ended, |channel| {
            if !channel.eof() {
                return Ok(None);
            }
            // Only after this the code is more than a zero.
            channel.wait_close()?;
            // A command that a signal ended has the code 0.
            Ok(Some(match channel.exit_signal()?.exit_signal {
                Some(signal) => Exit::Signal(signal),
                None => Exit::Status(channel.exit_status()?),
            }))
        })?;
        Ok(ended.flatten())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = self.link.lock();
        self.link.close(&mut state, self.id);
    }
}

/// Opens a channel; a guest that refuses it is asked again until the deadline.
fn open(
    link: &Link,
    state: &mut MutexGuard<'_, State>,
    wait: impl Fn(&mut MutexGuard<'_, State>) -> Result<(), SshError>,
    deadline: Deadline,
) -> Result<u64, SshError> {
    /// Time between two tries.
    const PAUSE: Duration = Duration::from_millis(50);
    let mut refusal = None;
    let mut next = Duration::ZERO;
    loop {
        link.sweep(state);
        if link.timer.now() >= next {
            match link.attempt_open(state) {
                Ok(Some(id)) => return Ok(id),
                Ok(None) => {}
                Err(failed) => match failed.at(link.address, deadline.step()) {
                    error @ SshError::Busy { .. } => {
                        refusal = Some(error);
                        next = link.timer.now().saturating_add(PAUSE);
                    }
                    error => return Err(error),
                },
            }
        }
        match (wait(state), refusal.take()) {
            (Ok(()), before) => refusal = before,
            // It says more than that it took long.
            (Err(SshError::TimedOut { .. }), Some(error)) | (Err(error), _) => return Err(error),
        }
    }
}
