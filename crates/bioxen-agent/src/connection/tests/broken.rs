use super::*;

/// A call that goes well: the frames of the agent, and what comes of them.
fn good() -> (Script, Reply) {
    let script = Script::agent()
        .of(FrameKind::Stdout, 1, b"some ")
        .of(FrameKind::Answer, 1, b"{\"done\":true}")
        .frame(FrameKind::Beat, None, b"")
        .of(FrameKind::Stdout, 1, b"output")
        .end(
            1,
            Some("{\"exit\":0}"),
            &[
                (Stream::Stdout, b"some output"),
                (Stream::Answer, b"{\"done\":true}"),
            ],
        );
    let mut client = Client::open(
        Cursor::new(script.bytes.clone()),
        io::sink(),
        &client_hello(),
    )
    .unwrap();
    let reply = client.call(op(1), b"x", b"").unwrap();
    (script, reply)
}

#[track_caller]
fn check_broken(client: &mut Client, reason: &ProtocolError) {
    for result in [
        client.call(op(2), b"x", b"").map(|_| ()),
        client.signals().beat(),
        client.signals().cancel(op(1)),
    ] {
        match result {
            Err(ProtocolError::Broken { source }) => {
                assert_eq!(source.to_string(), reason.to_string())
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn without_an_end_the_outcome_is_unknown_wherever_the_stream_stops() {
    let (script, _) = good();
    for length in Script::agent().bytes.len()..script.bytes.len() {
        let read = Cursor::new(script.bytes[..length].to_vec());
        let mut client = Client::open(read, io::sink(), &client_hello()).unwrap();
        let reason = unknown(client.call(op(1), b"x", b""), op(1));
        assert!(matches!(
            reason,
            ProtocolError::Closed | ProtocolError::Frame(crate::FrameError::Truncated { .. })
        ));
        check_broken(&mut client, &reason);
    }
}

#[test]
fn no_bit_can_flip_unseen() {
    let (script, reply) = good();
    let start = Script::agent().bytes.len();
    for bit in start * 8..script.bytes.len() * 8 {
        let mut bytes = script.bytes.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let mut client = Client::open(Cursor::new(bytes), io::sink(), &client_hello()).unwrap();
        let reason = unknown(client.call(op(1), b"x", b""), op(1));
        assert!(
            matches!(reason, ProtocolError::Frame(_)),
            "bit {bit} gave {reason:?}"
        );
        check_broken(&mut client, &reason);
    }
    assert_eq!(reply.stdout, b"some output");
}

#[test]
fn an_end_that_tells_of_other_bytes_is_not_believed() {
    #[track_caller]
    fn check(script: Script, message: &str) {
        let mut client = script.connect();
        let error = client.call(op(1), b"x", b"").unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("the outcome of operation {} is unknown", op(1))
        );
        let reason = unknown(Err(error), op(1));
        assert_eq!(reason.to_string(), message);
        check_broken(&mut client, &reason);
    }
    let exit = Some("{\"exit\":0}");
    let stdout = |bytes: &[u8]| Script::agent().of(FrameKind::Stdout, 1, bytes);
    check(
        stdout(b"some").end(1, exit, &[(Stream::Stdout, b"some more")]),
        "4 bytes of stdout arrived and 9 were sent",
    );
    check(
        stdout(b"some").end(1, exit, &[]),
        "4 bytes of stdout arrived and 0 were sent",
    );
    check(
        stdout(b"some").end(1, exit, &[(Stream::Stdout, b"same")]),
        "the stdout that arrived is not what was sent",
    );
    check(
        stdout(b"").end(1, exit, &[(Stream::Body, b"x")]),
        "0 bytes of body arrived and 1 were sent",
    );
    check(
        stdout(b"").end(1, Some("\"asleep\""), &[]),
        "an end frame cannot be read",
    );
    check(
        stdout(b"").of(FrameKind::End, 1, b"{"),
        "an end frame cannot be read",
    );
    check(stdout(b"").end(1, None, &[]), "an end frame cannot be read");
}

#[test]
fn frames_without_a_place_break_a_call() {
    #[track_caller]
    fn check(kind: FrameKind, number: Option<u8>) {
        let mut client = Script::agent().frame(kind, number.map(op), b"{}").connect();
        let reason = unknown(client.call(op(1), b"x", b""), op(1));
        assert!(matches!(reason, ProtocolError::Unexpected { kind: found } if found == kind));
        check_broken(&mut client, &reason);
    }
    for kind in [FrameKind::Request, FrameKind::Cancel] {
        check(kind, Some(1));
    }
    for kind in [
        FrameKind::Answer,
        FrameKind::Body,
        FrameKind::Stdout,
        FrameKind::Stderr,
        FrameKind::End,
    ] {
        check(kind, Some(2));
    }
    check(FrameKind::Hello, None);
}

#[test]
fn a_goodbye_during_a_call_leaves_its_outcome_unknown() {
    connect(
        &agent_hello(),
        |mut server| {
            let (_, _, responder) = next_request(&mut server);
            server.close().unwrap();
            match responder.end(EndStatus::Exit(0)) {
                Err(ProtocolError::Broken { source }) => {
                    assert!(matches!(*source, ProtocolError::SaidBye));
                }
                other => panic!("{other:?}"),
            }
        },
        |mut client| {
            let reason = unknown(client.call(op(1), b"x", b""), op(1));
            assert!(matches!(reason, ProtocolError::Left));
            check_broken(&mut client, &reason);
        },
    );
}

#[test]
fn a_request_that_did_not_leave_was_not_begun() {
    let (script, _) = good();
    let (written, bytes) = recording(usize::MAX);
    let read = Cursor::new(script.bytes.clone());
    let mut client = Client::open(read, written, &client_hello()).unwrap();
    let hello = bytes.lock().len();
    client.call(op(1), b"request", b"body").unwrap();
    let sent = frames(&bytes);
    let kinds: Vec<FrameKind> = sent.iter().map(|frame| frame.kind).collect();
    assert_eq!(kinds, [FrameKind::Request, FrameKind::Body, FrameKind::End]);
    let whole = bytes.lock().len();
    let end = whole - Frame::HEADER - sent[2].payload.len();
    for room in hello..whole {
        let read = Cursor::new(script.bytes.clone());
        let mut client = Client::open(read, recording(room).0, &client_hello()).unwrap();
        let error = client.call(op(1), b"request", b"body").unwrap_err();
        let source = match error {
            ProtocolError::NotBegun { op: of, source } if room < end => {
                assert_eq!(of, op(1));
                *source
            }
            error => unknown(Err(error), op(1)),
        };
        assert!(matches!(source, ProtocolError::Write { .. }), "{source:?}");
        check_broken(&mut client, &source);
    }
}

#[test]
fn an_unfinished_request_is_dropped() {
    let script = Script::client().of(FrameKind::Request, 1, b"half a re");
    let mut server = script.server();
    assert!(matches!(server.receive(), Ok(Incoming::Eof)));
    let script = Script::client()
        .of(FrameKind::Request, 1, b"half a re")
        .frame(FrameKind::Bye, None, b"")
        .end(1, None, &[(Stream::Request, b"half a re")]);
    let mut server = script.server();
    assert!(matches!(server.receive(), Ok(Incoming::Bye)));
    assert!(matches!(server.receive(), Ok(Incoming::Eof)));
    assert!(matches!(server.receive(), Ok(Incoming::Eof)));
}

#[test]
fn frames_without_a_place_break_a_server() {
    #[track_caller]
    fn check(script: Script, message: &str) {
        let mut server = script.server();
        assert_eq!(server.receive().unwrap_err().to_string(), message);
        assert!(matches!(
            server.receive(),
            Err(ProtocolError::Broken { .. })
        ));
    }
    let begun = || Script::client().of(FrameKind::Request, 1, b"one");
    let unexpected = |kind| format!("a frame of kind {kind} came where it has no place");
    for kind in [FrameKind::Answer, FrameKind::Stdout, FrameKind::Stderr] {
        check(begun().of(kind, 1, b""), &unexpected(kind));
    }
    check(
        begun().frame(FrameKind::Hello, None, b"{}"),
        &unexpected(FrameKind::Hello),
    );
    check(
        begun().of(FrameKind::Request, 2, b"two"),
        &unexpected(FrameKind::Request),
    );
    check(
        begun().of(FrameKind::Body, 2, b"two"),
        &unexpected(FrameKind::Body),
    );
    check(begun().end(2, None, &[]), &unexpected(FrameKind::End));
    check(
        begun()
            .of(FrameKind::Body, 1, b"body")
            .of(FrameKind::Request, 1, b"more"),
        &unexpected(FrameKind::Request),
    );
    check(
        Script::client().of(FrameKind::Body, 1, b"body"),
        &unexpected(FrameKind::Body),
    );
    check(
        Script::client().end(1, None, &[]),
        &unexpected(FrameKind::End),
    );
    check(
        begun().end(1, None, &[(Stream::Request, b"on")]),
        "3 bytes of request arrived and 2 were sent",
    );
}

#[test]
fn after_goodbye_nothing_is_sent() {
    let client = Script::agent().connect();
    let signals = client.signals();
    client.close().unwrap();
    let error = signals.beat().unwrap_err();
    assert!(
        matches!(error, ProtocolError::Broken { source } if matches!(*source, ProtocolError::SaidBye))
    );
}
