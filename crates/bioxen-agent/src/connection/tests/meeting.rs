use super::*;
use crate::error::HelloError;
use crate::hello::{Noise, ProtocolVersion};

#[track_caller]
fn refused(bytes: Vec<u8>) -> HelloError {
    match Client::open(Cursor::new(bytes), io::sink(), &client_hello()) {
        Err(ProtocolError::Hello(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_greeting_of_a_shell_is_skipped_and_kept() {
    let bytes = [b"Welcome!\n", &Script::agent().bytes[..]].concat();
    let client = Client::open(Cursor::new(bytes), io::sink(), &client_hello()).unwrap();
    assert_eq!(client.noise().to_string(), "\"Welcome!\"");
    assert_eq!(client.agent().agent_version, "0.1.0");

    let mut bytes = vec![b'x'; Noise::MAX];
    bytes.extend_from_slice(&Script::agent().bytes);
    let client = Client::open(Cursor::new(bytes.clone()), io::sink(), &client_hello()).unwrap();
    assert_eq!(client.noise().length(), Noise::MAX);
    bytes.insert(0, b'x');
    let error = refused(bytes);
    assert!(matches!(error, HelloError::TooMuchNoise { .. }));
    assert_eq!(
        error.hint().unwrap(),
        "make the start-up files of the remote shell print nothing for programs"
    );
}

#[test]
fn what_is_said_instead_of_a_hello_is_in_the_error() {
    let error = refused(b"bash: line 1: bioxen_hypervisor: command not found\n".to_vec());
    assert_eq!(
        error.to_string(),
        "the stream ended before a hello, after \"bash: line 1: bioxen_hypervisor: command not found\""
    );
    assert_eq!(
        refused(Vec::new()).to_string(),
        "the stream ended before a hello"
    );
    assert_eq!(
        refused(MAGIC.to_vec()).to_string(),
        "the stream ended before a hello"
    );
    let cut = refused(MAGIC[..9].to_vec()).to_string();
    assert_eq!(
        cut,
        "the stream ended before a hello, after \"\u{fffd}BIOXEN\""
    );
}

#[test]
fn it_is_told_although_the_other_side_cannot_be_written_to() {
    let read = Cursor::new(b"Permission denied\n".to_vec());
    let opened = Client::open(read, recording(0).0, &client_hello());
    assert!(
        matches!(opened, Err(ProtocolError::Hello(HelloError::Ended { noise })) if noise.length() == 18)
    );
    let read = Cursor::new(Script::agent().bytes);
    let opened = Client::open(read, recording(20).0, &client_hello());
    assert!(matches!(opened, Err(ProtocolError::Write { .. })));
}

#[test]
fn an_answer_to_someone_else_is_refused() {
    let other = Nonce::new([1; 16]);
    let error = refused(Script::new(&write_agent(&agent_hello(), other).unwrap()).bytes);
    assert_eq!(
        error.to_string(),
        format!(
            "the hello answers nonce {other}, and {} was sent",
            client_hello().nonce
        )
    );
}

#[test]
fn a_newer_major_is_refused_by_both_sides() {
    let newer = ProtocolVersion { major: 2, minor: 0 };
    let message = "the other side speaks protocol 2.0 and this side 1.0";

    let mut agent = agent_hello();
    agent.protocol = newer;
    let error = refused(Script::new(&write_agent(&agent, client_hello().nonce).unwrap()).bytes);
    assert_eq!(error.to_string(), message);

    // What else such a client says is not looked at, and it learns what the agent speaks.
    let hello = br#"{"protocol":{"major":2,"minor":0},"nonce":"09090909090909090909090909090909"}"#;
    let (written, bytes) = recording(usize::MAX);
    let read = Cursor::new(Script::new(hello).bytes);
    let error = Server::accept(read, written, &agent_hello()).unwrap_err();
    assert_eq!(error.to_string(), message);
    assert_eq!(*bytes.lock(), Script::agent().bytes);
}

#[test]
fn a_newer_minor_is_welcome() {
    let mut agent = agent_hello();
    agent.protocol.minor = 9;
    let bytes = Script::new(&write_agent(&agent, client_hello().nonce).unwrap()).bytes;
    let client = Client::open(Cursor::new(bytes), io::sink(), &client_hello()).unwrap();
    assert_eq!(client.agent().protocol.to_string(), "1.9");

    let mut hello = client_hello();
    hello.protocol.minor = 9;
    let server = Script::new(&write_client(&hello).unwrap()).server();
    assert_eq!(server.client().protocol.to_string(), "1.9");
}

#[test]
fn an_agent_skips_nothing() {
    #[track_caller]
    fn check(bytes: &[u8], message: &str) {
        let (written, answer) = recording(usize::MAX);
        let accepted = Server::accept(Cursor::new(bytes.to_vec()), written, &agent_hello());
        assert_eq!(accepted.unwrap_err().to_string(), message);
        assert!(answer.lock().is_empty());
    }
    let good = Script::client().bytes;
    let start = "the stream does not begin with the hello of a client but with";
    check(&[b"\n", &good[..]].concat(), &format!("{start} \"\""));
    check(b"GET / HTTP/1.1\r\n", &format!("{start} \"G\""));
    check(b"", "the stream ended before a hello");
    check(&MAGIC, "the stream ended before a hello");
    check(
        &good[..good.len() - 1],
        &format!(
            "the last frame is cut off after {} bytes",
            good.len() - 1 - MAGIC.len()
        ),
    );
    let beat_first = FrameEncoder::new();
    let script = Script {
        bytes: MAGIC.to_vec(),
        encoder: beat_first,
    };
    check(
        &script.frame(FrameKind::Beat, None, b"").bytes,
        "a frame of kind beat came where it has no place",
    );
    check(&Script::new(b"[]").bytes, "the hello cannot be read");
}
