use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use bioxen_core::CancelToken;

use super::script::{Answer, Call, Script, broken, call, chain, failure, record, soon, text};
use crate::error::XapiError;
use crate::https::{Endpoint, PlainHttp, Reach, TransportErrorKind};
use crate::value::Value;
use crate::xapi::Repeat;

const RESET: TransportErrorKind = TransportErrorKind::Reset;
const CONNECT: TransportErrorKind = TransportErrorKind::Connect;

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
