//! Calls as HTTP requests.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use bioxen_core::CancelToken;
use parking_lot::Mutex;
use rustls::ClientConfig;
use ureq::config::Config;

use super::endpoint::{Endpoint, Scheme};
use super::error::{Reach, TransportError, TransportErrorKind};
use super::reach::Names;
use super::trust::{Trust, TrustError};
use super::wire::{Desk, Sockets, Turn};
use super::{Dial, Transport};
use crate::wait::{Deadline, Timer};

/// Limits of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpsLimits {
    /// For a TCP connection to an address, and for finding the addresses of a name.
    pub tcp: Duration,
    /// For a TLS handshake.
    pub tls: Duration,
    /// The longest answer, bytes.
    pub body: usize,
}

impl Default for HttpsLimits {
    fn default() -> Self {
        Self {
            tcp: Duration::from_secs(5),
            tls: Duration::from_secs(10),
            body: 64 * 1024 * 1024,
        }
    }
}

/// Opens connections over HTTPS, or HTTP if the endpoint says so.
#[derive(Debug)]
pub struct HttpsDial {
    tls: Arc<ClientConfig>,
    trust: Trust,
    limits: HttpsLimits,
    timer: Arc<dyn Timer>,
    /// Servers that were warned of.
    warned: Mutex<BTreeSet<Endpoint>>,
}

impl HttpsDial {
    /// For servers that show who they are in a certain way.
    ///
    /// # Errors
    ///
    /// [`TrustError`] if there is nobody to trust.
    pub fn new(
        trust: Trust,
        limits: HttpsLimits,
        timer: Arc<dyn Timer>,
    ) -> Result<Self, TrustError> {
        Ok(Self {
            tls: trust.tls()?,
            trust,
            limits,
            timer,
            warned: Mutex::new(BTreeSet::new()),
        })
    }
}

impl Dial for HttpsDial {
    fn open(&self, endpoint: &Endpoint) -> Result<Box<dyn Transport>, TransportError> {
        if matches!(self.trust, Trust::Insecure) && self.warned.lock().insert(endpoint.clone()) {
            tracing::warn!(%endpoint, "no certificate is checked: whoever is in between reads the password");
        }
        let tls = (endpoint.scheme() == Scheme::Https).then(|| Arc::clone(&self.tls));
        Ok(Box::new(Https::new(
            endpoint,
            tls,
            self.limits,
            Arc::clone(&self.timer),
        )))
    }

    fn recognizes_servers(&self) -> bool {
        match self.trust {
            // One's own authority gives certificates to one's own hosts, and each must name the address.
            Trust::Pins(_) | Trust::CaBundle(_) | Trust::CaFile(_) => true,
            // Somebody else's hosts have certificates of the authorities of the system too.
            Trust::SystemRoots | Trust::Insecure => false,
        }
    }
}

/// A connection to one server, opened when it is needed and kept for a while.
#[derive(Debug)]
struct Https {
    url: String,
    agent: ureq::Agent,
    desk: Arc<Desk>,
    limits: HttpsLimits,
}

impl Https {
    /// How long a connection is kept for another call.
    const KEPT: Duration = Duration::from_secs(30);

    fn new(
        endpoint: &Endpoint,
        tls: Option<Arc<ClientConfig>>,
        limits: HttpsLimits,
        timer: Arc<dyn Timer>,
    ) -> Self {
        let config = Config::builder()
            .proxy(None)
            .max_redirects(0)
            .http_status_as_error(false)
            .https_only(tls.is_some())
            .max_idle_connections(1)
            .max_idle_age(Self::KEPT)
            .user_agent(concat!("bioxen-xcpng/", env!("CARGO_PKG_VERSION")))
            .build();
        let desk = Arc::new(Desk {
            turn: Mutex::new(Turn::new(
                Deadline::new("nothing", Duration::ZERO, &*timer),
                CancelToken::new(),
            )),
            timer,
        });
        let host = endpoint.host().to_owned();
        let sockets = Sockets {
            desk: Arc::clone(&desk),
            host: host.clone(),
            tls,
            limits,
        };
        let names = Names {
            desk: Arc::clone(&desk),
            host,
            port: endpoint.port(),
            limits,
        };
        Self {
            url: format!("{endpoint}/"),
            agent: ureq::Agent::with_parts(config, sockets, names),
            desk,
            limits,
        }
    }

    fn exchange(&self, body: &[u8]) -> Result<Vec<u8>, Trouble> {
        let mut response = self
            .agent
            .post(&self.url)
            .content_type("text/xml")
            .send(body)
            .map_err(Trouble::Http)?;
        let code = response.status().as_u16();
        if code != 200 {
            return Err(Trouble::Kind(TransportErrorKind::Status { code }));
        }
        let limit = self.limits.body;
        let too_long = Trouble::Kind(TransportErrorKind::TooLong { limit });
        let most = u64::try_from(limit).unwrap_or(u64::MAX);
        if response.body().content_length() > Some(most) {
            return Err(too_long);
        }
        let mut answer = Vec::new();
        response
            .body_mut()
            .as_reader()
            .take(most.saturating_add(1))
            .read_to_end(&mut answer)
            .map_err(Trouble::Body)?;
        if answer.len() > limit {
            return Err(too_long);
        }
        Ok(answer)
    }
}

/// What goes wrong, as it comes.
enum Trouble {
    Http(ureq::Error),
    Body(io::Error),
    Kind(TransportErrorKind),
}

impl Transport for Https {
    fn post(
        &mut self,
        body: &[u8],
        deadline: Deadline,
        cancel: &CancelToken,
    ) -> Result<Vec<u8>, TransportError> {
        *self.desk.turn.lock() = Turn::new(deadline, cancel.clone());
        self.exchange(body)
            .map_err(|trouble| self.desk.turn.lock().judge(trouble))
    }
}

impl Turn {
    fn new(deadline: Deadline, cancel: CancelToken) -> Self {
        Self {
            deadline,
            cancel,
            sent: false,
            received: false,
            fresh: false,
            failure: None,
        }
    }

    /// Says what went wrong.
    fn judge(&mut self, trouble: Trouble) -> TransportError {
        if let Some(failure) = self.failure.take() {
            return failure;
        }
        let reach = if self.sent {
            Reach::Unknown
        } else {
            Reach::NotSent
        };
        match trouble {
            Trouble::Kind(kind) => TransportError::new(kind, reach),
            Trouble::Http(ureq::Error::Io(error)) | Trouble::Body(error) => {
                TransportError::new(self.broken(&error), reach).caused_by(error)
            }
            // What the library says of the rest quotes what came.
            Trouble::Http(_) => TransportError::new(TransportErrorKind::Protocol, reach),
        }
    }

    fn broken(&self, error: &io::Error) -> TransportErrorKind {
        match error.kind() {
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::NotConnected
            | io::ErrorKind::UnexpectedEof
                if !self.fresh && !self.received =>
            {
                TransportErrorKind::Stale
            }
            io::ErrorKind::UnexpectedEof if self.received => TransportErrorKind::Cut,
            // The body reader's word for what is not HTTP.
            io::ErrorKind::Other | io::ErrorKind::InvalidData if self.received => {
                TransportErrorKind::Protocol
            }
            _ if self.received => TransportErrorKind::Cut,
            _ => TransportErrorKind::Reset,
        }
    }
}
