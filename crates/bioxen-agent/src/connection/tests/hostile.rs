use std::io::Read;

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

/// Gives its bytes in pieces of these sizes, and is interrupted where a size is 0.
struct Stutter {
    bytes: Cursor<Vec<u8>>,
    sizes: std::iter::Cycle<std::vec::IntoIter<usize>>,
}

impl Read for Stutter {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        match self.sizes.next() {
            Some(0) => Err(io::ErrorKind::Interrupted.into()),
            Some(size) => self.bytes.read(&mut room[..size]),
            None => self.bytes.read(room),
        }
    }
}

proptest! {
    #[test]
    fn a_call_comes_back_however_the_stream_is_cut(
        noise in prop::collection::vec(any::<u8>(), 0..40),
        pieces in prop::collection::vec((0_usize..3, prop::collection::vec(any::<u8>(), 0..50)), 0..10),
        mut sizes in prop::collection::vec(0_usize..90, 0..10),
    ) {
        let streams = [Stream::Answer, Stream::Body, Stream::Stdout];
        let of = |index: usize| -> Vec<u8> {
            pieces.iter().filter(|piece| piece.0 == index).flat_map(|piece| piece.1.clone()).collect()
        };
        let mut script = Script::agent();
        for (index, piece) in &pieces {
            script = script.of(streams[*index].kind(), 1, piece);
        }
        let whole = [of(0), of(1), of(2)];
        let tallied: Vec<(Stream, &[u8])> = streams.into_iter().zip(whole.iter().map(Vec::as_slice)).collect();
        script = script.end(1, Some("\"cancelled\""), &tallied);
        sizes.push(1);
        let read = Stutter {
            bytes: Cursor::new([&noise[..], &script.bytes].concat()),
            sizes: sizes.into_iter().cycle(),
        };
        let mut client = Client::open(read, io::sink(), &client_hello()).unwrap();
        prop_assert_eq!(client.noise().start(), &noise[..]);
        let reply = client.call(op(1), b"x", b"").unwrap();
        prop_assert_eq!([reply.answer, reply.body, reply.stdout], whole);
    }

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
