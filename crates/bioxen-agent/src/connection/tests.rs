//! What the tests of connections share: a client and a server over a pair of sockets, and scripts for either end alone.

mod broken;
mod calls;
mod hostile;
mod limits;
mod meeting;

use std::io::{self, Cursor, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread;

use parking_lot::Mutex;

use super::*;
use crate::error::ProtocolError;
use crate::frame::{Frame, FrameDecoder, FrameEncoder, FrameKind, OpId};
use crate::hello::{AgentHello, ClientHello, MAGIC, Nonce, write_agent, write_client};

fn op(number: u8) -> OpId {
    OpId::new([number; 16]).unwrap()
}

fn client_hello() -> ClientHello {
    ClientHello::new("bioxen", "0.1.0", Nonce::new([9; 16]))
}

fn agent_hello() -> AgentHello {
    AgentHello::new("0.1.0")
}

/// Runs both ends, each in its thread.
fn connect(hello: &AgentHello, serve: impl FnOnce(Server) + Send, ask: impl FnOnce(Client)) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    thread::scope(|scope| {
        scope.spawn(move || {
            serve(Server::accept(theirs.try_clone().unwrap(), theirs, hello).unwrap());
        });
        let read = ours.try_clone().unwrap();
        ask(Client::open(read, ours, &client_hello()).unwrap());
    });
}

#[track_caller]
fn next_request(server: &mut Server) -> (Vec<u8>, Vec<u8>, Responder) {
    match server.receive().unwrap() {
        Incoming::Request {
            request,
            body,
            responder,
        } => (request, body, responder),
        other => panic!("{other:?}"),
    }
}

/// The bytes that one side sends.
struct Script {
    bytes: Vec<u8>,
    encoder: FrameEncoder,
}

impl Script {
    fn new(hello: &[u8]) -> Self {
        let script = Self {
            bytes: MAGIC.to_vec(),
            encoder: FrameEncoder::new(),
        };
        script.frame(FrameKind::Hello, None, hello)
    }

    fn client() -> Self {
        Self::new(&write_client(&client_hello()).unwrap())
    }

    fn agent() -> Self {
        Self::new(&write_agent(&agent_hello(), client_hello().nonce).unwrap())
    }

    fn frame(mut self, kind: FrameKind, op: Option<OpId>, payload: &[u8]) -> Self {
        self.encoder
            .encode(kind, op, payload, &mut self.bytes)
            .unwrap();
        self
    }

    fn of(self, kind: FrameKind, number: u8, payload: &[u8]) -> Self {
        self.frame(kind, Some(op(number)), payload)
    }

    /// An end frame for these streams.
    fn end(self, number: u8, status: Option<&str>, streams: &[(Stream, &[u8])]) -> Self {
        let streams: Vec<String> = streams
            .iter()
            .map(|(stream, bytes)| {
                let sum = crc32c::crc32c(bytes);
                format!(
                    "\"{stream}\":{{\"bytes\":{},\"crc32c\":{sum}}}",
                    bytes.len()
                )
            })
            .collect();
        let status = status.map_or(String::new(), |status| format!("\"status\":{status},"));
        let payload = format!("{{{status}\"streams\":{{{}}}}}", streams.join(","));
        self.of(FrameKind::End, number, payload.as_bytes())
    }

    /// A whole request.
    fn request(self, number: u8, request: &[u8]) -> Self {
        self.of(FrameKind::Request, number, request).end(
            number,
            None,
            &[(Stream::Request, request)],
        )
    }

    fn server(self) -> Server {
        self.server_to(recording(usize::MAX).0)
    }

    fn server_to(self, written: Recording) -> Server {
        Server::accept(Cursor::new(self.bytes), written, &agent_hello()).unwrap()
    }

    fn connect(self) -> Client {
        Client::open(Cursor::new(self.bytes), io::sink(), &client_hello()).unwrap()
    }
}

/// A writer that keeps what is written, and fails when it is full.
#[derive(Clone)]
struct Recording {
    bytes: Arc<Mutex<Vec<u8>>>,
    room: usize,
}

impl Write for Recording {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = self.bytes.lock();
        let length = bytes.len().min(self.room - written.len());
        if length == 0 {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        written.extend_from_slice(&bytes[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn recording(room: usize) -> (Recording, Arc<Mutex<Vec<u8>>>) {
    let bytes = Arc::default();
    let recording = Recording {
        bytes: Arc::clone(&bytes),
        room,
    };
    (recording, bytes)
}

/// The frames that were written after the hello.
fn frames(bytes: &Mutex<Vec<u8>>) -> Vec<Frame> {
    let mut decoder = FrameDecoder::new();
    decoder.feed(bytes.lock().strip_prefix(&MAGIC[..]).unwrap());
    let mut frames = Vec::new();
    while let Some(frame) = decoder.next_frame().unwrap() {
        frames.push(frame);
    }
    decoder.finish().unwrap();
    assert_eq!(frames.remove(0).kind, FrameKind::Hello);
    frames
}

/// The reason inside of an unknown outcome.
#[track_caller]
fn unknown(result: Result<Reply, ProtocolError>, of: OpId) -> ProtocolError {
    match result {
        Err(ProtocolError::OutcomeUnknown { op, source }) => {
            assert_eq!(op, of);
            *source
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn both_ends_can_move_to_other_threads() {
    fn check<T: Send>() {}
    fn check_shared<T: Send + Sync>() {}
    check::<Client>();
    check::<Server>();
    check_shared::<Signals>();
    check_shared::<Responder>();
    check_shared::<ProtocolError>();
}
