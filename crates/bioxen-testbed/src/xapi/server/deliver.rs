//! Answers to the wire, whole or as a fault wants them.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};

use nix::sys::socket::{setsockopt, sockopt};

use super::connection::{Connection, Line};
use super::http;
use crate::xapi::fault::Delivery;

/// What becomes of the connection after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// The next request may come.
    Next,
    /// It is closed.
    Close,
    /// It was reset already.
    Reset,
}

/// Makes the end of a connection a reset.
pub(super) fn reset(stream: &TcpStream) {
    let linger = nix::libc::linger {
        l_onoff: 1,
        l_linger: 0,
    };
    // Without it the client sees an end rather than a reset, which is about as bad.
    let _ = setsockopt(stream, sockopt::Linger, &linger);
}

pub(super) fn deliver(
    out: &mut Box<dyn Line>,
    raw: &TcpStream,
    body: &[u8],
    delivery: Delivery,
    keeps: bool,
    connection: &Connection,
) -> io::Result<After> {
    let length = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    match delivery {
        Delivery::Whole => {
            let mut whole = http::answer_head(length(body), keeps);
            whole.extend_from_slice(body);
            out.write_all(&whole)?;
            out.flush()?;
            Ok(After::Next)
        }
        Delivery::Silence => {
            // Until the client gives up, or the server is dropped.
            drain(out)?;
            Ok(After::Close)
        }
        Delivery::Reset => {
            reset(raw);
            Ok(After::Reset)
        }
        Delivery::Refuse(connections) => {
            connection.gate().refuse(connections);
            reset(raw);
            Ok(After::Reset)
        }
        Delivery::Drip => {
            let mut whole = http::answer_head(length(body), keeps);
            whole.extend_from_slice(body);
            for byte in whole {
                out.write_all(&[byte])?;
                out.flush()?;
                if !pause(connection) {
                    return Ok(After::Close);
                }
            }
            Ok(After::Next)
        }
        Delivery::Cut(bytes) => {
            out.write_all(&http::answer_head(length(body), keeps))?;
            out.write_all(&body[..bytes.min(body.len())])?;
            out.flush()?;
            raw.shutdown(Shutdown::Write)?;
            Ok(After::Close)
        }
        Delivery::Garbage => {
            let garbage = b"\x00\xFF}{ this is not what you asked for <methodResponse";
            out.write_all(&http::answer_head(length(garbage), keeps))?;
            out.write_all(garbage)?;
            out.flush()?;
            Ok(After::Next)
        }
        Delivery::Huge(bytes) => {
            let start = b"<?xml version=\"1.0\"?><methodResponse><params><param><value>";
            out.write_all(&http::answer_head(bytes.max(length(start)), keeps))?;
            out.write_all(start)?;
            let mut left = bytes.saturating_sub(length(start));
            let block = [b'a'; 16 * 1024];
            while left > 0 && !connection.shared().stops() {
                let now = usize::try_from(left).unwrap_or(usize::MAX).min(block.len());
                out.write_all(&block[..now])?;
                left -= length(&block[..now]);
            }
            out.flush()?;
            Ok(After::Next)
        }
        Delivery::Unavailable => {
            out.write_all(&http::page("503 Service Unavailable", "Try later."))?;
            out.flush()?;
            Ok(After::Close)
        }
    }
}

/// Lets the time between two bytes pass; false if the server stops.
fn pause(connection: &Connection) -> bool {
    let shared = connection.shared();
    let end = shared.time.real().saturating_add(shared.drip);
    let mut pool = shared.pool.lock();
    while !shared.stops() {
        let left = end.saturating_sub(shared.time.real());
        if left.is_zero() {
            return true;
        }
        shared.changed.wait_for(&mut pool, left);
    }
    false
}

/// Reads what the client still sends, so that it reads the answer before it sees the end.
pub(super) fn drain(line: &mut Box<dyn Line>) -> io::Result<()> {
    let mut block = [0; 4096];
    while line.read(&mut block)? > 0 {}
    Ok(())
}
