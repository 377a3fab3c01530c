//! Connections: who may ask, and who answers.

use std::collections::BTreeMap;
use std::io;
use std::net::Shutdown;
use std::os::fd::AsRawFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, Scope};
use std::time::Duration;

use bioxen_core::CancelToken;
use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use nix::unistd::geteuid;
use parking_lot::Mutex;

use super::Stopper;
use super::engine::{Client, Effect, Engine, Outcome};
use crate::connection::{EndStatus, Incoming, Responder, Server};
use crate::error::ProtocolError;
use crate::frame::OpId;
use crate::hello::{AgentHello, LeaseEnd};
use crate::message::Message;

/// Most connections at a time; one more is closed at once.
const MOST_CONNECTIONS: usize = 256;

/// A client says hello within so long.
const HELLO_LIMIT: Duration = Duration::from_secs(30);

/// A client that reads nothing for so long is given up: nobody waits for it for ever, least of all the end of the daemon.
const WRITE_LIMIT: Duration = Duration::from_secs(30);

/// The next connection is waited for so long after one that failed, as when there are no files left to open.
const RECOVERY: Duration = Duration::from_millis(100);

/// Answers whoever connects until it is stopped; then it ends what runs, and waits until all are answered.
pub(super) fn serve(
    engine: &Engine,
    listener: &UnixListener,
    stopper: &Stopper,
    open: &Connections,
) {
    thread::scope(|scope| {
        for stream in listener.incoming() {
            if stopper.is_stopped() {
                break;
            }
            let stream = match stream {
                Ok(stream) => stream,
                Err(error) => {
                    tracing::warn!("a connection was lost before it began: {error}");
                    thread::park_timeout(RECOVERY);
                    continue;
                }
            };
            if let Err(refused) = admit(&stream) {
                tracing::warn!("a connection was refused: {refused}");
                continue;
            }
            let Some(ticket) = open.enter(&stream) else {
                tracing::warn!("a connection was refused: {MOST_CONNECTIONS} are open");
                continue;
            };
            let guest = Guest {
                engine,
                stopper,
                ticket,
            };
            let spawned = thread::Builder::new()
                .name(format!("bioxen-client-{ticket}"))
                .spawn_scoped(scope, move || {
                    if let Err(error) = guest.converse(stream) {
                        tracing::debug!("a connection ended: {error}");
                    }
                    open.leave(ticket);
                });
            if let Err(error) = spawned {
                tracing::error!("no thread for a connection: {error}");
                open.leave(ticket);
            }
        }
        // Nothing that asks is heard any more; what is under way is cut short and still answered.
        open.close();
        engine.cut_short();
    });
}

/// Only the user of the daemon, and root, are answered, whatever the mode of the socket became.
fn admit(stream: &UnixStream) -> io::Result<()> {
    let peer = getsockopt(stream, PeerCredentials)?.uid();
    let own = geteuid();
    if peer == own.as_raw() || peer == 0 {
        return Ok(());
    }
    let refused = format!("user {peer} is not user {own}");
    Err(io::Error::new(io::ErrorKind::PermissionDenied, refused))
}

/// The connections that are open.
#[derive(Debug, Default)]
pub(super) struct Connections {
    inner: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    closed: bool,
    streams: BTreeMap<u64, UnixStream>,
}

impl Connections {
    fn enter(&self, stream: &UnixStream) -> Option<u64> {
        let mut open = self.inner.lock();
        if open.closed || open.streams.len() >= MOST_CONNECTIONS {
            return None;
        }
        let ticket = open.next;
        open.next += 1;
        open.streams.insert(ticket, stream.try_clone().ok()?);
        Some(ticket)
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.inner.lock().streams.len()
    }

    fn leave(&self, ticket: u64) {
        self.inner.lock().streams.remove(&ticket);
    }

    /// Nothing more is read from anyone.
    fn close(&self) {
        let mut open = self.inner.lock();
        open.closed = true;
        for stream in open.streams.values() {
            // One that is closed already needs no closing.
            let _ = stream.shutdown(Shutdown::Read);
        }
    }
}

/// One client, and what it is served with.
#[derive(Clone, Copy)]
struct Guest<'a> {
    engine: &'a Engine,
    stopper: &'a Stopper,
    ticket: u64,
}

impl Guest<'_> {
    /// From hello to goodbye, and until what was asked for is over.
    fn converse(self, stream: UnixStream) -> Result<(), ProtocolError> {
        let control = stream.try_clone().map_err(unreadable)?;
        let write = stream.try_clone().map_err(unreadable)?;
        let limit = |time| control.set_read_timeout(time).map_err(unreadable);
        limit(Some(HELLO_LIMIT))?;
        control
            .set_write_timeout(Some(WRITE_LIMIT))
            .map_err(unreadable)?;
        let hello = AgentHello::new(env!("CARGO_PKG_VERSION"));
        let mut server = Server::accept(stream, write, &hello)?;
        let lease = server.client().lease;
        limit(lease.map(|lease| Duration::from_secs(u64::from(lease.seconds.get()))))?;
        let session = Session {
            engine: self.engine,
            stopper: self.stopper,
            client: Client(self.ticket),
            pauses: lease.is_some_and(|lease| lease.then == LeaseEnd::Pause),
            under_way: Mutex::default(),
            is_gone: Mutex::new(false),
        };
        thread::scope(|scope| {
            let said_goodbye = session.listen(scope, &mut server);
            if said_goodbye.is_err() {
                // Nothing more can be answered there, and the client need not wait to learn it.
                let _ = control.shutdown(Shutdown::Both);
            }
            if !matches!(said_goodbye, Ok(true)) {
                session.leave();
            }
            said_goodbye.map(drop)
        })
    }
}

fn unreadable(source: io::Error) -> ProtocolError {
    ProtocolError::Read {
        source: Arc::new(source),
    }
}

/// What a connection has under way.
struct Session<'a> {
    engine: &'a Engine,
    stopper: &'a Stopper,
    client: Client,
    /// Whether the VMs that it set going are paused when it falls silent.
    pauses: bool,
    under_way: Mutex<BTreeMap<OpId, CancelToken>>,
    is_gone: Mutex<bool>,
}

impl Session<'_> {
    /// The client fell silent: its VMs are paused, unless the daemon itself ended the conversation.
    fn leave(&self) {
        *self.is_gone.lock() = true;
        if self.pauses && !self.stopper.is_stopped() {
            self.engine.abandon(self.client);
        }
    }

    /// Hears requests until the client leaves, and says whether it said goodbye.
    fn listen<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        server: &mut Server,
    ) -> Result<bool, ProtocolError> {
        loop {
            if self.stopper.is_stopped() {
                return Ok(false);
            }
            match server.receive() {
                Ok(Incoming::Request {
                    request,
                    body,
                    responder,
                }) => {
                    let op = responder.op();
                    let token = CancelToken::new();
                    self.under_way.lock().insert(op, token.clone());
                    let message = Message {
                        json: request,
                        body,
                    };
                    thread::Builder::new()
                        .name(format!("bioxen-op-{op}"))
                        .spawn_scoped(scope, move || self.attend(message, responder, &token))
                        .map_err(unreadable)?;
                }
                Ok(Incoming::Cancel(op)) => {
                    if let Some(token) = self.under_way.lock().get(&op) {
                        token.cancel();
                    }
                }
                Ok(Incoming::Beat) => {}
                Ok(Incoming::Bye) => return Ok(true),
                // What it asked for goes on: it may come back for the answers.
                Ok(Incoming::Eof) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
    }

    fn attend(&self, message: Message, responder: Responder, token: &CancelToken) {
        let op = responder.op();
        let answered = catch_unwind(AssertUnwindSafe(|| {
            self.engine.answer(self.client, op, message, token)
        }));
        let Ok(Outcome { answer, effect }) = answered else {
            // The client is told that the outcome is not known.
            tracing::error!("operation {op} panicked");
            self.under_way.lock().remove(&op);
            return;
        };
        if *self.is_gone.lock() {
            // It may have set a VM going only now.
            self.leave();
        }
        let code = i32::from(effect == Effect::Refused);
        let sent = responder
            .answer(&answer.json)
            .and_then(|()| responder.body(&answer.body))
            .and_then(|()| responder.end(EndStatus::Exit(code)));
        if let Err(error) = sent {
            tracing::debug!("an answer was not heard: {error}");
        }
        self.under_way.lock().remove(&op);
        if effect == Effect::Ends {
            self.stopper.stop();
        }
    }
}

/// Wakes whoever waits for connections, also when nobody can reach the socket any more.
pub(super) fn wake(listener: &UnixListener) {
    // If it is closed already nobody waits.
    let _ = nix::sys::socket::shutdown(listener.as_raw_fd(), nix::sys::socket::Shutdown::Read);
}

/// Whether somebody listens.
pub(super) fn is_heard(socket: &Path) -> bool {
    UnixStream::connect(socket).is_ok()
}

/// A listener on a socket that only this user can reach.
pub(super) fn listen(socket: &Path) -> io::Result<UnixListener> {
    // Whoever left it there is dead: this process has the lock.
    match std::fs::remove_file(socket) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(socket)?;
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(socket, mode)?;
    Ok(listener)
}
