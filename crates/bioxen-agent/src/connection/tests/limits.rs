use proptest::prelude::*;

use super::*;
use crate::connection::reply::Collector;

fn caps() -> ReplyCaps {
    ReplyCaps {
        answer: 30,
        body: 40,
        stdout: 20,
        stderr: 10,
    }
}

#[test]
fn a_reply_over_a_cap_is_cancelled_and_the_connection_goes_on() {
    connect(
        &agent_hello(),
        |mut server| {
            for number in 1..=3 {
                let (_, _, responder) = next_request(&mut server);
                match number {
                    1 => responder.stdout(&[b'x'; 21]).unwrap(),
                    2 => responder.answer(&[b'x'; 31]).unwrap(),
                    _ => responder.body(&[b'x'; 41]).unwrap(),
                }
                assert!(
                    matches!(server.receive(), Ok(Incoming::Cancel(cancelled)) if cancelled == op(number))
                );
                // Still under way when the cancel came.
                responder.answer(&[b'x'; 100_000]).unwrap();
                responder.stdout(&[b'x'; 100_000]).unwrap();
                responder.end(EndStatus::Cancelled).unwrap();
            }
            let (_, _, responder) = next_request(&mut server);
            responder.stdout(&[b'x'; 20]).unwrap();
            responder.answer(&[b'x'; 30]).unwrap();
            responder.body(&[b'x'; 40]).unwrap();
            responder.stderr(b"0123456789abcdef").unwrap();
            responder.end(EndStatus::Exit(0)).unwrap();
        },
        |client| {
            let mut client = client.with_caps(caps());
            let expected = [
                (1, Stream::Stdout, 20),
                (2, Stream::Answer, 30),
                (3, Stream::Body, 40),
            ];
            for (number, stream, cap) in expected {
                let error = client.call(op(number), b"x", b"").unwrap_err();
                assert_eq!(
                    error.to_string(),
                    format!(
                        "the {stream} of operation {} is longer than {cap} bytes",
                        op(number)
                    )
                );
                assert!(matches!(
                    error,
                    ProtocolError::OverCap {
                        status: EndStatus::Cancelled,
                        ..
                    }
                ));
            }
            let reply = client.call(op(4), b"x", b"").unwrap();
            assert_eq!(
                (reply.stdout.len(), reply.answer.len(), reply.body.len()),
                (20, 30, 40)
            );
            assert_eq!(reply.stderr.to_string(), "01234\n[6 bytes left out]\nbcdef");
        },
    );
}

#[test]
fn a_request_that_the_agent_would_refuse_is_not_sent() {
    let mut hello = agent_hello();
    hello.limits.request = 10;
    hello.limits.body = 20;
    connect(
        &hello,
        |mut server| {
            let (request, body, responder) = next_request(&mut server);
            assert_eq!((request.len(), body.len()), (10, 20));
            responder.end(EndStatus::Exit(0)).unwrap();
        },
        |mut client| {
            let error = client.call(op(1), &[0; 11], b"").unwrap_err();
            assert_eq!(
                error.to_string(),
                "the request is longer than the 10 bytes that the agent accepts"
            );
            let error = client.call(op(1), b"", &[0; 21]).unwrap_err();
            assert_eq!(
                error.to_string(),
                "the body is longer than the 20 bytes that the agent accepts"
            );
            client.call(op(1), &[0; 10], &[0; 20]).unwrap();
        },
    );
}

#[test]
fn an_agent_holds_to_its_limits() {
    #[track_caller]
    fn check(script: Script, message: &str) {
        let mut hello = agent_hello();
        hello.limits.request = 10;
        hello.limits.body = 20;
        hello.limits.operations = 2;
        let read = Cursor::new(script.bytes);
        let mut server = Server::accept(read, io::sink(), &hello).unwrap();
        let mut kept = Vec::new();
        let error = loop {
            match server.receive() {
                Ok(Incoming::Request { responder, .. }) => kept.push(responder),
                Ok(other) => panic!("{other:?}"),
                Err(error) => break error,
            }
        };
        assert_eq!(error.to_string(), message);
        assert!(matches!(
            server.receive(),
            Err(ProtocolError::Broken { .. })
        ));
        for responder in kept {
            assert!(matches!(
                responder.answer(b"x"),
                Err(ProtocolError::Broken { .. })
            ));
        }
    }
    check(
        Script::client()
            .of(FrameKind::Request, 1, &[0; 6])
            .of(FrameKind::Request, 1, &[0; 5]),
        "the request is longer than the 10 bytes that the agent accepts",
    );
    check(
        Script::client()
            .of(FrameKind::Request, 1, &[0; 10])
            .of(FrameKind::Body, 1, &[0; 20])
            .of(FrameKind::Body, 1, &[0; 1]),
        "the body is longer than the 20 bytes that the agent accepts",
    );
    check(
        Script::client()
            .request(1, b"a")
            .request(2, b"b")
            .request(3, b"c"),
        "more than 2 operations were asked for at a time",
    );
    check(
        Script::client().request(1, b"a").request(1, b"a"),
        "operation 01010101010101010101010101010101 was asked for while it ran",
    );
}

proptest! {
    #[test]
    fn an_excerpt_is_the_beginning_and_the_end(
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..30), 0..20),
        keep in 0_usize..60,
    ) {
        let mut collector = Collector::new(ReplyCaps { stderr: keep, ..ReplyCaps::default() });
        for piece in &pieces {
            prop_assert!(!collector.push(Stream::Stderr, piece));
        }
        let stderr = collector.finish(EndStatus::Exit(0)).unwrap().stderr;
        let all = pieces.concat();
        if all.len() <= keep {
            prop_assert_eq!(stderr.head(), &all[..]);
            prop_assert_eq!((stderr.left_out(), stderr.tail()), (0, &b""[..]));
        } else {
            let half = keep / 2;
            prop_assert_eq!(stderr.head(), &all[..half]);
            prop_assert_eq!(stderr.tail(), &all[all.len() - (keep - half)..]);
            prop_assert_eq!(stderr.left_out(), u64::try_from(all.len() - keep).unwrap());
        }
    }
}
