//! A member of a pool that names another host as its master, over TLS, each at an address of its own.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use bioxen_core::Secret;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::tls::{Authority, Identity};
use super::{respond, timer};
use crate::error::XapiError;
use crate::https::{Endpoint, PlainHttp, TransportErrorKind, Trust};
use crate::xapi::{Xapi, XapiOptions};

const PASSWORD: &str = "canary-password";

/// Two sockets on one port of two addresses.
fn two_hosts() -> (TcpListener, TcpListener) {
    for _ in 0..100 {
        let member = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let port = member.local_addr().expect("it is bound").port();
        if let Ok(master) = TcpListener::bind(("127.0.0.2", port)) {
            return (member, master);
        }
    }
    panic!("no port is free at both addresses");
}

/// Serves calls of one connection until the client leaves, and gives all that was read.
fn serve(identity: &Identity, stream: TcpStream, answer: impl Fn(&str) -> String) -> String {
    let key = PrivateKeyDer::try_from(identity.key.serialize_der()).expect("it is a key");
    let config =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider has them")
            .with_no_client_auth()
            .with_single_cert(vec![identity.certificate.clone()], key)
            .expect("they belong together");
    let tls = ServerConnection::new(Arc::new(config)).expect("it can be served");
    let mut stream = StreamOwned::new(tls, stream);
    let mut all = String::new();
    let mut call = String::new();
    let mut buffer = [0; 4096];
    loop {
        match io::Read::read(&mut stream, &mut buffer) {
            Ok(amount) if amount > 0 => call.push_str(&String::from_utf8_lossy(&buffer[..amount])),
            _ => return all + &call,
        }
        if call.contains("</methodCall>") {
            respond(&mut stream, &answer(&call));
            all.push_str(&std::mem::take(&mut call));
        }
    }
}

fn envelope(members: &str) -> String {
    format!(
        "<methodResponse><params><param><value><struct>{members}</struct></value></param></params></methodResponse>"
    )
}

fn sends_elsewhere(_: &str) -> String {
    envelope(
        "<member><name>Status</name><value>Failure</value></member><member><name>ErrorDescription</name><value><array><data><value>HOST_IS_SLAVE</value><value>127.0.0.2</value></data></array></value></member>",
    )
}

fn succeeds(call: &str) -> String {
    let value = match call {
        call if call.contains("host.get_all_records") => "<struct></struct>",
        _ => "OpaqueRef:session",
    };
    envelope(&format!(
        "<member><name>Status</name><value>Success</value></member><member><name>Value</name><value>{value}</value></member>"
    ))
}

/// What the client got, and what the master read; `None` if nobody came.
fn meet(
    member: &Identity,
    master: &Identity,
    trust: Trust,
    known: bool,
) -> (Result<(), XapiError>, Option<String>) {
    let (at_member, at_master) = two_hosts();
    let address = at_member.local_addr().expect("it is bound").to_string();
    let endpoint = Endpoint::parse(&address, PlainHttp::Refused).expect("it is an endpoint");
    thread::scope(|scope| {
        scope.spawn(|| {
            let (stream, _) = at_member.accept().expect("the client comes");
            serve(member, stream, sends_elsewhere)
        });
        // Nobody may come: the client's end is told by a connection of the test.
        let port = endpoint.port();
        let server = scope.spawn(move || {
            let (stream, _) = at_master.accept().expect("somebody comes");
            serve(master, stream, succeeds)
        });
        let mut options =
            XapiOptions::new(endpoint, "root", Secret::new(PASSWORD.to_owned()), trust);
        if known {
            options.known_members.push("127.0.0.2".to_owned());
        }
        let got = Xapi::connect(options, timer()).and_then(|xapi| xapi.close());
        // A test that comes in vain is not accepted, or is the only one.
        drop(TcpStream::connect(("127.0.0.2", port)));
        let read = server.join().expect("no panic");
        (got, (!read.is_empty()).then_some(read))
    })
}

#[test]
fn a_pinned_master_gets_the_password_and_another_does_not() {
    let member = Identity::of_host("127.0.0.1", |_| {});
    let master = Identity::of_host("127.0.0.2", |_| {});
    let both = Trust::Pins([member.pin(), master.pin()].into());
    let (got, read) = meet(&member, &master, both, false);
    got.expect("it is pinned");
    assert!(read.is_some_and(|read| read.contains(PASSWORD) && read.contains("session.logout")));

    let (got, read) = meet(&member, &master, Trust::pin(member.pin()), false);
    let Err(XapiError::Transport { source, .. }) = got else {
        panic!("{got:?}");
    };
    let fingerprint = master.pin();
    assert_eq!(
        *source.kind(),
        TransportErrorKind::Certificate { fingerprint }
    );
    assert_eq!(read, None);
}

#[test]
fn a_master_with_a_certificate_of_the_authority_for_its_address_gets_the_password() {
    let authority = Authority::new();
    let member = authority.host("127.0.0.1", false);
    let trust = || Trust::CaBundle(authority.pem().into_bytes());
    let master = authority.host("127.0.0.2", false);
    let (got, read) = meet(&member, &master, trust(), false);
    got.expect("the authority says that it is there");
    assert!(read.is_some_and(|read| read.contains(PASSWORD)));

    // One for another address, one that is over, and one of another authority.
    for other in [
        authority.host("127.0.0.3", false),
        authority.host("127.0.0.2", true),
        Authority::new().host("127.0.0.2", false),
    ] {
        let (got, read) = meet(&member, &other, trust(), false);
        let Err(XapiError::Transport { source, .. }) = got else {
            panic!("{got:?}");
        };
        let fingerprint = other.pin();
        assert_eq!(
            *source.kind(),
            TransportErrorKind::Certificate { fingerprint }
        );
        assert_eq!(read, None);
    }
}

#[test]
fn a_master_that_nobody_knows_is_not_asked() {
    let member = Identity::of_host("127.0.0.1", |_| {});
    let master = Identity::of_host("127.0.0.2", |_| {});
    let (got, read) = meet(&member, &master, Trust::Insecure, false);
    assert!(matches!(got, Err(XapiError::Redirect { .. })), "{got:?}");
    assert_eq!(read, None);
    let (got, read) = meet(&member, &master, Trust::Insecure, true);
    got.expect("it is known");
    assert!(read.is_some_and(|read| read.contains(PASSWORD)));
}
