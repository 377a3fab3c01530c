//! The TCP connection.

use std::io;
use std::net::{SocketAddr, TcpStream};
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
