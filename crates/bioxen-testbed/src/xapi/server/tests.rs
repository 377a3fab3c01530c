use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::*;
use crate::xapi::fault::{Fault, Plan};
use crate::xapi::guests::{Addresses, Guests, StartedVm};
use crate::xapi::spec::{HostSpec, PoolSpec, TemplateSpec, Timings};
use crate::xapi::testing::{as_text, call_bytes, read_answer, text};
use crate::xapi::wire::Arg;

/// Longer than anything here takes, so that a fault of the server is a failure and no hang.
const LIMIT: Duration = Duration::from_secs(20);

fn spec() -> PoolSpec {
    PoolSpec {
        timings: Timings::quick(),
        ..PoolSpec::with_template(TemplateSpec::new("gold"))
    }
}

fn plain(plan: Plan) -> XapiServer {
    let mut pool = Pool::new(&spec()).unwrap();
    pool.set_plan(plan);
    XapiServer::start(pool, &ServerSpec::plain()).unwrap()
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream.set_write_timeout(Some(LIMIT)).unwrap();
    stream
}

fn request(body: &[u8]) -> Vec<u8> {
    let mut whole = format!(
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    whole.extend_from_slice(body);
    whole
}

fn log_in_bytes(password: &str) -> Vec<u8> {
    let args = ["root", password, "1.0", "test"].map(text);
    request(&call_bytes("session.login_with_password", &args))
}

/// Reads an answer: the head, and as much of the body as the head promises.
fn read(stream: &mut impl Read) -> io::Result<(String, Vec<u8>)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap()
        .parse()
        .unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok((head, body))
}

fn exchange(stream: &mut (impl Read + Write), whole: &[u8]) -> io::Result<(String, Vec<u8>)> {
    stream.write_all(whole)?;
    stream.flush()?;
    read(stream)
}

fn log_in(stream: &mut (impl Read + Write)) -> String {
    let (head, body) = exchange(stream, &log_in_bytes("password")).unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    as_text(&read_answer(&body).unwrap()).to_owned()
}

#[test]
fn a_connection_stays_for_the_next_call() {
    let server = plain(Plan::none());
    let mut stream = connect(server.address(0).unwrap());
    let session = log_in(&mut stream);
    let call = request(&call_bytes("pool.get_all", &[text(&session)]));
    for _ in 0..3 {
        let (head, body) = exchange(&mut stream, &call).unwrap();
        assert!(head.contains("\r\ncontent-type: text/xml\r\n"), "{head}");
        assert!(
            head.contains("\r\ncache-control: no-cache, no-store\r\n"),
            "{head}"
        );
        assert!(read_answer(&body).is_ok());
    }
    let seen = server.seen();
    assert_eq!((seen.connections, seen.request_count), (1, 4));
    assert_eq!(seen.calls("pool.get_all"), 3);
    assert!(seen.contains(b"<value>password</value>"));
    assert!(!seen.contains(b"canary"));
}

#[test]
fn what_is_no_call_gets_a_page_and_an_end() {
    let server = plain(Plan::none());
    let check = |whole: &str, status: &str| {
        let mut stream = connect(server.address(0).unwrap());
        let (head, body) = exchange(&mut stream, whole.as_bytes()).unwrap();
        assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{head}");
        assert!(head.contains("\r\nconnection: close\r\n"), "{head}");
        assert!(String::from_utf8(body).unwrap().starts_with("<html>"));
        assert_eq!(stream.read(&mut [0]).unwrap(), 0, "the connection ends");
    };
    check("GET /x HTTP/1.1\r\n\r\n", "404");
    check("PUT / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "501");
    check(
        "POST /VM.start HTTP/1.1\r\nContent-Length: 3\r\n\r\na=b",
        "500",
    );
    check("POST / HTTP/1.1\r\n\r\n", "500");
    check("POST / HTTP/1.1\r\nContent-Length: bird\r\n\r\n", "500");
    check("POST / HTTP/1.1\r\nContent-Length: 400000\r\n\r\n", "500");
    check(
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "500",
    );
    check(
        "POST /jsonrpc HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
        "404",
    );
}

#[test]
fn any_path_takes_calls() {
    let server = plain(Plan::none());
    let mut stream = connect(server.address(0).unwrap());
    let whole = String::from_utf8(log_in_bytes("password")).unwrap();
    let whole = whole.replacen("POST / ", "POST /RPC2/what/ever ", 1);
    let (_, body) = exchange(&mut stream, whole.as_bytes()).unwrap();
    assert!(read_answer(&body).is_ok());
}

#[test]
fn a_wish_to_close_is_granted() {
    let server = plain(Plan::none());
    let mut stream = connect(server.address(0).unwrap());
    let whole = String::from_utf8(log_in_bytes("password")).unwrap();
    let whole = whole.replacen("Host: x", "Connection: close", 1);
    let (head, _) = exchange(&mut stream, whole.as_bytes()).unwrap();
    assert!(head.contains("\r\nconnection: close\r\n"), "{head}");
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
}

#[test]
fn a_call_that_takes_time_is_answered_at_its_end() {
    let server = plain(Plan::none());
    let mut stream = connect(server.address(0).unwrap());
    let (_, body) = exchange(&mut stream, &log_in_bytes("wrong")).unwrap();
    assert_eq!(
        read_answer(&body).unwrap_err()[0],
        "SESSION_AUTHENTICATION_FAILED"
    );
    let session = text(&log_in(&mut stream));
    let mut call = |name: &str, args: &[Arg]| {
        let all: Vec<Arg> = [session.clone()]
            .into_iter()
            .chain(args.iter().cloned())
            .collect();
        let (_, body) = exchange(&mut stream, &request(&call_bytes(name, &all))).unwrap();
        read_answer(&body).unwrap()
    };
    let Arg::Array(found) = call("VM.get_by_name_label", &[text("gold")]) else {
        panic!("a set");
    };
    let vm = call("VM.clone", &[found[0].clone(), text("a")]);
    call("VM.provision", std::slice::from_ref(&vm));
    let no = Arg::Bool(false);
    call("VM.start", &[vm.clone(), no.clone(), no]);
    assert_eq!(call("VM.get_power_state", &[vm]), text("Running"));
    assert_eq!(server.pool(|pool| pool.census()).vms, ["a"]);
}

/// Tells of what it is told.
#[derive(Debug)]
struct Told(std::sync::mpsc::Sender<String>);

impl Guests for Told {
    fn started(&mut self, vm: &StartedVm) -> Result<Addresses, String> {
        if vm.name == "bad" {
            return Err("no room".to_owned());
        }
        self.0
            .send(format!("started {} {}", vm.name, vm.disks.len()))
            .unwrap();
        Ok(Addresses::ipv4("127.0.0.7"))
    }

    fn stopped(&mut self, _vm_uuid: &str) {
        self.0.send("stopped".to_owned()).unwrap();
    }

    fn paused(&mut self, _vm_uuid: &str) {
        self.0.send("paused".to_owned()).unwrap();
    }

    fn unpaused(&mut self, _vm_uuid: &str) {
        self.0.send("unpaused".to_owned()).unwrap();
    }
}

#[test]
fn guests_are_told_even_of_what_nobody_asks_for() {
    let mut spec = spec();
    spec.templates[0].guest.off_after = Some(Duration::from_millis(200));
    let (told, heard) = std::sync::mpsc::channel();
    let mut pool = Pool::new(&spec).unwrap();
    pool.set_guests(Told(told));
    let server = XapiServer::start(pool, &ServerSpec::plain()).unwrap();
    let mut stream = connect(server.address(0).unwrap());
    let session = text(&log_in(&mut stream));
    let mut call = |name: &str, args: &[Arg]| {
        let all: Vec<Arg> = [session.clone()]
            .into_iter()
            .chain(args.iter().cloned())
            .collect();
        let (_, body) = exchange(&mut stream, &request(&call_bytes(name, &all))).unwrap();
        read_answer(&body)
    };
    let Ok(Arg::Array(found)) = call("VM.get_by_name_label", &[text("gold")]) else {
        panic!("a set");
    };
    let no = || Arg::Bool(false);
    let bad = call("VM.clone", &[found[0].clone(), text("bad")]).unwrap();
    call("VM.provision", std::slice::from_ref(&bad)).unwrap();
    let refused = call("VM.start", &[bad.clone(), no(), no()]).unwrap_err();
    assert_eq!(
        refused,
        ["INTERNAL_ERROR", "the guest did not start: no room"]
    );
    assert_eq!(call("VM.get_power_state", &[bad]), Ok(text("Halted")));
    let vm = call("VM.clone", &[found[0].clone(), text("good")]).unwrap();
    call("VM.provision", std::slice::from_ref(&vm)).unwrap();
    call("VM.start", &[vm, Arg::Bool(true), no()]).unwrap();
    let next = || heard.recv_timeout(LIMIT).unwrap();
    assert_eq!([next(), next()], ["started good 1", "paused"]);
    // It powers itself off.
    assert_eq!(next(), "stopped");
}

#[test]
fn faults_meet_the_client_on_the_wire() {
    let meet = |fault: Fault| -> (io::Result<(String, Vec<u8>)>, XapiServer) {
        let server = plain(Plan::none().on_any(1, fault));
        let mut stream = connect(server.address(0).unwrap());
        let met = exchange(&mut stream, &log_in_bytes("password"));
        (met, server)
    };
    let sessions = |server: &XapiServer| server.pool(|pool| pool.session_count());

    let (met, server) = meet(Fault::ResetBefore);
    assert_eq!(met.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(sessions(&server), 0);
    let (met, server) = meet(Fault::ResetAfter);
    assert_eq!(met.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(sessions(&server), 1);
    let (met, server) = meet(Fault::Cut(10));
    assert_eq!(met.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    assert_eq!(sessions(&server), 1);
    let (met, _) = meet(Fault::Garbage);
    assert!(std::str::from_utf8(&met.unwrap().1).is_err());
    let (met, _) = meet(Fault::Huge(5_000_000));
    assert_eq!(met.unwrap().1.len(), 5_000_000);
    let (met, server) = meet(Fault::Unavailable);
    assert!(met.unwrap().0.starts_with("HTTP/1.1 503 "));
    assert_eq!(sessions(&server), 0);
    let (met, server) = meet(Fault::Refuse { connections: 1 });
    assert_eq!(met.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    let mut next = connect(server.address(0).unwrap());
    assert!(exchange(&mut next, &log_in_bytes("password")).is_err());
    log_in(&mut connect(server.address(0).unwrap()));
    assert_eq!(server.seen().refused, 1);
}

#[test]
fn silence_lasts_until_the_client_gives_up_or_the_server_ends() {
    let server = plain(Plan::none().from_any(1, Fault::Silence));
    let mut stream = connect(server.address(0).unwrap());
    stream.write_all(&log_in_bytes("password")).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_millis(50)))
        .unwrap();
    let error = stream.read(&mut [0]).unwrap_err();
    assert!(
        matches!(
            error.kind(),
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
        ),
        "{error}"
    );
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    drop(server);
    assert!(matches!(stream.read(&mut [0]), Ok(0) | Err(_)));
}

#[test]
fn an_answer_can_drip() {
    let mut pool = Pool::new(&spec()).unwrap();
    pool.set_plan(Plan::none().on_any(1, Fault::Drip));
    let spec = ServerSpec {
        drip: Duration::from_micros(10),
        ..ServerSpec::plain()
    };
    let server = XapiServer::start(pool, &spec).unwrap();
    log_in(&mut connect(server.address(0).unwrap()));
    assert_eq!(server.pool(|pool| pool.plan().met().len()), 1);
}

#[test]
fn the_end_of_the_server_is_the_end_of_waiting_calls() {
    let server = plain(Plan::none());
    let mut stream = connect(server.address(0).unwrap());
    let session = text(&log_in(&mut stream));
    // Nothing happens to secrets, so this waits.
    let args = [
        session,
        Arg::Array(vec![text("secret")]),
        text(""),
        Arg::Double(3_600.0),
    ];
    stream
        .write_all(&request(&call_bytes("event.from", &args)))
        .unwrap();
    assert!(server.wait_until(LIMIT, |pool| pool.wake().is_some()));
    drop(server);
    assert!(matches!(stream.read(&mut [0]), Ok(0) | Err(_)));
}

fn connect_tls(server: &XapiServer, host: usize, trusted: &Identity) -> io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(trusted.certificate_pem().as_bytes()).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let client = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(client, connect(server.address(host).unwrap()));
    let (_, body) = exchange(&mut stream, &log_in_bytes("password"))?;
    Ok(read_answer(&body).map_or_else(|refused| refused[0].clone(), |_| "in".to_owned()))
}

#[test]
fn every_host_shows_its_own_certificate() {
    let mut spec = spec();
    spec.hosts.push(HostSpec::new("xcp-2", "127.0.0.2"));
    let mut pool = Pool::new(&spec).unwrap();
    pool.set_plan(Plan::none().on_connection(5, 1, Fault::WrongCertificate));
    let tls = ServerSpec::tls(2).unwrap();
    let server = XapiServer::start(pool, &tls).unwrap();
    let [first, second] = tls.identities.as_slice() else {
        panic!("two identities");
    };
    assert_ne!(first.fingerprint().unwrap(), second.fingerprint().unwrap());
    assert_eq!(first.fingerprint().unwrap().len(), 64);
    assert!(server.url(0).unwrap().starts_with("https://127.0.0.1:"));
    let ports = [0, 1].map(|host| server.address(host).unwrap().port());
    assert_eq!(
        ports[0], ports[1],
        "the master is found by its address alone"
    );
    assert_eq!(connect_tls(&server, 0, first).unwrap(), "in");
    assert_eq!(connect_tls(&server, 1, second).unwrap(), "HOST_IS_SLAVE");
    assert!(connect_tls(&server, 0, second).is_err());
    assert_eq!(connect_tls(&server, 0, first).unwrap(), "in");
    // The fifth connection meets the fault, the sixth does not.
    assert!(connect_tls(&server, 0, first).is_err());
    assert_eq!(connect_tls(&server, 0, first).unwrap(), "in");
}
