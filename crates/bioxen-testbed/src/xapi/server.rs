//! The pool behind real sockets: one listener for each host, HTTP/1.1, plain or over TLS.

mod clock;
mod connection;
mod deliver;
mod http;
mod identity;
mod listener;
mod seen;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use thiserror::Error;

pub use identity::Identity;
pub use seen::{Seen, SeenRequest};

use super::pool::Pool;
use clock::Clock;
use identity::Tls;
use listener::Listener;

/// How a server listens.
#[derive(Clone, Debug)]
pub struct ServerSpec {
    /// The port of all hosts, each at its own address as the pool tells it; 0 stands for a free one.
    ///
    /// A client that is sent from a member to the master finds it at the same port.
    /// Hosts whose address is none of this machine listen at 127.0.0.1, and all but the first of the same address at ports of their own.
    pub port: u16,
    /// The certificates of the hosts, in their order; without any, the server speaks plain HTTP.
    pub identities: Vec<Identity>,
    /// What a host shows where a wrong certificate is asked for; without one, a new one is made.
    pub wrong_identity: Option<Identity>,
    /// Seconds of the pool for a second of the clock.
    pub speed: u32,
    /// Time between the bytes of an answer that drips.
    pub drip: Duration,
    /// Connections at one time; more wait.
    pub connections: usize,
}

impl ServerSpec {
    /// Plain HTTP.
    pub fn plain() -> Self {
        Self {
            port: 0,
            identities: Vec::new(),
            wrong_identity: None,
            speed: 1,
            drip: Duration::from_secs(1),
            connections: 256,
        }
    }

    /// TLS, with a certificate of its own for each host, which names the addresses from 127.0.0.1 to 127.0.0.9.
    ///
    /// # Errors
    ///
    /// A certificate cannot be made.
    pub fn tls(hosts: usize) -> Result<Self, ServerError> {
        let mut names = vec!["localhost".to_owned()];
        names.extend((1..10).map(|last| format!("127.0.0.{last}")));
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let identities: Result<Vec<Identity>, ServerError> =
            (0..hosts).map(|_| Identity::self_signed(&names)).collect();
        Ok(Self {
            identities: identities?,
            ..Self::plain()
        })
    }
}

/// A server that cannot be started.
#[derive(Debug, Error)]
pub enum ServerError {
    /// A socket.
    #[error("the simulated host cannot listen")]
    Listen(#[source] io::Error),
    /// A thread.
    #[error("a thread of the simulated host cannot be started")]
    Thread(#[source] io::Error),
    /// A certificate that cannot be made.
    #[error("a certificate cannot be made")]
    Certificate(#[from] rcgen::Error),
    /// A certificate or key that TLS does not take.
    #[error("a certificate is not usable: {0}")]
    Identity(String),
}

/// A pool that listens.
///
/// Its threads end when it is dropped, and connections are cut then.
#[derive(Debug)]
pub struct XapiServer {
    // The order of the fields is the order of their end.
    listeners: Vec<Listener>,
    clock: Clock,
    shared: Arc<Shared>,
    is_tls: bool,
}

/// What all threads share.
#[derive(Debug)]
struct Shared {
    pool: Mutex<Pool>,
    /// The pool changed, or the server stops.
    changed: Condvar,
    time: clock::Time,
    seen: Mutex<Seen>,
    stop: std::sync::atomic::AtomicBool,
    drip: Duration,
    connections: usize,
}

impl XapiServer {
    /// Starts listening.
    ///
    /// # Errors
    ///
    /// Sockets, threads or certificates are not to be had.
    pub fn start(mut pool: Pool, spec: &ServerSpec) -> Result<Self, ServerError> {
        let addresses: Vec<IpAddr> = (0..pool.host_count())
            .filter_map(|host| pool.host_address(host))
            .map(listener::own_address)
            .collect();
        let wrong = match (&spec.wrong_identity, spec.identities.is_empty()) {
            (Some(identity), _) => Some(identity.clone()),
            (None, true) => None,
            (None, false) => Some(Identity::self_signed(&["wrong.invalid"])?),
        };
        for (host, identity) in spec.identities.iter().enumerate() {
            pool.set_host_certificate(host, identity.certificate_pem());
        }
        let shared = Arc::new(Shared {
            pool: Mutex::new(pool),
            changed: Condvar::new(),
            time: clock::Time::new(spec.speed),
            seen: Mutex::new(Seen::default()),
            stop: std::sync::atomic::AtomicBool::new(false),
            drip: spec.drip,
            connections: spec.connections,
        });
        let mut listeners = Vec::new();
        let sockets = listener::bind(&addresses, spec.port).map_err(ServerError::Listen)?;
        for (host, socket) in sockets.into_iter().enumerate() {
            let tls = match (spec.identities.get(host), &wrong) {
                (Some(right), Some(wrong)) => Some(Tls::new(right, wrong)?),
                _ => None,
            };
            listeners.push(Listener::start(host, socket, tls, Arc::clone(&shared))?);
        }
        Ok(Self {
            listeners,
            clock: Clock::start(Arc::clone(&shared))?,
            is_tls: !spec.identities.is_empty(),
            shared,
        })
    }

    /// Where a host listens.
    pub fn address(&self, host: usize) -> Option<SocketAddr> {
        self.listeners.get(host).map(Listener::address)
    }

    /// The URL of a host.
    pub fn url(&self, host: usize) -> Option<String> {
        let scheme = if self.is_tls { "https" } else { "http" };
        Some(format!("{scheme}://{}", self.address(host)?))
    }

    /// Looks at the pool, or changes it, at the time it is now.
    pub fn pool<T>(&self, look: impl FnOnce(&mut Pool) -> T) -> T {
        let mut pool = self.shared.pool.lock();
        pool.advance(self.shared.time.now());
        let result = look(&mut pool);
        self.shared.changed.notify_all();
        result
    }

    /// What was seen so far.
    pub fn seen(&self) -> Seen {
        self.shared.seen.lock().clone()
    }

    /// Number of requests with a body so far.
    pub fn request_count(&self) -> u64 {
        self.shared.seen.lock().request_count
    }

    /// Waits until something holds of the pool, or a limit is over; it says whether it holds.
    pub fn wait_until(&self, limit: Duration, mut holds: impl FnMut(&mut Pool) -> bool) -> bool {
        let end = self.shared.time.real().saturating_add(limit);
        let mut pool = self.shared.pool.lock();
        loop {
            pool.advance(self.shared.time.now());
            if holds(&mut pool) {
                return true;
            }
            let left = end.saturating_sub(self.shared.time.real());
            if left.is_zero() {
                return false;
            }
            let wake = pool.wake().map(|at| self.shared.time.until(at));
            let span = wake.unwrap_or(left).min(left).max(Duration::from_millis(1));
            self.shared.changed.wait_for(&mut pool, span);
        }
    }
}

impl Drop for XapiServer {
    fn drop(&mut self) {
        self.shared
            .stop
            .store(true, std::sync::atomic::Ordering::SeqCst);
        let pool = self.shared.pool.lock();
        self.shared.changed.notify_all();
        drop(pool);
        for listener in &mut self.listeners {
            listener.stop();
        }
        self.clock.stop();
    }
}

impl Shared {
    fn stops(&self) -> bool {
        self.stop.load(std::sync::atomic::Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests;
