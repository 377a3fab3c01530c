//! Whatever a guest does or does not do, a step ends when it has to.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bioxen_core::CancelToken;
use bioxen_testbed::guests::{Fault, Guest, Proxy};
use bioxen_xcpng::{
    CommandCaps, Deadline, ExpectedHostKey, Remote, SshError, SystemTimer, Timer, Verdict,
};

use crate::bed::{Bed, VM, expect};

/// What a step is given here.
const LIMIT: Duration = Duration::from_millis(400);

/// How much later it may end.
const SLACK: Duration = Duration::from_millis(250);

/// How soon what is called off has to end.
const SOON: Duration = Duration::from_secs(1);

/// How long a byte takes that drips.
const EACH: Duration = Duration::from_secs(1);

/// How long something took, and how much of that this thread waited for a processor.
///
/// On a machine that other programs keep busy, that is seconds.
fn timed<T>(run: impl FnOnce() -> T) -> (T, Duration, Duration) {
    let timer = SystemTimer::new();
    let (begin, waited) = (timer.now(), waited());
    let made = run();
    let took = timer.now().saturating_sub(begin);
    (made, took, self::waited().saturating_sub(waited))
}

/// Time that this thread was ready to run and did not, since it began; nothing where the system does not say.
fn waited() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let waited = text.split_whitespace().nth(1);
    Duration::from_nanos(waited.and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// Runs something that has to end in time.
#[track_caller]
fn in_time<T>(limit: Duration, run: impl FnOnce() -> T) -> T {
    let (made, took, late) = timed(run);
    assert!(
        took < limit + late,
        "{took:?}, of which {late:?} without a processor, and not within {limit:?}"
    );
    made
}

/// Time of the system, which raises a token when it was asked so often that a step is under way.
#[derive(Debug)]
struct Raising {
    timer: SystemTimer,
    asked: AtomicUsize,
    cancel: CancelToken,
}

impl Timer for Raising {
    fn now(&self) -> Duration {
        if self.asked.fetch_add(1, Ordering::AcqRel) == 12 {
            self.cancel.cancel();
        }
        self.timer.now()
    }

    fn wait(&self, span: Duration, cancel: &CancelToken) {
        self.timer.wait(span, cancel);
    }
}

/// Connects with short limits; the server is silent or slow at the step of that name.
#[track_caller]
fn check(bed: &Bed, address: SocketAddr, expected: &ExpectedHostKey, step: &str) {
    let mut options = bed.options();
    let none = CancelToken::new();
    let is_auth = step.contains("authentication");
    if is_auth {
        options.limits.auth = LIMIT;
    } else {
        options.limits.key_exchange = LIMIT;
    }
    let timer = Arc::clone(&bed.timer);
    // The steps before it take their time.
    let before = if is_auth { SOON } else { Duration::ZERO };
    let begin = timer.now();
    let made = in_time(LIMIT + SLACK + before, || {
        Remote::connect(address, &options, expected, Arc::clone(&timer), &none)
    });
    let took = timer.now().saturating_sub(begin);
    assert!(took >= LIMIT, "{took:?}");
    match made {
        Err(SshError::TimedOut {
            step: at, limit, ..
        }) => {
            assert_eq!((at, limit), (step, LIMIT));
        }
        other => panic!("{other:?}"),
    }
    let options = bed.options();
    let made = in_time(SOON, || {
        let cancel = CancelToken::new();
        let raising = Arc::new(Raising {
            timer: SystemTimer::new(),
            asked: AtomicUsize::new(0),
            cancel: cancel.clone(),
        });
        Remote::connect(address, &options, expected, raising, &cancel)
    });
    assert!(matches!(made, Err(SshError::Cancelled { .. })), "{made:?}");
}

fn given(bed: &Bed) -> ExpectedHostKey {
    ExpectedHostKey::Given {
        key: bed.key.public().parse().expect("a key"),
        vm: VM.to_owned(),
    }
}

#[test]
fn a_server_that_says_nothing() {
    let bed = Bed::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    check(&bed, address, &given(&bed), "the SSH key exchange");
}

#[test]
fn a_key_exchange_that_stops_or_drips() {
    let bed = Bed::new();
    let guest = bed.guest();
    for after in [0, 1, 20, 60, 500, 1100] {
        let each = EACH;
        for fault in [Fault::Silence { after }, Fault::Drip { after, each }] {
            let proxy = Proxy::start(guest.address(), fault).unwrap();
            let expected = expect(&guest);
            check(&bed, proxy.address(), &expected, "the SSH key exchange");
        }
    }
}

/// Bytes that a server says until the keys are exchanged.
fn key_exchange(bed: &Bed, guest: &Guest) -> usize {
    let proxy = Proxy::start(guest.address(), Fault::None).expect("a proxy");
    match bed.try_connect(proxy.address(), &given(bed)) {
        Err(SshError::HostKey(refused)) => assert_eq!(refused.verdict, Verdict::Changed),
        other => panic!("{other:?}"),
    }
    proxy.passed()
}

#[test]
fn an_authentication_that_stops_or_drips() {
    let bed = Bed::new();
    let guest = bed.guest();
    let after = key_exchange(&bed, &guest);
    let each = EACH;
    for fault in [Fault::Silence { after }, Fault::Drip { after, each }] {
        let proxy = Proxy::start(guest.address(), fault).unwrap();
        let expected = expect(&guest);
        check(&bed, proxy.address(), &expected, "the SSH authentication");
    }
}

#[test]
fn a_connection_that_is_reset_or_cut_or_refused_may_be_tried_again() {
    let bed = Bed::new();
    let guest = bed.guest();
    let expected = expect(&guest);
    let cuts = [0, 10, 60, 700, 1500].map(|after| Fault::Cut { after });
    for fault in [Fault::Reset].into_iter().chain(cuts) {
        let proxy = Proxy::start(guest.address(), fault).unwrap();
        let cut = bed.try_connect(proxy.address(), &expected);
        let error = cut.expect_err("a cut");
        // A reset may come before the connection is seen to be there.
        let is_cut = match error {
            SshError::Cut { .. } => true,
            SshError::Refused { .. } => fault == Fault::Reset,
            _ => false,
        };
        assert!(is_cut, "{fault:?}: {error:?}");
        assert!(error.is_transient());
    }
    let address = guest.address();
    guest.kill().unwrap();
    let refused = bed.try_connect(address, &expected).expect_err("no server");
    assert!(matches!(refused, SshError::Refused { .. }), "{refused:?}");
    assert!(refused.is_transient());
}

/// A server that says this again and again.
#[track_caller]
fn babble(says: &[u8], times: usize) {
    let bed = Bed::new();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let address = listener.local_addr().expect("its address");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (mut client, _) = listener.accept().expect("a client");
            for _ in 0..times {
                if client.write_all(says).is_err() {
                    return;
                }
            }
            // Until the client has gone.
            std::io::copy(&mut client, &mut std::io::sink()).ok();
        });
        let error = bed.try_connect(address, &given(&bed)).expect_err("no SSH");
        assert!(matches!(error, SshError::Protocol { .. }), "{error:?}");
        assert!(!error.is_transient());
    });
}

#[test]
fn a_server_that_is_none_is_not_tried_again() {
    babble(b"HTTP/1.1 400 Bad Request\r\n\r\n", 1);
    babble(b"x\r\n", usize::MAX);
    babble(&[0xFF; 100], usize::MAX);
    babble(
        b"SSH-2.0-x\r\nHTTP/1.1 400 Bad Request\r\n\r\nNot what you look for.",
        1,
    );
    babble(b"SSH-2.0-x\r\n", usize::MAX);
    babble(b"SSH-", usize::MAX);
}

/// A server whose packets mean nothing and never end.
#[test]
fn a_server_that_never_comes_to_the_point() {
    // A length, padding, `SSH_MSG_IGNORE` of nothing.
    let ignore = [0, 0, 0, 12, 6, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let bed = Bed::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // One with a limit, one that is called off.
            for client in listener.incoming().take(2) {
                let mut client = client.unwrap();
                let mut says = client.write_all(b"SSH-2.0-x\r\n");
                while says.is_ok() {
                    says = client.write_all(&ignore.repeat(1000));
                }
            }
        });
        check(&bed, address, &given(&bed), "the SSH key exchange");
    });
}

/// What a command reads calls it off.
struct CallsOff(CancelToken);

impl Read for CallsOff {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        self.0.cancel();
        Ok(0)
    }
}

/// Runs a command with a short deadline, and one that is called off; the connection is of use after both.
#[test]
fn a_command_that_does_not_end() {
    let bed = Bed::new();
    let guest = bed.guest();
    let remote = bed.connect(&guest);
    let caps = CommandCaps::default();
    for command in ["sleep 1000", "while :; do printf x; done >&2"] {
        let made = in_time(LIMIT + SLACK, || {
            let deadline = Deadline::new("a command", LIMIT, &*bed.timer);
            let mut stdin = std::io::empty();
            remote.execute_command(command, &mut stdin, caps, deadline, &CancelToken::new())
        });
        match made {
            Err(SshError::TimedOut { step, .. }) => assert_eq!(step, "a command"),
            other => panic!("{other:?}"),
        }
        let made = in_time(SOON, || {
            let cancel = CancelToken::new();
            let mut stdin = CallsOff(cancel.clone());
            remote.execute_command(command, &mut stdin, caps, bed.long(), &cancel)
        });
        assert!(matches!(made, Err(SshError::Cancelled { .. })), "{made:?}");
        assert!(bed.run(&remote, "true", b"").unwrap().exit.is_success());
    }
}

/// Lets a span pass.
fn bed_wait(span: Duration) {
    SystemTimer::new().wait(span, &CancelToken::new());
}

#[test]
fn a_guest_that_stands_still() {
    let bed = Bed::new();
    let mut guest = bed.guest();
    let remote = bed.connect(&guest);
    let stream = remote
        .agent("cat", bed.long(), &CancelToken::new())
        .unwrap();
    let (mut reader, mut writer, control) = stream.split();
    guest.pause().unwrap();
    let caps = CommandCaps::default();
    let none = CancelToken::new();
    let made = in_time(LIMIT + SLACK, || {
        let deadline = Deadline::new("a command", LIMIT, &*bed.timer);
        remote.execute_command("true", &mut std::io::empty(), caps, deadline, &none)
    });
    assert!(matches!(made, Err(SshError::TimedOut { .. })), "{made:?}");
    // The ends of a stream wait for each other's guest as long as they are told.
    let read = in_time(LIMIT + SLACK, || {
        control.set_deadline(Some(Deadline::new("an answer", LIMIT, &*bed.timer)));
        Read::read(&mut reader, &mut [0])
    });
    assert_eq!(read.unwrap_err().kind(), std::io::ErrorKind::TimedOut);
    control.set_deadline(None);
    // It takes what fits on the way, and no more.
    let much = vec![0; 64 << 20];
    std::thread::scope(|scope| {
        let write = scope.spawn(|| writer.write_all(&much));
        let read = scope.spawn(|| Read::read(&mut reader, &mut [0]));
        bed_wait(LIMIT);
        let ends = in_time(SOON, || {
            control.close();
            [write.join().unwrap().err(), read.join().unwrap().err()]
        });
        for error in ends {
            let kind = error.expect("it is closed").kind();
            let is_end = [
                std::io::ErrorKind::ConnectionAborted,
                std::io::ErrorKind::ConnectionReset,
            ];
            assert!(is_end.contains(&kind), "{kind:?}");
        }
    });
    in_time(SOON, || drop((reader, writer, control, remote)));
    guest.unpause().unwrap();
    let again = bed.connect(&guest);
    assert!(bed.run(&again, "true", b"").unwrap().exit.is_success());
}

#[test]
fn a_connection_that_is_closed_frees_who_waits() {
    let bed = Bed::new();
    let guest = bed.guest();
    let remote = bed.connect(&guest);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| bed.run(&remote, "sleep 1000", b""));
        bed_wait(LIMIT);
        let ended = in_time(SOON, || {
            remote.close();
            waiting.join().unwrap()
        });
        assert!(ended.is_err(), "{ended:?}");
    });
    assert!(remote.is_broken());
    let after = bed.run(&remote, "true", b"");
    assert!(matches!(after, Err(SshError::Broken { .. })), "{after:?}");
}

#[test]
fn a_guest_that_is_killed_ends_what_runs() {
    let bed = Bed::new();
    let guest = bed.guest();
    let remote = bed.connect(&guest);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| bed.run(&remote, "sleep 1000", b""));
        bed_wait(LIMIT);
        guest.kill().unwrap();
        let ended = waiting.join().unwrap();
        assert!(
            matches!(ended, Err(SshError::Cut { .. } | SshError::Broken { .. })),
            "{ended:?}"
        );
    });
}
