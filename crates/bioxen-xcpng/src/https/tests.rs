//! The client against real sockets on loopback.

mod http;
mod redirect;
mod tls;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use bioxen_core::CancelToken;

use super::{Dial, Endpoint, HttpsDial, HttpsLimits, PlainHttp, Transport, TransportError, Trust};
use crate::wait::{Deadline, SystemTimer, Timer};

/// What the client sends.
const BODY: &[u8] = b"<methodCall>canary-password</methodCall>";

/// A server socket and the address of it.
fn listen(scheme: &str) -> (TcpListener, Endpoint) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let url = format!("{scheme}://127.0.0.1:{port}");
    let endpoint = Endpoint::parse(&url, PlainHttp::AllowedLoudly).expect("it is an endpoint");
    (listener, endpoint)
}

fn timer() -> Arc<dyn Timer> {
    Arc::new(SystemTimer::new())
}

fn open(endpoint: &Endpoint, trust: Trust, limits: HttpsLimits) -> Box<dyn Transport> {
    HttpsDial::new(trust, limits, timer())
        .expect("there is somebody to trust")
        .open(endpoint)
        .expect("it opens later")
}

/// Posts with a deadline that a busy machine keeps.
fn post(transport: &mut dyn Transport) -> Result<Vec<u8>, TransportError> {
    post_within(transport, Duration::from_secs(20))
}

fn post_within(transport: &mut dyn Transport, limit: Duration) -> Result<Vec<u8>, TransportError> {
    // Clocks of all timers run alike, and their origins differ by less than a test takes.
    let deadline = Deadline::new("the call", limit, &SystemTimer::new());
    transport.post(BODY, deadline, &CancelToken::new())
}

/// Reads a request, head and body; what there is of it if the client leaves.
fn read_request(stream: &mut impl Read) -> Vec<u8> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(head) = request.windows(4).position(|four| four == b"\r\n\r\n")
            && request.len() >= head + 4 + BODY.len()
        {
            return request;
        }
        match stream.read(&mut buffer) {
            Ok(amount) if amount > 0 => request.extend_from_slice(&buffer[..amount]),
            _ => return request,
        }
    }
}

fn respond(stream: &mut impl Write, body: &str) {
    let response = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\ncontent-type: text/xml\r\n\r\n{body}",
        body.len()
    );
    // The client may have left.
    let _ = stream.write_all(response.as_bytes());
    let _ = stream.flush();
}
