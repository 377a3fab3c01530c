//! A guest is there, and a client reaches it.

use std::path::Path;
use std::time::Duration;

use bioxen_agent::{Client, ClientChannel, ClientHello, OpId, RemoteHypervisor, draw_nonce};
use bioxen_core::CancelToken;
use bioxen_testbed::guests::{Guest, Isolation, agent_binary};
use bioxen_xcpng::{AGENT_COMMAND, Exit, UploadError, Uploaded, ensure_agent};

use crate::bed::{Bed, ok};

#[test]
fn a_command_runs_in_a_guest() {
    let bed = Bed::new();
    let guest = bed.guest();
    let remote = bed.connect(&guest);
    let output = bed.run(
        &remote,
        "echo \"$HOME\"; cat; echo no >&2; exit 7",
        b"bytes",
    );
    let output = output.unwrap();
    let expect = format!("{}\nbytes", guest.home().display());
    assert_eq!(String::from_utf8_lossy(&output.stdout), expect);
    assert_eq!(output.stderr.to_string(), "no\n");
    assert_eq!(output.exit, Exit::Status(7));
}

#[test]
fn an_agent_is_brought_once() {
    let bed = Bed::new();
    let guest = bed.guest();
    let remote = bed.connect(&guest);
    let none = CancelToken::new();
    let agent = bed.folder.path().join("agent");
    let place = guest.home().join(".bioxen/bin/bioxen_hypervisor");
    // Longer than what fits on the way, and not a whole number of packets.
    for bytes in [vec![7; 5 << 20 | 123], b"#!/bin/sh\nexit 3\n".to_vec()] {
        std::fs::write(&agent, &bytes).unwrap();
        let bring = || ensure_agent(&remote, &agent, bed.long(), &none).unwrap();
        assert_eq!(bring(), Uploaded::Uploaded);
        assert_eq!(bring(), Uploaded::Same);
        assert!(std::fs::read(&place).unwrap() == bytes);
    }
    let started = bed.run(&remote, AGENT_COMMAND, b"").unwrap();
    assert_eq!(started.exit, Exit::Status(3), "it can be started");
    let left = std::fs::read_dir(place.parent().unwrap()).unwrap().count();
    assert_eq!(left, 1, "nothing else is left there");
}

#[test]
fn half_an_agent_takes_no_place() {
    let bed = Bed::new();
    let guest = bed.guest();
    let remote = bed.connect(&guest);
    let none = CancelToken::new();
    let place = guest.home().join(".bioxen/bin/bioxen_hypervisor");
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    std::fs::write(&place, "old").unwrap();
    let missing = ensure_agent(&remote, Path::new("/nowhere"), bed.long(), &none);
    assert!(
        matches!(missing, Err(UploadError::Local { .. })),
        "{missing:?}"
    );
    // It says one length to the sum and another one to the transfer.
    let agent = Path::new("/proc/self/io");
    let other = ensure_agent(&remote, agent, bed.long(), &none);
    assert!(
        matches!(&other, Err(UploadError::Failed { said, .. }) if said.contains("not what was sent")),
        "{other:?}"
    );
    assert_eq!(std::fs::read(&place).unwrap(), b"old");
}

#[test]
fn the_agent_of_a_guest_is_driven() {
    let bed = Bed::new();
    let guest = bed.guest_with_agent();
    let remote = bed.connect(&guest);
    let none = CancelToken::new();
    let stream = remote.agent(AGENT_COMMAND, bed.long(), &none).unwrap();
    let (reader, writer, control) = stream.split();
    control.set_deadline(Some(bed.long()));
    let hello = ClientHello::new("it", "0", draw_nonce());
    let client = Client::open(reader, writer, &hello)
        .unwrap_or_else(|error| panic!("{error:?} {}", control.stderr()));
    let mut number = 0_u128;
    let ops = move || {
        number += 1;
        OpId::new(number.to_be_bytes()).expect("not zero")
    };
    let hypervisor = RemoteHypervisor::new(ClientChannel::new(client, ops));
    assert!(hypervisor.statuses().unwrap().is_empty());
    drop(hypervisor);
    guest.stop(Duration::from_secs(60)).unwrap();
}

#[test]
fn a_guest_stands_still_and_goes_on_and_keeps_its_key() {
    for isolation in [Isolation::Best, Isolation::Plain] {
        let bed = Bed::new();
        let plan = || {
            let mut plan = bed.plan("guest").with_agent(ok(agent_binary(None)));
            plan.isolation = isolation;
            plan
        };
        let mut guest = ok(Guest::start(plan()));
        let remote = bed.connect(&guest);
        let list = "PATH=\"$HOME/.bioxen/bin:$PATH\" exec bioxen_hypervisor list";
        assert!(bed.run(&remote, list, b"").unwrap().exit.is_success());
        guest.pause().unwrap();
        guest.unpause().unwrap();
        assert!(bed.run(&remote, list, b"").unwrap().exit.is_success());
        let keys = guest.host_keys().to_vec();
        let folder = guest.home();
        let lock = guest.state().join("daemon/lock");
        let is_held = || std::fs::File::open(&lock).unwrap().try_lock().is_err();
        assert!(is_held(), "the daemon that the session left runs");
        guest.kill().unwrap();
        assert!(!is_held());
        let again = ok(Guest::start(plan()));
        assert_eq!(again.host_keys(), keys);
        let remote = bed.connect(&again);
        assert!(bed.run(&remote, list, b"").unwrap().exit.is_success());
        again.stop(Duration::from_secs(60)).unwrap();
        assert!(!is_held());
        ok(Guest::start(plan())).remove().unwrap();
        assert!(!folder.exists());
    }
}

#[test]
fn an_address_that_is_taken_is_an_error_that_says_so() {
    let bed = Bed::new();
    for isolation in [Isolation::Best, Isolation::Plain] {
        let mut plan = bed.plan("guest");
        plan.isolation = isolation;
        let _taken = std::net::TcpListener::bind(plan.address).unwrap();
        let error = Guest::start(plan).expect_err("it is taken");
        assert!(
            error.to_string().contains("Address already in use"),
            "{error}"
        );
    }
}
