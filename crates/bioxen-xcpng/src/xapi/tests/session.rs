use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use bioxen_core::CancelToken;

use super::script::{Answer, Call, Script, broken, chain, failure, host, record, soon, text};
use crate::error::XapiError;
use crate::https::{Endpoint, PlainHttp, Reach, TransportErrorKind};
use crate::value::Value;
use crate::xapi::{Repeat, Xapi};

const RESET: TransportErrorKind = TransportErrorKind::Reset;
const CONNECT: TransportErrorKind = TransportErrorKind::Connect;

fn call(xapi: &Xapi, method: &str, repeat: Repeat) -> Result<Value, XapiError> {
    soon(xapi, |bounds| xapi.call(method, vec![], repeat, bounds))
}

/// Calls one method of a pool once, and compares what it got and what the pool heard after the first login.
#[track_caller]
fn check(
    repeat: Repeat,
    handler: impl FnMut(&Call) -> Option<Answer> + Send + 'static,
    got: &str,
    heard: &str,
) {
    let script = Script::new(handler);
    let xapi = script.connect();
    let shown = match call(&xapi, "x.y", repeat) {
        Ok(value) => format!("{value:?}"),
        Err(error) => chain(&error),
    };
    assert_eq!(shown, got);
    assert_eq!(script.heard(), format!("login {heard}"));
}

/// Answers calls of `x.y` from a list, and the others as usual.
fn answers(list: Vec<Option<Answer>>) -> impl FnMut(&Call) -> Option<Answer> + Send + 'static {
    move |call| match call.method.as_str() {
        "x.y" => list
            .get(call.earlier)
            .cloned()
            .unwrap_or_else(|| text("late")),
        _ => None,
    }
}

#[test]
fn a_session_begins_and_ends() {
    let script = Script::new(|_| None);
    let xapi = script.connect();
    let other = xapi.clone();
    drop(xapi);
    assert_eq!(script.heard(), "login");
    assert_eq!(
        format!("{other:?}"),
        "Xapi { endpoint: Endpoint { scheme: Https, host: \"xcp1\", port: 443 }, user: \"root\", .. }"
    );
    drop(other);
    assert_eq!(script.heard(), "login logout");
    let calls = script.calls();
    assert_eq!(
        calls[0].params,
        ["root", "canary-password", "1.0", "bioxen"]
    );
    assert_eq!(calls[2].session, "OpaqueRef:canary-session-1");
}

#[test]
fn a_closed_connection_does_nothing() {
    let script = Script::new(|_| None);
    let xapi = script.connect();
    xapi.close().expect("it is open");
    xapi.close().expect("it is closed already");
    assert!(matches!(
        call(&xapi, "x.y", Repeat::Harmless),
        Err(XapiError::Closed)
    ));
    drop(xapi);
    assert_eq!(script.heard(), "login logout");
}

#[test]
fn a_session_that_ended_is_made_again_once() {
    for repeat in [Repeat::Harmless, Repeat::Never] {
        let gone = failure("SESSION_INVALID OpaqueRef:x");
        check(
            repeat,
            answers(vec![gone.clone(), text("v")]),
            "\"v\"",
            "x.y login x.y",
        );
        check(
            repeat,
            answers(vec![gone.clone(), gone]),
            "the session ended twice in a row",
            "x.y login x.y",
        );
    }
}

#[test]
fn a_wrong_password_is_tried_once() {
    let script = Script::new(|call| match call.method.as_str() {
        "session.login_with_password" => {
            failure("SESSION_AUTHENTICATION_FAILED root canary-password")
        }
        _ => None,
    });
    let error = script
        .try_connect(Script::options())
        .expect_err("it is wrong");
    assert_eq!(
        chain(&error),
        "session.login_with_password was refused: XAPI answered SESSION_AUTHENTICATION_FAILED: root, ***"
    );
    assert!(error.hint().is_some());
    assert_eq!(script.heard(), "login");
}

#[test]
fn many_threads_log_in_once() {
    const THREADS: usize = 8;
    let barrier = std::sync::Arc::new(Barrier::new(THREADS));
    let meet = std::sync::Arc::clone(&barrier);
    let script = Script::new(move |call| match call.method.as_str() {
        "x.y" if call.session.ends_with("-1") => failure("SESSION_INVALID r"),
        "x.y" => text("v"),
        _ => None,
    });
    let xapi = script.connect();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            let (xapi, meet) = (xapi.clone(), &meet);
            scope.spawn(move || {
                meet.wait();
                assert_eq!(
                    call(&xapi, "x.y", Repeat::Never).expect("it is done"),
                    Value::text("v")
                );
            });
        }
    });
    assert_eq!(script.count("session.login_with_password"), 2);
    let answered = script
        .calls()
        .iter()
        .filter(|call| call.method == "x.y" && call.session.ends_with("-2"))
        .count();
    assert_eq!(answered, THREADS);
}

#[test]
fn what_is_harmless_is_tried_three_times() {
    let reset = || broken(RESET, Reach::Unknown);
    let harmless = Repeat::Harmless;
    check(
        harmless,
        answers(vec![reset(), reset(), text("v")]),
        "\"v\"",
        "x.y x.y x.y",
    );
    check(
        harmless,
        answers(vec![reset(), reset(), reset()]),
        "x.y got no answer: the connection broke",
        "x.y x.y x.y",
    );
    let garbage = || Some(Answer::Raw("<html>".to_owned()));
    check(
        harmless,
        answers(vec![garbage(), text("v")]),
        "\"v\"",
        "x.y x.y",
    );
    check(
        harmless,
        answers(vec![garbage(), garbage(), garbage()]),
        "the answer to x.y cannot be read: the answer is not XML-RPC",
        "x.y x.y x.y",
    );
    let status = broken(TransportErrorKind::Status { code: 503 }, Reach::Unknown);
    check(
        harmless,
        answers(vec![status, text("v")]),
        "\"v\"",
        "x.y x.y",
    );
    let too_long = broken(TransportErrorKind::TooLong { limit: 9 }, Reach::Unknown);
    check(
        harmless,
        answers(vec![too_long]),
        "x.y got no answer: the answer is longer than 9 bytes",
        "x.y",
    );
    check(
        harmless,
        answers(vec![failure("TOO_BUSY")]),
        "x.y was refused: XAPI answered TOO_BUSY",
        "x.y",
    );
}

#[test]
fn what_may_have_been_done_is_not_done_again() {
    let never = Repeat::Never;
    for (answer, cause) in [
        (
            broken(RESET, Reach::Unknown),
            "x.y got no answer: the connection broke",
        ),
        (
            broken(TransportErrorKind::Stale, Reach::Unknown),
            "x.y got no answer: the server had closed the connection",
        ),
        (
            broken(TransportErrorKind::Cut, Reach::Unknown),
            "x.y got no answer: the answer was cut off",
        ),
        (
            broken(TransportErrorKind::Status { code: 500 }, Reach::Unknown),
            "x.y got no answer: the server answered with HTTP status 500",
        ),
        (
            broken(TransportErrorKind::TooLong { limit: 9 }, Reach::Unknown),
            "x.y got no answer: the answer is longer than 9 bytes",
        ),
        (
            broken(TransportErrorKind::Cancelled, Reach::Unknown),
            "it was called off",
        ),
        (
            Some(Answer::Silence),
            "x.y got no answer: the call was not over after 30 s",
        ),
        (
            Some(Answer::Raw("<".to_owned())),
            "the answer to x.y cannot be read: the answer is not XML-RPC at byte 0",
        ),
        (
            Some(Answer::Raw(
                "<methodResponse><params><param><value>x</value></param></params></methodResponse>"
                    .to_owned(),
            )),
            "x.y gave something unexpected: the answer should be a struct and is text",
        ),
    ] {
        let got = format!("the outcome of x.y is unknown: {cause}");
        check(never, answers(vec![answer]), &got, "x.y");
    }
    // What did not leave was not done.
    check(
        never,
        answers(vec![broken(CONNECT, Reach::NotSent), text("v")]),
        "\"v\"",
        "x.y x.y",
    );
    check(
        never,
        answers(vec![broken(TransportErrorKind::Cancelled, Reach::NotSent)]),
        "it was called off",
        "x.y",
    );
}

#[test]
fn tries_have_pauses_and_a_limit() {
    let script = Script::new(answers(vec![broken(RESET, Reach::Unknown); 3]));
    let xapi = script.connect();
    let begin = script.now();
    call(&xapi, "x.y", Repeat::Harmless).expect_err("it breaks");
    let took = script.now() - begin;
    assert!(
        took >= Duration::from_millis(400) && took <= Duration::from_secs(6),
        "{took:?}"
    );

    let script = Script::new(|call| (call.method == "x.y").then_some(Answer::Silence));
    let xapi = script.connect();
    let begin = script.now();
    let token = CancelToken::new();
    let bounds = xapi.bounds("the whole", Duration::from_secs(50), &token);
    let error = xapi
        .call("x.y", vec![], Repeat::Harmless, bounds)
        .expect_err("nobody answers");
    assert_eq!(
        chain(&error),
        "x.y got no answer: the whole was not over after 50 s"
    );
    assert_eq!(script.now() - begin, Duration::from_secs(50));
    assert_eq!(script.count("x.y"), 2);
}

#[test]
fn a_raised_token_sends_nothing() {
    let script = Script::new(|_| None);
    let xapi = script.connect();
    let token = CancelToken::new();
    token.cancel();
    let bounds = xapi.bounds("the whole", Duration::from_secs(50), &token);
    let refused = xapi.call("x.y", vec![], Repeat::Never, bounds);
    assert!(matches!(refused, Err(XapiError::Cancelled)));
    assert_eq!(script.count("x.y"), 0);
}

/// A pool whose master is elsewhere: each host sends to the next in the list, and the last is the master.
fn slaves(path: &'static [&'static str]) -> impl FnMut(&Call) -> Option<Answer> + Send + 'static {
    move |call| {
        let at = path.iter().position(|host| *host == call.host)?;
        let next = path.get(at + 1)?;
        failure(&format!("HOST_IS_SLAVE {next}"))
    }
}

#[track_caller]
fn check_login(pins: bool, known: &[&str], path: &'static [&'static str], got: &str, heard: &str) {
    let script = Script::with_pins(pins, slaves(path));
    let mut options = Script::options();
    options.known_members = known.iter().map(|host| (*host).to_owned()).collect();
    let shown = match script.try_connect(options) {
        Ok(xapi) => xapi.endpoint().to_string(),
        Err(error) => error.to_string(),
    };
    assert_eq!(shown, got);
    assert_eq!(
        script
            .heard()
            .trim_end_matches(" logout")
            .trim_end_matches(" xcp2:logout"),
        heard
    );
}

#[test]
fn a_master_elsewhere_is_followed_if_it_is_known_or_pinned() {
    let unknown = "the server says that the master of the pool is at xcp2, which is not a known member of the pool";
    check_login(false, &[], &["xcp1", "xcp2"], unknown, "login");
    check_login(false, &["xcp3"], &["xcp1", "xcp2"], unknown, "login");
    check_login(
        false,
        &["XCP2"],
        &["xcp1", "xcp2"],
        "https://xcp2:443",
        "login xcp2:login",
    );
    check_login(
        true,
        &[],
        &["xcp1", "xcp2"],
        "https://xcp2:443",
        "login xcp2:login",
    );
    check_login(
        true,
        &[],
        &["xcp1", "10.0.0.2", "fd00::3"],
        "https://[fd00::3]:443",
        "login 10.0.0.2:login fd00::3:login fd00::3:logout",
    );
    check_login(
        true,
        &[],
        &["xcp1", "xcp1"],
        "the server says that the master of the pool is at xcp1, which was asked already",
        "login",
    );
    check_login(
        true,
        &[],
        &["xcp1", "a", "b", "c"],
        "the server says that the master of the pool is at c, which is one more than may be asked in a row",
        "login a:login b:login",
    );
    check_login(
        true,
        &[],
        &["xcp1", "http://evil/"],
        "the server says that the master of the pool is at http://evil/, which is no address: the host of an XAPI address is a name or an IP address",
        "login",
    );
}

#[test]
fn two_members_that_send_to_each_other_are_left() {
    let script = Script::with_pins(true, |call| {
        failure(match call.host.as_str() {
            "xcp1" => "HOST_IS_SLAVE xcp2",
            _ => "HOST_IS_SLAVE xcp1",
        })
    });
    let error = script
        .try_connect(Script::options())
        .expect_err("there is no master");
    assert!(matches!(error, XapiError::Redirect { .. }), "{error}");
    assert_eq!(script.heard(), "login xcp2:login");
}

#[test]
fn a_short_list_of_parameters_is_no_panic() {
    let script = Script::with_pins(true, |_| failure("HOST_IS_SLAVE"));
    let error = script
        .try_connect(Script::options())
        .expect_err("there is no master");
    assert!(matches!(error, XapiError::Redirect { .. }), "{error}");
    let script = Script::new(|_| failure(""));
    let error = script
        .try_connect(Script::options())
        .expect_err("there is no session");
    assert!(matches!(error, XapiError::Failure { .. }), "{error}");
}

/// Members `xcp1` and `xcp2`; what becomes of calls other than logins is told by `then`.
fn two_hosts(
    mut then: impl FnMut(&Call) -> Option<Answer> + Send + 'static,
) -> impl FnMut(&Call) -> Option<Answer> + Send + 'static {
    move |call| match call.method.as_str() {
        "host.get_all_records" => text(record(&[
            ("OpaqueRef:host-1", &host("xcp1")),
            ("OpaqueRef:host-2", &host("xcp2")),
        ])),
        _ => then(call),
    }
}

#[test]
fn a_new_master_is_followed_later_too() {
    let script = Script::new(two_hosts(|call| {
        match (call.host.as_str(), call.method.as_str()) {
            ("xcp1", "x.y") => failure("HOST_IS_SLAVE xcp2"),
            ("xcp2", "x.y") => text("v"),
            _ => None,
        }
    }));
    let xapi = script.connect();
    assert_eq!(xapi.members(), ["xcp1", "xcp2"]);
    assert_eq!(
        call(&xapi, "x.y", Repeat::Never).expect("it is done"),
        Value::text("v")
    );
    // Sessions are the pool's: the first one would stay open.
    assert_eq!(script.heard(), "login x.y xcp2:login xcp2:logout xcp2:x.y");
    assert_eq!(xapi.endpoint().host(), "xcp2");
}

#[test]
fn another_member_is_asked_when_the_master_is_gone() {
    let mut down = false;
    let script = Script::new(two_hosts(move |call| {
        match (call.host.as_str(), call.method.as_str()) {
            ("xcp1", "x.y") => {
                down = true;
                broken(CONNECT, Reach::NotSent)
            }
            ("xcp1", _) if down => broken(CONNECT, Reach::NotSent),
            ("xcp2", "x.y") if call.session.ends_with("-1") => failure("SESSION_INVALID r"),
            ("xcp2", "x.y") => text("v"),
            _ => None,
        }
    }));
    let xapi = script.connect();
    assert_eq!(
        call(&xapi, "x.y", Repeat::Never).expect("it is done"),
        Value::text("v")
    );
    assert_eq!(script.heard(), "login x.y xcp2:x.y xcp2:login xcp2:x.y");
}

/// The master does not answer for some calls, and the other member sends to it.
#[track_caller]
fn check_restart(missed: usize, got: &str, heard: &str) {
    let script = Script::new(two_hosts(move |call| {
        match (call.host.as_str(), call.method.as_str()) {
            ("xcp1", "x.y") if call.earlier < missed => broken(CONNECT, Reach::NotSent),
            ("xcp1", "x.y") => text("v"),
            ("xcp2", _) => failure("HOST_IS_SLAVE xcp1"),
            _ => None,
        }
    }));
    let xapi = script.connect();
    let shown = match call(&xapi, "x.y", Repeat::Never) {
        Ok(value) => format!("{value:?}"),
        Err(error) => chain(&error),
    };
    assert_eq!(shown, got);
    assert_eq!(script.heard(), heard);
}

#[test]
fn a_master_that_restarts_is_asked_again() {
    check_restart(1, "\"v\"", "login x.y xcp2:x.y x.y");
    check_restart(3, "\"v\"", "login x.y xcp2:x.y x.y xcp2:x.y x.y");
    check_restart(
        99,
        "x.y got no answer: no connection to the server",
        "login x.y xcp2:x.y x.y xcp2:x.y x.y",
    );
}

#[test]
fn a_certificate_that_is_refused_is_refused_once() {
    let fingerprint = crate::https::CertificatePin::of_der(b"x");
    let script = Script::new(two_hosts(move |_| {
        broken(
            TransportErrorKind::Certificate { fingerprint },
            Reach::NotSent,
        )
    }));
    let mut options = Script::options();
    options
        .endpoints
        .push(Endpoint::parse("xcp2", PlainHttp::Refused).expect("it is one"));
    let error = script.try_connect(options).expect_err("it is refused");
    assert!(
        error
            .hint()
            .is_some_and(|hint| hint.contains(&fingerprint.to_string()))
    );
    assert_eq!(script.heard(), "login");
}

#[test]
fn addresses_are_asked_in_order() {
    let script = Script::new(|call| match call.host.as_str() {
        "xcp1" => broken(CONNECT, Reach::NotSent),
        _ => None,
    });
    let mut options = Script::options();
    options
        .endpoints
        .push(Endpoint::parse("xcp2:444", PlainHttp::Refused).expect("it is one"));
    let xapi = script.try_connect(options).expect("the second answers");
    assert_eq!(xapi.endpoint().to_string(), "https://xcp2:444");
    assert_eq!(script.heard(), "login xcp2:login");

    let mut options = Script::options();
    options.endpoints.clear();
    assert!(matches!(
        script.try_connect(options),
        Err(XapiError::NoEndpoint)
    ));
}

#[test]
fn a_pool_that_does_not_say_its_members_is_used_all_the_same() {
    let script = Script::new(|call| match call.method.as_str() {
        "host.get_all_records" => failure("RBAC_PERMISSION_DENIED x"),
        _ => None,
    });
    assert_eq!(script.connect().members(), ["xcp1"]);
}

#[test]
fn a_session_lives_for_days() {
    // Each session is forgotten by the server after a day.
    let script = Script::new(|_| None);
    let timer = script.clone();
    let mut born = Duration::ZERO;
    let mut number = 1;
    let shared = Script::new(move |call| match call.method.as_str() {
        "session.login_with_password" => {
            number = call.earlier + 1;
            born = timer.now();
            None
        }
        "x.y" => {
            let mine = call.session == format!("OpaqueRef:canary-session-{number}");
            match mine && timer.now() - born < Duration::from_secs(86_400) {
                true => text("v"),
                false => failure("SESSION_INVALID r"),
            }
        }
        _ => None,
    });
    let xapi = shared.connect();
    let token = CancelToken::new();
    for _ in 0..72 {
        script.pass(Duration::from_secs(3_600), &token);
        assert_eq!(
            call(&xapi, "x.y", Repeat::Never).expect("it is done"),
            Value::text("v")
        );
    }
    drop(xapi);
    assert_eq!(shared.count("session.login_with_password"), 4);
    assert_eq!(shared.count("session.logout"), 1);
}

#[test]
fn a_test_of_the_connection_tells_what_is_there() {
    let script = Script::new(|call| match call.method.as_str() {
        "pool.get_all" => text(super::script::set(&["OpaqueRef:pool"])),
        "pool.get_record" => text(record(&[
            ("uuid", "0b5e6cde-1e3a-4e22-9c1c-5b5f6a3c7d11"),
            ("master", "OpaqueRef:host-1"),
            ("default_SR", "OpaqueRef:NULL"),
        ])),
        _ => None,
    });
    let xapi = script.connect();
    let report = soon(&xapi, |bounds| xapi.test_connection(bounds)).expect("all is well");
    assert_eq!(report.product, "XCP-ng 8.3.0");
    assert_eq!(report.api_version, (2, 21));
    assert_eq!((report.pool.as_str(), report.hosts), ("host", 1));
}
