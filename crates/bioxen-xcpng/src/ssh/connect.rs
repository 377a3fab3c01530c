//! Connections: key exchange, the host key, and authentication, in this order.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use bioxen_core::CancelToken;
use rustix::net::connect_unspec;
use ssh2::{BlockDirections, MethodType, Session};

use super::auth::authenticate;
use super::dial::{NOTICE, dial, remaining, wait_for};
use super::error::{LibraryError, SshError};
use super::expect::{ExpectedHostKey, HostKeyRefused, Verdict, method_preference};
use super::hosts::KnownKeys;
use super::key::PublicKey;
use super::link::Link;
use super::options::SshOptions;
use crate::wait::{Deadline, Timer};

/// A connection to a guest, over which commands run.
///
/// Clones share it, also in other threads; it ends when the last one, and the last stream over it, is dropped.
/// Nothing about it waits for longer than the caller said: not a guest that is silent, and not a drop.
#[derive(Clone)]
pub struct Remote {
    pub(super) link: Arc<Link>,
    host_key: PublicKey,
}

const TCP: &str = "the TCP connection";
const KEY_EXCHANGE: &str = "the SSH key exchange";
const AUTH: &str = "the SSH authentication";

impl Remote {
    /// Connects to a guest.
    ///
    /// The host key is looked at after the key exchange and before anything is said about the user.
    ///
    /// # Errors
    ///
    /// [`SshError`]; after one that [`is_transient`](SshError::is_transient), a later try may succeed.
    pub fn connect(
        address: SocketAddr,
        options: &SshOptions,
        expected: &ExpectedHostKey,
        timer: Arc<dyn Timer>,
        cancel: &CancelToken,
    ) -> Result<Self, SshError> {
        Self::connect_within(None, address, options, expected, timer, cancel)
    }

    /// Connects to a guest as part of a whole that has a limit too.
    pub(crate) fn connect_within(
        whole: Option<Deadline>,
        address: SocketAddr,
        options: &SshOptions,
        expected: &ExpectedHostKey,
        timer: Arc<dyn Timer>,
        cancel: &CancelToken,
    ) -> Result<Self, SshError> {
        let known = expected.keys()?;
        let (mut raw, host_key) = meet(whole, address, options, &known, &*timer, cancel)?;
        let verdict = Verdict::on(&host_key, &known);
        if verdict != Verdict::Same {
            return Err(SshError::HostKey(Box::new(HostKeyRefused {
                vm: expected.vm().to_owned(),
                verdict,
                offered: host_key,
            })));
        }
        let limits = options.limits;
        let deadline = step(whole, AUTH, limits.auth, &*timer);
        authenticate(&mut raw, options, deadline)?;
        let Raw {
            session, socket, ..
        } = raw;
        let most = limits.channels.max(1);
        Ok(Self {
            link: Arc::new(Link::new(address, timer, most, socket, session)),
            host_key,
        })
    }

    /// Looks which host key a guest shows, the first of what it has in the types that are known; nothing is said about the user.
    pub(crate) fn look(
        whole: Deadline,
        address: SocketAddr,
        options: &SshOptions,
        known: &KnownKeys,
        timer: &dyn Timer,
        cancel: &CancelToken,
    ) -> Result<PublicKey, SshError> {
        let (_, host_key) = meet(Some(whole), address, options, known, timer, cancel)?;
        Ok(host_key)
    }

    /// The address.
    pub fn address(&self) -> SocketAddr {
        self.link.address
    }

    /// The host key that the guest has shown.
    pub fn host_key(&self) -> &PublicKey {
        &self.host_key
    }

    /// Whether it is known that nothing can be done over this connection any more.
    pub fn is_broken(&self) -> bool {
        self.link.is_broken()
    }

    /// Ends the connection for all who use it; whoever waits for something is told at once.
    pub fn close(&self) {
        self.link.end("it was closed");
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote")
            .field("address", &self.link.address)
            .field("host_key", &self.host_key)
            .finish_non_exhaustive()
    }
}

/// Connects to a guest up to its host key, at which nobody has looked yet.
fn meet<'a>(
    whole: Option<Deadline>,
    address: SocketAddr,
    options: &SshOptions,
    known: &KnownKeys,
    timer: &'a dyn Timer,
    cancel: &'a CancelToken,
) -> Result<(Raw<'a>, PublicKey), SshError> {
    let limits = options.limits;
    let deadline = step(whole, TCP, limits.tcp, timer);
    let socket = dial(address, deadline, timer, cancel)?;
    let deadline = step(whole, KEY_EXCHANGE, limits.key_exchange, timer);
    let mut raw = Raw::new(address, socket, timer, cancel)?;
    raw.greeting(deadline)?;
    raw.prefer(&method_preference(known))?;
    raw.until(deadline, |session| session.handshake())?;
    let host_key = raw.host_key()?;
    Ok((raw, host_key))
}

/// A limit for a step that may be part of a whole.
fn step(
    whole: Option<Deadline>,
    name: &'static str,
    limit: Duration,
    timer: &dyn Timer,
) -> Deadline {
    let step = Deadline::new(name, limit, timer);
    whole.map_or(step, |whole| step.within_as_itself(whole))
}

/// A connection that nobody else uses yet.
pub(super) struct Raw<'a> {
    pub(super) address: SocketAddr,
    pub(super) session: Session,
    socket: TcpStream,
    timer: &'a dyn Timer,
    cancel: &'a CancelToken,
}

impl<'a> Raw<'a> {
    fn new(
        address: SocketAddr,
        socket: TcpStream,
        timer: &'a dyn Timer,
        cancel: &'a CancelToken,
    ) -> Result<Self, SshError> {
        let of_session = socket.try_clone();
        let of_session = of_session.map_err(|source| SshError::Refused { address, source })?;
        let mut session = Session::new().map_err(|error| protocol(address, &error))?;
        session.set_tcp_stream(of_session);
        session.set_blocking(false);
        Ok(Self {
            address,
            session,
            socket,
            timer,
            cancel,
        })
    }

    /// Waits for the first bytes of a server, and refuses one that is none of SSH.
    ///
    /// The library skips lines before them, and does not come back from a server that never stops to send such lines.
    fn greeting(&self, deadline: Deadline) -> Result<(), SshError> {
        const BEGIN: &[u8] = b"SSH-";
        let address = self.address;
        loop {
            let span = remaining(address, deadline, self.timer, self.cancel)?;
            let mut bytes = [0; BEGIN.len()];
            let length = match self.socket.peek(&mut bytes) {
                Ok(0) => return Err(self.cut(deadline, "the end came before the first byte")),
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    // What fails here, the next call says.
                    let _ = wait_for(&self.socket, false, span);
                    continue;
                }
                Err(error) => return Err(self.cut(deadline, &error.to_string())),
            };
            if !BEGIN.starts_with(&bytes[..length]) {
                return Err(SshError::Protocol {
                    address,
                    step: deadline.step(),
                    source: LibraryError::other("the server does not begin with `SSH-`"),
                });
            }
            if length == BEGIN.len() {
                return Ok(());
            }
            // The socket says that there is something, so that waiting for it is no rest.
            self.timer.wait(span, self.cancel);
        }
    }

    fn cut(&self, deadline: Deadline, what: &str) -> SshError {
        SshError::Cut {
            address: self.address,
            step: deadline.step(),
            source: LibraryError::other(what),
        }
    }

    fn prefer(&self, methods: &str) -> Result<(), SshError> {
        let preferred = self.session.method_pref(MethodType::HostKey, methods);
        preferred.map_err(|error| protocol(self.address, &error))
    }

    fn host_key(&self) -> Result<PublicKey, SshError> {
        let key = self.session.host_key();
        let key = key.and_then(|(blob, _)| PublicKey::from_wire(blob).ok());
        key.ok_or_else(|| protocol(self.address, &ssh2::Error::unknown()))
    }

    /// Makes a call again and again until it is over.
    pub(super) fn until<T>(
        &mut self,
        deadline: Deadline,
        call: impl FnMut(&mut Session) -> Result<T, ssh2::Error>,
    ) -> Result<T, SshError> {
        let address = self.address;
        self.outcome(deadline, call)?.map_err(|source| {
            let step = deadline.step();
            // A connection that ends in the middle of the key exchange is a failed one to the library.
            if source.is_cut() || self.is_at_end() {
                SshError::Cut {
                    address,
                    step,
                    source,
                }
            } else {
                SshError::Protocol {
                    address,
                    step,
                    source,
                }
            }
        })
    }

    fn is_at_end(&self) -> bool {
        match self.socket.peek(&mut [0]) {
            Ok(length) => length == 0,
            Err(error) => error.kind() != io::ErrorKind::WouldBlock,
        }
    }

    /// As [`until`](Self::until), and leaves to the caller what the failure of the call means.
    pub(super) fn outcome<T>(
        &mut self,
        deadline: Deadline,
        call: impl FnMut(&mut Session) -> Result<T, ssh2::Error>,
    ) -> Result<Result<T, LibraryError>, SshError> {
        let (address, timer, cancel) = (self.address, self.timer, self.cancel);
        let watched = self.socket.try_clone();
        let watched = watched.map_err(|source| SshError::Refused { address, source })?;
        let (over, news) = sync_channel::<()>(0);
        let outcome = thread::scope(|scope| {
            // The library does not come back from a server that never stops to send; it does when the connection ends.
            scope.spawn(move || {
                while news.recv_timeout(NOTICE) == Err(RecvTimeoutError::Timeout) {
                    if remaining(address, deadline, timer, cancel).is_err() {
                        // Unlike a shutdown, this is the end also for what still comes.
                        let _ = connect_unspec(&watched);
                        return;
                    }
                }
            });
            let outcome = self.repeat(deadline, call);
            drop(over);
            outcome
        })?;
        // What was ended for its time is not what the library says it is.
        if outcome.is_err() {
            remaining(address, deadline, timer, cancel)?;
        }
        Ok(outcome)
    }

    fn repeat<T>(
        &mut self,
        deadline: Deadline,
        mut call: impl FnMut(&mut Session) -> Result<T, ssh2::Error>,
    ) -> Result<Result<T, LibraryError>, SshError> {
        loop {
            let span = remaining(self.address, deadline, self.timer, self.cancel)?;
            let error = match call(&mut self.session) {
                Ok(made) => return Ok(Ok(made)),
                Err(error) => LibraryError::of(&error),
            };
            if !error.would_block() {
                return Ok(Err(error));
            }
            let writable = matches!(
                self.session.block_directions(),
                BlockDirections::Outbound | BlockDirections::Both
            );
            // What fails here, the next call says.
            let _ = wait_for(&self.socket, writable, span);
        }
    }
}

fn protocol(address: SocketAddr, error: &ssh2::Error) -> SshError {
    SshError::Protocol {
        address,
        step: KEY_EXCHANGE,
        source: LibraryError::of(error),
    }
}
