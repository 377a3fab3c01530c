use proptest::prelude::*;

use super::*;

/// Frames with right checksums and any content, some of which continue each other.
fn script(mut script: Script, frames: &[(usize, u8, Vec<u8>)]) -> Script {
    for (index, number, payload) in frames {
        let kind = FrameKind::ALL[index % FrameKind::ALL.len()];
        let of = kind.has_op().then(|| op(1 + number % 2));
        script = script.frame(kind, of, payload);
    }
    script
}

fn frames() -> impl Strategy<Value = Vec<(usize, u8, Vec<u8>)>> {
    let payload = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..20),
        Just(b"{\"status\":{\"exit\":0}}".to_vec()),
        Just(b"{}".to_vec()),
        Just(Vec::new()),
    ];
    prop::collection::vec((any::<usize>(), any::<u8>(), payload), 0..12)
}

/// Receives until the end or an error; after an error there are only errors.
fn drain(mut server: Server) {
    for _ in 0..40 {
        match server.receive() {
            Ok(Incoming::Eof) => return,
            Ok(Incoming::Request { responder, .. }) => {
                let _ = responder.answer(b"yes");
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
    panic!("more came out than went in");
}

proptest! {
    #[test]
    fn a_server_bears_any_frames(frames in frames()) {
        drain(script(Script::client(), &frames).server());
    }

    #[test]
    fn a_client_bears_any_frames(frames in frames()) {
        let mut client = script(Script::agent(), &frames).connect();
        for _ in 0..4 {
            let _ = client.call(op(1), b"x", b"");
        }
        prop_assert!(client.call(op(1), b"x", b"").is_err() || frames.len() >= 5);
    }

    #[test]
    fn both_bear_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300), begun in any::<bool>()) {
        let start = |script: Script| if begun { script.bytes } else { MAGIC.to_vec() };
        let read = Cursor::new([&start(Script::client())[..], &bytes].concat());
        if let Ok(server) = Server::accept(read, io::sink(), &agent_hello()) {
            drain(server);
        }
        let read = Cursor::new([&start(Script::agent())[..], &bytes].concat());
        if let Ok(mut client) = Client::open(read, io::sink(), &client_hello()) {
            let reason = unknown(client.call(op(1), b"x", b""), op(1));
            prop_assert!(matches!(reason, ProtocolError::Frame(_) | ProtocolError::Closed));
        }
    }
}
