use std::sync::Arc;
use std::thread;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::{HttpsLimits, listen, open, post, read_request, respond};
use crate::https::{CertificatePin, Reach, Transport, TransportErrorKind, Trust};

/// A certificate and its key.
pub(super) struct Identity {
    pub(super) certificate: CertificateDer<'static>,
    pem: String,
    pub(super) key: KeyPair,
}

impl Identity {
    /// One that a host makes for itself.
    pub(super) fn of_host(name: &str, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let key = KeyPair::generate().expect("there is a key");
        let mut params = CertificateParams::new([name.to_owned()]).expect("it is a name");
        change(&mut params);
        let certificate = params.self_signed(&key).expect("it signs itself");
        Self {
            pem: certificate.pem(),
            certificate: certificate.der().clone(),
            key,
        }
    }

    /// One of an authority, whose certificate comes with it.
    pub(super) fn of_authority(name: &str, expired: bool) -> (Self, String) {
        let authority = Authority::new();
        (authority.host(name, expired), authority.pem())
    }

    pub(super) fn pin(&self) -> CertificatePin {
        CertificatePin::of_der(&self.certificate)
    }
}

/// Who gives certificates to hosts.
pub(super) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::new(["authority".to_owned()]).expect("it is a name");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("there is a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("it signs itself"))
    }

    pub(super) fn pem(&self) -> String {
        self.0.pem()
    }

    pub(super) fn host(&self, name: &str, expired: bool) -> Identity {
        let key = KeyPair::generate().expect("there is a key");
        let mut params = CertificateParams::new([name.to_owned()]).expect("it is a name");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        if expired {
            params.not_after = date_time_ymd(2020, 1, 1);
        }
        let certificate = params.signed_by(&key, &self.0).expect("it is signed");
        Identity {
            pem: certificate.pem(),
            certificate: certificate.der().clone(),
            key,
        }
    }
}

/// Lets a client post to a server of an identity, and gives what the client got and how many bytes of the request the server saw.
fn meet(
    identity: &Identity,
    tls12: bool,
    trust: Trust,
) -> (Result<Vec<u8>, super::TransportError>, usize) {
    let key = PrivateKeyDer::try_from(identity.key.serialize_der()).expect("it is a key");
    let versions: &[_] = match tls12 {
        true => &[&rustls::version::TLS12],
        false => &[&rustls::version::TLS13],
    };
    let config =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(versions)
            .expect("the provider has it")
            .with_no_client_auth()
            .with_single_cert(vec![identity.certificate.clone()], key)
            .expect("they belong together");
    let (listener, endpoint) = listen("https");
    thread::scope(|scope| {
        let server = scope.spawn(move || {
            let (stream, _) = listener.accept().expect("the client comes");
            let tls = ServerConnection::new(Arc::new(config)).expect("it can be served");
            let mut stream = StreamOwned::new(tls, stream);
            let request = read_request(&mut stream);
            respond(&mut stream, "answer");
            request.len()
        });
        let mut transport = open(&endpoint, trust, HttpsLimits::default());
        let answer = post(&mut *transport);
        drop(transport);
        (answer, server.join().expect("no panic"))
    })
}

#[track_caller]
fn check_accepted(identity: &Identity, trust: &Trust) {
    for tls12 in [true, false] {
        let (answer, seen) = meet(identity, tls12, trust.clone());
        assert_eq!(answer.expect("it is trusted"), b"answer");
        assert!(seen > super::BODY.len());
    }
}

/// Refused, with the fingerprint told and not one byte sent.
#[track_caller]
fn check_refused(identity: &Identity, trust: &Trust) {
    for tls12 in [true, false] {
        let (answer, seen) = meet(identity, tls12, trust.clone());
        let error = answer.expect_err("it is not trusted");
        let fingerprint = identity.pin();
        assert_eq!(
            *error.kind(),
            TransportErrorKind::Certificate { fingerprint }
        );
        assert_eq!(error.reach(), Reach::NotSent);
        assert!(!error.is_passing());
        assert!(
            error
                .hint()
                .is_some_and(|hint| hint.contains(&fingerprint.to_string()))
        );
        assert_eq!(seen, 0);
    }
}

#[test]
fn a_pinned_certificate_is_trusted_whatever_it_says() {
    let plain = Identity::of_host("127.0.0.1", |_| {});
    let expired = Identity::of_host("127.0.0.1", |params| {
        params.not_after = date_time_ymd(2020, 1, 1)
    });
    let wrong_name = Identity::of_host("elsewhere.example", |_| {});
    let own_authority = Identity::of_host("127.0.0.1", |params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    });
    let (of_authority, _) = Identity::of_authority("127.0.0.1", false);
    for identity in [&plain, &expired, &wrong_name, &own_authority, &of_authority] {
        check_accepted(identity, &Trust::pin(identity.pin()));
        check_accepted(identity, &Trust::Pins([plain.pin(), identity.pin()].into()));
    }
    let of_pem = CertificatePin::of_pem(plain.pem.as_bytes()).expect("it is PEM");
    assert_eq!(of_pem, plain.pin());
}

#[test]
fn another_certificate_than_the_pinned_is_refused() {
    let one = Identity::of_host("127.0.0.1", |_| {});
    let other = Identity::of_host("127.0.0.1", |_| {});
    check_refused(&one, &Trust::pin(other.pin()));
    let (of_authority, _) = Identity::of_authority("127.0.0.1", false);
    check_refused(&of_authority, &Trust::pin(other.pin()));
}

#[test]
fn a_certificate_without_its_key_is_of_no_use() {
    let mut thief = Identity::of_host("127.0.0.1", |_| {});
    let victim = Identity::of_host("127.0.0.1", |_| {});
    thief.certificate = victim.certificate.clone();
    // The TLS library of the server would not use such a pair, and its check is of the public key only.
    let key = PrivateKeyDer::try_from(thief.key.serialize_der()).expect("it is a key");
    let signing = rustls::crypto::ring::sign::any_supported_type(&key).expect("it signs");
    let stolen = rustls::sign::CertifiedKey::new(vec![victim.certificate.clone()], signing);
    for trust in [Trust::pin(victim.pin()), Trust::Insecure] {
        for versions in [[&rustls::version::TLS12], [&rustls::version::TLS13]] {
            let config = ServerConfig::builder_with_provider(Arc::new(
                rustls::crypto::ring::default_provider(),
            ))
            .with_protocol_versions(&versions)
            .expect("the provider has it")
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(
                stolen.clone(),
            )));
            let (listener, endpoint) = listen("https");
            let (answer, seen) = thread::scope(|scope| {
                let server = scope.spawn(move || {
                    let (stream, _) = listener.accept().expect("the client comes");
                    let tls = ServerConnection::new(Arc::new(config)).expect("it can be served");
                    read_request(&mut StreamOwned::new(tls, stream)).len()
                });
                let mut transport = open(&endpoint, trust.clone(), HttpsLimits::default());
                let answer = post(&mut *transport);
                drop(transport);
                (answer, server.join().expect("no panic"))
            });
            let error = answer.expect_err("the signature is wrong");
            assert_eq!(*error.kind(), TransportErrorKind::Tls);
            assert_eq!(seen, 0);
        }
    }
}

#[test]
fn authorities_vouch_for_name_and_dates() {
    let (good, authority) = Identity::of_authority("127.0.0.1", false);
    let bundle = Trust::CaBundle(authority.clone().into_bytes());
    check_accepted(&good, &bundle);
    let folder = tempfile::tempdir().expect("there is room");
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, &authority).expect("it can be written");
    check_accepted(&good, &Trust::CaFile(file));

    let (stranger, _) = Identity::of_authority("127.0.0.1", false);
    check_refused(&stranger, &bundle);
    let (expired, its) = Identity::of_authority("127.0.0.1", true);
    check_refused(&expired, &Trust::CaBundle(its.into_bytes()));
    let (elsewhere, its) = Identity::of_authority("elsewhere.example", false);
    check_refused(&elsewhere, &Trust::CaBundle(its.into_bytes()));
    let own = Identity::of_host("127.0.0.1", |_| {});
    check_refused(&own, &bundle);
}

#[test]
fn the_system_does_not_know_hosts_that_vouch_for_themselves() {
    let own = Identity::of_host("127.0.0.1", |_| {});
    match Trust::SystemRoots.tls() {
        Ok(_) => check_refused(&own, &Trust::SystemRoots),
        // A machine without roots trusts nobody.
        Err(error) => assert_eq!(error.to_string(), "there is no certificate to trust"),
    }
}

#[test]
fn insecure_takes_everybody() {
    let own = Identity::of_host("elsewhere.example", |params| {
        params.not_after = date_time_ymd(2020, 1, 1);
    });
    check_accepted(&own, &Trust::Insecure);
}

#[test]
fn what_is_no_tls_gets_no_byte_of_the_call() {
    let (listener, endpoint) = listen("https");
    let own = Identity::of_host("127.0.0.1", |_| {});
    let (answer, seen) = thread::scope(|scope| {
        let server = scope.spawn(move || {
            let (mut stream, _) = listener.accept().expect("the client comes");
            respond(&mut stream, "plain");
            read_request(&mut stream)
        });
        let mut transport: Box<dyn Transport> =
            open(&endpoint, Trust::pin(own.pin()), HttpsLimits::default());
        let answer = post(&mut *transport);
        drop(transport);
        (answer, server.join().expect("no panic"))
    });
    let error = answer.expect_err("it is no TLS");
    assert_eq!(*error.kind(), TransportErrorKind::Tls);
    assert_eq!(error.reach(), Reach::NotSent);
    assert!(!seen.windows(6).any(|six| six == b"canary"));
}
