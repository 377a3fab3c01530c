use std::sync::mpsc;

use super::*;

#[test]
fn a_call_brings_everything_back() {
    let request = vec![b'r'; 100_000];
    let body = vec![b'b'; 2_500_000];
    connect(
        &agent_hello(),
        |mut server| {
            assert_eq!(*server.client(), client_hello());
            let (request, body, responder) = next_request(&mut server);
            assert_eq!((request.len(), body.len()), (100_000, 2_500_000));
            assert_eq!(responder.op(), op(1));
            responder.stdout(b"half a ").unwrap();
            responder.answer(&request).unwrap();
            responder.beat().unwrap();
            responder.stderr(b"oh").unwrap();
            responder.stdout(b"line\n").unwrap();
            responder.body(&body).unwrap();
            responder.end(EndStatus::Exit(3)).unwrap();

            let (request, body, responder) = next_request(&mut server);
            assert!(request.is_empty() && body.is_empty());
            responder.end(EndStatus::Signal(9)).unwrap();
            assert!(matches!(server.receive(), Ok(Incoming::Bye)));
            assert!(matches!(server.receive(), Ok(Incoming::Eof)));
        },
        |mut client| {
            assert_eq!(*client.agent(), agent_hello());
            let reply = client.call(op(1), &request, &body).unwrap();
            assert_eq!(reply.status, EndStatus::Exit(3));
            assert_eq!((reply.answer, reply.body), (request.clone(), body.clone()));
            assert_eq!(reply.stdout, b"half a line\n");
            assert_eq!(reply.stderr.to_string(), "oh");

            let reply = client.call(op(2), b"", b"").unwrap();
            assert_eq!(reply.status, EndStatus::Signal(9));
            assert!(reply.answer.is_empty() && reply.stdout.is_empty());
            client.close().unwrap();
        },
    );
}

#[test]
fn a_call_is_cancelled_from_another_thread() {
    let (begun, has_begun) = mpsc::channel();
    connect(
        &agent_hello(),
        |mut server| {
            let (_, _, responder) = next_request(&mut server);
            begun.send(()).unwrap();
            assert!(matches!(server.receive(), Ok(Incoming::Beat)));
            assert!(
                matches!(server.receive(), Ok(Incoming::Cancel(cancelled)) if cancelled == op(1))
            );
            responder.end(EndStatus::Cancelled).unwrap();
            // The other cancel came after the end, and is for the agent to ignore.
            assert!(
                matches!(server.receive(), Ok(Incoming::Cancel(cancelled)) if cancelled == op(1))
            );
            let (_, _, responder) = next_request(&mut server);
            responder.end(EndStatus::Exit(0)).unwrap();
        },
        |mut client| {
            let signals = client.signals();
            let other = signals.clone();
            thread::scope(|scope| {
                scope.spawn(move || {
                    has_begun.recv().unwrap();
                    other.beat().unwrap();
                    other.cancel(op(1)).unwrap();
                });
                let reply = client.call(op(1), b"wait", b"").unwrap();
                assert_eq!(reply.status, EndStatus::Cancelled);
            });
            signals.cancel(op(1)).unwrap();
            assert_eq!(
                client.call(op(2), b"go", b"").unwrap().status,
                EndStatus::Exit(0)
            );
        },
    );
}

#[test]
fn both_streams_bring_64_mib_at_once() {
    const LENGTH: usize = 64 << 20;
    const PIECE: usize = 100_000;
    /// Byte `index` of a stream, with a period that no piece has.
    fn pattern(seed: usize) -> Vec<u8> {
        let period: Vec<u8> = (0..9_973)
            .map(|index| ((index * 31 + seed) % 251).to_le_bytes()[0])
            .collect();
        period.repeat(LENGTH / period.len() + 1)[..LENGTH].to_vec()
    }
    let (out, err) = (pattern(1), pattern(2));
    connect(
        &agent_hello(),
        |mut server| {
            let (_, _, responder) = next_request(&mut server);
            thread::scope(|scope| {
                scope.spawn(|| {
                    out.chunks(PIECE)
                        .for_each(|piece| responder.stdout(piece).unwrap())
                });
                scope.spawn(|| {
                    err.chunks(PIECE)
                        .for_each(|piece| responder.stderr(piece).unwrap())
                });
            });
            responder.end(EndStatus::Exit(0)).unwrap();
        },
        |client| {
            let caps = ReplyCaps {
                stderr: LENGTH,
                ..ReplyCaps::default()
            };
            let reply = client.with_caps(caps).call(op(1), b"shout", b"").unwrap();
            // Not `assert_eq`, which would print all of it.
            assert!(reply.stdout == out);
            assert!(reply.stderr.head() == err);
            assert_eq!(reply.stderr.left_out(), 0);
        },
    );
}

#[test]
fn operations_are_answered_in_any_order() {
    let (written, bytes) = recording(usize::MAX);
    let mut server = Script::client()
        .request(1, b"one")
        .request(2, b"two")
        .server_to(written);
    let (one, _, first) = next_request(&mut server);
    let (two, _, second) = next_request(&mut server);
    assert_eq!((&one[..], &two[..]), (&b"one"[..], &b"two"[..]));
    second.stdout(b"2").unwrap();
    first.stdout(b"1").unwrap();
    second.answer(b"{}").unwrap();
    second.end(EndStatus::Exit(0)).unwrap();
    first.end(EndStatus::Cancelled).unwrap();
    assert!(matches!(server.receive(), Ok(Incoming::Eof)));
    let shown: Vec<String> = frames(&bytes)
        .iter()
        .map(|frame| {
            let number = frame.op.unwrap().bytes()[0];
            format!(
                "{number} {} {}",
                frame.kind,
                String::from_utf8_lossy(&frame.payload)
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "2 stdout 2",
            "1 stdout 1",
            "2 answer {}",
            "2 end {\"status\":{\"exit\":0},\"streams\":{\"answer\":{\"bytes\":2,\"crc32c\":695980202},\"stdout\":{\"bytes\":1,\"crc32c\":2208655895}}}",
            "1 end {\"status\":\"cancelled\",\"streams\":{\"stdout\":{\"bytes\":1,\"crc32c\":2432014819}}}",
        ]
    );
}

#[test]
fn a_cancel_in_the_middle_of_a_request_comes_after_it() {
    let mut server = Script::client()
        .of(FrameKind::Request, 1, b"o")
        .of(FrameKind::Cancel, 1, b"")
        .of(FrameKind::Cancel, 2, b"")
        .of(FrameKind::Request, 1, b"ne")
        .frame(FrameKind::Beat, None, b"")
        .of(FrameKind::Body, 1, b"body")
        .end(
            1,
            None,
            &[(Stream::Request, b"one"), (Stream::Body, b"body")],
        )
        .server();
    assert!(matches!(server.receive(), Ok(Incoming::Cancel(other)) if other == op(2)));
    assert!(matches!(server.receive(), Ok(Incoming::Beat)));
    let (request, body, responder) = next_request(&mut server);
    assert_eq!((&request[..], &body[..]), (&b"one"[..], &b"body"[..]));
    assert!(matches!(server.receive(), Ok(Incoming::Cancel(cancelled)) if cancelled == op(1)));
    assert!(matches!(server.receive(), Ok(Incoming::Eof)));
    // A client that has said all may still listen.
    responder.end(EndStatus::Cancelled).unwrap();
}

#[test]
fn an_operation_that_the_agent_loses_has_an_unknown_outcome() {
    connect(
        &agent_hello(),
        |mut server| {
            let (_, _, responder) = next_request(&mut server);
            responder.stdout(b"begun").unwrap();
            drop(responder);
            let (_, _, responder) = next_request(&mut server);
            responder.end(EndStatus::Exit(0)).unwrap();
        },
        |mut client| {
            let lost = unknown(client.call(op(1), b"x", b""), op(1));
            assert!(matches!(lost, ProtocolError::Lost));
            // The connection is not harmed, and the operation can be asked for again.
            assert_eq!(
                client.call(op(1), b"x", b"").unwrap().status,
                EndStatus::Exit(0)
            );
        },
    );
}
