use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use bioxen_core::CancelToken;

use super::{BODY, HttpsLimits, listen, open, post, post_within, read_request, respond};
use crate::https::{Endpoint, PlainHttp, Reach, TransportError, TransportErrorKind, Trust};
use crate::wait::{Deadline, SystemTimer, Timer};

/// A limit that is soon over.
const SHORT: Duration = Duration::from_millis(300);

/// What a call may take beyond its limit, on a machine that has other things to do.
const GRACE: Duration = Duration::from_secs(3);

/// Lets a client post once to a server that reads the request and then does something.
fn meet(
    limit: Duration,
    limits: HttpsLimits,
    answer: impl FnOnce(TcpStream) + Send,
) -> Result<Vec<u8>, TransportError> {
    let (listener, endpoint) = listen("http");
    thread::scope(|scope| {
        let server = scope.spawn(move || {
            let (mut stream, _) = listener.accept().expect("the client comes");
            let request = read_request(&mut stream);
            answer(stream);
            request
        });
        let mut transport = open(&endpoint, Trust::Insecure, limits);
        let begin = SystemTimer::new();
        let result = post_within(&mut *transport, limit);
        assert!(begin.now() < limit + GRACE, "{:?}", begin.now());
        drop(transport);
        let request = server.join().expect("no panic");
        assert!(request.ends_with(BODY));
        result
    })
}

#[track_caller]
fn check(answer: &str, kind: TransportErrorKind) {
    let limits = HttpsLimits {
        body: 1_000,
        ..HttpsLimits::default()
    };
    let answer = answer.to_owned();
    let error = meet(Duration::from_secs(20), limits, move |mut stream| {
        // The client may have had enough of it.
        let _ = stream.write_all(answer.as_bytes());
    })
    .expect_err("it is no answer");
    assert_eq!(*error.kind(), kind);
    assert_eq!(error.reach(), Reach::Unknown);
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn what_is_no_answer() {
    let status = |code| TransportErrorKind::Status { code };
    check(
        "HTTP/1.1 500 Internal Error\r\nconnection: close\r\ncontent-length: 4\r\n\r\noops",
        status(500),
    );
    check(
        "HTTP/1.1 503 canary\r\ncontent-length: 0\r\n\r\n",
        status(503),
    );
    check(
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/canary\r\ncontent-length: 0\r\n\r\n",
        status(302),
    );
    check(
        "HTTP/1.1 307 Found\r\nlocation: /canary\r\ncontent-length: 0\r\n\r\n",
        status(307),
    );
    check(
        "HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n",
        status(201),
    );
    check("", TransportErrorKind::Reset);
    check("canary\r\n\r\n", TransportErrorKind::Protocol);
    check("HTTP/1.1 canary\r\n\r\n", TransportErrorKind::Protocol);
    check("SSH-2.0-canary\r\n", TransportErrorKind::Protocol);
    check("HTTP/1.1 200 OK\r\ncontent-le", TransportErrorKind::Cut);
    check(
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\ncanary",
        TransportErrorKind::Cut,
    );
    check(
        "HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n",
        TransportErrorKind::TooLong { limit: 1_000 },
    );
    check(
        &format!(
            "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}",
            "x".repeat(1_001)
        ),
        TransportErrorKind::TooLong { limit: 1_000 },
    );
    check(
        &format!(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3e9\r\n{}\r\n0\r\n\r\n",
            "x".repeat(1_001)
        ),
        TransportErrorKind::TooLong { limit: 1_000 },
    );
}

#[test]
fn a_head_without_end_is_not_read_for_ever() {
    let error = meet(
        Duration::from_secs(20),
        HttpsLimits::default(),
        |mut stream| {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
            while stream
                .write_all(b"x: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n")
                .is_ok()
            {}
        },
    )
    .expect_err("it is no answer");
    assert_eq!(*error.kind(), TransportErrorKind::Protocol);
}

#[test]
fn answers_in_other_forms() {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nanswer",
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nanswer",
        "HTTP/1.0 200 OK\r\n\r\nanswer",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\nanswer\r\n0\r\n\r\n",
    ] {
        let got = meet(
            Duration::from_secs(20),
            HttpsLimits::default(),
            |mut stream| {
                stream
                    .write_all(answer.as_bytes())
                    .expect("the client reads");
            },
        );
        assert_eq!(got.expect(answer), b"answer");
    }
}

#[track_caller]
fn check_overdue(answer: impl FnOnce(TcpStream) + Send) {
    let error = meet(SHORT, HttpsLimits::default(), answer).expect_err("it takes too long");
    assert_eq!(error.to_string(), "the call was not over after 0.3 s");
    assert_eq!(error.reach(), Reach::Unknown);
}

#[test]
fn silence_is_cut_at_the_limit() {
    check_overdue(|mut stream| {
        // Until the client leaves.
        let _ = stream.read(&mut [0]);
    });
}

/// Sends a byte now and then until the client leaves.
fn drip(mut stream: TcpStream, bytes: impl Iterator<Item = u8>) {
    let pace = Duration::from_millis(10);
    stream.set_read_timeout(Some(pace)).expect("it is a time");
    for byte in bytes {
        if stream.write_all(&[byte]).is_err() || matches!(stream.read(&mut [0]), Ok(0)) {
            return;
        }
    }
}

#[test]
fn drops_are_cut_at_the_limit() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n".to_vec();
    check_overdue(|stream| drip(stream, head.into_iter().cycle()));
    check_overdue(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n");
        drip(stream, std::iter::repeat(b'x'));
    });
}

#[test]
fn a_handshake_has_a_limit_of_its_own() {
    let (listener, endpoint) = listen("https");
    let limits = HttpsLimits {
        tls: SHORT,
        ..HttpsLimits::default()
    };
    for dripping in [false, true] {
        let listener = listener.try_clone().expect("it can be shared");
        let error = thread::scope(|scope| {
            scope.spawn(move || {
                let (mut stream, _) = listener.accept().expect("the client comes");
                if dripping {
                    // The beginning of a long handshake message.
                    let _ = stream.write_all(&[22, 3, 3, 64, 0, 2, 0, 63, 252]);
                    drip(stream, std::iter::repeat(0));
                } else {
                    while matches!(stream.read(&mut [0; 512]), Ok(amount) if amount > 0) {}
                }
            });
            let mut transport = open(&endpoint, Trust::Insecure, limits);
            let begin = SystemTimer::new();
            let error = post(&mut *transport).expect_err("there is no TLS");
            assert!(begin.now() < SHORT + GRACE);
            error
        });
        // Zeros are no handshake either, whichever comes first.
        if *error.kind() != TransportErrorKind::Tls || !dripping {
            assert_eq!(
                error.to_string(),
                "the TLS handshake was not over after 0.3 s"
            );
        }
        assert_eq!(error.reach(), Reach::NotSent);
    }
}

#[test]
fn nobody_is_there() {
    let (listener, endpoint) = listen("https");
    drop(listener);
    let mut transport = open(&endpoint, Trust::Insecure, HttpsLimits::default());
    let error = post(&mut *transport).expect_err("nobody listens");
    assert_eq!(*error.kind(), TransportErrorKind::Connect);
    assert_eq!(error.reach(), Reach::NotSent);
    assert!(error.is_passing());
}

#[test]
fn a_raised_token_ends_a_call() {
    let token = CancelToken::new();
    let (listener, endpoint) = listen("http");
    let error = thread::scope(|scope| {
        let raised = token.clone();
        scope.spawn(move || {
            let (mut stream, _) = listener.accept().expect("the client comes");
            read_request(&mut stream);
            raised.cancel();
            // Until the client leaves.
            let _ = stream.read(&mut [0]);
        });
        let mut transport = open(&endpoint, Trust::Insecure, HttpsLimits::default());
        let deadline = Deadline::new("the call", Duration::from_secs(60), &SystemTimer::new());
        transport
            .post(BODY, deadline, &token)
            .expect_err("it is called off")
    });
    assert_eq!(*error.kind(), TransportErrorKind::Cancelled);
    assert_eq!(error.reach(), Reach::Unknown);

    let mut transport = open(&endpoint, Trust::Insecure, HttpsLimits::default());
    let deadline = Deadline::new("the call", Duration::from_secs(60), &SystemTimer::new());
    let error = transport
        .post(BODY, deadline, &token)
        .expect_err("it is called off");
    assert_eq!(error.reach(), Reach::NotSent);
}

#[test]
fn a_connection_is_kept_until_the_server_drops_it() {
    let (listener, endpoint) = listen("http");
    let serve = |listener: &TcpListener, calls: usize| {
        let (mut stream, _) = listener.accept().expect("the client comes");
        for _ in 0..calls {
            assert!(read_request(&mut stream).ends_with(BODY));
            respond(&mut stream, "answer");
        }
        stream
    };
    thread::scope(|scope| {
        let server = scope.spawn(|| {
            // Three calls on one connection, then it is dropped while it is idle.
            drop(serve(&listener, 3));
            // One call on a new one, and the next is read and not answered.
            let mut stream = serve(&listener, 1);
            read_request(&mut stream);
            stream.shutdown(Shutdown::Both).expect("it is open");
        });
        let mut transport = open(&endpoint, Trust::Insecure, HttpsLimits::default());
        for _ in 0..3 {
            assert_eq!(
                post(&mut *transport).expect("there is an answer"),
                b"answer"
            );
        }
        // Whether the end of the connection is seen before or after the next call is sent is a race.
        match post(&mut *transport) {
            Ok(answer) => assert_eq!(answer, b"answer"),
            Err(error) => {
                assert_eq!(*error.kind(), TransportErrorKind::Stale);
                assert_eq!(
                    post(&mut *transport).expect("there is an answer"),
                    b"answer"
                );
            }
        }
        let error = post(&mut *transport).expect_err("it is not answered");
        assert_eq!(*error.kind(), TransportErrorKind::Stale);
        assert_eq!(error.reach(), Reach::Unknown);
        server.join().expect("no panic");
    });
}

#[test]
fn the_head_says_how_long_the_body_is() {
    let (listener, endpoint) = listen("http");
    let head = thread::scope(|scope| {
        let server = scope.spawn(move || {
            let (mut stream, _) = listener.accept().expect("the client comes");
            let request = read_request(&mut stream);
            respond(&mut stream, "answer");
            String::from_utf8(request).expect("it is text")
        });
        let mut transport = open(&endpoint, Trust::Insecure, HttpsLimits::default());
        post(&mut *transport).expect("there is an answer");
        server.join().expect("no panic")
    });
    let head = head.to_ascii_lowercase();
    assert!(head.starts_with("post / http/1.1\r\n"), "{head}");
    assert!(
        head.contains(&format!("\r\ncontent-length: {}\r\n", BODY.len())),
        "{head}"
    );
    assert!(head.contains("\r\ncontent-type: text/xml\r\n"), "{head}");
    assert!(!head.contains("transfer-encoding"), "{head}");
}

#[test]
fn a_raised_token_ends_a_handshake() {
    let token = CancelToken::new();
    let (listener, endpoint) = listen("https");
    let error = thread::scope(|scope| {
        let raised = token.clone();
        scope.spawn(move || {
            let (mut stream, _) = listener.accept().expect("the client comes");
            raised.cancel();
            while matches!(stream.read(&mut [0; 512]), Ok(amount) if amount > 0) {}
        });
        let mut transport = open(&endpoint, Trust::Insecure, HttpsLimits::default());
        let deadline = Deadline::new("the call", Duration::from_secs(60), &SystemTimer::new());
        let begin = SystemTimer::new();
        let error = transport
            .post(BODY, deadline, &token)
            .expect_err("it is called off");
        // The handshake would take ten seconds.
        assert!(begin.now() < Duration::from_secs(5));
        error
    });
    assert_eq!(*error.kind(), TransportErrorKind::Cancelled);
    assert_eq!(error.reach(), Reach::NotSent);
}

#[test]
fn a_connection_that_nobody_accepts_has_a_limit() {
    // Once the queue of a socket is full, the system lets no further connection come about.
    let socket = rustix::net::socket(
        rustix::net::AddressFamily::INET,
        rustix::net::SocketType::STREAM,
        None,
    )
    .expect("there is one");
    let any: SocketAddr = "127.0.0.1:0".parse().expect("it is an address");
    rustix::net::bind(&socket, &any).expect("loopback has a free port");
    rustix::net::listen(&socket, 0).expect("it is bound");
    let listener = TcpListener::from(socket);
    let address = listener.local_addr().expect("it is bound");
    let queue: Vec<TcpStream> = (0..100)
        .map_while(|_| TcpStream::connect_timeout(&address, Duration::from_millis(200)).ok())
        .collect();
    assert!(queue.len() < 100, "the queue has no end here");
    let url = format!("http://{address}");
    let endpoint = Endpoint::parse(&url, PlainHttp::AllowedLoudly).expect("it is an endpoint");
    let limits = HttpsLimits {
        tcp: SHORT,
        ..HttpsLimits::default()
    };
    let mut transport = open(&endpoint, Trust::Insecure, limits);
    let begin = SystemTimer::new();
    let error = post(&mut *transport).expect_err("nobody accepts");
    assert_eq!(
        error.to_string(),
        "the TCP connection was not over after 0.3 s"
    );
    assert_eq!(error.reach(), Reach::NotSent);
    assert!(begin.now() < SHORT + GRACE);
    drop(queue);
}

#[test]
fn a_name_is_looked_up() {
    let (listener, endpoint) = listen("http");
    let endpoint = endpoint.at_host("localhost").expect("it is a name");
    let answer = thread::scope(|scope| {
        scope.spawn(move || {
            let (mut stream, _) = listener.accept().expect("the client comes");
            read_request(&mut stream);
            respond(&mut stream, "answer");
        });
        let mut transport = open(&endpoint, Trust::Insecure, HttpsLimits::default());
        post(&mut *transport)
    });
    assert_eq!(answer.expect("there is an answer"), b"answer");
}
