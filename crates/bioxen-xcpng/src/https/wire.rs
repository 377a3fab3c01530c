//! Sockets and TLS for the HTTP library, which by itself can neither be called off nor be told what a certificate is measured by.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use bioxen_core::CancelToken;
use parking_lot::Mutex;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport,
};

use super::client::HttpsLimits;
use super::error::{Reach, TransportError, TransportErrorKind};
use super::reach::connect;
use super::trust::RefusedCertificate;
use crate::wait::{Deadline, Timer};

/// How long a socket is waited for before deadline and token are looked at.
pub(super) const SLICE: Duration = Duration::from_millis(50);

/// One call, as the sockets under it see it.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) deadline: Deadline,
    pub(super) cancel: CancelToken,
    /// Some of the call left.
    pub(super) sent: bool,
    /// Some of the answer came.
    pub(super) received: bool,
    /// The connection was made for this call.
    pub(super) fresh: bool,
    /// What went wrong, in more detail than the HTTP library can carry.
    pub(super) failure: Option<TransportError>,
}

/// The call that runs, shared by all that have to do with it.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) timer: Arc<dyn Timer>,
    pub(super) turn: Mutex<Turn>,
}

impl Desk {
    /// Whether to go on.
    pub(super) fn check(&self, phase: Option<Deadline>) -> io::Result<()> {
        let turn = self.turn.lock();
        let kind = if turn.cancel.is_cancelled() {
            TransportErrorKind::Cancelled
        } else {
            let deadline = phase.map_or(turn.deadline, |phase| phase.within(turn.deadline));
            match deadline.left(&*self.timer) {
                Ok(_) => return Ok(()),
                Err(overdue) => TransportErrorKind::Overdue(overdue),
            }
        };
        drop(turn);
        Err(self.fail(kind, None))
    }

    /// Notes what went wrong, and gives something for the HTTP library to carry.
    pub(super) fn fail(&self, kind: TransportErrorKind, cause: Option<io::Error>) -> io::Error {
        let mut turn = self.turn.lock();
        let reach = if turn.sent {
            Reach::Unknown
        } else {
            Reach::NotSent
        };
        let mut error = TransportError::new(kind, reach);
        if let Some(cause) = cause {
            error = error.caused_by(cause);
        }
        turn.failure.get_or_insert(error);
        io::Error::other("noted elsewhere")
    }

    pub(super) fn phase(&self, step: &'static str, limit: Duration) -> Deadline {
        Deadline::new(step, limit, &*self.timer)
    }
}

/// Opens sockets, and speaks TLS over them if it is given a configuration.
#[derive(Debug)]
pub(super) struct Sockets {
    pub(super) desk: Arc<Desk>,
    pub(super) host: String,
    pub(super) tls: Option<Arc<ClientConfig>>,
    pub(super) limits: HttpsLimits,
}

impl Connector for Sockets {
    type Out = Wire;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        _: Option<()>,
    ) -> Result<Option<Wire>, ureq::Error> {
        self.desk.turn.lock().fresh = true;
        let stream = self.tcp(&details.addrs)?;
        let mut wire = Wire {
            stream,
            tls: None,
            buffers: LazyBuffers::new(
                details.config.input_buffer_size(),
                details.config.output_buffer_size(),
            ),
            desk: Arc::clone(&self.desk),
        };
        if let Some(config) = &self.tls {
            wire.shake_hands(Arc::clone(config), &self.host, self.limits.tls)?;
        }
        Ok(Some(wire))
    }
}

impl Sockets {
    fn tcp(&self, addresses: &[SocketAddr]) -> io::Result<TcpStream> {
        let mut last = None;
        for address in addresses {
            let phase = self.desk.phase("the TCP connection", self.limits.tcp);
            match connect(address, || self.desk.check(Some(phase))) {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    stream.set_read_timeout(Some(SLICE))?;
                    stream.set_write_timeout(Some(SLICE))?;
                    return Ok(stream);
                }
                Err(error) => {
                    if self.desk.turn.lock().failure.is_some() {
                        return Err(error);
                    }
                    last = Some(error);
                }
            }
        }
        Err(self.desk.fail(TransportErrorKind::Connect, last))
    }
}

/// A connection under the HTTP library.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    tls: Option<ClientConnection>,
    buffers: LazyBuffers,
    desk: Arc<Desk>,
}

impl Wire {
    fn shake_hands(
        &mut self,
        config: Arc<ClientConfig>,
        host: &str,
        limit: Duration,
    ) -> io::Result<()> {
        let phase = self.desk.phase("the TLS handshake", limit);
        let none = |cause| self.desk.fail(TransportErrorKind::Tls, Some(cause));
        let name =
            ServerName::try_from(host.to_owned()).map_err(|error| none(io::Error::other(error)))?;
        let mut tls =
            ClientConnection::new(config, name).map_err(|error| none(io::Error::other(error)))?;
        while tls.is_handshaking() || tls.wants_write() {
            self.desk.check(Some(phase))?;
            if tls.wants_write() {
                retry(tls.write_tls(&mut self.stream)).map_err(none)?;
            } else if tls.wants_read() {
                match retry(tls.read_tls(&mut self.stream)).map_err(none)? {
                    None => continue,
                    Some(0) => return Err(none(io::ErrorKind::UnexpectedEof.into())),
                    Some(_) => {}
                }
                if let Err(error) = tls.process_new_packets() {
                    // The server is told why, if it still listens.
                    let _ = tls.write_tls(&mut self.stream);
                    return Err(self.refused(error));
                }
            }
        }
        self.tls = Some(tls);
        Ok(())
    }

    fn refused(&self, error: rustls::Error) -> io::Error {
        let kind = match RefusedCertificate::of(&error) {
            Some(refused) => TransportErrorKind::Certificate {
                fingerprint: refused.fingerprint,
            },
            None => TransportErrorKind::Tls,
        };
        let cause = match RefusedCertificate::of(&error) {
            Some(refused) => io::Error::other(refused.clone()),
            None => io::Error::other(error),
        };
        self.desk.fail(kind, Some(cause))
    }

    /// Reads some of the answer; 0 bytes at its end.
    fn read(&mut self) -> io::Result<usize> {
        loop {
            self.desk.check(None)?;
            let room = self.buffers.input_append_buf();
            let Some(tls) = &mut self.tls else {
                match retry(self.stream.read(room))? {
                    Some(amount) => return Ok(amount),
                    None => continue,
                }
            };
            match tls.reader().read(room) {
                Ok(amount) => return Ok(amount),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
            // No more than a flight of packets is written here, after an update of keys.
            while tls.wants_write() {
                self.desk.check(None)?;
                retry(tls.write_tls(&mut self.stream))?;
            }
            if retry(tls.read_tls(&mut self.stream))?.is_some() {
                tls.process_new_packets().map_err(io::Error::other)?;
            }
        }
    }

    fn write(&mut self, amount: usize) -> io::Result<()> {
        let mut from = 0;
        while from < amount {
            self.desk.check(None)?;
            self.desk.turn.lock().sent = true;
            let rest = &self.buffers.output()[from..amount];
            let Some(tls) = &mut self.tls else {
                from += retry(self.stream.write(rest))?.unwrap_or(0);
                continue;
            };
            from += tls.writer().write(rest)?;
            while tls.wants_write() {
                self.desk.check(None)?;
                retry(tls.write_tls(&mut self.stream))?;
            }
        }
        Ok(())
    }

    /// Whether a connection that nobody used for a while can take a call.
    fn is_quiet(&mut self) -> io::Result<bool> {
        let Some(tls) = &mut self.tls else {
            let mut byte = [0];
            return Ok(retry(self.stream.read(&mut byte))?.is_none());
        };
        // The server may have sent tickets for later sessions.
        while let Some(amount) = retry(tls.read_tls(&mut self.stream))? {
            let state = tls.process_new_packets().map_err(io::Error::other)?;
            if amount == 0 || state.peer_has_closed() || state.plaintext_bytes_to_read() > 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// `None` if there was nothing to do within a slice.
fn retry(result: io::Result<usize>) -> io::Result<Option<usize>> {
    match result {
        Ok(amount) => Ok(Some(amount)),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

impl Transport for Wire {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        Ok(self.write(amount)?)
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        let amount = self.read()?;
        if amount > 0 {
            self.desk.turn.lock().received = true;
        }
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        if self.stream.set_nonblocking(true).is_err() {
            return false;
        }
        let quiet = self.is_quiet().unwrap_or(false);
        quiet && self.stream.set_nonblocking(false).is_ok()
    }

    fn is_tls(&self) -> bool {
        self.tls.is_some()
    }
}
