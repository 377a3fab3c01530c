//! A testbed that is killed leaves nothing behind.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener};
use std::process::Command;

use bioxen_testbed::guests::Isolation;

use crate::child;

#[test]
fn no_process_of_a_guest_outlives_a_killed_testbed() {
    check(Isolation::Best);
}

#[test]
fn nor_does_one_without_a_namespace() {
    check(Isolation::Plain);
}

#[track_caller]
fn check(isolation: Isolation) {
    let folder = tempfile::tempdir().expect("a folder");
    let fifo = folder.path().join("fifo");
    let made = Command::new("mkfifo").arg(&fifo).status().expect("mkfifo");
    assert!(made.success());
    let mut testbed = child::testbed(folder.path(), isolation)
        .spawn()
        .expect("this program");
    // It opens when the first process of the guest writes to it, and ends when the last one that could is gone.
    let mut alive = File::open(&fifo).expect("a pipe");
    let mut stdout = BufReader::new(testbed.stdout.take().expect("it is piped"));
    let mut line = String::new();
    let address: SocketAddr = loop {
        line.clear();
        assert_ne!(
            stdout.read_line(&mut line).expect("a line"),
            0,
            "no guest was made"
        );
        if let Some(address) = line.trim().strip_prefix("guest ") {
            break address.parse().expect("an address");
        }
    };
    let taken = TcpListener::bind(address);
    assert!(taken.is_err(), "the guest listens");
    testbed.kill().expect("a child");
    testbed.wait().expect("a child");
    assert_eq!(alive.read(&mut [0]).expect("a pipe"), 0);
    // The server does not hold the pipe, but it ends in the same moment.
    let mut free = TcpListener::bind(address);
    for _ in 0..1000 {
        if free.is_ok() {
            break;
        }
        std::thread::yield_now();
        free = TcpListener::bind(address);
    }
    free.expect("nobody listens any more");
}
