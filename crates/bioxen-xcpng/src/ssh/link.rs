//! One connection that several threads use.
//!
//! The SSH library sends one packet at a time.
//! If the socket takes only a part of one, nothing else can be sent until the same call is made again, and a call that is given up in between makes the connection useless.
//! So each call has a [`Ticket`], and while a packet is half sent only the call with its ticket is made.
//!
//! Nobody holds the lock while waiting: of those that wait, one watches the socket, and the others are told.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use bioxen_core::CancelToken;
use parking_lot::{Condvar, Mutex, MutexGuard};
use rustix::net::connect_unspec;
use ssh2::{BlockDirections, Channel, Session};

use super::dial::{NOTICE, remaining, wait_for};
use super::error::{LibraryError, SshError};
use crate::wait::{Deadline, Timer};

/// Which call is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    pub(super) channel: u64,
    pub(super) verb: Verb,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Open,
    Start,
    Write,
    ReadOut,
    ReadErr,
    SendEnd,
    Ended,
    Close,
}

/// Bytes of a channel that a guest may send before they are read.
///
/// The library keeps each packet by itself and looks through all of them: with its own 2 MiB, a guest that sends single bytes makes each call last a second.
const WINDOW: u32 = 256 << 10;

/// Bytes of a packet.
const PACKET: u32 = 32 << 10;

/// A connection.
pub(super) struct Link {
    pub(super) address: SocketAddr,
    pub(super) timer: Arc<dyn Timer>,
    /// Channels that may be open at a time.
    pub(super) most: usize,
    socket: TcpStream,
    state: Mutex<State>,
    changed: Condvar,
}

pub(super) struct State {
    session: Session,
    /// The only place for channels: the library takes no lock when it drops one.
    channels: BTreeMap<u64, Channel>,
    /// Those that nobody uses any more, and that the guest has not let go yet.
    closing: Vec<u64>,
    next: u64,
    /// Channels that are open, being opened, or being closed.
    pub(super) taken: usize,
    /// Whether somebody opens a channel, of which the library knows one at a time.
    pub(super) opening: bool,
    half_sent: Option<Ticket>,
    broken: Option<String>,
    watched: bool,
}

impl Link {
    pub(super) fn new(
        address: SocketAddr,
        timer: Arc<dyn Timer>,
        most: usize,
        socket: TcpStream,
        session: Session,
    ) -> Self {
        Self {
            address,
            timer,
            most,
            socket,
            state: Mutex::new(State {
                session,
                channels: BTreeMap::new(),
                closing: Vec::new(),
                next: 0,
                taken: 0,
                opening: false,
                half_sent: None,
                broken: None,
                watched: false,
            }),
            changed: Condvar::new(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// Wakes those that wait, as something is different now.
    pub(super) fn tell(&self) {
        self.changed.notify_all();
    }

    /// Waits until something may be different, for a moment at most.
    pub(super) fn wait(
        &self,
        state: &mut MutexGuard<'_, State>,
        deadline: Option<Deadline>,
        cancel: &CancelToken,
        step: &'static str,
    ) -> Result<(), SshError> {
        let span = match deadline {
            Some(deadline) => remaining(self.address, deadline, &*self.timer, cancel)?,
            None if cancel.is_cancelled() => return Err(SshError::Cancelled { step }),
            None => NOTICE,
        };
        self.wait_for(state, span);
        Ok(())
    }

    fn wait_for(&self, state: &mut MutexGuard<'_, State>, span: Duration) {
        if state.watched {
            self.changed.wait_for(state, span);
            return;
        }
        state.watched = true;
        let writable = state.half_sent.is_some();
        // What fails here, the next call says.
        let _ = MutexGuard::unlocked(state, || wait_for(&self.socket, writable, span));
        state.watched = false;
        self.tell();
    }

    /// Makes a call; `None` if it has to be made again later.
    pub(super) fn attempt<T>(
        &self,
        state: &mut State,
        ticket: Ticket,
        call: impl FnOnce(&Session, &mut Channel) -> Result<T, LibraryError>,
    ) -> Result<Option<T>, Failed> {
        self.attempt_any(state, ticket, |state| {
            let State {
                session, channels, ..
            } = state;
            match channels.get_mut(&ticket.channel) {
                Some(channel) => Ok(Some(call(session, channel)?)),
                None => Ok(None),
            }
        })
        .and_then(|made| match made {
            Some(None) => Err(Failed::Gone),
            Some(Some(made)) => Ok(Some(made)),
            None => Ok(None),
        })
    }

    fn attempt_any<T>(
        &self,
        state: &mut State,
        ticket: Ticket,
        call: impl FnOnce(&mut State) -> Result<T, LibraryError>,
    ) -> Result<Option<T>, Failed> {
        if let Some(why) = &state.broken {
            return Err(Failed::Broken(why.clone()));
        }
        if state.half_sent.is_some_and(|other| other != ticket) {
            return Ok(None);
        }
        let made = call(state);
        let again = matches!(&made, Err(error) if error.would_block());
        let is_half = again
            && matches!(
                state.session.block_directions(),
                BlockDirections::Outbound | BlockDirections::Both
            );
        state.half_sent = is_half.then_some(ticket);
        // Whatever was called may have read what others wait for.
        self.tell();
        match made {
            Ok(made) => Ok(Some(made)),
            Err(_) if again => Ok(None),
            Err(error) => {
                if error.is_cut() {
                    state.broken = Some(error.to_string());
                }
                Err(Failed::Library(error))
            }
        }
    }

    /// Opens a channel; who calls this has set `opening`.
    pub(super) fn attempt_open(&self, state: &mut State) -> Result<Option<u64>, Failed> {
        /// One opening is like another: who goes on with one gets the channel.
        const OPEN: Ticket = Ticket {
            channel: 0,
            verb: Verb::Open,
        };
        let made = self.attempt_any(state, OPEN, |state| {
            let channel = state.session.channel_open("session", WINDOW, PACKET, None);
            channel.map_err(|error| LibraryError::of(&error))
        })?;
        Ok(made.map(|channel| {
            state.next += 1;
            state.channels.insert(state.next, channel);
            state.next
        }))
    }

    /// Gives up a call that was to be made again.
    ///
    /// If its packet is half sent, nothing can be sent any more.
    pub(super) fn give_up(&self, state: &mut State, of: impl Fn(Ticket) -> bool, step: &str) {
        if state.half_sent.is_some_and(of) {
            state.broken = Some(format!("{step} was given up in the middle of a packet"));
            self.tell();
        }
    }

    /// Lets go of a channel; what the guest still has to say to that, later calls hear.
    pub(super) fn close(&self, state: &mut State, channel: u64) {
        self.give_up(state, |half| half.channel == channel, "a command");
        state.closing.push(channel);
        self.sweep(state);
        self.tell();
    }

    /// Goes on with the closing of channels.
    pub(super) fn sweep(&self, state: &mut State) {
        for channel in std::mem::take(&mut state.closing) {
            let ticket = Ticket {
                channel,
                verb: Verb::Close,
            };
            let closed = self.attempt(state, ticket, |_, channel| {
                channel.close().map_err(|error| LibraryError::of(&error))
            });
            if matches!(closed, Ok(None)) {
                state.closing.push(channel);
                continue;
            }
            // Of a broken connection the library may not be asked for more: its end drops them.
            if state.broken.is_none() {
                state.channels.remove(&channel);
            }
            state.taken = state.taken.saturating_sub(1);
            self.tell();
        }
    }

    /// Ends the connection for all who use it.
    pub(super) fn end(&self, why: &str) {
        // Whoever waits for the socket wakes; unlike after a shutdown, nothing comes any more.
        let _ = connect_unspec(&self.socket);
        let mut state = self.lock();
        state.broken.get_or_insert_with(|| why.to_owned());
        drop(state);
        self.tell();
    }

    pub(super) fn is_broken(&self) -> bool {
        self.lock().broken.is_some()
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // Otherwise the library would wait for a guest that may not answer, or keep what it could not send.
        let _ = self.socket.shutdown(Shutdown::Both);
        let state = self.state.get_mut();
        for channel in state.channels.values_mut() {
            // It reads the end of the connection, after which nothing is sent any more.
            let _ = channel.wait_eof();
            let _ = channel.wait_close();
        }
        state.channels.clear();
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Why a call failed.
#[derive(Debug)]
pub(super) enum Failed {
    Library(LibraryError),
    Broken(String),
    /// The channel was closed on this side.
    Gone,
}

impl Failed {
    pub(super) fn at(self, address: SocketAddr, step: &'static str) -> SshError {
        match self {
            Self::Library(source) if source.is_cut() => SshError::Cut {
                address,
                step,
                source,
            },
            Self::Library(source) if source.is_refused_channel() => {
                SshError::Busy { address, source }
            }
            Self::Library(source) => SshError::Protocol {
                address,
                step,
                source,
            },
            Self::Broken(why) => SshError::Broken { address, why },
            Self::Gone => SshError::Closed,
        }
    }
}
