//! The TCP connection.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::Duration;

use bioxen_core::CancelToken;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, ioctl_fionbio};
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, socket_with, sockopt};

use super::error::SshError;
use crate::wait::{Deadline, Timer};

/// How soon a raised token and the end of a step are noticed.
pub(super) const NOTICE: Duration = Duration::from_millis(20);

/// Connects, unless that is called off or takes too long; the socket does not block.
pub(super) fn dial(
    address: SocketAddr,
    deadline: Deadline,
    timer: &dyn Timer,
    cancel: &CancelToken,
) -> Result<TcpStream, SshError> {
    let refused = |source: Errno| SshError::Refused {
        address,
        source: source.into(),
    };
    let family = match address {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    };
    let socket = socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC, None);
    let socket = socket.map_err(refused)?;
    ioctl_fionbio(&socket, true).map_err(refused)?;
    // Small packets leave at once: a command is answered in a tenth of the time.
    sockopt::set_tcp_nodelay(&socket, true).map_err(refused)?;
    keep_alive(&socket).map_err(refused)?;
    match connect(&socket, &address) {
        Ok(()) => return Ok(socket.into()),
        Err(Errno::INPROGRESS | Errno::INTR) => {}
        Err(error) => return Err(refused(error)),
    }
    loop {
        let span = remaining(address, deadline, timer, cancel)?;
        let mut ends = [PollFd::new(&socket, PollFlags::OUT)];
        if wait(&mut ends, span).map_err(refused)? {
            sockopt::socket_error(&socket)
                .and_then(|error| error)
                .map_err(refused)?;
            return Ok(socket.into());
        }
    }
}

/// Has the system find out, in half a minute, that a guest is gone which said nothing of it.
fn keep_alive(socket: &OwnedFd) -> Result<(), Errno> {
    const QUIET: Duration = Duration::from_secs(15);
    const EACH: Duration = Duration::from_secs(5);
    sockopt::set_socket_keepalive(socket, true)?;
    sockopt::set_tcp_keepidle(socket, QUIET)?;
    sockopt::set_tcp_keepintvl(socket, EACH)?;
    sockopt::set_tcp_keepcnt(socket, 3)
}

/// How long may be waited now, or why nothing is to be waited for.
pub(super) fn remaining(
    address: SocketAddr,
    deadline: Deadline,
    timer: &dyn Timer,
    cancel: &CancelToken,
) -> Result<Duration, SshError> {
    if cancel.is_cancelled() {
        let step = deadline.step();
        return Err(SshError::Cancelled { step });
    }
    let left = deadline.left(timer);
    let left = left.map_err(|overdue| SshError::overdue(address, overdue))?;
    Ok(left.min(NOTICE))
}

/// Waits until one of the ends has something, or a span is over; says whether one has.
pub(super) fn wait(ends: &mut [PollFd<'_>], span: Duration) -> Result<bool, Errno> {
    let span = Timespec::try_from(span).unwrap_or_default();
    match poll(ends, Some(&span)) {
        Ok(count) => Ok(count > 0),
        Err(Errno::INTR) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Waits for a socket to be readable, or writable too.
pub(super) fn wait_for(socket: &TcpStream, writable: bool, span: Duration) -> io::Result<()> {
    let mut flags = PollFlags::IN;
    if writable {
        flags |= PollFlags::OUT;
    }
    wait(&mut [PollFd::new(socket, flags)], span)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::net::{SocketAddr, TcpListener};
    use std::os::fd::AsFd;
    use std::time::Duration;

    use bioxen_core::CancelToken;

    use super::{SshError, dial};
    use crate::wait::{Deadline, SystemTimer, Timer};

    const LIMIT: Duration = Duration::from_millis(100);

    fn connect(address: SocketAddr, cancel: &CancelToken) -> Result<(), SshError> {
        let timer = SystemTimer::new();
        let deadline = Deadline::new("a connection", LIMIT, &timer);
        dial(address, deadline, &timer, cancel).map(drop)
    }

    #[test]
    fn a_connection_is_taken_or_refused() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let timer = SystemTimer::new();
        let deadline = Deadline::new("a connection", Duration::from_secs(60), &timer);
        let socket = dial(address, deadline, &timer, &CancelToken::new()).unwrap();
        assert!(socket.nodelay().unwrap());
        drop(listener);
        let refused = dial(address, deadline, &timer, &CancelToken::new());
        assert!(
            matches!(refused, Err(SshError::Refused { .. })),
            "{refused:?}"
        );
    }

    /// A listener that answers nobody, as its queue is full.
    fn silent() -> (TcpListener, Vec<std::net::TcpStream>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        rustix::net::listen(listener.as_fd(), 0).unwrap();
        let address = listener.local_addr().unwrap();
        let mut taken = Vec::new();
        while let Ok(socket) = std::net::TcpStream::connect_timeout(&address, LIMIT) {
            taken.push(socket);
            assert!(taken.len() < 64, "the queue is never full");
        }
        (listener, taken)
    }

    #[test]
    fn silence_ends_with_the_limit_or_the_token() {
        let (listener, _taken) = silent();
        let address = listener.local_addr().unwrap();
        let timer = SystemTimer::new();
        let begin = timer.now();
        let late = connect(address, &CancelToken::new());
        match late {
            Err(SshError::TimedOut { step, limit, .. }) => {
                assert_eq!((step, limit), ("a connection", LIMIT));
            }
            other => panic!("{other:?}"),
        }
        assert!(timer.now() - begin >= LIMIT);
        let cancel = CancelToken::new();
        cancel.cancel();
        let off = connect(address, &cancel);
        assert!(matches!(off, Err(SshError::Cancelled { .. })), "{off:?}");
    }
}
