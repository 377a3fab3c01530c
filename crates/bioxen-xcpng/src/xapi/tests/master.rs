use super::script::{Answer, Call, Script, broken, call, chain, failure, host, record, text};
use crate::error::XapiError;
use crate::https::{Endpoint, PlainHttp, Reach, TransportErrorKind};
use crate::value::Value;
use crate::xapi::Repeat;

const CONNECT: TransportErrorKind = TransportErrorKind::Connect;

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
