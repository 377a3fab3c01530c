//! This program as another process: tests start it again with a part to play.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::Ipv4Addr;
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Command, Stdio};

use bioxen_agent::{AgentHello, EndStatus, Incoming, Server};
use bioxen_testbed::guests::{Guest, Isolation};

use crate::bed::{Bed, ok};

/// Which part is to be played.
const PART: &str = "BIOXEN_TESTBED_PART";

/// A command line for a shell, with this program as an agent that answers what it is asked.
pub(crate) fn echo_script() -> String {
    let program = std::env::current_exe().expect("this program");
    let program = program.display();
    format!("#!/bin/sh\n{PART}=echo exec '{program}' --exact child::a_part_is_played --nocapture\n")
}

/// This program, as a testbed with a guest in a folder.
pub(crate) fn testbed(folder: &Path, isolation: Isolation) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command
        .args(["--exact", "child::a_part_is_played", "--nocapture"])
        .env(
            PART,
            if isolation == Isolation::Plain {
                "plain"
            } else {
                "testbed"
            },
        )
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    command
}

/// Without a part, as among the other tests, there is nothing to do.
#[test]
fn a_part_is_played() {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test that starts this program again says so by a variable"
    )]
    let part = std::env::var(PART).unwrap_or_default();
    match part.as_str() {
        "echo" => echo(),
        "testbed" => hold_guest(Isolation::Best),
        "plain" => hold_guest(Isolation::Plain),
        other => assert_eq!(other, "", "no such part"),
    }
}

/// An agent that answers with what it was asked, and says which command lines it saw.
fn echo() {
    let file = |end: io::Result<_>| File::from(end.expect("an open end"));
    let read = file(io::stdin().as_fd().try_clone_to_owned());
    let write = file(io::stdout().as_fd().try_clone_to_owned());
    let mut server = Server::accept(read, write, &AgentHello::new("echo")).expect("a client");
    while let Ok(incoming) = server.receive() {
        match incoming {
            Incoming::Request {
                request,
                body,
                responder,
            } => {
                responder.answer(&request).expect("a client");
                responder.body(&body).expect("a client");
                responder.stderr(&command_lines()).expect("a client");
                responder.end(EndStatus::Exit(0)).expect("a client");
            }
            Incoming::Bye | Incoming::Eof => break,
            _ => {}
        }
    }
}

/// Of all processes that this one can see.
fn command_lines() -> Vec<u8> {
    let mut lines = Vec::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        if let Ok(mut file) = File::open(entry.path().join("cmdline")) {
            // It may have ended meanwhile.
            let _ = file.read_to_end(&mut lines);
            lines.push(b'\n');
        }
    }
    lines
}

/// Starts a guest with processes that would live for long, says so, and waits to be killed.
fn hold_guest(isolation: Isolation) {
    let here = std::env::current_dir().expect("a folder");
    let bed = Bed::new();
    let mut plan = bed.plan("guest");
    plan.isolation = isolation;
    let guest = ok(Guest::start(plan));
    let remote = bed.connect(&guest);
    let fifo = here.join("fifo");
    let command = format!(
        "exec > '{0}' 2>&1; setsid sh -c 'while :; do sleep 1000; done' & sleep 1000 & trap '' TERM HUP; sleep 1000 &",
        fifo.display()
    );
    let output = bed.run(&remote, &command, b"").expect("a command");
    assert!(output.exit.is_success());
    let mut stdout = io::stdout();
    writeln!(stdout, "guest {}", guest.address()).expect("a parent");
    stdout.flush().expect("a parent");
    // Until the parent has gone, at the latest.
    let _ = io::stdin().read(&mut [0]);
    assert_ne!(guest.address().ip(), Ipv4Addr::LOCALHOST);
}
