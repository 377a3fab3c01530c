use std::fs::{self, File};
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use super::{Limits, LocalError, Met, Place, connect_or_start_within, connect_within, open};
use crate::connection::Server;
use crate::hello::{AgentHello, ClientHello, Nonce};

/// What is waited for in vain takes so long.
const SHORT: Duration = Duration::from_millis(50);
/// What is going to happen has so long.
const LONG: Duration = Duration::from_secs(600);

const LIMITS: Limits = Limits {
    hello: LONG,
    leaving: LONG,
    turn: LONG,
    ready: LONG,
    end: LONG,
};

fn hello() -> ClientHello {
    ClientHello::new("test", "0", Nonce::new([5; 16]))
}

fn folder() -> (TempDir, Place) {
    let folder = tempfile::tempdir().expect("a folder for files");
    let place = Place::of(folder.path());
    place.make().expect("a folder for the socket");
    (folder, place)
}

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

/// Starts what is no daemon.
#[track_caller]
fn refused(place: &Place, program: Command, limits: Limits) -> LocalError {
    let refused = connect_or_start_within(place, &hello(), program, limits);
    refused.expect_err("nobody listens")
}

#[test]
fn who_never_says_hello_is_not_waited_for() {
    let (_folder, place) = folder();
    // The system takes connections for it.
    let _listener = UnixListener::bind(place.socket()).expect("nobody else listens");
    let limits = Limits {
        hello: SHORT,
        ..LIMITS
    };
    let silent = connect_within(&place, &hello(), limits).expect_err("no hello");
    let expect = format!(
        "whoever listens at {} said nothing for 50ms",
        place.socket().display()
    );
    assert_eq!(silent.to_string(), expect);
    assert!(silent.hint().is_some());
    // Nobody starts a daemon beside it.
    let silent = refused(&place, shell("echo no >&2"), limits);
    assert!(matches!(silent, LocalError::Silent { .. }), "{silent}");
    assert!(!place.log().exists());
}

#[test]
fn the_limit_of_the_hello_is_not_that_of_answers() {
    let (near, far) = UnixStream::pair().expect("two sockets");
    let far_too = far.try_clone().expect("a socket has many handles");
    std::thread::scope(|scope| {
        let server = scope.spawn(|| Server::accept(far, far_too, &AgentHello::new("1")));
        let same = near.try_clone().expect("a socket has many handles");
        let client = open(near, &hello(), LONG).expect("a hello");
        assert_eq!(same.read_timeout().expect("a socket"), None);
        assert_eq!(same.write_timeout().expect("a socket"), Some(LONG));
        client.close().expect("the server is there");
        server.join().expect("no panic").expect("a client");
    });
}

#[test]
fn one_that_is_ending_is_waited_for() {
    let (_folder, place) = folder();
    let listener = UnixListener::bind(place.socket()).expect("nobody else listens");
    std::thread::scope(|scope| {
        let server = scope.spawn(|| {
            // It takes a connection and closes it without a word; then another one is there.
            drop(listener.accept().expect("the first try"));
            let (stream, _) = listener.accept().expect("the second try");
            let write = stream.try_clone().expect("a socket has many handles");
            Server::accept(stream, write, &AgentHello::new("1"))
        });
        let met = connect_or_start_within(&place, &hello(), shell("echo no >&2"), LIMITS);
        let (client, met) = met.expect("a hello");
        assert_eq!(met, Met::Running);
        client.close().expect("the server is there");
        server.join().expect("no panic").expect("a client");
    });
    assert!(!place.log().exists(), "nothing was started");
}

#[test]
fn without_anybody_no_daemon_runs() {
    let (_folder, place) = folder();
    let none = connect_within(&place, &hello(), LIMITS).expect_err("nobody");
    assert!(matches!(none, LocalError::NotRunning { .. }), "{none}");
    let hint = none.hint().expect("advice");
    assert!(hint.contains("`bioxen daemon`"), "{hint}");
    assert!(hint.contains("`bioxen_hypervisor daemon`"), "{hint}");
}

#[test]
fn who_never_lets_others_start_is_not_waited_for() {
    let (_folder, place) = folder();
    let lock = File::create(place.folder().join("start.lock")).expect("a file");
    lock.lock().expect("nobody else has it");
    let limits = Limits {
        turn: SHORT,
        ..LIMITS
    };
    let busy = refused(&place, shell("echo no >&2"), limits);
    assert!(matches!(busy, LocalError::Turn { .. }), "{busy}");
    assert!(busy.to_string().ends_with("start.lock"), "{busy}");
    assert!(!place.log().exists(), "nothing was started");
    drop(lock);
    let ended = refused(&place, shell("exit 3"), limits);
    assert!(matches!(ended, LocalError::Ended { .. }), "{ended}");
}

#[test]
fn a_child_that_is_never_ready_is_ended() {
    let (_folder, place) = folder();
    let mut silent = Command::new("sleep");
    silent.arg("100000");
    let limits = Limits {
        ready: SHORT,
        ..LIMITS
    };
    let unready = refused(&place, silent, limits);
    assert_eq!(
        unready.to_string(),
        "the daemon was not ready within 50ms, and was ended"
    );
    assert!(unready.hint().is_some());
}

#[test]
fn a_child_that_says_something_else_and_goes_on_is_ended() {
    let (_folder, place) = folder();
    let limits = Limits {
        end: SHORT,
        ..LIMITS
    };
    let script = "echo $$ >&2; echo steady; exec sleep 100000";
    let unready = refused(&place, shell(script), limits);
    assert!(matches!(unready, LocalError::Unready { .. }), "{unready}");
    let pid = fs::read_to_string(place.log()).expect("what it said");
    let probe = shell(&format!("kill -0 {pid}")).output().expect("a shell");
    assert!(!probe.status.success(), "process {pid} is left");
}

#[test]
fn what_a_child_leaves_running_is_not_waited_for() {
    let (_folder, place) = folder();
    let limits = Limits {
        ready: SHORT,
        ..LIMITS
    };
    // It has the standard output of its parent, which nobody closes.
    let unready = refused(&place, shell("sleep 3 & wait"), limits);
    assert!(matches!(unready, LocalError::Unready { .. }), "{unready}");
}

#[test]
fn a_child_that_ends_tells_why() {
    let (_folder, place) = folder();
    let ended = refused(&place, shell("echo 'no room' >&2; exit 3"), LIMITS);
    let told = ended.to_string();
    assert!(told.contains("exit status: 3"), "{told}");
    assert!(told.ends_with("before it was ready: no room"), "{told}");
    let bytes = refused(&place, shell(r"printf '\377\376'; exit 3"), LIMITS);
    assert!(matches!(bytes, LocalError::Ended { .. }), "{bytes}");
    let endless = refused(&place, shell("yes ready | tr -d '\\n'"), LIMITS);
    assert!(matches!(endless, LocalError::Ended { .. }), "{endless}");
    let none = refused(&place, Command::new("/nowhere/at/all"), LIMITS);
    assert!(matches!(none, LocalError::Start { .. }), "{none}");
}

#[test]
fn a_child_that_is_ready_is_asked() {
    let (_folder, place) = folder();
    // It is ready, and does not listen.
    let none = refused(&place, shell("echo ready"), LIMITS);
    assert!(matches!(none, LocalError::NotRunning { .. }), "{none}");
}
