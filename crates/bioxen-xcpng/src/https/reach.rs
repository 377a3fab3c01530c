//! Names of hosts become addresses, and addresses become sockets, in ways that can be called off.

use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::{Arc, mpsc};

use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::client::HttpsLimits;
use super::error::TransportErrorKind;
use super::wire::{Desk, SLICE};

/// How many addresses of a name are tried.
const MOST_ADDRESSES: usize = 4;

/// Finds addresses of names, in a way that can be called off.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) desk: Arc<Desk>,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) limits: HttpsLimits,
}

impl Resolver for Names {
    fn resolve(
        &self,
        _: &ureq::http::Uri,
        _: &ureq::config::Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut addresses = self.empty();
        for address in self.look_up()?.into_iter().take(MOST_ADDRESSES) {
            addresses.push(address);
        }
        Ok(addresses)
    }
}

impl Names {
    fn look_up(&self) -> io::Result<Vec<SocketAddr>> {
        if let Ok(address) = self.host.parse() {
            return Ok(vec![SocketAddr::new(address, self.port)]);
        }
        let phase = self
            .desk
            .phase("the look-up of the host's name", self.limits.tcp);
        let none = |cause| self.desk.fail(TransportErrorKind::Resolve, cause);
        let (sender, receiver) = mpsc::channel();
        let wanted = (self.host.clone(), self.port);
        look_up_aside(wanted, sender).map_err(|error| none(Some(error)))?;
        loop {
            self.desk.check(Some(phase))?;
            match receiver.recv_timeout(SLICE) {
                Ok(Ok(addresses)) if !addresses.is_empty() => return Ok(addresses),
                Ok(Ok(_)) | Err(mpsc::RecvTimeoutError::Disconnected) => return Err(none(None)),
                Ok(Err(error)) => return Err(none(Some(error))),
                Err(mpsc::RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

/// Asks the system for addresses on a thread of its own.
#[expect(
    clippy::disallowed_methods,
    reason = "the system's look-up cannot be called off: the thread ends with it, some seconds later, and holds nothing"
)]
fn look_up_aside(
    (host, port): (String, u16),
    sender: mpsc::Sender<io::Result<Vec<SocketAddr>>>,
) -> io::Result<()> {
    std::thread::Builder::new()
        .name("bioxen-look-up".to_owned())
        .spawn(move || {
            let found = (host.as_str(), port)
                .to_socket_addrs()
                .map(Iterator::collect);
            // Whoever asked may have left.
            let _ = sender.send(found);
        })
        .map(drop)
}

/// Connects without blocking, so that it can be called off.
#[cfg(unix)]
pub(super) fn connect(
    address: &SocketAddr,
    check: impl Fn() -> io::Result<()>,
) -> io::Result<TcpStream> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::Errno;
    use rustix::net::{AddressFamily, SocketType, socket, sockopt};

    let family = match address {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    };
    let stream = TcpStream::from(socket(family, SocketType::STREAM, None)?);
    rustix::io::fcntl_setfd(&stream, rustix::io::FdFlags::CLOEXEC)?;
    stream.set_nonblocking(true)?;
    match rustix::net::connect(&stream, address) {
        Ok(()) => {}
        Err(Errno::INPROGRESS | Errno::INTR) => loop {
            check()?;
            let slice = Timespec {
                tv_sec: 0,
                tv_nsec: i64::from(SLICE.subsec_nanos()),
            };
            match poll(&mut [PollFd::new(&stream, PollFlags::OUT)], Some(&slice)) {
                Ok(0) | Err(Errno::INTR) => {}
                Ok(_) => {
                    sockopt::socket_error(&stream)??;
                    break;
                }
                Err(error) => return Err(error.into()),
            }
        },
        Err(error) => return Err(error.into()),
    }
    stream.set_nonblocking(false)?;
    Ok(stream)
}

/// Connects; it cannot be called off here.
#[cfg(not(unix))]
pub(super) fn connect(
    address: &SocketAddr,
    check: impl Fn() -> io::Result<()>,
) -> io::Result<TcpStream> {
    check()?;
    TcpStream::connect_timeout(address, std::time::Duration::from_secs(5))
}
