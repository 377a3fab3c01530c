//! Bytes between a connection, such as one over SSH, and the daemon.
//!
//! What goes through is neither looked at nor changed.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::thread::Builder;

use bioxen_agent::Place;

use crate::agent::rouse;
use crate::failure::Failure;

/// Passes standard input to the daemon and its answers to standard output, until either side ends.
pub(crate) fn run(place: &Place) -> Result<ExitCode, Failure> {
    let socket = match UnixStream::connect(place.socket()) {
        Ok(socket) => socket,
        Err(_) => {
            // It says why there is no daemon better than a socket can.
            rouse(place)?;
            UnixStream::connect(place.socket()).map_err(|source| Failure::Relay { source })?
        }
    };
    pass_on(socket).map_err(|source| Failure::Relay { source })?;
    Ok(ExitCode::SUCCESS)
}

fn pass_on(mut socket: UnixStream) -> io::Result<()> {
    // Not buffered, unlike the streams of the standard library.
    let mut input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    let mut requests = socket.try_clone()?;
    #[expect(
        clippy::disallowed_methods,
        reason = "it waits for standard input, which nothing but the end of the process interrupts; that ends it"
    )]
    Builder::new().name("requests".to_owned()).spawn(move || {
        // A daemon that takes no more has closed, or a client that can no longer be read has gone: both are an end.
        let _ = copy(&mut input, &mut requests);
        let _ = requests.shutdown(Shutdown::Write);
    })?;
    match copy(&mut socket, &mut output) {
        // The client went away.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        // The daemon went away.
        Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Ok(()),
        other => other,
    }
}

/// Passes bytes on as they come, until there are no more.
fn copy(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    const PIECE: usize = 64 << 10;
    let mut piece = vec![0; PIECE];
    loop {
        match from.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(length) => to.write_all(&piece[..length])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};

    use super::copy;

    /// Gives a byte at a time, interrupted before each.
    struct Slow<'a>(&'a [u8], bool);

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let length = self.0.len().min(1);
            self.0.read(&mut into[..length])
        }
    }

    #[test]
    fn all_bytes_come_through_as_they_are() {
        let bytes: Vec<u8> = (0..=255).cycle().take(1000).collect();
        let mut passed = Vec::new();
        copy(&mut Slow(&bytes, false), &mut passed).unwrap();
        assert_eq!(passed, bytes);
    }
}
