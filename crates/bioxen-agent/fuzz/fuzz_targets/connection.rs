//! Any bytes as the other end of a connection: as they are, and as the content of frames with right checksums.

#![no_main]

use std::io::{Cursor, sink};

use bioxen_agent::{
    AgentHello, Client, ClientHello, Frame, FrameEncoder, FrameKind, Incoming, Nonce, OpId,
    ProtocolError, Server,
};
use libfuzzer_sys::fuzz_target;

const MAGIC: &[u8] = b"\x8bBIOXEN\r\n\x1a\n\0";
const CLIENT: &[u8] = br#"{"protocol":{"major":1,"minor":0},"program":"p","version":"1","nonce":"01010101010101010101010101010101"}"#;
const AGENT: &[u8] = br#"{"protocol":{"major":1,"minor":0},"agent_version":"1","nonce":"01010101010101010101010101010101","limits":{"request":1000,"body":2000,"operations":2}}"#;

fuzz_target!(|bytes: &[u8]| {
    serve(bytes.to_vec());
    ask(bytes.to_vec());
    serve(framed(CLIENT, bytes));
    ask(framed(AGENT, bytes));
    serve(hello(bytes));
    ask(hello(bytes));
});

fn op(number: u8) -> OpId {
    OpId::new([number; 16]).expect("not all zero")
}

/// Receives until the end; after an error there are only errors.
fn serve(bytes: Vec<u8>) {
    let Ok(mut server) = Server::accept(Cursor::new(bytes), sink(), &AgentHello::new("1")) else {
        return;
    };
    loop {
        match server.receive() {
            Ok(Incoming::Eof) => return,
            Ok(Incoming::Request {
                responder, request, ..
            }) => {
                let _ = responder.answer(&request);
            }
            Ok(_) => {}
            Err(_) => {
                assert!(matches!(
                    server.receive(),
                    Err(ProtocolError::Broken { .. })
                ));
                return;
            }
        }
    }
}

/// Calls until it fails, as it must when the bytes are used up.
fn ask(bytes: Vec<u8>) {
    let hello = ClientHello::new("p", "1", Nonce::new([1; 16]));
    let Ok(mut client) = Client::open(Cursor::new(bytes), sink(), &hello) else {
        return;
    };
    while !matches!(
        client.call(op(1), b"x", b""),
        Err(ProtocolError::Broken { .. })
    ) {}
}

/// Frames of which each takes a byte for its kind and operation, one for its length, and its payload.
fn framed(hello: &[u8], mut bytes: &[u8]) -> Vec<u8> {
    let mut encoder = FrameEncoder::new();
    let mut stream = MAGIC.to_vec();
    let mut push = |kind, op, payload: &[u8]| {
        let payload = &payload[..payload.len().min(Frame::MAX_PAYLOAD)];
        encoder
            .encode(kind, op, payload, &mut stream)
            .expect("a frame as it should be");
    };
    push(FrameKind::Hello, None, hello);
    while let [what, length, rest @ ..] = bytes {
        let kind = FrameKind::ALL[usize::from(what >> 4) % FrameKind::ALL.len()];
        let (payload, rest) = rest.split_at(rest.len().min(usize::from(*length)));
        push(kind, kind.has_op().then(|| op(1 + what % 2)), payload);
        bytes = rest;
    }
    stream
}

/// A stream whose hello is these bytes.
fn hello(bytes: &[u8]) -> Vec<u8> {
    framed(&bytes[..bytes.len().min(Frame::MAX_PAYLOAD)], &[])
}
